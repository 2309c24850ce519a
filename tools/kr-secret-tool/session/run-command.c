/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib-unix.h>
#include <signal.h>

#include "process/child.h"
#include "terminal/report.h"
#include "session/session.h"

/* Runs the command and watches the keeper: without it there is no keyring. */

typedef struct
{
  Tool *tool;
  Child *child;
  guint source; /* 0: ended */
  gboolean lost;
} Watch;

/* Something outside ended the keeper or the daemon, as systemd does when it stops the service whose
 * session started them. The program's keyring is gone for good: our exit status tells a supervisor
 * to start us again. */
static gboolean
on_keeper (int fd, GIOCondition condition, gpointer data)
{
  Watch *watch = data;

  watch->source = 0;
  /* If the whole service is stopping, the program already knows. */
  watch->lost = !child_was_told_to_end (watch->child);
  if (!watch->lost)
    report_warning (watch->tool, _ ("the keyring of this session has ended"));
  else
    {
      report_warning (watch->tool,
                      _ ("the keyring of this session has ended; the command is told to end too"));
      child_signal (watch->child, SIGTERM);
    }
  return G_SOURCE_REMOVE;
}

gboolean
session_run_command (Tool *tool, char **argv, int keeper, int *out_ended, int *out_status)
{
  const int keep[] = { -1 };
  int code = 0;
  g_auto (GStrv) environment = g_get_environ ();
  g_autoptr (Child) child = child_start (argv, environment, keep, &code);
  Watch watch = { tool, child, 0, FALSE };

  if (child == NULL)
    {
      *out_status = child_report_not_run (tool, argv[0], code);
      return FALSE;
    }
  if (keeper >= 0)
    watch.source = g_unix_fd_add (keeper, G_IO_IN | G_IO_HUP, on_keeper, &watch);
  *out_ended = child_wait_for_end (child);
  if (watch.source != 0)
    g_source_remove (watch.source);
  *out_status = TOOL_FAILED_ITSELF;
  return !watch.lost;
}
