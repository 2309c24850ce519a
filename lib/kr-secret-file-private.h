/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

int kr_secret_file_open_trusted (const char *path, GError **error);
