/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "terminal/report.h"

#include <stdio.h>
#include <string.h>

#include "common/kr-duration.h"
#include "terminal/json.h"
#include "terminal/output.h"
#include "terminal/progress.h"
#include "terminal/text.h"

/* Messages on standard error: failures in three lines (what, why, what next), warnings, and
 * confirmations that -q silences. */

int
report_status (const GError *error)
{
  return error->domain == KR_SECRET_ERROR ? error->code : KR_SECRET_ERROR_FAILED;
}

/* The advice if the command gives none. */
static char *
usual_advice (Tool *tool, const GError *error)
{
  gint64 retry_after = kr_secret_error_get_retry_after (error);
  g_autofree char *wait = kr_duration_format (retry_after);

  if (retry_after > 0)
    return g_strdup_printf (_ ("try again in %s"), wait);
  switch (report_status (error))
    {
    case KR_SECRET_ERROR_USAGE:
      if (tool->command != NULL)
        return g_strdup_printf (_ ("see 'kr-secret-tool help %s'"), tool->command->name);
      return g_strdup (_ ("see 'kr-secret-tool help'"));
    case KR_SECRET_ERROR_NOT_FOUND:
      return g_strdup (_ ("'kr-secret-tool list' shows the accounts"));
    case KR_SECRET_ERROR_REFUSED:
      return g_strdup (
          _ ("check the key on the broker's site; 'edit --secret' takes a new one, and 'refresh "
             "--force' has the broker asked again"));
    case KR_SECRET_ERROR_LOCKED:
      return g_strdup (
          _ ("'kr-secret-tool unlock' unlocks it; it also opens when you log in to the desktop"));
    case KR_SECRET_ERROR_NO_KEYRING:
      return g_strdup (_ ("run this in a session with a bus and a keyring such as gnome-keyring"));
    case KR_SECRET_ERROR_RATE_LIMITED:
      return g_strdup (_ ("try again in a minute"));
    case KR_SECRET_ERROR_UNREACHABLE:
      return g_strdup (_ ("check the network and the broker's notices, then try again"));
    case KR_SECRET_ERROR_DEADLINE:
      return g_strdup (_ ("try again, or allow more time with --timeout"));
    case KR_SECRET_ERROR_DECLINED:
      return g_strdup (_ ("nothing was changed"));
    case KR_SECRET_ERROR_PLUGIN:
      return g_strdup (_ ("'kr-secret-tool brokers' shows which plugins were found"));
    case KR_SECRET_ERROR_DAMAGED:
      return g_strdup (_ ("fix what the line above names; nothing was deleted"));
    case KR_SECRET_ERROR_BAD_REPLY:
      return g_strdup (
          _ ("try again later; if it persists, report it to the makers of libkrsecret"));
    case KR_SECRET_ERROR_CANCELLED:
      return g_strdup (_ ("run the command again"));
    default:
      return g_strdup (_ ("if it happens again, report it to the makers of libkrsecret"));
    }
}

void
report_error_text (Tool *tool, const GError *error, const char *next, const char *what)
{
  g_autofree char *advice = next != NULL ? g_strdup (next) : usual_advice (tool, error);
  g_autofree char *word = g_strdup_printf ("[%s]", kr_secret_error_get_word (error));
  g_autofree char *painted = text_paint (tool->color_err, TEXT_RED, word);
  const char *broker_code = kr_secret_error_get_broker_code (error);

  progress_end ();
  fprintf (stderr, "%s: %s %s\n", TOOL_NAME, what, painted);
  if (broker_code != NULL && strstr (error->message, broker_code) == NULL)
    fprintf (stderr, "  %s (%s)\n", error->message, broker_code);
  else
    fprintf (stderr, "  %s\n", error->message);
  fprintf (stderr, "  %s\n", advice);
}

static void
write_error (const GError *error, int status, const char *reason, const char *what)
{
  g_autofree char *message = g_strdup_printf ("%s: %s", what, error->message);
  gint64 retry_after = kr_secret_error_get_retry_after (error);
  const char *broker_code = kr_secret_error_get_broker_code (error);

  json_open ("error", '{');
  json_string ("code", kr_secret_error_get_word (error));
  json_int ("exit", status);
  if (reason != NULL)
    json_string ("reason", reason);
  if (retry_after > 0)
    json_int ("retry_after", retry_after);
  if (broker_code != NULL)
    json_string ("broker_code", broker_code);
  json_string ("message", message);
  json_close ('}');
}

/* Writes the member "error" of a document. */
void
report_error_json (const GError *error, const char *what)
{
  write_error (error, report_status (error), NULL, what);
}

static int
report (Tool *tool, const GError *error, const char *reason, const char *next, const char *what)
{
  int status = report_status (error);

  /* After Ctrl-C it is not a failure of ours. */
  if (tool->failure_status != 0 && status != KR_SECRET_ERROR_CANCELLED)
    status = tool->failure_status;
  report_error_text (tool, error, next, what);
  if (tool->json)
    {
      json_begin ();
      write_error (error, status, reason, what);
      json_end ();
      output_flush (NULL);
    }
  return status;
}

int
report_error_reason (
    Tool *tool, const GError *error, const char *reason, const char *next, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  return report (tool, error, reason, next, what);
}

int
report_usage (Tool *tool, const char *why, const char *next, const char *format, ...)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *what = NULL;
  g_autofree char *usage = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  if (tool->command != NULL)
    usage = g_strdup_printf (_ ("usage: %s %s %s"), TOOL_NAME, tool->command->name,
                             _ (tool->command->synopsis));
  else
    usage = g_strdup_printf (_ ("usage: %s COMMAND [ARGUMENTS]"), TOOL_NAME);
  g_set_error_literal (&error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE,
                       why != NULL ? why : g_strchomp (usage));
  return report (tool, error, NULL, next, what);
}

/* A key was passed as an argument. It must not be repeated. */
int
report_secret_argument (Tool *tool)
{
  return report_usage (
      tool, _ ("every process on this machine can read arguments, and the shell keeps them"),
      _ ("type keys when asked, or send field=value lines to standard input; if this was a real "
         "secret, have the broker issue a new one"),
      _ ("keys are never taken from the command line"));
}

void
report_warning (Tool *tool, const char *format, ...)
{
  g_autofree char *text = NULL;
  g_autofree char *painted = text_paint (tool->color_err, TEXT_YELLOW, _ ("warning:"));
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  progress_end ();
  fprintf (stderr, "%s: %s %s\n", TOOL_NAME, painted, text);
}

void
report_line (gboolean shown, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  if (!shown)
    return;
  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  progress_end ();
  fprintf (stderr, "%s\n", text);
}

int
report_finish (Tool *tool)
{
  g_autoptr (GError) error = NULL;

  if (output_flush (&error))
    return 0;
  report_error_text (tool, error, _ ("what was printed is incomplete; do not use it"),
                     _ ("cannot write to standard output"));
  return report_status (error);
}
