/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "krsecret.h"
#include "test-simulator.h"

/* A client test starts with an empty keyring, brokers that have seen nothing, and a client with a
 * timeout of 20 s. */
typedef struct
{
  TestSimulator *simulator;
  KrSecretClient *client;
} Fixture;

void fixture_set_up (Fixture *self, gconstpointer data);
void fixture_tear_down (Fixture *self, gconstpointer data);

#define FIXTURE_ADD(name, test)                                                                    \
  g_test_add (name, Fixture, NULL, fixture_set_up, test, fixture_tear_down)

/* A credential made of one of the simulator's keys; of arbitrary text for other brokers. */
KrSecretCredential *fixture_make_credential (const char *broker, guint key);
/* Adds an account with a key that no other account of this test has. The endpoint is the
 * simulator's: LS's for table_form, and Kiwoom's for other brokers that it does not play. */
KrSecretAccount *fixture_try_add (Fixture *self,
                                  const char *broker,
                                  const char *alias,
                                  KrSecretCredential *credential,
                                  KrSecretAddFlags flags,
                                  GError **error);
KrSecretAccount *
fixture_add (Fixture *self, const char *broker, const char *alias, KrSecretAddFlags flags);

/* The same for the account "a", when the test needs no object of it. */
void fixture_add_and_drop (Fixture *self, const char *broker, KrSecretAddFlags flags);

/* What a broker has seen so far. */
guint fixture_count_issues (Fixture *self, const char *broker);
guint fixture_count_connections (Fixture *self, const char *broker);

gint64 fixture_now (void);

/* Makes the stored token one that is due, but good for minutes. */
void fixture_make_due (KrSecretAccount *account);

/* An access token, however long the broker makes us wait for it. */
KrSecretToken *fixture_get_token (Fixture *self, KrSecretAccount *account);
/* The stored one, or NULL. */
KrSecretToken *fixture_get_stored (Fixture *self, KrSecretAccount *account);
void fixture_assert_same (KrSecretToken *a, KrSecretToken *b);
/* Waits until the stored token is no longer handed out. */
void fixture_wait_expired (Fixture *self, KrSecretAccount *account);
/* Overwrites the token's item with something that is not a token. */
void fixture_damage_token (KrSecretAccount *account);

/* Gives an account another of its broker's keys. */
void fixture_edit (Fixture *self, KrSecretAccount *account, guint key);
/* Checks that this is the stored key. */
void fixture_assert_key (Fixture *self, KrSecretAccount *account, guint key);

/* Takes the lock of an account by its id, or that of the set of "accounts", as another program
 * would. Closing the descriptor releases it. */
int fixture_hold_lock (const char *name);
/* Whether the lock is free. */
gboolean fixture_is_lock_free (const char *name);

/* Uses the same account in another process, which prints the token's fingerprint, or the error's
 * word. */
int fixture_child (int argc, char **argv);
GSubprocess *fixture_spawn_child (const char *alias);
