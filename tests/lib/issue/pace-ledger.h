/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "issue/kr-secret-ledger-private.h"
#include "kr-secret-token.h"

/* Ledgers for tests of the pace, and changes to them. They are in XDG_STATE_HOME. */

/* A ledger that no other test uses. */
KrSecretLedger *pace_ledger_new (void);
/* The most recent one, as the next program finds it. */
KrSecretLedger *pace_ledger_again (KrSecretLedger *ledger);
/* The file of the most recent one. */
char *pace_ledger_dup_path (void);

/* The file's contents after the ledger was saved. */
KrSecretRecord *pace_ledger_read (KrSecretLedger *ledger);
/* Saves the ledger, changes a key in its file, and reads it again. */
void pace_change (KrSecretLedger *ledger, const char *key, const char *value);
void pace_set_int (KrSecretLedger *ledger, const char *key, gint64 value);
/* A number, which has to be present. */
void pace_change_int (KrSecretLedger *ledger, const char *key, gint64 difference);
/* A span that was written before a restart of the machine, this many seconds ago by the wall
 * clock. */
void pace_reboot (KrSecretLedger *ledger, const char *prefix, gint64 seconds_ago);
void pace_save (KrSecretLedger *ledger);

/* An error that an attempt can end with; its message has the word PSsecret in it. */
GError *pace_failure_new (KrSecretError code, gint64 retry_after, const char *broker_code);
/* One whole attempt; code 0: there is a token. */
void pace_attempt (KrSecretLedger *ledger,
                   KrSecretTokenKind kind,
                   guint interval,
                   const char *key,
                   int code,
                   gint64 retry_after);
/* A token with a life of a day, issued this many seconds ago. */
KrSecretToken *pace_token_new (const char *text, KrSecretTokenKind kind, gint64 age);
void pace_reject (KrSecretLedger *ledger, const char *text, KrSecretTokenKind kind, gint64 age);

/* Tolerance in milliseconds, with room for a slow machine. */
void pace_assert_about (gint64 ms, gint64 seconds);
