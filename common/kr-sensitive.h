/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

char *kr_sensitive_fingerprint (const char *data, gsize length);
