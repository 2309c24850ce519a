/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "doctor/checks.h"

#include "accounts/lookup.h"
#include "terminal/report.h"

/* accounts: whether they are readable, and what is wrong with each. */

static void
judge_account (Doctor *doctor, KrSecretAccount *account)
{
  const char *problem = kr_secret_account_get_problem (account);
  const char *broker_id = kr_secret_account_get_broker_id (account);
  g_autofree char *name = lookup_name_for_people (account);
  g_autofree char *quoted = g_shell_quote (name);

  if (g_strcmp0 (problem, "damaged") == 0)
    findings_fail (doctor, KR_SECRET_ERROR_DAMAGED,
                   g_strdup_printf ("kr-secret-tool remove --force %s", name),
                   _ ("the record of the account %s is damaged, and its key is lost; remove it, "
                      "then restore a backup"),
                   name);
  else if (g_strcmp0 (problem, "token-damaged") == 0)
    findings_fail (doctor, KR_SECRET_ERROR_DAMAGED,
                   g_strdup_printf ("kr-secret-tool forget %s", quoted),
                   _ ("the stored token of '%s' is damaged"), name);
  else if (g_strcmp0 (problem, "plugin-missing") == 0)
    findings_fail (
        doctor, KR_SECRET_ERROR_PLUGIN,
        g_strdup_printf (_ ("install the plugin for '%s'; see kr-secret-tool brokers"), broker_id),
        _ ("there is no plugin for the broker of '%s'"), name);
  else if (g_strcmp0 (problem, "revoke-pending") == 0)
    findings_warn (doctor, g_strdup_printf ("kr-secret-tool revoke %s", quoted),
                   _ ("a revoke of the token of '%s' was not finished"), name);
  else if (problem != NULL)
    findings_warn (doctor, g_strdup_printf ("kr-secret-tool show %s", quoted), "'%s': %s", name,
                   problem);
}

static void
judge_accounts (Doctor *doctor)
{
  const guint n = doctor->accounts->len;

  for (guint i = 0; i < n; i++)
    judge_account (doctor, doctor->accounts->pdata[i]);
  if (n == 0)
    findings_ok (doctor, _ ("there is none yet"));
  else if (!findings_has_any (doctor))
    findings_ok (
        doctor,
        ngettext ("%u account, nothing wrong with it", "%u accounts, nothing wrong with them", n),
        n);
}

void
doctor_accounts_check (Doctor *doctor)
{
  g_autoptr (GError) error = NULL;

  if (!doctor->unlocked)
    findings_skip (doctor, _ ("the accounts cannot be read while the keyring is locked"));
  else if (!kr_secret_client_load (doctor->client, NULL, &error))
    findings_fail (doctor, report_status (error),
                   g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED)
                       ? g_strdup ("kr-secret-tool unlock")
                       : NULL,
                   _ ("the accounts cannot be read: %s"), error->message);
  else
    {
      doctor->accounts = kr_secret_client_dup_accounts (doctor->client);
      judge_accounts (doctor);
    }
}
