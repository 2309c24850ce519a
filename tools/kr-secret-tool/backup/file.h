/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Everything up to the end, which comes before most bytes. */
GBytes *file_read_all (int fd, gsize most, GError **error);
/* A file with no more than most bytes; "-" is standard input. */
GBytes *file_read_whole (const char *path, gsize most, GError **error);
