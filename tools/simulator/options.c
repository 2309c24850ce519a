/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "options.h"

#include "brokers.h"
#include "keys.h"

#include <string.h>

/* What of the command line has to be looked up or loaded. */
typedef struct
{
  char **brokers;
  char *keys;
  char *tls_certificate;
  char *tls_key;
  gboolean version;
} Raw;

/* A number that is not given. */
#define NOT_GIVEN G_MININT64

static const char summary[]
    = "Plays the token servers of Korean brokers on 127.0.0.1, each on a port of its own, and\n"
      "prints one line per broker, as “kis http://127.0.0.1:41234”. Runs until SIGINT or SIGTERM.";

static const char description[]
    = "Brokers: kis (한국투자증권), kiwoom (키움증권), ls (LS증권).\n"
      "\n"
      "Only the test keys that --keys prints are accepted; never use a real key here.\n"
      "\n"
      "While it runs, each port takes commands below /_simulator/: GET log and counts; POST\n"
      "reset, settings, expire-tokens and faults, with JSON. README.md describes them.\n"
      "\n"
      "Examples:\n"
      "  kr-secret-simulator --broker kis --issue-interval 0\n"
      "  kr-secret-simulator --keys kis:3\n"
      "\n"
      "Exit status: 0 after a signal, 1 if it cannot start, 2 for a wrong command line.\n";

static gboolean usage (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
usage (GError **error, const char *format, ...)
{
  va_list arguments;
  g_autofree char *message = NULL;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, message);
  return FALSE;
}

static void
raw_clear (Raw *raw)
{
  g_strfreev (raw->brokers);
  g_free (raw->keys);
  g_free (raw->tls_certificate);
  g_free (raw->tls_key);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Raw, raw_clear)

static gboolean
read_command_line (SimOptions *options, Raw *raw, int argc, char **argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "broker", 'b', 0, G_OPTION_ARG_STRING_ARRAY, &raw->brokers,
      "Broker to play, may be repeated (default: all)", "BROKER" },
    { "port", 'p', 0, G_OPTION_ARG_INT, &options->port,
      "Port to listen on, with exactly one --broker (default: a free one)", "N" },
    { "log", 'l', 0, G_OPTION_ARG_FILENAME, &options->log,
      "Append every request to FILE, one JSON object a line", "FILE" },
    { "latency", 0, 0, G_OPTION_ARG_INT64, &options->settings.latency_ms, "Wait before every reply",
      "MS" },
    { "lifetime", 0, 0, G_OPTION_ARG_INT64, &options->settings.lifetime,
      "Lifetime of tokens (default: the broker's own)", "SECS" },
    { "issue-interval", 0, 0, G_OPTION_ARG_INT64, &options->settings.issue_interval,
      "Least time between two issues for a key (default: kis 60, others 0)", "SECS" },
    { "same-token-window", 0, 0, G_OPTION_ARG_INT64, &options->settings.same_token_window,
      "Issue the same token again for so long (default: kis 21600, others 0)", "SECS" },
    { "tls-certificate", 0, 0, G_OPTION_ARG_FILENAME, &raw->tls_certificate,
      "Serve HTTPS with this certificate (PEM)", "FILE" },
    { "tls-key", 0, 0, G_OPTION_ARG_FILENAME, &raw->tls_key, "The certificate's private key (PEM)",
      "FILE" },
    { "exit-on-eof", 0, 0, G_OPTION_ARG_NONE, &options->exit_on_eof,
      "Exit when the standard input ends", NULL },
    { "die-with-parent", 0, 0, G_OPTION_ARG_NONE, &options->die_with_parent,
      "Exit when the thread that started it ends", NULL },
    { "keys", 'k', 0, G_OPTION_ARG_STRING, &raw->keys,
      "Print the N-th valid test key (0 to 999, default 0) and exit", "BROKER[:N]" },
    { "version", 0, 0, G_OPTION_ARG_NONE, &raw->version, "Print the version and exit", NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_auto (GStrv) copy = g_strdupv (argv);

  g_option_context_set_summary (context, summary);
  g_option_context_set_description (context, description);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse_strv (context, &copy, error))
    return FALSE;
  if (copy[0] != NULL && copy[1] != NULL)
    return usage (error, "unexpected argument “%s”", copy[1]);
  return TRUE;
}

static char *
print_key (const char *which, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (which, ":", 2);
  guint64 n = 0;
  g_autofree char *appkey = NULL;
  g_autofree char *appsecret = NULL;

  if (parts[0] == NULL || sim_brokers_find (parts[0]) == NULL)
    {
      usage (error, "unknown broker “%s”; known are kis, kiwoom and ls",
             parts[0] != NULL ? parts[0] : "");
      return NULL;
    }
  if (parts[1] != NULL && !g_ascii_string_to_unsigned (parts[1], 10, 0, SIM_N_KEYS - 1, &n, NULL))
    {
      usage (error, "“%s” is not the number of a key (0 to %d)", parts[1], SIM_N_KEYS - 1);
      return NULL;
    }
  sim_keys_make (parts[0], (guint) n, &appkey, &appsecret);
  return g_strdup_printf ("appkey=%s\nappsecret=%s\n", appkey, appsecret);
}

static gboolean
choose_brokers (SimOptions *options, char **ids, GError **error)
{
  if (ids == NULL)
    for (gsize i = 0; sim_brokers[i] != NULL; i++)
      g_ptr_array_add (options->brokers, (gpointer) sim_brokers[i]);
  for (gsize i = 0; ids != NULL && ids[i] != NULL; i++)
    {
      const SimBroker *broker = sim_brokers_find (ids[i]);

      if (broker == NULL)
        return usage (error, "unknown broker “%s”; known are kis, kiwoom and ls", ids[i]);
      if (g_ptr_array_find (options->brokers, broker, NULL))
        return usage (error, "--broker %s is given twice", ids[i]);
      g_ptr_array_add (options->brokers, (gpointer) broker);
    }
  return TRUE;
}

static gboolean
check_numbers (SimOptions *options, GError **error)
{
  const struct
  {
    const char *name;
    gint64 *value;
    gint64 usual;
  } numbers[] = {
    { "latency", &options->settings.latency_ms, 0 },
    { "lifetime", &options->settings.lifetime, SIM_DEFAULT },
    { "issue-interval", &options->settings.issue_interval, SIM_DEFAULT },
    { "same-token-window", &options->settings.same_token_window, SIM_DEFAULT },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (*numbers[i].value == NOT_GIVEN)
      *numbers[i].value = numbers[i].usual;
    /* The control interface's limit; see MAX_NUMBER in settings.c. */
    else if (*numbers[i].value < 0 || *numbers[i].value > 10 * 366 * 24 * 60 * 60)
      return usage (error, "--%s %" G_GINT64_FORMAT " is out of range", numbers[i].name,
                    *numbers[i].value);
  if (options->port < 0 || options->port > G_MAXUINT16)
    return usage (error, "--port %d is out of range", options->port);
  if (options->port != 0 && options->brokers->len != 1)
    return usage (error, "--port needs exactly one --broker");
  return TRUE;
}

static gboolean
choose_certificate (SimOptions *options, const Raw *raw, GError **error)
{
  if (raw->tls_certificate == NULL && raw->tls_key == NULL)
    return TRUE;
  if (raw->tls_certificate == NULL || raw->tls_key == NULL)
    return usage (error, "--tls-certificate and --tls-key go together");
  options->certificate
      = g_tls_certificate_new_from_files (raw->tls_certificate, raw->tls_key, error);
  g_prefix_error (error, "cannot load the certificate: ");
  return options->certificate != NULL;
}

SimOptions *
sim_options_parse (int argc, char **argv, GError **error)
{
  g_auto (Raw) raw = { 0 };
  g_autoptr (SimOptions) options = g_new0 (SimOptions, 1);

  options->brokers = g_ptr_array_new ();
  options->settings = (SimSettings){ .latency_ms = NOT_GIVEN,
                                     .lifetime = NOT_GIVEN,
                                     .issue_interval = NOT_GIVEN,
                                     .same_token_window = NOT_GIVEN };
  if (!read_command_line (options, &raw, argc, argv, error))
    return NULL;
  if (raw.version)
    options->text = g_strdup ("kr-secret-simulator " SIM_VERSION "\n");
  else if (raw.keys != NULL)
    {
      if ((options->text = print_key (raw.keys, error)) == NULL)
        return NULL;
    }
  else if (!choose_brokers (options, raw.brokers, error) || !check_numbers (options, error)
           || !choose_certificate (options, &raw, error))
    return NULL;
  return g_steal_pointer (&options);
}

void
sim_options_free (SimOptions *options)
{
  g_free (options->text);
  g_ptr_array_unref (options->brokers);
  g_free (options->log);
  g_clear_object (&options->certificate);
  g_free (options);
}
