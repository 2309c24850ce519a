/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kr-secret-broker.h"
#include "issue/kr-secret-ledger-private.h"

/* When a broker may be asked for a token: what its traits say, and what became of the last
 * attempts, by whichever program, as the account's ledger remembers. Waits are in milliseconds,
 * points of time in seconds since 1970. */

/* After so many refusals in a row a key is not tried again before it is another one. */
#define KR_SECRET_PACE_MAX_REFUSALS 3

/* A wait this short is no reason to send the caller away. In milliseconds. */
#define KR_SECRET_PACE_BRIEF 2000

/* Where a broker's rule is not known: how long till a dead token may have gone. In seconds. */
#define KR_SECRET_PACE_UNKNOWN_WAIT 60

/* The broker's minimum interval. */
gint64 kr_secret_pace_get_wait (KrSecretLedger *ledger, KrSecretTokenKind kind);
gboolean kr_secret_pace_check_wait (KrSecretLedger *ledger, KrSecretTokenKind kind, GError **error);
gboolean kr_secret_pace_begin (KrSecretLedger *ledger,
                               KrSecretTokenKind kind,
                               guint interval,
                               GError **error);
gboolean kr_secret_pace_end (KrSecretLedger *ledger,
                             KrSecretTokenKind kind,
                             guint interval,
                             const char *key,
                             const GError *failure,
                             GError **error);
gboolean kr_secret_pace_end_unsent (KrSecretLedger *ledger,
                                    KrSecretTokenKind kind,
                                    const GError *failure,
                                    GError **error);

/* What the last attempt came to. */
gboolean kr_secret_pace_get_failure (KrSecretLedger *ledger,
                                     KrSecretTokenKind kind,
                                     gint64 since_boottime_ms,
                                     GError **out_failure);
guint kr_secret_pace_get_refusals (KrSecretLedger *ledger, KrSecretTokenKind kind, const char *key);

/* A wait of ours: asking sooner would do no good. */
gint64 kr_secret_pace_get_hold (KrSecretLedger *ledger, KrSecretTokenKind kind);
gboolean kr_secret_pace_check_hold (KrSecretLedger *ledger, KrSecretTokenKind kind, GError **error);
void kr_secret_pace_set_hold (KrSecretLedger *ledger, KrSecretTokenKind kind, gint64 wait);

gboolean kr_secret_pace_is_clear (KrSecretLedger *ledger, KrSecretTokenKind kind);

/* Tokens that are not to come back. */
gboolean
kr_secret_pace_set_withdrawn (KrSecretLedger *ledger, KrSecretToken *token, GError **error);
gboolean kr_secret_pace_reject (KrSecretLedger *ledger, KrSecretToken *token, GError **error);
gboolean
kr_secret_pace_is_dead (KrSecretLedger *ledger, const char *fingerprint, gint64 *out_issued_at);

/* The last key that was tried by an account that did not come to be: its interval counts for the
 * next one that brings it. */
gint64 kr_secret_pace_get_trial (KrSecretLedger *accounts, const char *key);
gboolean
kr_secret_pace_set_trial (KrSecretLedger *accounts, const char *key, gint64 wait, GError **error);

/* From the traits alone. */
gint64
kr_secret_pace_get_new_from (const KrSecretTraits *traits, gint64 issued_at, gint64 expires_at);
gint64
kr_secret_pace_get_better_from (const KrSecretTraits *traits, gint64 issued_at, gint64 expires_at);
gint64
kr_secret_pace_get_renewal (const KrSecretTraits *traits, gint64 issued_at, gint64 expires_at);
gint64
kr_secret_pace_cap_expiry (const KrSecretTraits *traits, gint64 issued_at, gint64 expires_at);
