/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a client emits its signals; and the fate of the signals, of the client's thread and of the
 * client itself when its owner drops it. */
#include <string.h>

#include "client-events.h"
#include "client-fixture.h"
#include "test-keyring.h"
#include "test-process.h"

#define N_CALLERS 8
#define N_CALLS 100

static void
on_reloaded (GObject *client, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean *done = data;

  kr_secret_client_load_finish (KR_SECRET_CLIENT (client), result, &error);
  g_assert_no_error (error);
  *done = TRUE;
}

static gpointer
call_in_short_lived_contexts (gpointer client)
{
  for (guint i = 0; i < N_CALLS; i++)
    {
      g_autoptr (GMainContext) context = g_main_context_new ();
      gboolean done = FALSE;

      g_main_context_push_thread_default (context);
      kr_secret_client_load_async (client, NULL, on_reloaded, &done);
      while (!done)
        g_main_context_iteration (context, TRUE);
      g_main_context_pop_thread_default (context);
    }
  return NULL;
}

/* The thread that made the call must not touch the caller's context after the result is there: that
 * used to corrupt the heap. */
static void
test_context_ends_with_the_call (Fixture *f, gconstpointer data)
{
  GThread *threads[N_CALLERS];

  for (guint i = 0; i < N_CALLERS; i++)
    threads[i] = g_thread_new ("caller", call_in_short_lived_contexts, f->client);
  for (guint i = 0; i < N_CALLERS; i++)
    g_thread_join (threads[i]);
}

static void
test_thread_ends_with_the_client (Fixture *f, gconstpointer data)
{
  guint descriptors;
  KrSecretClient *clients[50];

  /* Whatever the process allocates once, for the first client. */
  kr_secret_client_load (f->client, NULL, NULL);
  descriptors = events_count_descriptors ();
  for (guint round = 0; round < 3; round++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
        {
          clients[i] = kr_secret_client_new ();
          kr_secret_client_follow (clients[i]);
          kr_secret_client_follow (clients[i]);
        }
      /* Some at once, some after their thread has started to work. */
      if (round > 0)
        test_wait_until (events_count_followers () == G_N_ELEMENTS (clients));
      for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
        g_object_unref (clients[i]);
      test_wait_until ((g_main_context_iteration (NULL, FALSE), events_count_followers () == 0));
    }
  test_wait_until (events_count_descriptors () <= descriptors);
}

/* A program without a main loop: pending signals keep nothing alive. */
static void
test_thread_ends_though_nobody_has_listened (Fixture *f, gconstpointer data)
{
  KrSecretClient *client = kr_secret_client_new ();
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (GError) error = NULL;

  events_add_elsewhere (f->simulator, "a", 0);
  kr_secret_client_load (client, NULL, &error);
  g_assert_no_error (error);
  account = events_find (client, "a");
  kr_secret_client_follow (client);
  {
    G_GNUC_UNUSED g_autofree char *token = events_run_tool (NULL, "token", "a", NULL);

    test_wait_until (kr_secret_account_get_token_state (account) == KR_SECRET_TOKEN_STATE_VALID);
  }
  g_object_unref (client);
  test_wait_until (events_count_followers () == 0);
}

static void
count_call (KrSecretClient *client, KrSecretAccount *account, guint *count)
{
  g_atomic_int_inc (count);
}

/* The owner has dropped it: no handler may be called any more. */
static void
test_nothing_is_emitted_after_the_owner_is_done (Fixture *f, gconstpointer data)
{
  KrSecretClient *client = kr_secret_client_new ();
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *token = NULL;
  guint count = 0;

  events_add_elsewhere (f->simulator, "a", 0);
  kr_secret_client_load (client, NULL, &error);
  g_assert_no_error (error);
  account = events_find (client, "a");
  g_signal_connect (client, "token-changed", G_CALLBACK (count_call), &count);
  kr_secret_client_follow (client);
  token = events_run_tool (NULL, "token", "a", NULL);
  test_wait_until (kr_secret_account_get_token_state (account) == KR_SECRET_TOKEN_STATE_VALID);
  g_assert_cmpuint (count, ==, 0);
  g_object_unref (client);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  test_wait_until (events_count_followers () == 0);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (count, ==, 0);
}

typedef struct
{
  GThread *owner;
  gint elsewhere;
  gint done;
} Destroyed;

static void
on_destroyed (gpointer data, GClosure *closure)
{
  Destroyed *destroyed = data;

  if (g_thread_self () != destroyed->owner)
    g_atomic_int_inc (&destroyed->elsewhere);
  g_atomic_int_inc (&destroyed->done);
}

/* Whatever a program has attached to its client, such as a widget, must not be destroyed in other
 * threads. */
static void
test_client_ends_in_its_owners_thread (Fixture *f, gconstpointer data)
{
  Destroyed destroyed = { g_thread_self (), 0, 0 };
  const guint made = 1000;
  guint count = 0;

  events_add_elsewhere (f->simulator, "a", 0);
  for (guint i = 0; i < made; i++)
    {
      KrSecretClient *client = kr_secret_client_new ();
      gint64 end = g_get_monotonic_time () + i % 200 * 20;

      g_signal_connect_data (client, "token-changed", G_CALLBACK (count_call), &count, NULL, 0);
      g_signal_connect_closure (client, "token-changed",
                                g_cclosure_new (G_CALLBACK (count_call), &destroyed, on_destroyed),
                                FALSE);
      kr_secret_client_follow (client);
      while (g_get_monotonic_time () < end)
        g_main_context_iteration (NULL, FALSE);
      g_object_unref (client);
    }
  test_wait_until (
      (g_main_context_iteration (NULL, FALSE), g_atomic_int_get (&destroyed.done) == (gint) made));
  g_assert_cmpint (destroyed.elsewhere, ==, 0);
}

static void
drop_in_handler (KrSecretClient *client, KrSecretAccount *account, KrSecretClient **own)
{
  g_clear_object (own);
}

/* By its context: the last reference is dropped during an emission. */
static void
test_client_dropped_by_a_handler (Fixture *f, gconstpointer data)
{
  KrSecretClient *client = kr_secret_client_new ();

  g_signal_connect (client, "account-added", G_CALLBACK (drop_in_handler), &client);
  kr_secret_client_follow (client);
  events_add_elsewhere (f->simulator, "a", 0);
  events_add_elsewhere (f->simulator, "b", 1);
  test_wait_until ((g_main_context_iteration (NULL, FALSE), client == NULL));
  test_wait_until (events_count_followers () == 0);
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer data)
{
  gboolean *done = data;

  kr_secret_client_load_finish (KR_SECRET_CLIENT (source), result, NULL);
  *done = TRUE;
}

static void
test_client_dropped_by_a_handler_of_a_verb (Fixture *f, gconstpointer data)
{
  KrSecretClient *client = kr_secret_client_new ();
  gboolean done = FALSE;

  events_add_elsewhere (f->simulator, "a", 0);
  events_add_elsewhere (f->simulator, "b", 1);
  g_signal_connect (client, "account-added", G_CALLBACK (drop_in_handler), &client);
  kr_secret_client_load_async (client, NULL, on_loaded, &done);
  while (!done || client != NULL)
    g_main_context_iteration (NULL, TRUE);
}

typedef struct
{
  GMainContext *context;
  KrSecretClient *client;
  GMutex mutex; /* held until the threads may go on */
  GThread *loader;
  gint wrong;
  gint right;
} Moved;

static void
check_context (KrSecretClient *client, KrSecretAccount *account, Moved *moved)
{
  if (g_main_context_is_owner (moved->context))
    g_atomic_int_inc (&moved->right);
  else
    g_atomic_int_inc (&moved->wrong);
}

static gpointer
make_and_end (gpointer data)
{
  Moved *moved = data;

  g_main_context_push_thread_default (moved->context);
  moved->client = kr_secret_client_new ();
  g_signal_connect (moved->client, "account-added", G_CALLBACK (check_context), moved);
  g_main_context_pop_thread_default (moved->context);
  return NULL;
}

static gpointer
load_if_chosen (gpointer data)
{
  Moved *moved = data;
  g_autoptr (GError) error = NULL;

  g_mutex_lock (&moved->mutex);
  g_mutex_unlock (&moved->mutex);
  if (g_thread_self () != moved->loader)
    return NULL;
  kr_secret_client_load (moved->client, NULL, &error);
  g_assert_no_error (error);
  return NULL;
}

/* Starts threads until one of them has the address of the first one, or there are many. */
static GPtrArray *
start_lookalikes (Moved *moved, GThread *first)
{
  GPtrArray *threads = g_ptr_array_new ();
  GThread *thread;

  g_mutex_lock (&moved->mutex);
  do
    {
      thread = g_thread_new ("loader", load_if_chosen, moved);
      g_ptr_array_add (threads, thread);
    }
  while (thread != first && threads->len < 200);
  moved->loader = thread;
  g_mutex_unlock (&moved->mutex);
  return threads;
}

/* A context outlives the thread in which a client was made, and another thread may get that one's
 * address: the context is what counts. */
static void
test_signals_stay_with_the_context (Fixture *f, gconstpointer data)
{
  Moved moved = { .context = g_main_context_new () };
  GThread *maker = g_thread_new ("maker", make_and_end, &moved);
  g_autoptr (GPtrArray) threads = NULL;

  g_mutex_init (&moved.mutex);
  g_thread_join (maker);
  events_add_elsewhere (f->simulator, "a", 0);
  threads = start_lookalikes (&moved, maker);
  for (guint i = 0; i < threads->len; i++)
    g_thread_join (g_ptr_array_index (threads, i));
  g_assert_cmpint (moved.wrong, ==, 0);
  g_assert_cmpint (moved.right, ==, 0);
  while (g_main_context_iteration (moved.context, FALSE))
    ;
  g_assert_cmpint (moved.wrong, ==, 0);
  g_assert_cmpint (moved.right, ==, 1);
  g_object_unref (moved.client);
  g_main_context_unref (moved.context);
  g_mutex_clear (&moved.mutex);
}

typedef struct
{
  KrSecretClient *client;
  GThread *owner; /* of the context */
  guint right, wrong;
  gint done;
} Elsewhere;

static void
on_added_elsewhere (KrSecretClient *client, KrSecretAccount *account, gpointer data)
{
  Elsewhere *elsewhere = data;

  if (g_thread_self () == elsewhere->owner)
    elsewhere->right++;
  else
    elsewhere->wrong++;
}

/* A client made where no context was pushed uses the default one, which the main thread runs. */
static gpointer
load_elsewhere (gpointer data)
{
  Elsewhere *elsewhere = data;
  g_autoptr (GError) error = NULL;

  elsewhere->client = kr_secret_client_new ();
  g_signal_connect (elsewhere->client, "account-added", G_CALLBACK (on_added_elsewhere), elsewhere);
  kr_secret_client_load (elsewhere->client, NULL, &error);
  g_assert_no_error (error);
  g_atomic_int_set (&elsewhere->done, 1);
  return NULL;
}

static void
test_thread_that_does_not_run_the_context (Fixture *f, gconstpointer data)
{
  Elsewhere elsewhere = { .owner = g_thread_self () };
  GThread *thread;

  events_add_elsewhere (f->simulator, "a", 0);
  g_assert_true (g_main_context_acquire (NULL));
  thread = g_thread_new ("loader", load_elsewhere, &elsewhere);
  while (g_atomic_int_get (&elsewhere.done) == 0 || elsewhere.right + elsewhere.wrong == 0)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  g_thread_join (thread);
  g_main_context_release (NULL);
  g_assert_cmpuint (elsewhere.right, ==, 1);
  g_assert_cmpuint (elsewhere.wrong, ==, 0);
  g_object_unref (elsewhere.client);
}

static void
remove_at_once (KrSecretClient *client, KrSecretAccount *account, gpointer data)
{
  g_autoptr (GError) error = NULL;

  kr_secret_client_remove (client, account, KR_SECRET_REMOVE_KEEP_TOKEN, NULL, &error);
  g_assert_no_error (error);
  g_string_append (data, "added ");
}

static void
note_removed (KrSecretClient *client, KrSecretAccount *account, gpointer data)
{
  g_string_append (data, "removed ");
}

/* Signals caused by a handler's own calls follow the current ones. */
static void
test_handler_that_removes_what_has_come (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) told = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  events_add_elsewhere (f->simulator, "a", 0);
  g_signal_connect (f->client, "account-added", G_CALLBACK (remove_at_once), told);
  g_signal_connect (f->client, "account-removed", G_CALLBACK (note_removed), told);
  kr_secret_client_load (f->client, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (told->str, ==, "added removed ");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->client)), ==, 0);
}

#define ADD(name, test) FIXTURE_ADD ("/context/" name, test)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("context-ends-with-the-call", test_context_ends_with_the_call);
  ADD ("thread-ends-with-the-client", test_thread_ends_with_the_client);
  ADD ("thread-ends-though-nobody-has-listened", test_thread_ends_though_nobody_has_listened);
  ADD ("nothing-is-emitted-after-the-owner-is-done",
       test_nothing_is_emitted_after_the_owner_is_done);
  ADD ("client-ends-in-its-owners-thread", test_client_ends_in_its_owners_thread);
  ADD ("client-dropped-by-a-handler", test_client_dropped_by_a_handler);
  ADD ("client-dropped-by-a-handler-of-a-verb", test_client_dropped_by_a_handler_of_a_verb);
  ADD ("signals-stay-with-the-context", test_signals_stay_with_the_context);
  ADD ("thread-that-does-not-run-the-context", test_thread_that_does_not_run_the_context);
  ADD ("handler-that-removes-what-has-come", test_handler_that_removes_what_has_come);
  return g_test_run ();
}
