/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "doctor/checks.h"

#include "terminal/json.h"
#include "accounts/lookup.h"
#include "terminal/table.h"
#include "terminal/options.h"
#include "terminal/progress.h"
#include "terminal/report.h"
#include "terminal/text.h"

/* doctor: checks everything the other commands rely on, and suggests fixes. It issues no token,
 * shows no secret, asks for no password and fixes nothing itself. */

/* For each wait, unless --timeout says otherwise. */
#define PATIENCE_MS 5000

typedef struct
{
  const char *id; /* stable, since it is in the JSON; text has its translation */
  const char *doing;
  void (*check) (Doctor *doctor);
  GPtrArray *findings;
} Check;

/* The dummy item is stored after the checks of files and processes: the daemon corrects its file's
 * mode when it writes it, and nothing should be written while a second daemon runs. */
static Check checks[] = {
  { NC_ ("check", "bus"), N_ ("looking for the session bus"), doctor_keyring_check_bus, NULL },
  { NC_ ("check", "keyring"), N_ ("asking the keyring"), doctor_keyring_check_service, NULL },
  { NC_ ("check", "lock"), N_ ("asking the keyring"), doctor_keyring_check_lock, NULL },
  { NC_ ("check", "second-daemon"), N_ ("looking at the processes"), doctor_second_daemon_check,
    NULL },
  { NC_ ("check", "blank-password"), N_ ("looking at the files"), doctor_files_check_password,
    NULL },
  { NC_ ("check", "files"), N_ ("looking at the files"), doctor_files_check, NULL },
  { NC_ ("check", "round-trip"), N_ ("storing a dummy item"), doctor_keyring_check_round_trip,
    NULL },
  { NC_ ("check", "plugins"), N_ ("loading the plugins"), doctor_plugins_check, NULL },
  { NC_ ("check", "accounts"), N_ ("reading the accounts"), doctor_accounts_check, NULL },
  { NC_ ("check", "clock"), N_ ("asking the brokers for the time"), doctor_clock_check, NULL },
  { NC_ ("check", "plain-files"), N_ ("looking at the files"), doctor_plain_files_check, NULL },
};

static const struct
{
  const char *json;
  const char *text;
  const char *style;
} statuses[] = {
  [DOCTOR_SKIPPED] = { "skipped", N_ ("skipped"), TEXT_FAINT },
  [DOCTOR_OK] = { "ok", N_ ("ok"), TEXT_GREEN },
  [DOCTOR_WARNING] = { "warning", N_ ("warning"), TEXT_YELLOW },
  [DOCTOR_FAILURE] = { "failure", N_ ("FAILURE"), TEXT_RED },
};

static guint
count (DoctorStatus status)
{
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (checks); i++)
    n += findings_get_worst (checks[i].findings)->status == status;
  return n;
}

static void
run_checks (Doctor *doctor)
{
  for (guint i = 0; i < G_N_ELEMENTS (checks); i++)
    {
      doctor->findings = checks[i].findings = findings_new ();
      progress_begin (doctor->tool, "%s", _ (checks[i].doing));
      checks[i].check (doctor);
      progress_end ();
      findings_shorten (doctor);
    }
}

static void
write_document (const GError *error, const char *what)
{
  guint failures = count (DOCTOR_FAILURE);

  json_begin ();
  json_open ("checks", '[');
  for (guint i = 0; i < G_N_ELEMENTS (checks); i++)
    {
      g_autofree char *message = findings_join (checks[i].findings, FALSE);
      g_autofree char *fix = findings_join (checks[i].findings, TRUE);

      json_open (NULL, '{');
      json_string ("id", checks[i].id);
      json_string ("status", statuses[findings_get_worst (checks[i].findings)->status].json);
      json_string ("message", message);
      json_string ("fix", fix);
      json_close ('}');
    }
  json_close (']');
  json_bool ("ok", failures == 0);
  json_int ("warning_count", count (DOCTOR_WARNING));
  json_int ("failure_count", failures);
  if (error != NULL)
    report_error_json (error, what);
  json_end ();
}

static void
add_rows (Tool *tool, GPtrArray *rows, const Check *check)
{
  const char *last_fix = NULL;

  for (guint i = 0; i < check->findings->len; i++)
    {
      const Finding *finding = check->findings->pdata[i];
      const char *text = _ (statuses[finding->status].text);
      const char *name = i == 0 ? g_dpgettext2 (NULL, "check", check->id) : "";
      g_autofree char *mark = text_paint (tool->color_out, statuses[finding->status].style, text);
      g_autofree char *fix = NULL;

      if (tool->quiet && finding->status < DOCTOR_WARNING)
        continue;
      table_add (rows, mark, name, finding->message, NULL);
      if (finding->fix == NULL || g_strcmp0 (finding->fix, last_fix) == 0)
        continue;
      last_fix = finding->fix;
      fix = g_strdup_printf ("  → %s", finding->fix);
      table_add (rows, "", "", fix, NULL);
    }
}

static void
write_table (Tool *tool)
{
  g_autoptr (GPtrArray) rows = table_new ();

  for (guint i = 0; i < G_N_ELEMENTS (checks); i++)
    add_rows (tool, rows, &checks[i]);
  table_print (rows);
}

/* The first failure as an error; *out_what counts them all. NULL if there is none. */
static GError *
make_error (char **out_what, const char **out_fix)
{
  guint n = count (DOCTOR_FAILURE);
  const Finding *first = NULL;
  GError *error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (checks) && first == NULL; i++)
    if (findings_get_worst (checks[i].findings)->status == DOCTOR_FAILURE)
      first = findings_get_worst (checks[i].findings);
  if (first == NULL)
    return NULL;
  *out_what = g_strdup_printf (ngettext ("%u of %u checks failed", "%u of %u checks failed", n), n,
                               (guint) G_N_ELEMENTS (checks));
  *out_fix = first->fix;
  g_set_error_literal (&error, KR_SECRET_ERROR, first->code, first->message);
  return error;
}

static int
conclude (Tool *tool)
{
  g_autofree char *what = NULL;
  const char *fix = NULL;
  g_autoptr (GError) error = make_error (&what, &fix);
  guint warnings = count (DOCTOR_WARNING);
  int status;

  if (tool->json)
    write_document (error, what);
  else
    write_table (tool);
  status = report_finish (tool);
  if (error != NULL)
    {
      report_error_text (tool, error, fix, what);
      return report_status (error);
    }
  if (warnings > 0)
    report_note (
        tool,
        ngettext ("nothing is broken; %u warning", "nothing is broken; %u warnings", warnings),
        warnings);
  else
    report_note (tool, _ ("all is well"));
  return status;
}

static int
run (Tool *tool, char **args)
{
  g_autoptr (KrSecretClient) client = lookup_client (tool);
  Doctor doctor = { .tool = tool, .client = client, .timeout = PATIENCE_MS };
  int status;

  if (!options_count (tool, args, 0, 0, &status))
    return status;
  if (tool->timeout > 0)
    doctor.timeout = tool->timeout * 1000;
  kr_secret_client_set_timeout (client, doctor.timeout);
  run_checks (&doctor);
  status = conclude (tool);
  for (guint i = 0; i < G_N_ELEMENTS (checks); i++)
    g_clear_pointer (&checks[i].findings, g_ptr_array_unref);
  g_clear_pointer (&doctor.accounts, g_ptr_array_unref);
  g_clear_object (&doctor.bus);
  g_free (doctor.collection);
  return status;
}

const Command doctor_command = {
  "doctor", "", N_ ("Check what the other commands rely on, and say how to fix it"), NULL, run,
};
