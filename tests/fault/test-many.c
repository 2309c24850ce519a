/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Many callers at once ask for a token that does not exist: there is one request, and all get its
 * result. */
#include <string.h>

#include "krsecret.h"
#include "test-process.h"
#include "victim.h"

#define PROCESSES 64
#define ROUNDS 20
#define THREADS 16

typedef struct
{
  guint running;
  int status;  /* the exit status that is expected of all */
  char *first; /* the output that is expected of all */
  char *wrong; /* the output of one of the others */
  guint n_wrong;
} Crowd;

static void
one_done (GObject *source, GAsyncResult *result, gpointer data)
{
  GSubprocess *process = G_SUBPROCESS (source);
  g_autoptr (GError) error = NULL;
  g_autofree char *out = NULL;
  g_autofree char *err = NULL;
  Crowd *crowd = data;

  g_subprocess_communicate_utf8_finish (process, result, &out, &err, &error);
  g_assert_no_error (error);
  if (crowd->first == NULL)
    crowd->first = g_strdup (out);
  if (!g_subprocess_get_if_exited (process)
      || g_subprocess_get_exit_status (process) != crowd->status
      || !g_str_equal (out, crowd->first))
    {
      g_free (crowd->wrong);
      crowd->wrong = g_strdup_printf ("status 0x%x: %s", g_subprocess_get_status (process), err);
      crowd->n_wrong++;
    }
  crowd->running--;
}

/* Starts all of them. They ask for the token of one account, which takes @issues requests. */
static char *
run_crowd (World *world, const char *broker, const char *alias, int status, guint issues)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  Crowd crowd = { .running = PROCESSES, .status = status };
  guint issued;

  g_subprocess_launcher_set_environ (launcher, world->env);
  for (guint i = 0; i < PROCESSES; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GSubprocess) process = g_subprocess_launcher_spawn (
          launcher, &error, g_getenv ("KR_TEST_TOOL"), "token", alias, NULL);

      g_assert_no_error (error);
      g_subprocess_communicate_utf8_async (process, NULL, NULL, one_done, &crowd);
    }
  while (crowd.running > 0)
    g_main_context_iteration (NULL, TRUE);
  issued = test_simulator_count (world->simulator, broker, "issue");
  if (crowd.n_wrong > 0 || issued != issues)
    test_fail ("%u requests; %u have ended otherwise: %s", issued, crowd.n_wrong, crowd.wrong);
  return g_strchomp (crowd.first);
}

static void
test_processes_share_one_issue (World *world, gconstpointer data)
{
  test_simulator_set (world->simulator, "kis", "'latency_ms':200");
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autofree char *alias = g_strdup_printf ("a%u", i);
      g_autofree char *token = NULL;
      g_autofree char *stored = NULL;

      add_unverified (world, "kis", i, alias);
      token = run_crowd (world, "kis", alias, 0, i + 1);
      stored = stored_token (world, alias);
      g_assert_cmpstr (token, ==, stored);
    }
}

static gboolean
has_token (World *world, const char *alias)
{
  g_autofree char *token = stored_token (world, alias);

  return token != NULL;
}

/* A token that was there has expired. */
static void
test_processes_share_one_issue_after_expiry (World *world, gconstpointer data)
{
  g_autofree char *old = NULL;
  g_autofree char *token = NULL;

  add_account (world, "ls", 0, "a", "paper");
  old = stored_token (world, "a");
  g_assert_nonnull (old);
  test_wait_until (!has_token (world, "a"));
  test_simulator_set (world->simulator, "ls", "'latency_ms':200,'lifetime':86400");
  token = run_crowd (world, "ls", "a", 0, 2);
  g_assert_cmpstr (token, !=, old);
}

/* The broker refuses the key: another 63 requests would change nothing, and might get the key
 * blocked. The answer takes so long that all are waiting by then; a later caller does ask again. */
static void
test_processes_share_one_refusal (World *world, gconstpointer data)
{
  add_unverified (world, "ls", 0, "a");
  test_simulator_set (world->simulator, "ls", "'latency_ms':5000");
  test_simulator_fault (world->simulator, "ls", "'fault':'refuse-key','times':0");
  g_free (run_crowd (world, "ls", "a", 4, 1));
}

typedef struct
{
  KrSecretClient *client;
  KrSecretAccount *account;
} Caller;

static void
got_token (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask **out_result = data;

  *out_result = (GTask *) g_object_ref (result);
}

/* The asynchronous form, in a main loop of the thread's own. */
static KrSecretToken *
get_async (KrSecretClient *client, KrSecretAccount *account, GError **error)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GTask) result = NULL;

  g_main_context_push_thread_default (context);
  kr_secret_client_get_token_async (client, account, KR_SECRET_TOKEN_ACCESS, KR_SECRET_MIN_VALIDITY,
                                    KR_SECRET_TOKEN_DEFAULT, NULL, got_token, &result);
  while (result == NULL)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);
  return kr_secret_client_get_token_finish (client, G_ASYNC_RESULT (result), error);
}

static gpointer
call (gpointer data, gboolean async)
{
  Caller *caller = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretToken) token
      = async ? get_async (caller->client, caller->account, &error)
              : kr_secret_client_get_token (caller->client, caller->account, KR_SECRET_TOKEN_ACCESS,
                                            KR_SECRET_MIN_VALIDITY, KR_SECRET_TOKEN_DEFAULT, NULL,
                                            &error);

  return g_strdup (token != NULL ? kr_secret_token_get_fingerprint (token)
                                 : kr_secret_error_get_word (error));
}

static gpointer
call_sync (gpointer data)
{
  return call (data, FALSE);
}

static gpointer
call_async (gpointer data)
{
  return call (data, TRUE);
}

static void
caller_init (Caller *caller, const char *alias)
{
  g_autoptr (GError) error = NULL;

  caller->client = kr_secret_client_new ();
  kr_secret_client_load (caller->client, NULL, &error);
  g_assert_no_error (error);
  caller->account = kr_secret_client_find_account (caller->client, alias, &error);
  g_assert_no_error (error);
}

/* One of the processes. Half of the threads share a client, each of the others has its own; both
 * halves have callers of both forms. Prints the result of each. */
static int
run_child (const char *alias, const char *gate)
{
  Caller shared, own[THREADS / 2];
  GThread *threads[THREADS];

  caller_init (&shared, alias);
  for (guint i = 0; i < THREADS / 2; i++)
    caller_init (&own[i], alias);
  test_wait_until (g_file_test (gate, G_FILE_TEST_EXISTS));
  for (guint i = 0; i < THREADS; i++)
    threads[i] = g_thread_new ("call", i % 2 == 0 ? call_sync : call_async,
                               i < THREADS / 2 ? &own[i] : &shared);
  for (guint i = 0; i < THREADS; i++)
    {
      g_autofree char *got = g_thread_join (threads[i]);

      g_print ("%s\n", got);
    }
  return 0;
}

/* The single line that all threads of all processes have printed, after @issues requests. */
static char *
run_threads (World *world, const char *broker, const char *alias, guint issues)
{
  g_autofree char *gate = g_build_filename (g_get_tmp_dir (), alias, NULL);
  g_autoptr (GHashTable) lines = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GSubprocess *children[4];
  GHashTableIter iter;
  gpointer line;
  guint n = 0, issued;

  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    children[i] = test_spawn_self ("--child", alias, gate, NULL);
  g_file_set_contents (gate, "", 0, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    {
      g_autofree char *out = test_finish (children[i]);
      g_auto (GStrv) words = g_strsplit (g_strchomp (out), "\n", -1);

      n += g_strv_length (words);
      for (char **word = words; *word != NULL; word++)
        g_hash_table_add (lines, g_strdup (*word));
      g_object_unref (children[i]);
    }
  g_assert_cmpuint (n, ==, G_N_ELEMENTS (children) * THREADS);
  issued = test_simulator_count (world->simulator, broker, "issue");
  if (g_hash_table_size (lines) != 1 || issued != issues)
    {
      g_autofree char **all = (char **) g_hash_table_get_keys_as_array (lines, NULL);
      g_autofree char *text = g_strjoinv (" ", all);

      test_fail ("%u requests, answers: %s", issued, text);
    }
  g_hash_table_iter_init (&iter, lines);
  g_hash_table_iter_next (&iter, &line, NULL);
  return g_strdup (line);
}

static void
test_threads_share_one_issue (World *world, gconstpointer data)
{
  test_simulator_set (world->simulator, "kis", "'latency_ms':200");
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *alias = g_strdup_printf ("t%u", i);
      g_autofree char *got = NULL;

      add_unverified (world, "kis", i, alias);
      got = run_threads (world, "kis", alias, i + 1);
      g_assert_cmpuint (strlen (got), ==, 64); /* a fingerprint */
    }
}

static void
test_threads_share_one_refusal (World *world, gconstpointer data)
{
  g_autofree char *got = NULL;

  add_unverified (world, "ls", 0, "t");
  test_simulator_set (world->simulator, "ls", "'latency_ms':1500");
  test_simulator_fault (world->simulator, "ls", "'fault':'refuse-key','times':0");
  got = run_threads (world, "ls", "t", 1);
  g_assert_cmpstr (got, ==, "refused");
}

int
main (int argc, char **argv)
{
  if (argc == 4 && g_str_equal (argv[1], "--child"))
    return run_child (argv[2], argv[3]);
  g_test_init (&argc, &argv, NULL);
  FAULT_TEST ("/many/processes-share-one-issue", NULL, test_processes_share_one_issue);
  FAULT_TEST ("/many/processes-share-one-issue-after-expiry", "--lifetime 4",
              test_processes_share_one_issue_after_expiry);
  FAULT_TEST ("/many/threads-share-one-issue", NULL, test_threads_share_one_issue);
  FAULT_TEST ("/many/processes-share-one-refusal", NULL, test_processes_share_one_refusal);
  FAULT_TEST ("/many/threads-share-one-refusal", NULL, test_threads_share_one_refusal);
  return g_test_run ();
}
