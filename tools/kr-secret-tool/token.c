/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "terminal/json.h"
#include "accounts/lookup.h"
#include "accounts/obtain.h"
#include "terminal/output.h"
#include "terminal/progress.h"
#include "terminal/report.h"

/* token and header: what a program puts into its requests. */

static struct
{
  char *kind;
  char *min_validity;
  char *wait;
  gboolean no_issue;
  char *format;
  gboolean reveal;
} given;

static const GOptionEntry token_options[] = {
  { "kind", 0, 0, G_OPTION_ARG_FILENAME, &given.kind, N_ ("Which token (default: access)"),
    "access|websocket" },
  { "min-validity", 0, 0, G_OPTION_ARG_FILENAME, &given.min_validity,
    N_ ("How long it has to be good at least (default: 60s)"), N_ ("TIME") },
  { "no-issue", 0, 0, G_OPTION_ARG_NONE, &given.no_issue,
    N_ ("Only the stored token; never ask the broker"), NULL },
  { "wait", 0, 0, G_OPTION_ARG_FILENAME, &given.wait,
    N_ ("Wait so long for the broker's rate limit to pass"), N_ ("SECS") },
  { NULL },
};

static const GOptionEntry header_options[] = {
  { "format", 0, 0, G_OPTION_ARG_FILENAME, &given.format,
    N_ ("How to write the headers (default: header)"), "header|curl-config" },
  { "reveal", 0, 0, G_OPTION_ARG_NONE, &given.reveal, N_ ("Show secrets on a terminal too"), NULL },
  { NULL },
};

static gboolean
read_options (Tool *tool, TokenOptions *options, int *out_status)
{
  if (given.kind != NULL && !kr_secret_token_kind_from_string (given.kind, &options->kind))
    {
      *out_status = report_usage (tool, _ ("there are 'access' and 'websocket'"), NULL,
                                  _ ("--kind is not known"));
      return FALSE;
    }
  if (given.no_issue)
    options->flags |= KR_SECRET_TOKEN_NO_ISSUE;
  return obtain_read_times (tool, given.min_validity, given.wait, options, out_status);
}

static void
write_document (KrSecretToken *token)
{
  json_begin ();
  json_secret ("token", kr_secret_token_get_value (token));
  json_string ("token_type", kr_secret_token_get_token_type (token));
  json_string ("kind", kr_secret_token_kind_to_string (kr_secret_token_get_kind (token)));
  json_time ("issued_at", kr_secret_token_get_issued_at (token));
  json_time ("expires_at", kr_secret_token_get_expires_at (token));
  json_end ();
}

static int
run_token (Tool *tool, char **args)
{
  TokenOptions options = TOKEN_OPTIONS_INIT;
  g_autoptr (KrSecretClient) client = lookup_client (tool);
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  if (!read_options (tool, &options, &status))
    return status;
  account = lookup_one (tool, client, args, &status);
  if (account == NULL)
    return status;
  token = obtain_token (tool, client, account, &options, &error);
  if (token == NULL)
    return obtain_report_failure (tool, account, options.flags, error);

  obtain_report_token (tool, token, &options);
  if (tool->json)
    write_document (token);
  else
    {
      output_secret (kr_secret_token_get_value (token));
      output_text ("\n");
    }
  return report_finish (tool);
}

/* A double-quoted string of curl's configuration: what would end it is escaped. */
static void
write_curl_quoted (const char *text)
{
  for (; *text != '\0'; text++)
    {
      if (*text == '"' || *text == '\\')
        output_bytes ("\\", 1);
      output_bytes (text, 1);
    }
}

static void
write_header (const KrSecretHeader *header, gboolean curl, gboolean masked)
{
  const char *value
      = masked && header->secret ? "********" : secret_value_get (header->value, NULL);

  if (curl)
    {
      output_text ("header = \"");
      write_curl_quoted (header->name);
      output_text (": ");
      write_curl_quoted (value);
      output_text ("\"\n");
      return;
    }
  output_text (header->name);
  output_text (": ");
  output_text (value);
  output_text ("\n");
}

static void
write_header_document (GPtrArray *headers, gboolean masked)
{
  json_begin ();
  json_open ("headers", '[');
  for (guint i = 0; i < headers->len; i++)
    {
      const KrSecretHeader *header = headers->pdata[i];
      json_open (NULL, '{');
      json_string ("name", header->name);
      if (masked && header->secret)
        json_null ("value");
      else
        json_secret ("value", header->value);
      json_close ('}');
    }
  json_close (']');
  json_end ();
}

static int
run_header (Tool *tool, char **args)
{
  g_autoptr (KrSecretClient) client = lookup_client (tool);
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (GPtrArray) headers = NULL;
  g_autoptr (GError) error = NULL;
  gboolean curl = g_strcmp0 (given.format, "curl-config") == 0;
  gboolean masked = !given.reveal && isatty (STDOUT_FILENO);
  int status;

  if (given.format != NULL && !curl && !g_str_equal (given.format, "header"))
    return report_usage (tool, _ ("there are 'header' and 'curl-config'"), NULL,
                         _ ("--format is not known"));
  account = lookup_one (tool, client, args, &status);
  if (account == NULL)
    return status;
  obtain_say_waiting (tool, account);
  headers = kr_secret_client_get_headers (client, account, KR_SECRET_TOKEN_DEFAULT, NULL, &error);
  progress_end ();
  if (headers == NULL)
    return obtain_report_failure (tool, account, KR_SECRET_TOKEN_DEFAULT, error);

  if (tool->json)
    write_header_document (headers, masked);
  else
    for (guint i = 0; i < headers->len; i++)
      write_header (headers->pdata[i], curl, masked);
  if (masked)
    report_note (tool, _ ("secrets are masked on a terminal; --reveal shows them"));
  return report_finish (tool);
}

const Command token_command = {
  "token",
  N_ ("ALIAS [--kind access|websocket] [--min-validity TIME] [--no-issue] [--wait SECS]"),
  N_ ("Print a usable token: the stored one, or a new one if it is due"),
  token_options,
  run_token,
};

const Command header_command = {
  "header",
  N_ ("ALIAS [--format header|curl-config] [--reveal]"),
  N_ ("Print the headers of a normal call, for curl -H @-"),
  header_options,
  run_header,
};
