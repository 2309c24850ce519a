/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A program may exit at any time, whatever the client's threads are doing. None of them may load a
 * plugin then, because in a process that is exiting this runs constructors of libraries a second
 * time. */
#include <stdio.h>
#include <stdlib.h>

#include "client-events.h"
#include "client-fixture.h"
#include "test-process.h"

#define HOSTS 200

/* How much later each host ends than the one before, in microseconds. Together they cover the
 * follower's first few milliseconds. */
#define STEP 20

/* The account is Kiwoom's. */
static gboolean
has_plugin (void)
{
  g_autofree char *maps = NULL;

  return g_file_get_contents ("/proc/self/maps", &maps, NULL, NULL)
         && g_strstr_len (maps, -1, "/kiwoom.so") != NULL;
}

static void
wait_busily (gint64 microseconds)
{
  const gint64 end = g_get_monotonic_time () + microseconds;

  while (g_get_monotonic_time () < end)
    ;
}

/* The hosts are this program again, each with a client that knows the account "a". */

static int
hold_and_end (KrSecretClient *client, KrSecretAccount *account, const char *microseconds)
{
  kr_secret_client_hold (client, account);
  wait_busily (g_ascii_strtoll (microseconds, NULL, 10));
  exit (0); /* with the client's threads at work */
}

static void
on_got (GObject *source, GAsyncResult *result, gpointer loop)
{
  G_GNUC_UNUSED g_autoptr (KrSecretToken) token
      = kr_secret_client_get_token_finish (KR_SECRET_CLIENT (source), result, NULL);

  g_main_loop_quit (loop);
}

/* Everything needed has been loaded when the call returns. */
static int
say_what_is_loaded (KrSecretClient *client, KrSecretAccount *account, const char *verb)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  printf ("before: %d\n", has_plugin ());
  if (g_str_equal (verb, "hold"))
    kr_secret_client_hold (client, account);
  else
    kr_secret_client_get_token_async (client, account, KR_SECRET_TOKEN_ACCESS, 0,
                                      KR_SECRET_TOKEN_RENEW, NULL, on_got, loop);
  printf ("after: %d\n", has_plugin ());
  if (!g_str_equal (verb, "hold"))
    g_main_loop_run (loop);
  return 0;
}

static void
on_changed (KrSecretClient *client, KrSecretAccount *account, gpointer loop)
{
  g_main_loop_quit (loop);
}

/* Until the account object is replaced: by then the follower has looked at it. */
static int
follow_till_news (KrSecretClient *client, KrSecretAccount *account, const char *unused)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  g_signal_connect (client, "token-changed", G_CALLBACK (on_changed), loop);
  kr_secret_client_follow (client);
  puts ("following");
  fflush (stdout);
  g_main_loop_run (loop);
  printf ("loaded: %d\n", has_plugin ());
  return 0;
}

static const struct
{
  const char *name;
  int (*run) (KrSecretClient *client, KrSecretAccount *account, const char *argument);
} hosts[] = {
  { "--hold-and-end", hold_and_end },
  { "--loaded", say_what_is_loaded },
  { "--follow", follow_till_news },
};

static int
be_host (guint which, const char *argument)
{
  g_autoptr (KrSecretClient) client = kr_secret_client_new ();
  g_autoptr (KrSecretAccount) account = events_load_account (client);

  return hosts[which].run (client, account, argument);
}

static void
test_hold_and_end (Fixture *f, gconstpointer data)
{
  fixture_add_and_drop (f, "kiwoom", KR_SECRET_ADD_DEFAULT);
  for (guint i = 0; i < HOSTS; i++)
    {
      g_autofree char *microseconds = g_strdup_printf ("%u", i * STEP);
      g_autoptr (GSubprocess) host = test_spawn_self ("--hold-and-end", microseconds, NULL);
      g_autofree char *output = test_finish (host);

      g_assert_cmpstr (output, ==, "");
    }
  g_assert_cmpuint (fixture_count_issues (f, "kiwoom"), ==, 1);
}

static void
test_loaded_by_caller (Fixture *f, gconstpointer data)
{
  const char *const verbs[] = { "hold", "get-token" };

  fixture_add_and_drop (f, "kiwoom", KR_SECRET_ADD_DEFAULT);
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      g_autoptr (GSubprocess) host = test_spawn_self ("--loaded", verbs[i], NULL);
      g_autofree char *output = test_finish (host);

      g_assert_cmpstr (output, ==, "before: 0\nafter: 1\n");
    }
}

static void
test_following_loads_none (Fixture *f, gconstpointer data)
{
  char line[16] = "";
  g_autoptr (GSubprocess) host = NULL;
  g_autofree char *forgotten = NULL;
  g_autofree char *output = NULL;

  fixture_add_and_drop (f, "kiwoom", KR_SECRET_ADD_DEFAULT);
  host = test_spawn_self ("--follow", "-", NULL);
  g_input_stream_read (g_subprocess_get_stdout_pipe (host), line, sizeof line - 1, NULL, NULL);
  g_assert_cmpstr (line, ==, "following\n");
  forgotten = events_run_tool (NULL, "forget", "a", NULL);
  output = test_finish (host);
  g_assert_cmpstr (output, ==, "loaded: 0\n");
}

int
main (int argc, char **argv)
{
  for (guint i = 0; argc == 3 && i < G_N_ELEMENTS (hosts); i++)
    if (g_str_equal (argv[1], hosts[i].name))
      return be_host (i, argv[2]);
  g_test_init (&argc, &argv, NULL);
  FIXTURE_ADD ("/exit/soon-after-hold", test_hold_and_end);
  FIXTURE_ADD ("/exit/the-caller-loads-the-plugin", test_loaded_by_caller);
  FIXTURE_ADD ("/exit/following-loads-none", test_following_loads_none);
  return g_test_run ();
}
