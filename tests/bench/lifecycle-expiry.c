/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Many processes ask for a token at the moment it has expired. */
#include "lifecycle.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <libsoup/soup.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "test-process.h"

#define PROCESSES 64
#define ROUNDS 5

#define READY "ready\n"

/* Says that it is ready, and waits for the common start. */
static void
await_start (void)
{
  char byte;

  g_assert_cmpint (write (STDOUT_FILENO, READY, strlen (READY)), ==, strlen (READY));
  g_assert_cmpint (read (STDIN_FILENO, &byte, 1), ==, 0);
}

int
child_at_expiry (const char *alias)
{
  g_autoptr (KrSecretClient) client = NULL;
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (KrSecretToken) token = NULL;

  child_load (alias, &client, &account);
  await_start ();
  token = world_get_token (client, account, KR_SECRET_TOKEN_DEFAULT);
  puts (kr_secret_token_get_fingerprint (token));
  return 0;
}

/* A program without this library: it issues a token for itself. */
int
child_alone (const char *uri, const char *body)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (SoupMessage) message = soup_message_new ("POST", uri);
  g_autoptr (GBytes) request = g_bytes_new_static (body, strlen (body));
  g_autoptr (GBytes) reply = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;
  const char *text;

  soup_message_set_request_body_from_bytes (message, "application/json", request);
  await_start ();
  reply = soup_session_send_and_read (session, message, NULL, &error);
  g_assert_no_error (error);
  text = g_bytes_get_data (reply, &length);
  g_assert_nonnull (g_strstr_len (text, (gssize) length, "\"token\""));
  puts ("issued");
  return 0;
}

static GSubprocess *
spawn (const char *const *argv, int input)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  if (input >= 0)
    g_subprocess_launcher_take_stdin_fd (launcher, fcntl (input, F_DUPFD_CLOEXEC, 0));
  process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  g_assert_no_error (error);
  return process;
}

static void
await_ready (GSubprocess *process)
{
  char text[sizeof READY] = "";
  g_autoptr (GError) error = NULL;

  g_input_stream_read_all (g_subprocess_get_stdout_pipe (process), text, strlen (READY), NULL, NULL,
                           &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, READY);
}

/* The worst of several rounds, and the times of all. */
typedef struct
{
  guint requests; /* at the broker */
  guint astray;   /* processes that failed, or got a token other than the first one */
  GArray *seconds;
} Result;

/* The rest of a process's output, or NULL if the process fails. */
static char *
finish (GSubprocess *process)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;

  g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, &error);
  g_assert_no_error (error);
  return g_subprocess_get_successful (process) ? g_steal_pointer (&output) : NULL;
}

/* Waits until all have ended; start is when they began. */
static void
finish_all (GPtrArray *processes, double start, Result *result)
{
  g_autofree char *first = NULL;
  guint astray = 0;

  for (guint i = 0; i < processes->len; i++)
    {
      g_autofree char *output = finish (g_ptr_array_index (processes, i));

      if (output != NULL && first == NULL)
        first = g_steal_pointer (&output);
      else if (g_strcmp0 (output, first) != 0 || output == NULL)
        astray++;
    }
  bench_times_add (result->seconds, (bench_now () - start) / 1000);
  result->astray = MAX (result->astray, astray);
}

/* Runs this program n times, with a common start. The time is measured from the start signal until
 * the last process has ended. */
static void
time_crowd (Result *result, const char *argument, const char *first, const char *second)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  const char *const argv[] = { self, argument, first, second, NULL };
  g_autoptr (GPtrArray) processes = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GError) error = NULL;
  double start;
  int fds[2];

  g_unix_open_pipe (fds, FD_CLOEXEC, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < PROCESSES; i++)
    g_ptr_array_add (processes, spawn (argv, fds[0]));
  for (guint i = 0; i < PROCESSES; i++)
    await_ready (g_ptr_array_index (processes, i));
  start = bench_now ();
  close (fds[1]);
  finish_all (processes, start, result);
  close (fds[0]);
}

/* The same without preparation: whole processes of the command. */
static void
time_tools (Result *result, const char *alias)
{
  const char *const argv[] = { g_getenv ("KR_TEST_TOOL"), "token", alias, NULL };
  g_autoptr (GPtrArray) processes = g_ptr_array_new_with_free_func (g_object_unref);
  double start = bench_now ();

  for (guint i = 0; i < PROCESSES; i++)
    g_ptr_array_add (processes, spawn (argv, -1));
  finish_all (processes, start, result);
}

static gboolean
has_token (World *world)
{
  g_autoptr (KrSecretToken) token
      = world_get_token (world->client, world->account, KR_SECRET_TOKEN_NO_ISSUE);

  return token != NULL;
}

/* Makes the stored token an expired one, and the broker slow. Returns how many issues there were
 * before that. */
static guint
let_expire (World *world)
{
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (GError) error = NULL;

  kr_secret_client_forget_token (world->client, world->account, NULL, NULL, &error);
  g_assert_no_error (error);
  test_simulator_set (world->simulator, BROKER, "'lifetime':2,'latency_ms':0");
  token = world_get_token (world->client, world->account, KR_SECRET_TOKEN_DEFAULT);
  test_wait_until (!has_token (world));
  test_simulator_set (world->simulator, BROKER, "'lifetime':null,'latency_ms':200");
  return test_simulator_count (world->simulator, BROKER, "issue");
}

static void
note_requests (World *world, Result *result, guint issues_before)
{
  guint issues = test_simulator_count (world->simulator, BROKER, "issue");

  result->requests = MAX (result->requests, issues - issues_before);
}

static char *
make_issue_request (void)
{
  g_autofree char *appkey = test_simulator_get_key (BROKER, 0, "appkey");
  g_autofree char *appsecret = test_simulator_get_key (BROKER, 0, "appsecret");

  return g_strdup_printf (
      "{\"grant_type\":\"client_credentials\",\"appkey\":\"%s\",\"secretkey\":\"%s\"}", appkey,
      appsecret);
}

static void
add_rows (const Result *shared, const Result *alone, const Result *tools)
{
  bench_add_row ("64 processes at expiry: requests", shared->requests, "", BENCH_AT_MOST, 1,
                 "each issues for itself: %u", alone->requests);
  bench_add_row ("64 processes at expiry: with another token", shared->astray, "", BENCH_AT_MOST, 0,
                 "-");
  bench_add_row ("64 processes at expiry: last one done",
                 bench_median (shared->seconds) / bench_median (alone->seconds), "x", BENCH_AT_MOST,
                 2.2, "%.2f s to %.2f s: each issues for itself", bench_median (shared->seconds),
                 bench_median (alone->seconds));
  bench_add_row ("64 x kr-secret-tool token: requests", tools->requests, "", BENCH_AT_MOST, 1,
                 "whole processes; with another token: %u", tools->astray);
  bench_add_row ("64 x kr-secret-tool token: from start to end",
                 bench_median (tools->seconds) / bench_median (alone->seconds), "x", BENCH_AT_MOST,
                 6, "%.2f s to %.2f s: as above, less the start of processes",
                 bench_median (tools->seconds), bench_median (alone->seconds));
}

void
measure_expiry (World *world)
{
  g_autofree char *uri
      = g_strconcat (test_simulator_get_uri (world->simulator, BROKER), "/oauth2/token", NULL);
  g_autofree char *body = make_issue_request ();
  Result shared = { .seconds = bench_times_new () };
  Result alone = { .seconds = bench_times_new () };
  Result tools = { .seconds = bench_times_new () };

  for (guint i = 0; i < ROUNDS; i++)
    {
      guint before = let_expire (world);

      time_crowd (&shared, "--at-expiry", world->alias, NULL);
      note_requests (world, &shared, before);
      before = test_simulator_count (world->simulator, BROKER, "issue");
      time_crowd (&alone, "--alone", uri, body);
      note_requests (world, &alone, before);
      before = let_expire (world);
      time_tools (&tools, world->alias);
      note_requests (world, &tools, before);
    }
  test_simulator_set (world->simulator, BROKER, "'lifetime':null,'latency_ms':0");
  add_rows (&shared, &alone, &tools);
  g_array_unref (shared.seconds);
  g_array_unref (alone.seconds);
  g_array_unref (tools.seconds);
}
