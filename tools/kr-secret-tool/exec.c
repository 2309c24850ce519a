/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <ctype.h>
#include <signal.h>
#include <string.h>

#include "commands.h"
#include "process/child.h"
#include "exec/accounts.h"
#include "exec/environment.h"
#include "exec/renewal.h"
#include "accounts/lookup.h"
#include "terminal/report.h"
#include "terminal/text.h"

/* exec: runs a program with the token in its environment. Without --refresh-signal the program
 * replaces this process, so that nothing is between it and its parent. */

static struct
{
  gboolean with_credential;
  char *refresh_signal;
  char *min_validity;
  char *wait;
} given;

static const GOptionEntry exec_options[] = {
  { "with-credential", 0, 0, G_OPTION_ARG_NONE, &given.with_credential,
    N_ ("Add KR_SECRET_APPKEY and KR_SECRET_APPSECRET"), NULL },
  { "refresh-signal", 0, 0, G_OPTION_ARG_FILENAME, &given.refresh_signal,
    N_ ("Keep the token fresh, and send this signal when KR_SECRET_TOKEN_FD has a new one"),
    N_ ("SIG") },
  { "min-validity", 0, 0, G_OPTION_ARG_FILENAME, &given.min_validity,
    N_ ("How long the token must remain valid (default: 60s)"), N_ ("TIME") },
  { "wait", 0, 0, G_OPTION_ARG_FILENAME, &given.wait,
    N_ ("Wait this long for the broker's rate limit to pass"), N_ ("SECS") },
  { NULL },
};

/* Signals that can mean a new token. The others cannot be caught, stop the program or mean that it
 * is broken, or come from its own timers and children. The C library uses two between these and the
 * real-time signals. */
static gboolean
is_sendable (int number)
{
  static const int fit[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH };

  for (guint i = 0; i < G_N_ELEMENTS (fit); i++)
    if (fit[i] == number)
      return TRUE;
  return number >= SIGRTMIN && number <= SIGRTMAX;
}

/* Parses RTMIN, RTMIN+3, RTMAX or RTMAX-3. Returns 0 for anything else. */
static int
parse_real_time (const char *name)
{
  const gboolean from_end = g_ascii_strncasecmp (name, "RTMAX", 5) == 0;
  const char *rest = name + strlen ("RTMIN");
  guint64 distance = 0;

  if (!from_end && g_ascii_strncasecmp (name, "RTMIN", 5) != 0)
    return 0;
  if (*rest != '\0'
      && (*rest != (from_end ? '-' : '+')
          || !g_ascii_string_to_unsigned (rest + 1, 10, 0, (guint64) (SIGRTMAX - SIGRTMIN),
                                          &distance, NULL)))
    return 0;
  return from_end ? SIGRTMAX - (int) distance : SIGRTMIN + (int) distance;
}

/* Parses USR1, SIGUSR1, usr1, 10 or RTMIN+1. */
static gboolean
parse_signal (const char *text, int *out_number)
{
  const char *name = g_ascii_strncasecmp (text, "SIG", 3) == 0 ? text + 3 : text;
  guint64 number = 0;

  if (!g_ascii_string_to_unsigned (text, 10, 1, (guint64) SIGRTMAX, &number, NULL))
    number = (guint64) parse_real_time (name);
  for (int i = 1; i < SIGRTMIN && number == 0; i++)
    if (sigabbrev_np (i) != NULL && g_ascii_strcasecmp (sigabbrev_np (i), name) == 0)
      number = (guint64) i;
  *out_number = (int) number;
  return is_sendable (*out_number);
}

/* Checks the command line before any broker is asked. */
static gboolean
check_usage (Tool *tool, TokenOptions *options, int *out_signal, int *out_status)
{
  g_autofree char *outer = exec_environment_find_outer ();

  if (tool->child == NULL || tool->child[0] == NULL)
    *out_status
        = report_usage (tool, NULL, _ ("as in: kr-secret-tool exec my-kis -- python3 bot.py"),
                        tool->child == NULL ? _ ("'--' and the program to run are missing")
                                            : _ ("the program to run is missing"));
  else if (given.refresh_signal != NULL && !parse_signal (given.refresh_signal, out_signal))
    *out_status = report_usage (tool,
                                _ ("one of HUP, INT, QUIT, TERM, USR1, USR2, WINCH, and RTMIN to "
                                   "RTMAX is needed, by name or number"),
                                _ ("as in: --refresh-signal USR1"),
                                _ ("--refresh-signal is not a signal to send"));
  else if (outer != NULL)
    *out_status = report_usage (
        tool, _ ("two of them would get in each other's way; one exec takes several accounts"),
        _ ("name all accounts in the first one, or unset the variable with 'env -u'"),
        _ ("this already runs under exec: %s is set"), outer);
  else
    return obtain_read_times (tool, given.min_validity, given.wait, options, out_status);
  return FALSE;
}

/* Comes before the keyring is opened: some shells accept only small descriptor numbers. */
static GPtrArray *
open_channels (Tool *tool, guint n, int *out_status)
{
  g_autoptr (GPtrArray) channels
      = g_ptr_array_new_with_free_func ((GDestroyNotify) token_channel_free);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      TokenChannel *channel = token_channel_new (&error);

      if (channel == NULL)
        {
          *out_status = report_error (tool, error, NULL, _ ("cannot make a descriptor for tokens"));
          return NULL;
        }
      g_ptr_array_add (channels, channel);
    }
  return g_steal_pointer (&channels);
}

/* The accounts with everything the program gets. NULL after a failure, which has been reported. */
static GPtrArray *
collect (
    Tool *tool, KrSecretClient *client, char **args, const TokenOptions *options, int *out_status)
{
  guint n = MAX (g_strv_length (args), 1);
  g_autoptr (GPtrArray) channels
      = open_channels (tool, given.refresh_signal != NULL ? n : 0, out_status);
  g_autoptr (GPtrArray) accounts = NULL;

  if (channels == NULL)
    return NULL;
  accounts = exec_accounts_find (tool, client, args, out_status);
  for (guint i = 0; accounts != NULL && i < accounts->len; i++)
    {
      ExecAccount *account = accounts->pdata[i];

      if (channels->len > 0)
        account->channel = g_ptr_array_steal_index (channels, 0);
      if (!exec_accounts_fill (account, tool, client, options, given.with_credential, out_status))
        return NULL;
    }
  return g_steal_pointer (&accounts);
}

static int
run_exec (Tool *tool, char **args)
{
  TokenOptions options = TOKEN_OPTIONS_INIT;
  g_autoptr (KrSecretClient) client = NULL;
  g_autoptr (GPtrArray) accounts = NULL;
  char **environment;
  int signal_number = 0;
  int status, code;

  if (!check_usage (tool, &options, &signal_number, &status))
    return status;
  code = child_look_for (tool->child[0]);
  if (code != 0)
    return child_report_not_run (tool, tool->child[0], code);
  client = lookup_client (tool);
  accounts = collect (tool, client, args, &options, &status);
  if (accounts == NULL)
    return status;

  environment = exec_environment_make (accounts);
  if (signal_number != 0)
    return exec_renewal_run (tool, client, accounts, signal_number, tool->child, environment);
  code = child_become (tool->child, environment);
  exec_environment_free (environment);
  return child_report_not_run (tool, tool->child[0], code);
}

const Command exec_command = {
  "exec",
  N_ ("[PREFIX=]ALIAS… [--with-credential] [--refresh-signal SIG] [--min-validity TIME] "
      "[--wait SECS] -- COMMAND [ARGUMENTS]"),
  N_ ("Run a program with the token in its environment"),
  exec_options,
  run_exec,
  TRUE,
  N_ ("The program finds KR_SECRET_TOKEN, KR_SECRET_EXPIRATION, KR_SECRET_ENVIRONMENT and "
      "KR_SECRET_BROKER.\n"
      "With several accounts a prefix from the alias is before each name (MY_KIS_KR_SECRET_TOKEN "
      "for my-kis), or the one that is given, as in KIS=한투.\n"
      "With --refresh-signal the current token is always what /dev/fd/$KR_SECRET_TOKEN_FD holds."),
};
