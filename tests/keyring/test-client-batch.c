/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* add_all: all accounts or none, and nothing of them before that. */
#include <signal.h>
#include <unistd.h>

#include "client-events.h"
#include "client-fixture.h"
#include "test-assert.h"
#include "test-keyring.h"
#include "test-process.h"
#include "test-record.h"
#include "test-run.h"

#define MAX_DRAFTS 20

/* Drafts b0, b1, … with the keys from @first on. */
typedef struct
{
  KrSecretDraft drafts[MAX_DRAFTS];
  guint n;
} Batch;

static Batch *
batch_new (Fixture *f, guint n, guint first)
{
  Batch *self = g_new0 (Batch, 1);

  self->n = n;
  for (guint i = 0; i < n; i++)
    self->drafts[i] = (KrSecretDraft){
      .alias = g_strdup_printf ("b%u", i),
      .broker_id = "kiwoom",
      .environment = KR_SECRET_ENVIRONMENT_PAPER,
      .endpoint = test_simulator_get_uri (f->simulator, "kiwoom"),
      .credential = fixture_make_credential ("kiwoom", first + i),
    };
  return self;
}

static void
batch_free (Batch *self)
{
  for (guint i = 0; i < self->n; i++)
    {
      g_free ((char *) self->drafts[i].alias);
      kr_secret_credential_unref (self->drafts[i].credential);
    }
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Batch, batch_free)

static void
set_alias (Batch *self, guint i, const char *alias)
{
  g_free ((char *) self->drafts[i].alias);
  self->drafts[i].alias = g_strdup (alias);
}

static void
set_key (Batch *self, guint i, guint key)
{
  kr_secret_credential_unref (self->drafts[i].credential);
  self->drafts[i].credential = fixture_make_credential ("kiwoom", key);
}

static GPtrArray *
add_all (Fixture *f, Batch *batch)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *accounts = kr_secret_client_add_all (f->client, batch->drafts, batch->n, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (accounts->len, ==, batch->n);
  return accounts;
}

/* What another program sees, as aliases with commas. */
static char *
list_elsewhere (void)
{
  g_autofree char *text = events_run_tool (NULL, "list", "--json", NULL);
  g_autoptr (JsonNode) node = json_from_string (text, NULL);
  JsonArray *accounts = json_object_get_array_member (json_node_get_object (node), "accounts");
  GString *aliases = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (accounts); i++)
    g_string_append_printf (
        aliases, "%s%s", i > 0 ? "," : "",
        json_object_get_string_member (json_array_get_object_element (accounts, i), "alias"));
  return g_string_free (aliases, FALSE);
}

static void
assert_seen (const char *expected)
{
  g_autofree char *seen = list_elsewhere ();

  g_assert_cmpstr (seen, ==, expected);
}

/* Ledgers of accounts, that are there or were meant to be. */
static guint
count_ledgers (void)
{
  g_autofree char *path = g_build_filename (g_get_user_state_dir (), "krsecret", NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  guint n = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    n += g_uuid_string_is_valid (name);
  return n;
}

/* Nothing is left of a batch: neither its item nor an account nor a ledger. */
static void
assert_left (guint accounts, guint ledgers_before)
{
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-batch"), ==, 0);
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-account"), ==, accounts);
  g_assert_cmpuint (count_ledgers (), ==, ledgers_before);
}

static void
test_none (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) accounts = kr_secret_client_add_all (f->client, NULL, 0, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (accounts->len, ==, 0);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
}

static void
check_many (Fixture *f, guint n)
{
  g_autoptr (Batch) batch = batch_new (f, n, 0);
  g_autoptr (GPtrArray) accounts = add_all (f, batch);

  for (guint i = 0; i < n; i++)
    {
      KrSecretAccount *account = g_ptr_array_index (accounts, i);
      g_autoptr (KrSecretAccount) found = events_find (f->client, batch->drafts[i].alias);
      g_autofree char *alias = kr_secret_account_dup_alias (account);
      g_autofree char *endpoint = kr_secret_account_dup_endpoint (account);
      g_autoptr (KrSecretCredential) stored
          = kr_secret_client_get_credential (f->client, account, NULL, NULL);

      g_assert_true (found == account);
      g_assert_cmpstr (alias, ==, batch->drafts[i].alias);
      g_assert_cmpstr (endpoint, ==, batch->drafts[i].endpoint);
      g_assert_cmpstr (kr_secret_account_get_broker_id (account), ==, "kiwoom");
      g_assert_cmpint (kr_secret_account_get_environment (account), ==,
                       KR_SECRET_ENVIRONMENT_PAPER);
      g_assert_cmpint (kr_secret_account_get_token_state (account), ==, KR_SECRET_TOKEN_STATE_NONE);
      g_assert_true (g_uuid_string_is_valid (kr_secret_account_get_id (account)));
      g_assert_cmpstr (
          secret_value_get_text (kr_secret_credential_get (stored, "appkey")), ==,
          secret_value_get_text (kr_secret_credential_get (batch->drafts[i].credential, "appkey")));
    }
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-account"), ==, n);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, n);
  /* The brokers know nothing of it. */
  g_assert_cmpuint (fixture_count_connections (f, "kiwoom"), ==, 0);
}

static void
test_one (Fixture *f, gconstpointer data)
{
  check_many (f, 1);
}

static void
test_twenty (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) last = NULL;
  g_autoptr (KrSecretToken) token = NULL;

  check_many (f, MAX_DRAFTS);
  last = events_find (f->client, "b19");
  token = fixture_get_token (f, last);
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 1);
}

static void
test_id_is_kept (Fixture *f, gconstpointer data)
{
  static const char id[] = "0b2c3d4e-1111-4222-8333-444455556666";
  g_autoptr (Batch) batch = batch_new (f, 2, 0);
  g_autoptr (GPtrArray) accounts = NULL;

  batch->drafts[1].id = id;
  accounts = add_all (f, batch);
  g_assert_cmpstr (kr_secret_account_get_id (g_ptr_array_index (accounts, 1)), ==, id);
  g_assert_cmpstr (kr_secret_account_get_id (g_ptr_array_index (accounts, 0)), !=, id);
  g_assert_cmpuint (test_keyring_count (id, "krsecret-account"), ==, 1);
}

/* A plugin is not needed to keep a key. */
static void
test_broker_without_a_plugin (Fixture *f, gconstpointer data)
{
  g_autoptr (Batch) batch = batch_new (f, 1, 0);
  g_autoptr (GPtrArray) accounts = NULL;

  batch->drafts[0].broker_id = "nowhere";
  accounts = add_all (f, batch);
  g_assert_cmpstr (kr_secret_account_get_broker_id (g_ptr_array_index (accounts, 0)), ==,
                   "nowhere");
}

/* The same key is another one at another broker, and in the other environment. */
static void
test_same_key_elsewhere (Fixture *f, gconstpointer data)
{
  g_autoptr (Batch) batch = batch_new (f, 3, 0);
  G_GNUC_UNUSED g_autoptr (GPtrArray) accounts = NULL;

  set_key (batch, 1, 0);
  set_key (batch, 2, 0);
  batch->drafts[1].environment = KR_SECRET_ENVIRONMENT_REAL;
  batch->drafts[2].broker_id = "ls";
  accounts = add_all (f, batch);
}

/* Nothing is stored, and the message says about which it is. */
static void
assert_refused (Fixture *f, Batch *batch, const char *named)
{
  g_autoptr (GError) error = NULL;
  guint items = test_keyring_count (NULL, NULL), ledgers = count_ledgers ();

  g_assert_null (kr_secret_client_add_all (f->client, batch->drafts, batch->n, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
  if (named != NULL)
    test_assert_contains (error->message, named);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, items);
  g_assert_cmpuint (count_ledgers (), ==, ledgers);
}

static void
test_alias_twice (Fixture *f, gconstpointer data)
{
  g_autoptr (Batch) batch = batch_new (f, 4, 0);

  set_alias (batch, 1, "é");
  set_alias (batch, 3, "e\xcc\x81");
  assert_refused (f, batch, "é");
}

static void
test_key_twice (Fixture *f, gconstpointer data)
{
  g_autoptr (Batch) batch = batch_new (f, 4, 0);

  set_key (batch, 3, 1);
  assert_refused (f, batch, "b1");
}

static void
test_id_twice (Fixture *f, gconstpointer data)
{
  g_autoptr (Batch) batch = batch_new (f, 4, 0);

  batch->drafts[0].id = batch->drafts[3].id = "0b2c3d4e-1111-4222-8333-444455556666";
  assert_refused (f, batch, "b3");
}

static void
test_taken_by_a_stored_one (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretCredential) credential = fixture_make_credential ("kiwoom", 19);
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretAccount) stored
      = fixture_try_add (f, "kiwoom", "연금저축", credential, KR_SECRET_ADD_NO_VERIFY, &error);
  g_autoptr (Batch) alias = batch_new (f, 3, 0);
  g_autoptr (Batch) key = batch_new (f, 3, 0);
  g_autoptr (Batch) id = batch_new (f, 3, 0);

  g_assert_no_error (error);
  set_alias (alias, 2, "연금저축");
  assert_refused (f, alias, "연금저축");
  set_key (key, 2, 19);
  key->drafts[2].environment = KR_SECRET_ENVIRONMENT_REAL;
  assert_refused (f, key, "연금저축");
  id->drafts[2].id = kr_secret_account_get_id (stored);
  assert_refused (f, id, "b2");
  assert_seen ("연금저축");
}

/* A damaged account can still be looked into by its user: it is not written over. */
static void
test_id_of_a_damaged_one (Fixture *f, gconstpointer data)
{
  g_autoptr (KrSecretAccount) stored = fixture_add (f, "kiwoom", "a", KR_SECRET_ADD_NO_VERIFY);
  const char *id = kr_secret_account_get_id (stored);
  g_autoptr (Batch) batch = batch_new (f, 2, 1);
  g_autoptr (GBytes) left = NULL;

  test_keyring_overwrite (id, "krsecret-account", "torn", -1);
  batch->drafts[1].id = id;
  assert_refused (f, batch, "b1");
  left = test_keyring_read (id, "krsecret-account");
  g_assert_cmpmem (g_bytes_get_data (left, NULL), g_bytes_get_size (left), "torn", 4);
}

static void
test_bad_names (Fixture *f, gconstpointer data)
{
  static const char *const aliases[] = { "", "a/b", "a\nb", " a", "..", "\xff" };
  static const char *const endpoints[] = { "http://example.com", "word", "" };
  static const char *const ids[] = { "", "..", "word", "0b2c3d4e-1111-4222-8333-44445555666/" };

  for (guint i = 0; i < G_N_ELEMENTS (aliases); i++)
    {
      g_autoptr (Batch) batch = batch_new (f, 2, 0);

      set_alias (batch, 1, aliases[i]);
      assert_refused (f, batch, NULL);
    }
  for (guint i = 0; i < G_N_ELEMENTS (endpoints); i++)
    {
      g_autoptr (Batch) batch = batch_new (f, 2, 0);

      batch->drafts[1].endpoint = endpoints[i];
      assert_refused (f, batch, NULL);
    }
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_autoptr (Batch) batch = batch_new (f, 2, 0);

      batch->drafts[1].id = ids[i];
      assert_refused (f, batch, NULL);
    }
}

/* Does something when the client is about to send its @at-th call of a method, from 1. It is done
 * in the bus's own thread, so by other programs only. */
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

/* What add_all comes to with an ambush. */
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

/* The keyring is locked before the @at-th item is written: a part of the batch lies in it and
 * cannot be taken back now. */
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
      guint ledgers = count_ledgers ();
      g_autoptr (Batch) batch = batch_new (f, 6, 0);
      g_autoptr (Batch) none = batch_new (f, 0, 0);
      G_GNUC_UNUSED g_autoptr (GPtrArray) accounts = NULL;

      leave_half (f, batch, points[i]);
      assert_seen ("");
      g_assert_cmpuint (test_keyring_count (NULL, "krsecret-account"), ==, MAX (points[i], 2) - 2);
      /* The next one clears up, also if it brings nothing itself. */
      accounts = add_all (f, none);
      assert_left (0, ledgers);
    }
  g_assert_cmpuint (events_count (events, "account-*"), ==, 0);
}

/* Locked when only the batch's own item is left to erase: all or none, and the next one sees to it.
 */
static void
test_locked_at_the_end (Fixture *f, gconstpointer data)
{
  Ambush ambush = { "Delete", 1, lock_elsewhere, NULL, 0 };
  g_autoptr (Batch) batch = batch_new (f, 3, 0);
  g_autoptr (GPtrArray) failed = NULL;
  g_autoptr (GPtrArray) accounts = NULL;
  g_autoptr (GError) error = NULL;
  guint ledgers = count_ledgers ();

  failed = add_into (f, batch, &ambush, NULL, &error);
  g_assert_null (failed);
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED);
  test_keyring_unlock ();
  assert_seen ("");
  accounts = add_all (f, batch);
  assert_seen ("b0,b1,b2");
  assert_left (3, ledgers + 3);
}

static void
test_locked_from_the_start (Fixture *f, gconstpointer data)
{
  g_autoptr (Batch) batch = batch_new (f, 2, 0);
  g_autoptr (GError) error = NULL;
  guint ledgers = count_ledgers ();

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
      guint ledgers = count_ledgers ();

      g_assert_null (add_into (f, batch, &ambush, cancellable, &error));
      g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_CANCELLED);
      assert_left (0, ledgers);
    }
}

static void
stop_daemon (gpointer data)
{
  kill (test_keyring_get_pid (), SIGSTOP);
}

/* Nothing can be taken back while the daemon stands still, and nobody waits for it for long. */
static void
test_daemon_stops_half_way (Fixture *f, gconstpointer data)
{
  Ambush ambush = { "CreateItem", 4, stop_daemon, NULL, 0 };
  g_autoptr (Batch) batch = batch_new (f, 4, 0);
  g_autoptr (Batch) none = batch_new (f, 0, 0);
  G_GNUC_UNUSED g_autoptr (GPtrArray) accounts = NULL;
  g_autoptr (GPtrArray) failed = NULL;
  g_autoptr (GError) error = NULL;
  guint ledgers = count_ledgers ();
  gint64 started = g_get_monotonic_time ();

  test_keyring_get_pid ();
  kr_secret_client_set_timeout (f->client, 1000);
  failed = add_into (f, batch, &ambush, NULL, &error);
  test_resume (test_keyring_get_pid ());
  g_assert_null (failed);
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DEADLINE);
  g_assert_cmpint (g_get_monotonic_time () - started, <, 10 * G_USEC_PER_SEC);
  kr_secret_client_set_timeout (f->client, 20000);
  assert_seen ("");
  accounts = add_all (f, none);
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

/* Another program that looks before each step sees nothing; then it sees all. */
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
  assert_seen ("b0,b1,b2,b3");
}

static void
assert_told_nothing (gpointer data)
{
  g_assert_cmpuint (events_count (data, "*"), ==, 0);
}

/* A client that follows the keyring is told of all of them, and meanwhile of none. */
static void
test_followers_see_all_or_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (Events) events = events_new_following ("");
  Ambush deletion = { "Delete", 1, assert_told_nothing, events, 0 };
  g_autoptr (Batch) batch = batch_new (f, MAX_DRAFTS, 0);
  g_autoptr (GPtrArray) accounts = NULL;
  g_autoptr (GError) error = NULL;

  accounts = add_into (f, batch, &deletion, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (deletion.seen, ==, 1);
  test_wait_until (events_count (events, "account-added b*") == MAX_DRAFTS);
  g_assert_cmpuint (events_count (events, "*"), ==, MAX_DRAFTS);
}

/* The names and keys of a half are free at once, for whoever wants them. */
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
  assert_seen ("b1");
}

/* What a half has left is taken for what it says, as long as that makes sense. */
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
  accounts = add_all (f, none);
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-batch"), ==, 0);
  test_keyring_clear ();
}

static void
test_strange_batches (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (g_get_user_state_dir (), "bystander", NULL);

  /* A file that is private, as a ledger is. */
  g_assert_true (g_file_set_contents_full (path, "x", 1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  check_strange_batch (f, NULL);
  check_strange_batch (f, "");
  check_strange_batch (f, "../bystander");
  check_strange_batch (f, "accounts word  ");
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
}

/* Torn, as by a power cut or an older gnome-keyring: it is known by its attributes. */
static void
test_torn_batch (Fixture *f, gconstpointer data)
{
  g_autoptr (Batch) batch = batch_new (f, 3, 0);
  g_autoptr (GPtrArray) accounts = NULL;
  g_auto (GStrv) paths = NULL;

  leave_half (f, batch, 2);
  paths = test_keyring_find (NULL, "krsecret-batch");
  test_keyring_overwrite (NULL, "krsecret-batch", "", 0);
  assert_seen ("");
  accounts = add_all (f, batch);
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-batch"), ==, 0);
  assert_seen ("b0,b1,b2");
}

static gpointer
add_in_thread (gpointer data)
{
  Fixture *f = data;
  g_autoptr (Batch) batch = batch_new (f, 3, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) accounts
      = kr_secret_client_add_all (f->client, batch->drafts, batch->n, NULL, &error);

  if (accounts == NULL)
    g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
  return GINT_TO_POINTER (accounts != NULL);
}

static void
test_two_at_once_see_each_other (Fixture *f, gconstpointer data)
{
  GThread *threads[4];
  guint added = 0;

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("add", add_in_thread, f);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    added += GPOINTER_TO_UINT (g_thread_join (threads[i]));
  g_assert_cmpuint (added, ==, 1);
  assert_seen ("b0,b1,b2");
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

/* The drafts are the caller's again at once. */
static void
test_async (Fixture *f, gconstpointer data)
{
  g_autoptr (Batch) batch = batch_new (f, 3, 0);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) accounts = NULL;
  g_autoptr (GError) error = NULL;

  kr_secret_client_add_all_async (f->client, batch->drafts, batch->n, NULL, on_done, &result);
  set_alias (batch, 0, "changed");
  g_clear_pointer (&batch, batch_free);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  accounts = kr_secret_client_add_all_finish (f->client, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (accounts->len, ==, 3);
  assert_seen ("b0,b1,b2");
}

static void
test_lock_held_by_another (Fixture *f, gconstpointer data)
{
  g_autoptr (Batch) batch = batch_new (f, 2, 0);
  g_autoptr (GPtrArray) accounts = NULL;
  g_autoptr (GError) error = NULL;
  int held = fixture_hold_lock ("accounts");

  kr_secret_client_set_timeout (f->client, 300);
  g_assert_null (kr_secret_client_add_all (f->client, batch->drafts, 2, NULL, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DEADLINE);
  close (held);
  kr_secret_client_set_timeout (f->client, 20000);
  accounts = add_all (f, batch);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  FIXTURE_ADD ("/batch/none", test_none);
  FIXTURE_ADD ("/batch/one", test_one);
  FIXTURE_ADD ("/batch/twenty", test_twenty);
  FIXTURE_ADD ("/batch/id-is-kept", test_id_is_kept);
  FIXTURE_ADD ("/batch/broker-without-a-plugin", test_broker_without_a_plugin);
  FIXTURE_ADD ("/batch/same-key-elsewhere", test_same_key_elsewhere);
  FIXTURE_ADD ("/batch/alias-twice", test_alias_twice);
  FIXTURE_ADD ("/batch/key-twice", test_key_twice);
  FIXTURE_ADD ("/batch/id-twice", test_id_twice);
  FIXTURE_ADD ("/batch/taken-by-a-stored-one", test_taken_by_a_stored_one);
  FIXTURE_ADD ("/batch/id-of-a-damaged-one", test_id_of_a_damaged_one);
  FIXTURE_ADD ("/batch/bad-names", test_bad_names);
  FIXTURE_ADD ("/batch/locked-from-the-start", test_locked_from_the_start);
  FIXTURE_ADD ("/batch/locked-half-way", test_locked_half_way);
  FIXTURE_ADD ("/batch/locked-at-the-end", test_locked_at_the_end);
  FIXTURE_ADD ("/batch/cancelled-half-way", test_cancelled_half_way);
  FIXTURE_ADD ("/batch/daemon-stops-half-way", test_daemon_stops_half_way);
  FIXTURE_ADD ("/batch/not-seen-before-the-end", test_not_seen_before_the_end);
  FIXTURE_ADD ("/batch/followers-see-all-or-nothing", test_followers_see_all_or_nothing);
  FIXTURE_ADD ("/batch/half-is-in-nobodys-way", test_half_is_in_nobodys_way);
  FIXTURE_ADD ("/batch/strange-batch-is-cleared", test_strange_batches);
  FIXTURE_ADD ("/batch/torn-batch-is-cleared", test_torn_batch);
  FIXTURE_ADD ("/batch/two-at-once-see-each-other", test_two_at_once_see_each_other);
  FIXTURE_ADD ("/batch/async", test_async);
  FIXTURE_ADD ("/batch/lock-held-by-another", test_lock_held_by_another);
  return g_test_run ();
}
