/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "krsecret.h"
#include "test-simulator.h"

/* Measures a whole process of kr-secret-tool next to its anchor in the same run. The two of a pair
 * take turns, so that a busy machine slows both. Medians count. Runs under tools/with-keyring. */

#define ROUNDS 200
#define LIST_ROUNDS 40
#define LIST_ACCOUNTS 100
#define MANY_ROUNDS 20
#define MANY_ACCOUNTS 1000
#define MEMORY_ROUNDS 15
#define COMPLETIONS "30"
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

/* With --resident this program runs a command and prints the command's peak memory in KiB. The
 * kernel includes the memory that a process used before it became the command, so the process that
 * forks has to be small, and does nothing else. */
static int
print_resident (char **argv)
{
  struct rusage usage;
  int status = 0;
  pid_t pid = fork ();

  if (pid == 0)
    {
      if (freopen ("/dev/null", "w", stdout) != NULL)
        execvp (argv[0], argv);
      _exit (127);
    }
  if (pid < 0 || wait4 (pid, &status, 0, &usage) != pid || status != 0)
    return 1;
  printf ("%ld\n", usage.ru_maxrss);
  return 0;
}

static double
get_resident (const char *const *command)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *output = NULL;

  g_ptr_array_add (argv, self);
  g_ptr_array_add (argv, (gpointer) "--resident");
  for (; *command != NULL; command++)
    g_ptr_array_add (argv, (gpointer) *command);
  g_ptr_array_add (argv, NULL);
  output = run_argv ((const char *const *) argv->pdata, NULL, NULL);
  return g_ascii_strtod (output, NULL) / 1024;
}

static void
measure_memory (const char *const *ours, const char *const *theirs)
{
  g_autoptr (GArray) our_sizes = bench_times_new ();
  g_autoptr (GArray) their_sizes = bench_times_new ();

  for (guint i = 0; i < MEMORY_ROUNDS; i++)
    {
      bench_times_add (our_sizes, get_resident (ours));
      bench_times_add (their_sizes, get_resident (theirs));
    }
  bench_add_row ("token, stored and fresh: resident memory",
                 bench_median (our_sizes) / bench_median (their_sizes), "x", BENCH_AT_MOST, 1.25,
                 "%.1f MiB to %.1f MiB: secret-tool lookup, same item", bench_median (our_sizes),
                 bench_median (their_sizes));
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
  measure_memory (ours, theirs);
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
measure_list (guint accounts, guint rounds, const char *what, double bound)
{
  const char *const argv[] = { tool, "list", NULL };
  g_autofree char *last = g_strdup_printf ("bench-%03u ", accounts - 1);
  g_autoptr (GArray) times = bench_times_new ();

  for (guint i = 0; i < rounds; i++)
    {
      g_autofree char *output = NULL;
      double ms;

      output = run_argv (argv, NULL, &ms);
      bench_times_add (times, ms);
      g_assert_nonnull (strstr (output, last));
    }
  bench_add_row (what, bench_median (times), "ms", BENCH_AT_MOST, bound, "-");
}

/* Completes in a shell that has read our script: how long it takes, in microseconds, and how many
 * names it offers. */
static const char completion[]
    = "PATH=${1%/*}:$PATH\n"
      "source <(kr-secret-tool completion bash)\n"
      "spec=$(complete -p kr-secret-tool) || exit\n"
      "[[ $spec =~ -F\\ ([^ ]+) ]] || exit\n"
      "COMP_LINE='kr-secret-tool token bench-09' COMP_POINT=${#COMP_LINE}\n"
      "COMP_WORDS=($COMP_LINE) COMP_CWORD=2 COMP_TYPE=9 COMP_KEY=9\n"
      "for ((i = 0; i < $2; i++)); do\n"
      "  COMPREPLY=() start=${EPOCHREALTIME//[!0-9]/}\n"
      "  ${BASH_REMATCH[1]} kr-secret-tool bench-09 token\n"
      "  echo $((${EPOCHREALTIME//[!0-9]/} - start)) ${#COMPREPLY[@]}\n"
      "done\n";

static void
measure_completion (void)
{
  const char *const argv[] = { "bash", "-c", completion, "bash", tool, COMPLETIONS, NULL };
  g_autofree char *output = run_argv (argv, NULL, NULL);
  g_auto (GStrv) lines = g_strsplit (g_strchomp (output), "\n", -1);
  g_autoptr (GArray) times = bench_times_new ();

  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *rest;
      double us = g_ascii_strtod (lines[i], &rest);

      if (g_ascii_strtoull (rest, NULL, 10) != 10)
        g_error ("ten aliases begin with bench-09, but completion says: %s", lines[i]);
      bench_times_add (times, us / 1000);
    }
  bench_add_row ("completion of an alias in bash, 100 accounts", bench_median (times), "ms",
                 BENCH_AT_MOST, 30, "the function that bash calls; bash itself runs already");
}

/* No broker is asked about these. */
static void
add_many (const char *uri)
{
  const char *const names[] = { "appkey", "appsecret", NULL };
  g_autoptr (KrSecretClient) client = kr_secret_client_new ();
  g_autofree KrSecretDraft *drafts = g_new0 (KrSecretDraft, MANY_ACCOUNTS - LIST_ACCOUNTS);
  g_autoptr (GPtrArray) aliases = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) accounts = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = LIST_ACCOUNTS; i < MANY_ACCOUNTS; i++)
    {
      g_autofree char *appkey = g_strdup_printf ("%036u", i);
      g_autofree char *appsecret = g_strdup_printf ("secret%0174u", i);
      g_autoptr (SecretValue) key_value = secret_value_new (appkey, -1, "text/plain");
      g_autoptr (SecretValue) secret_value = secret_value_new (appsecret, -1, "text/plain");
      SecretValue *const values[] = { key_value, secret_value, NULL };
      KrSecretDraft *draft = &drafts[i - LIST_ACCOUNTS];

      g_ptr_array_add (aliases, g_strdup_printf ("bench-%03u", i));
      draft->alias = aliases->pdata[i - LIST_ACCOUNTS];
      draft->broker_id = "kis";
      draft->environment = KR_SECRET_ENVIRONMENT_PAPER;
      draft->endpoint = uri;
      draft->credential = kr_secret_credential_new (names, values);
    }
  kr_secret_client_set_timeout (client, 200 * 1000);
  accounts = kr_secret_client_add_all (client, drafts, MANY_ACCOUNTS - LIST_ACCOUNTS, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < MANY_ACCOUNTS - LIST_ACCOUNTS; i++)
    kr_secret_credential_unref (drafts[i].credential);
}

int
main (int argc, char **argv)
{
  g_autoptr (TestSimulator) simulator = NULL;
  const char *uri;

  if (argc > 2 && strcmp (argv[1], "--resident") == 0)
    return print_resident (argv + 2);
  simulator = test_simulator_start (NULL);
  uri = test_simulator_get_uri (simulator, "kis");
  tool = g_getenv ("KR_TEST_TOOL");

  /* The lookup has a single account; the others are added afterwards. */
  add_account (uri, 0);
  measure_token ();
  for (guint i = 1; i < LIST_ACCOUNTS; i++)
    add_account (uri, i);
  measure_list (LIST_ACCOUNTS, LIST_ROUNDS, "list of 100 accounts: whole process", 40);
  measure_completion ();
  test_simulator_set (simulator, "kis", "'latency_ms':" STRING (LATENCY_MS));
  measure_issue ();
  add_many (uri);
  measure_list (MANY_ACCOUNTS, MANY_ROUNDS, "list of 1000 accounts: whole process", 150);
  return bench_report ();
}
