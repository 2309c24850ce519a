/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pace-ledger.h"

#include "base/kr-secret-clock-private.h"
#include "base/kr-secret-deadline-private.h"
#include "kr-secret-error.h"
#include "issue/kr-secret-pace-private.h"
#include "test-record.h"

#define DAY (24 * 60 * 60)

static guint next_name;

static KrSecretLedger *
ledger_at (guint n)
{
  g_autofree char *name = g_strdup_printf ("ledger-%u", n);
  g_autoptr (GError) error = NULL;
  KrSecretLedger *ledger
      = kr_secret_ledger_lock (name, kr_secret_deadline_in (10000, NULL), &error);

  g_assert_no_error (error);
  return ledger;
}

KrSecretLedger *
pace_ledger_new (void)
{
  return ledger_at (++next_name);
}

KrSecretLedger *
pace_ledger_again (KrSecretLedger *ledger)
{
  kr_secret_ledger_free (ledger);
  return ledger_at (next_name);
}

char *
pace_ledger_dup_path (void)
{
  g_autofree char *name = g_strdup_printf ("ledger-%u", next_name);

  return g_build_filename (g_get_user_state_dir (), "krsecret", name, NULL);
}

void
pace_change (KrSecretLedger *ledger, const char *key, const char *value)
{
  g_autofree char *name = g_strdup_printf ("ledger-%u", next_name);

  pace_save (ledger);
  test_ledger_change (name, key, value);
  kr_secret_ledger_reread (ledger);
}

void
pace_set_int (KrSecretLedger *ledger, const char *key, gint64 value)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, value);

  pace_change (ledger, key, text);
}

KrSecretRecord *
pace_ledger_read (KrSecretLedger *ledger)
{
  g_autofree char *path = pace_ledger_dup_path ();
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  KrSecretRecord *record;
  gsize length;

  pace_save (ledger);
  g_file_get_contents (path, &text, &length, &error);
  g_assert_no_error (error);
  record = kr_secret_record_decode (text, length, KR_SECRET_RECORD_LEDGER, &error);
  g_assert_no_error (error);
  return record;
}

void
pace_change_int (KrSecretLedger *ledger, const char *key, gint64 difference)
{
  g_autoptr (KrSecretRecord) record = pace_ledger_read (ledger);
  gint64 value = kr_secret_record_get_int (record, key, G_MININT64);

  g_assert_cmpint (value, !=, G_MININT64);
  pace_set_int (ledger, key, value + difference);
}

void
pace_reboot (KrSecretLedger *ledger, const char *prefix, gint64 seconds_ago)
{
  g_autoptr (KrSecretRecord) record = pace_ledger_read (ledger);
  g_autofree char *boot_id = g_strconcat (prefix, ".boot_id", NULL);
  g_autofree char *boottime = g_strconcat (prefix, ".boottime_ms", NULL);
  g_autofree char *time = g_strconcat (prefix, ".time", NULL);

  g_assert_nonnull (kr_secret_record_get (record, boot_id));
  pace_change (ledger, boot_id, "00000000-0000-0000-0000-000000000000");
  /* A boot-time clock from before a restart means nothing. */
  pace_set_int (ledger, boottime, G_MAXINT64 / 4);
  pace_change_int (ledger, time, -seconds_ago);
}

void
pace_save (KrSecretLedger *ledger)
{
  g_autoptr (GError) error = NULL;

  kr_secret_ledger_save (ledger, &error);
  g_assert_no_error (error);
}

GError *
pace_failure_new (KrSecretError code, gint64 retry_after, const char *broker_code)
{
  GError *error = NULL;

  kr_secret_error_set (&error, code, retry_after, broker_code, "echo of PSsecret");
  return error;
}

void
pace_attempt (KrSecretLedger *ledger,
              KrSecretTokenKind kind,
              guint interval,
              const char *key,
              int code,
              gint64 retry_after)
{
  g_autoptr (GError) failure
      = code != 0 ? pace_failure_new ((KrSecretError) code, retry_after, "EGW00001") : NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (kr_secret_pace_begin (ledger, kind, interval, &error));
  g_assert_true (kr_secret_pace_end (ledger, kind, interval, key, failure, &error));
}

KrSecretToken *
pace_token_new (const char *text, KrSecretTokenKind kind, gint64 age)
{
  g_autoptr (SecretValue) value = secret_value_new (text, -1, "text/plain");
  gint64 now = kr_secret_clock_now ();

  return kr_secret_token_new (value, NULL, kind, now - age, now - age + DAY);
}

void
pace_reject (KrSecretLedger *ledger, const char *text, KrSecretTokenKind kind, gint64 age)
{
  g_autoptr (KrSecretToken) token = pace_token_new (text, kind, age);
  g_autoptr (GError) error = NULL;

  kr_secret_pace_reject (ledger, token, &error);
  g_assert_no_error (error);
}

void
pace_assert_about (gint64 ms, gint64 seconds)
{
  g_assert_cmpint (ms, >, seconds * 1000 - 20 * 1000);
  g_assert_cmpint (ms, <=, seconds * 1000);
}
