/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "terminal/output.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/kr-write.h"
#include "terminal/progress.h"

/* Standard output through one buffer that is wiped after each write. stdio would keep copies of
 * secrets, and report a full disk too late. */

static char buffer[16 * 1024];
static gsize used;
static int failure; /* errno of the first failed write */

gboolean
output_flush (GError **error)
{
  progress_end ();
  if (failure == 0 && !kr_write_all (STDOUT_FILENO, buffer, used))
    failure = errno;
  explicit_bzero (buffer, used);
  used = 0;
  if (failure != 0)
    g_set_error_literal (error, KR_SECRET_ERROR, KR_SECRET_ERROR_FAILED, g_strerror (failure));
  return failure == 0;
}

void
output_bytes (const char *data, gsize length)
{
  while (length > 0)
    {
      gsize n = MIN (length, sizeof buffer - used);
      memcpy (buffer + used, data, n);
      used += n;
      data += n;
      length -= n;
      if (used == sizeof buffer)
        output_flush (NULL);
    }
}

void
output_text (const char *text)
{
  output_bytes (text, strlen (text));
}

void
output_secret (SecretValue *value)
{
  gsize length;
  const char *data = secret_value_get (value, &length);

  output_bytes (data, length);
}
