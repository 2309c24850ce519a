/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verbs/kr-secret-token-wait-private.h"

#include "base/kr-secret-deadline-private.h"
#include "keyring/kr-secret-connection-private.h"

/* In milliseconds. How often to check, during a wait, that it is still needed. */
#define NAP 50

/* Milliseconds that the rate limit lasts; 0 for any other failure. */
static gint64
get_wait (const GError *error)
{
  if (!g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED))
    return 0;
  return MAX (kr_secret_error_get_retry_after (error), 1) * 1000;
}

/* Sleeps, but not past a new generation: another program may have brought a token. */
static gboolean
sleep_till_news (gint64 wait, guint generation, KrSecretDeadline deadline, GError **error)
{
  KrSecretDeadline until = { g_get_monotonic_time () + wait * 1000, NULL };
  int left;

  while ((left = kr_secret_deadline_left (until)) > 0
         && kr_secret_connection_get_generation () == generation)
    if (!kr_secret_deadline_sleep (deadline, (guint) MIN (left, NAP), error))
      return FALSE;
  return TRUE;
}

gboolean
kr_secret_token_wait_out (KrSecretTokenWait *self,
                          const KrSecretWish *wish,
                          guint generation,
                          KrSecretDeadline *deadline,
                          GError **failure)
{
  const gint64 began = g_get_monotonic_time ();
  const gboolean beside = self->seconds >= 0;
  const gint64 wait = get_wait (*failure);
  const gint64 longest
      = beside ? (gint64) self->seconds * G_USEC_PER_SEC - self->waited : deadline->at - began;
  KrSecretDeadline end = *deadline;
  gint64 took;

  if ((wish->flags & KR_SECRET_TOKEN_WAIT) == 0 || wait == 0 || wait * 1000 > longest)
    return FALSE;
  g_clear_error (failure);
  self->tell (self->data, wish, wait / 1000);
  if (beside)
    end.at = G_MAXINT64;
  if (!sleep_till_news (wait, generation, end, failure))
    return FALSE;
  took = g_get_monotonic_time () - began;
  self->waited += took;
  if (beside)
    deadline->at += took;
  return TRUE;
}
