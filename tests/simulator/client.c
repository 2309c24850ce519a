/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "client.h"

#include <string.h>

static char **
collect (va_list arguments)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  const char *argument;

  g_strv_builder_add (builder, g_getenv ("KR_TEST_SIMULATOR"));
  while ((argument = va_arg (arguments, const char *)) != NULL)
    g_strv_builder_add (builder, argument);
  return g_strv_builder_end (builder);
}

int
simulator_run (char **out_text, ...)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_auto (GStrv) argv = NULL;
  g_autofree char *complaint = NULL;
  va_list arguments;

  va_start (arguments, out_text);
  argv = collect (arguments);
  va_end (arguments);
  process
      = g_subprocess_newv ((const char *const *) argv,
                           G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, out_text, &complaint, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  /* Gives a reason if, and only if, it fails. */
  g_assert_true ((*complaint == '\0') == (g_subprocess_get_exit_status (process) == 0));
  return g_subprocess_get_exit_status (process);
}

char *
simulator_key (const char *which, const char *field)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  g_assert_cmpint (simulator_run (&text, "--keys", which, NULL), ==, 0);
  lines = g_strsplit (text, "\n", -1);
  for (gsize i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], field) && lines[i][strlen (field)] == '=')
      return g_strdup (lines[i] + strlen (field) + 1);
  g_assert_not_reached ();
}

Client *
client_start (guint n_brokers, ...)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) argv = NULL;
  Client *client = g_new0 (Client, 1);
  va_list arguments;

  va_start (arguments, n_brokers);
  argv = collect (arguments);
  va_end (arguments);
  client->process
      = g_subprocess_newv ((const char *const *) argv,
                           G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error (error);
  client->output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (client->process));
  client->uris = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < n_brokers; i++)
    {
      g_autofree char *line
          = g_data_input_stream_read_line_utf8 (client->output, NULL, NULL, &error);
      g_auto (GStrv) words = NULL;

      g_assert_no_error (error);
      g_assert_nonnull (line);
      words = g_strsplit (line, " ", -1);
      g_assert_cmpuint (g_strv_length (words), ==, 2);
      g_hash_table_insert (client->uris, g_strdup (words[0]), g_strdup (words[1]));
    }
  g_assert_cmpuint (g_hash_table_size (client->uris), ==, n_brokers);

  client->session = soup_session_new ();
  client->cap = 1024 * 1024;
  soup_session_remove_feature_by_type (client->session, SOUP_TYPE_CONTENT_DECODER);
  soup_session_set_timeout (client->session, 60);
  return client;
}

void
client_stop (Client *client)
{
  g_autoptr (GError) error = NULL;

  g_object_unref (client->session);
  g_output_stream_close (g_subprocess_get_stdin_pipe (client->process), NULL, &error);
  g_assert_no_error (error);
  g_subprocess_wait_check (client->process, NULL, &error);
  g_assert_no_error (error);
  g_object_unref (client->output);
  g_object_unref (client->process);
  g_hash_table_unref (client->uris);
  g_free (client);
}

void
answer_free (Answer *answer)
{
  g_clear_object (&answer->message);
  g_string_free (answer->body, TRUE);
  g_clear_error (&answer->error);
  g_clear_pointer (&answer->json, json_object_unref);
  g_free (answer);
}

const char *
answer_text (Answer *answer, const char *name)
{
  JsonNode *node = answer->json == NULL ? NULL : json_object_get_member (answer->json, name);

  return node == NULL ? NULL : json_node_get_string (node);
}

gint64
answer_number (Answer *answer, const char *name)
{
  g_assert_nonnull (answer->json);
  g_assert_cmpint (json_node_get_value_type (json_object_get_member (answer->json, name)), ==,
                   G_TYPE_INT64);
  return json_object_get_int_member (answer->json, name);
}

static void
read_body (Client *client, GInputStream *stream, Answer *answer)
{
  char buffer[4096];
  gssize n = 1;

  while (n > 0 && answer->body->len < client->cap)
    {
      n = g_input_stream_read (stream, buffer, MIN (sizeof buffer, client->cap - answer->body->len),
                               NULL, &answer->error);
      if (n > 0)
        g_string_append_len (answer->body, buffer, n);
    }
}

Answer *
client_send (Client *client,
             const char *broker,
             const char *path,
             const char *type,
             const char *body,
             const char *const *headers)
{
  Answer *answer = g_new0 (Answer, 1);
  g_autofree char *uri = g_strconcat (g_hash_table_lookup (client->uris, broker), path, NULL);
  g_autoptr (GInputStream) stream = NULL;
  SoupMessageHeaders *sent;

  answer->body = g_string_new (NULL);
  answer->message = soup_message_new (body == NULL ? "GET" : "POST", uri);
  sent = soup_message_get_request_headers (answer->message);
  soup_message_add_flags (answer->message, SOUP_MESSAGE_NO_REDIRECT);
  /* A connection for each request: a fault must not affect the next one. */
  soup_message_headers_append (sent, "Connection", "close");
  for (gsize i = 0; headers != NULL && headers[i] != NULL; i += 2)
    soup_message_headers_append (sent, headers[i], headers[i + 1]);
  if (body != NULL)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));

      soup_message_set_request_body_from_bytes (answer->message, type, bytes);
    }

  stream = soup_session_send (client->session, answer->message, NULL, &answer->error);
  if (stream == NULL)
    return answer;
  answer->status = soup_message_get_status (answer->message);
  read_body (client, stream, answer);
  /* Only short bodies are parsed: the deep ones would break the parser. */
  if (answer->error == NULL && answer->body->len < 64 * 1024
      && !g_str_has_prefix (answer->body->str, "[["))
    {
      g_autoptr (JsonNode) node = json_from_string (answer->body->str, NULL);

      if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
        answer->json = json_object_ref (json_node_get_object (node));
    }
  return answer;
}

Answer *
client_control (Client *client, const char *broker, const char *name, const char *body)
{
  g_autofree char *path = g_strconcat ("/_simulator/", name, NULL);
  Answer *answer = client_send (client, broker, path, "application/json", body, NULL);

  g_assert_no_error (answer->error);
  g_assert_cmpuint (answer->status, ==, 200);
  return answer;
}

guint
client_count (Client *client, const char *broker, const char *what)
{
  g_autoptr (Answer) answer = client_control (client, broker, "counts", NULL);

  return (guint) answer_number (answer, what);
}

/* Sends members in the broker's own format; @fields: name, value, ..., NULL. */
static Answer *
send_fields (Client *client, const char *broker, const char *path, const char *const *fields)
{
  gboolean form = strcmp (broker, "ls") == 0;
  g_autoptr (GString) body = g_string_new (form ? "" : "{");

  for (gsize i = 0; fields[i] != NULL; i += 2)
    if (form)
      {
        g_autofree char *value = g_uri_escape_string (fields[i + 1], NULL, FALSE);

        g_string_append_printf (body, "%s%s=%s", i == 0 ? "" : "&", fields[i], value);
      }
    else
      g_string_append_printf (body, "%s\"%s\":\"%s\"", i == 0 ? "" : ",", fields[i], fields[i + 1]);
  if (!form)
    g_string_append_c (body, '}');
  return client_send (client, broker, path,
                      form ? "application/x-www-form-urlencoded" : "application/json", body->str,
                      NULL);
}

static const char *
secret_field (const char *broker)
{
  return strcmp (broker, "kis") == 0      ? "appsecret"
         : strcmp (broker, "kiwoom") == 0 ? "secretkey"
                                          : "appsecretkey";
}

Answer *
client_issue (Client *client, const char *broker, const char *secret)
{
  g_autofree char *appkey = simulator_key (broker, "appkey");
  g_autofree char *appsecret = simulator_key (broker, "appsecret");
  const char *const fields[] = { "grant_type",
                                 "client_credentials",
                                 "appkey",
                                 appkey,
                                 secret_field (broker),
                                 secret != NULL ? secret : appsecret,
                                 strcmp (broker, "ls") == 0 ? "scope" : NULL,
                                 "oob",
                                 NULL };

  return send_fields (client, broker,
                      strcmp (broker, "kis") == 0 ? "/oauth2/tokenP" : "/oauth2/token", fields);
}

Answer *
client_revoke (Client *client, const char *broker, const char *token)
{
  g_autofree char *appkey = simulator_key (broker, "appkey");
  g_autofree char *appsecret = simulator_key (broker, "appsecret");
  const char *const fields[] = { "appkey",
                                 appkey,
                                 "token",
                                 token,
                                 secret_field (broker),
                                 appsecret,
                                 strcmp (broker, "ls") == 0 ? "token_type_hint" : NULL,
                                 "access_token",
                                 NULL };

  return send_fields (client, broker,
                      strcmp (broker, "kis") == 0 ? "/oauth2/revokeP" : "/oauth2/revoke", fields);
}

Answer *
client_call (Client *client, const char *broker, const char *token)
{
  g_autofree char *appkey = simulator_key (broker, "appkey");
  g_autofree char *appsecret = simulator_key (broker, "appsecret");
  g_autofree char *bearer = g_strconcat ("Bearer ", token, NULL);
  const char *const kis[]
      = { "authorization", bearer,          "appkey",   appkey, "appsecret", appsecret,
          "tr_id",         "FHKST01010100", "custtype", "P",    NULL };
  const char *const kiwoom[] = { "authorization", bearer, "api-id", "ka10001", NULL };
  const char *const ls[] = { "authorization", bearer, "tr_cd", "t1102", NULL };

  if (strcmp (broker, "kis") == 0)
    return client_send (client, broker,
                        "/uapi/domestic-stock/v1/quotations/inquire-price?FID_INPUT_ISCD=005930",
                        NULL, NULL, kis);
  if (strcmp (broker, "kiwoom") == 0)
    return client_send (client, broker, "/api/dostk/stkinfo", "application/json", "{}", kiwoom);
  return client_send (client, broker, "/stock/market-data", "application/json", "{}", ls);
}

char *
client_issue_token (Client *client, const char *broker)
{
  g_autoptr (Answer) answer = client_issue (client, broker, NULL);
  const char *token
      = answer_text (answer, strcmp (broker, "kiwoom") == 0 ? "token" : "access_token");

  g_assert_cmpuint (answer->status, ==, 200);
  g_assert_nonnull (token);
  return g_strdup (token);
}
