/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Accounts that are held, when no token can be issued or stored: few attempts, and few reports. */
#include <stdio.h>
#include <string.h>

#include "client-events.h"
#include "client-fixture.h"
#include "test-keyring.h"
#include "test-process.h"
#include "test-record.h"

#define ISSUE "/oauth2/token"

static void
test_broker_that_is_down (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (Events) events = NULL;
  gint64 began = g_get_monotonic_time ();

  fixture_add_and_drop (f, "kiwoom", KR_SECRET_ADD_NO_VERIFY);
  test_simulator_fault_at (f->simulator, "kiwoom", ISSUE, "'fault':'reset','times':0");
  events = events_new_holding (&account);
  /* After one, two and four seconds. */
  test_wait_until (fixture_count_connections (f, "kiwoom") >= 4);
  g_assert_cmpint (g_get_monotonic_time () - began, >, 5 * G_USEC_PER_SEC);
  /* Whatever happens in the keyring meanwhile. */
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *alias = g_strdup_printf ("b%u", i);

      events_add_elsewhere (f->simulator, alias, 10 + i);
    }
  g_assert_cmpuint (fixture_count_connections (f, "kiwoom"), ==, 4);
  g_assert_cmpuint (events_count (events, "attention a unreachable"), ==, 1);
  g_assert_cmpuint (events_count (events, "attention *"), ==, 1);
}

/* As long as the token is good, a single failure is not reported. */
static void
test_trouble_is_told_when_it_lasts (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (Events) events = NULL;
  guint before;

  fixture_add_and_drop (f, "kiwoom", KR_SECRET_ADD_DEFAULT);
  account = events_load_account (f->client);
  fixture_make_due (account);
  g_clear_object (&account);
  test_simulator_fault_at (f->simulator, "kiwoom", ISSUE, "'fault':'reset','times':0");
  before = fixture_count_connections (f, "kiwoom");
  events = events_new_holding (&account);
  test_wait_until (events_count (events, "attention a unreachable") == 1);
  g_assert_cmpuint (fixture_count_connections (f, "kiwoom"), >=, before + 3);
  g_assert_true (events_has_token (account));
  test_simulator_reset (f->simulator, "kiwoom");
  test_wait_until (fixture_count_issues (f, "kiwoom") == 1);
  test_wait_until (kr_secret_account_get_token_expires_at (account) > fixture_now () + 3600);
  g_assert_cmpuint (events_count (events, "attention *"), ==, 1);
}

static void
test_key_that_is_refused (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (Events) events = NULL;
  g_autofree char *appkey = test_simulator_get_key ("kiwoom", 7, "appkey");
  g_autofree char *appsecret = test_simulator_get_key ("kiwoom", 7, "appsecret");

  fixture_add_and_drop (f, "kiwoom", KR_SECRET_ADD_NO_VERIFY);
  test_simulator_fault_at (f->simulator, "kiwoom", ISSUE, "'fault':'refuse-key','times':0");
  events = events_new_holding (&account);
  test_wait_until (events_count (events, "attention a refused") == 1);
  /* Others try as well, until there were three failures. */
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (kr_secret_client_get_token (events_get_client (events), account,
                                                 KR_SECRET_TOKEN_ACCESS, 60, 0, NULL, &error));
      g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_REFUSED);
    }
  /* A change in the keyring may be a reason to try again, but not with the same key. */
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *alias = g_strdup_printf ("b%u", i);
      g_autofree char *added = g_strconcat ("account-added ", alias, NULL);

      events_add_elsewhere (f->simulator, alias, 10 + i);
      test_wait_until (events_count (events, added) == 1);
      g_usleep (1200 * 1000); /* not for an event, but to see that none comes */
    }
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 3);
  g_assert_cmpuint (events_count (events, "attention *"), ==, 1);

  /* The user enters another key. */
  test_simulator_reset (f->simulator, "kiwoom");
  test_item_change (kr_secret_account_get_id (account), "krsecret-account", "secret.field.appkey",
                    appkey);
  test_item_change (kr_secret_account_get_id (account), "krsecret-account",
                    "secret.field.appsecret", appsecret);
  test_wait_until (events_has_token (account));
}

static void
test_locked_keyring (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (Events) events = events_new ();

  fixture_add_and_drop (f, "kiwoom", KR_SECRET_ADD_NO_VERIFY);
  account = events_load_account (events_get_client (events));
  test_keyring_lock ();
  kr_secret_client_hold (events_get_client (events), account);
  test_wait_until (events_count (events, "attention - locked") == 1);
  test_wait_until (events_count (events, "attention a locked") == 1);
  test_keyring_unlock ();
  test_wait_until (events_has_token (account));
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 1);
  g_assert_cmpuint (events_count (events, "attention *"), ==, 2);
}

/* The keyring is locked while the broker works on a token for "a". */
static Events *
hold_and_lock (Fixture *f, KrSecretAccount **out_account)
{
  Events *events;

  fixture_add_and_drop (f, "kiwoom", KR_SECRET_ADD_NO_VERIFY);
  test_simulator_set (f->simulator, "kiwoom", "'latency_ms':700");
  events = events_new_holding (out_account);
  test_wait_until (fixture_count_connections (f, "kiwoom") == 1);
  test_keyring_lock ();
  return events;
}

/* A token that could not be stored is not requested again either. */
static void
test_token_that_cannot_be_stored (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (Events) events = NULL;
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (GError) error = NULL;

  events = hold_and_lock (f, &account);
  test_wait_until (fixture_count_issues (f, "kiwoom") == 1);
  test_wait_until (events_has_token (account));
  test_keyring_unlock ();
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *alias = g_strdup_printf ("b%u", i);
      g_autofree char *added = g_strconcat ("account-added ", alias, NULL);

      events_add_elsewhere (f->simulator, alias, 10 + i);
      test_wait_until (events_count (events, added) == 1);
    }
  token = kr_secret_client_get_token (events_get_client (events), account, KR_SECRET_TOKEN_ACCESS,
                                      60, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 1);
}

/* The keyring is not involved, so it sends no signal. */
static void
test_unstored_one_that_is_rejected (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (Events) events = NULL;
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (GError) error = NULL;
  gboolean forgotten = FALSE;

  events = hold_and_lock (f, &account);
  test_wait_until (events_has_token (account));
  test_keyring_unlock ();
  events_add_elsewhere (f->simulator, "b", 10);
  test_wait_until (events_count (events, "account-added b") == 1);
  token = kr_secret_client_get_token (events_get_client (events), account, KR_SECRET_TOKEN_ACCESS,
                                      60, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (kr_secret_token_get_warning (token));
  kr_secret_client_reject_token (events_get_client (events), account, token, &forgotten, NULL,
                                 &error);
  g_assert_no_error (error);
  g_assert_true (forgotten);
  test_wait_until (fixture_count_issues (f, "kiwoom") == 2);
  test_wait_until (events_has_token (account));
}

static void
test_daemon_that_dies_and_returns (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (Events) events = NULL;

  test_simulator_set (f->simulator, "kiwoom", "'lifetime':6");
  events = events_new_with_token (f, "kiwoom", &account);
  test_keyring_kill ();
  test_wait_until (events_count (events, "attention - no-keyring") == 1);
  test_keyring_start (TRUE);
  test_wait_until (fixture_count_issues (f, "kiwoom") >= 2);
  test_wait_until (events_has_token (account));
}

#define ADD(name, test) FIXTURE_ADD ("/hold-trouble/" name, test)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("broker-that-is-down", test_broker_that_is_down);
  ADD ("trouble-is-told-when-it-lasts", test_trouble_is_told_when_it_lasts);
  ADD ("key-that-is-refused", test_key_that_is_refused);
  ADD ("locked-keyring", test_locked_keyring);
  ADD ("token-that-cannot-be-stored", test_token_that_cannot_be_stored);
  ADD ("unstored-one-that-is-rejected", test_unstored_one_that_is_rejected);
  ADD ("daemon-that-dies-and-returns", test_daemon_that_dies_and_returns);
  return g_test_run ();
}
