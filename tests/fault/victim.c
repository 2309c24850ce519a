/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "victim.h"

#include <libsecret/secret.h>
#include <string.h>

#include "test-keyring.h"

#define FOREIGN_SECRET "not\nours = at all"

static const SecretSchema foreign_schema
    = { "org.example.Foreign", SECRET_SCHEMA_NONE, { { "name", SECRET_SCHEMA_ATTRIBUTE_STRING } } };

Victim *
victim_new (World *world, const char *broker)
{
  Victim *self = g_new0 (Victim, 1);

  self->world = world;
  self->broker = broker;
  self->lines = test_simulator_get_key_lines (broker, 0);
  self->appkey = test_simulator_get_key (broker, 0, "appkey");
  self->appsecret = test_simulator_get_key (broker, 0, "appsecret");
  return self;
}

void
victim_free (Victim *self)
{
  g_free (self->lines);
  g_free (self->appkey);
  g_free (self->appsecret);
  g_free (self);
}

gboolean
victim_may_hurry (Victim *self)
{
  return !g_str_equal (self->broker, "kis");
}

void
victim_add (Victim *self)
{
  test_simulator_reset (self->world->simulator, self->broker);
  test_run_free (tool_fed (self->world, 0, self->lines, ADD (self->world, self->broker, VICTIM),
                           "--no-verify"));
}

void
victim_remove (Victim *self)
{
  tool_ends (self->world, 0, "remove", VICTIM, "--keep-token", "-y");
}

char *
victim_get_id (World *world, const char *alias)
{
  g_autoptr (TestRun) ran = tool (world, 0, "show", alias, "--json");
  g_autoptr (JsonObject) account = document (ran);

  return g_strdup (json_object_get_string_member (account, "id"));
}

gboolean
victim_takes (Victim *self, const char *token)
{
  gboolean kis = g_str_equal (self->broker, "kis"), kiwoom = g_str_equal (self->broker, "kiwoom");
  g_autofree char *headers = g_strdup_printf (
      "Content-Type: application/json\r\nAuthorization: Bearer %s\r\nappkey: %s\r\nappsecret: "
      "%s\r\ntr_id: FHKST01010100\r\ncusttype: P\r\napi-id: ka10001\r\ntr_cd: t1102\r\n",
      token, self->appkey, self->appsecret);
  g_autofree char *body = NULL;
  const char *path = kis      ? "/uapi/domestic-stock/v1/quotations/inquire-price"
                     : kiwoom ? "/api/dostk/stkinfo"
                              : "/stock/market-data";

  test_simulator_send (self->world->simulator, self->broker, kis ? "GET" : "POST", path, headers,
                       kis ? NULL : "{}", &body);
  return strstr (body, kis      ? "\"rt_cd\":\"0\""
                       : kiwoom ? "\"return_code\":0"
                                : "\"rsp_cd\":\"00000\"")
         != NULL;
}

char *
victim_ask (Victim *self)
{
  g_autoptr (TestRun) ran = tool (self->world, ANY_STATUS, "token", VICTIM);

  /* The default deadline is far longer: a command this fast has not waited for a lock. */
  g_assert_cmpint (ran->took, <, 5000);
  if (ran->status == 7 && !victim_may_hurry (self))
    {
      g_assert_cmpstr (ran->out, ==, "");
      return NULL;
    }
  if (ran->status != 0)
    test_fail ("token ended with %d: %s", ran->status, ran->err);
  g_strchomp (ran->out);
  if (!victim_takes (self, ran->out))
    test_fail ("the broker does not accept the token %s", ran->out);
  return g_steal_pointer (&ran->out);
}

char *
victim_ask_twice (Victim *self)
{
  char *token = victim_ask (self);
  g_autofree char *again = victim_ask (self);

  g_assert_cmpstr (again, ==, token);
  return token;
}

void
victim_check_issues (Victim *self)
{
  guint issues = test_simulator_count (self->world->simulator, self->broker, "issue");

  g_assert_cmpuint (issues, <=, victim_may_hurry (self) ? 2 : 1);
}

static char *
read_foreign (void)
{
  g_autoptr (GError) error = NULL;
  char *secret;

  secret_service_disconnect (); /* the daemon may have been replaced */
  secret = secret_password_lookup_sync (&foreign_schema, NULL, &error, "name", "a", NULL);
  g_assert_no_error (error);
  return secret;
}

Bystanders *
bystanders_new (World *world)
{
  Bystanders *self = g_new0 (Bystanders, 1);
  g_autoptr (GError) error = NULL;

  secret_service_disconnect ();
  secret_password_store_sync (&foreign_schema, NULL, "foreign", FOREIGN_SECRET, NULL, &error,
                              "name", "a", NULL);
  g_assert_no_error (error);
  add_account (world, "ls", 999, "bystander", "real");
  self->id = victim_get_id (world, "bystander");
  self->account = test_keyring_read (self->id, "krsecret-account");
  self->token = test_keyring_read (self->id, "krsecret-token");
  return self;
}

void
bystanders_check (Bystanders *self)
{
  g_autoptr (GBytes) account = test_keyring_read (self->id, "krsecret-account");
  g_autoptr (GBytes) token = test_keyring_read (self->id, "krsecret-token");
  g_autofree char *foreign = read_foreign ();

  g_assert_true (g_bytes_equal (account, self->account));
  g_assert_true (g_bytes_equal (token, self->token));
  g_assert_cmpstr (foreign, ==, FOREIGN_SECRET);
}

void
bystanders_free (Bystanders *self)
{
  g_bytes_unref (self->account);
  g_bytes_unref (self->token);
  g_free (self->id);
  g_free (self);
}
