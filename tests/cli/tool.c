/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tool.h"

#include <string.h>

TestRun *
run_tool (const char *where,
          World *world,
          int status,
          int fd,
          const char *input,
          const char *argument,
          ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  va_list arguments;
  TestRun *ran;

  g_ptr_array_add (argv, (gpointer) g_getenv ("KR_TEST_TOOL"));
  va_start (arguments, argument);
  for (const char *word = argument; word != NULL; word = va_arg (arguments, const char *))
    g_ptr_array_add (argv, (gpointer) word);
  va_end (arguments);
  g_ptr_array_add (argv, NULL);
  ran = test_run (world->env, (const char *const *) argv->pdata, input, fd);
  if (status != ANY_STATUS && ran->status != status)
    {
      g_autofree char *command = g_strjoinv (" ", (char **) argv->pdata + 1);

      test_fail_at (where, "exit status %d instead of %d from: %s\n%s%s", ran->status, status,
                    command, ran->out, ran->err);
    }
  return ran;
}

void
add_account (World *world, const char *broker, guint n, const char *alias, const char *env)
{
  g_autofree char *key = test_simulator_get_key_lines (broker, n);

  test_run_free (tool_fed (world, 0, key, "add", broker, alias, "--env", env, "--endpoint",
                           test_simulator_get_uri (world->simulator, broker)));
}

void
add_unverified (World *world, const char *broker, guint n, const char *alias)
{
  g_autofree char *key = test_simulator_get_key_lines (broker, n);

  test_run_free (tool_fed (world, 0, key, ADD (world, broker, alias), "--no-verify"));
}

JsonObject *
document_at (const char *where, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = json_from_string (text, &error);
  const char *newline = strchr (text, '\n');
  JsonObject *object;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    test_fail_at (where, "not a JSON document: '%s'", text);
  if (newline == NULL || newline[1] != '\0')
    test_fail_at (where, "not one line: '%s'", text);
  object = json_node_get_object (node);
  if (!json_object_has_member (object, "format_version")
      || json_object_get_int_member (object, "format_version") != 1)
    test_fail_at (where, "no format_version 1: '%s'", text);
  return json_object_ref (object);
}

JsonObject *
failure_at (const char *where, TestRun *ran, const char *code)
{
  g_autoptr (JsonObject) whole = document_at (where, ran->out);
  g_autofree char *word = g_strdup_printf ("[%s]", code);
  JsonObject *error;

  /* A command for several accounts also says what became of each. */
  json_object_remove_member (whole, "results");
  check_members_at (where, whole, "format_version error");
  error = json_object_get_object_member (whole, "error");
  if (g_strcmp0 (json_object_get_string_member (error, "code"), code) != 0)
    test_fail_at (where, "not the error %s: %s", code, ran->out);
  if (json_object_get_int_member (error, "exit") != ran->status)
    test_fail_at (where, "exit status %d, but %s", ran->status, ran->out);
  if (*json_object_get_string_member (error, "message") == '\0')
    test_fail_at (where, "no message: %s", ran->out);
  test_assert_contains_at (where, ran->err, word);
  return json_object_ref (error);
}

void
check_members_at (const char *where, JsonObject *object, const char *names)
{
  g_auto (GStrv) wanted = g_strsplit (names, " ", -1);
  g_autoptr (GList) found = json_object_get_members (object);

  for (GList *l = found; l != NULL; l = l->next)
    if (!g_strv_contains ((const char *const *) wanted, l->data))
      test_fail_at (where, "member %s is not one of: %s", (char *) l->data, names);
  for (gsize i = 0; wanted[i] != NULL; i++)
    if (!json_object_has_member (object, wanted[i]))
      test_fail_at (where, "member %s is missing", wanted[i]);
}

gint64
check_time (JsonObject *object, const char *name)
{
  g_autofree char *unix_name = g_strconcat (name, "_unix", NULL);
  const char *text = json_object_get_string_member (object, name);
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (text, NULL);

  g_assert_true (g_regex_match_simple ("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$", text, 0, 0));
  g_assert_nonnull (time);
  g_assert_cmpint (json_node_get_value_type (json_object_get_member (object, unix_name)), ==,
                   G_TYPE_INT64);
  g_assert_cmpint (json_object_get_int_member (object, unix_name), ==, g_date_time_to_unix (time));
  return g_date_time_to_unix (time);
}

char *
stored_token (World *world, const char *alias)
{
  g_autoptr (TestRun) ran
      = tool (world, ANY_STATUS, "token", alias, "--no-issue", "--min-validity", "0");

  if (ran->status == 3)
    {
      g_assert_cmpstr (ran->out, ==, "");
      return NULL;
    }
  if (ran->status != 0)
    test_fail ("token --no-issue ended with %d: %s", ran->status, ran->err);
  return g_strchomp (g_strdup (ran->out));
}

guint
count_accounts (World *world)
{
  g_autoptr (TestRun) ran = tool (world, 0, "list", "--json");
  g_autoptr (JsonObject) whole = document (ran);

  return json_array_get_length (json_object_get_array_member (whole, "accounts"));
}
