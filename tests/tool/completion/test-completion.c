/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Completion: what the shells offer and how they quote it, without asking anyone. */

#include "terminal.h"

#include <glib/gstdio.h>
#include <string.h>

#include "test-bus.h"
#include "test-files.h"
#include "test-keyring.h"
#include "test-process.h"

/* Aliases with special meanings in a shell. */
static const char *const aliases[]
    = { "my-kis", "my account", "it's", "내 계좌", "we\"ird$x", "a:b@c" };

/* bash's own function, with the line for which it would be called. */
#define IN_BASH                                                                                    \
  "source <(\"$KR_TEST_TOOL\" completion bash) || exit\n"                                          \
  "COMP_WORDBREAKS=$' \\t\\n\"\\'@><=;|&(:' COMP_LINE=$1 COMP_POINT=${#1}\n"                       \
  "_kr_secret_tool \"$KR_TEST_TOOL\"\n"                                                            \
  "printf '%s\\n' \"${COMPREPLY[@]}\"\n"

static void
add_accounts (World *world)
{
  for (guint i = 0; i < G_N_ELEMENTS (aliases); i++)
    add_unverified (world, "ls", 900 + i, aliases[i]);
}

/* The replacements for the last word of a line, as they would be inserted. */
static char *
complete (World *world, const char *line)
{
  const char *const argv[] = { "bash", "--norc", "-c", IN_BASH, "bash", line, NULL };
  g_autoptr (TestRun) ran = test_run (world->env, argv, NULL, -1);

  g_assert_cmpstr (ran->err, ==, "");
  g_assert_cmpint (ran->status, ==, 0);
  return g_strdelimit (g_strchomp (g_strdup (ran->out)), "\n", '&');
}

#define check_offer(world, line, expected)                                                         \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *offered = complete (world, "kr-secret-tool " line);                           \
    if (g_strcmp0 (offered, expected) != 0)                                                        \
      test_fail ("for '%s' there is '%s', not '%s'", line, offered, expected);                     \
  }                                                                                                \
  G_STMT_END

static void
test_commands (World *world, gconstpointer data)
{
  g_autoptr (TestRun) help = tool (world, 0, "help");
  g_autofree char *all = complete (world, "kr-secret-tool ");
  g_auto (GStrv) names = g_strsplit (all, "&", -1);

  g_assert_cmpuint (g_strv_length (names), >, 20);
  for (char **name = names; *name != NULL; name++)
    {
      g_autofree char *line = g_strdup_printf ("\n  %s ", *name);

      test_assert_contains (help->out, line);
    }
  check_offer (world, "sho", "show");
  check_offer (world, "--json -q sho", "show");
  check_offer (world, "--timeout 5 re", "rename&refresh&reject&revoke&remove&restore");
  check_offer (world, "help wa", "wait");
  check_offer (world, "nobody ", "");
}

/* Options are offered after a dash only, except the required ones. */
static void
test_options (World *world, gconstpointer data)
{
  check_offer (world, "token x --",
               "--kind&--min-validity&--no-issue&--wait&--json&--quiet"
               "&--verbose&--yes&--no-input&--timeout&--color&--help");
  check_offer (world, "token --ki", "--kind");
  check_offer (world, "token --json --j", "");
  check_offer (world, "list -q --qu", "");
  check_offer (world, "--ver", "--verbose&--version");
  check_offer (world, "refresh x ", "");
  check_offer (world, "wait x ", "--valid-until");
  check_offer (world, "wait x --valid-until=15:30 ", "");
  check_offer (world, "add kis new ", "--env");
  check_offer (world, "show -- --", "");
  check_offer (world, "completion --w", "");
}

static void
test_values (World *world, gconstpointer data)
{
  check_offer (world, "token --kind ", "access&websocket");
  check_offer (world, "token --kind we", "websocket");
  check_offer (world, "token --kind=we", "websocket");
  check_offer (world, "token \"--kind=we", "--kind=websocket");
  check_offer (world, "add kis x --env ", "real&paper");
  check_offer (world, "--color n", "never");
  check_offer (world, "token --wait ", "");
  check_offer (world, "token --json=", "");
  check_offer (world, "completion ", "bash&zsh&fish");
}

static void
test_brokers (World *world, gconstpointer data)
{
  check_offer (world, "add ", "kis&kiwoom&ls");
  check_offer (world, "list --broker ki", "kis&kiwoom");
  check_offer (world, "brokers ", "show");
  check_offer (world, "brokers show l", "ls");
}

static void
test_aliases (World *world, gconstpointer data)
{
  add_accounts (world);
  check_offer (world, "show ", "a:b@c&it\\'s&my\\ account&my-kis&we\\\"ird\\$x&내\\ 계좌");
  check_offer (world, "--json show -v my-", "my-kis");
  check_offer (world, "show 내", "내\\ 계좌");
  check_offer (world, "show ls/my-", "ls/my-kis");
  check_offer (world, "show kis/my-", "");
  /* The name of an account that does not exist yet. */
  check_offer (world, "add kis my", "");
  check_offer (world, "token --wait my", "");
  /* A redirection does not concern the tool. */
  check_offer (world, "reject 3< my-kis my-", "my-kis");
  check_offer (world, "token 2>/dev/null my-", "my-kis");
  check_offer (world, "token > my", "");
}

/* Text that readline leaves in place is not repeated, and text that it replaces is quoted as it
 * was. */
static void
test_quoting (World *world, gconstpointer data)
{
  add_accounts (world);
  check_offer (world, "show my\\ a", "my\\ account");
  check_offer (world, "show 'my a", "my account");
  check_offer (world, "show \"my a", "my account");
  check_offer (world, "show my' a", " account");
  check_offer (world, "show 'my 'a", "my\\ account");
  check_offer (world, "show 'it", "it'\\''s");
  check_offer (world, "show \"we\\\"", "we\\\"ird\\$x");
  check_offer (world, "show a:", "b@c");
  check_offer (world, "show a:b@", "@c");
  check_offer (world, "show 'a:b@", "a:b@c");
}

static void
test_no_more_accounts_than_taken (World *world, gconstpointer data)
{
  add_unverified (world, "ls", 900, "one");
  add_unverified (world, "ls", 901, "two");
  check_offer (world, "show one ", "");
  check_offer (world, "show one t", "");
  check_offer (world, "remove one ", "two");
  check_offer (world, "remove one two ", "");
  check_offer (world, "forget --all ", "");
}

/* Nothing asks in any way: the keyring's prompt, the broker, the terminal. */
static void
check_silence (World *world, const char *line)
{
  g_autofree char *offered = complete (world, line);
  g_autoptr (TestRun) ran
      = tool (world, 0, "completion", "--words", "2", "--", "kr-secret-tool", "show", "");

  g_assert_cmpstr (offered, ==, "");
  g_assert_cmpstr (ran->out, ==, "");
  g_assert_cmpstr (ran->err, ==, "");
}

static void
test_locked (World *world, gconstpointer data)
{
  g_autoptr (TestMonitor) monitor = NULL;
  guint requests;

  add_unverified (world, "ls", 900, "one");
  check_offer (world, "show ", "one");
  requests = test_simulator_count (world->simulator, "ls", "connections");
  monitor = test_monitor_start ();
  test_keyring_lock ();
  check_silence (world, "kr-secret-tool show ");
  /* As after a login without a password: the keyring was never open. */
  test_keyring_kill ();
  test_keyring_start (FALSE);
  check_silence (world, "kr-secret-tool show ");
  g_assert_cmpuint (test_monitor_count (monitor, "SearchItems"), >, 0);
  g_assert_cmpuint (test_monitor_count (monitor, "Prompt"), ==, 0);
  g_assert_cmpuint (test_monitor_count (monitor, "Dismiss"), ==, 0);
  /* Candidates that do not need it are still offered. */
  check_offer (world, "add k", "kis&kiwoom");
  test_keyring_unlock ();
  check_offer (world, "show ", "one");
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "connections"), ==, requests);
}

static void
test_no_bus (World *world, gconstpointer data)
{
  world_hide_bus (world);
  check_silence (world, "kr-secret-tool show ");
}

static void
check_stopped (World *world, GPid pid)
{
  g_autoptr (TestRun) ran = NULL;

  test_pause (pid);
  ran = tool (world, ANY_STATUS, "completion", "--words", "2", "--", "kr-secret-tool", "show", "");
  test_resume (pid);
  g_assert_cmpint (ran->status, ==, 0);
  g_assert_cmpstr (ran->out, ==, "");
  g_assert_cmpstr (ran->err, ==, "");
  g_assert_cmpint (ran->took, <, 6000);
}

static void
test_stopped (World *world, gconstpointer data)
{
  add_unverified (world, "ls", 900, "one");
  check_stopped (world, test_pid_from_env ("KR_TEST_BUS_PID"));
  check_stopped (world, test_keyring_get_pid ());
  check_offer (world, "show ", "one");
}

/* Lines that no completion script sends. */
static void
test_strange_lines (World *world, gconstpointer data)
{
  const char *const positions[] = { "0", "4", "99999" };

  for (guint i = 0; i < G_N_ELEMENTS (positions); i++)
    {
      g_autoptr (TestRun) ran = tool (world, 0, "completion", "--words", positions[i], "--",
                                      "kr-secret-tool", "token", "--kind", "");

      g_assert_cmpstr (ran->out, ==, "");
      g_assert_cmpstr (ran->err, ==, "");
    }
  tool_ends (world, 2, "completion", "--words", "-1", "--", "kr-secret-tool");
  tool_ends (world, 0, "completion", "--words", "2", "--", "x", "show", "\xff\xfe");
}

static void
test_scripts (World *world, gconstpointer data)
{
  const char *const shells[][2] = { { "bash", "kr-secret-tool.bash" },
                                    { "zsh", "_kr-secret-tool" },
                                    { "fish", "kr-secret-tool.fish" } };

  for (guint i = 0; i < G_N_ELEMENTS (shells); i++)
    {
      g_autoptr (TestRun) printed = tool (world, 0, "completion", shells[i][0]);
      g_autofree char *path
          = g_build_filename (g_getenv ("KR_TEST_COMPLETIONS"), shells[i][1], NULL);
      g_autofree char *file = NULL;
      g_autofree char *shell = g_find_program_in_path (shells[i][0]);
      const char *const argv[] = { shell, "-n", path, NULL };

      g_assert_true (g_file_get_contents (path, &file, NULL, NULL));
      g_assert_cmpstr (printed->out, ==, file);
      if (shell != NULL)
        {
          g_autoptr (TestRun) ran = test_run (world->env, argv, NULL, -1);

          g_assert_cmpstr (ran->err, ==, "");
          g_assert_cmpint (ran->status, ==, 0);
        }
    }
  tool_ends (world, 2, "completion");
  tool_ends (world, 2, "completion", "csh");
  tool_ends (world, 2, "completion", "bash", "zsh");
}

/* A user at a shell: the typed keys, including tabs, and the words that a command then gets. */
typedef struct
{
  const char *typed;
  const char *words;
} Typed;

static const Typed lines[] = {
  { "sho\t my\\ a\t", "{show}{my account}" },
  { "show 내\t", "{show}{내 계좌}" },
  { "show it\t", "{show}{it's}" },
  { "show 'my a\t", "{show}{my account}" },
  { "show \"we\t", "{show}{we\"ird$x}" },
  { "show a:\t", "{show}{a:b@c}" },
  { "token --kind=we\tmy-\t", "{token}{--kind=websocket}{my-kis}" },
  { "list --bro\tkiw\t", "{list}{--broker}{kiwoom}" },
  { "restore back\t", "{restore}{back up}" },
  { "reject my-\t < back\t", "{reject}{my-kis}" },
  { "exec my-\t -- kr-tes\t --lo\t", "{exec}{my-kis}{--}{kr-test-program}{--lo}" },
};

/* @begin: makes the shell complete; uses $1 for nothing else. */
static void
check_typing (World *world, Terminal *terminal, const char *begin)
{
  g_autoptr (TestDirectory) directory = test_directory_new ();
  g_autofree char *file = g_build_filename (directory, "back up", NULL);
  g_autofree char *program = g_build_filename (directory, "kr-test-program", NULL);
  g_autofree char *bin = g_path_get_dirname (g_getenv ("KR_TEST_TOOL"));
  g_autofree char *start
      = g_strdup_printf ("cd '%s'; PATH='%s:%s':$PATH; %s\n"
                         "kr-secret-tool () { printf '{%%s}' \"$@\"; echo .; }; echo rea''dy\n",
                         directory, bin, directory, begin);

  test_file_write (file, "", 0, 0600);
  test_file_write (program, "#!/bin/sh\n", -1, 0700);
  terminal_type (terminal, start);
  terminal_expect (terminal, "ready");
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autofree char *line = g_strdup_printf ("kr-secret-tool %s\n", lines[i].typed);
      g_autofree char *words = g_strconcat (lines[i].words, ".", NULL);

      terminal_type (terminal, line);
      terminal_expect (terminal, words);
    }
  terminal_type (terminal, "exit 0\n");
  g_assert_cmpint (terminal_end (terminal), ==, 0);
}

static void
set_up_shell (World *world)
{
  world_setenv (world, "TERM", "dumb");
  world_setenv (world, "INPUTRC", "/dev/null");
  world_setenv (world, "PS1", "$ ");
  add_accounts (world);
}

static void
test_typing_in_bash (World *world, gconstpointer data)
{
  g_autoptr (Terminal) terminal = NULL;

  set_up_shell (world);
  terminal
      = terminal_start_program (world, TERMINAL_ALL, "bash", "--norc", "--noprofile", "-i", NULL);
  check_typing (world, terminal, "source <(kr-secret-tool completion bash)");
}

/* The package bash-completion loads the installed script by itself; without it, users load the
 * script. */
static void
test_typing_in_bash_with_installed_script (World *world, gconstpointer data)
{
  const char *package = "/usr/share/bash-completion/bash_completion";
  g_autoptr (TestDirectory) user = test_directory_new ();
  g_autofree char *folder = g_build_filename (user, "completions", NULL);
  g_autofree char *installed = g_build_filename (folder, "kr-secret-tool", NULL);
  g_autofree char *script
      = g_build_filename (g_getenv ("KR_TEST_COMPLETIONS"), "kr-secret-tool.bash", NULL);
  const gboolean is_there = g_file_test (package, G_FILE_TEST_EXISTS);
  g_autofree char *begin = g_strdup_printf ("source '%s'", is_there ? package : installed);
  g_autoptr (Terminal) terminal = NULL;

  set_up_shell (world);
  world_setenv (world, "BASH_COMPLETION_USER_DIR", user);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  test_file_copy (script, installed);
  terminal
      = terminal_start_program (world, TERMINAL_ALL, "bash", "--norc", "--noprofile", "-i", NULL);
  check_typing (world, terminal, begin);
}

static void
test_typing_in_zsh (World *world, gconstpointer data)
{
  g_autofree char *zsh = g_find_program_in_path ("zsh");
  g_autoptr (Terminal) terminal = NULL;

  if (zsh == NULL)
    {
      g_test_skip ("zsh is not installed");
      return;
    }
  set_up_shell (world);
  terminal = terminal_start_program (world, TERMINAL_ALL, zsh, "-f", "-i", NULL);
  check_typing (world, terminal,
                "autoload -U compinit; compinit -u -D; source <(kr-secret-tool completion zsh)");
}

/* fish can print its candidates. */
static void
test_fish (World *world, gconstpointer data)
{
  const char *const offers[][2] = {
    { "kr-secret-tool sho", "show\tShow an account, without its secrets\n" },
    { "kr-secret-tool show my\\ a", "my account\tls paper\n" },
    { "kr-secret-tool show 'it", "it's\tls paper\n" },
    { "kr-secret-tool show 내", "내 계좌\tls paper\n" },
    { "kr-secret-tool token --kind=we", "--kind=websocket\n" },
    { "kr-secret-tool exec my-kis -- kr-secret-to", "kr-secret-tool\tcommand\n" },
  };
  g_autofree char *fish = g_find_program_in_path ("fish");
  g_autofree char *bin = g_path_get_dirname (g_getenv ("KR_TEST_TOOL"));

  if (fish == NULL)
    {
      g_test_skip ("fish is not installed");
      return;
    }
  add_accounts (world);
  for (guint i = 0; i < G_N_ELEMENTS (offers); i++)
    {
      const char *const argv[]
          = { fish,
              "--no-config",
              "-c",
              "set PATH $argv[1] $PATH; kr-secret-tool completion fish | source;"
              "complete -C $argv[2]",
              bin,
              offers[i][0],
              NULL };
      g_autoptr (TestRun) ran = test_run (world->env, argv, NULL, -1);

      g_assert_cmpstr (ran->err, ==, "");
      g_assert_cmpstr (ran->out, ==, offers[i][1]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("completion/commands", NULL, test_commands);
  WORLD_TEST ("completion/options", NULL, test_options);
  WORLD_TEST ("completion/values", NULL, test_values);
  WORLD_TEST ("completion/brokers", NULL, test_brokers);
  WORLD_TEST ("completion/aliases", NULL, test_aliases);
  WORLD_TEST ("completion/quoting", NULL, test_quoting);
  WORLD_TEST ("completion/no-more-accounts-than-taken", NULL, test_no_more_accounts_than_taken);
  WORLD_TEST ("completion/locked", NULL, test_locked);
  WORLD_TEST ("completion/no-bus", NULL, test_no_bus);
  WORLD_TEST ("completion/stopped", NULL, test_stopped);
  WORLD_TEST ("completion/strange-lines", NULL, test_strange_lines);
  WORLD_TEST ("completion/scripts", NULL, test_scripts);
  WORLD_TEST ("completion/typing-in-bash", NULL, test_typing_in_bash);
  WORLD_TEST ("completion/typing-in-bash-with-installed-script", NULL,
              test_typing_in_bash_with_installed_script);
  WORLD_TEST ("completion/typing-in-zsh", NULL, test_typing_in_zsh);
  WORLD_TEST ("completion/fish", NULL, test_fish);
  return g_test_run ();
}
