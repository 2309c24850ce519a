/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Why a file that was named cannot be had: there is none, or the system does not let us. what: in
 * words, what did not work; NULL: that is plain. */
void file_refuse (GError **error, int code, const char *what);
/* The same of a place for a new file. */
void file_refuse_place (GError **error, int code, const char *what);

/* Everything up to the end, which comes before most bytes. */
GBytes *file_read_all (int fd, gsize most, GError **error);
/* A file with no more than most bytes; "-" is standard input. */
GBytes *file_read_whole (const char *path, gsize most, GError **error);
