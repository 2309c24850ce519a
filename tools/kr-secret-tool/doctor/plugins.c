/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "doctor/checks.h"

#include "terminal/text.h"

/* plugins: those found for brokers, and why one did not load. */

static char *
join_ids (GPtrArray *brokers)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < brokers->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "",
                            kr_secret_broker_get_id (brokers->pdata[i]));
  return g_string_free (text, FALSE);
}

void
doctor_plugins_check (Doctor *doctor)
{
  g_autoptr (GPtrArray) failed = NULL;
  g_autoptr (GPtrArray) brokers = kr_secret_broker_list (&failed);
  g_autofree char *ids = join_ids (brokers);

  for (guint i = 0; i < failed->len; i++)
    {
      g_autofree char *message = text_broker_failure (failed->pdata[i]);

      findings_fail (doctor, KR_SECRET_ERROR_PLUGIN,
                     g_strdup (_ ("install libkrsecret again, or remove that file")), "%s",
                     message);
    }
  if (brokers->len == 0)
    findings_fail (doctor, KR_SECRET_ERROR_PLUGIN, g_strdup (_ ("install libkrsecret again")),
                   _ ("there is no plugin for any broker"));
  else if (failed->len == 0)
    findings_ok (doctor, _ ("loaded: %s"), ids);
}
