/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "terminal/options.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "terminal/report.h"
#include "terminal/text.h"

/* Global options may come before and after the command's name. Arguments are read as file names,
 * that is unconverted: aliases are UTF-8 in every locale, even in cron's "C". */

#define MAX_SECONDS (400u * 24 * 60 * 60)

static struct
{
  gboolean help;
  gboolean version;
  gboolean json;
  gboolean quiet;
  gboolean verbose;
  gboolean yes;
  gboolean no_input;
  char *timeout;
  char *color;
} given;

const GOptionEntry options_global[] = {
  { "json", 0, 0, G_OPTION_ARG_NONE, &given.json, N_ ("Print JSON, errors too"), NULL },
  { "quiet", 'q', 0, G_OPTION_ARG_NONE, &given.quiet, N_ ("Print only warnings and errors"), NULL },
  { "verbose", 'v', 0, G_OPTION_ARG_NONE, &given.verbose, N_ ("Print more"), NULL },
  { "yes", 'y', 0, G_OPTION_ARG_NONE, &given.yes, N_ ("Do not ask for confirmation"), NULL },
  { "no-input", 0, 0, G_OPTION_ARG_NONE, &given.no_input, N_ ("Never ask for anything"), NULL },
  { "timeout", 0, 0, G_OPTION_ARG_FILENAME, &given.timeout,
    N_ ("Wait at most this long for the keyring or the broker"), N_ ("SECS") },
  { "color", 0, 0, G_OPTION_ARG_FILENAME, &given.color, N_ ("When to use colors (default: auto)"),
    "auto|always|never" },
  { "help", 'h', 0, G_OPTION_ARG_NONE, &given.help, N_ ("Show this help"), NULL },
  { NULL },
};

/* Only before the command. */
static const GOptionEntry options_first[] = {
  { "version", 0, 0, G_OPTION_ARG_NONE, &given.version, NULL, NULL },
  { NULL },
};

/* Parses 90, 90s, 10m, 2h or 1d. */
gboolean
options_parse_seconds (const char *text, guint *out_seconds)
{
  static const struct
  {
    const char *suffix;
    guint seconds;
  } units[] = { { "", 1 }, { "s", 1 }, { "m", 60 }, { "h", 60 * 60 }, { "d", 24 * 60 * 60 } };
  char *end;
  guint64 number;

  if (!g_ascii_isdigit (*text))
    return FALSE;
  number = g_ascii_strtoull (text, &end, 10);
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (g_str_equal (end, units[i].suffix) && number <= MAX_SECONDS / units[i].seconds)
      {
        *out_seconds = (guint) number * units[i].seconds;
        return TRUE;
      }
  return FALSE;
}

/* *out_fd: a readable descriptor, or -1 if text is NULL. */
gboolean
options_parse_descriptor (
    Tool *tool, const char *option, const char *text, int *out_fd, int *out_status)
{
  g_autofree char *why = NULL;
  guint64 number = 0;
  int flags;

  *out_fd = -1;
  if (text == NULL)
    return TRUE;
  /* Output is not where a secret comes from, even if it is readable too. */
  if (g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT, &number, NULL) && number != STDOUT_FILENO
      && number != STDERR_FILENO)
    {
      flags = fcntl ((int) number, F_GETFL);
      if (flags >= 0 && (flags & O_ACCMODE) != O_WRONLY)
        {
          *out_fd = (int) number;
          return TRUE;
        }
    }
  why = g_strdup_printf (_ ("the number of an open descriptor is needed, as in %s 3 3<FILE"),
                         option);
  *out_status = report_usage (tool, why, NULL, _ ("%s is not open for reading"), option);
  return FALSE;
}

gboolean
options_parse_environment (Tool *tool,
                           const char *text,
                           KrSecretEnvironment *out_environment,
                           int *out_status)
{
  if (kr_secret_environment_from_string (text, out_environment))
    return TRUE;
  *out_status
      = report_usage (tool, _ ("'real' (실전, prod) or 'paper' (모의, vps, mock) is expected"),
                      NULL, _ ("--env does not name an environment"));
  return FALSE;
}

static gboolean
is_no (const char *value)
{
  return value == NULL || *value == '\0' || g_str_equal (value, "0");
}

static gboolean
wants_color (const char *when, int fd)
{
  const char *no_color = g_getenv ("NO_COLOR");
  const char *term = g_getenv ("TERM");

  if (when != NULL && !g_str_equal (when, "auto"))
    return g_str_equal (when, "always");
  if (no_color != NULL && *no_color != '\0')
    return FALSE;
  return term != NULL && !g_str_equal (term, "dumb") && isatty (fd);
}

static int
take_given (Tool *tool)
{
  g_autofree char *timeout = g_steal_pointer (&given.timeout);
  g_autofree char *color = g_steal_pointer (&given.color);

  tool->json |= given.json;
  tool->quiet |= given.quiet;
  tool->verbose |= given.verbose;
  tool->yes |= given.yes;
  tool->no_input |= given.no_input;
  if (timeout != NULL
      && (!options_parse_seconds (timeout, &tool->timeout) || tool->timeout == 0
          || tool->timeout > G_MAXUINT / 1000))
    return report_usage (tool, _ ("a time of one second or more is needed, such as 30 or 2m"), NULL,
                         _ ("--timeout is not a time"));
  if (color != NULL && !g_str_equal (color, "auto") && !g_str_equal (color, "always")
      && !g_str_equal (color, "never"))
    return report_usage (tool, _ ("one of auto, always, never is needed"), NULL,
                         _ ("--color is not known"));
  if (color != NULL)
    {
      tool->color_out = wants_color (color, STDOUT_FILENO);
      tool->color_err = wants_color (color, STDERR_FILENO);
    }
  return 0;
}

/* Does not show the option's value: it may be a key. */
static int
report_unknown (Tool *tool, const char *option)
{
  g_autofree char *name = text_argument (option);

  if (strlen (name) > 2 && name[1] != '-')
    *g_utf8_find_next_char (name + 1, NULL) = '\0';
  for (const char *const *word
       = (const char *const[]){ "appkey", "secret", "client_", "password", NULL };
       *word != NULL; word++)
    if (strstr (name, *word) != NULL)
      return report_secret_argument (tool);
  return report_usage (tool, _ ("this command has no such option"), NULL, _ ("unknown option %s"),
                       name);
}

/* Finds a value given to an option that takes none: GLib would ignore it. */
static const char *
find_surplus_value (const GOptionEntry *entries, char **argv)
{
  for (char **arg = argv + 1; entries != NULL && *arg != NULL && !g_str_equal (*arg, "--"); arg++)
    for (const GOptionEntry *entry = entries; entry->long_name != NULL; entry++)
      {
        gsize length = strlen (entry->long_name);

        if (entry->arg == G_OPTION_ARG_NONE && g_str_has_prefix (*arg, "--")
            && strncmp (*arg + 2, entry->long_name, length) == 0 && (*arg)[2 + length] == '=')
          return entry->long_name;
      }
  return NULL;
}

/* One pass of GLib's parser. It leaves unknown options in argv, for our own messages. */
static int
parse (Tool *tool, const GOptionEntry *options, gboolean first, char ***argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  const char *surplus = find_surplus_value (options_global, *argv);

  if (surplus == NULL)
    surplus = find_surplus_value (options, *argv);
  if (surplus != NULL)
    return report_usage (tool, _ ("it is either given or left out"), NULL,
                         _ ("--%s takes no value"), surplus);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_ignore_unknown_options (context, TRUE);
  g_option_context_set_strict_posix (context, first);
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, options_global, NULL);
  if (options != NULL)
    g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse_strv (context, argv, &error))
    {
      g_autofree char *why = text_argument (error->message);
      return report_usage (tool, why, NULL, _ ("the options could not be understood"));
    }
  return take_given (tool);
}

int
options_parse_global (
    Tool *tool, int argc, char **argv, char ***out_args, gboolean *out_help, gboolean *out_version)
{
  g_auto (GStrv) args = g_strdupv (argv);
  char **rest;
  int status;

  /* With --json, even a usage error is reported as JSON. */
  for (int i = 1; i < argc && !g_str_equal (argv[i], "--"); i++)
    if (g_str_equal (argv[i], "--json"))
      tool->json = TRUE;
  tool->no_input = !is_no (g_getenv ("KR_SECRET_NO_INPUT"));
  tool->color_out = wants_color (NULL, STDOUT_FILENO);
  tool->color_err = wants_color (NULL, STDERR_FILENO);

  status = parse (tool, options_first, TRUE, &args);
  if (status != 0)
    return status;
  rest = args + 1;
  if (*rest != NULL && g_str_equal (*rest, "--"))
    rest++;
  else if (*rest != NULL && **rest == '-')
    return report_unknown (tool, *rest);
  *out_help = given.help;
  *out_version = given.version;
  *out_args = g_strdupv (rest);
  return 0;
}

/* Whether a program's command line begins after arg. GLib's parser must not touch it. */
static gboolean
take_child (Tool *tool, char **arg)
{
  if (!tool->command->takes_command || !g_str_equal (*arg, "--"))
    return FALSE;
  tool->child = arg + 1;
  return TRUE;
}

int
options_parse_command (Tool *tool, char **args, char ***out_args, gboolean *out_help)
{
  g_auto (GStrv) rest = NULL;
  g_auto (GStrv) argv = NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GArray) entries = g_array_new (TRUE, TRUE, sizeof (GOptionEntry));
  const GOptionEntry remaining = {
    G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &rest, NULL, NULL,
  };
  int status;

  if (tool->command->takes_command)
    tool->failure_status = TOOL_FAILED_ITSELF;
  for (const GOptionEntry *entry = tool->command->options;
       entry != NULL && entry->long_name != NULL; entry++)
    g_array_append_vals (entries, entry, 1);
  g_array_append_val (entries, remaining);

  g_strv_builder_add (builder, TOOL_NAME);
  for (char **arg = args; *arg != NULL && !take_child (tool, arg); arg++)
    g_strv_builder_add (builder, *arg);
  argv = g_strv_builder_end (builder);

  status = parse (tool, (const GOptionEntry *) (void *) entries->data, FALSE, &argv);
  if (status != 0)
    return status;
  /* Comes before help: "-HR1h" may be a token that begins with a dash. */
  for (char **arg = argv + 1; *arg != NULL; arg++)
    if (!g_str_equal (*arg, "--"))
      return report_unknown (tool, *arg);
  *out_help = given.help;
  *out_args = rest != NULL ? g_steal_pointer (&rest) : g_new0 (char *, 1);
  return 0;
}

/* Checks the number of arguments. Surplus ones are not shown. */
gboolean
options_count (Tool *tool, char **args, guint least, guint most, int *out_status)
{
  guint n = g_strv_length (args);
  gboolean secret = FALSE;

  if (n >= least && n <= most)
    return TRUE;
  for (guint i = most; i < n; i++)
    secret |= strchr (args[i], '=') != NULL;
  if (secret)
    *out_status = report_secret_argument (tool);
  else
    *out_status
        = report_usage (tool, NULL, NULL, "%s",
                        n < least ? _ ("an argument is missing") : _ ("too many arguments"));
  return FALSE;
}
