/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Reads to the end. Fails if there are more than most bytes. */
GBytes *file_read_all (int fd, gsize most, GError **error);
/* Reads a file of at most most bytes; "-" is standard input. */
GBytes *file_read_whole (const char *path, gsize most, GError **error);
