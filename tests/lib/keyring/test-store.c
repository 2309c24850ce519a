/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Items in an open keyring. */

#include "base/kr-secret-clock-private.h"
#include "base/kr-secret-deadline-private.h"
#include "kr-secret-error.h"
#include "keyring/kr-secret-store-private.h"
#include "test-bus.h"
#include "test-keyring.h"

#define ID "6b5b7c0e-5f0f-4f43-8d5b-0a4f6f1c2d3e"
#define OTHER "00000000-5f0f-4f43-8d5b-0a4f6f1c2d3e"
#define KIND KR_SECRET_STORE_TOKEN

static KrSecretDeadline
soon (void)
{
  return kr_secret_deadline_in (10000, NULL);
}

static void
write_text (const char *id, const char *kind, const char *text)
{
  g_autoptr (SecretValue) payload = secret_value_new (text, -1, "text/plain");
  g_autoptr (GError) error = NULL;

  kr_secret_store_write (id, kind, payload, soon (), &error);
  g_assert_no_error (error);
}

static GPtrArray *
search (const char *id, const char *kind)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *items = kr_secret_store_search (id, kind, soon (), &error);

  g_assert_no_error (error);
  return items;
}

static void
assert_text (const char *id, const char *kind, const char *text)
{
  g_autoptr (GPtrArray) items = search (id, kind);
  KrSecretItem *item;

  if (text == NULL)
    {
      g_assert_cmpuint (items->len, ==, 0);
      return;
    }
  g_assert_cmpuint (items->len, ==, 1);
  item = g_ptr_array_index (items, 0);
  g_assert_cmpstr (secret_value_get (item->payload, NULL), ==, text);
}

static gboolean
erase (const char *id, const char *kind)
{
  g_autoptr (GError) error = NULL;
  gboolean was_there = 99;

  kr_secret_store_erase (id, kind, &was_there, soon (), &error);
  g_assert_no_error (error);
  return was_there;
}

static void
test_written_is_read_and_erased (void)
{
  assert_text (ID, KIND, NULL);
  write_text (ID, KIND, "first");
  assert_text (ID, KIND, "first");
  assert_text (ID, NULL, "first");
  assert_text (NULL, KIND, "first");
  assert_text (ID, KR_SECRET_STORE_ACCOUNT, NULL);
  assert_text (OTHER, KIND, NULL);
  g_assert_true (erase (ID, KIND));
  assert_text (ID, KIND, NULL);
  g_assert_false (erase (ID, KIND));
}

static void
test_writing_again_replaces (void)
{
  write_text (ID, KIND, "first");
  write_text (ID, KR_SECRET_STORE_ACCOUNT, "account");
  write_text (OTHER, KIND, "other");
  write_text (ID, KIND, "second");
  assert_text (ID, KIND, "second");
  assert_text (ID, KR_SECRET_STORE_ACCOUNT, "account");
  assert_text (OTHER, KIND, "other");
  g_assert_cmpuint (test_keyring_count (ID, NULL), ==, 2);
}

static void
test_erasing_leaves_the_others (void)
{
  write_text (ID, KIND, "a");
  write_text (ID, KR_SECRET_STORE_ACCOUNT, "b");
  write_text (OTHER, KIND, "c");
  g_assert_true (erase (ID, KIND));
  assert_text (ID, KR_SECRET_STORE_ACCOUNT, "b");
  g_assert_true (erase (ID, NULL));
  assert_text (OTHER, KIND, "c");
}

/* Attributes and label can be read while the keyring is locked. */
static void
test_nothing_but_an_id_is_in_the_open (void)
{
  g_auto (GStrv) paths = NULL;
  g_autoptr (GVariant) attributes = NULL;
  g_autoptr (GVariant) label = NULL;
  g_autofree char *label_text = NULL;
  const char *value;

  write_text (ID, KIND, "alias=연금저축");
  paths = test_keyring_find (ID, KIND);
  attributes = test_keyring_get_property (paths[0], "Attributes");
  g_assert_cmpuint (g_variant_n_children (attributes), ==, 4);
  g_assert_true (g_variant_lookup (attributes, "xdg:schema", "&s", &value));
  g_assert_cmpstr (value, ==, "kr.krsecret.Item");
  g_assert_true (g_variant_lookup (attributes, "schema", "&s", &value));
  g_assert_cmpstr (value, ==, "kr.krsecret.Item");
  g_assert_true (g_variant_lookup (attributes, "id", "&s", &value));
  g_assert_cmpstr (value, ==, ID);
  g_assert_true (g_variant_lookup (attributes, "kind", "&s", &value));
  g_assert_cmpstr (value, ==, KIND);
  label = test_keyring_get_property (paths[0], "Label");
  label_text = g_variant_dup_string (label, NULL);
  g_assert_cmpstr (label_text, ==, KIND " 6b5b7c0e");
}

static void
test_record_comes_back (void)
{
  g_autoptr (KrSecretRecord) record = kr_secret_record_new (KR_SECRET_RECORD_TOKEN);
  g_autoptr (KrSecretRecord) back = NULL;
  g_autoptr (GError) error = NULL;

  back = kr_secret_store_read_record (ID, KIND, soon (), &error);
  g_assert_no_error (error);
  g_assert_null (back);
  kr_secret_record_set (record, "a", "값 = 1");
  g_assert_true (kr_secret_store_write_record (ID, KIND, record, soon (), &error));
  back = kr_secret_store_read_record (ID, KIND, soon (), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (kr_secret_record_get (back, "a"), ==, "값 = 1");
}

/* The leftovers of an item whose creation was cut short. */
static void
test_empty_item_is_damaged_and_no_value (void)
{
  g_autoptr (KrSecretRecord) record = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;
  g_autofree char *kind = NULL;
  g_auto (GStrv) paths = NULL;

  write_text (ID, KIND, "whole");
  test_keyring_overwrite (ID, KIND, "", 0);
  assert_text (ID, KIND, "");
  record = kr_secret_store_read_record (ID, KIND, soon (), &error);
  g_assert_null (record);
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED);
  g_clear_error (&error);
  paths = test_keyring_find (ID, KIND);
  kr_secret_store_identify (paths[0], &id, &kind, soon (), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (id, ==, ID);
  g_assert_cmpstr (kind, ==, KIND);
}

static void
test_hundred_items_in_one_search (void)
{
  g_autoptr (TestMonitor) monitor = NULL;
  g_autoptr (GPtrArray) items = NULL;

  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *id = g_strdup_printf ("%08u", i);

      write_text (id, KIND, id);
    }
  monitor = test_monitor_start ();
  items = search (NULL, NULL);
  g_assert_cmpuint (items->len, ==, 100);
  g_assert_cmpuint (test_monitor_count (monitor, "SearchItems"), ==, 1);
  g_assert_cmpuint (test_monitor_count (monitor, "GetSecrets"), ==, 1);
  g_assert_cmpuint (test_monitor_count (monitor, "GetSecret"), ==, 0);
}

static void
test_largest_record_fits (void)
{
  g_autofree char *text = g_strnfill (KR_SECRET_RECORD_MAX, 'x');

  write_text (ID, KIND, text);
  assert_text (ID, KIND, text);
}

/* Left by another program that may still be working, or was killed. */
static void
leave_probe (const char *id, gint64 made_at)
{
  g_autoptr (KrSecretRecord) record = kr_secret_record_new (KR_SECRET_RECORD_PROBE);
  g_autoptr (GError) error = NULL;

  kr_secret_record_set_int (record, "made_at", made_at);
  kr_secret_store_write_record (id, KR_SECRET_STORE_PROBE, record, soon (), &error);
  g_assert_no_error (error);
}

static void
test_probe_clears_what_is_old (void)
{
  g_autoptr (GError) error = NULL;

  leave_probe (ID, kr_secret_clock_now () - 3600);
  kr_secret_store_probe (soon (), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);

  /* A recent item may belong to another program that is still working, even if it is incomplete. */
  write_text (ID, KR_SECRET_STORE_PROBE, "torn");
  leave_probe (OTHER, kr_secret_clock_now ());
  kr_secret_store_probe (soon (), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 2);
  kr_secret_store_erase (ID, NULL, NULL, soon (), &error);
  g_assert_no_error (error);
}

static void
test_probe_leaves_nothing (void)
{
  g_autoptr (GError) error = NULL;

  kr_secret_store_probe (soon (), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
}

static void
test_secrets_are_encrypted_on_the_bus (void)
{
  g_autoptr (TestMonitor) monitor = test_monitor_start ();

  write_text (ID, KIND, "a secret");
  g_assert_cmpuint (test_monitor_count (monitor, "CreateItem"), ==, 1);
  g_assert_cmpuint (test_monitor_count_text (monitor, "a secret"), ==, 0);
  g_assert_cmpuint (test_monitor_count_text (monitor, ID), >, 0);
}

/* gnome-keyring may read freed memory for an alias in a path. */
static void
test_no_call_goes_to_an_alias (void)
{
  g_autoptr (TestMonitor) monitor = test_monitor_start ();
  g_autoptr (GError) error = NULL;

  write_text (ID, KIND, "a secret");
  kr_secret_store_probe (soon (), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (test_monitor_count_text (monitor, "/org/freedesktop/secrets/collection/"), >,
                    0);
  g_assert_cmpuint (test_monitor_count_text (monitor, "/org/freedesktop/secrets/aliases/"), ==, 0);
}

static gpointer
write_and_read (gpointer data)
{
  g_autofree char *id = g_strdup_printf ("%08d", GPOINTER_TO_INT (data));

  for (int i = 0; i < 5; i++)
    {
      write_text (id, KIND, id);
      assert_text (id, KIND, id);
    }
  return NULL;
}

static void
run_threads (void)
{
  GThread *threads[16];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("store", write_and_read, GINT_TO_POINTER (i));
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

/* In a process of its own, without a connection so far. */
static void
test_threads_share_one_session (void)
{
  g_autoptr (TestMonitor) monitor = NULL;

  if (g_test_subprocess ())
    {
      run_threads ();
      return;
    }
  monitor = test_monitor_start ();
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
  g_assert_cmpuint (test_monitor_count (monitor, "OpenSession"), ==, 1);
  g_assert_cmpuint (test_monitor_count_senders (monitor, "CreateItem"), ==, 1);
  g_assert_cmpuint (test_monitor_count (monitor, "CreateItem"), ==, 16 * 5);
}

static void
test_cancelled_before_it_began (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  KrSecretDeadline deadline = soon ();

  g_cancellable_cancel (cancellable);
  deadline.cancellable = cancellable;
  g_assert_null (kr_secret_store_search (ID, KIND, deadline, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_CANCELLED);
}

static void
run (gconstpointer data)
{
  void (*const *test) (void) = data;

  (*test) ();
  if (!g_test_subprocess ())
    test_keyring_clear ();
}

static const struct
{
  const char *name;
  void (*test) (void);
} tests[] = {
  { "written-is-read-and-erased", test_written_is_read_and_erased },
  { "writing-again-replaces", test_writing_again_replaces },
  { "erasing-leaves-the-others", test_erasing_leaves_the_others },
  { "nothing-but-an-id-is-in-the-open", test_nothing_but_an_id_is_in_the_open },
  { "record-comes-back", test_record_comes_back },
  { "empty-item-is-damaged-and-no-value", test_empty_item_is_damaged_and_no_value },
  { "hundred-items-in-one-search", test_hundred_items_in_one_search },
  { "largest-record-fits", test_largest_record_fits },
  { "probe-leaves-nothing", test_probe_leaves_nothing },
  { "probe-clears-what-is-old", test_probe_clears_what_is_old },
  { "secrets-are-encrypted-on-the-bus", test_secrets_are_encrypted_on_the_bus },
  { "no-call-goes-to-an-alias", test_no_call_goes_to_an_alias },
  { "cancelled-before-it-began", test_cancelled_before_it_began },
  { "threads-share-one-session", test_threads_share_one_session },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/store/", tests[i].name, NULL);

      g_test_add_data_func (path, &tests[i].test, run);
    }
  return g_test_run ();
}
