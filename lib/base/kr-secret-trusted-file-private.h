/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Exported for kr-secret-tool only. */
__attribute__ ((visibility ("default"))) int kr_secret_trusted_file_open (const char *path,
                                                                          GError **error);
