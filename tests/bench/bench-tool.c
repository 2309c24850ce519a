/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <libsoup/soup.h>
#include <string.h>

/* What a whole process of kr-secret-tool costs, beside what it is measured against, in one run: the
 * two of a pair take turns, so that a busy machine slows both. Medians count. Runs under
 * tools/with-keyring. */

#define ROUNDS 200
#define LIST_ROUNDS 40
#define LIST_ACCOUNTS 100
#define ISSUES 20
#define LATENCY_MS 100

typedef struct
{
  const char *what;
  const char *against;
  double measured;
  double bound;
  const char *unit;
} Row;

static const char *tool;
static GArray *rows;

static char *
run_argv (const char *const *argv, const char *input, double *out_ms)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *output = NULL;
  gint64 start = g_get_monotonic_time ();

  process = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                               &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, input, NULL, &output, NULL, &error);
  g_assert_no_error (error);
  if (out_ms != NULL)
    *out_ms = (double) (g_get_monotonic_time () - start) / 1000;
  if (!g_subprocess_get_successful (process))
    g_error ("%s %s failed", argv[0], argv[1]);
  return g_steal_pointer (&output);
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static double
median (GArray *times)
{
  g_array_sort (times, compare_doubles);
  return g_array_index (times, double, times->len / 2);
}

static void
add_row (const char *what, const char *against, double measured, double bound, const char *unit)
{
  Row row = { what, against, measured, bound, unit };

  g_array_append_val (rows, row);
}

static char *
start_simulator (GSubprocess **out_process)
{
  const char *const argv[]
      = { g_getenv ("KR_TEST_SIMULATOR"), "--broker", "kis", "--exit-on-eof", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autofree char *line = NULL;

  *out_process = g_subprocess_newv (
      argv, G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error (error);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (*out_process));
  line = g_data_input_stream_read_line (lines, NULL, NULL, &error);
  g_assert_no_error (error);
  return g_strdup (strchr (line, ' ') + 1);
}

static void
set_latency (const char *uri)
{
  g_autofree char *settings = g_strconcat (uri, "/_simulator/settings", NULL);
  g_autofree char *body = g_strdup_printf ("{\"latency_ms\":%d}", LATENCY_MS);
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (SoupMessage) message = soup_message_new ("POST", settings);
  g_autoptr (GBytes) request = g_bytes_new (body, strlen (body));
  g_autoptr (GBytes) reply = NULL;

  soup_message_set_request_body_from_bytes (message, "application/json", request);
  reply = soup_session_send_and_read (session, message, NULL, NULL);
  g_assert_nonnull (reply);
  g_assert_cmpuint (soup_message_get_status (message), ==, 200);
}

static void
add_account (const char *uri, guint number)
{
  g_autofree char *key_name = g_strdup_printf ("kis:%u", number);
  g_autofree char *alias = g_strdup_printf ("bench-%03u", number);
  const char *const keys[] = { g_getenv ("KR_TEST_SIMULATOR"), "--keys", key_name, NULL };
  const char *const add[] = { tool,         "add", "kis",         alias, "--env", "paper",
                              "--endpoint", uri,   "--no-verify", "-q",  NULL };
  g_autofree char *key = run_argv (keys, NULL, NULL);
  G_GNUC_UNUSED g_autofree char *output = run_argv (add, key, NULL);
}

static char *
get_id (const char *alias)
{
  const char *const show[] = { tool, "show", alias, "--json", NULL };
  g_autofree char *output = run_argv (show, NULL, NULL);
  g_autoptr (JsonNode) root = json_from_string (output, NULL);

  return g_strdup (json_object_get_string_member (json_node_get_object (root), "id"));
}

/* The same item, read by libsecret's own tool. */
static void
measure_token (void)
{
  g_autofree char *id = get_id ("bench-000");
  const char *const ours[] = { tool, "token", "bench-000", NULL };
  const char *const theirs[]
      = { "secret-tool", "lookup",         "xdg:schema", "kr.krsecret.Item", "id", id,
          "kind",        "krsecret-token", NULL };
  g_autoptr (GArray) our_times = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) their_times = g_array_new (FALSE, FALSE, sizeof (double));
  g_autofree char *first = run_argv (ours, NULL, NULL);

  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autofree char *our_output = NULL;
      g_autofree char *their_output = NULL;
      double ms;

      our_output = run_argv (ours, NULL, &ms);
      g_array_append_val (our_times, ms);
      their_output = run_argv (theirs, NULL, &ms);
      g_array_append_val (their_times, ms);
      g_assert_cmpstr (our_output, ==, first);
      g_assert_nonnull (strstr (their_output, g_strchomp (our_output)));
    }
  g_print ("# token: median %.2f ms, secret-tool lookup: median %.2f ms\n", median (our_times),
           median (their_times));
  add_row ("token, stored and fresh", "secret-tool lookup of the same item",
           median (our_times) / median (their_times), 1.15, "x");
}

static void
measure_issue (void)
{
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 1; i <= ISSUES; i++)
    {
      g_autofree char *alias = g_strdup_printf ("bench-%03u", i);
      const char *const argv[] = { tool, "token", alias, NULL };
      g_autofree char *output = NULL;
      double ms;

      output = run_argv (argv, NULL, &ms);
      ms -= LATENCY_MS;
      g_array_append_val (times, ms);
    }
  add_row ("token, issued", "whole process less the broker's latency", median (times), 80, "ms");
}

static void
measure_list (void)
{
  const char *const argv[] = { tool, "list", NULL };
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < LIST_ROUNDS; i++)
    {
      g_autofree char *output = NULL;
      double ms;

      output = run_argv (argv, NULL, &ms);
      g_array_append_val (times, ms);
      g_assert_nonnull (strstr (output, "bench-099"));
    }
  add_row ("list of 100 accounts", "whole process", median (times), 40, "ms");
}

int
main (int argc, char **argv)
{
  g_autoptr (GSubprocess) simulator = NULL;
  g_autofree char *uri = start_simulator (&simulator);
  gboolean within = TRUE;

  tool = g_getenv ("KR_TEST_TOOL");
  rows = g_array_new (FALSE, FALSE, sizeof (Row));

  /* One account alone for the lookup, then the others. */
  add_account (uri, 0);
  measure_token ();
  for (guint i = 1; i < LIST_ACCOUNTS; i++)
    add_account (uri, i);
  measure_list ();
  set_latency (uri);
  measure_issue ();
  g_subprocess_force_exit (simulator);

  g_print ("%-26s %-42s %12s %12s\n", "what", "against", "measured", "at most");
  for (guint i = 0; i < rows->len; i++)
    {
      const Row *row = &g_array_index (rows, Row, i);

      g_print ("%-26s %-42s %9.2f %-2s %9.2f %-2s%s\n", row->what, row->against, row->measured,
               row->unit, row->bound, row->unit, row->measured <= row->bound ? "" : "  EXCEEDED");
      within &= row->measured <= row->bound;
    }
  g_array_unref (rows);
  return within ? 0 : 1;
}
