/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* exec --refresh-signal: a long-running program gets each new token. */

#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test-files.h"

/* exec runs this program again. It reports the signals that it gets; after SIGUSR1, also the
 * contents of the descriptors named by the variables in its arguments; SIGTERM ends it with status
 * 3. */

static void
say (const char *what, gssize length, const char *text)
{
  printf ("%s %.*s", what, (int) MAX (length, 0), text);
  if (length <= 0 || text[length - 1] != '\n')
    printf ("(no newline, %d)\n", (int) length);
}

static void
show_token (const char *variable)
{
  const char *number = g_getenv (variable);
  int fd = atoi (number);
  g_autofree char *path = g_strconcat ("/dev/fd/", number, NULL);
  int opened = open (path, O_RDONLY);
  char text[4096];

  say ("read", read (fd, text, sizeof text), text);
  say ("pread", pread (fd, text, sizeof text, 0), text);
  say ("open", read (opened, text, sizeof text), text);
  close (opened);
}

/* Operations that the program must not be able to do with it. */
static void
try_to_write (const char *variable)
{
  const char *number = g_getenv (variable);
  g_autofree char *path = g_strconcat ("/dev/fd/", number, NULL);

  g_assert_cmpint (write (atoi (number), "x", 1), ==, -1);
  g_assert_cmpint (ftruncate (atoi (number), 0), ==, -1);
  /* Root may open anything. */
  if (geteuid () != 0)
    {
      g_assert_cmpint (open (path, O_RDWR), ==, -1);
      g_assert_cmpint (errno, ==, EACCES);
    }
}

/* What others see of the renewing process. */
static void
look_at_parent (void)
{
  const char *const files[] = { "cmdline", "environ" };
  const char *token = g_getenv ("KR_SECRET_TOKEN");

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_strdup_printf ("/proc/%d/%s", getppid (), files[i]);
      g_autofree char *content = NULL;
      gsize length;

      if (g_file_get_contents (path, &content, &length, NULL))
        g_assert_null (memmem (content, length, token, strlen (token)));
    }
}

static void
on_continued (int number)
{
  G_GNUC_UNUSED gssize n = write (STDOUT_FILENO, "went on\n", 8);
}

/* A program that leaves the other signals alone. It forks nothing: a shell that is stopped between
 * vfork and exec hangs. */
static void G_GNUC_NORETURN
be_simple_program (void)
{
  signal (SIGCONT, on_continued);
  puts ("started");
  fflush (stdout);
  for (;;)
    pause ();
}

static int
be_program (int argc, char **argv)
{
  sigset_t all;
  int number;

  sigfillset (&all);
  sigprocmask (SIG_SETMASK, &all, NULL);
  setvbuf (stdout, NULL, _IOLBF, 0);
  if (argc > 2 && strcmp (argv[1], "--lock") == 0)
    flock (atoi (g_getenv (argv[2])), LOCK_SH);
  if (argc > 2 && strcmp (argv[1], "--careful") == 0)
    {
      try_to_write (argv[2]);
      look_at_parent ();
      show_token (argv[2]);
      printf ("variable %s\n", g_getenv ("KR_SECRET_TOKEN"));
    }
  puts ("ready");
  while (sigwait (&all, &number) == 0)
    {
      printf ("signal %d\n", number);
      for (int i = 2; i < argc && number == SIGUSR1; i++)
        show_token (argv[i]);
      if (number == SIGTERM)
        return 3;
    }
  return 1;
}

static char *
get_self (void)
{
  return g_file_read_link ("/proc/self/exe", NULL);
}

static void
check_line_at (const char *where, Running *running, const char *expected)
{
  g_autofree char *line = running_next_line (running);

  if (!g_str_equal (line, expected))
    test_fail_at (where, "'%s' instead of '%s'", line, expected);
}
#define check_line(running, expected) check_line_at (G_STRLOC, running, expected)

static void
check_token_at (const char *where, Running *running, const char *token)
{
  const char *const ways[] = { "read", "pread", "open" };

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autofree char *expected = g_strdup_printf ("%s %s", ways[i], token);
      check_line_at (where, running, expected);
    }
}
#define check_token(running, token) check_token_at (G_STRLOC, running, token)

static Running *
start_on (World *world, const char *mode)
{
  g_autofree char *self = get_self ();
  Running *running = tool_start (world, "exec", "a", "--refresh-signal", "USR1", "--", self, mode,
                                 "KR_SECRET_TOKEN_FD");

  if (!g_str_equal (mode, "--careful"))
    check_line (running, "ready");
  return running;
}

static void
end (Running *running)
{
  running_signal (running, SIGTERM);
  check_line (running, "signal 15");
  g_assert_cmpint (running_end (running), ==, 3);
}

static void
test_renewal (World *world, gconstpointer data)
{
  g_autofree char *first = NULL;

  add_account (world, "kiwoom", 0, "a", "paper");
  first = stored_token (world, "a");
  {
    g_autoptr (Running) running = start_on (world, "--program");

    for (guint i = 0; i < 3; i++)
      {
        g_autofree char *token = NULL;

        tool_ends (world, 0, "refresh", "a", "--force");
        token = stored_token (world, "a");
        g_assert_cmpstr (token, !=, first);
        check_line (running, "signal 10");
        check_token (running, token);
      }
    end (running);
    g_assert_cmpstr (running_get_err (running), ==, "");
  }
  /* No more was requested than needed. */
  g_assert_cmpuint (test_simulator_count (world->simulator, "kiwoom", "issue"), ==, 4);
}

static void
test_start (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  {
    g_autofree char *token = stored_token (world, "a");
    g_autofree char *variable = g_strconcat ("variable ", token, NULL);
    g_autoptr (Running) running = start_on (world, "--careful");

    check_token (running, token);
    check_line (running, variable);
    check_line (running, "ready");
    end (running);
    g_assert_cmpstr (running_get_err (running), ==, "");
  }
}

/* Another program's revoke, or a broker that has forgotten the token. */
static void
test_forgotten (World *world, gconstpointer data)
{
  add_account (world, "kiwoom", 0, "a", "paper");
  {
    g_autofree char *old = stored_token (world, "a");
    g_autofree char *input = g_strconcat (old, "\n", NULL);
    g_autofree char *line = NULL;
    g_autofree char *token = NULL;
    g_autofree char *expected = NULL;
    g_autoptr (Running) running = start_on (world, "--program");

    test_run_free (tool_fed (world, 0, input, "reject", "a"));
    check_line (running, "signal 10");
    line = running_next_line (running);
    token = stored_token (world, "a");
    expected = g_strconcat ("read ", token, NULL);
    g_assert_cmpstr (line, ==, expected);
    g_assert_cmpstr (token, !=, old);
    running_signal (running, SIGTERM);
    g_assert_cmpint (running_end (running), ==, 3);
  }
}

static void
test_lengths (World *world, gconstpointer data)
{
  g_autofree char *filler = g_strnfill (900, 'L');
  g_autofree char *long_one = g_strconcat ("long-token-", filler, NULL);
  const char *const tokens[] = { "a-short-token-no-1", long_one, "a-short-token-no-2" };

  add_account (world, "kiwoom", 0, "a", "paper");
  {
    g_autoptr (Running) running = start_on (world, "--program");

    for (guint i = 0; i < G_N_ELEMENTS (tokens); i++)
      {
        g_autofree char *fault = g_strdup_printf ("'fault':'token','token':'%s'", tokens[i]);

        test_simulator_fault (world->simulator, "kiwoom", fault);
        tool_ends (world, 0, "refresh", "a", "--force");
        check_line (running, "signal 10");
        check_token (running, tokens[i]);
      }
    end (running);
  }
}

/* A reader that never releases its lock does not keep others from the token. */
static void
test_lock (World *world, gconstpointer data)
{
  add_account (world, "kiwoom", 0, "a", "paper");
  {
    g_autofree char *token = NULL;
    g_autoptr (Running) running = start_on (world, "--lock");

    tool_ends (world, 0, "refresh", "a", "--force");
    token = stored_token (world, "a");
    check_line (running, "signal 10");
    check_token (running, token);
    end (running);
  }
}

static void
test_several_accounts (World *world, gconstpointer data)
{
  g_autofree char *self = get_self ();

  add_account (world, "kiwoom", 0, "a", "paper");
  add_account (world, "ls", 0, "한투", "paper");
  {
    g_autofree char *other = stored_token (world, "한투");
    g_autofree char *token = NULL;
    g_autoptr (Running) running
        = tool_start (world, "exec", "a", "LS=한투", "--refresh-signal", "SIGUSR1", "--", self,
                      "--program", "A_KR_SECRET_TOKEN_FD", "LS_KR_SECRET_TOKEN_FD");

    check_line (running, "ready");
    tool_ends (world, 0, "refresh", "a", "--force");
    token = stored_token (world, "a");
    check_line (running, "signal 10");
    check_token (running, token);
    check_token (running, other);
    end (running);
  }
}

static void
test_signals_are_passed_on (World *world, gconstpointer data)
{
  const int numbers[] = { SIGHUP, SIGINT, SIGQUIT, SIGUSR2, SIGALRM, SIGTSTP, SIGCONT, SIGWINCH };

  add_account (world, "ls", 0, "a", "paper");
  {
    g_autoptr (Running) running = start_on (world, "--program");

    for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
      {
        g_autofree char *expected = g_strdup_printf ("signal %d", numbers[i]);

        running_signal (running, numbers[i]);
        check_line (running, expected);
      }
    end (running);
  }
}

/* Otherwise it would go on with a token that is no longer renewed. */
static void
test_killed (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  {
    g_autoptr (Running) running = start_on (world, "--program");

    running_signal (running, SIGKILL);
    check_line (running, "signal 15");
    g_assert_cmpint (running_end (running), ==, 128 + SIGKILL);
  }
}

/* How exec itself ends, with a shell script as its program. */
static int
get_end (World *world, const char *script)
{
  const char *const argv[] = { g_getenv ("KR_TEST_TOOL"),
                               "exec",
                               "a",
                               "--refresh-signal",
                               "USR1",
                               "--",
                               "sh",
                               "-c",
                               script,
                               NULL };
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (NULL, (char **) argv, world->env, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status,
                &error);
  g_assert_no_error (error);
  return status;
}

static void
test_end (World *world, gconstpointer data)
{
  const int statuses[] = { 0, 1, 7, 125, 126, 127, 130, 255 };
  const int numbers[] = { SIGTERM, SIGKILL, SIGSEGV, SIGPIPE, SIGUSR1 };

  add_account (world, "ls", 0, "a", "paper");
  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      g_autofree char *script = g_strdup_printf ("exit %d", statuses[i]);
      int status = get_end (world, script);

      g_assert_true (WIFEXITED (status));
      g_assert_cmpint (WEXITSTATUS (status), ==, statuses[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autofree char *script = g_strdup_printf ("kill -%d $$", numbers[i]);
      int status = get_end (world, script);

      g_assert_true (WIFSIGNALED (status));
      g_assert_cmpint (WTERMSIG (status), ==, numbers[i]);
      g_assert_false (WCOREDUMP (status));
    }
}

/* Descriptors that the program closes are closed, although we are still there. */
static void
test_closed_output (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  {
    g_autoptr (TestRun) ran = tool_shell (
        world, 0,
        "fifo=\"$TMPDIR/closed-output\"; mkfifo \"$fifo\"; export fifo\n"
        "{ \"$KR_TEST_TOOL\" exec a --refresh-signal USR1 -- sh -c"
        " 'echo out; exec >&-; read -r line <\"$fifo\"; echo \"$line\" >&2' & } | cat\n"
        "echo later >\"$fifo\"; rm \"$fifo\"");

    g_assert_cmpstr (ran->out, ==, "out\n");
    g_assert_cmpstr (ran->err, ==, "later\n");
  }
}

static void
test_trouble (World *world, gconstpointer data)
{
  add_account (world, "kiwoom", 0, "a", "paper");
  {
    g_autofree char *last = stored_token (world, "a");
    g_autofree char *expected = g_strconcat ("read ", last, NULL);
    g_autoptr (Running) running = start_on (world, "--program");
    const char *told;

    test_simulator_fault (world->simulator, "kiwoom", "'fault':'refuse-key','times':0");
    tool_ends (world, 0, "forget", "a");
    running_expect (running, "[refused]");
    /* The last token is still there. */
    running_signal (running, SIGUSR1);
    check_line (running, "signal 10");
    check_line (running, expected);
    tool_ends (world, 0, "remove", "a", "--keep-token");
    running_expect (running, "was removed");
    running_signal (running, SIGTERM);
    g_assert_cmpint (running_end (running), ==, 3);
    told = strstr (running_get_err (running), "[refused]");
    g_assert_null (strstr (told + 1, "[refused]"));
    test_assert_lacks (running_get_err (running), last);
  }
}

static void
test_which_signal (World *world, gconstpointer data)
{
  const char *const good[]
      = { "USR1",  "SIGUSR1", "usr1",    "10",       "HUP", "34",      "sigterm", "WINCH",
          "RTMIN", "RTMIN+0", "rtmin+1", "SIGRTMAX", "64",  "RTMAX-2", "USR2",    "SIGRTMIN+30" };
  const char *const bad[]
      = { "KILL",   "SIGKILL",  "9",        "STOP",     "19",     "0",        "99",      "-1",
          "",       "SIG",      "NONSENSE", "32",       "33",     "65",       "TSTP",    "TTIN",
          "TTOU",   "CONT",     "CHLD",     "SEGV",     "ABRT",   "PIPE",     "ALRM",    "RTMIN-1",
          "RTMIN+", "RTMIN+31", "RTMAX+1",  "RTMAX-31", "RTMIN1", "RTMIN+-1", "RTMIN+ 1" };

  add_account (world, "ls", 0, "a", "paper");
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    tool_ends (world, 5, "exec", "a", "--refresh-signal", good[i], "--", "sh", "-c", "exit 5");
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *option = g_strconcat ("--refresh-signal=", bad[i], NULL);
      g_autoptr (TestRun) ran = tool (world, 125, "exec", "a", option, "--", "echo", "ran");

      g_assert_cmpstr (ran->out, ==, "");
      test_assert_contains (ran->err, "[usage]");
    }
}

static void
test_real_time_signal (World *world, gconstpointer data)
{
  g_autofree char *self = get_self ();
  g_autofree char *expected = g_strdup_printf ("signal %d", SIGRTMIN + 3);

  add_account (world, "kiwoom", 0, "a", "paper");
  {
    g_autoptr (Running) running = tool_start (world, "exec", "a", "--refresh-signal", "RTMIN+3",
                                              "--", self, "--program", "KR_SECRET_TOKEN_FD");

    check_line (running, "ready");
    tool_ends (world, 0, "refresh", "a", "--force");
    check_line (running, expected);
    end (running);
  }
}

/* The limit leaves no number as high as the preferred one for the descriptor that writes. */
static void
test_few_descriptors (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  {
    g_autofree char *token = stored_token (world, "a");
    g_autofree char *expected = g_strconcat (token, "\n", NULL);
    g_autoptr (TestRun) ran
        = tool_shell (world, 0,
                      "ulimit -n 40; \"$KR_TEST_TOOL\" exec a --refresh-signal USR1 -- sh -c"
                      " 'cat <&\"$KR_SECRET_TOKEN_FD\"'");

    g_assert_cmpstr (ran->out, ==, expected);
    g_assert_cmpstr (ran->err, ==, "");
  }
}

static void
test_not_run (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) directory = test_directory_new ();
  g_autofree char *script = g_build_filename (directory, "script", NULL);
  g_autofree char *broken = g_build_filename (directory, "broken", NULL);

  test_file_write (script, "#!/nonexistent/interpreter\n", -1, 0700);
  test_file_write (broken, "\177ELF\0\0\0\0\0\0\0\0", 12, 0700);
  add_account (world, "ls", 0, "a", "paper");
  tool_ends (world, 127, "exec", "a", "--refresh-signal", "USR1", "--", script);
  tool_ends (world, 127, "exec", "a", "--refresh-signal", "USR1", "--", "no-such-program");
  tool_ends (world, 126, "exec", "a", "--refresh-signal", "USR1", "--", directory);
  {
    g_autoptr (TestRun) ran
        = tool (world, ANY_STATUS, "exec", "a", "--refresh-signal", "USR1", "--", broken);
    const char *const argv[] = { "env", broken, NULL };
    g_autoptr (TestRun) env = test_run (world->env, argv, NULL, -1);

    g_assert_cmpint (ran->status, ==, env->status);
  }
}

/* A terminal sends signals to both; a forwarded one would arrive twice. */
static void
test_terminal_signals (World *world, gconstpointer data)
{
  g_autofree char *self = get_self ();

  add_account (world, "ls", 0, "a", "paper");
  {
    g_autoptr (Terminal) terminal
        = terminal_start (world, TERMINAL_ALL, "exec", "a", "--refresh-signal", "USR1", "--", self,
                          "--program", NULL);
    const char *const keys[] = { "\003", "\034", "\003", "\034" };
    G_GNUC_UNUSED g_autofree char *seen = NULL;
    g_auto (GStrv) parts = NULL;

    terminal_expect (terminal, "ready");
    for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
      {
        terminal_type (terminal, keys[i]);
        terminal_expect (terminal, *keys[i] == '\003' ? "signal 2" : "signal 3");
      }
    g_subprocess_send_signal (terminal->process, SIGTERM);
    g_assert_cmpint (terminal_end (terminal), ==, 3);
    parts = g_strsplit (terminal->seen->str, "signal ", -1);
    g_assert_cmpuint (g_strv_length (parts), ==, 1 + G_N_ELEMENTS (keys) + 1);
  }
}

/* A shell with job control, in which exec and its program are one job. */
static void
test_job_control (World *world, gconstpointer data)
{
  g_autofree char *bash = g_find_program_in_path ("bash");
  g_autofree char *self = get_self ();

  if (bash == NULL)
    {
      g_test_skip ("bash is not installed");
      return;
    }
  add_account (world, "ls", 0, "a", "paper");
  world_setenv (world, "PS1", "prompt> ");
  world_setenv (world, "SELF", self);
  {
    g_autoptr (Terminal) terminal
        = terminal_start (world, TERMINAL_ALL, "exec", "a", "--", "env", "-u", "KR_SECRET_TOKEN",
                          bash, "--norc", "-i", NULL);

    terminal_expect (terminal, "prompt> ");
    terminal_type (terminal,
                   "\"$KR_TEST_TOOL\" exec a --refresh-signal USR1 -- \"$SELF\" --simple\n");
    terminal_expect (terminal, "started");
    terminal_type (terminal, "\032");
    terminal_expect (terminal, "Stopped");
    terminal_expect (terminal, "prompt> ");
    terminal_type (terminal, "p=$(jobs -p); read -r c </proc/$p/task/$p/children; "
                             "for i in $p $c; do grep State /proc/$i/status; done\n");
    terminal_expect (terminal, "State:\tT");
    terminal_expect (terminal, "State:\tT");
    terminal_expect (terminal, "prompt> ");
    terminal_type (terminal, "fg\n");
    terminal_expect (terminal, "went on");
    terminal_type (terminal, "\003");
    terminal_expect (terminal, "prompt> ");
    terminal_type (terminal, "echo status=$?\n");
    terminal_expect (terminal, "status=130");
    terminal_type (terminal, "exit 6\n");
    g_assert_cmpint (terminal_end (terminal), ==, 6);
  }
}

int
main (int argc, char **argv)
{
  const char *const modes[] = { "--program", "--lock", "--careful", NULL };

  if (argc > 1 && g_str_equal (argv[1], "--simple"))
    be_simple_program ();
  if (argc > 1 && g_strv_contains (modes, argv[1]))
    return be_program (argc, argv);

  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("exec-refresh/new-token-is-there-with-the-signal", NULL, test_renewal);
  WORLD_TEST ("exec-refresh/token-is-there-from-the-start", NULL, test_start);
  WORLD_TEST ("exec-refresh/forgotten-token-is-replaced", NULL, test_forgotten);
  WORLD_TEST ("exec-refresh/tokens-of-all-lengths", NULL, test_lengths);
  WORLD_TEST ("exec-refresh/lock-that-stays", NULL, test_lock);
  WORLD_TEST ("exec-refresh/several-accounts", NULL, test_several_accounts);
  WORLD_TEST ("exec-refresh/signals-are-passed-on", NULL, test_signals_are_passed_on);
  WORLD_TEST ("exec-refresh/program-ends-with-us", NULL, test_killed);
  WORLD_TEST ("exec-refresh/ends-as-the-program", NULL, test_end);
  WORLD_TEST ("exec-refresh/closed-output-is-closed", NULL, test_closed_output);
  WORLD_TEST ("exec-refresh/trouble-is-told-once", NULL, test_trouble);
  WORLD_TEST ("exec-refresh/which-signal", NULL, test_which_signal);
  WORLD_TEST ("exec-refresh/real-time-signal", NULL, test_real_time_signal);
  WORLD_TEST ("exec-refresh/few-descriptors", NULL, test_few_descriptors);
  WORLD_TEST ("exec-refresh/what-cannot-run", NULL, test_not_run);
  WORLD_TEST ("exec-refresh/terminal-signals-come-once", NULL, test_terminal_signals);
  WORLD_TEST ("exec-refresh/stops-and-goes-on-with-the-program", NULL, test_job_control);
  return g_test_run ();
}
