/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The contents of a backup. */
#include <string.h>

#include "backup/archive.h"
#include "test-assert.h"
#include "test-corpus.h"
#include "test-record.h"

#define START "made_at=1700000000\n"
#define ID "00000000-0000-4000-8000-00000000000"
#define ACCOUNT(n, alias)                                                                          \
  "id=" ID n "\nalias=" alias "\nbroker=kis\nenvironment=real\nsecret.field.appkey=k" n            \
  "\nsecret.field.appsecret=s\n"

/* Text with a correct head, and something appended to it. */
typedef struct
{
  const char *start;
  const char *accounts[3];
  const char *tail;
} Body;

static char *
make_text (const Body *body)
{
  g_autofree char *start = test_record_new ("backup", body->start);
  GString *whole = g_string_new (start);

  for (guint i = 0; i < G_N_ELEMENTS (body->accounts) && body->accounts[i] != NULL; i++)
    {
      g_autofree char *account = test_record_new ("account", body->accounts[i]);

      g_string_append (whole, account);
    }
  g_string_append (whole, body->tail != NULL ? body->tail : "");
  return g_string_free (whole, FALSE);
}

static GPtrArray *
decode_bytes (const char *text, gsize length, GError **error)
{
  g_autofree char *exact = g_memdup2 (text, length);
  gint64 made_at = -1;
  GPtrArray *accounts = archive_decode (exact, length, &made_at, error);

  g_assert_cmpint (made_at, ==, accounts != NULL ? 1700000000 : -1);
  return accounts;
}

static GPtrArray *
decode (const Body *body, GError **error)
{
  g_autofree char *text = make_text (body);

  return decode_bytes (text, strlen (text), error);
}

/* Exactly, including keys that this version does not know. */
static void
test_archive_round_trip (void)
{
  static const Body bodies[] = {
    { START, { ACCOUNT ("1", "my-kis") }, NULL },
    { START, { ACCOUNT ("1", "모의 계좌"), ACCOUNT ("2", "b") }, NULL },
    { START, { ACCOUNT ("1", "a") "endpoint=http://127.0.0.1:8080\n" }, NULL },
    { START, { ACCOUNT ("1", "a") "colour=red=\nsecret.pin= 1\n\\=\\n\ncreated_at=1\n" }, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autofree char *text = make_text (&bodies[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) accounts = decode (&bodies[i], &error);
      g_autoptr (SecretValue) again = NULL;

      g_assert_no_error (error);
      again = archive_encode (accounts, 1700000000, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (secret_value_get_text (again), ==, text);
    }
}

static void
test_archive_reads_each_value (void)
{
  static const Body body
      = { START,
          { "id=" ID "1\nalias=모의\nbroker=ls\nenvironment=paper\nendpoint=http://127.0.0.1:8080\n"
            "secret.field.appkey=a=b\nsecret.field.appsecret= s \n" },
          NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) accounts = decode (&body, &error);
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

/* A later version may say more about the backup itself. */
static void
test_archive_passes_over_unknown_keys (void)
{
  static const Body body = { "host=a\n" START, { ACCOUNT ("1", "a") }, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) accounts = decode (&body, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (accounts->len, ==, 1);
}

#define LONG_TEXT "0123456789abcdefghijklmnopqrstuvw"
#define FIELD(n) "secret.field.f" n "=v\n"

static void
test_archive_refuses (void)
{
  static const Body bodies[] = {
    { "", { ACCOUNT ("1", "a") }, NULL },
    { "made_at=\n", { ACCOUNT ("1", "a") }, NULL },
    { "made_at=-1\n", { ACCOUNT ("1", "a") }, NULL },
    { "made_at=x\n", { ACCOUNT ("1", "a") }, NULL },
    { START START, { ACCOUNT ("1", "a") }, NULL },
    { START, { NULL }, NULL },
    { START, { NULL }, "\n" },
    { START, { "" }, NULL },
    { START, { ACCOUNT ("1", "a") }, "x" },
    { START, { ACCOUNT ("1", "a") }, "\n" },
    { START, { ACCOUNT ("1", "a") }, "krsecret 1 account 0 0\n" },
    { START, { ACCOUNT ("1", "a") "x" }, NULL },
    { START, { ACCOUNT ("1", "a") "x\n" }, NULL },
    { START, { ACCOUNT ("1", "a") "\n" }, NULL },
    { START, { ACCOUNT ("1", "a") "=\n" }, NULL },
    { START, { ACCOUNT ("1", "a") "x=\001\n" }, NULL },
    { START, { ACCOUNT ("1", "a") "x=\033[2J\n" }, NULL },
    { START, { ACCOUNT ("1", "a") "x=\xff\n" }, NULL },
    { START, { ACCOUNT ("1", "a") "x=\xe2\x80\xae\n" }, NULL }, /* right to left */
    { START, { ACCOUNT ("1", "a") "id=" ID "1\n" }, NULL },
    { START, { ACCOUNT ("1", "a") "secret.field.appkey=k\n" }, NULL },
    { START, { ACCOUNT ("1", "a") "secret.field.=k\n" }, NULL },
    { START, { ACCOUNT ("1", "a") "secret.field.a b=k\n" }, NULL },
    { START, { ACCOUNT ("1", "a") "secret.field." LONG_TEXT "=k\n" }, NULL },
    { START, { ACCOUNT ("1", "a") "secret.field.third=\n" }, NULL },
    { START,
      { ACCOUNT ("1", "a") FIELD ("1") FIELD ("2") FIELD ("3") FIELD ("4") FIELD ("5") FIELD ("6")
            FIELD ("7") FIELD ("8") FIELD ("9") FIELD ("10") FIELD ("11") FIELD ("12") FIELD ("13")
                FIELD ("14") FIELD ("15") },
      NULL },
    { START, { ACCOUNT ("1", "a") "endpoint=\n" }, NULL },
    { START, { ACCOUNT ("1", "a") "endpoint=http://example.com\n" }, NULL },
    { START, { ACCOUNT ("1", "a") "endpoint=http://127.0.0.1/\n" }, NULL },
    { START, { ACCOUNT ("1", "a"), ACCOUNT ("1", "b") }, NULL },
    { START, { ACCOUNT ("1", "a"), ACCOUNT ("2", "a") }, NULL },
    { START, { ACCOUNT ("1", "") }, NULL },
    { START, { ACCOUNT ("1", "a/b") }, NULL },
    { START, { ACCOUNT ("1", " a") }, NULL },
    { START, { ACCOUNT ("1", "\xe1\x84\x92\xe1\x85\xa1") }, NULL }, /* not NFC */
    { START, { "id=1\nalias=a\nbroker=kis\nenvironment=real\nsecret.field.appkey=k\n" }, NULL },
    { START,
      { "id=" ID "1\nalias=a\nbroker=../kis\nenvironment=real\nsecret.field.appkey=k\n" },
      NULL },
    { START,
      { "id=" ID "1\nalias=a\nbroker=kis\nenvironment=prod\nsecret.field.appkey=k\n" },
      NULL },
    { START, { "id=" ID "1\nalias=a\nbroker=kis\nenvironment=real\n" }, NULL },
    { START, { "id=" ID "1\nalias=a\nbroker=kis\nsecret.field.appkey=k\n" }, NULL },
    { START, { "id=" ID "1\nalias=a\nenvironment=real\nsecret.field.appkey=k\n" }, NULL },
    { START, { "id=" ID "1\nbroker=kis\nenvironment=real\nsecret.field.appkey=k\n" }, NULL },
    { START, { "alias=a\nbroker=kis\nenvironment=real\nsecret.field.appkey=k\n" }, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) accounts = decode (&bodies[i], &error);

      if (accounts != NULL)
        g_error ("%" G_GSIZE_FORMAT " was accepted: %s", i, bodies[i].accounts[0]);
      g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED);
    }
}

/* Cut at any point, or with any byte changed. */
static void
test_archive_cut_or_changed (void)
{
  static const Body body = { START, { ACCOUNT ("1", "a"), ACCOUNT ("2", "b") }, NULL };
  static const Body shorter = { START, { ACCOUNT ("1", "a") }, NULL };
  g_autofree char *text = make_text (&body);
  g_autofree char *whole_one = make_text (&shorter);
  gsize length = strlen (text);

  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (GPtrArray) cut = decode_bytes (text, i, NULL);
      g_autoptr (GPtrArray) changed = NULL;

      g_assert_true ((cut != NULL) == (i == strlen (whole_one)));
      text[i] ^= 1;
      changed = decode_bytes (text, length, NULL);
      text[i] ^= 1;
      g_assert_null (changed);
    }
}

/* More than a record of the keyring can hold. */
static void
test_archive_account_too_large (void)
{
  g_autofree char *long_text = g_strnfill (64 * 1024, 'x');
  g_autofree char *account = g_strconcat (ACCOUNT ("1", "a") "x=", long_text, "\n", NULL);
  const Body body = { START, { account }, NULL };
  g_autoptr (GError) error = NULL;

  g_assert_null (decode (&body, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED);
}

static BackupAccount *
make_account (guint n)
{
  g_autofree char *body = g_strdup_printf ("id=00000000-0000-4000-8000-%012x\nalias=a%u\n"
                                           "broker=ls\nenvironment=paper\n"
                                           "secret.field.appkey=k%u\nsecret.field.appsecret=s\n",
                                           n, n, n);
  g_autofree char *text = test_record_new ("account", body);
  g_autoptr (GError) error = NULL;
  KrSecretRecord *record = kr_secret_record_decode (text, strlen (text), "account", &error);
  BackupAccount *account;

  g_assert_no_error (error);
  account = backup_account_new (record, &error);
  g_assert_no_error (error);
  return account;
}

/* Everything that can be written can be read, and stored at once; nothing larger is written. */
static void
test_archive_limit (void)
{
  g_autoptr (GPtrArray) accounts
      = g_ptr_array_new_with_free_func ((GDestroyNotify) backup_account_free);
  g_autoptr (GPtrArray) again = NULL;
  g_autoptr (SecretValue) most = NULL;
  g_autoptr (GString) more = NULL;
  g_autofree char *last = test_record_new ("account", ACCOUNT ("0", "last"));
  g_autoptr (GError) error = NULL;

  for (guint i = 1; i <= BACKUP_ACCOUNT_MAX; i++)
    g_ptr_array_add (accounts, make_account (i));
  most = archive_encode (accounts, 1700000000, &error);
  g_assert_no_error (error);
  more = g_string_new (secret_value_get_text (most));
  again = decode_bytes (more->str, more->len, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (again->len, ==, 1000);

  g_ptr_array_add (accounts, make_account (0));
  g_assert_null (archive_encode (accounts, 1700000000, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
  test_assert_contains (error->message, "1001");
  test_assert_contains (error->message, "1000");
  g_clear_error (&error);

  g_string_append (more, last);
  g_assert_null (decode_bytes (more->str, more->len, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED);
  test_assert_contains (error->message, "too many");
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
  test_corpus_check ("archive", read_corpus, NULL, 4, 18);
}

/* A backup that could not be read back is not written. */
static void
test_archive_does_not_write_what_breaks_it (void)
{
  static const char *const aliases[] = { "a\nb", "", "a/b", "\xff" };

  for (gsize i = 0; i < G_N_ELEMENTS (aliases); i++)
    {
      g_autoptr (GPtrArray) accounts
          = g_ptr_array_new_with_free_func ((GDestroyNotify) backup_account_free);
      g_autoptr (GError) error = NULL;
      BackupAccount *account = make_account (1);

      g_ptr_array_add (accounts, account);
      kr_secret_record_set (account->record, "alias", aliases[i]);
      g_free (account->alias);
      account->alias = g_strdup (aliases[i]);
      g_assert_null (archive_encode (accounts, 1, &error));
      g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
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
  g_test_add_func ("/archive/cut-or-changed", test_archive_cut_or_changed);
  g_test_add_func ("/archive/account-too-large", test_archive_account_too_large);
  g_test_add_func ("/archive/limit", test_archive_limit);
  g_test_add_func ("/archive/corpus", test_archive_corpus);
  g_test_add_func ("/archive/does-not-write-what-breaks-it",
                   test_archive_does_not_write_what_breaks_it);
  return g_test_run ();
}
