/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* doctor: the errors it finds in accounts, plugins and clocks, and what it never does. */

#include "checkup.h"

#include "test-files.h"
#include "test-keyring.h"
#include "test-record.h"

/* No secret is sent or shown, and no token is issued. */
static void
test_no_issue_no_secret (World *world, gconstpointer data)
{
  g_autofree char *appkey = test_simulator_get_key ("kis", 0, "appkey");
  g_autofree char *appsecret = test_simulator_get_key ("kis", 0, "appsecret");
  g_autofree char *token = NULL;
  guint connections;

  add_account (world, "kis", 0, "a", "paper");
  add_unverified (world, "kis", 1, "b");
  token = stored_token (world, "a");
  connections = test_simulator_count (world->simulator, "kis", "connections");
  world_setenv (world, "G_MESSAGES_DEBUG", "all");
  {
    g_autoptr (TestRun) ran = tool (world, 0, "doctor", "-v", "--json");
    g_autoptr (JsonArray) log = test_simulator_get_log (world->simulator, "kis");
    JsonObject *request = json_array_get_object_element (log, json_array_get_length (log) - 1);
    const char *const secrets[] = { appkey, appsecret, token };

    /* Two accounts, one server: it is contacted once. */
    g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "connections"), ==,
                      connections + 1);
    g_assert_cmpstr (json_object_get_string_member (request, "method"), ==, "GET");
    g_assert_cmpstr (json_object_get_string_member (request, "body"), ==, "");
    for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
      {
        g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), request);
        g_autofree char *sent = json_to_string (node, FALSE);

        test_assert_lacks (sent, secrets[i]);
        test_assert_lacks (ran->out, secrets[i]);
        test_assert_lacks (ran->err, secrets[i]);
      }
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "issue"), ==, 1);
}

static void
test_clock_off (World *world, gconstpointer data)
{
  add_unverified (world, "ls", 0, "a");
  test_simulator_set (world->simulator, "ls", "'clock_offset':-120");
  {
    g_autoptr (JsonObject) whole = checkup (world, 0);

    finding (whole, "clock", "warning", "ahead", "timedatectl");
  }
  test_simulator_set (world->simulator, "ls", "'clock_offset':3600");
  {
    g_autoptr (JsonObject) whole = checkup (world, 1);

    finding (whole, "clock", "failure", "behind", "timedatectl");
  }
  test_simulator_set (world->simulator, "ls", "'clock_offset':0");
  json_object_unref (checkup (world, 0));
}

static void
test_broker_away (World *world, gconstpointer data)
{
  add_unverified (world, "ls", 0, "a");
  add_unverified (world, "kis", 0, "b");
  test_simulator_fault (world->simulator, "ls", "'fault':'mute'");
  {
    g_autoptr (TestRun) ran = tool (world, 0, "doctor", "--timeout", "1", "--json");
    g_autoptr (JsonObject) whole = document (ran);

    finding (whole, "clock", "warning", test_simulator_get_uri (world->simulator, "ls"), "network");
    g_assert_cmpint (ran->took, <, 6000);
  }
  test_simulator_stop (world->simulator);
  {
    g_autoptr (JsonObject) whole = checkup (world, 0);

    finding (whole, "clock", "warning", "kis", "network");
  }
}

static void
test_damaged_account (World *world, gconstpointer data)
{
  g_autofree char *id = NULL;

  add_unverified (world, "ls", 0, "a");
  add_unverified (world, "ls", 1, "b");
  id = account_id (world, "a");
  test_keyring_overwrite (id, "krsecret-account", "nonsense", -1);
  {
    g_autoptr (JsonObject) whole = checkup (world, 12);
    g_autofree char *start = g_strndup (id, 8);

    finding (whole, "accounts", "failure", start, "kr-secret-tool remove");
    finding (whole, "accounts", "failure", "backup", "kr-secret-tool remove");
    /* The other account's broker is still contacted. */
    finding (whole, "clock", "ok", "", NULL);
    mend_with (world, whole, "accounts", " -y");
  }
  json_object_unref (checkup (world, 0));
  g_assert_cmpuint (count_accounts (world), ==, 1);
}

static void
test_damaged_token (World *world, gconstpointer data)
{
  g_autofree char *id = NULL;

  add_account (world, "ls", 0, "내 계좌", "paper");
  id = account_id (world, "내 계좌");
  test_keyring_overwrite (id, "krsecret-token", "nonsense", -1);
  {
    g_autoptr (JsonObject) whole = checkup (world, 12);

    finding (whole, "accounts", "failure", "내 계좌", "kr-secret-tool forget");
    mend (world, whole, "accounts");
  }
  json_object_unref (checkup (world, 0));
}

static void
test_revoke_pending (World *world, gconstpointer data)
{
  g_autofree char *id = NULL;

  add_account (world, "ls", 0, "a", "paper");
  id = account_id (world, "a");
  test_item_change (id, "krsecret-token", "revoking", "1");
  {
    g_autoptr (JsonObject) whole = checkup (world, 0);

    finding (whole, "accounts", "warning", "'a'", "kr-secret-tool revoke");
    mend (world, whole, "accounts");
  }
  {
    g_autoptr (JsonObject) whole = checkup (world, 0);

    finding (whole, "accounts", "ok", "", NULL);
  }
}

static void
test_plugins_missing (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) directory = test_directory_new ();

  add_unverified (world, "ls", 0, "a");
  world_setenv (world, "KR_SECRET_PLUGIN_DIR", directory);
  {
    g_autoptr (JsonObject) whole = checkup (world, 11);

    finding (whole, "plugins", "failure", "no plugin", "install");
    finding (whole, "accounts", "failure", "'a'", "'ls'");
    finding (whole, "clock", "skipped", "", NULL);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("doctor/accounts/issues-nothing-and-shows-no-secret", NULL, test_no_issue_no_secret);
  WORLD_TEST ("doctor/accounts/clock-that-is-off-is-found", NULL, test_clock_off);
  WORLD_TEST ("doctor/accounts/broker-that-is-away-is-a-warning", NULL, test_broker_away);
  WORLD_TEST ("doctor/accounts/damaged-account-is-12-and-mended-by-the-fix", NULL,
              test_damaged_account);
  WORLD_TEST ("doctor/accounts/damaged-token-is-12-and-mended-by-the-fix", NULL,
              test_damaged_token);
  WORLD_TEST ("doctor/accounts/unfinished-revoke-is-a-warning", NULL, test_revoke_pending);
  WORLD_TEST ("doctor/accounts/missing-plugins-are-11", NULL, test_plugins_missing);
  return g_test_run ();
}
