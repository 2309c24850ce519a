/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Each fault does what its name says. */

#include "client.h"
#include "suites.h"

#include <string.h>

typedef void (*Check) (Client *client, Answer *answer);

static void
check_status (Client *client, Answer *answer)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (answer->message);

  g_assert_cmpuint (answer->status, ==, 429);
  g_assert_cmpstr (answer->body->str, ==, "slow");
  g_assert_cmpstr (soup_message_headers_get_one (headers, "Retry-After"), ==, "3");
  g_assert_cmpstr (soup_message_headers_get_one (headers, "Content-Type"), ==, "text/plain");
}

static void
check_html (Client *client, Answer *answer)
{
  g_assert_cmpuint (answer->status, ==, 200);
  g_assert_true (g_str_has_prefix (answer->body->str, "<!DOCTYPE html>"));
}

static void
check_empty (Client *client, Answer *answer)
{
  g_assert_cmpuint (answer->status, ==, 200);
  g_assert_cmpuint (answer->body->len, ==, 0);
}

static void
check_redirect (Client *client, Answer *answer)
{
  g_assert_cmpuint (answer->status, ==, 307);
  g_assert_cmpstr (soup_message_headers_get_one (
                       soup_message_get_response_headers (answer->message), "Location"),
                   ==, "http://127.0.0.1:1/");
}

static void
check_drip (Client *client, Answer *answer)
{
  /* The first part comes at once, then a byte a second. */
  g_assert_no_error (answer->error);
  g_assert_cmpuint (answer->body->len, ==, client->cap);
  g_assert_true (g_str_has_suffix (answer->body->str, "\"aa"));
}

static void
check_endless (Client *client, Answer *answer)
{
  g_assert_no_error (answer->error);
  g_assert_cmpuint (answer->body->len, ==, client->cap);
  g_assert_null (soup_message_headers_get_one (soup_message_get_response_headers (answer->message),
                                               "Content-Length"));
}

static void
check_bomb (Client *client, Answer *answer)
{
  g_autoptr (GZlibDecompressor) gzip = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP);
  g_autoptr (GInputStream) packed
      = g_memory_input_stream_new_from_data (answer->body->str, (gssize) answer->body->len, NULL);
  g_autoptr (GInputStream) stream = g_converter_input_stream_new (packed, G_CONVERTER (gzip));
  char block[16 * 1024];
  gssize size = 0;
  gssize n;

  while ((n = g_input_stream_read (stream, block, sizeof block, NULL, NULL)) > 0)
    size += n;

  g_assert_cmpstr (soup_message_headers_get_one (
                       soup_message_get_response_headers (answer->message), "Content-Encoding"),
                   ==, "gzip");
  /* Small enough to stay below a limit on the bytes received. */
  g_assert_cmpuint (answer->body->len, <=, 64 * 1024);
  g_assert_cmpint (size, >, 64 * 1024 * 1024);
}

static void
check_failed (Client *client, Answer *answer)
{
  g_assert_nonnull (answer->error);
}

static void
check_deep (Client *client, Answer *answer)
{
  g_assert_cmpuint (strspn (answer->body->str, "["), ==, 100000);
}

static void
check_shallow (Client *client, Answer *answer)
{
  g_assert_cmpstr (answer->body->str, ==, "[[[[[]]]]]");
}

static void
check_cut (Client *client, Answer *answer)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (answer->message);

  g_assert_cmpint (soup_message_headers_get_content_length (headers), >,
                   (goffset) answer->body->len);
}

static void
check_cut_no_length (Client *client, Answer *answer)
{
  g_assert_no_error (answer->error);
  g_assert_cmpuint (answer->status, ==, 200);
  g_assert_true (g_str_has_prefix (answer->body->str, "{\"access_token\":\""));
  g_assert_null (answer->json);
}

static void
check_token (Client *client, Answer *answer)
{
  g_assert_true (g_str_has_prefix (answer->body->str, "{\"access_token\":\"a\\u0000b\\r\\nc d\","));
}

static void
check_merge (Client *client, Answer *answer)
{
  g_assert_nonnull (strstr (answer->body->str, "\"expires_in\":9223372036854775808"));
  g_assert_nonnull (strstr (answer->body->str, "\"added\":{\"x\":[1,\"}\"]}"));
  g_assert_null (strstr (answer->body->str, "scope"));
  g_assert_nonnull (strstr (answer->body->str, "access_token"));
}

static void
check_prepend (Client *client, Answer *answer)
{
  g_assert_true (g_str_has_prefix (answer->body->str, "\xef\xbb\xbf{\"access_token\""));
}

static void
check_body (Client *client, Answer *answer)
{
  g_assert_cmpmem (answer->body->str, answer->body->len, "\xff\x00", 2);
  g_assert_cmpuint (answer->status, ==, 201);
}

static void
check_duplicate (Client *client, Answer *answer)
{
  const char *first = strstr (answer->body->str, "\"access_token\":\"");
  const char *second = strstr (first + 1, "\"access_token\":\"");

  g_assert_nonnull (second);
  g_assert_true (strncmp (first, second, 24) != 0);
}

static void
check_rate (Client *client, Answer *answer)
{
  g_assert_cmpuint (answer->status, ==, 403);
  g_assert_cmpstr (answer_text (answer, "error_code"), ==, "IGW00201");
}

static void
check_key (Client *client, Answer *answer)
{
  g_assert_cmpstr (answer_text (answer, "error_code"), ==, "IGW00103");
}

static void
check_secret (Client *client, Answer *answer)
{
  g_assert_cmpstr (answer_text (answer, "error_code"), ==, "IGW00105");
}

static void
check_server (Client *client, Answer *answer)
{
  g_assert_cmpuint (answer->status, ==, 500);
  g_assert_cmpstr (answer_text (answer, "error_code"), ==, "IGW00002");
}

static void
check_good (Client *client, Answer *answer)
{
  g_assert_cmpuint (answer->status, ==, 200);
  g_assert_nonnull (answer_text (answer, "access_token"));
}

static const struct
{
  const char *name;
  const char *parameters;
  Check check;
  gsize cap;
  int status; /* in the log */
} cases[] = {
  { "status",
    ",\"status\":429,\"body\":\"slow\",\"content_type\":\"text/plain\","
    "\"headers\":{\"Retry-After\":\"3\"}",
    check_status, 0, 429 },
  { "html200", "", check_html, 0, 200 },
  { "empty200", "", check_empty, 0, 200 },
  { "redirect", ",\"status\":307,\"location\":\"http://127.0.0.1:1/\"", check_redirect, 0, 307 },
  { "mute", "", check_failed, 0, 0 },
  { "drip", "", check_drip, 19, 200 },
  { "drip", ",\"in_headers\":true", check_failed, 0, 200 },
  { "endless", "", check_endless, 0, 200 },
  { "gzip-bomb", "", check_bomb, 0, 200 },
  { "huge-headers", "", check_failed, 0, 200 },
  { "deep", "", check_deep, 0, 200 },
  { "deep", ",\"depth\":5", check_shallow, 0, 200 },
  { "cut", "", check_cut, 0, 200 },
  { "cut-no-length", "", check_cut_no_length, 0, 200 },
  { "reset", "", check_failed, 0, 0 },
  { "token", ",\"token\":\"a\\u0000b\\r\\nc d\"", check_token, 0, 200 },
  { "merge",
    ",\"merge\":{\"expires_in\":9223372036854775808,\"scope\":null,\"added\":{\"x\":[1,\"}\"]}}",
    check_merge, 0, 200 },
  { "prepend", ",\"bytes_base64\":\"77u/\"", check_prepend, 0, 200 },
  { "body", ",\"body_base64\":\"/wA=\",\"status\":201", check_body, 0, 201 },
  { "duplicate-key", "", check_duplicate, 0, 200 },
  { "rate-limited", "", check_rate, 0, 403 },
  { "refuse-key", "", check_key, 0, 403 },
  { "refuse-secret", "", check_secret, 0, 403 },
  { "server-error", "", check_server, 0, 500 },
  { "delay", ",\"ms\":200", check_good, 0, 200 },
};

/* Only a deadline for the whole request bounds a header that drips for ever, and a session's
 * timeout is not one; so the client hangs up by itself. */
static gboolean
is_slow_header (gsize i)
{
  return strstr (cases[i].parameters, "in_headers") != NULL;
}

static void
check_slow_header (Client *client)
{
  g_autoptr (GSocketClient) sockets = g_socket_client_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) connection = g_socket_client_connect_to_uri (
      sockets, g_hash_table_lookup (client->uris, "ls"), 80, NULL, &error);
  static const char request[] = "POST /oauth2/token HTTP/1.1\r\nHost: x\r\n"
                                "Content-Length: 0\r\n\r\n";
  g_autoptr (GString) reply = g_string_new (NULL);
  char byte;

  g_assert_no_error (error);
  g_assert_true (
      g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), request,
                                 strlen (request), NULL, NULL, NULL));
  while (!g_str_has_suffix (reply->str, "X-Drip: aa"))
    {
      g_assert_cmpint (g_input_stream_read (g_io_stream_get_input_stream (G_IO_STREAM (connection)),
                                            &byte, 1, NULL, NULL),
                       ==, 1);
      g_string_append_c (reply, byte);
    }
}

static void
test_fault (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (Client) client = client_start (1, "--exit-on-eof", "--broker", "ls", NULL);
  g_autofree char *order
      = g_strdup_printf ("{\"path\":\"/oauth2/token\",\"times\":1,\"fault\":\"%s\"%s}",
                         cases[i].name, cases[i].parameters);
  G_GNUC_UNUSED g_autoptr (Answer) set = client_control (client, "ls", "faults", order);
  g_autoptr (Answer) answer = NULL;
  g_autoptr (Answer) log = NULL;
  g_autofree char *token = NULL;
  JsonArray *requests;

  if (is_slow_header (i))
    check_slow_header (client);
  else
    {
      if (cases[i].cap != 0)
        client->cap = cases[i].cap;
      if (strcmp (cases[i].name, "mute") == 0)
        soup_session_set_timeout (client->session, 1);
      answer = client_issue (client, "ls", NULL);
      cases[i].check (client, answer);
      client->cap = 1024 * 1024;
      soup_session_set_timeout (client->session, 60);
    }

  log = client_control (client, "ls", "log", NULL);
  requests = json_object_get_array_member (log->json, "requests");
  g_assert_cmpuint (json_array_get_length (requests), ==, 1);
  g_assert_cmpint (
      json_object_get_int_member (json_array_get_object_element (requests, 0), "status"), ==,
      cases[i].status);
  /* The fault is used up: the next request is answered as usual. */
  token = client_issue_token (client, "ls");
}

void
add_fault_tests (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path
          = g_strdup_printf ("/simulator/faults/%02u-%s", (guint) i, cases[i].name);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_fault);
    }
}
