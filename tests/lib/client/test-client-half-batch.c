/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An interrupted add_all: all accounts or none, and nothing is visible before. */
#include <signal.h>

#include "client-batch.h"
#include "client-events.h"
#include "test-assert.h"
#include "test-keyring.h"
#include "test-process.h"
#include "test-record.h"

/* Nothing is left of a batch: neither its item nor an account nor a ledger. */
static void
assert_left (guint accounts, guint ledgers_before)
{
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-batch"), ==, 0);
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-account"), ==, accounts);
  g_assert_cmpuint (batch_count_ledgers (), ==, ledgers_before);
}

/* Does something when the client is about to send its @at-th call of a method, counted from 1. It
 * runs in the bus's own thread, so it must leave the work to other programs. */
typedef struct
{
  const char *method;
  guint at;
  void (*deed) (gpointer data);
  gpointer data;
  guint seen;
} Ambush;

static GDBusMessage *
on_message (GDBusConnection *bus, GDBusMessage *message, gboolean incoming, gpointer data)
{
  Ambush *self = data;

  if (!incoming && g_dbus_message_get_message_type (message) == G_DBUS_MESSAGE_TYPE_METHOD_CALL
      && g_strcmp0 (g_dbus_message_get_member (message), self->method) == 0
      && (++self->seen == self->at || self->at == 0))
    self->deed (self->data);
  return message;
}

/* The result of add_all with an ambush. */
static GPtrArray *
add_into (Fixture *f, Batch *batch, Ambush *ambush, GCancellable *cancellable, GError **error)
{
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  guint filter = g_dbus_connection_add_filter (bus, on_message, ambush, NULL);
  GPtrArray *accounts
      = kr_secret_client_add_all (f->client, batch->drafts, batch->n, cancellable, error);

  g_dbus_connection_remove_filter (bus, filter);
  return accounts;
}

static void
lock_elsewhere (gpointer data)
{
  static const char *const argv[] = { "gdbus",
                                      "call",
                                      "--session",
                                      "--dest",
                                      "org.freedesktop.secrets",
                                      "--object-path",
                                      "/org/freedesktop/secrets",
                                      "--method",
                                      "org.freedesktop.Secret.Service.Lock",
                                      "['" TEST_KEYRING_LOGIN "']",
                                      NULL };

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL,
                               G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL,
                               NULL, NULL, NULL));
}

/* The keyring is locked before the @at-th item is written: a part of the batch is in it and cannot
 * be removed now. */
static void
leave_half (Fixture *f, Batch *batch, guint at)
{
  Ambush ambush = { "CreateItem", at, lock_elsewhere, NULL, 0 };
  g_autoptr (GError) error = NULL;

  g_assert_null (add_into (f, batch, &ambush, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED);
  g_assert_cmpuint (ambush.seen, >=, at);
  test_keyring_unlock ();
}

/* Before the batch's own item, between the accounts, and before the last. */
static void
test_locked_half_way (Fixture *f, gconstpointer data)
{
  static const guint points[] = { 1, 2, 3, 5, 7 };
  g_autoptr (Events) events = events_new_following ("");

  for (guint i = 0; i < G_N_ELEMENTS (points); i++)
    {
      guint ledgers = batch_count_ledgers ();
      g_autoptr (Batch) batch = batch_new (f, 6, 0);
      g_autoptr (Batch) none = batch_new (f, 0, 0);
      G_GNUC_UNUSED g_autoptr (GPtrArray) accounts = NULL;

      leave_half (f, batch, points[i]);
      batch_assert_seen ("");
      g_assert_cmpuint (test_keyring_count (NULL, "krsecret-account"), ==, MAX (points[i], 2) - 2);
      /* The next batch cleans up, even if it adds nothing itself. */
      accounts = batch_add (f, none);
      assert_left (0, ledgers);
    }
  g_assert_cmpuint (events_count (events, "account-*"), ==, 0);
}

/* Locked when only the batch's own item is left to erase: all or none, and the next batch settles
 * it. */
static void
test_locked_at_the_end (Fixture *f, gconstpointer data)
{
  Ambush ambush = { "Delete", 1, lock_elsewhere, NULL, 0 };
  g_autoptr (Batch) batch = batch_new (f, 3, 0);
  g_autoptr (GPtrArray) failed = NULL;
  g_autoptr (GPtrArray) accounts = NULL;
  g_autoptr (GError) error = NULL;
  guint ledgers = batch_count_ledgers ();

  failed = add_into (f, batch, &ambush, NULL, &error);
  g_assert_null (failed);
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED);
  test_keyring_unlock ();
  batch_assert_seen ("");
  accounts = batch_add (f, batch);
  batch_assert_seen ("b0,b1,b2");
  assert_left (3, ledgers + 3);
}

static void
test_locked_from_the_start (Fixture *f, gconstpointer data)
{
  g_autoptr (Batch) batch = batch_new (f, 2, 0);
  g_autoptr (GError) error = NULL;
  guint ledgers = batch_count_ledgers ();

  test_keyring_lock ();
  g_assert_null (kr_secret_client_add_all (f->client, batch->drafts, 2, NULL, &error));
  test_keyring_unlock ();
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED);
  assert_left (0, ledgers);
}

static void
cancel (gpointer data)
{
  g_cancellable_cancel (data);
}

static void
test_cancelled_half_way (Fixture *f, gconstpointer data)
{
  for (guint at = 1; at <= 5; at++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      Ambush ambush = { "CreateItem", at, cancel, cancellable, 0 };
      g_autoptr (Batch) batch = batch_new (f, 4, 0);
      g_autoptr (GError) error = NULL;
      guint ledgers = batch_count_ledgers ();

      g_assert_null (add_into (f, batch, &ambush, cancellable, &error));
      g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_CANCELLED);
      assert_left (0, ledgers);
    }
}

/* There may be more to clean up than time allows: the next batch does the rest. */
static void
test_clearing_can_be_stopped (Fixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Ambush ambush = { "Delete", 1, cancel, cancellable, 0 };
  g_autoptr (Batch) batch = batch_new (f, 6, 0);
  g_autoptr (Batch) none = batch_new (f, 0, 0);
  g_autoptr (GPtrArray) accounts = NULL;
  g_autoptr (GError) error = NULL;
  guint ledgers = batch_count_ledgers ();

  leave_half (f, batch, 7);
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-account"), ==, 5);
  g_assert_null (add_into (f, none, &ambush, cancellable, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_CANCELLED);
  g_assert_cmpuint (ambush.seen, ==, 1);
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-account"), ==, 4);
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-batch"), ==, 1);
  batch_assert_seen ("");
  accounts = batch_add (f, none);
  assert_left (0, ledgers);
}

static void
stop_daemon (gpointer data)
{
  kill (test_keyring_get_pid (), SIGSTOP);
}

/* Nothing can be undone while the daemon is stopped, and the caller does not wait long. */
static void
test_daemon_stops_half_way (Fixture *f, gconstpointer data)
{
  Ambush ambush = { "CreateItem", 4, stop_daemon, NULL, 0 };
  g_autoptr (Batch) batch = batch_new (f, 4, 0);
  g_autoptr (Batch) none = batch_new (f, 0, 0);
  G_GNUC_UNUSED g_autoptr (GPtrArray) accounts = NULL;
  g_autoptr (GPtrArray) failed = NULL;
  g_autoptr (GError) error = NULL;
  guint ledgers = batch_count_ledgers ();
  gint64 started = g_get_monotonic_time ();

  test_keyring_get_pid ();
  kr_secret_client_set_timeout (f->client, 1000);
  failed = add_into (f, batch, &ambush, NULL, &error);
  test_resume (test_keyring_get_pid ());
  g_assert_null (failed);
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DEADLINE);
  g_assert_cmpint (g_get_monotonic_time () - started, <, 10 * G_USEC_PER_SEC);
  kr_secret_client_set_timeout (f->client, 20000);
  batch_assert_seen ("");
  accounts = batch_add (f, none);
  assert_left (0, ledgers);
}

static void
look_elsewhere (gpointer data)
{
  static const char *const argv[] = { "sh", "-c", "\"$KR_TEST_TOOL\" list --json", NULL };
  GPtrArray *seen = data;
  char *output = NULL;

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output,
                               NULL, NULL, NULL));
  g_ptr_array_add (seen, output);
}

/* Another program that looks before each step sees nothing until it sees everything. */
static void
test_not_seen_before_the_end (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) looks = g_ptr_array_new_with_free_func (g_free);
  Ambush creations = { "CreateItem", 0, look_elsewhere, looks, 0 };
  Ambush deletions = { "Delete", 0, look_elsewhere, looks, 0 };
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  g_autoptr (Batch) batch = batch_new (f, 4, 0);
  g_autoptr (GPtrArray) accounts = NULL;
  g_autoptr (GError) error = NULL;
  guint filter = g_dbus_connection_add_filter (bus, on_message, &deletions, NULL);

  accounts = add_into (f, batch, &creations, NULL, &error);
  g_dbus_connection_remove_filter (bus, filter);
  g_assert_no_error (error);
  g_assert_cmpuint (creations.seen, ==, 5);
  g_assert_cmpuint (deletions.seen, ==, 1);
  g_assert_cmpuint (looks->len, ==, 6);
  for (guint i = 0; i < looks->len; i++)
    test_assert_contains (g_ptr_array_index (looks, i), "\"accounts\":[]");
  batch_assert_seen ("b0,b1,b2,b3");
}

static void
assert_told_nothing (gpointer data)
{
  g_assert_cmpuint (events_count (data, "*"), ==, 0);
}

/* A client that follows the keyring is told of all of them at the end, and of none before. */
static void
test_followers_see_all_or_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (Events) events = events_new_following ("");
  Ambush deletion = { "Delete", 1, assert_told_nothing, events, 0 };
  g_autoptr (Batch) batch = batch_new (f, BATCH_MAX, 0);
  g_autoptr (GPtrArray) accounts = NULL;
  g_autoptr (GError) error = NULL;

  accounts = add_into (f, batch, &deletion, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (deletion.seen, ==, 1);
  test_wait_until (events_count (events, "account-added b*") == BATCH_MAX);
  g_assert_cmpuint (events_count (events, "*"), ==, BATCH_MAX);
}

/* The names and keys of an incomplete batch are free at once, for anyone. */
static void
test_half_is_in_nobodys_way (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) account = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_NO_VERIFY);
  g_autoptr (KrSecretCredential) credential = fixture_make_credential ("kiwoom", 11);
  g_autoptr (Batch) renamed = batch_new (f, 4, 10);
  g_autoptr (Batch) edited = batch_new (f, 4, 10);
  g_autoptr (Batch) added = batch_new (f, 4, 10);
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretAccount) other = NULL;

  leave_half (f, renamed, 5);
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-account"), ==, 1 + 3);
  kr_secret_client_rename (f->client, account, "b1", NULL, &error);
  g_assert_no_error (error);
  kr_secret_client_rename (f->client, account, "a", NULL, &error);
  g_assert_no_error (error);

  leave_half (f, edited, 5);
  kr_secret_client_edit (f->client, account, credential, NULL, NULL, &error);
  g_assert_no_error (error);

  kr_secret_client_remove (f->client, account, KR_SECRET_REMOVE_KEEP_TOKEN, NULL, &error);
  g_assert_no_error (error);
  leave_half (f, added, 5);
  other = fixture_try_add (f, "kiwoom", "b1", credential, KR_SECRET_ADD_NO_VERIFY, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 1);
  batch_assert_seen ("b1");
}

/* The leftovers of an incomplete batch are believed as long as they make sense. */
static void
check_strange_batch (Fixture *f, const char *ids)
{
  g_autoptr (Batch) batch = batch_new (f, 3, 0);
  g_autoptr (Batch) none = batch_new (f, 0, 0);
  G_GNUC_UNUSED g_autoptr (GPtrArray) accounts = NULL;
  g_auto (GStrv) paths = NULL;
  g_autoptr (GVariant) attributes = NULL;
  const char *id;

  leave_half (f, batch, 3);
  paths = test_keyring_find (NULL, "krsecret-batch");
  g_assert_cmpuint (g_strv_length (paths), ==, 1);
  attributes = test_keyring_get_property (paths[0], "Attributes");
  g_assert_true (g_variant_lookup (attributes, "id", "&s", &id));
  test_item_change (id, "krsecret-batch", "ids", ids);
  accounts = batch_add (f, none);
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-batch"), ==, 0);
  test_keyring_clear ();
}

static void
test_strange_batches (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (g_get_user_state_dir (), "bystander", NULL);

  /* A private file, like a ledger. */
  g_assert_true (g_file_set_contents_full (path, "x", 1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  check_strange_batch (f, NULL);
  check_strange_batch (f, "");
  check_strange_batch (f, "../bystander");
  check_strange_batch (f, "accounts word  ");
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
}

/* Torn, as after a power cut or by an older gnome-keyring: its attributes still identify it. */
static void
test_torn_batch (Fixture *f, gconstpointer data)
{
  g_autoptr (Batch) batch = batch_new (f, 3, 0);
  g_autoptr (GPtrArray) accounts = NULL;
  g_auto (GStrv) paths = NULL;

  leave_half (f, batch, 2);
  paths = test_keyring_find (NULL, "krsecret-batch");
  test_keyring_overwrite (NULL, "krsecret-batch", "", 0);
  batch_assert_seen ("");
  accounts = batch_add (f, batch);
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-batch"), ==, 0);
  batch_assert_seen ("b0,b1,b2");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FIXTURE_ADD ("/half-batch/locked-from-the-start", test_locked_from_the_start);
  FIXTURE_ADD ("/half-batch/locked-half-way", test_locked_half_way);
  FIXTURE_ADD ("/half-batch/locked-at-the-end", test_locked_at_the_end);
  FIXTURE_ADD ("/half-batch/cancelled-half-way", test_cancelled_half_way);
  FIXTURE_ADD ("/half-batch/clearing-can-be-stopped", test_clearing_can_be_stopped);
  FIXTURE_ADD ("/half-batch/daemon-stops-half-way", test_daemon_stops_half_way);
  FIXTURE_ADD ("/half-batch/not-seen-before-the-end", test_not_seen_before_the_end);
  FIXTURE_ADD ("/half-batch/followers-see-all-or-nothing", test_followers_see_all_or_nothing);
  FIXTURE_ADD ("/half-batch/half-is-in-nobodys-way", test_half_is_in_nobodys_way);
  FIXTURE_ADD ("/half-batch/strange-batch-is-cleared", test_strange_batches);
  FIXTURE_ADD ("/half-batch/torn-batch-is-cleared", test_torn_batch);
  return g_test_run ();
}
