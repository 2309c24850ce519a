/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Plugins, or the helper that runs them, missing or bad: exit status 11, and a message that names
 * them. */

#include "tool.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "test-files.h"
#include "test-keyring.h"

/* A directory for plugins with copies of the good ones. */
static TestDirectory *
copy_plugins (World *world)
{
  TestDirectory *directory = test_directory_new ();
  const char *const names[] = { "kis.so", "kiwoom.so", "ls.so" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *from = g_build_filename (g_getenv ("KR_SECRET_PLUGIN_DIR"), names[i], NULL);
      g_autofree char *to = g_build_filename (directory, names[i], NULL);

      test_file_copy (from, to);
    }
  world_setenv (world, "KR_SECRET_PLUGIN_DIR", directory);
  return directory;
}

static TestDirectory *
use_no_plugins (World *world)
{
  TestDirectory *directory = test_directory_new ();

  world_setenv (world, "KR_SECRET_PLUGIN_DIR", directory);
  return directory;
}

static void
test_plugin_missing (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) directory = NULL;
  g_autofree char *plugin = NULL;
  g_autofree char *away = NULL;
  g_autofree char *key = test_simulator_get_key_lines ("kis", 1);

  add_unverified (world, "kis", 0, "a");
  add_unverified (world, "ls", 0, "b");
  directory = copy_plugins (world);
  plugin = g_build_filename (directory, "kis.so", NULL);
  away = g_build_filename (directory, "kis.so.away", NULL);
  g_assert_cmpint (g_rename (plugin, away), ==, 0);
  {
    g_autoptr (TestRun) token = tool (world, 11, "token", "a", "--json");
    G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (token, "plugin");
    g_autoptr (TestRun) list = tool (world, 0, "list", "--json");
    g_autoptr (JsonObject) whole = document (list);

    /* The account is still there. */
    g_assert_cmpuint (json_array_get_length (json_object_get_array_member (whole, "accounts")), ==,
                      2);
  }
  tool_ends (world, 11, "header", "a");
  tool_ends (world, 0, "show", "a");
  /* An unknown broker. */
  test_run_free (tool_fed (world, 3, key, ADD (world, "kis", "c")));
  /* The others are not affected. */
  tool_ends (world, 0, "token", "b");
}

/* A missing plugin is reported as a problem of the account. */
static void
test_plugin_missing_in_list (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) directory = NULL;

  add_unverified (world, "kis", 0, "a");
  directory = use_no_plugins (world);
  {
    g_autoptr (TestRun) list = tool (world, 0, "list", "--json");
    g_autoptr (JsonObject) whole = document (list);
    JsonArray *accounts = json_object_get_array_member (whole, "accounts");

    g_assert_cmpuint (json_array_get_length (accounts), ==, 1);
    g_assert_false (
        json_object_get_null_member (json_array_get_object_element (accounts, 0), "problem"));
  }
}

/* The user is not told to wait a minute for something that will not work then either. */
static void
test_plugin_missing_inside_limit (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) directory = NULL;

  add_account (world, "kis", 0, "a", "paper");
  tool_ends (world, 0, "forget", "a");
  directory = use_no_plugins (world);
  tool_ends (world, 11, "token", "a");
}

static void
check_failed (World *world, const char *file)
{
  g_autoptr (TestRun) ran = tool (world, 0, "brokers", "--json");
  g_autoptr (TestRun) text = tool (world, 0, "brokers");
  g_autoptr (JsonObject) whole = document (ran);
  JsonArray *failed = json_object_get_array_member (whole, "failed");
  JsonObject *first;

  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (whole, "brokers")), ==, 2);
  g_assert_cmpuint (json_array_get_length (failed), ==, 1);
  first = json_array_get_object_element (failed, 0);
  check_members (first, "path reason");
  test_assert_contains (json_object_get_string_member (first, "path"), file);
  g_assert_cmpstr (json_object_get_string_member (first, "reason"), !=, "");
  if (strstr (text->out, file) == NULL)
    test_assert_contains (text->err, file);
}

static void
test_plugin_bad (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) directory = NULL;
  g_autofree char *plugin = NULL;
  g_autofree char *other = NULL;

  add_unverified (world, "kis", 0, "a");
  directory = copy_plugins (world);
  plugin = g_build_filename (directory, "kis.so", NULL);
  other = g_build_filename (directory, "not-a-plugin", NULL);

  g_assert_cmpint (g_chmod (plugin, 0757), ==, 0);
  check_failed (world, "kis.so");
  tool_ends (world, 11, "token", "a");

  g_assert_cmpint (g_rename (plugin, other), ==, 0);
  g_assert_cmpint (g_chmod (other, 0755), ==, 0);
  g_assert_cmpint (symlink (other, plugin), ==, 0);
  check_failed (world, "kis.so");
  tool_ends (world, 11, "token", "a");

  g_assert_cmpint (g_unlink (plugin), ==, 0);
  test_file_write (plugin, "#!/bin/sh\necho hello\n", -1, 0);
  check_failed (world, "kis.so");
  tool_ends (world, 11, "token", "a");
}

static void
test_no_plugins (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) directory = NULL;

  directory = use_no_plugins (world);
  {
    g_autoptr (TestRun) ran = tool (world, 0, "brokers", "--json");

    g_assert_cmpstr (ran->out, ==, "{\"format_version\":1,\"brokers\":[],\"failed\":[]}\n");
  }
}

/* A copy of the library, next to a program that claims to be the helper. */
static TestDirectory *
use_helper (World *world, guint mode)
{
  TestDirectory *directory = test_directory_new ();
  g_autofree char *folder = g_build_filename (directory, "helper", NULL);
  g_autofree char *helper = g_build_filename (folder, "kr-secret-helper", NULL);
  g_autofree char *library = g_build_filename (directory, "libkrsecret-1.so.0", NULL);
  g_autofree char *content = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (g_getenv ("KR_TEST_LIBRARY"), &content, &length, NULL));
  test_file_write (library, content, (gssize) length, 0755);
  g_assert_cmpint (g_mkdir (folder, 0755), ==, 0);
  test_file_write (helper, "#!/bin/sh\ncat > /dev/null\n", -1, (int) mode);
  world_setenv (world, "LD_LIBRARY_PATH", directory);
  return directory;
}

static void
test_helper_of_others (World *world, gconstpointer data)
{
  g_autofree char *key = test_simulator_get_key_lines ("ls", 0);
  G_GNUC_UNUSED g_autoptr (TestDirectory) directory = use_helper (world, 0777);
  g_autoptr (TestRun) ran = tool_fed (world, 11, key, ADD (world, "ls", "a"));

  test_assert_contains (ran->err, "kr-secret-helper");
  test_assert_contains (ran->err, "can be written by others");
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
}

static void
test_helper_without_answer (World *world, gconstpointer data)
{
  g_autofree char *key = test_simulator_get_key_lines ("ls", 0);
  G_GNUC_UNUSED g_autoptr (TestDirectory) directory = use_helper (world, 0755);
  g_autoptr (TestRun) ran = tool_fed (world, 11, key, ADD (world, "ls", "a"));

  test_assert_contains (ran->err, "without an answer");
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
}

/* The helper gets the user's keys, so no variable may choose it. */
static void
test_helper_is_not_for_the_environment (World *world, gconstpointer data)
{
  g_autofree char *key = test_simulator_get_key_lines ("ls", 0);

  world_setenv (world, "KR_SECRET_HELPER", "/nonexistent/kr-secret-helper");
  test_run_free (tool_fed (world, 0, key, ADD (world, "ls", "a")));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("errors/missing-plugin-is-11", NULL, test_plugin_missing);
  WORLD_TEST ("errors/missing-plugin-is-a-problem-in-list", NULL, test_plugin_missing_in_list);
  WORLD_TEST ("errors/missing-plugin-is-11-inside-the-rate-limit-too", NULL,
              test_plugin_missing_inside_limit);
  WORLD_TEST ("errors/bad-plugin-is-listed-as-failed", NULL, test_plugin_bad);
  WORLD_TEST ("errors/no-plugins-at-all", NULL, test_no_plugins);
  WORLD_TEST ("errors/helper-others-can-write-is-refused", NULL, test_helper_of_others);
  WORLD_TEST ("errors/helper-without-answer-stores-nothing", NULL, test_helper_without_answer);
  WORLD_TEST ("errors/helper-is-not-for-the-environment-to-say", NULL,
              test_helper_is_not_for_the_environment);
  return g_test_run ();
}
