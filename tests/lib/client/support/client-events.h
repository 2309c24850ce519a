/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "client-fixture.h"

/* A client in a thread of its own, which iterates its own main context, as in a program with a user
 * interface. Everything that the client emits is written down, one line each. Each time it is
 * checked that the thread and the context are right, and that the list model agrees with its
 * items-changed. */
typedef struct _Events Events;

Events *events_new (void);
/* Drops the client and ends the thread. */
void events_free (Events *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Events, events_free)

KrSecretClient *events_get_client (Events *self);

/* How many lines match a pattern of * and ?. The lines are "account-added ALIAS", likewise
 * account-changed, account-removed, token-changed and token-expiring, and "attention ALIAS WORD",
 * where ALIAS is - for the keyring as a whole. */
guint events_count (Events *self, const char *pattern);
void events_clear (Events *self);
/* The aliases in the list model, separated by commas; read in its context. */
char *events_list (Events *self);

/* Stops and resumes iterating the context. */
void events_pause (Events *self);
void events_resume (Events *self);

/* Calls a function in the context, and waits until it has returned. */
void events_run (Events *self, void (*function) (Events *self));
/* Drops the client in its context, which keeps being iterated. */
void events_drop_client (Events *self);

/* How many threads of this process follow a keyring. */
guint events_count_followers (void);
guint events_count_descriptors (void);
/* The account "a" of a client, which is loaded first. */
KrSecretAccount *events_load_account (KrSecretClient *client);
/* One of the accounts a client knows. */
KrSecretAccount *events_find (KrSecretClient *client, const char *alias);
/* A client that follows and has reported everything that was there: the aliases, separated by
 * commas. */
Events *events_new_following (const char *expected);
/* A client that holds the account "a". */
Events *events_new_holding (KrSecretAccount **out_account);
/* The same, but the account is added first, and then given a token. */
Events *events_new_with_token (Fixture *fixture, const char *broker, KrSecretAccount **out_account);
/* Whether an account is known to have a token that has not expired. */
gboolean events_has_token (KrSecretAccount *account);

/* Another process adds an account at Kiwoom, which has no token. */
void events_add_elsewhere (TestSimulator *simulator, const char *alias, guint key);
/* Runs kr-secret-tool, another process, which has to succeed; returns its output. */
char *events_run_tool (const char *input, const char *argument, ...) G_GNUC_NULL_TERMINATED;
