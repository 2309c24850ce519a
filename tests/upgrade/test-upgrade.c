/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads what earlier versions have stored. README.md says what there is, and how it was made. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "shifted-clock.h"
#include "test-assert.h"
#include "test-keyring.h"
#include "test-process.h"
#include "test-record.h"
#include "tool.h"

#define PASSPHRASE_LINE "a passphrase of 0.1.0\n"
#define ACCOUNT_ITEM "krsecret-account"
#define KOREAN "한국 실전"

typedef struct
{
  const char *version;
  const char *kind; /* "blank" or "password" */
} Stored;

static ShiftedClock *clocks;

static char *
find_file (const Stored *stored, const char *name)
{
  return g_build_filename (g_getenv ("KR_TEST_STORED"), stored->version, stored->kind, name, NULL);
}

static char *
read_file (const Stored *stored, const char *name)
{
  g_autofree char *path = find_file (stored, name);
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

/* What that version itself said: a line with the time, then pairs of lines, with the arguments and
 * with the output. */
static char **
read_said (const Stored *stored)
{
  g_autofree char *text = read_file (stored, "said");

  return g_strsplit (g_strchomp (text), "\n", -1);
}

/* Sets the clock of the world's programs to this many seconds after that was said. */
static void
be_at (World *world, const Stored *stored, gint64 seconds)
{
  g_auto (GStrv) said = read_said (stored);
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "clock", NULL);
  struct timespec boot;
  gint64 wall_s, boot_s;
  int fd;

  g_assert_cmpint (sscanf (said[0], "%" G_GINT64_FORMAT " %" G_GINT64_FORMAT, &wall_s, &boot_s), ==,
                   2);
  if (clocks == NULL)
    {
      test_file_write (path, (const char *) &(const ShiftedClock){ 0 }, sizeof *clocks, 0600);
      fd = open (path, O_RDWR | O_CLOEXEC);
      clocks = mmap (NULL, sizeof *clocks, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
      g_assert_true (clocks != MAP_FAILED);
      close (fd);
    }
  clock_gettime (CLOCK_BOOTTIME, &boot);
  clocks->wall_ms = (wall_s + seconds) * 1000 - g_get_real_time () / 1000;
  /* It counts if the machine was not restarted since, which is the case while the data is being
   * made. */
  clocks->boot_ms = (boot_s + seconds - boot.tv_sec) * 1000;
  if (g_getenv ("KR_TEST_SANITIZED") != NULL)
    return;
  world_setenv (world, "LD_PRELOAD", g_getenv ("KR_TEST_SHIFTED_CLOCK"));
  world_setenv (world, "KR_TEST_CLOCK", path);
}

static void
put_ledgers (const Stored *stored)
{
  g_autofree char *from = find_file (stored, "ledger");
  g_autofree char *to = g_build_filename (g_getenv ("XDG_STATE_HOME"), "krsecret", NULL);
  g_autoptr (GDir) folder = g_dir_open (from, 0, NULL);
  const char *name;

  g_assert_nonnull (folder);
  g_mkdir_with_parents (to, 0700);
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *source = g_build_filename (from, name, NULL);
      g_autofree char *target = g_build_filename (to, name, NULL);

      test_file_copy (source, target);
      g_assert_cmpint (g_chmod (target, 0600), ==, 0);
    }
}

/* The user's HOME is as that version left it, and the keyring is open. */
static void
put_home (World *world, const Stored *stored)
{
  g_autofree char *keyring = find_file (stored, "login.keyring");
  g_autofree char *place
      = g_build_filename (g_getenv ("XDG_DATA_HOME"), "keyrings", "login.keyring", NULL);

  test_keyring_kill ();
  test_file_copy (keyring, place);
  put_ledgers (stored);
  test_keyring_start (g_str_equal (stored->kind, "password"));
  be_at (world, stored, 5);
}

static char *
without_remaining (const char *text)
{
  g_autoptr (GRegex) regex = g_regex_new ("\"remaining\":[0-9]+", 0, 0, NULL);

  return g_regex_replace_literal (regex, text, -1, 0, "", 0, NULL);
}

static void
check_says (World *world, const char *arguments, const char *answer)
{
  g_auto (GStrv) words = g_strsplit (arguments, "\t", -1);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (TestRun) ran = NULL;
  g_autofree char *then = without_remaining (answer);
  g_autofree char *now = NULL;

  g_ptr_array_add (argv, (gpointer) g_getenv ("KR_TEST_TOOL"));
  for (char **word = words; *word != NULL; word++)
    g_ptr_array_add (argv, *word);
  g_ptr_array_add (argv, NULL);
  ran = test_run (world->env, (const char *const *) argv->pdata, NULL, -1);
  now = without_remaining (g_strchomp (ran->out));
  g_assert_cmpstr (now, ==, then);
  g_assert_cmpint (ran->status, ==, 0);
}

/* Accounts, keys and tokens are unchanged. */
static void
test_says_the_same (World *world, gconstpointer data)
{
  g_auto (GStrv) said = read_said (data);

  put_home (world, data);
  g_assert_cmpuint (g_strv_length (said), >, 20);
  for (guint i = 1; said[i] != NULL; i += 2)
    check_says (world, said[i], said[i + 1]);
}

/* The account's simulator no longer exists; another one takes its place. */
static void
move_to_simulator (World *world, const char *alias, const char *broker)
{
  g_autofree char *id = account_id (world, alias);

  test_item_change (id, ACCOUNT_ITEM, "endpoint",
                    test_simulator_get_uri (world->simulator, broker));
}

static void
test_interval_is_kept (World *world, gconstpointer data)
{
  put_home (world, data);
  move_to_simulator (world, KOREAN, "kis");
  {
    g_autoptr (TestRun) ran = tool (world, 7, "refresh", KOREAN, "--force", "--json");
    g_autoptr (JsonObject) error = failure (ran, "rate-limited");

    g_assert_cmpint (json_object_get_int_member (error, "retry_after"), >, 20);
    g_assert_cmpint (json_object_get_int_member (error, "retry_after"), <, 56);
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "connections"), ==, 0);
  be_at (world, data, 120);
  tool_ends (world, 0, "refresh", KOREAN, "--force");
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "issue"), ==, 1);
}

/* The broker returns a token that was reported dead: it is not handed out. */
static void
check_stays_dead (World *world, const Stored *stored, const char *alias, const char *broker)
{
  g_autofree char *name = g_strconcat ("token-", alias, NULL);
  g_autofree char *token = read_file (stored, name);
  g_autofree char *members = NULL;

  g_strchomp (token);
  members = g_strdup_printf ("'fault':'token','token':'%s'", token);
  move_to_simulator (world, alias, broker);
  test_simulator_fault_at (world->simulator, broker, "/oauth2/token", members);
  {
    g_autoptr (TestRun) ran = tool (world, 7, "token", alias);

    g_assert_cmpstr (ran->out, ==, "");
    test_assert_contains (ran->err, "the dead token again");
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, broker, "issue"), ==, 1);
}

static void
test_dead_tokens_stay_dead (World *world, gconstpointer data)
{
  put_home (world, data);
  be_at (world, data, 120);
  check_stays_dead (world, data, "rejected", "kiwoom");
  check_stays_dead (world, data, "revoked", "ls");
}

static void
test_refused_key_is_not_tried (World *world, gconstpointer data)
{
  put_home (world, data);
  be_at (world, data, 3600);
  move_to_simulator (world, "refused", "ls");
  tool_ends (world, 4, "token", "refused");
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "connections"), ==, 0);
}

/* An interrupted revoke is finished before the next issue. */
static void
test_revoke_is_finished (World *world, gconstpointer data)
{
  put_home (world, data);
  move_to_simulator (world, "pending", "ls");
  tool_ends (world, 0, "token", "pending");
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "revoke"), ==, 1);
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "issue"), ==, 1);
}

static void
check_restored (World *world, const char *said)
{
  g_autoptr (TestRun) ran = tool (world, 0, "list", "--json");
  g_autoptr (JsonObject) whole = document (ran);
  g_autoptr (JsonObject) before = document_at (G_STRLOC, said);
  JsonArray *accounts = json_object_get_array_member (whole, "accounts");
  JsonArray *others = json_object_get_array_member (before, "accounts");

  g_assert_cmpuint (json_array_get_length (accounts), ==, json_array_get_length (others));
  for (guint i = 0; i < json_array_get_length (accounts); i++)
    for (const char *const *name
         = (const char *const[]){ "id", "alias", "broker", "environment", "endpoint", NULL };
         *name != NULL; name++)
      g_assert_true (json_node_equal (
          json_object_get_member (json_array_get_object_element (accounts, i), *name),
          json_object_get_member (json_array_get_object_element (others, i), *name)));
}

static void
test_backup_is_restored (World *world, gconstpointer data)
{
  g_autofree char *path = find_file (data, "accounts.krsecret");
  g_auto (GStrv) said = read_said (data);

  test_run_free (tool_fed (world, 0, PASSPHRASE_LINE, "restore", path, "-y"));
  for (guint i = 1; said[i] != NULL; i += 2)
    if (g_str_has_prefix (said[i], "list\t"))
      {
        g_autofree char *line = g_strconcat (said[i + 1], "\n", NULL);

        check_restored (world, line);
      }
    else if (g_str_has_prefix (said[i], "credential\t"))
      check_says (world, said[i], said[i + 1]);
}

/* The stored accounts and those in the backup are the same. */
static void
test_backup_is_of_what_is_there (World *world, gconstpointer data)
{
  g_autofree char *path = find_file (data, "accounts.krsecret");

  put_home (world, data);
  {
    g_autoptr (TestRun) ran = tool_fed (world, 0, PASSPHRASE_LINE, "restore", path, "--json", "-y");
    g_autoptr (JsonObject) whole = document (ran);
    JsonArray *accounts = json_object_get_array_member (whole, "accounts");

    g_assert_cmpuint (json_array_get_length (accounts), ==, 8);
    for (guint i = 0; i < 8; i++)
      g_assert_cmpstr (
          json_object_get_string_member (json_array_get_object_element (accounts, i), "result"), ==,
          "present");
  }
}

static void
set_up (World *world, gconstpointer stored)
{
  world_set_up (world, NULL);
}

static void
tear_down (World *world, gconstpointer stored)
{
  world_tear_down (world, NULL);
}

static void
add_test (const Stored *stored,
          const char *name,
          void (*run) (World *, gconstpointer),
          gboolean shifts)
{
  g_autofree char *path
      = g_strdup_printf ("/upgrade/%s/%s/%s", stored->version, stored->kind, name);

  /* Nothing can be preloaded into programs with a sanitizer: they use today's clock. */
  if (!shifts || g_getenv ("KR_TEST_SANITIZED") == NULL)
    g_test_add (path, World, stored, set_up, run, tear_down);
}

int
main (int argc, char **argv)
{
  static const Stored all[] = { { "0.1.0", "password" }, { "0.1.0", "blank" } };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      add_test (&all[i], "says-the-same", test_says_the_same, TRUE);
      add_test (&all[i], "interval-is-kept", test_interval_is_kept, TRUE);
      add_test (&all[i], "dead-tokens-stay-dead", test_dead_tokens_stay_dead, TRUE);
      add_test (&all[i], "refused-key-is-not-tried", test_refused_key_is_not_tried, TRUE);
      add_test (&all[i], "revoke-is-finished", test_revoke_is_finished, TRUE);
      add_test (&all[i], "backup-is-restored", test_backup_is_restored, FALSE);
      add_test (&all[i], "backup-is-of-what-is-there", test_backup_is_of_what_is_there, FALSE);
    }
  return g_test_run ();
}
