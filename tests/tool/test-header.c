/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* header: the headers that a program sends to the broker. */

#include "tool.h"

#include <string.h>

/* Sends the headers that header printed with curl; returns the broker's answer. */
static char *
call_broker (World *world,
             const char *broker,
             const char *path,
             const char *option,
             const char *headers,
             const char *extra)
{
  g_autofree char *uri
      = g_strconcat (test_simulator_get_uri (world->simulator, broker), path, NULL);
  const char *const argv[] = { "curl",
                               "-sS",
                               "--noproxy",
                               "*",
                               option,
                               strcmp (option, "-K") == 0 ? "-" : "@-",
                               "-H",
                               extra,
                               "-H",
                               "custtype: P",
                               uri,
                               strcmp (broker, "kis") == 0 ? "-G" : "--json",
                               strcmp (broker, "kis") == 0 ? NULL : "{}",
                               NULL };
  g_autoptr (TestRun) ran = test_run (world->env, argv, headers, -1);

  g_assert_cmpint (ran->status, ==, 0);
  return g_strdup (ran->out);
}

static void
test_header_with_curl (World *world, gconstpointer data)
{
  const struct
  {
    const char *broker;
    const char *path;
    const char *extra;
    const char *good;
  } rows[] = {
    { "kis", "/uapi/domestic-stock/v1/quotations/inquire-price", "tr_id: FHKST01010100",
      "\"rt_cd\":\"0\"" },
    { "kiwoom", "/api/dostk/stkinfo", "api-id: ka10001", "\"return_code\":0" },
    { "ls", "/stock/market-data", "tr_cd: t1102", "\"rsp_cd\":\"00000\"" },
  };
  g_autofree char *curl = g_find_program_in_path ("curl");

  if (curl == NULL)
    {
      g_test_skip ("curl is not installed");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const char *broker = rows[i].broker;

      add_account (world, broker, 0, broker, "paper");
      {
        g_autoptr (TestRun) plain = tool (world, 0, "header", broker);
        g_autoptr (TestRun) config = tool (world, 0, "header", broker, "--format", "curl-config");
        g_autofree char *first
            = call_broker (world, broker, rows[i].path, "-H", plain->out, rows[i].extra);
        g_autofree char *second
            = call_broker (world, broker, rows[i].path, "-K", config->out, rows[i].extra);

        test_assert_contains (first, rows[i].good);
        test_assert_contains (second, rows[i].good);
      }
      /* And the token made the difference. */
      tool_ends (world, 0, "revoke", broker);
      {
        g_autofree char *refused
            = call_broker (world, broker, rows[i].path, "-H", "", rows[i].extra);

        test_assert_lacks (refused, rows[i].good);
      }
    }
}

static void
test_header_issues_when_due (World *world, gconstpointer data)
{
  add_unverified (world, "ls", 0, "a");
  {
    g_autoptr (TestRun) header = tool (world, 0, "header", "a");
    g_autofree char *token = stored_token (world, "a");

    g_assert_nonnull (token);
    test_assert_contains (header->out, token);
    tool_ends (world, 2, "header", "a", "--format", "xml");
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "issue"), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("header/works-with-curl", NULL, test_header_with_curl);
  WORLD_TEST ("header/issues-when-due", NULL, test_header_issues_when_due);
  return g_test_run ();
}
