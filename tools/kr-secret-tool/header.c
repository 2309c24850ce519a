/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"

#include <unistd.h>

#include "accounts/lookup.h"
#include "accounts/obtain.h"
#include "terminal/json.h"
#include "terminal/output.h"
#include "terminal/progress.h"
#include "terminal/report.h"

/* header: prints the headers for a program's requests. */

static struct
{
  char *format;
  gboolean reveal;
} given;

static const GOptionEntry options[] = {
  { "format", 0, 0, G_OPTION_ARG_FILENAME, &given.format,
    N_ ("How to write the headers (default: header)"), "header|curl-config" },
  { "reveal", 0, 0, G_OPTION_ARG_NONE, &given.reveal, N_ ("Show secrets on a terminal too"), NULL },
  { NULL },
};

/* A double-quoted string in curl's configuration, escaped. */
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
write_document (GPtrArray *headers, gboolean masked)
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
run (Tool *tool, char **args)
{
  g_autoptr (KrSecretClient) client = lookup_client (tool);
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (GPtrArray) headers = NULL;
  g_autoptr (GError) error = NULL;
  gboolean curl = g_strcmp0 (given.format, "curl-config") == 0;
  gboolean masked = !given.reveal && isatty (STDOUT_FILENO);
  int status;

  if (given.format != NULL && !curl && !g_str_equal (given.format, "header"))
    return report_usage (tool, _ ("'header' or 'curl-config' is expected"), NULL,
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
    write_document (headers, masked);
  else
    for (guint i = 0; i < headers->len; i++)
      write_header (headers->pdata[i], curl, masked);
  if (masked)
    report_note (tool, _ ("secrets are masked on a terminal; --reveal shows them"));
  return report_finish (tool);
}

const Command header_command = {
  "header",
  N_ ("ALIAS [--format header|curl-config] [--reveal]"),
  N_ ("Print the headers of a normal call, for curl -H @-"),
  options,
  run,
};
