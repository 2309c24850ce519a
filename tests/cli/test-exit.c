/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every command, in every way it can end: a row for each, run by a shell. In a row "$T" is the tool
 * with --json, "$LS" where the simulated broker is, "$KEY" a file with a key that nobody has yet,
 * "$D" a directory of the test's own with some files in it. There are the accounts a (ls, with a
 * token), b (ls, without) and real (ls, in the real environment, with a token), and w (kiwoom,
 * without). */

#include "terminal.h"

#include <glib/gstdio.h>
#include <string.h>

#include "test-files.h"
#include "test-keyring.h"
#include "test-process.h"

/* How the world is when a row is run. */
typedef enum
{
  FINE,
  LOCKED,
  NO_BUS,
  STOPPED, /* the keyring's daemon does not answer */
  REFUSED, /* the broker refuses the key */
  LIMITED,
  GONE, /* the broker */
  NONSENSE,
  NO_PLUGIN,
  UNSAFE,  /* the ledgers can be written by others */
  DAMAGED, /* the account a */
  N_SITUATIONS
} Situation;

typedef struct
{
  const char *command;
  Situation situation;
  int status;
  const char *script; /* what follows: "$T" --json COMMAND; or, with a blank in front, all of it */
} Row;

static const Row rows[] = {
  { "add", FINE, 0, "ls new --env paper --endpoint \"$LS\" <\"$KEY\"" },
  { "add", FINE, 2, "ls a --env paper --endpoint \"$LS\" <\"$KEY\"" },
  { "add", FINE, 3, "nosuch new --env paper <\"$KEY\"" },
  { "add", REFUSED, 4, "ls new --env paper --endpoint \"$LS\" <\"$KEY\"" },
  { "add", LOCKED, 5, "ls new --env paper --endpoint \"$LS\" <\"$KEY\"" },
  { "add", NO_BUS, 6, "ls new --env paper --endpoint \"$LS\" <\"$KEY\"" },
  { "add", LIMITED, 7, "ls new --env paper --endpoint \"$LS\" <\"$KEY\"" },
  { "add", GONE, 8, "ls new --env paper --endpoint \"$LS\" <\"$KEY\"" },
  { "add", STOPPED, 9, "ls new --env paper --endpoint \"$LS\" <\"$KEY\"" },
  { "add", UNSAFE, 12, "ls new --env paper --endpoint \"$LS\" <\"$KEY\"" },
  { "add", NONSENSE, 13, "ls new --env paper --endpoint \"$LS\" <\"$KEY\"" },

  { "edit", FINE, 0, "a --secret <\"$KEY\"" },
  { "edit", FINE, 2, "a" },
  { "edit", FINE, 3, "nobody --secret <\"$KEY\"" },
  { "edit", LOCKED, 5, "a --secret <\"$KEY\"" },
  { "edit", NO_BUS, 6, "a --secret <\"$KEY\"" },
  { "edit", STOPPED, 9, "a --secret <\"$KEY\"" },
  { "edit", NO_PLUGIN, 11, "a --secret <\"$KEY\"" },
  { "edit", UNSAFE, 12, "a --secret <\"$KEY\"" },

  { "rename", FINE, 0, "a c" },
  { "rename", FINE, 2, "a b" },
  { "rename", FINE, 3, "nobody c" },
  { "rename", LOCKED, 5, "a c" },
  { "rename", NO_BUS, 6, "a c" },
  { "rename", STOPPED, 9, "a c" },
  { "rename", UNSAFE, 12, "a c" },

  { "list", FINE, 0, "" },
  { "list", FINE, 2, "--env nowhere" },
  { "list", FINE, 3, "--broker nosuch" },
  { "list", LOCKED, 5, "" },
  { "list", NO_BUS, 6, "" },
  { "list", STOPPED, 9, "" },

  { "show", FINE, 0, "a" },
  { "show", FINE, 2, "" },
  { "show", FINE, 3, "nobody" },
  { "show", LOCKED, 5, "a" },
  { "show", NO_BUS, 6, "a" },
  { "show", STOPPED, 9, "a" },
  { "show", DAMAGED, 12, "\"$A\"" },

  { "token", FINE, 0, "b" },
  { "token", FINE, 2, "b --kind nothing" },
  { "token", FINE, 3, "b --no-issue" },
  { "token", REFUSED, 4, "b" },
  { "token", LOCKED, 5, "a" },
  { "token", NO_BUS, 6, "a" },
  { "token", LIMITED, 7, "b" },
  { "token", GONE, 8, "b" },
  { "token", STOPPED, 9, "a" },
  { "token", NO_PLUGIN, 11, "b" },
  { "token", UNSAFE, 12, "b" },
  { "token", NONSENSE, 13, "b" },

  { "header", FINE, 0, "b" },
  { "header", FINE, 2, "b --format nothing" },
  { "header", FINE, 3, "nobody" },
  { "header", REFUSED, 4, "b" },
  { "header", LOCKED, 5, "a" },
  { "header", NO_BUS, 6, "a" },
  { "header", LIMITED, 7, "b" },
  { "header", GONE, 8, "b" },
  { "header", STOPPED, 9, "a" },
  { "header", NO_PLUGIN, 11, "b" },
  { "header", UNSAFE, 12, "b" },
  { "header", NONSENSE, 13, "b" },

  { "credential", FINE, 0, "a" },
  { "credential", FINE, 2, "" },
  { "credential", FINE, 3, "nobody" },
  { "credential", LOCKED, 5, "a" },
  { "credential", NO_BUS, 6, "a" },
  { "credential", STOPPED, 9, "a" },
  { "credential", DAMAGED, 12, "\"$A\"" },

  { "exec", FINE, 0, "a -- true" },
  { "exec", FINE, 7, "a -- sh -c 'exit 7'" },
  { "exec", FINE, 125, "nobody -- true" },
  { "exec", REFUSED, 125, "b -- true" },
  { "exec", LOCKED, 125, "a -- true" },
  { "exec", FINE, 126, "a -- /" },
  { "exec", FINE, 127, "a -- /nosuch" },

  { "refresh", FINE, 0, "a" },
  { "refresh", FINE, 2, "a --nosuch" },
  { "refresh", FINE, 3, "nobody" },
  { "refresh", REFUSED, 4, "a" },
  { "refresh", LOCKED, 5, "a" },
  { "refresh", NO_BUS, 6, "a" },
  { "refresh", LIMITED, 7, "a" },
  { "refresh", GONE, 8, "a" },
  { "refresh", STOPPED, 9, "a" },
  { "refresh", NO_PLUGIN, 11, "a" },
  { "refresh", UNSAFE, 12, "a" },
  { "refresh", NONSENSE, 13, "a" },

  { "reject", FINE, 0, "a <\"$KEY.token\"" },
  { "reject", FINE, 2, "a </dev/null" },
  { "reject", FINE, 3, "nobody <\"$KEY.token\"" },
  { "reject", LOCKED, 5, "a <\"$KEY.token\"" },
  { "reject", NO_BUS, 6, "a <\"$KEY.token\"" },
  { "reject", STOPPED, 9, "a <\"$KEY.token\"" },
  { "reject", UNSAFE, 12, "a <\"$KEY.token\"" },

  { "wait", FINE, 0, "w --valid-until \"$SOON\"" },
  { "wait", FINE, 2, "b" },
  { "wait", FINE, 3, "nobody --valid-until \"$SOON\"" },
  { "wait", REFUSED, 4, "b --valid-until \"$SOON\"" },
  { "wait", LOCKED, 5, "a --valid-until \"$SOON\"" },
  { "wait", NO_BUS, 6, "a --valid-until \"$SOON\"" },
  { "wait", GONE, 9, "b --valid-until \"$SOON\"" },
  { "wait", NO_PLUGIN, 11, "b --valid-until \"$SOON\"" },
  { "wait", UNSAFE, 12, "b --valid-until \"$SOON\"" },

  { "revoke", FINE, 0, "a" },
  { "revoke", FINE, 2, "a --all" },
  { "revoke", FINE, 3, "nobody" },
  { "revoke", REFUSED, 4, "a" },
  { "revoke", LOCKED, 5, "a" },
  { "revoke", NO_BUS, 6, "a" },
  { "revoke", LIMITED, 7, "a" },
  { "revoke", GONE, 8, "a" },
  { "revoke", STOPPED, 9, "a" },
  { "revoke", FINE, 10, "real" },
  { "revoke", NO_PLUGIN, 11, "a" },
  { "revoke", UNSAFE, 12, "a" },
  { "revoke", NONSENSE, 13, "a" },

  { "forget", FINE, 0, "a" },
  { "forget", FINE, 2, "" },
  { "forget", FINE, 3, "nobody" },
  { "forget", LOCKED, 5, "a" },
  { "forget", NO_BUS, 6, "a" },
  { "forget", STOPPED, 9, "a" },
  { "forget", UNSAFE, 12, "a" },

  { "remove", FINE, 0, "a" },
  { "remove", FINE, 2, "" },
  { "remove", FINE, 3, "nobody" },
  { "remove", REFUSED, 4, "a" },
  { "remove", LOCKED, 5, "a" },
  { "remove", NO_BUS, 6, "a" },
  { "remove", LIMITED, 7, "a" },
  { "remove", GONE, 8, "a" },
  { "remove", STOPPED, 9, "a" },
  { "remove", FINE, 10, "real" },
  { "remove", NO_PLUGIN, 11, "a" },
  { "remove", UNSAFE, 12, "a" },
  { "remove", NONSENSE, 13, "a" },

  { "monitor", FINE, 2, "a b" },
  { "monitor", FINE, 3, "nobody" },
  { "monitor", LOCKED, 5, "a" },
  { "monitor", NO_BUS, 6, "a" },
  { "monitor", STOPPED, 9, "a" },
  { "monitor", FINE, 130, " timeout -s INT 1 \"$T\" monitor; test $? = 124 && exit 130" },

  { "brokers", FINE, 0, "" },
  { "brokers", FINE, 2, "show" },
  { "brokers", FINE, 3, "show nosuch" },

  { "import", FINE, 0, "\"$D/keys.env\"" },
  { "import", FINE, 2, "--from kis-yaml \"$D/nonsense\"" },
  { "import", FINE, 2, "\"$D/nosuch\"" },
  { "import", LOCKED, 5, "\"$D/keys.env\"" },
  { "import", NO_BUS, 6, "\"$D/keys.env\"" },
  { "import", STOPPED, 9, "\"$D/keys.env\"" },
  { "import", FINE, 10, "--shred \"$D/keys.env\"" },
  { "import", UNSAFE, 12, "\"$D/keys.env\"" },

  { "backup", FINE, 0, "\"$D/new.backup\" <\"$D/passphrase\"" },
  { "backup", FINE, 2, "\"$D/keys.env\" <\"$D/passphrase\"" },
  { "backup", LOCKED, 5, "\"$D/new.backup\" <\"$D/passphrase\"" },
  { "backup", NO_BUS, 6, "\"$D/new.backup\" <\"$D/passphrase\"" },
  { "backup", STOPPED, 9, "\"$D/new.backup\" <\"$D/passphrase\"" },
  { "backup", DAMAGED, 12, "\"$D/new.backup\" <\"$D/passphrase\"" },

  { "restore", FINE, 0, "\"$D/old.backup\" <\"$D/passphrase\"" },
  { "restore", FINE, 2, "\"$D/nonsense\" <\"$D/passphrase\"" },
  { "restore", FINE, 2, "\"$D/nosuch\" <\"$D/passphrase\"" },
  { "restore", LOCKED, 5, "\"$D/old.backup\" <\"$D/passphrase\"" },
  { "restore", NO_BUS, 6, "\"$D/old.backup\" <\"$D/passphrase\"" },
  { "restore", STOPPED, 9, "\"$D/old.backup\" <\"$D/passphrase\"" },
  { "restore", FINE, 12, "\"$D/old.backup\" <\"$D/nonsense\"" },

  { "lock", FINE, 0, "" },
  { "lock", FINE, 2, "now" },
  { "lock", NO_BUS, 6, "" },
  { "lock", STOPPED, 9, "" },

  { "unlock", FINE, 0, "" },
  { "unlock", LOCKED, 0, "--fd 3 3<\"$D/password\"" },
  { "unlock", FINE, 2, "--fd 99" },
  { "unlock", LOCKED, 5, "--fd 3 3<\"$D/nonsense\"" },
  { "unlock", NO_BUS, 6, "--fd 3 3<\"$D/password\"" },
  { "unlock", STOPPED, 9, "--fd 3 3<\"$D/password\"" },

  { "session", FINE, 0, "--passphrase-fd 3 -- true 3<\"$D/password\"" },
  { "session", FINE, 7, "--passphrase-fd 3 -- sh -c 'exit 7' 3<\"$D/password\"" },
  { "session", FINE, 125, "--passphrase-fd 3 3<\"$D/password\"" },
  { "session", FINE, 126, "--passphrase-fd 3 -- / 3<\"$D/password\"" },
  { "session", FINE, 127, "--passphrase-fd 3 -- /nosuch 3<\"$D/password\"" },

  { "doctor", FINE, 0, "" },
  { "doctor", FINE, 2, "now" },
  { "doctor", LOCKED, 5, "" },
  { "doctor", NO_BUS, 6, "" },
  { "doctor", STOPPED, 9, "" },
  { "doctor", UNSAFE, 12, "" },

  { "completion", FINE, 0, " \"$T\" completion bash" },
  { "completion", FINE, 2, "tcsh" },

  { "help", FINE, 0, " \"$T\" help" },
  { "help", FINE, 2, "nosuch" },

  { "version", FINE, 0, "" },
  { "version", FINE, 2, "now" },
};

/* Whether anybody has thought of each of them. */
static void
test_every_command_has_rows (World *world, gconstpointer data)
{
  g_autoptr (TestRun) ran = tool_shell (
      world, 0,
      "\"$KR_TEST_TOOL\" help | sed -n '/^Commands/,/^Options/s/^  \\([a-z]*\\)  .*/\\1/p'");
  g_auto (GStrv) commands = g_strsplit (g_strchomp (ran->out), "\n", -1);

  g_assert_cmpuint (g_strv_length (commands), >, 20);
  for (char **command = commands; *command != NULL; command++)
    {
      guint n = 0;

      for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
        n += g_str_equal (rows[i].command, *command);
      if (n < 2)
        test_fail ("%u rows for %s", n, *command);
    }
}

typedef struct
{
  TestDirectory *directory;
  char *a_id;
  char *key;
} Setting;

static void
write_file (Setting *setting, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (setting->directory, name, NULL);

  test_file_write (path, text, -1, 0600);
}

/* Some minutes from now, as wait takes it. */
static char *
get_soon (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autoptr (GDateTime) soon = g_date_time_add_minutes (now, 5);

  return g_date_time_format (soon, "%H:%M");
}

static void
add_accounts (World *world, Setting *setting)
{
  g_autofree char *token = NULL;

  add_account (world, "ls", 0, "a", "paper");
  add_unverified (world, "ls", 1, "b");
  add_account (world, "ls", 2, "real", "real");
  add_unverified (world, "kiwoom", 0, "w"); /* whose tokens end at no time of the day */
  token = stored_token (world, "a");
  write_file (setting, "key.token", token);
  g_free (setting->a_id);
  setting->a_id = account_id (world, "a");
  world_setenv (world, "A", setting->a_id);
}

static void
set_up (World *world, Setting *setting)
{
  g_autofree char *key = test_simulator_get_key_lines ("ls", 8);
  g_autofree char *appkey = test_simulator_get_key ("ls", 7, "appkey");
  g_autofree char *appsecret = test_simulator_get_key ("ls", 7, "appsecret");
  g_autofree char *env = g_strdup_printf ("LS_APPKEY=%s\nLS_APPSECRETKEY=%s\n", appkey, appsecret);
  g_autofree char *soon = get_soon ();

  setting->directory = test_directory_new ();
  setting->key = g_build_filename (setting->directory, "key", NULL);
  write_file (setting, "key", key);
  write_file (setting, "keys.env", env);
  write_file (setting, "nonsense", "{ \"no\": [ such\n");
  write_file (setting, "passphrase", "correct horse battery\n");
  write_file (setting, "password", g_getenv ("KR_TEST_KEYRING_PASSWORD"));
  world_setenv (world, "T", g_getenv ("KR_TEST_TOOL"));
  world_setenv (world, "LS", test_simulator_get_uri (world->simulator, "ls"));
  world_setenv (world, "KEY", setting->key);
  world_setenv (world, "D", setting->directory);
  world_setenv (world, "SOON", soon);
  add_accounts (world, setting);
  test_run_free (tool_shell (world, 0, "\"$T\" -q backup \"$D/old.backup\" <\"$D/passphrase\""));
}

static void
tear_down (Setting *setting)
{
  test_directory_remove (setting->directory);
  g_free (setting->a_id);
  g_free (setting->key);
}

/* A row finds the accounts as they were, and a broker that has forgotten. */
static void
renew (World *world, Setting *setting)
{
  test_simulator_reset (world->simulator, "ls");
  test_keyring_unlock ();
  test_keyring_clear ();
  add_accounts (world, setting);
}

static char *
get_ledgers (void)
{
  return g_build_filename (g_get_user_state_dir (), "krsecret", NULL);
}

static void
begin (World *world, Setting *setting, Situation situation)
{
  g_autofree char *ledgers = get_ledgers ();

  switch (situation)
    {
    case LOCKED:
      test_keyring_lock ();
      break;
    case NO_BUS:
      world_hide_bus (world);
      break;
    case STOPPED:
      test_pause (test_keyring_get_pid ());
      break;
    case REFUSED:
      test_simulator_fault (world->simulator, "ls", "'fault':'refuse-key','times':0");
      break;
    case LIMITED:
      test_simulator_fault (world->simulator, "ls", "'fault':'rate-limited','times':0");
      break;
    case GONE:
      test_simulator_fault (world->simulator, "ls", "'fault':'reset','times':0");
      break;
    case NONSENSE:
      test_simulator_fault (world->simulator, "ls", "'fault':'html200','times':0");
      break;
    case NO_PLUGIN:
      world_setenv (world, "KR_SECRET_PLUGIN_DIR", setting->directory);
      break;
    case UNSAFE:
      g_assert_cmpint (g_chmod (ledgers, 0777), ==, 0);
      break;
    case DAMAGED:
      test_keyring_overwrite (setting->a_id, "krsecret-account", "torn", -1);
      break;
    case FINE:
    case N_SITUATIONS:
    default:
      break;
    }
}

static void
end (World *world, Situation situation)
{
  g_autofree char *ledgers = get_ledgers ();

  switch (situation)
    {
    case LOCKED:
      test_keyring_unlock ();
      break;
    case NO_BUS:
      world_setenv (world, "DBUS_SESSION_BUS_ADDRESS", g_getenv ("DBUS_SESSION_BUS_ADDRESS"));
      world_setenv (world, "XDG_RUNTIME_DIR", g_getenv ("XDG_RUNTIME_DIR"));
      break;
    case STOPPED:
      test_resume (test_keyring_get_pid ());
      break;
    case NO_PLUGIN:
      world_setenv (world, "KR_SECRET_PLUGIN_DIR", g_getenv ("KR_SECRET_PLUGIN_DIR"));
      break;
    case UNSAFE:
      g_assert_cmpint (g_chmod (ledgers, 0700), ==, 0);
      break;
    default:
      break;
    }
}

/* The error's words, which scripts know as well as the numbers. */
static const char *
get_code (int status)
{
  static const char *const codes[]
      = { NULL,       "failed",     "usage",        "not-found",   "refused",
          "locked",   "no-keyring", "rate-limited", "unreachable", "deadline",
          "declined", "plugin",     "damaged",      "bad-reply" };

  return status < (int) G_N_ELEMENTS (codes) ? codes[status] : NULL;
}

static void
run_row (World *world, const Row *row)
{
  gboolean whole = row->script[0] == ' ';
  const char *timeout
      = row->situation == STOPPED || g_str_equal (row->command, "wait") ? " --timeout 1" : "";
  g_autofree char *script
      = whole ? g_strdup (row->script)
              : g_strdup_printf ("\"$T\" --json%s %s %s", timeout, row->command, row->script);
  g_autoptr (TestRun) ran = tool_shell (world, ANY_STATUS, script);

  if (ran->status != row->status)
    {
      end (world, row->situation);
      test_fail ("%d instead of %d in situation %d: %s\n%s%s", ran->status, row->status,
                 row->situation, script, ran->out, ran->err);
    }
  if (whole || row->status == 0 || get_code (row->status) == NULL
      || g_str_equal (row->command, "exec") || g_str_equal (row->command, "session")
      || g_str_equal (row->command, "doctor"))
    return;
  json_object_unref (failure_at (script, ran, get_code (row->status)));
  /* What, why, what next. */
  {
    g_auto (GStrv) lines = g_strsplit (g_strchomp (ran->err), "\n", -1);
    guint n = g_strv_length (lines);

    g_assert_cmpuint (n, >=, 3);
    g_assert_true (g_str_has_prefix (lines[n - 3], "kr-secret-tool: "));
    g_assert_true (g_str_has_prefix (lines[n - 2], "  "));
    g_assert_true (g_str_has_prefix (lines[n - 1], "  "));
  }
}

/* Whether also a failure is remembered. */
static gboolean
leaves_traces (Situation situation)
{
  return situation == REFUSED || situation == LIMITED || situation == GONE || situation == NONSENSE
         || situation == DAMAGED;
}

static void
test_situation (World *world, gconstpointer data)
{
  const Situation situation = GPOINTER_TO_INT (data);
  Setting setting = { NULL };

  set_up (world, &setting);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      if (rows[i].situation != situation)
        continue;
      begin (world, &setting, situation);
      run_row (world, &rows[i]);
      end (world, situation);
      if (rows[i].status == 0 || leaves_traces (situation))
        renew (world, &setting);
    }
  tear_down (&setting);
}

/* The data of the test are no options for the simulator. */
static void
set_up_world (World *world, gconstpointer data)
{
  world_set_up (world, NULL);
}

int
main (int argc, char **argv)
{
  static const char *const names[N_SITUATIONS]
      = { "fine", "locked",   "no-bus",    "stopped", "refused", "limited",
          "gone", "nonsense", "no-plugin", "unsafe",  "damaged" };

  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("exit/every-command-has-rows", NULL, test_every_command_has_rows);
  for (int i = 0; i < N_SITUATIONS; i++)
    {
      g_autofree char *path = g_strconcat ("/cli/exit/", names[i], NULL);

      g_test_add (path, World, GINT_TO_POINTER (i), set_up_world, test_situation, world_tear_down);
    }
  return g_test_run ();
}
