/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* revoke, forget, remove: the three ways to be rid of a token. */

#include "tool.h"

#include <string.h>

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
  /* Nothing that would send a secret somewhere else as well. */
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

static void
test_revoke_kis (World *world, gconstpointer data)
{
  g_autofree char *appkey = world_key_field (world, "kis", 0, "appkey");
  g_autofree char *appsecret = world_key_field (world, "kis", 0, "appsecret");
  g_autofree char *token = NULL;

  add_account (world, "kis", 0, "a", "paper");
  token = stored_token (world, "a");
  tool_ends (world, 0, "revoke", "a");
  {
    g_autoptr (JsonObject) request = world_last_request (world, "kis", "/oauth2/revoke");
    g_autoptr (JsonObject) body = json_body (request);
    const char *type = header_of (request, "content-type");

    g_assert_true (g_str_has_prefix (type, "application/json"));
    check_request (request, "/oauth2/revokeP", type);
    check_members (body, "appkey appsecret token");
    g_assert_cmpstr (json_object_get_string_member (body, "appkey"), ==, appkey);
    g_assert_cmpstr (json_object_get_string_member (body, "appsecret"), ==, appsecret);
    g_assert_cmpstr (json_object_get_string_member (body, "token"), ==, token);
  }
  g_assert_null (stored_token (world, "a"));
}

static void
test_revoke_kiwoom (World *world, gconstpointer data)
{
  g_autofree char *appkey = world_key_field (world, "kiwoom", 0, "appkey");
  g_autofree char *appsecret = world_key_field (world, "kiwoom", 0, "appsecret");
  g_autofree char *token = NULL;

  add_account (world, "kiwoom", 0, "a", "paper");
  token = stored_token (world, "a");
  tool_ends (world, 0, "revoke", "a");
  {
    g_autoptr (JsonObject) request = world_last_request (world, "kiwoom", "/oauth2/revoke");
    g_autoptr (JsonObject) body = json_body (request);
    const char *type = header_of (request, "content-type");

    g_assert_true (g_str_has_prefix (type, "application/json"));
    check_request (request, "/oauth2/revoke", type);
    check_members (body, "appkey secretkey token");
    g_assert_cmpstr (json_object_get_string_member (body, "appkey"), ==, appkey);
    g_assert_cmpstr (json_object_get_string_member (body, "secretkey"), ==, appsecret);
    g_assert_cmpstr (json_object_get_string_member (body, "token"), ==, token);
  }
  g_assert_null (stored_token (world, "a"));
}

static void
test_revoke_ls (World *world, gconstpointer data)
{
  g_autofree char *appkey = world_key_field (world, "ls", 0, "appkey");
  g_autofree char *appsecret = world_key_field (world, "ls", 0, "appsecret");
  g_autofree char *token = NULL;

  add_account (world, "ls", 0, "a", "paper");
  token = stored_token (world, "a");
  tool_ends (world, 0, "revoke", "a");
  {
    g_autoptr (JsonObject) request = world_last_request (world, "ls", "/oauth2/revoke");
    g_autoptr (JsonObject) issue = world_last_request (world, "ls", "/oauth2/token");
    g_autoptr (GHashTable) body = g_uri_parse_params (
        json_object_get_string_member (request, "body"), -1, "&", G_URI_PARAMS_WWW_FORM, NULL);

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
  g_assert_null (stored_token (world, "a"));
}

/* The document says string, the server sends a number, and a broker may send none. */
static void
test_kis_revoke_codes (World *world, gconstpointer data)
{
  const char *const merges[] = { "{\"code\":200}", "{\"code\":\"200\"}", "{\"code\":null}" };

  for (gsize i = 0; i < G_N_ELEMENTS (merges); i++)
    {
      g_autofree char *alias = g_strdup_printf ("a%d", (int) i);
      g_autofree char *fault = g_strdup_printf ("\"fault\":\"merge\",\"merge\":%s", merges[i]);

      add_account (world, "kis", (int) i, alias, "paper");
      world_fault (world, "kis", fault);
      tool_ends (world, 0, "revoke", alias);
      g_assert_null (stored_token (world, alias));
    }
}

/* HTTP 200 and return_code 3. */
static void
test_kiwoom_failure_at_200 (World *world, gconstpointer data)
{
  const char *const fault
      = "\"fault\":\"status\",\"status\":200,\"content_type\":\"application/json\",\"body\":"
        "\"{\\\"return_code\\\":3,\\\"return_msg\\\":\\\"인증에 실패했습니다[8050:IP]\\\"}\"";
  g_autofree char *token = NULL;

  add_account (world, "kiwoom", 0, "a", "paper");
  token = stored_token (world, "a");
  world_fault (world, "kiwoom", fault);
  {
    g_autoptr (Ran) ran = tool (world, 4, "revoke", "a", "--json");
    g_autoptr (JsonObject) error = failure (ran, "refused");
    g_autofree char *still = stored_token (world, "a");

    g_assert_cmpstr (json_object_get_string_member (error, "broker_code"), ==, "8050");
    g_assert_cmpstr (still, ==, token);
  }
}

static void
test_revoke_unknown_at_broker (World *world, gconstpointer data)
{
  const char *const brokers[] = { "kis", "kiwoom", "ls" };

  for (gsize i = 0; i < G_N_ELEMENTS (brokers); i++)
    {
      add_account (world, brokers[i], 0, brokers[i], "paper");
      {
        g_autoptr (JsonObject) reply = world_control (world, brokers[i], "reset", "");
      }
      tool_ends (world, 0, "revoke", brokers[i]);
      g_assert_cmpuint (world_count (world, brokers[i], "revoke"), ==, 1);
      g_assert_null (stored_token (world, brokers[i]));
    }
}

static void
test_revoke_twice (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  tool_ends (world, 0, "revoke", "a");
  tool_ends (world, 0, "revoke", "a");
  g_assert_cmpuint (world_count (world, "ls", "revoke"), ==, 1);
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
  g_assert_cmpuint (world_count (world, "ls", "revoke"), ==, 0);
  g_assert_cmpuint (world_count (world, "kis", "revoke"), ==, 1);
  g_assert_cmpuint (world_count (world, "kiwoom", "revoke"), ==, 1);
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
  /* One wrong name among good ones, and nothing is done. */
  tool_ends (world, 3, "revoke", "a", "b");
  tool_ends (world, 3, "forget", "a", "b");
  tool_ends (world, 3, "remove", "a", "b");
  g_assert_cmpuint (world_count (world, "ls", "revoke"), ==, 0);
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
  /* The same one twice is still one. */
  tool_ends (world, 0, "revoke", "a", "b", "ls/a");
  g_assert_cmpuint (world_count (world, "ls", "revoke"), ==, 2);
  tool_ends (world, 0, "remove", "a", "b", "a");
  g_assert_cmpuint (count_accounts (world), ==, 0);
  g_assert_cmpuint (world_count_items (), ==, 0);
}

/* Whether the broker still takes the token. */
static gboolean
is_alive (World *world, const char *token)
{
  g_autoptr (JsonObject) log = NULL;
  g_autofree char *appkey = world_key_field (world, "ls", 0, "appkey");
  g_autofree char *bearer = g_strdup_printf ("authorization: Bearer %s", token);
  g_autofree char *uri = g_strconcat (world_uri (world, "ls"), "/stock/market-data", NULL);
  const char *const argv[] = { "curl",      "-sS",
                               "--noproxy", "*",
                               "-H",        bearer,
                               "-H",        "tr_cd: t1102",
                               "-H",        "content-type: application/json",
                               "-d",        "{}",
                               uri,         NULL };
  g_autoptr (Ran) ran = run_program (world->env, argv, NULL, -1);

  g_assert_cmpint (ran->status, ==, 0);
  return strstr (ran->out, "IGW0012") == NULL;
}

static void
test_forget_is_here_only (World *world, gconstpointer data)
{
  g_autofree char *curl = g_find_program_in_path ("curl");
  g_autofree char *token = NULL;

  add_account (world, "ls", 0, "a", "paper");
  token = stored_token (world, "a");
  tool_ends (world, 0, "forget", "a");
  g_assert_null (stored_token (world, "a"));
  g_assert_cmpuint (world_count (world, "ls", "revoke"), ==, 0);
  g_assert_cmpuint (world_count (world, "ls", "connections"), ==, 1);
  if (curl == NULL)
    g_test_skip ("curl is not installed");
  else
    g_assert_true (is_alive (world, token));
}

/* Even a broker that is gone; and the key stays. */
static void
test_forget_all (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "r", "real");
  add_account (world, "kis", 0, "p", "paper");
  world_stop_simulator (world);
  tool_ends (world, 0, "forget", "--all");
  g_assert_null (stored_token (world, "r"));
  g_assert_null (stored_token (world, "p"));
  g_assert_cmpuint (count_accounts (world), ==, 2);
  /* Nothing left to forget is not an error. */
  tool_ends (world, 0, "forget", "--all");
  tool_ends (world, 0, "forget", "r");
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
  world_stop_simulator (world);
  {
    g_autoptr (Ran) ran = tool (world, 8, "revoke", "a", "--json");
    g_autoptr (JsonObject) error = failure (ran, "unreachable");
    g_autofree char *still = stored_token (world, "a");

    /* Not revoked: it is still good, and may be handed out. */
    g_assert_cmpstr (still, ==, token);
  }
}

/* The broker was told, and nobody knows whether it did it: never handed out again, and not erased
 * either, so that the next revoke can finish it. */
static void
check_pending (World *world, const char *broker, const char *fault, int status)
{
  g_autofree char *token = NULL;
  guint items;

  add_account (world, broker, 0, "a", "paper");
  token = stored_token (world, "a");
  items = world_count_items ();
  world_fault (world, broker, fault);
  {
    g_autoptr (Ran) ran = tool (world, ANY_STATUS, "revoke", "a");

    if (ran->status != status)
      fail ("%s ended with %d: %s", fault, ran->status, ran->err);
  }
  g_assert_null (stored_token (world, "a"));
  g_assert_cmpuint (world_count_items (), ==, items);
  tool_ends (world, 0, "revoke", "a");
  {
    g_autoptr (JsonObject) request = world_last_request (world, broker, "/oauth2/revoke");

    assert_contains (json_object_get_string_member (request, "body"), token);
  }
  g_assert_cmpuint (world_count (world, broker, "revoke"), ==, 2);
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
    { "kiwoom", "\"fault\":\"server-error\"", 8 },
    { "kiwoom", "\"fault\":\"reset\"", 8 },
    { "kiwoom", "\"fault\":\"html200\"", 13 },
    { "kiwoom", "\"fault\":\"empty200\"", 13 },
    { "kiwoom", "\"fault\":\"deep\"", 13 },
    { "kiwoom", "\"fault\":\"redirect\",\"location\":\"/elsewhere\"", 13 },
    { "kis",
      "\"fault\":\"status\",\"status\":200,\"content_type\":\"application/json\","
      "\"body\":\"{\\\"code\\\":\\\"500\\\",\\\"message\\\":\\\"no\\\"}\"",
      13 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      check_pending (world, rows[i].broker, rows[i].fault, rows[i].status);
      json_object_unref (world_control (world, rows[i].broker, "reset", ""));
    }
}

/* And remove, which begins with it, erases nothing. */
static void
test_remove_unclear (World *world, gconstpointer data)
{
  guint items;

  add_account (world, "ls", 0, "a", "paper");
  items = world_count_items ();
  world_fault (world, "ls", "\"fault\":\"server-error\"");
  tool_ends (world, 8, "remove", "a");
  world_fault (world, "ls", "\"fault\":\"html200\"");
  tool_ends (world, 13, "remove", "a");
  g_assert_cmpuint (world_count_items (), ==, items);
}

static void
test_remove (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  add_account (world, "ls", 1, "b", "paper");
  {
    g_autoptr (Ran) ran = tool (world, 0, "remove", "a");

    /* What is left. */
    assert_contains (ran->err, "1 account");
  }
  g_assert_cmpuint (world_count (world, "ls", "revoke"), ==, 1);
  g_assert_cmpuint (count_accounts (world), ==, 1);
  tool_ends (world, 3, "show", "a");
  tool_ends (world, 0, "show", "b");
  add_account (world, "ls", 0, "a", "paper");
}

static void
test_remove_keep_token (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  tool_ends (world, 0, "remove", "a", "--keep-token");
  g_assert_cmpuint (world_count (world, "ls", "revoke"), ==, 0);
  g_assert_cmpuint (world_count_items (), ==, 0);
}

static void
test_remove_when_down (World *world, gconstpointer data)
{
  g_autofree char *token = NULL;

  add_account (world, "ls", 0, "a", "paper");
  token = stored_token (world, "a");
  world_stop_simulator (world);
  {
    guint items = world_count_items ();
    g_autoptr (Ran) ran = tool (world, 8, "remove", "a", "--json");
    g_autoptr (JsonObject) error = failure (ran, "unreachable");
    g_autofree char *still = stored_token (world, "a");

    g_assert_cmpstr (still, ==, token);
    g_assert_cmpuint (world_count_items (), ==, items);
  }
  {
    g_autoptr (Ran) ran = tool (world, 0, "remove", "a", "--force");

    /* A token nobody can revoke any more: that is worth a word. */
    assert_contains (ran->err, "token stays good");
  }
  g_assert_cmpuint (world_count_items (), ==, 0);
}

/* The line that says what to do next. */
static void
test_remove_names_force (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  world_stop_simulator (world);
  {
    g_autoptr (Ran) ran = tool (world, 8, "remove", "a");

    assert_contains (ran->err, "--force");
  }
}

/* The first that cannot be reached is where it stops. */
static void
test_remove_several_when_down (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  add_account (world, "ls", 1, "b", "paper");
  world_stop_simulator (world);
  tool_ends (world, 8, "remove", "a", "b");
  g_assert_cmpuint (count_accounts (world), ==, 2);
}

static void
test_remove_without_token (World *world, gconstpointer data)
{
  add_account (world, "ls", 0, "a", "paper");
  tool_ends (world, 0, "revoke", "a");
  world_stop_simulator (world);
  /* Nothing to revoke, so nobody has to be reached. */
  tool_ends (world, 0, "remove", "a");
  g_assert_cmpuint (world_count_items (), ==, 0);
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
  WORLD_TEST ("remove/unclear-answer-erases-nothing", NULL, test_remove_unclear);
  WORLD_TEST ("revoke/all-of-none", NULL, test_all_of_none);
  WORLD_TEST ("forget/broker-still-takes-the-token", NULL, test_forget_is_here_only);
  WORLD_TEST ("forget/all-without-the-broker", NULL, test_forget_all);
  WORLD_TEST ("remove/revokes-erases-and-says-what-is-left", NULL, test_remove);
  WORLD_TEST ("remove/keep-token-does-not-revoke", NULL, test_remove_keep_token);
  WORLD_TEST ("remove/broker-down-erases-nothing-unless-forced", NULL, test_remove_when_down);
  WORLD_TEST ("remove/broker-down-names-the-way-out", NULL, test_remove_names_force);
  WORLD_TEST ("remove/broker-down-erases-none-of-several", NULL, test_remove_several_when_down);
  WORLD_TEST ("remove/without-a-token-needs-no-broker", NULL, test_remove_without_token);
  return g_test_run ();
}
