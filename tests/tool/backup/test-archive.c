/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is inside of a backup. */
#include <string.h>

#include "backup/archive.h"
#include "test-corpus.h"

#define START "kr-secret-accounts 1\nmade_at=1700000000\n"
#define ID "00000000-0000-4000-8000-00000000000"
#define ACCOUNT(n, alias)                                                                          \
  "\nid=" ID n "\nalias=" alias "\nbroker=kis\nenvironment=real\nfield.appkey=k" n                 \
  "\nfield.appsecret=s\n"

static GPtrArray *
decode (const char *text, GError **error)
{
  g_autofree char *exact = g_memdup2 (text, strlen (text));
  gint64 made_at = -1;
  GPtrArray *accounts = archive_decode (exact, strlen (text), &made_at, error);

  g_assert_cmpint (made_at, ==, accounts != NULL ? 1700000000 : -1);
  return accounts;
}

static void
test_archive_round_trip (void)
{
  static const char *const texts[] = {
    START ACCOUNT ("1", "my-kis"),
    START ACCOUNT ("1", "모의 계좌") ACCOUNT ("2", "b"),
    START "\nid=" ID "1\nalias=a\nbroker=ls\nenvironment=paper\nendpoint=http://127.0.0.1:8080\n"
          "field.appkey=+/=k y=\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) accounts = decode (texts[i], &error);
      g_autoptr (SecretValue) again = NULL;

      g_assert_no_error (error);
      again = archive_encode (accounts, 1700000000, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (secret_value_get_text (again), ==, texts[i]);
    }
}

static void
test_archive_reads_each_value (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) accounts
      = decode (START "\nid=" ID "1\nalias=모의\nbroker=ls\nenvironment=paper\n"
                      "endpoint=http://127.0.0.1:8080\nfield.appkey=a=b\nfield.appsecret= s \n",
                &error);
  const ArchiveAccount *account;

  g_assert_no_error (error);
  g_assert_cmpuint (accounts->len, ==, 1);
  account = accounts->pdata[0];
  g_assert_cmpstr (account->id, ==, ID "1");
  g_assert_cmpstr (account->alias, ==, "모의");
  g_assert_cmpstr (account->broker_id, ==, "ls");
  g_assert_cmpint (account->environment, ==, KR_SECRET_ENVIRONMENT_PAPER);
  g_assert_cmpstr (account->endpoint, ==, "http://127.0.0.1:8080");
  g_assert_cmpstr (secret_value_get_text (kr_secret_credential_get (account->credential, "appkey")),
                   ==, "a=b");
  g_assert_cmpstr (
      secret_value_get_text (kr_secret_credential_get (account->credential, "appsecret")), ==,
      " s ");
}

/* A later version may add what this one does not need. */
static void
test_archive_passes_over_unknown_keys (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) accounts
      = decode ("kr-secret-accounts 1\nhost=a\nmade_at=1700000000\nhost=b\n\ncolour=red\nid=" ID
                "1\nalias=a\nbroker=ls\nenvironment=paper\nfield.appkey=k\nfieldless=1\n",
                &error);

  g_assert_no_error (error);
  g_assert_cmpuint (accounts->len, ==, 1);
}

static void
test_archive_refuses (void)
{
  static const char *const texts[] = {
    "",
    "\n",
    "kr-secret-accounts 1",
    "kr-secret-accounts 1\n",
    "kr-secret-account 1\nmade_at=1\n" ACCOUNT ("1", "a"),
    START,
    START "\n",
    START "\n\n",
    START ACCOUNT ("1", "a") "x",
    START ACCOUNT ("1", "a") "x\n",
    START ACCOUNT ("1", "a") "x=\001\n",
    START ACCOUNT ("1", "a") "x=\xff\n",
    START ACCOUNT ("1", "a") "id=" ID "1\n",
    START ACCOUNT ("1", "a") "field.appkey=k\n",
    START ACCOUNT ("1", "a") "field.=k\n",
    START ACCOUNT ("1", "a") "field.a b=k\n",
    START ACCOUNT ("1", "a") "field.third=\n",
    START ACCOUNT ("1", "a") "endpoint=\n",
    START ACCOUNT ("1", "a") "endpoint=http://example.com\n",
    START ACCOUNT ("1", "a") "\n\n" ACCOUNT ("2", "b"),
    START ACCOUNT ("1", "a") ACCOUNT ("1", "b"),
    START ACCOUNT ("1", "a") ACCOUNT ("2", "a"),
    START ACCOUNT ("1", ""),
    START ACCOUNT ("1", "a/b"),
    START ACCOUNT ("1", " a"),
    START ACCOUNT ("1", "\xe1\x84\x92\xe1\x85\xa1"), /* not NFC */
    "kr-secret-accounts 1\nmade_at=\n" ACCOUNT ("1", "a"),
    "kr-secret-accounts 1\nmade_at=-1\n" ACCOUNT ("1", "a"),
    "kr-secret-accounts 1\nmade_at=1\nmade_at=1\n" ACCOUNT ("1", "a"),
    "kr-secret-accounts 1\n" ACCOUNT ("1", "a"),
    START "\nid=1\nalias=a\nbroker=kis\nenvironment=real\nfield.appkey=k\n",
    START "\nid=" ID "1\nalias=a\nbroker=../kis\nenvironment=real\nfield.appkey=k\n",
    START "\nid=" ID "1\nalias=a\nbroker=kis\nenvironment=prod\nfield.appkey=k\n",
    START "\nid=" ID "1\nalias=a\nbroker=kis\nenvironment=real\n",
    START "\nid=" ID "1\nalias=a\nbroker=kis\nfield.appkey=k\n",
    START "\nid=" ID "1\nalias=a\nenvironment=real\nfield.appkey=k\n",
    START "\nid=" ID "1\nbroker=kis\nenvironment=real\nfield.appkey=k\n",
    START "\nalias=a\nbroker=kis\nenvironment=real\nfield.appkey=k\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) accounts = decode (texts[i], &error);

      if (accounts != NULL)
        g_error ("was accepted: %s", texts[i]);
      g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED);
    }
}

static void
test_archive_of_another_version (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (decode ("kr-secret-accounts 2\nmade_at=1\n" ACCOUNT ("1", "a"), &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
}

static GPtrArray *
make_many (guint n)
{
  GPtrArray *accounts = g_ptr_array_new_with_free_func ((GDestroyNotify) archive_account_free);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text
          = g_strdup_printf (START "\nid=00000000-0000-4000-8000-%012x\nalias=a%u\n"
                                   "broker=ls\nenvironment=paper\n"
                                   "field.appkey=k%u\nfield.appsecret=s\n",
                             i, i, i);
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) one = decode (text, &error);

      g_assert_no_error (error);
      g_ptr_array_add (accounts, g_ptr_array_steal_index (one, 0));
    }
  return accounts;
}

/* All that can be written can be read, and stored at once; more is not written. */
static void
test_archive_limit (void)
{
  g_autoptr (GPtrArray) accounts = make_many (ARCHIVE_MAX_ACCOUNTS);
  g_autoptr (GPtrArray) one = make_many (1);
  g_autoptr (GPtrArray) again = NULL;
  g_autoptr (SecretValue) most = archive_encode (accounts, 1700000000, NULL);
  g_autoptr (GString) more = g_string_new (secret_value_get_text (most));
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) read_error = NULL;

  again = decode (more->str, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (again->len, ==, 1000);

  g_free (((ArchiveAccount *) one->pdata[0])->alias);
  ((ArchiveAccount *) one->pdata[0])->alias = g_strdup ("another");
  g_ptr_array_add (accounts, g_ptr_array_steal_index (one, 0));
  g_assert_null (archive_encode (accounts, 1700000000, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
  g_assert_nonnull (strstr (error->message, "1001"));
  g_assert_nonnull (strstr (error->message, "1000"));

  g_string_append (more, "\nid=10000000-0000-4000-8000-000000000000\nalias=b\nbroker=ls\n"
                         "environment=paper\nfield.appkey=k\n");
  g_assert_null (decode (more->str, &read_error));
  g_assert_error (read_error, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED);
  g_assert_nonnull (strstr (read_error->message, "too many"));
}

static gboolean
read_corpus (const char *data, gsize length, gconstpointer user_data, GError **error)
{
  gint64 made_at;
  g_autoptr (GPtrArray) accounts = archive_decode (data, length, &made_at, error);

  return accounts != NULL;
}

static void
test_archive_corpus (void)
{
  test_corpus_check ("archive", read_corpus, NULL, 4, 10);
}

/* What could not be read again is not written. */
static void
test_archive_does_not_write_what_breaks_it (void)
{
  static const char *const aliases[] = { "a\nb", "", "a/b", "\xff" };

  for (gsize i = 0; i < G_N_ELEMENTS (aliases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) accounts = decode (START ACCOUNT ("1", "a"), &error);
      ArchiveAccount *account = accounts->pdata[0];

      g_free (account->alias);
      account->alias = g_strdup (aliases[i]);
      g_assert_null (archive_encode (accounts, 1, &error));
      g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/archive/round-trip", test_archive_round_trip);
  g_test_add_func ("/archive/reads-each-value", test_archive_reads_each_value);
  g_test_add_func ("/archive/passes-over-unknown-keys", test_archive_passes_over_unknown_keys);
  g_test_add_func ("/archive/refuses", test_archive_refuses);
  g_test_add_func ("/archive/of-another-version", test_archive_of_another_version);
  g_test_add_func ("/archive/limit", test_archive_limit);
  g_test_add_func ("/archive/corpus", test_archive_corpus);
  g_test_add_func ("/archive/does-not-write-what-breaks-it",
                   test_archive_does_not_write_what_breaks_it);
  return g_test_run ();
}
