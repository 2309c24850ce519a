/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "keyring/running-daemons.h"
#include "doctor/checks.h"
#include "terminal/text.h"

/* second-daemon: two daemons on the same files, each on its own bus, overwrite each other's
 * data. */

/* A daemon that moves into the background, or starts another one, is two processes for a moment. */
#define MOMENT (G_USEC_PER_SEC / 4)

static guint32
daemon_at (GArray *daemons, guint i)
{
  return (guint32) g_array_index (daemons, GPid, i);
}

static gboolean
has (GArray *daemons, guint32 pid)
{
  for (guint i = 0; i < daemons->len; i++)
    if (daemon_at (daemons, i) == pid)
      return TRUE;
  return FALSE;
}

static GArray *
find_lasting_daemons (void)
{
  GArray *daemons = running_daemons_find ();
  g_autoptr (GArray) later = NULL;

  if (daemons->len < 2)
    return daemons;
  g_usleep (MOMENT);
  later = running_daemons_find ();
  for (guint i = daemons->len; i > 0; i--)
    if (!has (later, daemon_at (daemons, i - 1)))
      g_array_remove_index (daemons, i - 1);
  return daemons;
}

static char *
list_pids (GArray *daemons, guint32 but)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < daemons->len; i++)
    {
      guint32 pid = daemon_at (daemons, i);

      if (pid != but)
        g_string_append_printf (text, "%s%u", text->len > 0 ? " " : "", pid);
    }
  return g_string_free (text, FALSE);
}

static void
fail_with_several (Doctor *doctor, GArray *daemons)
{
  g_autofree char *all = list_pids (daemons, 0);
  g_autofree char *others = list_pids (daemons, doctor->owner);

  doctor->contested = TRUE;
  if (has (daemons, doctor->owner))
    findings_fail (doctor, KR_SECRET_ERROR_FAILED, g_strdup_printf ("kill %s", others),
                   _ ("several keyring daemons write the same files, and overwrite what the others "
                      "have stored: processes %s; the one of this session is %u"),
                   all, doctor->owner);
  else
    findings_fail (
        doctor, KR_SECRET_ERROR_FAILED,
        g_strdup_printf (_ ("end all but the desktop's own; to see these processes: ps -fp '%s'"),
                         all),
        _ ("several keyring daemons write the same files, and overwrite what the others "
           "have stored: processes %s"),
        all);
}

/* A daemon on the same files, but not on this bus. If the bus has no keyring, a second one would be
 * started. */
static void
judge_stranger (Doctor *doctor, guint32 pid)
{
  if (doctor->bus == NULL)
    findings_ok (doctor, _ ("one keyring daemon runs (process %u); this shell is not on its bus"),
                 pid);
  else if (doctor->owner != 0)
    findings_ok (doctor, _ ("the keyring of this session is another program (process %u)"),
                 doctor->owner);
  else
    findings_fail (
        doctor, KR_SECRET_ERROR_FAILED,
        g_strdup_printf (_ ("run this in a shell of the session that process belongs to, "
                            "or end it: kill %u"),
                         pid),
        _ ("a keyring daemon on another bus (process %u) writes the files of this home; with a "
           "second one here, each would overwrite what the other has stored"),
        pid);
}

void
doctor_second_daemon_check (Doctor *doctor)
{
  g_autoptr (GArray) daemons = find_lasting_daemons ();
  g_autofree char *elsewhere = running_daemons_find_elsewhere ((GPid) doctor->owner);

  if (elsewhere != NULL)
    {
      g_autofree char *shown = text_path (elsewhere);

      findings_warn (doctor,
                     g_strdup (_ ("run this with the HOME and XDG_DATA_HOME of the session")),
                     _ ("the keyring of this session (process %u) belongs to another home: its "
                        "files are in %s"),
                     doctor->owner, shown);
    }
  if (daemons->len > 1)
    fail_with_several (doctor, daemons);
  else if (elsewhere != NULL)
    return;
  else if (daemons->len == 1 && !has (daemons, doctor->owner))
    judge_stranger (doctor, daemon_at (daemons, 0));
  else if (daemons->len == 1)
    findings_ok (doctor, _ ("one keyring daemon runs for this home"));
  else
    findings_ok (doctor, _ ("no second keyring daemon runs for this home"));
}
