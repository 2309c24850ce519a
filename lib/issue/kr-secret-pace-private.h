/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kr-secret-broker.h"
#include "issue/kr-secret-ledger-private.h"

/* When a broker may be asked for a token: by its traits, and by what the account's ledger says of
 * the last attempts of any program. Waits are in milliseconds, points in time in seconds since
 * 1970. */

/* After so many refusals in a row a key is not tried again until it is changed. */
#define KR_SECRET_PACE_MAX_REFUSALS 3

/* In milliseconds. Waits up to this are simply waited out. */
#define KR_SECRET_PACE_BRIEF 2000

/* In seconds. How long until a dead token may be gone, if the broker's rule is not known. */
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

/* A pause of ours: asking sooner would not help. */
gint64 kr_secret_pace_get_hold (KrSecretLedger *ledger, KrSecretTokenKind kind);
gboolean kr_secret_pace_check_hold (KrSecretLedger *ledger, KrSecretTokenKind kind, GError **error);
void kr_secret_pace_set_hold (KrSecretLedger *ledger, KrSecretTokenKind kind, gint64 wait);

gboolean kr_secret_pace_is_clear (KrSecretLedger *ledger, KrSecretTokenKind kind);

/* Tokens that must not be handed out again. */
gboolean
kr_secret_pace_set_withdrawn (KrSecretLedger *ledger, KrSecretToken *token, GError **error);
gboolean kr_secret_pace_reject (KrSecretLedger *ledger, KrSecretToken *token, GError **error);
gboolean
kr_secret_pace_is_dead (KrSecretLedger *ledger, const char *fingerprint, gint64 *out_issued_at);

/* The last key whose account was not stored: its interval holds for the next account with it. */
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
