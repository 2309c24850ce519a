/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "checkup.h"

static const char *const ids[]
    = { "bus",        "keyring", "lock",     "second-daemon", "blank-password", "files",
        "round-trip", "plugins", "accounts", "clock",         "plain-files" };

static JsonObject *
get_check (JsonObject *whole, const char *id)
{
  JsonArray *checks = json_object_get_array_member (whole, "checks");

  for (guint i = 0; i < json_array_get_length (checks); i++)
    {
      JsonObject *check = json_array_get_object_element (checks, i);

      if (g_str_equal (json_object_get_string_member (check, "id"), id))
        return check;
    }
  test_fail ("there is no check '%s'", id);
}

/* How many checks have a status. Checks that warn or fail have a fix, and no others. */
static guint
count (const char *where, JsonArray *checks, const char *status)
{
  guint n = 0;

  for (guint i = 0; i < json_array_get_length (checks); i++)
    {
      JsonObject *check = json_array_get_object_element (checks, i);
      const char *found = json_object_get_string_member (check, "status");
      gboolean good = g_str_equal (found, "ok") || g_str_equal (found, "skipped");

      if (good != json_object_get_null_member (check, "fix"))
        test_fail_at (where, "%s is %s, and its fix does not fit", ids[i], found);
      n += g_str_equal (found, status);
    }
  return n;
}

JsonObject *
checkup_at (const char *where, World *world, int status)
{
  g_autoptr (TestRun) ran
      = run_tool (where, world, status, -1, NULL, "doctor", "--timeout", "2", "--json", NULL);
  JsonObject *whole = document_at (where, ran->out);
  JsonArray *checks = json_object_get_array_member (whole, "checks");
  guint failures = count (where, checks, "failure");
  guint warnings = count (where, checks, "warning");
  guint others = count (where, checks, "ok") + count (where, checks, "skipped");

  check_members_at (where, whole,
                    status == 0 ? "format_version checks ok warning_count failure_count"
                                : "format_version checks ok warning_count failure_count error");
  g_assert_cmpuint (json_array_get_length (checks), ==, G_N_ELEMENTS (ids));
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      JsonObject *check = json_array_get_object_element (checks, i);

      check_members_at (where, check, "id status message fix");
      g_assert_cmpstr (json_object_get_string_member (check, "id"), ==, ids[i]);
      g_assert_cmpstr (json_object_get_string_member (check, "message"), !=, "");
    }
  g_assert_cmpuint (failures + warnings + others, ==, G_N_ELEMENTS (ids));
  g_assert_cmpint (json_object_get_int_member (whole, "failure_count"), ==, failures);
  g_assert_cmpint (json_object_get_int_member (whole, "warning_count"), ==, warnings);
  g_assert_true (json_object_get_boolean_member (whole, "ok") == (failures == 0));
  g_assert_true ((status == 0) == (failures == 0));
  if (status != 0)
    g_assert_cmpint (
        json_object_get_int_member (json_object_get_object_member (whole, "error"), "exit"), ==,
        status);
  return whole;
}

void
finding_at (const char *where,
            JsonObject *whole,
            const char *id,
            const char *status,
            const char *message,
            const char *fix)
{
  JsonObject *check = get_check (whole, id);
  const char *found = json_object_get_string_member (check, "status");
  const char *said = json_object_get_string_member (check, "message");

  if (!g_str_equal (found, status))
    test_fail_at (where, "%s is %s instead of %s: %s", id, found, status, said);
  test_assert_contains_at (where, said, message);
  if (fix != NULL)
    test_assert_contains_at (where, json_object_get_string_member (check, "fix"), fix);
  else if (!json_object_get_null_member (check, "fix"))
    test_fail_at (where, "%s has a fix", id);
}

void
finding_lacks (JsonObject *whole, const char *id, const char *text)
{
  test_assert_lacks (json_object_get_string_member (get_check (whole, id), "fix"), text);
}

void
mend_at (const char *where, World *world, JsonObject *whole, const char *id, const char *more)
{
  const char *fix = json_object_get_string_member (get_check (whole, id), "fix");
  g_autofree char *folder = g_path_get_dirname (g_getenv ("KR_TEST_TOOL"));
  g_autofree char *script = g_strdup_printf ("PATH='%s':$PATH\n%s%s", folder, fix, more);

  test_run_free (run_shell (where, world, 0, script));
}
