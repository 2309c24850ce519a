/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A keyring without a password opens on request, without a prompt. */
#include <string.h>

#include "base/kr-secret-deadline-private.h"
#include "keyring/kr-secret-store-private.h"
#include "test-bus.h"
#include "test-keyring.h"

#define ID "6b5b7c0e-5f0f-4f43-8d5b-0a4f6f1c2d3e"
#define KIND KR_SECRET_STORE_ACCOUNT

static KrSecretDeadline
soon (void)
{
  return kr_secret_deadline_in (10000, NULL);
}

static void
test_opens_without_a_prompt (void)
{
  g_autoptr (SecretValue) payload = secret_value_new ("payload", -1, "text/plain");
  g_autoptr (TestMonitor) monitor = NULL;
  g_autoptr (GPtrArray) items = NULL;
  g_autoptr (GError) error = NULL;

  kr_secret_store_write (ID, KIND, payload, soon (), &error);
  g_assert_no_error (error);
  monitor = test_monitor_start ();
  test_keyring_lock ();
  items = kr_secret_store_search (ID, KIND, soon (), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (items->len, ==, 1);
  test_keyring_lock ();
  kr_secret_store_write (ID, KR_SECRET_STORE_TOKEN, payload, soon (), &error);
  g_assert_no_error (error);
  test_keyring_lock ();
  kr_secret_store_erase (ID, NULL, NULL, soon (), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (test_monitor_count (monitor, "Unlock"), >=, 3);
  g_assert_cmpuint (test_monitor_count (monitor, "Prompt"), ==, 0);
}

/* Without a password the keyring is a text file, in which a record must not look like more than one
 * line. Everything after the first line would be lost, or end the keyring. */
static void
test_keeps_what_it_was_given (void)
{
  static const char *const values[] = { "one", "back\\slash \\n \\s", "[group]", "한글 # =;", "" };
  g_autoptr (KrSecretRecord) record = kr_secret_record_new (KR_SECRET_RECORD_ACCOUNT);
  g_autoptr (KrSecretRecord) again = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autofree char *key = g_strdup_printf ("secret.%u", i);
      g_autoptr (SecretValue) value = secret_value_new (values[i], -1, "text/plain");

      kr_secret_record_set (record, key + strlen ("secret."), values[i]);
      kr_secret_record_set_secret (record, key, value);
    }
  kr_secret_store_write_record (ID, KIND, record, soon (), &error);
  g_assert_no_error (error);
  test_keyring_lock ();
  again = kr_secret_store_read_record (ID, KIND, soon (), &error);
  g_assert_no_error (error);
  g_assert_nonnull (again);
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autofree char *key = g_strdup_printf ("secret.%u", i);

      g_assert_cmpstr (kr_secret_record_get (again, key + strlen ("secret.")), ==, values[i]);
      g_assert_cmpstr (secret_value_get_text (kr_secret_record_get_secret (again, key)), ==,
                       values[i]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_keyring_create ("");
  g_test_add_func ("/blank-password/opens-without-a-prompt", test_opens_without_a_prompt);
  g_test_add_func ("/blank-password/keeps-what-it-was-given", test_keeps_what_it_was_given);
  return g_test_run ();
}
