/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* version: for people and for programs. */

#include "tool.h"

static void
test_version (World *world, gconstpointer data)
{
  g_autoptr (TestRun) version = tool (world, 0, "version");
  g_autoptr (TestRun) json = tool (world, 0, "version", "--json");
  g_autoptr (JsonObject) whole = document (json);
  g_autofree char *line = NULL;

  check_members (whole, "format_version version");
  g_assert_true (g_regex_match_simple ("^\\d+\\.\\d+\\.\\d+$",
                                       json_object_get_string_member (whole, "version"), 0, 0));
  line = g_strdup_printf ("kr-secret-tool %s\n", json_object_get_string_member (whole, "version"));
  g_assert_cmpstr (version->out, ==, line);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("version/names-itself", NULL, test_version);
  return g_test_run ();
}
