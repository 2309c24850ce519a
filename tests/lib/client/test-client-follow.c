/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A client that follows the keyring: it reports what others do, in the context it was made in, and
 * copes when the keyring or the bus goes away. */
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>

#include "client-events.h"
#include "client-fixture.h"
#include "test-bus.h"
#include "test-keyring.h"
#include "test-process.h"
#include "test-record.h"

static char *
do_elsewhere (const char *command, const char *alias)
{
  return events_run_tool (NULL, command, alias, NULL);
}

static void
forget_elsewhere (const char *alias)
{
  G_GNUC_UNUSED g_autofree char *output = do_elsewhere ("forget", alias);
}

/* Another process gets a token. */
static char *
get_elsewhere (const char *alias)
{
  return do_elsewhere ("token", alias);
}

static void
test_life_of_an_account_elsewhere (Fixture *f, gconstpointer data)
{
  g_autoptr (Events) events = events_new_following ("");
  g_autoptr (KrSecretAccount) account = NULL;
  g_autofree char *token = NULL;
  g_autofree char *removed = NULL;

  events_add_elsewhere (f->simulator, "a", 0);
  test_wait_until (events_count (events, "account-added a") == 1);
  account = events_find (events_get_client (events), "a");
  g_assert_cmpint (kr_secret_account_get_token_state (account), ==, KR_SECRET_TOKEN_STATE_NONE);

  token = get_elsewhere ("a");
  test_wait_until (events_count (events, "token-changed a") == 1);
  g_assert_cmpint (kr_secret_account_get_token_state (account), ==, KR_SECRET_TOKEN_STATE_VALID);
  forget_elsewhere ("a");
  test_wait_until (events_count (events, "token-changed a") == 2);
  g_assert_cmpint (kr_secret_account_get_token_state (account), ==, KR_SECRET_TOKEN_STATE_NONE);

  removed = events_run_tool (NULL, "remove", "-y", "a", NULL);
  test_wait_until (events_count (events, "account-removed a") == 1);
  g_assert_cmpuint (events_count (events, "*"), ==, 4);
  /* Nothing of it came to the default context. */
  g_assert_false (g_main_context_pending (NULL));
}

static void
test_list_model_is_sorted_and_true (Fixture *f, gconstpointer data)
{
  g_autoptr (Events) events = events_new_following ("");
  g_autofree char *all = NULL;
  g_autofree char *rest = NULL;
  g_autofree char *removed = NULL;

  events_add_elsewhere (f->simulator, "m", 0);
  events_add_elsewhere (f->simulator, "z", 1);
  events_add_elsewhere (f->simulator, "a", 2);
  test_wait_until (events_count (events, "account-added *") == 3);
  all = events_list (events);
  g_assert_cmpstr (all, ==, "a,m,z");
  removed = events_run_tool (NULL, "remove", "-y", "m", NULL);
  test_wait_until (events_count (events, "account-removed m") == 1);
  rest = events_list (events);
  g_assert_cmpstr (rest, ==, "a,z");
}

/* As the tool of another version would. */
static void
test_account_that_is_renamed_or_damaged (Fixture *f, gconstpointer data)
{
  g_autoptr (Events) events = NULL;
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (GBytes) good = NULL;
  g_autofree char *alias = NULL;
  const char *id;

  events_add_elsewhere (f->simulator, "a", 0);
  events = events_new_following ("a");
  account = events_find (events_get_client (events), "a");
  id = kr_secret_account_get_id (account);

  test_item_change (id, "krsecret-account", "alias", "b");
  test_wait_until (events_count (events, "account-changed b") == 1);
  alias = kr_secret_account_dup_alias (account);
  g_assert_cmpstr (alias, ==, "b");
  g_assert_cmpuint (events_count (events, "account-added *"), ==, 1);

  good = test_keyring_read (id, "krsecret-account");
  test_keyring_overwrite (id, "krsecret-account", "torn", -1);
  test_wait_until (events_count (events, "account-changed *") == 2);
  test_wait_until (events_count (events, "attention * damaged") == 1);
  g_assert_cmpstr (kr_secret_account_get_problem (account), ==, "damaged");
  /* Reading it again reports nothing new. */
  events_add_elsewhere (f->simulator, "c", 1);
  test_wait_until (events_count (events, "account-added c") == 1);
  g_assert_cmpuint (events_count (events, "attention *"), ==, 1);

  test_keyring_overwrite (id, "krsecret-account", g_bytes_get_data (good, NULL),
                          (gssize) g_bytes_get_size (good));
  test_wait_until (events_count (events, "account-changed b") == 2);
  g_assert_null (kr_secret_account_get_problem (account));
  g_assert_cmpuint (events_count (events, "account-removed *"), ==, 0);
}

/* However much happens while the context does not run, it is reported once, in its latest state. */
static void
test_context_that_stands_still (Fixture *f, gconstpointer data)
{
  g_autoptr (Events) events = NULL;
  g_autoptr (KrSecretAccount) account = NULL;

  events_add_elsewhere (f->simulator, "a", 0);
  events = events_new_following ("a");
  account = events_find (events_get_client (events), "a");
  events_clear (events);
  events_pause (events);
  for (guint i = 0; i < 3; i++)
    {
      G_GNUC_UNUSED g_autofree char *token = get_elsewhere ("a");

      test_wait_until (kr_secret_account_get_token_state (account) == KR_SECRET_TOKEN_STATE_VALID);
      forget_elsewhere ("a");
      test_wait_until (kr_secret_account_get_token_state (account) == KR_SECRET_TOKEN_STATE_NONE);
    }
  events_add_elsewhere (f->simulator, "b", 1);
  g_assert_cmpuint (events_count (events, "*"), ==, 0);
  events_resume (events);
  test_wait_until (events_count (events, "account-added b") == 1);
  g_assert_cmpuint (events_count (events, "token-changed a"), ==, 1);
  g_assert_cmpuint (events_count (events, "*"), ==, 2);
}

/* Whatever came and went meanwhile is not reported, and nothing of it is kept. */
static void
test_account_that_comes_and_goes_unseen (Fixture *f, gconstpointer data)
{
  g_autoptr (Events) events = events_new_following ("");
  KrSecretAccount *seen;
  g_autofree char *token = NULL;
  g_autofree char *removed = NULL;
  g_autoptr (KrSecretAccount) account = NULL;

  events_pause (events);
  events_add_elsewhere (f->simulator, "a", 0);
  test_wait_until ((account = kr_secret_client_find_account (events_get_client (events), "a", NULL))
                   != NULL);
  token = get_elsewhere ("a");
  test_wait_until (kr_secret_account_get_token_state (account) == KR_SECRET_TOKEN_STATE_VALID);
  seen = account;
  g_object_add_weak_pointer (G_OBJECT (seen), (gpointer *) &seen);
  g_clear_object (&account);
  removed = events_run_tool (NULL, "remove", "-y", "a", NULL);
  test_wait_until (g_atomic_pointer_get (&seen) == NULL);
  events_resume (events);
  events_add_elsewhere (f->simulator, "b", 1);
  test_wait_until (events_count (events, "account-added b") == 1);
  g_assert_cmpuint (events_count (events, "* a"), ==, 0);
}

/* The passing of time is enough. */
static void
test_token_that_ends (Fixture *f, gconstpointer data)
{
  g_autoptr (Events) events = NULL;
  g_autoptr (KrSecretAccount) account = NULL;
  g_autofree char *token = NULL;

  test_simulator_set (f->simulator, "kiwoom", "'lifetime':5");
  events_add_elsewhere (f->simulator, "a", 0);
  events = events_new_following ("a");
  account = events_find (events_get_client (events), "a");
  token = get_elsewhere ("a");
  test_wait_until (events_count (events, "token-changed a") == 1);
  g_assert_cmpuint (events_count (events, "token-expiring a"), ==, 0);
  test_wait_until (events_count (events, "token-expiring a") == 1);
  g_assert_cmpint (kr_secret_account_get_token_state (account), ==, KR_SECRET_TOKEN_STATE_EXPIRING);
  test_wait_until (kr_secret_account_get_token_state (account) == KR_SECRET_TOKEN_STATE_EXPIRED);
  events_add_elsewhere (f->simulator, "b", 1);
  test_wait_until (events_count (events, "account-added b") == 1);
  g_assert_cmpuint (events_count (events, "token-expiring a"), ==, 1);
  g_assert_cmpuint (events_count (events, "token-changed a"), ==, 1);
}

static gpointer
get_in_thread (gpointer data)
{
  KrSecretClient *client = data;
  g_autoptr (KrSecretAccount) account = events_find (client, "a");
  g_autoptr (GError) error = NULL;
  KrSecretToken *token
      = kr_secret_client_get_token (client, account, KR_SECRET_TOKEN_ACCESS, 60, 0, NULL, &error);

  g_assert_no_error (error);
  return token;
}

/* It is not in the keyring, but the client has it; changes by others do not affect that. */
static void
test_unstored_token_is_a_token (Fixture *f, gconstpointer data)
{
  g_autoptr (Events) events = NULL;
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (KrSecretToken) token = NULL;
  GThread *thread;

  events_add_elsewhere (f->simulator, "a", 0);
  events = events_new_following ("a");
  account = events_find (events_get_client (events), "a");
  test_simulator_set (f->simulator, "kiwoom", "'latency_ms':700");
  thread = g_thread_new ("get", get_in_thread, events_get_client (events));
  test_wait_until (test_simulator_count (f->simulator, "kiwoom", "connections") == 1);
  test_keyring_lock ();
  token = g_thread_join (thread);
  g_assert_nonnull (kr_secret_token_get_warning (token));
  test_keyring_unlock ();
  for (guint i = 1; i <= 3; i++)
    {
      g_autofree char *alias = g_strdup_printf ("b%u", i);
      g_autofree char *added = g_strconcat ("account-added ", alias, NULL);

      events_add_elsewhere (f->simulator, alias, i);
      test_wait_until (events_count (events, added) == 1);
    }
  g_assert_cmpint (kr_secret_account_get_token_state (account), ==, KR_SECRET_TOKEN_STATE_VALID);
  g_assert_cmpuint (events_count (events, "token-changed a"), ==, 1);
}

/* The main loop is not involved. */
static void
test_memory_is_dropped (Events *events)
{
  KrSecretClient *client = events_get_client (events);
  g_autoptr (KrSecretAccount) account = events_find (client, "a");

  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *printed = NULL;
      g_autoptr (KrSecretToken) known = NULL;
      g_autoptr (KrSecretToken) token = NULL;
      g_autoptr (GError) error = NULL;

      known = kr_secret_client_get_token (client, account, KR_SECRET_TOKEN_ACCESS, 60, 0, NULL,
                                          &error);
      g_assert_no_error (error);
      forget_elsewhere ("a");
      printed = get_elsewhere ("a");
      test_bus_catch_up ();
      token = kr_secret_client_get_token (client, account, KR_SECRET_TOKEN_ACCESS, 60, 0, NULL,
                                          &error);
      g_assert_no_error (error);
      g_assert_cmpstr (secret_value_get_text (kr_secret_token_get_value (token)), ==, printed);
      g_assert_cmpstr (kr_secret_token_get_fingerprint (token), !=,
                       kr_secret_token_get_fingerprint (known));
    }
}

static void
test_memory_is_dropped_with_and_without_a_loop (Fixture *f, gconstpointer data)
{
  g_autoptr (Events) events = NULL;

  events_add_elsewhere (f->simulator, "a", 0);
  events = events_new_following ("a");
  test_memory_is_dropped (events);
  events_pause (events);
  test_memory_is_dropped (events);
  events_resume (events);
  g_assert_cmpuint (test_simulator_count (f->simulator, "kiwoom", "issue"), ==, 7);
}

/* add returns the listed account even if the keyring's signal was faster. */
static void
test_account_added_here_is_the_one_that_is_listed (Fixture *f, gconstpointer data)
{
  kr_secret_client_follow (f->client);
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *alias = g_strdup_printf ("a%u", i);
      g_autoptr (KrSecretAccount) added = fixture_add (f, "kiwoom", alias, KR_SECRET_ADD_NO_VERIFY);
      g_autoptr (KrSecretAccount) found = events_find (f->client, alias);

      g_assert_true (found == added);
    }
}

/* A list that was read before an account was added here, and applied afterwards, must not remove
 * it. */
static void
test_own_accounts_do_not_flicker (Fixture *f, gconstpointer data)
{
  g_autoptr (Events) events = events_new_following ("");
  g_autoptr (KrSecretBroker) broker = kr_secret_broker_find ("kiwoom", NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *alias = g_strdup_printf ("a%u", i);
      g_autoptr (KrSecretCredential) credential = fixture_make_credential ("kiwoom", i);
      G_GNUC_UNUSED g_autoptr (KrSecretAccount) account = kr_secret_client_add (
          events_get_client (events), broker, alias, KR_SECRET_ENVIRONMENT_REAL,
          test_simulator_get_uri (f->simulator, "kiwoom"), credential, KR_SECRET_ADD_NO_VERIFY,
          NULL, &error);

      g_assert_no_error (error);
    }
  test_wait_until (events_count (events, "account-added *") >= 20);
  events_add_elsewhere (f->simulator, "last", 20);
  test_wait_until (events_count (events, "account-added last") == 1);
  g_assert_cmpuint (events_count (events, "account-removed *"), ==, 0);
  g_assert_cmpuint (events_count (events, "account-added *"), ==, 21);
}

static void
test_daemon_that_dies_and_returns (Fixture *f, gconstpointer data)
{
  g_autoptr (Events) events = NULL;

  events_add_elsewhere (f->simulator, "a", 0);
  events = events_new_following ("a");
  for (guint i = 1; i <= 2; i++)
    {
      g_autofree char *alias = g_strdup_printf ("b%u", i);
      g_autofree char *added = g_strconcat ("account-added ", alias, NULL);

      test_keyring_kill ();
      test_wait_until (events_count (events, "attention - no-keyring") == i);
      test_keyring_start (TRUE);
      events_add_elsewhere (f->simulator, alias, i);
      test_wait_until (events_count (events, added) == 1);
    }
  g_assert_cmpuint (events_count (events, "account-removed *"), ==, 0);
  g_assert_cmpuint (events_count (events, "attention *"), ==, 2);
}

/* Reported once, however often it is retried; and again when the keyring is locked again. */
static void
test_locked_keyring_is_told_once (Fixture *f, gconstpointer data)
{
  g_autoptr (Events) events = NULL;

  events_add_elsewhere (f->simulator, "a", 0);
  events = events_new_following ("a");
  for (guint i = 1; i <= 2; i++)
    {
      g_autofree char *alias = g_strdup_printf ("b%u", i);
      g_autofree char *added = g_strconcat ("account-added ", alias, NULL);
      g_autoptr (TestMonitor) monitor = test_monitor_start ();

      test_keyring_lock ();
      test_wait_until (events_count (events, "attention - locked") == i);
      test_wait_until (test_monitor_count (monitor, "SearchItems") >= 3);
      g_assert_cmpuint (test_monitor_count (monitor, "Prompt"), ==, 0);
      g_assert_cmpuint (events_count (events, "attention *"), ==, i);
      test_keyring_unlock ();
      events_add_elsewhere (f->simulator, alias, i);
      test_wait_until (events_count (events, added) == 1);
    }
  g_assert_cmpuint (events_count (events, "account-removed *"), ==, 0);
  g_assert_cmpuint (events_count (events, "account-added a"), ==, 1);
}

static void
test_keyring_that_is_locked_at_first (Fixture *f, gconstpointer data)
{
  g_autoptr (Events) events = NULL;

  events_add_elsewhere (f->simulator, "a", 0);
  test_keyring_lock ();
  events = events_new ();
  kr_secret_client_follow (events_get_client (events));
  test_wait_until (events_count (events, "attention - locked") == 1);
  test_keyring_unlock ();
  test_wait_until (events_count (events, "account-added a") == 1);
  g_assert_cmpuint (events_count (events, "attention *"), ==, 1);
}

/* Clients that wait for a keyring to come back must not keep waking each other. */
static void
test_clients_without_a_keyring_keep_quiet (Fixture *f, gconstpointer data)
{
  Events *all[4];
  g_autoptr (TestMonitor) monitor = NULL;

  events_add_elsewhere (f->simulator, "a", 0);
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    all[i] = events_new_following ("a");
  test_keyring_kill ();
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    test_wait_until (events_count (all[i], "attention - no-keyring") == 1);
  monitor = test_monitor_start ();
  g_usleep (3 * G_USEC_PER_SEC); /* not for an event, but to see that there are few */
  /* Each tries two or three times in three seconds, with a few calls each. */
  g_assert_cmpuint (test_monitor_count (monitor, NULL), <, 200);
  g_clear_pointer (&monitor, test_monitor_stop);
  test_keyring_start (TRUE);
  events_add_elsewhere (f->simulator, "b", 1);
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      test_wait_until (events_count (all[i], "account-added b") == 1);
      g_assert_cmpuint (events_count (all[i], "attention *"), ==, 1);
      events_free (all[i]);
    }
}

/* Refuses and counts each connection. */
static gpointer
turn_away (gpointer data)
{
  GSocketListener *listener = data;
  guint *count = g_object_get_data (G_OBJECT (listener), "count");

  for (;;)
    {
      g_autoptr (GSocketConnection) connection
          = g_socket_listener_accept (listener, NULL, NULL, NULL);

      if (connection == NULL)
        return NULL;
      g_atomic_int_inc (count);
    }
}

static char *
get_bus_path (void)
{
  const char *address = g_getenv ("DBUS_SESSION_BUS_ADDRESS");

  g_assert_true (g_str_has_prefix (address, "unix:path="));
  return g_strndup (address + strlen ("unix:path="),
                    strcspn (address + strlen ("unix:path="), ",;"));
}

/* In a process of its own, since it leaves no bus. */
static void
lose_the_bus (void)
{
  g_autofree char *path = get_bus_path ();
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GSocketAddress) where = g_unix_socket_address_new (path);
  g_autoptr (GError) error = NULL;
  static guint count;
  Events *all[3];

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    all[i] = events_new_following ("a");
  test_kill (test_pid_from_env ("KR_TEST_BUS_PID"));
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    test_wait_until (events_count (all[i], "attention - no-keyring") == 1);
  g_unlink (path);
  g_object_set_data (G_OBJECT (listener), "count", &count);
  g_socket_listener_add_address (listener, where, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT,
                                 NULL, NULL, &error);
  g_assert_no_error (error);
  /* It goes on to the end of the process. */
  g_thread_unref (g_thread_new ("bus", turn_away, g_object_ref (listener)));
  test_wait_until (g_atomic_int_get (&count) >= 2); /* they have not given up */
  g_usleep (3 * G_USEC_PER_SEC); /* not for an event, but to see that there are few */
  g_assert_cmpuint (g_atomic_int_get (&count), <, 50);
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      G_GNUC_UNUSED g_autoptr (KrSecretAccount) account
          = events_find (events_get_client (all[i]), "a");

      g_assert_cmpuint (events_count (all[i], "attention *"), ==, 1);
      g_assert_cmpuint (events_count (all[i], "account-removed *"), ==, 0);
      events_drop_client (all[i]);
    }
  test_wait_until (events_count_followers () == 0);
}

static void
test_bus_that_dies (Fixture *f, gconstpointer data)
{
  if (g_test_subprocess ())
    {
      lose_the_bus ();
      return;
    }
  events_add_elsewhere (f->simulator, "a", 0);
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  if (!g_test_trap_has_passed ())
    g_test_fail ();
}

/* When the bus dies there is nothing to clean up but a simulator. */
static void
set_up (Fixture *f, gconstpointer data)
{
  if (!g_test_subprocess ())
    fixture_set_up (f, NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  if (g_test_subprocess ())
    return;
  if (data == NULL)
    {
      fixture_tear_down (f, NULL);
      return;
    }
  g_clear_object (&f->client);
  test_simulator_free (f->simulator);
}

#define ADD(name, test) g_test_add ("/follow/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("life-of-an-account-elsewhere", test_life_of_an_account_elsewhere);
  ADD ("list-model-is-sorted-and-true", test_list_model_is_sorted_and_true);
  ADD ("account-that-is-renamed-or-damaged", test_account_that_is_renamed_or_damaged);
  ADD ("context-that-stands-still", test_context_that_stands_still);
  ADD ("account-that-comes-and-goes-unseen", test_account_that_comes_and_goes_unseen);
  ADD ("token-that-ends", test_token_that_ends);
  ADD ("unstored-token-is-a-token", test_unstored_token_is_a_token);
  ADD ("memory-is-dropped-with-and-without-a-loop", test_memory_is_dropped_with_and_without_a_loop);
  ADD ("account-added-here-is-the-one-that-is-listed",
       test_account_added_here_is_the_one_that_is_listed);
  ADD ("own-accounts-do-not-flicker", test_own_accounts_do_not_flicker);
  ADD ("daemon-that-dies-and-returns", test_daemon_that_dies_and_returns);
  ADD ("locked-keyring-is-told-once", test_locked_keyring_is_told_once);
  ADD ("keyring-that-is-locked-at-first", test_keyring_that_is_locked_at_first);
  ADD ("clients-without-a-keyring-keep-quiet", test_clients_without_a_keyring_keep_quiet);
  /* The last test: it leaves no bus. */
  g_test_add ("/follow/bus-that-dies", Fixture, "no bus", set_up, test_bus_that_dies, tear_down);
  return g_test_run ();
}
