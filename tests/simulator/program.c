/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The command line, the control interface and the log. */

#include "client.h"
#include "suites.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

static void
test_keys (void)
{
  const struct
  {
    const char *broker;
    gsize appkey;
    gsize appsecret;
  } lengths[] = { { "kis", 36, 180 }, { "kiwoom", 43, 43 }, { "ls", 36, 32 } };

  for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autofree char *last = g_strconcat (lengths[i].broker, ":999", NULL);
      g_autofree char *appkey = simulator_key (lengths[i].broker, "appkey");
      g_autofree char *again = simulator_key (lengths[i].broker, "appkey");
      g_autofree char *other = simulator_key (last, "appkey");
      g_autofree char *appsecret = simulator_key (lengths[i].broker, "appsecret");

      g_assert_cmpuint (strlen (appkey), ==, lengths[i].appkey);
      g_assert_cmpuint (strlen (appsecret), ==, lengths[i].appsecret);
      g_assert_cmpstr (appkey, ==, again);
      g_assert_cmpstr (appkey, !=, other);
    }
}

static void
test_usage (void)
{
  g_assert_cmpint (simulator_run (NULL, "--no-such-option", NULL), ==, 2);
  g_assert_cmpint (simulator_run (NULL, "argument", NULL), ==, 2);
  g_assert_cmpint (simulator_run (NULL, "--broker", "db", NULL), ==, 2);
  g_assert_cmpint (simulator_run (NULL, "--broker", "ls", "--broker", "ls", NULL), ==, 2);
  g_assert_cmpint (simulator_run (NULL, "--port", "4000", NULL), ==, 2);
  g_assert_cmpint (simulator_run (NULL, "--broker", "ls", "--port", "70000", NULL), ==, 2);
  g_assert_cmpint (simulator_run (NULL, "--lifetime", "-2", NULL), ==, 2);
  g_assert_cmpint (simulator_run (NULL, "--tls-key", "/nowhere", NULL), ==, 2);
  g_assert_cmpint (simulator_run (NULL, "--keys", "kis:1000", NULL), ==, 2);
  g_assert_cmpint (simulator_run (NULL, "--keys", "kis:x", NULL), ==, 2);
  g_assert_cmpint (simulator_run (NULL, "--keys", "", NULL), ==, 2);
  g_assert_cmpint (simulator_run (NULL, "--log", "/nowhere/log", NULL), ==, 1);
}

static void
test_help (void)
{
  g_autofree char *text = NULL;

  g_assert_cmpint (simulator_run (&text, "--help", NULL), ==, 0);
  g_assert_nonnull (strstr (text, "--same-token-window"));
}

static void
test_ports (void)
{
  g_autoptr (Client) all = client_start (3, "--exit-on-eof", NULL);
  const char *uri = g_hash_table_lookup (all->uris, "kiwoom");
  const char *port = strrchr (uri, ':') + 1;
  g_autofree char *expected = g_strconcat ("http://127.0.0.1:", port, NULL);

  g_assert_cmpstr (uri, ==, expected);
  /* A port in use is not a usage error. */
  g_assert_cmpint (simulator_run (NULL, "--broker", "kis", "--port", port, NULL), ==, 1);
}

static void
test_signals (void)
{
  const int signals[] = { SIGINT, SIGTERM };

  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      g_autoptr (Client) client = client_start (1, "--broker", "ls", NULL);

      g_subprocess_send_signal (client->process, signals[i]);
    }
}

static void
test_parent (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) shell = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, "/bin/sh", "-c",
      "\"$KR_TEST_SIMULATOR\" --broker kis --die-with-parent & read line", NULL);
  g_autoptr (GDataInputStream) output = NULL;
  g_autofree char *first = NULL;
  g_autofree char *last = NULL;

  g_assert_no_error (error);
  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (shell));
  first = g_data_input_stream_read_line_utf8 (output, NULL, NULL, &error);
  g_assert_nonnull (first);
  g_output_stream_close (g_subprocess_get_stdin_pipe (shell), NULL, NULL);
  /* The pipe closes when the last process that holds it is gone. */
  last = g_data_input_stream_read_line_utf8 (output, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (last);
}

static void
check_entry (JsonObject *entry)
{
  JsonObject *headers = json_object_get_object_member (entry, "headers");

  g_assert_cmpstr (json_object_get_string_member (entry, "broker"), ==, "kis");
  g_assert_cmpstr (json_object_get_string_member (entry, "method"), ==, "GET");
  g_assert_cmpstr (json_object_get_string_member (entry, "path"), ==,
                   "/uapi/domestic-stock/v1/quotations/inquire-price");
  g_assert_cmpstr (json_object_get_string_member (entry, "query"), ==, "FID_INPUT_ISCD=005930");
  g_assert_cmpstr (json_object_get_string_member (entry, "body"), ==, "");
  g_assert_cmpstr (json_object_get_string_member (headers, "authorization"), ==, "Bearer unknown");
  g_assert_cmpint (json_object_get_int_member (entry, "status"), ==, 500);
  g_assert_cmpint (json_object_get_int_member (entry, "at_unix_ms"), <=, g_get_real_time () / 1000);
}

static void
test_log (void)
{
  g_autofree char *directory = g_dir_make_tmp ("kr-simulator-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "log", NULL);
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) node = NULL;

  {
    g_autoptr (Client) client = client_start (3, "--exit-on-eof", "--log", path, NULL);
    G_GNUC_UNUSED g_autoptr (Answer) call = client_call (client, "kis", "unknown");
    g_autoptr (Answer) log = client_control (client, "kis", "log", NULL);
    g_autoptr (Answer) other = client_control (client, "ls", "log", NULL);
    JsonArray *requests = json_object_get_array_member (log->json, "requests");

    g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
    g_assert_cmpuint (json_array_get_length (requests), ==, 1);
    check_entry (json_array_get_object_element (requests, 0));
    g_assert_cmpstr (other->body->str, ==, "{\"requests\":[]}");
  }
  /* One line, and nothing about the control interface. */
  g_assert_true (strchr (text, '\n') == text + strlen (text) - 1);
  node = json_from_string (text, NULL);
  check_entry (json_node_get_object (node));
  g_remove (path);
  g_rmdir (directory);
}

static void
test_counts_and_reset (void)
{
  g_autoptr (Client) client = client_start (1, "--exit-on-eof", "--broker", "kis", NULL);
  g_autofree char *token = client_issue_token (client, "kis");
  G_GNUC_UNUSED g_autoptr (Answer) call = client_call (client, "kis", token);
  G_GNUC_UNUSED g_autoptr (Answer) revoke = client_revoke (client, "kis", token);
  g_autoptr (Answer) reset = NULL;
  g_autoptr (Answer) dead = NULL;
  g_autofree char *next = NULL;

  g_assert_cmpuint (client_count (client, "kis", "issue"), ==, 1);
  g_assert_cmpuint (client_count (client, "kis", "call"), ==, 1);
  g_assert_cmpuint (client_count (client, "kis", "revoke"), ==, 1);
  g_assert_cmpuint (client_count (client, "kis", "approval"), ==, 0);
  g_assert_cmpuint (client_count (client, "kis", "connections"), ==, 3);

  reset = client_control (client, "kis", "reset", "");
  g_assert_cmpuint (client_count (client, "kis", "connections"), ==, 0);
  dead = client_call (client, "kis", token);
  g_assert_cmpstr (answer_text (dead, "msg_cd"), ==, "EGW00121");
  /* The minute is forgotten too. */
  next = client_issue_token (client, "kis");
}

static void
test_connections (void)
{
  g_autoptr (Client) client = client_start (1, "--exit-on-eof", "--broker", "ls", NULL);
  g_autoptr (GSocketClient) sockets = g_socket_client_new ();
  g_autoptr (GError) error = NULL;
  const char *uri = g_hash_table_lookup (client->uris, "ls");
  G_GNUC_UNUSED g_autoptr (GSocketConnection) silent
      = g_socket_client_connect_to_uri (sockets, uri, 80, NULL, &error);

  g_assert_no_error (error);
  /* Counted although nothing is ever sent on it. */
  g_assert_cmpuint (client_count (client, "ls", "connections"), ==, 1);
}

static void
test_settings (void)
{
  g_autoptr (Client) client = client_start (1, "--exit-on-eof", "--broker", "kis", NULL);
  const char *const wrong[] = { "{\"nonsense\":1}",         "{\"latency_ms\":\"1\"}",
                                "{\"latency_ms\":-1}",      "[]",
                                "{\"lifetime\":1,\"x\":2}", "" };
  g_autoptr (Answer) set = NULL;
  g_autoptr (Answer) issue = NULL;
  g_autoptr (GDateTime) date = NULL;
  gint64 start;

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (Answer) answer
          = client_send (client, "kis", "/_simulator/settings", "application/json", wrong[i], NULL);

      g_assert_cmpuint (answer->status, ==, 400);
      g_assert_nonnull (answer_text (answer, "error"));
    }

  set = client_control (client, "kis", "settings",
                        "{\"latency_ms\":300,\"numbers_as_strings\":true,"
                        "\"clock_offset\":-864000,\"lifetime\":100}");
  start = g_get_monotonic_time ();
  issue = client_issue (client, "kis", NULL);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 300 * 1000);
  g_assert_cmpstr (answer_text (issue, "expires_in"), ==, "100");
  date = soup_date_time_new_from_http_string (
      soup_message_headers_get_one (soup_message_get_response_headers (issue->message), "Date"));
  g_assert_cmpint (ABS (g_date_time_to_unix (date) + 864000 - g_get_real_time () / 1000000), <, 60);
}

static void
test_tls (void)
{
  g_autofree char *openssl = g_find_program_in_path ("openssl");
  g_autofree char *directory = g_dir_make_tmp ("kr-simulator-XXXXXX", NULL);
  g_autofree char *certificate = g_build_filename (directory, "certificate.pem", NULL);
  g_autofree char *key = g_build_filename (directory, "key.pem", NULL);
  const char *const argv[]
      = { "openssl", "req", "-x509", "-newkey",       "rsa:2048", "-nodes",
          "-days",   "2",   "-subj", "/CN=127.0.0.1", "-addext",  "subjectAltName=IP:127.0.0.1",
          "-keyout", key,   "-out",  certificate,     NULL };
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GTlsDatabase) trust = NULL;
  g_autoptr (GError) error = NULL;

  if (openssl == NULL || !g_tls_backend_supports_tls (g_tls_backend_get_default ()))
    {
      g_test_skip ("needs openssl and a TLS backend");
      g_rmdir (directory);
      return;
    }
  process = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_wait_check (process, NULL, NULL));
  trust = g_tls_file_database_new (certificate, &error);
  g_assert_no_error (error);
  {
    g_autoptr (Client) client
        = client_start (1, "--exit-on-eof", "--broker", "ls", "--tls-certificate", certificate,
                        "--tls-key", key, NULL);
    g_autoptr (Answer) refused = client_issue (client, "ls", NULL);
    g_autoptr (Answer) fault = NULL;
    g_autoptr (Answer) reset = NULL;
    g_autofree char *token = NULL;

    g_assert_true (g_str_has_prefix (g_hash_table_lookup (client->uris, "ls"), "https://"));
    g_assert_error (refused->error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE);
    soup_session_set_tls_database (client->session, trust);
    token = client_issue_token (client, "ls");
    fault = client_control (client, "ls", "faults", "{\"path\":\"*\",\"fault\":\"reset\"}");
    reset = client_issue (client, "ls", NULL);
    g_assert_nonnull (reset->error);
    g_assert_cmpuint (client_count (client, "ls", "issue"), ==, 2);
  }
  g_remove (certificate);
  g_remove (key);
  g_rmdir (directory);
}

void
add_program_tests (void)
{
  g_test_add_func ("/simulator/keys", test_keys);
  g_test_add_func ("/simulator/usage", test_usage);
  g_test_add_func ("/simulator/help", test_help);
  g_test_add_func ("/simulator/ports", test_ports);
  g_test_add_func ("/simulator/signals", test_signals);
  g_test_add_func ("/simulator/die-with-parent", test_parent);
  g_test_add_func ("/simulator/log", test_log);
  g_test_add_func ("/simulator/counts-and-reset", test_counts_and_reset);
  g_test_add_func ("/simulator/connections", test_connections);
  g_test_add_func ("/simulator/settings", test_settings);
  g_test_add_func ("/simulator/tls", test_tls);
}
