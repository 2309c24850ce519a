/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The broker says that the token of a call is dead: it is forgotten and replaced; after the second
 * one there is a pause. */
#include "client-events.h"
#include "client-fixture.h"
#include "client-tokens.h"
#include "test-bus.h"
#include "test-keyring.h"
#include "test-process.h"
#include "test-record.h"

static void
test_rejected_is_forgotten_and_replaced_at_once (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) dead = fixture_get_token (f, account);
  g_autoptr (KrSecretToken) token = NULL;
  g_autofree char *printed = NULL;

  g_assert_true (tokens_reject (f, account, dead));
  g_assert_cmpint (kr_secret_account_get_token_state (account), ==, KR_SECRET_TOKEN_STATE_NONE);
  tokens_assert_none_stored (f, account);
  g_assert_cmpuint (fixture_count_issues (f, "ls"), ==, 1);

  token = tokens_get (f->client, account, 0);
  tokens_assert_other (token, dead);
  g_assert_null (kr_secret_token_get_warning (token));
  printed = events_run_tool (NULL, "token", "a", NULL);
  g_assert_cmpstr (printed, ==, secret_value_get_text (kr_secret_token_get_value (token)));
  g_assert_cmpuint (fixture_count_issues (f, "ls"), ==, 2);
}

/* Another program was faster; its token is good. */
static void
test_newer_one_stays (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) dead = fixture_get_token (f, account);
  g_autoptr (KrSecretClient) other = tokens_new_client ();
  g_autoptr (KrSecretAccount) others = kr_secret_client_find_account (other, "a", NULL);
  g_autoptr (KrSecretToken) newer = tokens_get (other, others, KR_SECRET_TOKEN_RENEW);
  g_autoptr (KrSecretToken) token = NULL;

  tokens_assert_other (newer, dead);
  g_assert_false (tokens_reject (f, account, dead));
  g_assert_false (tokens_reject (f, account, dead));
  token = tokens_get (f->client, account, 0);
  fixture_assert_same (token, newer);
  g_assert_cmpuint (fixture_count_issues (f, "ls"), ==, 2);
}

static char *
read_ledger (KrSecretAccount *account)
{
  g_autofree char *path = g_build_filename (g_get_user_state_dir (), "krsecret",
                                            kr_secret_account_get_id (account), NULL);
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static void
test_second_rejection_of_one_does_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) dead = fixture_get_token (f, account);
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (KrSecretToken) stored = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  g_assert_true (tokens_reject (f, account, dead));
  before = read_ledger (account);
  for (guint i = 0; i < 5; i++)
    g_assert_false (tokens_reject (f, account, dead));
  after = read_ledger (account);
  g_assert_cmpstr (before, ==, after);
  token = tokens_get (f->client, account, 0);
  g_assert_false (tokens_reject (f, account, dead));
  stored = fixture_get_stored (f, account);
  fixture_assert_same (token, stored);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 2);
}

typedef struct
{
  Fixture *f;
  KrSecretAccount *account;
  KrSecretToken *token;
  gint forgotten;
} Crowd;

static gpointer
reject_and_get (gpointer data)
{
  Crowd *crowd = data;

  if (tokens_reject (crowd->f, crowd->account, crowd->token))
    g_atomic_int_inc (&crowd->forgotten);
  return tokens_get (crowd->f->client, crowd->account, 0);
}

/* As in a program whose calls all got the same answer. */
static void
test_crowd_rejects_one_token (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) dead = fixture_get_token (f, account);
  g_autoptr (KrSecretToken) first = NULL;
  Crowd crowd = { f, account, dead, 0 };
  GThread *threads[16];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("reject", reject_and_get, &crowd);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      g_autoptr (KrSecretToken) token = g_thread_join (threads[i]);

      tokens_assert_other (token, dead);
      if (first == NULL)
        first = kr_secret_token_ref (token);
      fixture_assert_same (token, first);
    }
  g_assert_cmpint (crowd.forgotten, ==, 1);
  g_assert_cmpuint (fixture_count_issues (f, "ls"), ==, 2);
}

static void
test_pause_after_the_second (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) first = fixture_get_token (f, account);
  g_autoptr (KrSecretToken) second = NULL;
  g_autoptr (KrSecretToken) third = NULL;
  g_autoptr (KrSecretToken) stored = NULL;
  gint64 wait;

  g_assert_true (tokens_reject (f, account, first));
  second = tokens_get (f->client, account, 0);
  g_assert_true (tokens_reject (f, account, second));
  tokens_assert_fails (f->client, account, 0, KR_SECRET_ERROR_RATE_LIMITED, &wait);
  tokens_assert_wait (wait, 60);
  kr_secret_client_set_timeout (f->client, 10000);
  tokens_assert_fails (f->client, account, KR_SECRET_TOKEN_WAIT, KR_SECRET_ERROR_RATE_LIMITED,
                       &wait);
  tokens_assert_wait (wait, 60);
  tokens_assert_fails (f->client, account, KR_SECRET_TOKEN_RENEW, KR_SECRET_ERROR_RATE_LIMITED,
                       &wait);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 2);

  third = tokens_get (f->client, account, KR_SECRET_TOKEN_FORCE);
  tokens_assert_other (third, second);
  stored = fixture_get_stored (f, account);
  fixture_assert_same (third, stored);
  g_assert_true (tokens_reject (f, account, third));
  tokens_assert_fails (f->client, account, 0, KR_SECRET_ERROR_RATE_LIMITED, &wait);
  tokens_assert_wait (wait, 120);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 3);
}

/* When the pause is over, renewal resumes by itself. */
static void
test_pause_ends (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_DEFAULT);
  const char *id = kr_secret_account_get_id (account);

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (KrSecretToken) token = tokens_get (f->client, account, 0);

      g_assert_true (tokens_reject (f, account, token));
    }
  tokens_assert_fails (f->client, account, 0, KR_SECRET_ERROR_RATE_LIMITED, NULL);
  test_ledger_change (id, "access.hold.wait_ms", "1500");
  {
    G_GNUC_UNUSED g_autoptr (KrSecretToken) token
        = tokens_get (f->client, account, KR_SECRET_TOKEN_WAIT);
  }
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 3);
}

static gpointer
wait_out (gpointer data)
{
  KrSecretAccount *account = data;
  g_autoptr (KrSecretClient) client = kr_secret_client_new ();

  kr_secret_client_set_timeout (client, 90 * 1000);
  return tokens_get (client, account, KR_SECRET_TOKEN_WAIT);
}

/* A caller that waits out a pause stops waiting when another program stores a token. */
static void
test_pause_ends_with_anothers_token (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_DEFAULT);
  gint64 began = g_get_monotonic_time ();
  g_autoptr (KrSecretToken) forced = NULL;
  g_autoptr (KrSecretToken) awaited = NULL;
  GThread *thread;

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (KrSecretToken) token = tokens_get (f->client, account, 0);

      g_assert_true (tokens_reject (f, account, token));
    }
  thread = g_thread_new ("waiter", wait_out, account);
  forced = tokens_get (f->client, account, KR_SECRET_TOKEN_FORCE);
  awaited = g_thread_join (thread);
  g_assert_cmpint (g_get_monotonic_time () - began, <, 30 * G_USEC_PER_SEC);
  g_assert_cmpstr (kr_secret_token_get_fingerprint (awaited), ==,
                   kr_secret_token_get_fingerprint (forced));
}

static void
test_force_does_not_pass_the_interval (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kis", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) dead = fixture_get_token (f, account);
  gint64 wait;

  g_assert_true (tokens_reject (f, account, dead));
  tokens_assert_fails (f->client, account, KR_SECRET_TOKEN_FORCE, KR_SECRET_ERROR_RATE_LIMITED,
                       &wait);
  tokens_assert_wait (wait, 60);
  tokens_assert_fails (f->client, account, KR_SECRET_TOKEN_FORCE | KR_SECRET_TOKEN_RENEW,
                       KR_SECRET_ERROR_RATE_LIMITED, &wait);
  tokens_assert_wait (wait, 60);
  g_assert_cmpuint (fixture_count_issues (f, "kis"), ==, 1);
}

static gpointer
get_in_thread (gpointer data)
{
  Crowd *crowd = data;

  return tokens_get (crowd->f->client, crowd->account, 0);
}

/* A token that could not be stored: the keyring is locked while the broker works. */
static KrSecretToken *
get_unstored (Fixture *f, KrSecretAccount *account, const char *broker)
{
  Crowd crowd = { f, account, NULL, 0 };
  guint before = test_simulator_count (f->simulator, broker, "connections");
  KrSecretToken *token;
  GThread *thread;

  test_simulator_set (f->simulator, broker, "'latency_ms':700");
  thread = g_thread_new ("get", get_in_thread, &crowd);
  test_wait_until (test_simulator_count (f->simulator, broker, "connections") > before);
  test_keyring_lock ();
  token = g_thread_join (thread);
  test_keyring_unlock ();
  test_simulator_set (f->simulator, broker, "'latency_ms':0");
  g_assert_nonnull (kr_secret_token_get_warning (token));
  return token;
}

static void
test_unstored_one (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (KrSecretToken) unstored = get_unstored (f, account, "ls");
  g_autoptr (KrSecretToken) again = tokens_get (f->client, account, 0);
  g_autoptr (KrSecretToken) next = NULL;

  fixture_assert_same (unstored, again);
  g_assert_cmpuint (fixture_count_issues (f, "ls"), ==, 1);
  g_assert_true (tokens_reject (f, account, unstored));
  g_assert_false (tokens_reject (f, account, unstored));
  g_assert_cmpint (kr_secret_account_get_token_state (account), ==, KR_SECRET_TOKEN_STATE_NONE);
  next = tokens_get (f->client, account, 0);
  tokens_assert_other (next, unstored);
  g_assert_null (kr_secret_token_get_warning (next));
  g_assert_cmpuint (fixture_count_issues (f, "ls"), ==, 2);
}

/* Rejected by another program: this program's memory must not keep it. */
static void
test_rejected_elsewhere (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) token = NULL;
  g_autofree char *output = NULL;
  g_autofree char *line = NULL;

  for (guint i = 0; i < 2; i++)
    {
      test_bus_catch_up ();
      g_clear_pointer (&token, kr_secret_token_unref);
      token = fixture_get_token (f, account);
    }
  line = g_strconcat (secret_value_get_text (kr_secret_token_get_value (token)), "\n", NULL);
  output = events_run_tool (line, "reject", "a", NULL);
  test_bus_catch_up ();
  tokens_assert_none_stored (f, account);
  g_assert_false (tokens_reject (f, account, token));
}

static void
test_locked_keyring_forgets_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) token = fixture_get_token (f, account);
  g_autoptr (KrSecretToken) next = NULL;
  g_autoptr (GError) error = NULL;
  gboolean forgotten = 42;

  test_keyring_lock ();
  g_assert_false (
      kr_secret_client_reject_token (f->client, account, token, &forgotten, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED);
  g_assert_cmpint (forgotten, ==, 42);
  test_keyring_unlock ();
  g_assert_true (tokens_reject (f, account, token));
  next = tokens_get (f->client, account, 0);
  tokens_assert_other (next, token);
}

static void
on_rejected (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean forgotten = FALSE;

  kr_secret_client_reject_token_finish (KR_SECRET_CLIENT (source), result, &forgotten, &error);
  g_assert_no_error (error);
  g_assert_true (forgotten);
  *(gboolean *) data = TRUE;
}

static void
test_asynchronously (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "ls", "a", KR_SECRET_ADD_DEFAULT);
  g_autoptr (KrSecretToken) token = fixture_get_token (f, account);
  gboolean done = FALSE;

  kr_secret_client_reject_token_async (f->client, account, token, NULL, on_rejected, &done);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
  tokens_assert_none_stored (f, account);
}

#define ADD(name, test) FIXTURE_ADD ("/reject/" name, test)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("is-forgotten-and-replaced-at-once", test_rejected_is_forgotten_and_replaced_at_once);
  ADD ("newer-one-stays", test_newer_one_stays);
  ADD ("second-rejection-of-one-does-nothing", test_second_rejection_of_one_does_nothing);
  ADD ("crowd-rejects-one-token", test_crowd_rejects_one_token);
  ADD ("pause-after-the-second", test_pause_after_the_second);
  ADD ("pause-ends", test_pause_ends);
  ADD ("pause-ends-with-another's-token", test_pause_ends_with_anothers_token);
  ADD ("force-does-not-pass-the-interval", test_force_does_not_pass_the_interval);
  ADD ("unstored-one", test_unstored_one);
  ADD ("elsewhere", test_rejected_elsewhere);
  ADD ("locked-keyring-forgets-nothing", test_locked_keyring_forgets_nothing);
  ADD ("asynchronously", test_asynchronously);
  return g_test_run ();
}
