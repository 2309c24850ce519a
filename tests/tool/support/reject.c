/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "reject.h"

#include <string.h>

void
assert_lacks (TestRun *ran, const char *secret)
{
  test_assert_lacks (ran->out, secret);
  test_assert_lacks (ran->err, secret);
}

void
assert_stored (World *world, const char *alias, const char *token)
{
  g_autofree char *stored = stored_token (world, alias);

  g_assert_cmpstr (stored, ==, token);
}

gboolean
is_forgotten (World *world, const char *alias, const char *input)
{
  g_autoptr (TestRun) ran = tool_fed (world, 0, input, "reject", alias, "--json");
  g_autoptr (JsonObject) whole = document (ran);
  g_autofree char *id = account_id (world, alias);
  const char *result = json_object_get_string_member (whole, "result");

  check_members (whole, "format_version id alias result");
  g_assert_cmpstr (json_object_get_string_member (whole, "id"), ==, id);
  g_assert_cmpstr (json_object_get_string_member (whole, "alias"), ==, alias);
  g_assert_true (g_str_equal (result, "forgotten") || g_str_equal (result, "other"));
  if (strlen (input) > 16)
    assert_lacks (ran, input);
  return g_str_equal (result, "forgotten");
}
