/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* import: what happens to the keys in a file. */

#include "import.h"

#include <string.h>

#include "terminal.h"
#include "test-keyring.h"

static JsonObject *
import_document (TestRun *ran)
{
  JsonObject *whole = document (ran);

  check_members (whole, "format_version accounts shredded caches caches_removed");
  return whole;
}

static void
test_yaml (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write_yaml (home);
  g_autofree char *secret = kis_secret (1);
  g_autofree char *paper_secret = kis_secret (2);
  g_autoptr (TestRun) ran = import (world, 0, "--json", path);
  g_autoptr (JsonObject) whole = import_document (ran);
  g_autofree char *results = import_results (whole);

  g_assert_cmpstr (results, ==, "kis=stored kis-paper=stored");
  import_check_stored (world, "kis", KIS_KEY, secret);
  import_check_stored (world, "kis-paper", KIS_PAPER_KEY, paper_secret);
  g_assert_cmpuint (count_accounts (world), ==, 2);
  g_assert_true (import_is_there (path));
  {
    g_autoptr (TestRun) real = tool (world, 0, "show", "kis", "--json");
    g_autoptr (TestRun) paper = tool (world, 0, "show", "kis-paper", "--json");

    test_assert_contains (real->out, "\"environment\":\"real\"");
    test_assert_contains (paper->out, "\"environment\":\"paper\"");
    /* The broker was not asked. */
    test_assert_contains (real->out, "\"state\":\"none\"");
  }
}

static void
test_pykis (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *secret = kis_secret (2);
  g_autofree char *text
      = g_strdup_printf ("{\"id\": \"nobody\", \"appkey\": \"" KIS_PAPER_KEY
                         "\", \"secretkey\": \"%s\", \"account\": \"0-01\", \"virtual\": true}",
                         secret);
  g_autofree char *path = import_write (home, "secret.json", text);

  import_ends (world, 0, "--from", "pykis", path);
  import_check_stored (world, "kis-paper", KIS_PAPER_KEY, secret);
}

static void
test_env (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write_env (home);

  import_ends (world, 0, path);
  import_check_stored (world, "kiwoom", KIWOOM_KEY, KIWOOM_SECRET);
}

static void
test_dry_run (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write_yaml (home);
  g_autoptr (TestRun) ran = import (world, 0, "-n", "--shred", "-y", path);
  g_autoptr (TestRun) quiet = import (world, 0, "-n", "-q", path);
  g_autoptr (TestRun) json = import (world, 0, "-n", "--json", path);
  g_autoptr (JsonObject) whole = import_document (json);
  g_autofree char *results = import_results (whole);

  /* It is the requested state. */
  test_assert_contains (ran->out, "kis-paper");
  test_assert_contains (ran->out, "PSno");
  g_assert_cmpstr (quiet->out, ==, ran->out);
  test_assert_lacks (ran->err, "kis-paper");
  test_assert_contains (ran->err, "2 other settings");
  g_assert_cmpstr (results, ==, "kis=planned kis-paper=planned");
  g_assert_false (json_object_get_boolean_member (whole, "shredded"));
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
  g_assert_true (import_is_there (path));
}

static void
test_again (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write_yaml (home);

  import_ends (world, 0, path);
  tool_ends (world, 0, "remove", "kis-paper", "--keep-token");
  {
    g_autoptr (TestRun) ran = import (world, 0, "--json", path);
    g_autoptr (JsonObject) whole = import_document (ran);
    g_autofree char *results = import_results (whole);
    g_autoptr (TestRun) third = import (world, 0, path);

    g_assert_cmpstr (results, ==, "kis=present kis-paper=stored");
    test_assert_contains (third->err, "nothing new");
  }
  g_assert_cmpuint (count_accounts (world), ==, 2);
}

static void
test_taken_aliases (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write_yaml (home);

  add_unverified (world, "ls", 0, "kis");
  add_unverified (world, "ls", 1, "kis-2");
  import_ends (world, 0, path);
  tool_ends (world, 0, "show", "kis-3");
  tool_ends (world, 0, "show", "kis-paper");
}

static void
test_alias (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *one = import_write_env (home);
  g_autofree char *two = import_write_yaml (home);

  add_unverified (world, "ls", 0, "taken");
  import_ends (world, 2, "--alias", "a/b", one);
  import_ends (world, 2, "--alias", "a\nb", one);
  import_ends (world, 2, "--alias", "taken", one);
  import_ends (world, 2, "--alias", "x", two);
  g_assert_cmpuint (count_accounts (world), ==, 1);
  import_ends (world, 0, "--alias", "나의-키움", one);
  import_check_stored (world, "나의-키움", KIWOOM_KEY, KIWOOM_SECRET);
}

static void
test_nothing_to_import (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *sample = import_write (
      home, "kis_devlp.yaml", "my_app: \"앱키\"\nmy_sec: \"앱키 시크릿\"\npaper_app: \"\"\n");
  g_autofree char *half = import_write (home, "half", "KIWOOM_APPKEY=" KIWOOM_KEY "\n");
  g_autofree char *stray = import_write (home, "stray", "APP_KEY=" KIWOOM_KEY "\n");
  g_autofree char *none = import_write (home, "none", "OTHER=1\n");
  g_autoptr (TestRun) ran = import (world, 2, sample);
  g_autoptr (TestRun) ran_half = import (world, 2, "--json", half);
  g_autoptr (JsonObject) whole = document (ran_half);
  g_autofree char *results = import_results (whole);
  g_autoptr (TestRun) ran_stray = import (world, 2, stray);

  test_assert_contains (ran->err, "my_app, my_sec");
  test_assert_contains (ran_half->err, "'appsecret' is missing");
  test_assert_contains (ran_half->err, "no complete key");
  check_members (whole, "format_version accounts error");
  g_assert_cmpstr (results, ==, "-=skipped");
  test_assert_contains (ran_stray->err, "APP_KEY");
  import_ends (world, 2, none);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
}

/* An entry that is not a key is left out with the reason, and the rest is stored. */
static void
test_bad_values (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path
      = import_write (home, ".env",
                      "KIWOOM_APPKEY=" KIWOOM_KEY "\nKIWOOM_SECRETKEY=" KIWOOM_SECRET
                      "\nLS_APPKEY=\"" KIS_KEY " " KIS_KEY "\"\nLS_APPSECRETKEY=" KIWOOM_SECRET
                      "\nKIS_APPKEY=short-appkey\nKIS_APPSECRET=short-appsecret\n");
  g_autoptr (TestRun) ran = import (world, 0, "--json", path);
  g_autoptr (JsonObject) whole = import_document (ran);
  g_autofree char *results = import_results (whole);

  g_assert_cmpstr (results, ==, "kiwoom=stored -=skipped kis=stored");
  test_assert_contains (ran->err, "LS_APPKEY");
  test_assert_contains (ran->err, "a space, a line break");
  /* An unusual length is worth a warning. */
  test_assert_contains (ran->err, "where 36 are usual");
  test_assert_lacks (ran->err, "short-");
}

/* Another secret for an existing key is not accepted silently. */
static void
test_other_secret (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write_env (home);
  g_autofree char *other = import_write (
      home, "other.env", "KIWOOM_APPKEY=" KIWOOM_KEY "\nKIWOOM_SECRETKEY=another-secret-key\n");

  import_ends (world, 0, path);
  {
    g_autoptr (TestRun) ran = import (world, 2, "--json", other);
    g_autoptr (JsonObject) whole = document (ran);
    g_autofree char *results = import_results (whole);
    JsonObject *error = json_object_get_object_member (whole, "error");

    test_assert_contains (ran->err, "'kiwoom' in the keyring has this key with another secret");
    test_assert_contains (ran->err, "kr-secret-tool edit kiwoom --secret");
    test_assert_lacks (ran->err, "no complete key");
    check_members (whole, "format_version accounts error");
    g_assert_cmpstr (results, ==, "kiwoom=skipped");
    g_assert_cmpstr (json_object_get_string_member (error, "code"), ==, "usage");
    test_assert_contains (json_object_get_string_member (error, "message"), "see above");
  }
  import_check_stored (world, "kiwoom", KIWOOM_KEY, KIWOOM_SECRET);
}

static void
test_same_key_twice (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path
      = import_write (home, ".env",
                      "KIWOOM_APPKEY=" KIWOOM_KEY "\nKIWOOM_SECRETKEY=" KIWOOM_SECRET
                      "\nKIWOOM_APPKEY_2=" KIWOOM_KEY "\nKIWOOM_SECRETKEY_2=" KIWOOM_SECRET "\n");
  g_autoptr (TestRun) ran = import (world, 0, "--json", path);
  g_autoptr (JsonObject) whole = import_document (ran);
  g_autofree char *results = import_results (whole);

  g_assert_cmpstr (results, ==, "kiwoom=stored -=skipped");
  g_assert_cmpuint (count_accounts (world), ==, 1);
}

static void
test_usage (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write_env (home);

  import_ends (world, 2, "-n");
  import_ends (world, 2, path, path);
  import_ends (world, 2, "--from", "toml", path);
  import_ends (world, 2, "--from", "pykis", path);
  import_ends (world, 2, "--from", "kis-yaml", path);
  import_ends (world, 2, path, "KIWOOM_APPKEY=" KIWOOM_KEY);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
}

static void
test_locked (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write_yaml (home);

  test_keyring_lock ();
  {
    g_autoptr (TestRun) ran = import (world, 5, "--json", "-y", "--shred", path);
    G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (ran, "locked");
  }
  test_keyring_unlock ();
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
  g_assert_true (import_is_there (path));
}

static void
test_no_bus (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write_yaml (home);

  world_hide_bus (world);
  import_ends (world, 6, "-y", "--shred", path);
  g_assert_true (import_is_there (path));
}

static void
test_asks (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write_yaml (home);
  const char *const answers[] = { "n\n", "\n", "y\n" };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (Terminal) terminal = terminal_start (world, TERMINAL_ALL, "import", path, NULL);

      terminal_expect (terminal, "Store 2 accounts? [y/N]");
      terminal_type (terminal, answers[i]);
      g_assert_cmpint (terminal_end (terminal), ==, i < 2 ? 10 : 0);
      g_assert_cmpuint (count_accounts (world), ==, i < 2 ? 0 : 2);
      import_check_text (terminal->seen->str);
    }
}

/* -q does not suppress the text of a question. */
static void
test_asks_quietly (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write_yaml (home);

  {
    g_autoptr (Terminal) terminal
        = terminal_start (world, TERMINAL_ALL, "import", "-q", path, NULL);

    terminal_expect (terminal, "kis-paper");
    terminal_expect (terminal, "[y/N]");
    terminal_type (terminal, "n\n");
    g_assert_cmpint (terminal_end (terminal), ==, 10);
  }
  {
    g_autoptr (Terminal) terminal
        = terminal_start (world, TERMINAL_ALL, "import", "-q", "-y", path, NULL);

    g_assert_cmpint (terminal_end (terminal), ==, 0);
    g_assert_cmpstr (terminal->seen->str, ==, "");
  }
}

static void
test_yes_answers (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write_yaml (home);
  g_autoptr (Terminal) terminal = terminal_start (world, TERMINAL_ALL, "import", "-y", path, NULL);

  g_assert_cmpint (terminal_end (terminal), ==, 0);
  test_assert_lacks (terminal->seen->str, "[y/N]");
  g_assert_cmpuint (count_accounts (world), ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("import/kis-yaml-becomes-two-accounts", NULL, test_yaml);
  WORLD_TEST ("import/pykis-for-paper-trading", NULL, test_pykis);
  WORLD_TEST ("import/env-file", NULL, test_env);
  WORLD_TEST ("import/dry-run-shows-the-plan-and-does-nothing", NULL, test_dry_run);
  WORLD_TEST ("import/what-is-already-there-is-no-error", NULL, test_again);
  WORLD_TEST ("import/taken-aliases-get-a-number", NULL, test_taken_aliases);
  WORLD_TEST ("import/alias-for-one-account", NULL, test_alias);
  WORLD_TEST ("import/nothing-to-import-says-why", NULL, test_nothing_to_import);
  WORLD_TEST ("import/bad-values-are-left-out", NULL, test_bad_values);
  WORLD_TEST ("import/another-secret-is-not-taken", NULL, test_other_secret);
  WORLD_TEST ("import/same-key-twice-is-one-account", NULL, test_same_key_twice);
  WORLD_TEST ("import/wrong-use", NULL, test_usage);
  WORLD_TEST ("import/locked-keyring-leaves-all-as-it-was", NULL, test_locked);
  WORLD_TEST ("import/no-bus-leaves-all-as-it-was", NULL, test_no_bus);
  WORLD_TEST ("import/asks-a-person-before-it-stores", NULL, test_asks);
  WORLD_TEST ("import/plan-is-seen-by-who-is-asked", NULL, test_asks_quietly);
  WORLD_TEST ("import/yes-answers-the-question", NULL, test_yes_answers);
  return g_test_run ();
}
