/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The library's records, changed from outside: as another version of it might have written them, or
 * as they would be after some time. */

/* A record of these lines. */
char *test_record_new (const char *type, const char *body);
/* The same record with another value for a key; NULL removes the key. */
char *test_record_change (const char *data, gsize length, const char *key, const char *value);

/* In the keyring, which has to have exactly one item of the name. */
void test_item_change (const char *id, const char *kind, const char *key, const char *value);
/* Times of a stored token, in seconds since 1970. */
void test_token_set_times (const char *id, gint64 issued_at, gint64 expires_at);

/* In an account's ledger, which must not be locked. */
void test_ledger_change (const char *id, const char *key, const char *value);
/* Makes the broker's minimum interval be over. */
void test_ledger_end_wait (const char *id);
