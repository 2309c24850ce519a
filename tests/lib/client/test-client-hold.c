/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Accounts that are held: their token is always good, and there is one renewal for all holders. */
#include <stdio.h>
#include <string.h>

#include "client-events.h"
#include "client-fixture.h"
#include "test-keyring.h"
#include "test-process.h"
#include "test-record.h"

#define ISSUE "/oauth2/token"

static void
test_issues_where_there_is_none (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (Events) events = NULL;

  fixture_add_and_drop (f, "kiwoom", KR_SECRET_ADD_NO_VERIFY);
  events = events_new_holding (&account);
  test_wait_until (events_count (events, "token-changed a") == 1);
  g_assert_cmpint (kr_secret_account_get_token_state (account), ==, KR_SECRET_TOKEN_STATE_VALID);
  /* A change is no reason to do it again. */
  events_add_elsewhere (f->simulator, "b", 9);
  test_wait_until (events_count (events, "account-added b") == 1);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 1);
  g_assert_cmpuint (events_count (events, "token-changed a"), ==, 1);
  g_assert_cmpuint (events_count (events, "attention *"), ==, 0);
}

static void
test_leaves_a_good_one_alone (Fixture *f, gconstpointer data)
{
  static const char *const brokers[] = { "kis", "ls", "kiwoom" };
  g_autoptr (Events) events = events_new ();

  for (guint i = 0; i < G_N_ELEMENTS (brokers); i++)
    {
      G_GNUC_UNUSED g_autoptr (KrSecretAccount) added
          = fixture_add (f, brokers[i], brokers[i], KR_SECRET_ADD_DEFAULT);
      g_autoptr (KrSecretAccount) account = NULL;

      kr_secret_client_load (events_get_client (events), NULL, NULL);
      account = kr_secret_client_find_account (events_get_client (events), brokers[i], NULL);
      kr_secret_client_hold (events_get_client (events), account);
    }
  events_add_elsewhere (f->simulator, "b", 9);
  test_wait_until (events_count (events, "account-added b") == 1);
  for (guint i = 0; i < G_N_ELEMENTS (brokers); i++)
    g_assert_cmpuint (fixture_count_issues (f, brokers[i]), ==, 1);
}

/* At any time a good token is found. There were as many issues as there were lives. */
static void
watch (Fixture *f, guint seconds, guint least, guint most)
{
  g_autoptr (KrSecretAccount) account = events_load_account (f->client);
  gint64 end = g_get_monotonic_time () + (gint64) seconds * G_USEC_PER_SEC;

  while (g_get_monotonic_time () < end)
    {
      g_autoptr (GError) error = NULL;
      G_GNUC_UNUSED g_autoptr (KrSecretToken) token = kr_secret_client_get_token (
          f->client, account, KR_SECRET_TOKEN_ACCESS, 0, KR_SECRET_TOKEN_NO_ISSUE, NULL, &error);

      g_assert_no_error (error);
      g_usleep (20 * 1000);
    }
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), >=, least);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), <=, most);
}

static void
test_renews_before_the_end (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (Events) events = NULL;

  test_simulator_set (f->simulator, "kiwoom", "'lifetime':8");
  events = events_new_with_token (f, "kiwoom", &account);
  /* One every six seconds; tokens are used up to three quarters, which leaves room on either
   * side. */
  watch (f, 14, 2, 4);
  g_assert_cmpuint (events_count (events, "attention *"), ==, 0);
  g_assert_cmpuint (events_count (events, "token-changed a"), ==,
                    fixture_count_issues (f, "kiwoom"));
}

static void
test_many_holders_renew_once (Fixture *f, gconstpointer data)
{
  KrSecretAccount *accounts[2] = { NULL };
  Events *events[2] = { NULL };
  GSubprocess *children[2];

  test_simulator_set (f->simulator, "kiwoom", "'lifetime':8,'latency_ms':100");
  fixture_add_and_drop (f, "kiwoom", KR_SECRET_ADD_NO_VERIFY);
  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    {
      events[i] = events_new_holding (&accounts[i]);
      children[i] = test_spawn_self ("--hold", NULL);
    }
  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    {
      char line[16] = "";

      test_wait_until (events_has_token (accounts[i]));
      g_input_stream_read (g_subprocess_get_stdout_pipe (children[i]), line, sizeof line - 1, NULL,
                           NULL);
      g_assert_cmpstr (line, ==, "holding\n");
    }
  watch (f, 11, 2, 4);
  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    {
      g_subprocess_force_exit (children[i]);
      g_subprocess_wait (children[i], NULL, NULL);
      g_object_unref (children[i]);
      g_assert_cmpuint (events_count (events[i], "attention *"), ==, 0);
      g_clear_pointer (&events[i], events_free);
      g_clear_object (&accounts[i]);
    }
}

/* Another process that holds "a" until it is killed. */
static int
hold_for_ever (void)
{
  g_autoptr (KrSecretClient) client = kr_secret_client_new ();
  g_autoptr (KrSecretAccount) account = events_load_account (client);

  kr_secret_client_hold (client, account);
  printf ("holding\n");
  fflush (stdout);
  g_main_loop_run (g_main_loop_new (NULL, FALSE));
  return 0;
}

/* If the broker returns the same token until it expires, no better one can be had before. */
static void
test_same_one_is_not_asked_for (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (Events) events = NULL;

  test_simulator_set (f->simulator, "kis", "'lifetime':5,'issue_interval':0");
  events = events_new_with_token (f, "kis", &account);
  test_ledger_end_wait (kr_secret_account_get_id (account));
  while (events_has_token (account))
    {
      guint issues = fixture_count_issues (f, "kis");

      if (events_has_token (account))
        g_assert_cmpuint (issues, ==, 1);
      g_usleep (20 * 1000);
    }
  /* And then at once. */
  test_wait_until (events_has_token (account));
  g_assert_cmpuint (fixture_count_issues (f, "kis"), ==, 2);
}

static void
test_released_one_runs_out (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (Events) events = NULL;

  test_simulator_set (f->simulator, "kiwoom", "'lifetime':5");
  fixture_add_and_drop (f, "kiwoom", KR_SECRET_ADD_NO_VERIFY);
  events = events_new_holding (&account);
  kr_secret_client_hold (events_get_client (events), account);
  test_wait_until (events_has_token (account));
  kr_secret_client_release (events_get_client (events), account);
  /* It is still held once. */
  test_wait_until (fixture_count_issues (f, "kiwoom") == 2);
  kr_secret_client_release (events_get_client (events), account);
  test_wait_until (kr_secret_account_get_token_state (account) == KR_SECRET_TOKEN_STATE_EXPIRED);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 2);
}

static void
test_removed_account (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (Events) events = NULL;
  g_autofree char *output = NULL;

  events = events_new_with_token (f, "kiwoom", &account);
  output = events_run_tool (NULL, "remove", "-y", "a", NULL);
  test_wait_until (events_count (events, "account-removed a") == 1);
  events_add_elsewhere (f->simulator, "b", 9);
  test_wait_until (events_count (events, "account-added b") == 1);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 1);
  g_assert_cmpuint (test_simulator_count (f->simulator, "kiwoom", "revoke"), ==, 1);
  g_assert_cmpuint (events_count (events, "attention *"), ==, 0);
  kr_secret_client_release (events_get_client (events), account);
}

static void
test_revoked_elsewhere (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (Events) events = NULL;
  g_autofree char *old = NULL;
  g_autofree char *output = NULL;
  g_autofree char *token = NULL;

  events = events_new_with_token (f, "kiwoom", &account);
  old = events_run_tool (NULL, "token", "a", NULL);
  output = events_run_tool (NULL, "revoke", "-y", "a", NULL);
  test_wait_until (fixture_count_issues (f, "kiwoom") == 2);
  test_wait_until (events_has_token (account));
  token = events_run_tool (NULL, "token", "a", NULL);
  g_assert_cmpstr (token, !=, old);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 2);
  g_assert_cmpuint (events_count (events, "attention *"), ==, 0);
}

/* While the broker works, the old token is good. */
static void
test_nobody_waits_for_a_renewal (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (Events) events = NULL;
  g_autoptr (KrSecretToken) old = NULL;
  guint before;

  fixture_add_and_drop (f, "kiwoom", KR_SECRET_ADD_DEFAULT);
  account = events_load_account (f->client);
  old = fixture_get_token (f, account);
  fixture_make_due (account);
  g_clear_object (&account);
  test_simulator_set (f->simulator, "kiwoom", "'latency_ms':3000");
  before = fixture_count_connections (f, "kiwoom");
  events = events_new_holding (&account);
  test_wait_until (fixture_count_connections (f, "kiwoom") > before);
  for (guint i = 0; i < 10; i++)
    {
      gint64 began = g_get_monotonic_time ();
      g_autoptr (KrSecretToken) token = fixture_get_token (f, account);

      fixture_assert_same (token, old);
      g_assert_null (kr_secret_token_get_warning (token));
      g_assert_cmpint (g_get_monotonic_time () - began, <, G_USEC_PER_SEC);
    }
  test_wait_until (kr_secret_account_get_token_expires_at (account) > fixture_now () + 3600);
  g_assert_cmpuint (fixture_count_connections (f, "kiwoom"), ==, before + 1);
}

/* The client is dropped while the broker works; the helper finishes the issue. */
static void
test_client_ends_in_a_renewal (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;
  Events *events;

  fixture_add_and_drop (f, "kiwoom", KR_SECRET_ADD_NO_VERIFY);
  test_simulator_set (f->simulator, "kiwoom", "'latency_ms':1000");
  events = events_new_holding (&account);
  test_wait_until (fixture_count_connections (f, "kiwoom") == 1);
  events_drop_client (events);
  test_wait_until (events_count_followers () == 0);
  events_free (events);
  test_wait_until (test_keyring_count (kr_secret_account_get_id (account), "krsecret-token") == 1);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 1);
}

static void
test_clients_come_and_go (Fixture *f, gconstpointer data)
{
  fixture_add_and_drop (f, "kiwoom", KR_SECRET_ADD_NO_VERIFY);
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (KrSecretAccount) account = NULL;
      g_autoptr (Events) events = events_new_holding (&account);

      if (i % 2 == 0)
        test_wait_until (events_has_token (account));
      if (i % 3 == 0)
        kr_secret_client_release (events_get_client (events), account);
      events_drop_client (events);
      test_wait_until (events_count_followers () == 0);
    }
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 1);
}

static void
test_rejected_one_is_replaced (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (Events) events = NULL;
  g_autofree char *token = NULL;
  g_autofree char *output = NULL;

  events = events_new_with_token (f, "kiwoom", &account);
  token = events_run_tool (NULL, "token", "a", NULL);
  output = events_run_tool (token, "reject", "a", NULL);
  test_wait_until (fixture_count_issues (f, "kiwoom") == 2);
  test_wait_until (events_has_token (account));
  g_assert_cmpuint (events_count (events, "attention *"), ==, 0);
}

static void
test_release_alone_does_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = NULL;
  guint descriptors;

  fixture_add_and_drop (f, "kiwoom", KR_SECRET_ADD_NO_VERIFY);
  account = events_load_account (f->client);
  descriptors = events_count_descriptors ();
  kr_secret_client_release (f->client, account);
  g_assert_cmpuint (events_count_descriptors (), ==, descriptors);
  g_assert_cmpuint (events_count_followers (), ==, 0);
}

#define ADD(name, test) FIXTURE_ADD ("/hold/" name, test)

int
main (int argc, char **argv)
{
  if (argc == 2 && g_str_equal (argv[1], "--hold"))
    return hold_for_ever ();
  g_test_init (&argc, &argv, NULL);
  ADD ("issues-where-there-is-none", test_issues_where_there_is_none);
  ADD ("leaves-a-good-one-alone", test_leaves_a_good_one_alone);
  ADD ("renews-before-the-end", test_renews_before_the_end);
  ADD ("many-holders-renew-once", test_many_holders_renew_once);
  ADD ("same-one-is-not-asked-for", test_same_one_is_not_asked_for);
  ADD ("released-one-runs-out", test_released_one_runs_out);
  ADD ("removed-account", test_removed_account);
  ADD ("revoked-elsewhere", test_revoked_elsewhere);
  ADD ("nobody-waits-for-a-renewal", test_nobody_waits_for_a_renewal);
  ADD ("client-ends-in-a-renewal", test_client_ends_in_a_renewal);
  ADD ("clients-come-and-go", test_clients_come_and_go);
  ADD ("rejected-one-is-replaced", test_rejected_one_is_replaced);
  ADD ("release-alone-does-nothing", test_release_alone_does_nothing);
  return g_test_run ();
}
