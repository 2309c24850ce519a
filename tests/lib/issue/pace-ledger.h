/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "issue/kr-secret-ledger-private.h"
#include "kr-secret-token.h"

/* Ledgers for tests of the pace, and what may happen to them. They are in XDG_STATE_HOME. */

/* A ledger that no other test has. */
KrSecretLedger *pace_ledger_new (void);
/* The last that was made, as the next program finds it. */
KrSecretLedger *pace_ledger_again (KrSecretLedger *ledger);
/* The file of the last that was made. */
char *pace_ledger_dup_path (void);

/* What is on the disk when the ledger has been saved. */
KrSecretRecord *pace_ledger_read (KrSecretLedger *ledger);
/* The ledger is saved, a key of it changed in its file, and read again. */
void pace_change (KrSecretLedger *ledger, const char *key, const char *value);
void pace_set_int (KrSecretLedger *ledger, const char *key, gint64 value);
/* A number that has to be there. */
void pace_change_int (KrSecretLedger *ledger, const char *key, gint64 difference);
/* A span that was written in another life of the machine, so many seconds ago by the wall clock. */
void pace_reboot (KrSecretLedger *ledger, const char *prefix, gint64 seconds_ago);
void pace_save (KrSecretLedger *ledger);

/* What an attempt can fail with; its message has the word PSsecret in it. */
GError *pace_failure_new (KrSecretError code, gint64 retry_after, const char *broker_code);
/* One attempt from begin to end; code 0: there is a token. */
void pace_attempt (KrSecretLedger *ledger,
                   KrSecretTokenKind kind,
                   guint interval,
                   const char *key,
                   int code,
                   gint64 retry_after);
/* A token of a day that was issued so many seconds ago. */
KrSecretToken *pace_token_new (const char *text, KrSecretTokenKind kind, gint64 age);
void pace_reject (KrSecretLedger *ledger, const char *text, KrSecretTokenKind kind, gint64 age);

/* In milliseconds, with room for a machine that is slow. */
void pace_assert_about (gint64 ms, gint64 seconds);
