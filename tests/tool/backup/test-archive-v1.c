/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The contents of a backup of 0.1.0. */
#include <string.h>

#include "backup/archive-v1.h"
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
  GPtrArray *accounts = archive_v1_decode (exact, strlen (text), &made_at, error);

  g_assert_cmpint (made_at, ==, accounts != NULL ? 1700000000 : -1);
  return accounts;
}

/* Its contents can be written in today's format, and say the same there. */
static void
test_v1_to_today (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) accounts
      = decode (START ACCOUNT ("1", "모의 계좌") ACCOUNT ("2", "b"), &error);
  g_autoptr (SecretValue) today = archive_encode (accounts, 1700000000, &error);
  g_autoptr (GPtrArray) again = NULL;
  const char *text;
  gsize length;
  gint64 made_at;

  g_assert_no_error (error);
  text = secret_value_get (today, &length);
  again = archive_decode (text, length, &made_at, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (again->len, ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      const BackupAccount *before = accounts->pdata[i];
      const BackupAccount *after = again->pdata[i];

      g_assert_cmpstr (after->id, ==, before->id);
      g_assert_cmpstr (after->alias, ==, before->alias);
      g_assert_cmpstr (
          secret_value_get_text (kr_secret_credential_get (after->credential, "appkey")), ==,
          i == 0 ? "k1" : "k2");
    }
}

static void
test_v1_reads_each_value (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) accounts
      = decode (START "\nid=" ID "1\nalias=모의\nbroker=ls\nenvironment=paper\n"
                      "endpoint=http://127.0.0.1:8080\nfield.appkey=a=b\nfield.appsecret= s \n",
                &error);
  const BackupAccount *account;

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

/* A later version may add keys that this one does not need. */
static void
test_v1_passes_over_unknown_keys (void)
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
test_v1_refuses (void)
{
  static const char *const texts[] = {
    "",
    "\n",
    "kr-secret-accounts 1",
    "kr-secret-accounts 1\n",
    "kr-secret-account 1\nmade_at=1\n" ACCOUNT ("1", "a"),
    "kr-secret-accounts 2\nmade_at=1\n" ACCOUNT ("1", "a"),
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

/* As many as 0.1.0 could write are read, and no more. */
static void
test_v1_limit (void)
{
  g_autoptr (GString) text = g_string_new (START);
  g_autoptr (GPtrArray) accounts = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < BACKUP_ACCOUNT_MAX; i++)
    g_string_append_printf (text,
                            "\nid=00000000-0000-4000-8000-%012x\nalias=a%u\nbroker=ls\n"
                            "environment=paper\nfield.appkey=k%u\nfield.appsecret=s\n",
                            i, i, i);
  accounts = decode (text->str, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (accounts->len, ==, 1000);
  g_string_append (text, ACCOUNT ("1", "b"));
  g_assert_null (decode (text->str, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED);
  g_assert_nonnull (strstr (error->message, "too many"));
}

static gboolean
read_corpus (const char *data, gsize length, gconstpointer user_data, GError **error)
{
  gint64 made_at;
  g_autoptr (GPtrArray) accounts = archive_v1_decode (data, length, &made_at, error);

  return accounts != NULL;
}

static void
test_v1_corpus (void)
{
  test_corpus_check ("archive-v1", read_corpus, NULL, 4, 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/archive-v1/to-today", test_v1_to_today);
  g_test_add_func ("/archive-v1/reads-each-value", test_v1_reads_each_value);
  g_test_add_func ("/archive-v1/passes-over-unknown-keys", test_v1_passes_over_unknown_keys);
  g_test_add_func ("/archive-v1/refuses", test_v1_refuses);
  g_test_add_func ("/archive-v1/limit", test_v1_limit);
  g_test_add_func ("/archive-v1/corpus", test_v1_corpus);
  return g_test_run ();
}
