/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "bench.h"
#include "test-simulator.h"

/* What a whole process of kr-secret-tool costs, beside what it is measured against, in one run: the
 * two of a pair take turns, so that a busy machine slows both. Medians count. Runs under
 * tools/with-keyring. */

#define ROUNDS 200
#define LIST_ROUNDS 40
#define LIST_ACCOUNTS 100
#define ISSUES 20
#define LATENCY_MS 100

#define STRING_(x) #x
#define STRING(x) STRING_ (x)

static const char *tool;

static char *
run_argv (const char *const *argv, const char *input, double *out_ms)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *output = NULL;
  double start = bench_now ();

  process = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                               &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, input, NULL, &output, NULL, &error);
  g_assert_no_error (error);
  if (out_ms != NULL)
    *out_ms = bench_now () - start;
  if (!g_subprocess_get_successful (process))
    g_error ("%s %s failed", argv[0], argv[1]);
  return g_steal_pointer (&output);
}

static void
add_account (const char *uri, guint number)
{
  g_autofree char *alias = g_strdup_printf ("bench-%03u", number);
  const char *const add[] = { tool,         "add", "kis",         alias, "--env", "paper",
                              "--endpoint", uri,   "--no-verify", "-q",  NULL };
  g_autofree char *key = test_simulator_get_key_lines ("kis", number);
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
  g_autoptr (GArray) our_times = bench_times_new ();
  g_autoptr (GArray) their_times = bench_times_new ();
  g_autofree char *first = run_argv (ours, NULL, NULL);

  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autofree char *our_output = NULL;
      g_autofree char *their_output = NULL;
      double ms;

      our_output = run_argv (ours, NULL, &ms);
      bench_times_add (our_times, ms);
      their_output = run_argv (theirs, NULL, &ms);
      bench_times_add (their_times, ms);
      g_assert_cmpstr (our_output, ==, first);
      g_assert_nonnull (strstr (their_output, g_strchomp (our_output)));
    }
  bench_add_row ("token, stored and fresh: whole process",
                 bench_median (our_times) / bench_median (their_times), "x", BENCH_AT_MOST, 1.15,
                 "%.2f ms to %.2f ms: secret-tool lookup, same item", bench_median (our_times),
                 bench_median (their_times));
}

static void
measure_issue (void)
{
  g_autoptr (GArray) times = bench_times_new ();

  for (guint i = 1; i <= ISSUES; i++)
    {
      g_autofree char *alias = g_strdup_printf ("bench-%03u", i);
      const char *const argv[] = { tool, "token", alias, NULL };
      g_autofree char *output = NULL;
      double ms;

      output = run_argv (argv, NULL, &ms);
      bench_times_add (times, ms - LATENCY_MS);
    }
  bench_add_row ("token, issued: whole process", bench_median (times), "ms", BENCH_AT_MOST, 80,
                 "less the broker's latency");
}

static void
measure_list (void)
{
  const char *const argv[] = { tool, "list", NULL };
  g_autoptr (GArray) times = bench_times_new ();

  for (guint i = 0; i < LIST_ROUNDS; i++)
    {
      g_autofree char *output = NULL;
      double ms;

      output = run_argv (argv, NULL, &ms);
      bench_times_add (times, ms);
      g_assert_nonnull (strstr (output, "bench-099"));
    }
  bench_add_row ("list of 100 accounts: whole process", bench_median (times), "ms", BENCH_AT_MOST,
                 40, "-");
}

/* A person waits for it with a finger on the key. */
static void
measure_completion (void)
{
  const char *const argv[]
      = { tool, "completion", "--words", "2", "--", "kr-secret-tool", "show", "", NULL };
  g_autoptr (GArray) times = bench_times_new ();

  for (guint i = 0; i < LIST_ROUNDS; i++)
    {
      g_autofree char *output = NULL;
      double ms;

      output = run_argv (argv, NULL, &ms);
      bench_times_add (times, ms);
      g_assert_nonnull (strstr (output, "bench-099\t"));
    }
  bench_add_row ("completion, 100 accounts: whole process", bench_median (times), "ms",
                 BENCH_AT_MOST, 30, "-");
}

int
main (int argc, char **argv)
{
  g_autoptr (TestSimulator) simulator = test_simulator_start (NULL);
  const char *uri = test_simulator_get_uri (simulator, "kis");

  tool = g_getenv ("KR_TEST_TOOL");

  /* One account alone for the lookup, then the others. */
  add_account (uri, 0);
  measure_token ();
  for (guint i = 1; i < LIST_ACCOUNTS; i++)
    add_account (uri, i);
  measure_list ();
  measure_completion ();
  test_simulator_set (simulator, "kis", "'latency_ms':" STRING (LATENCY_MS));
  measure_issue ();
  return bench_report ();
}
