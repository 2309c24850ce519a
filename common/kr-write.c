/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "common/kr-write.h"

#include <errno.h>
#include <unistd.h>

gboolean
kr_write_all (int fd, const char *data, gsize length)
{
  while (length > 0)
    {
      ssize_t n = write (fd, data, length);

      if (n < 0 && errno != EINTR)
        return FALSE;
      data += MAX (n, 0);
      length -= (gsize) MAX (n, 0);
    }
  return TRUE;
}
