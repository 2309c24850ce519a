/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Says why a file that the user named cannot be used: it does not exist, or the system refuses.
 * what: what failed, in words; NULL if that is obvious. Both return FALSE. */
gboolean file_error_set (GError **error, int code, const char *what);
/* The same for the place of a new file. */
gboolean file_error_set_place (GError **error, int code, const char *what);
