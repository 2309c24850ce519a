/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client-events.h"

#include <stdarg.h>

#include "test-assert.h"
#include "test-process.h"
#include "test-run.h"

#define TIMEOUT_MS 20000

struct _Events
{
  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;
  KrSecretClient *client;
  GPtrArray *mirror; /* the list model, rebuilt from items-changed; only in the context */

  GMutex mutex; /* guards the following */
  GCond cond;
  GPtrArray *lines;
  gboolean ready;
  gboolean paused;
};

static char *
dup_name (KrSecretAccount *account)
{
  char *alias = account != NULL ? kr_secret_account_dup_alias (account) : g_strdup ("-");

  return alias != NULL ? alias : g_strdup ("?");
}

static void
write_down (Events *self, const char *what, KrSecretAccount *account, const char *word)
{
  g_autofree char *name = dup_name (account);

  g_assert_true (g_thread_self () == self->thread);
  g_assert_true (g_main_context_is_owner (self->context));
  g_mutex_lock (&self->mutex);
  g_ptr_array_add (self->lines, word != NULL ? g_strdup_printf ("%s %s %s", what, name, word)
                                             : g_strdup_printf ("%s %s", what, name));
  g_mutex_unlock (&self->mutex);
}

#define DEFINE_HANDLER(function, name)                                                             \
  static void function (KrSecretClient *client, KrSecretAccount *account, Events *self)            \
  {                                                                                                \
    write_down (self, name, account, NULL);                                                        \
  }

DEFINE_HANDLER (on_added, "account-added")
DEFINE_HANDLER (on_changed, "account-changed")
DEFINE_HANDLER (on_removed, "account-removed")
DEFINE_HANDLER (on_token, "token-changed")
DEFINE_HANDLER (on_expiring, "token-expiring")

static void
on_attention (KrSecretClient *client, KrSecretAccount *account, const GError *error, Events *self)
{
  g_assert_nonnull (error);
  g_assert_cmpuint (error->domain, ==, KR_SECRET_ERROR);
  write_down (self, "attention", account, kr_secret_error_get_word (error));
}

static void
on_items (GListModel *model, guint position, guint removed, guint added, Events *self)
{
  g_assert_true (g_main_context_is_owner (self->context));
  g_assert_cmpuint (position + removed, <=, self->mirror->len);
  if (removed > 0)
    g_ptr_array_remove_range (self->mirror, position, removed);
  for (guint i = 0; i < added; i++)
    g_ptr_array_insert (self->mirror, (int) (position + i),
                        g_list_model_get_item (model, position + i));
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, self->mirror->len);
  for (guint i = 0; i < self->mirror->len; i++)
    {
      g_autoptr (KrSecretAccount) account = g_list_model_get_item (model, i);

      g_assert_true (account == g_ptr_array_index (self->mirror, i));
    }
}

static void
make_client (Events *self)
{
  self->client = kr_secret_client_new ();
  kr_secret_client_set_timeout (self->client, TIMEOUT_MS);
  g_signal_connect (self->client, "account-added", G_CALLBACK (on_added), self);
  g_signal_connect (self->client, "account-changed", G_CALLBACK (on_changed), self);
  g_signal_connect (self->client, "account-removed", G_CALLBACK (on_removed), self);
  g_signal_connect (self->client, "token-changed", G_CALLBACK (on_token), self);
  g_signal_connect (self->client, "token-expiring", G_CALLBACK (on_expiring), self);
  g_signal_connect (self->client, "attention", G_CALLBACK (on_attention), self);
  g_signal_connect (self->client, "items-changed", G_CALLBACK (on_items), self);
}

static gpointer
live (gpointer data)
{
  Events *self = data;

  g_main_context_push_thread_default (self->context);
  make_client (self);
  g_mutex_lock (&self->mutex);
  self->ready = TRUE;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->mutex);
  g_main_loop_run (self->loop);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

Events *
events_new (void)
{
  Events *self = g_new0 (Events, 1);

  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->lines = g_ptr_array_new_with_free_func (g_free);
  self->mirror = g_ptr_array_new_with_free_func (g_object_unref);
  self->thread = g_thread_new ("events", live, self);
  g_mutex_lock (&self->mutex);
  while (!self->ready)
    g_cond_wait (&self->cond, &self->mutex);
  g_mutex_unlock (&self->mutex);
  return self;
}

static void
drop_client (Events *self)
{
  if (self->client != NULL)
    g_signal_handlers_disconnect_by_data (self->client, self);
  g_clear_object (&self->client);
}

void
events_drop_client (Events *self)
{
  events_run (self, drop_client);
}

void
events_free (Events *self)
{
  events_drop_client (self);
  g_main_loop_quit (self->loop);
  g_thread_join (self->thread);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_ptr_array_unref (self->lines);
  g_ptr_array_unref (self->mirror);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
  g_free (self);
}

KrSecretClient *
events_get_client (Events *self)
{
  return self->client;
}

guint
events_count (Events *self, const char *pattern)
{
  guint n = 0;

  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->lines->len; i++)
    n += g_pattern_match_simple (pattern, g_ptr_array_index (self->lines, i));
  g_mutex_unlock (&self->mutex);
  return n;
}

void
events_clear (Events *self)
{
  g_mutex_lock (&self->mutex);
  g_ptr_array_set_size (self->lines, 0);
  g_mutex_unlock (&self->mutex);
}

typedef struct
{
  Events *events;
  void (*function) (Events *events);
  gboolean done;
} Run;

static gboolean
run (gpointer data)
{
  Run *call = data;

  call->function (call->events);
  g_mutex_lock (&call->events->mutex);
  call->done = TRUE;
  g_cond_broadcast (&call->events->cond);
  g_mutex_unlock (&call->events->mutex);
  return G_SOURCE_REMOVE;
}

void
events_run (Events *self, void (*function) (Events *self))
{
  Run call = { self, function, FALSE };

  g_main_context_invoke (self->context, run, &call);
  g_mutex_lock (&self->mutex);
  while (!call.done)
    g_cond_wait (&self->cond, &self->mutex);
  g_mutex_unlock (&self->mutex);
}

static void
list (Events *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->client)); i++)
    {
      g_autoptr (KrSecretAccount) account = g_list_model_get_item (G_LIST_MODEL (self->client), i);
      g_autofree char *name = dup_name (account);

      g_string_append_printf (text, "%s%s", i > 0 ? "," : "", name);
    }
  g_object_set_data_full (G_OBJECT (self->client), "test-list", g_strdup (text->str), g_free);
}

char *
events_list (Events *self)
{
  events_run (self, list);
  return g_strdup (g_object_get_data (G_OBJECT (self->client), "test-list"));
}

static gboolean
stand_still (gpointer data)
{
  Events *self = data;

  g_mutex_lock (&self->mutex);
  while (self->paused)
    g_cond_wait (&self->cond, &self->mutex);
  g_mutex_unlock (&self->mutex);
  return G_SOURCE_REMOVE;
}

void
events_pause (Events *self)
{
  g_mutex_lock (&self->mutex);
  self->paused = TRUE;
  g_mutex_unlock (&self->mutex);
  g_main_context_invoke (self->context, stand_still, self);
}

void
events_resume (Events *self)
{
  g_mutex_lock (&self->mutex);
  self->paused = FALSE;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->mutex);
}

guint
events_count_followers (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  const char *entry;
  guint n = 0;

  while ((entry = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/task", entry, "comm", NULL);
      g_autofree char *name = NULL;

      if (g_file_get_contents (path, &name, NULL, NULL))
        n += g_str_has_prefix (name, "krsecret-follow");
    }
  return n;
}

guint
events_count_descriptors (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

char *
events_run_tool (const char *input, const char *argument, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (TestRun) result = NULL;
  va_list arguments;

  g_ptr_array_add (argv, (gpointer) g_getenv ("KR_TEST_TOOL"));
  va_start (arguments, argument);
  for (; argument != NULL; argument = va_arg (arguments, const char *))
    g_ptr_array_add (argv, (gpointer) argument);
  va_end (arguments);
  g_ptr_array_add (argv, NULL);
  result = test_run (NULL, (const char *const *) argv->pdata, input, -1);
  if (result->status != 0)
    test_fail ("%s: %d %s", (const char *) g_ptr_array_index (argv, 1), result->status,
               result->err);
  return g_strchomp (g_steal_pointer (&result->out));
}

KrSecretAccount *
events_load_account (KrSecretClient *client)
{
  g_autoptr (GError) error = NULL;
  KrSecretAccount *account;

  kr_secret_client_load (client, NULL, &error);
  g_assert_no_error (error);
  account = kr_secret_client_find_account (client, "a", &error);
  g_assert_no_error (error);
  return account;
}

KrSecretAccount *
events_find (KrSecretClient *client, const char *alias)
{
  g_autoptr (GError) error = NULL;
  KrSecretAccount *account = kr_secret_client_find_account (client, alias, &error);

  g_assert_no_error (error);
  return account;
}

Events *
events_new_following (const char *expected)
{
  Events *events = events_new ();
  char *list = NULL;

  kr_secret_client_follow (events_get_client (events));
  test_wait_until ((g_free (list), list = events_list (events), g_str_equal (list, expected)));
  g_free (list);
  return events;
}

Events *
events_new_holding (KrSecretAccount **out_account)
{
  Events *self = events_new ();

  *out_account = events_load_account (self->client);
  kr_secret_client_hold (self->client, *out_account);
  return self;
}

Events *
events_new_with_token (Fixture *fixture, const char *broker, KrSecretAccount **out_account)
{
  Events *self;

  fixture_add_and_drop (fixture, broker, KR_SECRET_ADD_NO_VERIFY);
  self = events_new_holding (out_account);
  test_wait_until (events_has_token (*out_account));
  return self;
}

gboolean
events_has_token (KrSecretAccount *account)
{
  KrSecretTokenState state = kr_secret_account_get_token_state (account);

  return state == KR_SECRET_TOKEN_STATE_VALID || state == KR_SECRET_TOKEN_STATE_EXPIRING;
}

void
events_add_elsewhere (TestSimulator *simulator, const char *alias, guint key)
{
  g_autofree char *lines = test_simulator_get_key_lines ("kiwoom", key);
  G_GNUC_UNUSED g_autofree char *output
      = events_run_tool (lines, "add", "kiwoom", alias, "--env", "real", "--no-verify",
                         "--endpoint", test_simulator_get_uri (simulator, "kiwoom"), NULL);
}
