/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "terminal/file-error.h"

#include <errno.h>

#include "kr-secret-error.h"

/* Whether the user should name another file. A file to read is where it is, so a missing permission
 * is a failure; the place for a new file can be chosen. */
static gboolean
is_usage (int code, gboolean is_new)
{
  switch (code)
    {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
      return TRUE;
    case EACCES:
    case EPERM:
    case EROFS:
    case ELOOP:
    case EISDIR:
      return is_new;
    default:
      return FALSE;
    }
}

static void
refuse (GError **error, int code, gboolean is_new, const char *what)
{
  kr_secret_error_set (
      error, is_usage (code, is_new) ? KR_SECRET_ERROR_USAGE : KR_SECRET_ERROR_FAILED, 0, NULL,
      "%s%s%s", what != NULL ? what : "", what != NULL ? ": " : "", g_strerror (code));
}

void
file_error_set (GError **error, int code, const char *what)
{
  refuse (error, code, FALSE, what);
}

void
file_error_set_place (GError **error, int code, const char *what)
{
  refuse (error, code, TRUE, what);
}
