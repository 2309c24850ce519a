/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Why a file that was named cannot be had: there is none, or the system does not let us. what: in
 * words, what did not work; NULL: that is plain. */
void file_error_set (GError **error, int code, const char *what);
/* The same of a place for a new file. */
void file_error_set_place (GError **error, int code, const char *what);
