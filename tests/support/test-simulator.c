/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-simulator.h"

#include <gio/gio.h>
#include <string.h>

#include "test-assert.h"
#include "test-run.h"

#define N_BROKERS 3

struct _TestSimulator
{
  GSubprocess *process; /* or NULL: stopped */
  GHashTable *uris;     /* broker -> URI */
};

static const char *
get_program (void)
{
  const char *program = g_getenv ("KR_TEST_SIMULATOR");

  g_assert_nonnull (program);
  return program;
}

TestSimulator *
test_simulator_start (const char *options)
{
  TestSimulator *self = g_new0 (TestSimulator, 1);
  g_autofree char *command
      = g_strdup_printf ("'%s' --exit-on-eof %s", get_program (), options != NULL ? options : "");
  g_auto (GStrv) argv = NULL;
  g_autoptr (GDataInputStream) output = NULL;
  g_autoptr (GError) error = NULL;

  g_shell_parse_argv (command, NULL, &argv, &error);
  g_assert_no_error (error);
  self->process
      = g_subprocess_newv ((const char *const *) argv,
                           G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error (error);
  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (output), FALSE);
  self->uris = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < N_BROKERS; i++)
    {
      g_autofree char *line = g_data_input_stream_read_line_utf8 (output, NULL, NULL, &error);
      char *space;

      g_assert_no_error (error);
      g_assert_nonnull (line);
      space = strchr (line, ' ');
      g_assert_nonnull (space);
      g_hash_table_insert (self->uris, g_strndup (line, (gsize) (space - line)),
                           g_strdup (space + 1));
    }
  return self;
}

void
test_simulator_stop (TestSimulator *self)
{
  g_autoptr (GError) error = NULL;

  g_output_stream_close (g_subprocess_get_stdin_pipe (self->process), NULL, &error);
  g_assert_no_error (error);
  g_subprocess_wait_check (self->process, NULL, &error);
  g_assert_no_error (error);
  g_clear_object (&self->process);
}

void
test_simulator_free (TestSimulator *self)
{
  if (self->process != NULL)
    test_simulator_stop (self);
  g_hash_table_unref (self->uris);
  g_free (self);
}

const char *
test_simulator_get_uri (TestSimulator *self, const char *broker)
{
  const char *uri = g_hash_table_lookup (self->uris, broker);

  g_assert_nonnull (uri);
  return uri;
}

/* One connection for each request, and HTTP so plain that it needs no library. */
guint
test_simulator_send (TestSimulator *self,
                     const char *broker,
                     const char *method,
                     const char *path,
                     const char *headers,
                     const char *body,
                     char **out_body)
{
  const char *host = test_simulator_get_uri (self, broker) + strlen ("http://");
  g_autofree char *request = g_strdup_printf (
      "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%sContent-Length: %" G_GSIZE_FORMAT
      "\r\n\r\n%s",
      method, path, host, headers != NULL ? headers : "", body != NULL ? strlen (body) : 0,
      body != NULL ? body : "");
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GOutputStream) reply = g_memory_output_stream_new_resizable ();
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  const char *end;

  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_set_timeout (client, 20);
  connection = g_socket_client_connect_to_host (client, host, 80, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), request,
                             strlen (request), NULL, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_splice (reply, g_io_stream_get_input_stream (G_IO_STREAM (connection)),
                          G_OUTPUT_STREAM_SPLICE_NONE, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_write_all (reply, "", 1, NULL, NULL, NULL);
  g_output_stream_close (reply, NULL, NULL);
  text = g_memory_output_stream_steal_data (G_MEMORY_OUTPUT_STREAM (reply));
  g_assert_true (g_str_has_prefix (text, "HTTP/1."));
  end = strstr (text, "\r\n\r\n");
  g_assert_nonnull (end);
  if (out_body != NULL)
    *out_body = g_strdup (end + 4);
  return (guint) g_ascii_strtoull (text + strlen ("HTTP/1.1 "), NULL, 10);
}

static JsonObject *
control (TestSimulator *self, const char *broker, const char *name, const char *body)
{
  g_autofree char *path = g_strconcat ("/_simulator/", name, NULL);
  g_autofree char *reply = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;
  guint status
      = test_simulator_send (self, broker, body != NULL ? "POST" : "GET", path, NULL, body, &reply);

  if (status != 200)
    test_fail ("%s: %u %s", path, status, reply);
  node = json_from_string (reply, &error);
  g_assert_no_error (error);
  return node != NULL ? json_node_dup_object (node) : NULL;
}

static void
tell (TestSimulator *self, const char *broker, const char *name, const char *members)
{
  g_autofree char *body = g_strconcat ("{", members, "}", NULL);
  JsonObject *reply;

  for (char *p = body; *p != '\0'; p++)
    if (*p == '\'')
      *p = '"';
  reply = control (self, broker, name, body);
  g_clear_pointer (&reply, json_object_unref);
}

guint
test_simulator_count (TestSimulator *self, const char *broker, const char *what)
{
  g_autoptr (JsonObject) counts = control (self, broker, "counts", NULL);

  g_assert_true (json_object_has_member (counts, what));
  return (guint) json_object_get_int_member (counts, what);
}

void
test_simulator_fault (TestSimulator *self, const char *broker, const char *members)
{
  test_simulator_fault_at (self, broker, "*", members);
}

void
test_simulator_fault_at (TestSimulator *self,
                         const char *broker,
                         const char *path,
                         const char *members)
{
  g_autofree char *whole = g_strdup_printf ("'path':'%s',%s", path, members);

  tell (self, broker, "faults", whole);
}

void
test_simulator_set (TestSimulator *self, const char *broker, const char *members)
{
  tell (self, broker, "settings", members);
}

void
test_simulator_reset (TestSimulator *self, const char *broker)
{
  tell (self, broker, "reset", "");
}

JsonArray *
test_simulator_get_log (TestSimulator *self, const char *broker)
{
  g_autoptr (JsonObject) log = control (self, broker, "log", NULL);

  return json_array_ref (json_object_get_array_member (log, "requests"));
}

JsonObject *
test_simulator_get_request (TestSimulator *self, const char *broker, const char *path)
{
  g_autoptr (JsonArray) log = test_simulator_get_log (self, broker);

  for (guint i = json_array_get_length (log); i > 0; i--)
    {
      JsonObject *entry = json_array_get_object_element (log, i - 1);

      if (g_str_equal (json_object_get_string_member (entry, "path"), path)
          && g_str_equal (json_object_get_string_member (entry, "broker"), broker))
        return json_object_ref (entry);
    }
  test_fail ("no request for %s", path);
}

guint
test_simulator_issue (TestSimulator *self, const char *broker, guint index)
{
  g_autofree char *appkey = test_simulator_get_key (broker, index, "appkey");
  g_autofree char *appsecret = test_simulator_get_key (broker, index, "appsecret");
  gboolean form = g_str_equal (broker, "ls");
  g_autofree char *body = g_strdup_printf (
      form ? "grant_type=client_credentials&appkey=%s&appsecretkey=%s&scope=oob"
           : "{\"grant_type\":\"client_credentials\",\"appkey\":\"%s\",\"appsecret\":\"%s\"}",
      appkey, appsecret);

  return test_simulator_send (self, broker, "POST",
                              g_str_equal (broker, "kis") ? "/oauth2/tokenP" : "/oauth2/token",
                              form ? "Content-Type: application/x-www-form-urlencoded\r\n"
                                   : "Content-Type: application/json\r\n",
                              body, NULL);
}

char *
test_simulator_get_key_lines (const char *broker, guint index)
{
  g_autofree char *which = g_strdup_printf ("%s:%u", broker, index);
  const char *const argv[] = { get_program (), "--keys", which, NULL };
  g_autoptr (TestRun) run = test_run (NULL, argv, NULL, -1);

  if (run->status != 0)
    test_fail ("--keys %s: %s", which, run->err);
  return g_steal_pointer (&run->out);
}

char *
test_simulator_get_key (const char *broker, guint index, const char *field)
{
  g_autofree char *text = test_simulator_get_key_lines (broker, index);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (gsize i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], field) && lines[i][strlen (field)] == '=')
      return g_strdup (lines[i] + strlen (field) + 1);
  test_fail ("no %s in: %s", field, text);
}
