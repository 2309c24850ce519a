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

/* The time and the memory of a whole process of kr-secret-tool, compared with an anchor in the same
 * run. The two of a pair run in turns, so a busy machine slows both, and medians are compared: no
 * row is an absolute time. Runs under tools/with-keyring. */

#define ROUNDS 200
#define LIST_ROUNDS 20
#define LIST_ACCOUNTS 100
#define MANY_ROUNDS 10
#define MANY_ACCOUNTS 1000
#define MEMORY_ROUNDS 15
#define COMPLETIONS "30"
#define ISSUES 20

static const char *tool;

static char *
run_argv (const char *const *argv, const char *input, double *out_ms)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *output = NULL;
  double start = bench_now ();

  /* secret-tool search also prints to standard error. */
  process = g_subprocess_newv (
      argv,
      G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE
          | (g_str_equal (argv[0], "secret-tool") ? G_SUBPROCESS_FLAGS_STDERR_SILENCE : 0),
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

/* Memory in MiB. */
static void
measure_memory (const char *const *ours, const char *const *theirs)
{
  g_autoptr (GArray) our_sizes = bench_times_new ();
  g_autoptr (GArray) their_sizes = bench_times_new ();
  double our_median, their_median;

  for (guint i = 0; i < MEMORY_ROUNDS; i++)
    {
      bench_times_add (our_sizes, get_resident (ours));
      bench_times_add (their_sizes, get_resident (theirs));
    }
  our_median = bench_median (our_sizes);
  their_median = bench_median (their_sizes);
  bench_add_row ("token, stored and fresh: resident memory", our_median / their_median, "x",
                 BENCH_AT_MOST, 1.1, "%.1f MiB to %.1f MiB: secret-tool lookup, same item",
                 our_median, their_median);
}

/* How long a command takes; its output has to contain a text. */
static void
time_command (GArray *times, const char *const *argv, const char *text)
{
  g_autofree char *output = NULL;
  double ms;

  output = run_argv (argv, NULL, &ms);
  bench_times_add (times, ms);
  g_assert_nonnull (strstr (output, text));
}

/* A stored token's item, read by libsecret's own tool. */
typedef struct
{
  char *id;
  const char *argv[9];
} Lookup;

static void
lookup_init (Lookup *self, const char *alias)
{
  char *id = get_id (alias);
  const char *const argv[]
      = { "secret-tool", "lookup",         "xdg:schema", "kr.krsecret.Item", "id", id,
          "kind",        "krsecret-token", NULL };

  self->id = id;
  memcpy (self->argv, argv, sizeof argv);
}

static void
measure_token (const Lookup *lookup)
{
  const char *const ours[] = { tool, "token", "bench-000", NULL };
  g_autoptr (GArray) our_times = bench_times_new ();
  g_autoptr (GArray) their_times = bench_times_new ();
  g_autofree char *token = g_strchomp (run_argv (ours, NULL, NULL));

  for (guint i = 0; i < ROUNDS; i++)
    {
      time_command (our_times, ours, token);
      time_command (their_times, lookup->argv, token);
    }
  bench_add_ratio ("token, stored and fresh: whole process", our_times, their_times, 1.05,
                   "secret-tool lookup, same item");
  measure_memory (ours, lookup->argv);
}

/* The anchor is what cannot be avoided: a lookup in the keyring, and a request to the broker. */
static void
measure_issue (const Lookup *lookup, TestSimulator *simulator)
{
  g_autoptr (GArray) our_times = bench_times_new ();
  g_autoptr (GArray) their_times = bench_times_new ();

  for (guint i = 1; i <= ISSUES; i++)
    {
      g_autofree char *alias = g_strdup_printf ("bench-%03u", i);
      const char *const argv[] = { tool, "token", alias, NULL };
      G_GNUC_UNUSED g_autofree char *output = NULL;
      double start;

      time_command (our_times, argv, "");
      start = bench_now ();
      output = run_argv (lookup->argv, NULL, NULL);
      g_assert_cmpuint (test_simulator_issue (simulator, "kis", ISSUES + i), ==, 200);
      bench_times_add (their_times, bench_now () - start);
    }
  bench_add_ratio ("token, issued: whole process", our_times, their_times, 4.5,
                   "secret-tool lookup, and an issue by HTTP");
}

static void
measure_list (guint accounts, guint rounds, const char *what, double bound)
{
  const char *const ours[] = { tool, "list", NULL };
  const char *const theirs[]
      = { "secret-tool", "search",           "--all", "xdg:schema", "kr.krsecret.Item",
          "kind",        "krsecret-account", NULL };
  g_autofree char *last = g_strdup_printf ("bench-%03u", accounts - 1);
  g_autoptr (GArray) our_times = bench_times_new ();
  g_autoptr (GArray) their_times = bench_times_new ();

  for (guint i = 0; i < rounds; i++)
    {
      time_command (our_times, ours, last);
      time_command (their_times, theirs, last);
    }
  bench_add_ratio (what, our_times, their_times, bound, "secret-tool search, same items");
}

/* What the completion key does in a shell that has read our script: how long it takes, in
 * microseconds; how long it takes there to read the output of secret-tool lookup, which is the rest
 * of the arguments; and how many names are offered. */
static const char completion[]
    = "PATH=${1%/*}:$PATH\n"
      "source <(kr-secret-tool completion bash)\n"
      "spec=$(complete -p kr-secret-tool) || exit\n"
      "[[ $spec =~ -F\\ ([^ ]+) ]] || exit\n"
      "complete=${BASH_REMATCH[1]} rounds=$2\n"
      "COMP_LINE='kr-secret-tool token bench-09' COMP_POINT=${#COMP_LINE}\n"
      "COMP_WORDS=($COMP_LINE) COMP_CWORD=2 COMP_TYPE=9 COMP_KEY=9\n"
      "shift 2\n"
      "for ((i = 0; i < rounds; i++)); do\n"
      "  COMPREPLY=() start=${EPOCHREALTIME//[!0-9]/}\n"
      "  $complete kr-secret-tool bench-09 token\n"
      "  ours=$((${EPOCHREALTIME//[!0-9]/} - start)) start=${EPOCHREALTIME//[!0-9]/}\n"
      "  output=$(\"$@\")\n"
      "  echo $ours $((${EPOCHREALTIME//[!0-9]/} - start)) ${#COMPREPLY[@]}\n"
      "done\n";

static void
measure_completion (const Lookup *lookup)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  const char *const first[] = { "bash", "-c", completion, "bash", tool, COMPLETIONS };
  g_autofree char *output = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GArray) our_times = bench_times_new ();
  g_autoptr (GArray) their_times = bench_times_new ();

  for (guint i = 0; i < G_N_ELEMENTS (first); i++)
    g_ptr_array_add (argv, (gpointer) first[i]);
  for (guint i = 0; i < G_N_ELEMENTS (lookup->argv); i++)
    g_ptr_array_add (argv, (gpointer) lookup->argv[i]);
  output = run_argv ((const char *const *) argv->pdata, NULL, NULL);
  lines = g_strsplit (g_strchomp (output), "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *rest;
      double ours = g_ascii_strtod (lines[i], &rest);
      double theirs = g_ascii_strtod (rest, &rest);

      if (g_ascii_strtoull (rest, NULL, 10) != 10)
        g_error ("ten aliases begin with bench-09, but completion says: %s", lines[i]);
      bench_times_add (our_times, ours / 1000);
      bench_times_add (their_times, theirs / 1000);
    }
  bench_add_ratio ("completion of an alias in bash, 100 accounts", our_times, their_times, 2.2,
                   "secret-tool lookup in the same shell");
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

/* A copy of the tool as it is installed beside its library: without the path into the build tree,
 * where the loader looks for each library. It looks in LD_LIBRARY_PATH instead, as it does for the
 * anchors. */
static char *
install_tool (void)
{
  g_autofree char *libraries = g_path_get_dirname (g_getenv ("KR_TEST_LIBRARY"));
  char *path = g_build_filename (g_getenv ("KR_TEST_DIR"), "kr-secret-tool", NULL);
  g_autofree char *program = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;
  char *runpath;

  g_file_get_contents (g_getenv ("KR_TEST_TOOL"), &program, &length, &error);
  g_assert_no_error (error);
  runpath = memmem (program, length, "$ORIGIN/", strlen ("$ORIGIN/"));
  if (runpath != NULL)
    memset (runpath, 0, strlen (runpath));
  g_file_set_contents_full (path, program, (gssize) length, G_FILE_SET_CONTENTS_NONE, 0700, &error);
  g_assert_no_error (error);
  g_setenv ("LD_LIBRARY_PATH", libraries, TRUE);
  return path;
}

int
main (int argc, char **argv)
{
  g_autoptr (TestSimulator) simulator = NULL;
  g_autofree char *installed = NULL;
  const char *uri;
  Lookup lookup;

  if (argc > 2 && strcmp (argv[1], "--resident") == 0)
    return print_resident (argv + 2);
  simulator = test_simulator_start (NULL);
  uri = test_simulator_get_uri (simulator, "kis");
  tool = installed = install_tool ();

  /* The lookup is measured with one account only; then the others are added. */
  add_account (uri, 0);
  lookup_init (&lookup, "bench-000");
  measure_token (&lookup);
  for (guint i = 1; i < LIST_ACCOUNTS; i++)
    add_account (uri, i);
  measure_list (LIST_ACCOUNTS, LIST_ROUNDS, "list of 100 accounts: whole process", 0.25);
  measure_completion (&lookup);
  measure_issue (&lookup, simulator);
  add_many (uri);
  measure_list (MANY_ACCOUNTS, MANY_ROUNDS, "list of 1000 accounts: whole process", 0.15);
  g_free (lookup.id);
  return bench_report ();
}
