/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/kr-secret-deadline-private.h"

#include "common/kr-intl.h"
#include "kr-secret-error.h"

gint64
kr_secret_deadline_in (guint milliseconds)
{
  return g_get_monotonic_time () + (gint64) milliseconds * 1000;
}

/* Milliseconds until the deadline, at least 0. */
int
kr_secret_deadline_left (gint64 deadline)
{
  return (int) CLAMP ((deadline - g_get_monotonic_time () + 999) / 1000, 0, G_MAXINT);
}

/* Fails if the deadline has passed or the caller has cancelled. */
gboolean
kr_secret_deadline_check (gint64 deadline, GCancellable *cancellable, GError **error)
{
  if (g_cancellable_is_cancelled (cancellable))
    {
      kr_secret_error_set (error, KR_SECRET_ERROR_CANCELLED, 0, NULL,
                           _ ("the operation was cancelled"));
      return FALSE;
    }
  if (g_get_monotonic_time () >= deadline)
    {
      kr_secret_error_set (error, KR_SECRET_ERROR_DEADLINE, 0, NULL,
                           _ ("the time allowed for it is over"));
      return FALSE;
    }
  return TRUE;
}

/* Sleeps, at most to the deadline, and wakes when the caller cancels. */
gboolean
kr_secret_deadline_sleep (gint64 deadline,
                          guint milliseconds,
                          GCancellable *cancellable,
                          GError **error)
{
  int left = MIN ((int) milliseconds, kr_secret_deadline_left (deadline));
  GPollFD poll_fd;

  if (cancellable != NULL && g_cancellable_make_pollfd (cancellable, &poll_fd))
    {
      g_poll (&poll_fd, 1, left);
      g_cancellable_release_fd (cancellable);
    }
  else
    g_usleep ((gulong) left * 1000);
  return kr_secret_deadline_check (deadline, cancellable, error);
}
