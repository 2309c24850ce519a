/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "terminal/file-error.h"

#include <errno.h>

#include "kr-secret-fail.h"
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

static gboolean
refuse (GError **error, int code, gboolean is_new, const char *what)
{
  return KR_SECRET_FAIL (
      error, is_usage (code, is_new) ? KR_SECRET_ERROR_USAGE : KR_SECRET_ERROR_FAILED, "%s%s%s",
      what != NULL ? what : "", what != NULL ? ": " : "", g_strerror (code));
}

gboolean
file_error_set (GError **error, int code, const char *what)
{
  return refuse (error, code, FALSE, what);
}

gboolean
file_error_set_place (GError **error, int code, const char *what)
{
  return refuse (error, code, TRUE, what);
}
