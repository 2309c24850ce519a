/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "lookup.h"
#include "options.h"
#include "output.h"
#include "progress.h"
#include "report.h"
#include "text.h"

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

typedef struct
{
  KrSecretTokenKind kind;
  guint min_validity;
  guint wait;
  KrSecretTokenFlags flags;
} Wish;

/* Reads the value of an option; without it *out_seconds stays. */
static gboolean
read_seconds (Tool *tool, const char *option, const char *text, guint *out_seconds, int *out_status)
{
  if (text == NULL || options_parse_seconds (text, out_seconds))
    return TRUE;
  *out_status
      = report_usage (tool, _ ("a number with or without a unit is needed: 90, 90s, 10m, 2h"), NULL,
                      _ ("%s is not a time"), option);
  return FALSE;
}

static gboolean
read_wish (Tool *tool, Wish *wish, int *out_status)
{
  if (given.kind != NULL && !kr_secret_token_kind_from_string (given.kind, &wish->kind))
    {
      *out_status = report_usage (tool, _ ("there are 'access' and 'websocket'"), NULL,
                                  _ ("--kind is not known"));
      return FALSE;
    }
  if (!read_seconds (tool, "--min-validity", given.min_validity, &wish->min_validity, out_status)
      || !read_seconds (tool, "--wait", given.wait, &wish->wait, out_status))
    return FALSE;
  if (given.no_issue)
    wish->flags |= KR_SECRET_TOKEN_NO_ISSUE;
  if (given.min_validity != NULL)
    wish->flags |= KR_SECRET_TOKEN_STRICT;
  return TRUE;
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
report_no_token (Tool *tool, KrSecretAccount *account, const GError *error)
{
  gint64 retry_after = kr_secret_error_get_retry_after (error);
  g_autofree char *alias = lookup_name_for_people (account);
  g_autofree char *next = NULL;

  if (g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_NOT_FOUND) && given.no_issue)
    next = g_strdup (_ ("without --no-issue the broker is asked for one"));
  else if (g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED)
           && retry_after > 0)
    {
      g_autofree char *wait = text_duration (retry_after);
      next = g_strdup_printf (_ ("try again in %s, or have it wait with --wait %d"), wait,
                              (int) retry_after);
    }
  return report_error (tool, error, next, _ ("no token for '%s'"), alias);
}

static void
say_until_when (Tool *tool, KrSecretToken *token)
{
  gint64 expires_at = kr_secret_token_get_expires_at (token);
  g_autofree char *time = NULL;
  g_autofree char *left = NULL;

  if (!tool->verbose)
    return;
  time = text_time (expires_at);
  left = text_duration (expires_at - g_get_real_time () / G_USEC_PER_SEC);
  report_detail (tool, _ ("the token is valid until %s (%s)"), time, left);
}

/* Sleeps, unless another program brings a token meanwhile. */
static KrSecretToken *
sleep_till_token (KrSecretClient *client, KrSecretAccount *account, const Wish *wish, gint64 pause)
{
  const gint64 until = g_get_monotonic_time () + pause * G_USEC_PER_SEC;
  KrSecretToken *token = NULL;

  while (token == NULL && g_get_monotonic_time () < until)
    {
      g_usleep (G_USEC_PER_SEC / 5);
      token = kr_secret_client_get_token (client, account, wish->kind, wish->min_validity,
                                          wish->flags | KR_SECRET_TOKEN_NO_ISSUE, NULL, NULL);
    }
  return token;
}

/* Gets the token; a rate limit is waited out if it ends within what --wait allows. */
static KrSecretToken *
get_token (
    Tool *tool, KrSecretClient *client, KrSecretAccount *account, const Wish *wish, GError **error)
{
  const gint64 until = g_get_monotonic_time () + (gint64) wish->wait * G_USEC_PER_SEC;

  for (;;)
    {
      g_autoptr (GError) local = NULL;
      KrSecretToken *token = kr_secret_client_get_token (
          client, account, wish->kind, wish->min_validity, wish->flags, NULL, &local);
      gint64 pause = MAX (kr_secret_error_get_retry_after (local), 1);

      if (token != NULL)
        return token;
      if (!g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED)
          || g_get_monotonic_time () + pause * G_USEC_PER_SEC > until)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      if (tool->verbose)
        {
          g_autofree char *text = text_duration (pause);
          report_detail (tool, _ ("waiting %s for the broker's rate limit to pass"), text);
        }
      token = sleep_till_token (client, account, wish, pause);
      if (token != NULL)
        return token;
    }
}

static void
say_waiting (Tool *tool, KrSecretAccount *account)
{
  g_autofree char *alias = lookup_name_for_people (account);

  progress_begin (tool, _ ("waiting for a token of '%s'"), alias);
}

static int
run_token (Tool *tool, char **args)
{
  Wish wish = { KR_SECRET_TOKEN_ACCESS, KR_SECRET_MIN_VALIDITY, 0, KR_SECRET_TOKEN_DEFAULT };
  g_autoptr (KrSecretClient) client = lookup_client (tool);
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  if (!read_wish (tool, &wish, &status))
    return status;
  account = lookup_one (tool, client, args, &status);
  if (account == NULL)
    return status;
  say_waiting (tool, account);
  token = get_token (tool, client, account, &wish, &error);
  progress_end ();
  if (token == NULL)
    return report_no_token (tool, account, error);

  if (kr_secret_token_get_warning (token) != NULL)
    report_warning (tool, "%s", kr_secret_token_get_warning (token));
  if (tool->json)
    write_document (token);
  else
    {
      output_secret (kr_secret_token_get_value (token));
      output_text ("\n");
    }
  say_until_when (tool, token);
  return output_finish (tool);
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
  say_waiting (tool, account);
  headers = kr_secret_client_get_headers (client, account, KR_SECRET_TOKEN_DEFAULT, NULL, &error);
  progress_end ();
  if (headers == NULL)
    return report_no_token (tool, account, error);

  if (tool->json)
    write_header_document (headers, masked);
  else
    for (guint i = 0; i < headers->len; i++)
      write_header (headers->pdata[i], curl, masked);
  if (masked)
    report_note (tool, _ ("secrets are masked on a terminal; --reveal shows them"));
  return output_finish (tool);
}

const Command command_token = {
  "token",
  N_ ("ALIAS [--kind access|websocket] [--min-validity TIME] [--no-issue] [--wait SECS]"),
  N_ ("Print a usable token: the stored one, or a new one if it is due"),
  token_options,
  run_token,
};

const Command command_header = {
  "header",
  N_ ("ALIAS [--format header|curl-config] [--reveal]"),
  N_ ("Print the headers of a normal call, for curl -H @-"),
  header_options,
  run_header,
};
