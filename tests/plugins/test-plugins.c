/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs every plugin of the build against the fixtures next to its source. Nothing here knows a
 * broker: a new one brings its files, which plugins/README.md describes. A broken fixture or module
 * fails its own test, and the others still run. No assertion here ends the program, so the code
 * after each one has to be able to go on. */
#include <gmodule.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "krsecret-plugin.h"

#define DEFAULT_NOW "2024-11-06 09:00:00"

static const char *const verdicts[] = {
  [KR_SECRET_VERDICT_FINE] = "fine",
  [KR_SECRET_VERDICT_TOKEN_DEAD] = "token-dead",
  [KR_SECRET_VERDICT_RATE_LIMITED] = "rate-limited",
  [KR_SECRET_VERDICT_REFUSED] = "refused",
  [KR_SECRET_VERDICT_UNAVAILABLE] = "unavailable",
};

typedef struct
{
  const KrSecretPlugin *plugin;
  char *path; /* the module's, or a fixture's */
} Case;

static void
case_free (Case *c)
{
  g_free (c->path);
  g_free (c);
}

static Case *
case_new (const KrSecretPlugin *plugin, const char *path)
{
  Case *c = g_new0 (Case, 1);

  c->plugin = plugin;
  c->path = g_strdup (path);
  return c;
}

static gint64
parse_time (const char *text)
{
  gint64 time = 0;

  if (text == NULL || !kr_secret_parse_kst (text, &time))
    g_test_fail_printf ("not a time: %s", text != NULL ? text : "(none)");
  return time;
}

static const char *
text_member (JsonObject *object, const char *name)
{
  return json_object_get_string_member_with_default (object, name, NULL);
}

static JsonObject *
object_member (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    return json_node_get_object (node);
  g_test_fail_printf ("the fixture has no object '%s'", name);
  return NULL;
}

static void
check_error (JsonObject *expect, const GError *error)
{
  const char *text;

  if (error == NULL || error->domain != KR_SECRET_ERROR)
    {
      g_test_fail_printf ("no error of KR_SECRET_ERROR was set: %s",
                          error != NULL ? error->message : "none at all");
      return;
    }
  g_assert_cmpstr (kr_secret_error_get_word (error), ==, text_member (expect, "error"));
  g_assert_cmpstr (kr_secret_error_get_broker_code (error), ==,
                   text_member (expect, "broker_code"));
  g_assert_cmpint (kr_secret_error_get_retry_after (error), ==,
                   json_object_get_int_member_with_default (expect, "retry_after", 0));
  text = text_member (expect, "message");
  if (text != NULL && strstr (error->message, text) == NULL)
    g_test_fail_printf ("'%s' is not in '%s'", text, error->message);
}

static KrSecretReply *
make_reply (JsonObject *fixture)
{
  g_autofree char *body = NULL;
  JsonNode *node = json_object_get_member (fixture, "body");
  JsonObject *headers = NULL;

  if (node != NULL && JSON_NODE_HOLDS_VALUE (node))
    body = json_node_dup_string (node);
  else if (node != NULL)
    body = json_to_string (node, FALSE);
  if (body == NULL || !json_object_has_member (fixture, "status"))
    {
      g_test_fail_printf ("the fixture needs a 'status' and a 'body'");
      return NULL;
    }
  if (json_object_has_member (fixture, "headers"))
    headers = object_member (fixture, "headers");
  return kr_secret_reply_new (
      (guint) json_object_get_int_member (fixture, "status"), 0,
      headers != NULL ? json_object_get_int_member_with_default (headers, "retry-after", 0) : 0,
      body, strlen (body));
}

static void
check_issue (const KrSecretPlugin *plugin,
             KrSecretTokenKind kind,
             JsonObject *fixture,
             JsonObject *expect)
{
  g_autoptr (KrSecretReply) reply = make_reply (fixture);
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (GError) error = NULL;
  gint64 now
      = parse_time (json_object_get_string_member_with_default (fixture, "now", DEFAULT_NOW));

  if (reply == NULL)
    return;
  token = kr_secret_protocol_parse_issue (plugin, reply, kind, now, &error);
  if (json_object_has_member (expect, "error"))
    {
      g_assert_null (token);
      check_error (expect, error);
      return;
    }
  g_assert_no_error (error);
  g_assert_nonnull (token);
  if (token == NULL)
    return;
  g_assert_cmpstr (secret_value_get_text (kr_secret_token_get_value (token)), ==,
                   text_member (expect, "token"));
  g_assert_cmpstr (kr_secret_token_get_token_type (token), ==, text_member (expect, "type"));
  g_assert_cmpint (kr_secret_token_get_kind (token), ==, kind);
  g_assert_cmpint (kr_secret_token_get_issued_at (token), ==, now);
  g_assert_cmpint (kr_secret_token_get_expires_at (token), ==,
                   parse_time (text_member (expect, "expires")));
}

static void
check_revoke (const KrSecretPlugin *plugin, JsonObject *fixture, JsonObject *expect)
{
  g_autoptr (KrSecretReply) reply = make_reply (fixture);
  g_autoptr (GError) error = NULL;

  if (reply == NULL)
    return;
  if (!kr_secret_protocol_can_revoke (plugin))
    {
      g_test_fail_printf ("the plugin cannot revoke");
      return;
    }
  if (kr_secret_protocol_parse_revoke (plugin, reply, &error))
    {
      g_assert_no_error (error);
      g_assert_true (json_object_get_boolean_member_with_default (expect, "done", FALSE));
      return;
    }
  g_assert_false (json_object_has_member (expect, "done"));
  check_error (expect, error);
}

static void
check_call (const KrSecretPlugin *plugin, JsonObject *fixture, JsonObject *expect)
{
  g_autoptr (KrSecretReply) reply = make_reply (fixture);

  if (reply != NULL)
    g_assert_cmpstr (verdicts[kr_secret_protocol_classify (plugin, reply)], ==,
                     text_member (expect, "verdict"));
}

static KrSecretCredential *
make_credential (void)
{
  g_autoptr (SecretValue) appkey = secret_value_new ("fixture-appkey", -1, "text/plain");
  g_autoptr (SecretValue) appsecret
      = secret_value_new ("fixture+app/sec\\\"ret=", -1, "text/plain");
  const char *const names[] = { "appkey", "appsecret", NULL };
  SecretValue *const values[] = { appkey, appsecret, NULL };

  return kr_secret_credential_new (names, values);
}

static KrSecretToken *
make_token (KrSecretTokenKind kind)
{
  g_autoptr (SecretValue) value = secret_value_new ("fixture.access-token_1", -1, "text/plain");

  return kr_secret_token_new (value, NULL, kind, 0, G_MAXINT64);
}

static gboolean
build (const KrSecretPlugin *plugin,
       const char *what,
       KrSecretCredential *credential,
       KrSecretRequest *request,
       GError **error)
{
  KrSecretTokenKind kind
      = g_str_has_suffix (what, "-approval") ? KR_SECRET_TOKEN_WEBSOCKET : KR_SECRET_TOKEN_ACCESS;
  g_autoptr (KrSecretToken) token = make_token (kind);

  if (g_str_has_prefix (what, "build-revoke"))
    return kr_secret_protocol_build_revoke (plugin, credential, token, request, error);
  if (g_str_has_prefix (what, "authorize"))
    return kr_secret_protocol_authorize (plugin, credential, token, request, error);
  return kr_secret_protocol_build_issue (plugin, credential, kind, request, error);
}

static void
check_request (const KrSecretPlugin *plugin, const char *what, JsonObject *expect)
{
  g_autoptr (KrSecretCredential) credential = make_credential ();
  g_autoptr (KrSecretRequest) request = kr_secret_request_new ();
  g_autoptr (SecretValue) body = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *headers;
  GPtrArray *made;

  if (g_str_has_prefix (what, "build-revoke") && !kr_secret_protocol_can_revoke (plugin))
    {
      g_test_fail_printf ("the plugin cannot revoke");
      return;
    }
  if (!build (plugin, what, credential, request, &error))
    {
      check_error (expect, error);
      return;
    }
  g_assert_no_error (error);
  if (json_object_has_member (expect, "error"))
    {
      g_test_fail_printf ("the error '%s' was expected, and there was none",
                          text_member (expect, "error"));
      return;
    }
  g_assert_cmpstr (kr_secret_request_get_path (request), ==, text_member (expect, "path"));
  g_assert_cmpstr (kr_secret_request_get_content_type (request), ==,
                   text_member (expect, "content_type"));
  body = kr_secret_request_render_body (request);
  g_assert_cmpstr (body != NULL ? secret_value_get (body, NULL) : NULL, ==,
                   text_member (expect, "body"));
  headers = object_member (expect, "headers");
  if (headers == NULL)
    return;
  made = kr_secret_request_get_headers (request);
  g_assert_cmpuint (made->len, ==, json_object_get_size (headers));
  for (guint i = 0; i < made->len; i++)
    {
      KrSecretHeader *header = made->pdata[i];
      g_assert_true (header->secret);
      g_assert_cmpstr (secret_value_get_text (header->value), ==,
                       text_member (headers, header->name));
    }
}

static void
test_fixture (gconstpointer data)
{
  const Case *c = data;
  const KrSecretPlugin *plugin = c->plugin;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonNode *root;
  JsonObject *fixture, *expect;
  const char *kind;

  json_parser_load_from_file (parser, c->path, &error);
  g_assert_no_error (error);
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      g_test_fail_printf ("%s is no JSON object", c->path);
      return;
    }
  fixture = json_node_get_object (root);
  expect = object_member (fixture, "expect");
  kind = text_member (fixture, "kind");
  if (expect == NULL)
    return;
  if (kind == NULL)
    g_test_fail_printf ("the fixture has no 'kind'");
  else if (g_str_equal (kind, "issue"))
    check_issue (plugin, KR_SECRET_TOKEN_ACCESS, fixture, expect);
  else if (g_str_equal (kind, "approval"))
    check_issue (plugin, KR_SECRET_TOKEN_WEBSOCKET, fixture, expect);
  else if (g_str_equal (kind, "revoke"))
    check_revoke (plugin, fixture, expect);
  else if (g_str_equal (kind, "call"))
    check_call (plugin, fixture, expect);
  else if (g_str_has_prefix (kind, "build-") || g_str_has_prefix (kind, "authorize"))
    check_request (plugin, kind, expect);
  else
    g_test_fail_printf ("unknown kind of fixture: %s", kind);
}

static gboolean
is_base_uri (const char *text)
{
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_NONE, NULL);

  return uri != NULL && g_str_equal (g_uri_get_scheme (uri), "https")
         && g_str_equal (g_uri_get_path (uri), "") && g_uri_get_query (uri) == NULL
         && g_uri_get_userinfo (uri) == NULL;
}

static void
test_description (gconstpointer data)
{
  const KrSecretPlugin *plugin = ((const Case *) data)->plugin;
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretBroker) broker = kr_secret_broker_find (plugin->id, &error);
  gboolean appkey = FALSE, appsecret = FALSE;

  g_assert_no_error (error); /* the library accepts it */
  g_assert_cmpuint (plugin->abi, ==, KR_SECRET_PLUGIN_ABI);
  g_assert_cmpuint (plugin->size, ==, sizeof (KrSecretPlugin));
  g_assert_true (g_utf8_validate (plugin->name_ko, -1, NULL));
  g_assert_true (g_str_is_ascii (plugin->name));
  g_assert_true (is_base_uri (plugin->real_uri));
  g_assert_true (plugin->paper_uri == NULL || is_base_uri (plugin->paper_uri));
  g_assert_nonnull (plugin->fields);
  for (const KrSecretField *field = plugin->fields; field != NULL && field->name != NULL; field++)
    {
      appkey |= g_str_equal (field->name, "appkey");
      appsecret |= g_str_equal (field->name, "appsecret");
      g_assert_nonnull (field->broker_name);
      g_assert_nonnull (field->label);
      g_assert_true (g_utf8_validate (field->label_ko, -1, NULL));
      g_assert_true (field->secret);
    }
  g_assert_true (appkey && appsecret);
  g_assert_cmpint (plugin->traits.death_time, <=, 24 * 60);
}

/* If a code had two rows, the second would never be found. */
static void
test_codes_are_there_once (gconstpointer data)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (const KrSecretCode *row = ((const Case *) data)->plugin->codes; row->code != NULL; row++)
    if (!g_hash_table_add (seen, (gpointer) row->code))
      g_test_fail_printf ("%s is there twice", row->code);
}

static void
test_exports_one_symbol (gconstpointer data)
{
  const Case *c = data;
  const char *const argv[] = { "nm", "-D", "--defined-only", "-j", c->path, NULL };
  g_autofree char *symbols = NULL;
  g_autofree char *wanted = g_strdup_printf ("kr_secret_plugin_%s\n", c->plugin->id);
  g_autoptr (GError) error = NULL;
  int status;

  if (!g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &symbols, NULL,
                     &status, &error))
    {
      g_test_skip (error->message);
      return;
    }
  g_assert_true (g_spawn_check_wait_status (status, NULL));
  g_assert_cmpstr (symbols, ==, wanted);
}

/* An account from the keyring that lacks a field, or has one that no header can carry. */
static void
test_damaged_credential (gconstpointer data)
{
  const KrSecretPlugin *plugin = ((const Case *) data)->plugin;
  g_autoptr (SecretValue) appkey = secret_value_new ("a\r\nb", -1, "text/plain");
  const char *const names[] = { "appkey", NULL };
  SecretValue *const values[] = { appkey, NULL };
  g_autoptr (KrSecretCredential) credential = kr_secret_credential_new (names, values);
  const char *const kinds[] = { "build-issue", "build-revoke", "authorize" };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (KrSecretRequest) request = kr_secret_request_new ();
      g_autoptr (GError) error = NULL;

      if (g_str_equal (kinds[i], "build-revoke") && !kr_secret_protocol_can_revoke (plugin))
        continue;
      if (g_str_equal (kinds[i], "authorize") && !plugin->traits.calls_carry_secret)
        continue;
      g_assert_false (build (plugin, kinds[i], credential, request, &error));
      g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED);
    }
}

/* Answers that no server should send: never a token, never "token dead". */
static void
test_hostile_replies (gconstpointer data)
{
  const KrSecretPlugin *plugin = ((const Case *) data)->plugin;
  g_autofree char *deep = g_strnfill (100000, '[');
  g_autofree char *deep_objects = NULL;
  g_autofree char *big = g_strnfill (2 * KR_SECRET_REPLY_MAX_BODY, ' ');
  GString *nested = g_string_new (NULL);

  for (guint i = 0; i < 20000; i++)
    g_string_append (nested, "{\"\":");
  deep_objects = g_string_free (nested, FALSE);
  const struct
  {
    const char *body;
    gsize length;
  } replies[] = {
    { NULL, 0 },
    { "\0", 1 },
    { "{}", 2 },
    { "{}\0", 3 },
    { "{\"access_token\":\"\xff\"}", 20 },
    { deep, 100000 },
    { deep_objects, strlen (deep_objects) },
    { big, 2 * KR_SECRET_REPLY_MAX_BODY },
  };

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_autoptr (KrSecretReply) reply
          = kr_secret_reply_new (200, 0, 0, replies[i].body, replies[i].length);
      g_autoptr (GError) error = NULL;

      g_assert_null (
          kr_secret_protocol_parse_issue (plugin, reply, KR_SECRET_TOKEN_ACCESS, 0, &error));
      g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_BAD_REPLY);
      g_assert_cmpint (kr_secret_protocol_classify (plugin, reply), ==, KR_SECRET_VERDICT_FINE);
    }
}

static void
add (const KrSecretPlugin *plugin,
     const char *path,
     const char *group,
     const char *name,
     GTestDataFunc func)
{
  g_autofree char *test = g_strjoin ("/", "/plugin", plugin->id, group, name, NULL);

  g_test_add_data_func_full (test, case_new (plugin, path), func, (GDestroyNotify) case_free);
}

static char *
fixture_folder (const KrSecretPlugin *plugin)
{
  return g_test_build_filename (G_TEST_DIST, "..", "..", "plugins", plugin->id, "fixtures", NULL);
}

/* Each function of the plugin must have at least one. */
static void
test_needed_fixtures (gconstpointer data)
{
  const char *const needed[] = { "build-issue", "issue-ok", "authorize", "call-ok" };
  g_autofree char *folder = fixture_folder (((const Case *) data)->plugin);

  for (guint i = 0; i < G_N_ELEMENTS (needed); i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%s.json", folder, needed[i]);

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        g_test_fail_printf ("%s is missing", path);
    }
}

/* One test for each file. */
static void
add_fixtures (const KrSecretPlugin *plugin)
{
  g_autofree char *folder = fixture_folder (plugin);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *file;

  add (plugin, folder, "fixtures", "needed", test_needed_fixtures);
  while (dir != NULL && (file = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, file, NULL);
      g_autofree char *name = NULL;

      if (!g_str_has_suffix (file, ".json"))
        continue;
      name = g_strndup (file, strlen (file) - strlen (".json"));
      add (plugin, path, "fixture", name, test_fixture);
    }
}

static void
test_cannot_be_loaded (gconstpointer reason)
{
  g_test_fail_printf ("%s", (const char *) reason);
}

static void
add_plugin (const char *folder, const char *file)
{
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autofree char *id = g_strndup (file, strlen (file) - strlen (".so"));
  g_autofree char *symbol = g_strconcat ("kr_secret_plugin_", id, NULL);
  GModule *module = g_module_open (path, G_MODULE_BIND_LOCAL);
  gpointer found;
  const KrSecretPlugin *plugin;

  if (module == NULL || !g_module_symbol (module, symbol, &found)
      || !g_str_equal (((const KrSecretPlugin *) found)->id, id))
    {
      g_autofree char *test = g_strjoin ("/", "/plugin", id, "module", "loads", NULL);

      g_test_add_data_func_full (test,
                                 g_strdup_printf ("%s: %s", path,
                                                  module == NULL || g_module_error () != NULL
                                                      ? g_module_error ()
                                                      : "the id is not that of the file's name"),
                                 test_cannot_be_loaded, g_free);
      return;
    }
  g_module_make_resident (module);
  plugin = found;
  add (plugin, path, "module", "description", test_description);
  add (plugin, path, "module", "codes-are-there-once", test_codes_are_there_once);
  add (plugin, path, "module", "exports-one-symbol", test_exports_one_symbol);
  add (plugin, path, "module", "damaged-credential", test_damaged_credential);
  add (plugin, path, "module", "hostile-replies", test_hostile_replies);
  add_fixtures (plugin);
}

/* A warning about a mistake in a plugin or a fixture belongs to the test that is running. */
static void
on_log (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
  if ((level & (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING)) != 0)
    g_test_fail_printf ("%s: %s", domain != NULL ? domain : "", message);
  else
    g_log_default_handler (domain, level, message, user_data);
}

int
main (int argc, char **argv)
{
  g_autoptr (GDir) dir = NULL;
  g_autoptr (GError) error = NULL;
  const char *folder = g_getenv ("KR_SECRET_PLUGIN_DIR");
  const char *file;

  g_test_init (&argc, &argv, NULL);
  g_test_set_nonfatal_assertions ();
  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  g_log_set_default_handler (on_log, NULL);
  dir = g_dir_open (folder, 0, &error);
  if (dir == NULL)
    g_error ("%s", error->message);
  while ((file = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (file, ".so"))
      add_plugin (folder, file);
  return g_test_run ();
}
