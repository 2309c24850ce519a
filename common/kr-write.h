/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Writes all the data, in spite of interruptions. On failure returns FALSE and sets errno. */
gboolean kr_write_all (int fd, const char *data, gsize length);
