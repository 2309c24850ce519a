/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "base/kr-secret-deadline-private.h"
#include "kr-secret-account.h"
#include "kr-secret-types.h"

/* Which token is wanted. */
typedef struct
{
  KrSecretAccount *account;
  KrSecretTokenKind kind;
  guint min_validity; /* seconds */
  KrSecretTokenFlags flags;
} KrSecretWish;

/* How to wait out a broker's rate limit, for a wish with KR_SECRET_TOKEN_WAIT. */
typedef struct
{
  int seconds; /* at most, not counted by the deadline; -1: as far as the deadline reaches */
  void (*tell) (gpointer data, const KrSecretWish *wish, gint64 seconds); /* before each wait */
  gpointer data;
  gint64 waited; /* microseconds so far */
} KrSecretTokenWait;

/* Waits out *failure, if it is a rate limit that may be waited for, and clears it. A change of the
 * keyring after generation ends the wait, since another program may have brought a token. A wait
 * that the deadline does not count moves it. FALSE: *failure stands. */
gboolean kr_secret_token_wait_out (KrSecretTokenWait *self,
                                   const KrSecretWish *wish,
                                   guint generation,
                                   KrSecretDeadline *deadline,
                                   GError **failure);
