/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/kr-secret-deadline-private.h"

#include "base/kr-secret-error-private.h"
#include "common/kr-intl.h"

KrSecretDeadline
kr_secret_deadline_in (guint milliseconds, GCancellable *cancellable)
{
  return (KrSecretDeadline){ g_get_monotonic_time () + (gint64) milliseconds * 1000, cancellable };
}

/* Milliseconds until the deadline, at least 0. */
int
kr_secret_deadline_left (KrSecretDeadline deadline)
{
  return (int) CLAMP ((deadline.at - g_get_monotonic_time () + 999) / 1000, 0, G_MAXINT);
}

/* Fails if the deadline has passed or the caller has cancelled. */
gboolean
kr_secret_deadline_check (KrSecretDeadline deadline, GError **error)
{
  if (g_cancellable_is_cancelled (deadline.cancellable))
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_CANCELLED, _ ("the operation was cancelled"));
  if (g_get_monotonic_time () >= deadline.at)
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_DEADLINE, _ ("the time allowed for it is over"));
  return TRUE;
}

/* Sleeps, at most until the deadline or until the caller cancels. */
gboolean
kr_secret_deadline_sleep (KrSecretDeadline deadline, guint milliseconds, GError **error)
{
  int left = MIN ((int) milliseconds, kr_secret_deadline_left (deadline));
  GPollFD poll_fd;

  if (deadline.cancellable != NULL && g_cancellable_make_pollfd (deadline.cancellable, &poll_fd))
    {
      g_poll (&poll_fd, 1, left);
      g_cancellable_release_fd (deadline.cancellable);
    }
  else
    g_usleep ((gulong) left * 1000);
  return kr_secret_deadline_check (deadline, error);
}
