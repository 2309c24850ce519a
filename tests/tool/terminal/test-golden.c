/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The JSON of every command, word for word: golden/NAME.json, with placeholders for the parts that
 * vary. With KR_TEST_UPDATE=1 the files are rewritten; review the difference, since scripts rely on
 * it. */

#include "tool.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#include "test-files.h"
#include "test-keyring.h"

/* Run in this order, in one world. "$T" is the tool, "$LS" the address of the simulated broker,
 * "$D" a directory of the test. */
static const struct
{
  const char *name;
  int status;
  const char *script;
} rows[] = {
  { "version", 0, "\"$T\" version --json" },
  { "brokers", 0, "\"$T\" brokers --json" },
  { "brokers-show", 0, "\"$T\" brokers show kis --json" },
  { "brokers-show-kiwoom", 0, "\"$T\" brokers show kiwoom --json" },
  { "brokers-show-ls", 0, "\"$T\" brokers show ls --json" },
  { "list-empty", 0, "\"$T\" list --json" },
  { "add", 0, "\"$T\" add ls 한투 --env paper --endpoint \"$LS\" --json <\"$D/key\"" },
  { "doctor", 0, "\"$T\" doctor --json" },
  { "add-no-verify", 0,
    "\"$T\" add ls b --env real --endpoint \"$LS\" --no-verify --json <\"$D/key-b\"" },
  { "add-other-broker", 0,
    "\"$T\" add kiwoom w --env paper --endpoint \"$KIWOOM\" --json <\"$D/key-w\"" },
  { "add-taken", 2, "\"$T\" add ls c --env real --no-verify --json <\"$D/key-b\"" },
  { "list", 0, "\"$T\" list --json" },
  { "show", 0, "\"$T\" show 한투 --json" },
  { "show-not-found", 3, "\"$T\" show nobody --json" },
  { "token", 0, "\"$T\" token 한투 --json" },
  { "token-no-issue", 3, "\"$T\" token b --no-issue --json" },
  { "header", 0, "\"$T\" header 한투 --json" },
  { "credential", 0, "\"$T\" credential 한투 --json" },
  { "exec-failure", 125, "\"$T\" exec --json nobody -- true" },
  { "exec-usage", 125, "\"$T\" exec --json 한투" },
  { "exec-refused", 125, "\"$REFUSE\"; \"$T\" exec --json b -- true" },
  { "exec-no-program", 127, "\"$T\" exec --json 한투 -- /nosuch" },
  { "exec-not-a-program", 126, "\"$T\" exec --json 한투 -- /" },
  { "wait", 0, "\"$T\" wait w --valid-until \"$SOON\" --json" },
  { "refresh", 0, "\"$T\" refresh 한투 --json" },
  { "reject-other", 0, "echo not-the-stored-token | \"$T\" reject 한투 --json" },
  { "reject", 0, "\"$T\" token 한투 | \"$T\" reject 한투 --json" },
  { "refresh-rate-limited", 7, "\"$LIMIT\"; \"$T\" refresh 한투 --json" },
  { "refresh-refused", 4, "\"$REFUSE\"; \"$T\" refresh 한투 --json" },
  { "token-unreachable", 8, "\"$RESET\"; \"$T\" token 한투 --json" },
  { "token-bad-reply", 13, "\"$HTML\"; \"$T\" token 한투 --json" },
  { "token-again", 0, "sleep 1; \"$T\" token 한투 --json" },
  { "revoke", 0, "\"$T\" revoke 한투 --json" },
  { "revoke-declined", 10, "\"$T\" revoke b --json" },
  { "forget", 0, "\"$T\" forget 한투 --json" },
  { "edit", 0, "\"$T\" edit 한투 --endpoint http://127.0.0.1:1 --json" },
  { "rename", 0, "\"$T\" rename 한투 renamed --json" },
  { "import-plan", 0, "\"$T\" import \"$D/keys.env\" -n --json" },
  { "import", 0, "\"$T\" import \"$D/keys.env\" --json" },
  { "import-present", 0, "\"$T\" import \"$D/keys.env\" --json" },
  { "import-skipped", 0, "\"$T\" import \"$D/half.env\" --json" },
  { "import-all-skipped", 2, "\"$T\" import \"$D/other.env\" --json" },
  { "import-declined", 10, "\"$T\" import \"$D/keys.env\" --shred --json" },
  { "import-nothing", 2, "\"$T\" import \"$D/key\" --from kis-yaml --json" },
  { "backup", 0, "\"$T\" backup \"$D/file\" --json <\"$D/passphrase\"" },
  { "backup-in-the-way", 2, "\"$T\" backup \"$D/file\" --json <\"$D/passphrase\"" },
  { "restore-present", 0, "\"$T\" restore \"$D/file\" --json <\"$D/passphrase\"" },
  { "remove", 0, "\"$T\" remove renamed b --keep-token -y --json" },
  { "restore-plan", 0, "\"$T\" restore \"$D/file\" -n --json <\"$D/passphrase\"" },
  { "restore", 0, "\"$T\" restore \"$D/file\" --json <\"$D/passphrase\"" },
  { "restore-conflict", 2,
    "\"$T\" remove renamed --keep-token -q && \"$T\" rename w renamed -q && \"$T\" restore "
    "\"$D/file\" --json <\"$D/passphrase\"" },
  { "lock", 0, "\"$T\" lock --json" },
  { "list-locked", 5, "\"$T\" list --json" },
  { "doctor-locked", 5, "\"$T\" doctor --json" },
  { "exec-locked", 125, "\"$T\" exec --json w -- true" },
  { "unlock-wrong", 5, "\"$T\" unlock --fd 3 3<\"$D/passphrase\" --json" },
  { "unlock", 0, "\"$T\" unlock --fd 3 3<\"$D/password\" --json" },
  { "session-failure", 125, "\"$T\" session --json --" },
  { "session-no-program", 127, "\"$T\" session --json -- /nosuch" },
};

/* The parts that vary from run to run, and their placeholders. */
static const struct
{
  const char *pattern;
  const char *name;
} changing[] = {
  { "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "ID" },
  { "\"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ\"", "\"TIME\"" },
  { "(\"\\w+_unix\" : )\\d{10}", "\\1\"SECONDS\"" },
  { "(\"remaining\" : )\\d+", "\\1\"SECONDS\"" },
  { "(\"token\" : )\"[^\"]+\"", "\\1\"TOKEN\"" },
  { "Bearer [^\"]+", "Bearer TOKEN" },
  { "(\"appkey\" : )\"[^\"]+\"", "\\1\"APPKEY\"" },
  { "(\"appsecret\" : )\"[^\"]+\"", "\\1\"APPSECRET\"" },
  { "(\"appkey_hint\" : )\"[^\"]+\"", "\\1\"HINT\"" },
  { "127\\.0\\.0\\.1:\\d{2,}", "127.0.0.1:PORT" },
  { "(\"version\" : )\"[^\"]+\"", "\\1\"VERSION\"" },
  { "\"[^\"]*/(\\w+\\.so)\"", "\"PATH/\\1\"" },
  { "/[^\" ]*/krsecret-\\w{6}", "DIR" },
};

static char *
replace_all (const char *text, const char *pattern, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, &error);
  char *replaced;

  g_assert_no_error (error);
  replaced = g_regex_replace (regex, text, -1, 0, name, 0, &error);
  g_assert_no_error (error);
  return replaced;
}

/* One line for each member, with placeholders for variable parts. */
static char *
normalize (const char *where, const char *text)
{
  g_autoptr (JsonObject) whole = document_at (where, text);
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), whole);
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  char *result;

  json_generator_set_pretty (generator, TRUE);
  json_generator_set_root (generator, node);
  result = json_generator_to_data (generator, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (changing); i++)
    {
      g_autofree char *before = result;

      result = replace_all (before, changing[i].pattern, changing[i].name);
    }
  return result;
}

static void
compare (const char *name, const char *text)
{
  g_autofree char *file = g_strconcat (name, ".json", NULL);
  g_autofree char *path = g_build_filename (g_getenv ("KR_TEST_GOLDEN"), file, NULL);
  g_autofree char *found = g_strconcat (text, "\n", NULL);
  g_autofree char *expected = NULL;
  g_autoptr (GError) error = NULL;

  if (g_strcmp0 (g_getenv ("KR_TEST_UPDATE"), "1") == 0)
    {
      g_file_set_contents (path, found, -1, &error);
      g_assert_no_error (error);
      return;
    }
  g_file_get_contents (path, &expected, NULL, &error);
  g_assert_no_error (error);
  if (!g_str_equal (found, expected))
    test_fail ("%s is another now:\n%s", name, found);
}

static void
write_file (const char *directory, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);

  test_file_write (path, text, -1, 0600);
}

/* A script that makes the simulated broker do something to the next issue. */
static void
set_fault (World *world, const char *variable, const char *directory, const char *fault)
{
  g_autofree char *path = g_build_filename (directory, variable, NULL);
  g_autofree char *script = g_strdup_printf (
      "#!/bin/sh\nexec curl -sSf -o /dev/null -d '{\"path\":\"/oauth2/token\",\"fault\":\"%s\"}' "
      "%s/_simulator/faults\n",
      fault, test_simulator_get_uri (world->simulator, "ls"));

  test_file_write (path, script, -1, 0700);
  world_setenv (world, variable, path);
}

static TestDirectory *
prepare (World *world)
{
  TestDirectory *directory = test_directory_new ();
  g_autofree char *key = test_simulator_get_key_lines ("ls", 0);
  g_autofree char *key_b = test_simulator_get_key_lines ("ls", 1);
  g_autofree char *key_w = test_simulator_get_key_lines ("kiwoom", 1);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autoptr (GDateTime) later = g_date_time_add_minutes (now, 5);
  g_autofree char *soon = g_date_time_format (later, "%H:%M");
  g_autofree char *appkey = test_simulator_get_key ("kiwoom", 0, "appkey");
  g_autofree char *appsecret = test_simulator_get_key ("kiwoom", 0, "appsecret");
  g_autofree char *env
      = g_strdup_printf ("KIWOOM_APPKEY=%s\nKIWOOM_SECRETKEY=%s\n", appkey, appsecret);

  g_autofree char *half = g_strdup_printf ("KIWOOM_APPKEY=%s\nKIWOOM_SECRETKEY=%s\nLS_APPKEY=%s\n",
                                           appkey, appsecret, appkey);
  g_autofree char *other
      = g_strdup_printf ("KIWOOM_APPKEY=%s\nKIWOOM_SECRETKEY=another%s\n", appkey, appsecret);

  write_file (directory, "half.env", half);
  write_file (directory, "other.env", other);
  write_file (directory, "key", key);
  write_file (directory, "key-b", key_b);
  write_file (directory, "key-w", key_w);
  write_file (directory, "keys.env", env);
  write_file (directory, "passphrase", "correct horse battery\n");
  write_file (directory, "password", g_getenv ("KR_TEST_KEYRING_PASSWORD"));
  set_fault (world, "LIMIT", directory, "rate-limited");
  set_fault (world, "REFUSE", directory, "refuse-key");
  set_fault (world, "RESET", directory, "reset");
  set_fault (world, "HTML", directory, "html200");
  world_setenv (world, "T", g_getenv ("KR_TEST_TOOL"));
  world_setenv (world, "LS", test_simulator_get_uri (world->simulator, "ls"));
  world_setenv (world, "D", directory);
  world_setenv (world, "KIWOOM", test_simulator_get_uri (world->simulator, "kiwoom"));
  world_setenv (world, "SOON", soon);
  return directory;
}

static void
test_documents (World *world, gconstpointer data)
{
  G_GNUC_UNUSED g_autoptr (TestDirectory) directory = prepare (world);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (TestRun) ran = run_shell (rows[i].name, world, rows[i].status, rows[i].script);
      g_autofree char *text = normalize (rows[i].name, ran->out);

      compare (rows[i].name, text);
    }
}

/* One event per line. */
static void
test_events (World *world, gconstpointer data)
{
  G_GNUC_UNUSED g_autoptr (TestDirectory) directory = prepare (world);
  g_autoptr (Running) monitor = NULL;
  const char *const scripts[][2] = {
    { "monitor-account-added",
      "\"$T\" add ls a --env paper --endpoint \"$LS\" --no-verify -q <\"$D/key\"" },
    { "monitor-token-issued", "\"$T\" token a" },
    { "monitor-token-forgotten", "\"$T\" forget a -q" },
    { "monitor-account-changed", "\"$T\" rename a b -q" },
    { "monitor-attention", "\"$T\" lock -q" },
    { "monitor-account-removed",
      "\"$T\" unlock -q --fd 3 3<\"$D/password\" && \"$T\" remove b -q" },
  };

  monitor = tool_start (world, "monitor", "--json");
  running_expect (monitor, "watching");
  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      G_GNUC_UNUSED g_autoptr (TestRun) ran = run_shell (scripts[i][0], world, 0, scripts[i][1]);
      g_autofree char *line = running_next_line (monitor);
      g_autofree char *whole = g_strconcat (line, "\n", NULL);
      g_autofree char *text = normalize (scripts[i][0], whole);

      compare (scripts[i][0], text);
    }
  running_signal (monitor, SIGINT);
  g_assert_cmpint (running_end (monitor), ==, 130);
}

/* The only event that no command causes. */
static void
test_expiring (World *world, gconstpointer data)
{
  g_autoptr (Running) monitor = NULL;

  add_unverified (world, "kiwoom", 0, "a");
  monitor = tool_start (world, "monitor", "--json");
  running_expect (monitor, "watching");
  tool_ends (world, 0, "token", "a");
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *line = running_next_line (monitor);
      g_autofree char *whole = g_strconcat (line, "\n", NULL);
      g_autofree char *text = normalize ("monitor", whole);

      compare (i == 0 ? "monitor-token-issued" : "monitor-token-expiring", text);
    }
  running_signal (monitor, SIGINT);
  running_end (monitor);
}

/* A row that succeeds, or an event: all outputs of a command when all is well. */
static gboolean
is_covered (const char *command)
{
  g_autofree char *start = g_strdup_printf ("\"$T\" %s", command);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const char *found = strstr (rows[i].script, start);

      if (rows[i].status == 0 && found != NULL && strchr (" ", found[strlen (start)]) != NULL)
        return TRUE;
    }
  return g_str_equal (command, "monitor");
}

/* Commands without a document when all is well: text, or the program's own output. */
static gboolean
has_no_document (const char *command)
{
  const char *const names[] = { "exec", "session", "completion", "help", NULL };

  return g_strv_contains (names, command);
}

static void
test_every_command_has_a_file (World *world, gconstpointer data)
{
  g_autoptr (TestRun) ran = tool_shell (
      world, 0,
      "\"$KR_TEST_TOOL\" help | sed -n '/^Commands/,/^Options/s/^  \\([a-z]*\\)  .*/\\1/p'");
  g_auto (GStrv) commands = g_strsplit (g_strchomp (ran->out), "\n", -1);

  g_assert_cmpuint (g_strv_length (commands), >, 20);
  for (char **command = commands; *command != NULL; command++)
    if (!has_no_document (*command) && !is_covered (*command))
      test_fail ("nobody looks at what '%s --json' says", *command);
}

/* Each document has a file, and each file is still compared. */
static void
test_every_file_is_used (World *world, gconstpointer data)
{
  g_autoptr (GDir) golden = g_dir_open (g_getenv ("KR_TEST_GOLDEN"), 0, NULL);
  const char *name;

  g_assert_nonnull (golden);
  while ((name = g_dir_read_name (golden)) != NULL)
    {
      gboolean used = g_str_has_prefix (name, "monitor-");

      for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
        used |= g_str_has_prefix (name, rows[i].name)
                && g_str_equal (name + strlen (rows[i].name), ".json");
      if (!used)
        test_fail ("nobody looks at %s", name);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("golden/documents", NULL, test_documents);
  WORLD_TEST ("golden/events", NULL, test_events);
  WORLD_TEST ("golden/expiring", "--lifetime 8", test_expiring);
  WORLD_TEST ("golden/every-command-has-a-file", NULL, test_every_command_has_a_file);
  WORLD_TEST ("golden/every-file-is-used", NULL, test_every_file_is_used);
  return g_test_run ();
}
