/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* revoke: the broker is told, and no token is left that it may not accept. */

#include "tool.h"

#include <string.h>

#include "test-keyring.h"

/* The broker's name for a header, or "". */
static const char *
header_of (JsonObject *request, const char *name)
{
  JsonObject *headers = json_object_get_object_member (request, "headers");
  JsonNode *node = json_object_get_member (headers, name);

  return node == NULL ? "" : json_node_get_string (node);
}

static void
check_request (JsonObject *request, const char *path, const char *content_type)
{
  g_assert_cmpstr (json_object_get_string_member (request, "method"), ==, "POST");
  g_assert_cmpstr (json_object_get_string_member (request, "path"), ==, path);
  g_assert_cmpstr (json_object_get_string_member (request, "query"), ==, "");
  g_assert_cmpstr (header_of (request, "content-type"), ==, content_type);
  /* No headers that would also send a secret somewhere else. */
  g_assert_cmpstr (header_of (request, "authorization"), ==, "");
  g_assert_cmpstr (header_of (request, "cookie"), ==, "");
  g_assert_cmpstr (header_of (request, "referer"), ==, "");
}

static JsonObject *
json_body (JsonObject *request)
{
  g_autoptr (JsonNode) node
      = json_from_string (json_object_get_string_member (request, "body"), NULL);

  g_assert_nonnull (node);
  return json_object_ref (json_node_get_object (node));
}

static const char *
revoke_path (const char *broker)
{
  return strcmp (broker, "kis") == 0 ? "/oauth2/revokeP" : "/oauth2/revoke";
}

/* Adds an account, revokes its token, and checks that the tool has none any more. Returns the
 * token, and the request that the broker got. */
static char *
add_and_revoke (World *world, const char *broker, JsonObject **out_request)
{
  g_autofree char *token = NULL;

  add_account (world, broker, 0, "a", "paper");
  token = stored_token (world, "a");
  tool_ends (world, 0, "revoke", "a");
  g_assert_null (stored_token (world, "a"));
  *out_request = test_simulator_get_request (world->simulator, broker, revoke_path (broker));
  return g_steal_pointer (&token);
}

static void
check_json_revoke (World *world, const char *broker, const char *secret_name)
{
  g_autofree char *appkey = test_simulator_get_key (broker, 0, "appkey");
  g_autofree char *appsecret = test_simulator_get_key (broker, 0, "appsecret");
  g_autofree char *names = g_strdup_printf ("appkey %s token", secret_name);
  g_autoptr (JsonObject) request = NULL;
  g_autofree char *token = add_and_revoke (world, broker, &request);
  g_autoptr (JsonObject) body = json_body (request);
  const char *type = header_of (request, "content-type");

  g_assert_true (g_str_has_prefix (type, "application/json"));
  check_request (request, revoke_path (broker), type);
  check_members (body, names);
  g_assert_cmpstr (json_object_get_string_member (body, "appkey"), ==, appkey);
  g_assert_cmpstr (json_object_get_string_member (body, secret_name), ==, appsecret);
  g_assert_cmpstr (json_object_get_string_member (body, "token"), ==, token);
}

static void
test_revoke_kis (World *world, gconstpointer data)
{
  check_json_revoke (world, "kis", "appsecret");
}

static void
test_revoke_kiwoom (World *world, gconstpointer data)
{
  check_json_revoke (world, "kiwoom", "secretkey");
}

static void
test_revoke_ls (World *world, gconstpointer data)
{
  g_autofree char *appkey = test_simulator_get_key ("ls", 0, "appkey");
  g_autofree char *appsecret = test_simulator_get_key ("ls", 0, "appsecret");
  g_autoptr (JsonObject) request = NULL;
  g_autofree char *token = add_and_revoke (world, "ls", &request);
  g_autoptr (JsonObject) issue
      = test_simulator_get_request (world->simulator, "ls", "/oauth2/token");
  g_autoptr (GHashTable) body = g_uri_parse_params (json_object_get_string_member (request, "body"),
                                                    -1, "&", G_URI_PARAMS_WWW_FORM, NULL);

  /* With a charset the broker answers 403. */
  check_request (request, "/oauth2/revoke", "application/x-www-form-urlencoded");
  check_request (issue, "/oauth2/token", "application/x-www-form-urlencoded");
  g_assert_nonnull (body);
  g_assert_cmpuint (g_hash_table_size (body), ==, 4);
  g_assert_cmpstr (g_hash_table_lookup (body, "appkey"), ==, appkey);
  g_assert_cmpstr (g_hash_table_lookup (body, "appsecretkey"), ==, appsecret);
  g_assert_cmpstr (g_hash_table_lookup (body, "token"), ==, token);
  g_assert_cmpstr (g_hash_table_lookup (body, "token_type_hint"), ==, "access_token");
}

/* The documentation says string, the server sends a number, and a broker may send nothing. */
static void
test_kis_revoke_codes (World *world, gconstpointer data)
{
  const char *const merges[] = { "{'code':200}", "{'code':'200'}", "{'code':null}" };

  for (guint i = 0; i < G_N_ELEMENTS (merges); i++)
    {
      g_autofree char *alias = g_strdup_printf ("a%u", i);
      g_autofree char *fault = g_strdup_printf ("'fault':'merge','merge':%s", merges[i]);

      add_account (world, "kis", i, alias, "paper");
      test_simulator_fault (world->simulator, "kis", fault);
      tool_ends (world, 0, "revoke", alias);
      g_assert_null (stored_token (world, alias));
    }
}

/* HTTP 200 and return_code 3. */
static void
test_kiwoom_failure_at_200 (World *world, gconstpointer data)
{
  const char *const fault
      = "'fault':'status','status':200,'content_type':'application/json','body':"
        "'{\\\"return_code\\\":3,\\\"return_msg\\\":\\\"인증에 실패했습니다[8050:IP]\\\"}'";
  g_autofree char *token = NULL;

  add_account (world, "kiwoom", 0, "a", "paper");
  token = stored_token (world, "a");
  test_simulator_fault (world->simulator, "kiwoom", fault);
  {
    g_autoptr (TestRun) ran = tool (world, 4, "revoke", "a", "--json");
    g_autoptr (JsonObject) error = failure_beside (ran, "refused", "results");
    g_autofree char *still = stored_token (world, "a");

    g_assert_cmpstr (json_object_get_string_member (error, "broker_code"), ==, "8050");
    g_assert_cmpstr (still, ==, token);
  }
}

static void
test_revoke_unknown_at_broker (World *world, gconstpointer data)
{
  const char *const brokers[] = { "kis", "kiwoom", "ls" };

  for (guint i = 0; i < G_N_ELEMENTS (brokers); i++)
    {
      add_account (world, brokers[i], 0, brokers[i], "paper");
      test_simulator_reset (world->simulator, brokers[i]);
      tool_ends (world, 0, "revoke", brokers[i]);
      g_assert_cmpuint (test_simulator_count (world->simulator, brokers[i], "revoke"), ==, 1);
      g_assert_null (stored_token (world, brokers[i]));
    }
}

static void
test_revoke_twice (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  tool_ends (world, 0, "revoke", "a");
  tool_ends (world, 0, "revoke", "a");
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "revoke"), ==, 1);
}

static void
test_revoke_all_of_environment (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "real", "real");
  add_account (world, "kiwoom", 0, "paper", "paper");
  add_account (world, "kis", 0, "paper-2", "paper");
  {
    g_autofree char *kept = stored_token (world, "real");
    g_autofree char *still = NULL;

    tool_ends (world, 0, "revoke", "--all", "--env", "모의");
    still = stored_token (world, "real");
    g_assert_cmpstr (still, ==, kept);
  }
  g_assert_null (stored_token (world, "paper"));
  g_assert_null (stored_token (world, "paper-2"));
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "revoke"), ==, 0);
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "revoke"), ==, 1);
  g_assert_cmpuint (test_simulator_count (world->simulator, "kiwoom", "revoke"), ==, 1);
}

static void
test_revoke_wrong_use (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  tool_ends (world, 2, "revoke");
  tool_ends (world, 2, "revoke", "a", "--all");
  tool_ends (world, 2, "revoke", "--all", "--env", "imaginary");
  tool_ends (world, 2, "forget");
  tool_ends (world, 2, "forget", "a", "--all");
  tool_ends (world, 2, "remove");
  tool_ends (world, 2, "remove", "--all");
  /* With one wrong name among good ones, nothing is done. */
  tool_ends (world, 3, "revoke", "a", "b");
  tool_ends (world, 3, "forget", "a", "b");
  tool_ends (world, 3, "remove", "a", "b");
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "revoke"), ==, 0);
  g_assert_cmpuint (count_accounts (world), ==, 1);
  {
    g_autofree char *token = stored_token (world, "a");

    g_assert_nonnull (token);
  }
}

static void
test_several_at_once (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  add_account (world, "ls", 1, "b", "paper");
  /* The same account twice counts as one. */
  tool_ends (world, 0, "revoke", "a", "b", "ls/a");
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "revoke"), ==, 2);
  tool_ends (world, 0, "remove", "a", "b", "a");
  g_assert_cmpuint (count_accounts (world), ==, 0);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
}

static void
test_all_of_none (World *world, gconstpointer data)
{
  tool_ends (world, 0, "forget", "--all");
  tool_ends (world, 0, "revoke", "--all");
}

static void
test_revoke_when_down (World *world, gconstpointer data)
{
  g_autofree char *token = NULL;

  add_account (world, "ls", 0, "a", "paper");
  token = stored_token (world, "a");
  test_simulator_stop (world->simulator);
  {
    g_autoptr (TestRun) ran = tool (world, 8, "revoke", "a", "--json");
    G_GNUC_UNUSED g_autoptr (JsonObject) error = failure_beside (ran, "unreachable", "results");
    g_autofree char *still = stored_token (world, "a");

    /* Not revoked: it is still good, and may be handed out. */
    g_assert_cmpstr (still, ==, token);
  }
}

/* The broker was told, and the result is unknown: the token is never handed out again, but not
 * erased either, so that the next revoke can finish the job. */
static void
check_pending (World *world, const char *broker, const char *fault, int status)
{
  g_autofree char *token = NULL;
  guint items;

  add_account (world, broker, 0, "a", "paper");
  token = stored_token (world, "a");
  items = test_keyring_count (NULL, NULL);
  test_simulator_fault (world->simulator, broker, fault);
  {
    g_autoptr (TestRun) ran = tool (world, ANY_STATUS, "revoke", "a");

    if (ran->status != status)
      test_fail ("%s ended with %d: %s", fault, ran->status, ran->err);
  }
  g_assert_null (stored_token (world, "a"));
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, items);
  tool_ends (world, 0, "revoke", "a");
  {
    g_autoptr (JsonObject) request
        = test_simulator_get_request (world->simulator, broker, revoke_path (broker));

    test_assert_contains (json_object_get_string_member (request, "body"), token);
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, broker, "revoke"), ==, 2);
  tool_ends (world, 0, "remove", "a");
}

static void
test_revoke_unclear (World *world, gconstpointer data)
{
  const struct
  {
    const char *broker;
    const char *fault;
    int status;
  } rows[] = {
    { "kiwoom", "'fault':'server-error'", 8 },
    { "kiwoom", "'fault':'reset'", 8 },
    { "kiwoom", "'fault':'html200'", 13 },
    { "kiwoom", "'fault':'empty200'", 13 },
    { "kiwoom", "'fault':'deep'", 13 },
    { "kiwoom", "'fault':'redirect','location':'/elsewhere'", 13 },
    { "kis",
      "'fault':'status','status':200,'content_type':'application/json',"
      "'body':'{\\\"code\\\":\\\"500\\\",\\\"message\\\":\\\"no\\\"}'",
      13 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      check_pending (world, rows[i].broker, rows[i].fault, rows[i].status);
      test_simulator_reset (world->simulator, rows[i].broker);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("revoke/sends-what-kis-wants", NULL, test_revoke_kis);
  WORLD_TEST ("revoke/sends-what-kiwoom-wants", NULL, test_revoke_kiwoom);
  WORLD_TEST ("revoke/sends-what-ls-wants", NULL, test_revoke_ls);
  WORLD_TEST ("revoke/kis-code-as-number-string-or-absent", NULL, test_kis_revoke_codes);
  WORLD_TEST ("revoke/kiwoom-return-code-3-is-a-failure", NULL, test_kiwoom_failure_at_200);
  WORLD_TEST ("revoke/unknown-at-the-broker-is-done", NULL, test_revoke_unknown_at_broker);
  WORLD_TEST ("revoke/twice-is-one-request", NULL, test_revoke_twice);
  WORLD_TEST ("revoke/all-of-an-environment", NULL, test_revoke_all_of_environment);
  WORLD_TEST ("revoke/wrong-use-does-nothing", NULL, test_revoke_wrong_use);
  WORLD_TEST ("revoke/several-at-once", NULL, test_several_at_once);
  WORLD_TEST ("revoke/broker-down-keeps-the-token", NULL, test_revoke_when_down);
  WORLD_TEST ("revoke/unclear-answer-withholds-the-token", NULL, test_revoke_unclear);
  WORLD_TEST ("revoke/all-of-none", NULL, test_all_of_none);
  return g_test_run ();
}
