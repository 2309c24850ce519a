/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A broker, or something in between, that answers nonsense or worse. */

#include "tool.h"

#include <string.h>

#include "test-keyring.h"
#include "test-process.h"

/* Exit statuses that fit a fault; 0: no other one. */
typedef struct
{
  const char *fault; /* members of the fault */
  int status;
  int or_status;
} Row;

static void
check_add (World *world, const char *broker, const Row *row)
{
  g_autofree char *key = test_simulator_get_key_lines (broker, 0);

  test_simulator_fault (world->simulator, broker, row->fault);
  {
    g_autoptr (TestRun) ran
        = tool_fed (world, ANY_STATUS, key, "-q", "--json", ADD (world, broker, "a"));
    G_GNUC_UNUSED g_autoptr (JsonObject) whole = document (ran);

    if (ran->status != row->status && (row->or_status == 0 || ran->status != row->or_status))
      test_fail ("%s, %s: exit status %d\n%s", broker, row->fault, ran->status, ran->err);
    if (ran->took > 15000)
      test_fail ("%s, %s: took %d ms", broker, row->fault, (int) ran->took);
  }
  if (test_keyring_count (NULL, NULL) != 0)
    test_fail ("%s, %s: something was stored", broker, row->fault);
  test_simulator_reset (world->simulator, broker);
}

#define BODY(status, body)                                                                         \
  "'fault':'status','status':" #status ",'content_type':'application/json','body':'" body "'"
#define MERGE(members) "'fault':'merge','merge':{" members "}"
#define TOKEN(token) "'fault':'token','token':'" token "'"

static void
test_transport (World *world, gconstpointer data)
{
  const Row rows[] = {
    { "'fault':'html200'", 13 },
    { "'fault':'empty200'", 13 },
    { "'fault':'cut'", 8, 13 },
    { "'fault':'cut-no-length'", 8, 13 },
    { "'fault':'reset'", 8 },
    { "'fault':'deep'", 13 },
    { "'fault':'deep','depth':17", 13 },
    { "'fault':'endless'", 13 },
    { "'fault':'gzip-bomb'", 13 },
    { "'fault':'huge-headers'", 13, 8 },
    { "'fault':'duplicate-key'", 13 },
    { "'fault':'server-error'", 8 },
    { "'fault':'rate-limited'", 7 },
    { BODY (400, "nonsense"), 13, 8 },
    { BODY (401, "{}"), 4, 13 },
    { BODY (403, "<html>"), 13, 8 },
    { BODY (404, "{}"), 13, 8 },
    { BODY (429, "{}"), 7 },
    { BODY (500, "<html>"), 8 },
    { BODY (502, ""), 8 },
    { BODY (503, "{}"), 8 },
    { BODY (200, "[]"), 13 },
    { BODY (200, "null"), 13 },
    { BODY (200, "{\\\"access_token\\\":1}"), 13 },
    { BODY (200, "{\\\"a\\\":\\u0001}"), 13 },
    { BODY (204, ""), 13 },
    /* {"a":"\xff"}, and the same with a NUL */
    { "'fault':'body','body_base64':'eyJhIjoi/yJ9'", 13 },
    { "'fault':'body','body_base64':'eyJhIjoiACJ9'", 13 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    check_add (world, "ls", &rows[i]);
}

static void
test_bad_tokens (World *world, gconstpointer data)
{
  g_autofree char *long_token = g_strnfill (5000, 'a');
  g_autofree char *long_fault = g_strdup_printf ("'fault':'token','token':'%s'", long_token);
  const Row rows[] = {
    { TOKEN (""), 13 },
    { TOKEN ("short"), 13 },
    { TOKEN ("abcdefghijklmnop\\r\\nX-Evil: yes"), 13 },
    { TOKEN ("abcdefghijklmnop\\n"), 13 },
    { TOKEN ("abcdefghijklmnop\\u0000qrst"), 13 },
    { TOKEN ("abcdefghijklmnop qrstuvwxyz"), 13 },
    { TOKEN ("abcdefghij\\\"klmnopqrstuvwxyz"), 13 },
    { TOKEN ("토큰토큰토큰토큰토큰토큰토큰토큰"), 13 },
    { TOKEN ("abc=defghijklmnopqrstuvwxyz"), 13 },
    { TOKEN ("abcdefghijklmnop\\u001b[2J"), 13 },
    { long_fault, 13 },
    { MERGE ("'access_token':null"), 13 },
    { MERGE ("'access_token':{}"), 13 },
    { MERGE ("'access_token':123456789012345678901234"), 13 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    check_add (world, "ls", &rows[i]);
}

static void
test_bad_expiry (World *world, gconstpointer data)
{
  const Row ls[] = {
    { MERGE ("'expires_in':-1"), 13 },
    { MERGE ("'expires_in':0"), 13 },
    { MERGE ("'expires_in':9223372036854775808"), 13 },
    { MERGE ("'expires_in':9223372036854775807"), 13 },
    { MERGE ("'expires_in':1e300"), 13 },
    { MERGE ("'expires_in':'soon'"), 13 },
    { MERGE ("'expires_in':'86400 \\u0000'"), 13 },
    { MERGE ("'expires_in':[86400]"), 13 },
    { MERGE ("'expires_in':true"), 13 },
    { MERGE ("'expires_in':null"), 13 },
  };
  const Row kis[] = {
    { MERGE ("'access_token_token_expired':'2020-01-01 00:00:00'"), 13 },
    { MERGE ("'access_token_token_expired':'2020-13-41 25:61:61'"), 13 },
    { MERGE ("'access_token_token_expired':'tomorrow'"), 13 },
    { MERGE ("'expires_in':-86400"), 13 },
  };
  const Row kiwoom[] = {
    { MERGE ("'expires_dt':'20200101000000'"), 13 },
    { MERGE ("'expires_dt':'2020010100000'"), 13 },
    { MERGE ("'expires_dt':null"), 13 },
    { MERGE ("'expires_dt':'99999999999999'"), 13 },
    { MERGE ("'return_code':3"), 13, 4 },
    { MERGE ("'return_code':'3'"), 13, 4 },
    { MERGE ("'return_code':null"), 13 },
    { MERGE ("'return_code':3,'return_msg':'no[8050:IP]'"), 4 },
    { MERGE ("'return_code':5,'return_msg':'no[1700:slow]'"), 7 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (ls); i++)
    check_add (world, "ls", &ls[i]);
  for (guint i = 0; i < G_N_ELEMENTS (kis); i++)
    check_add (world, "kis", &kis[i]);
  for (guint i = 0; i < G_N_ELEMENTS (kiwoom); i++)
    check_add (world, "kiwoom", &kiwoom[i]);
}

/* Answers that the brokers may give, as far as we know: they have to work. */
static void
test_odd_but_good (World *world, gconstpointer data)
{
  const struct
  {
    const char *broker;
    const char *fault;
  } rows[] = {
    { "ls", MERGE ("'expires_in':'3600'") },
    { "ls", MERGE ("'expires_in':null,'expire_in':3600") },
    { "ls", MERGE ("'token_type':'bearer'") },
    { "kiwoom", MERGE ("'return_code':'0'") },
    { "kis", MERGE ("'unknown':{'a':[1,2]}") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *alias = g_strdup_printf ("a%u", i);

      test_simulator_fault (world->simulator, rows[i].broker, rows[i].fault);
      add_account (world, rows[i].broker, i, alias, "paper");
    }
}

static void
test_redirects (World *world, gconstpointer data)
{
  const int statuses[] = { 301, 302, 303, 307, 308 };

  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      g_autofree char *fault
          = g_strdup_printf ("'fault':'redirect','status':%d,'location':'%s/oauth2/token'",
                             statuses[i], test_simulator_get_uri (world->simulator, "kiwoom"));
      const Row row = { fault, 13 };

      check_add (world, "kis", &row);
      check_add (world, "ls", &row);
    }
  g_assert_cmpuint (test_simulator_count (world->simulator, "kiwoom", "connections"), ==, 0);
}

/* Slow and mute: the deadline is the caller's, or our own of ten seconds. */
static void
test_deadline (World *world, gconstpointer data)
{
  const char *const faults[]
      = { "'fault':'mute'", "'fault':'drip'", "'fault':'drip','in_headers':true" };

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autofree char *key = test_simulator_get_key_lines ("kis", i);

      test_simulator_fault (world->simulator, "kis", faults[i]);
      {
        g_autoptr (TestRun) ran = tool_fed (world, ANY_STATUS, key, "--json", "--timeout", "1",
                                            ADD (world, "kis", "a"));
        G_GNUC_UNUSED g_autoptr (JsonObject) whole = document (ran);

        if (ran->status != 9 && ran->status != 8)
          test_fail ("%s: exit status %d\n%s", faults[i], ran->status, ran->err);
        g_assert_cmpint (ran->took, >=, 900);
        g_assert_cmpint (ran->took, <, 5000);
      }
      g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
    }
}

static void
test_default_deadline (World *world, gconstpointer data)
{
  g_autofree char *key = test_simulator_get_key_lines ("ls", 0);

  test_simulator_fault (world->simulator, "ls", "'fault':'drip'");
  {
    g_autoptr (TestRun) ran = tool_fed (world, ANY_STATUS, key, ADD (world, "ls", "a"));

    g_assert_true (ran->status == 8 || ran->status == 9);
    g_assert_cmpint (ran->took, <, 20000);
  }
}

/* With half its life over, a token may be replaced, but not by nonsense. */
static void
test_old_token_stays (World *world, gconstpointer data)
{
  const char *const faults[]
      = { "'fault':'html200'",       "'fault':'deep'",       TOKEN ("a b"),
          MERGE ("'expires_in':-1"), "'fault':'refuse-key'", "'fault':'reset'" };
  g_auto (GStrv) aliases = g_new0 (char *, G_N_ELEMENTS (faults) + 1);
  gint64 last;

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      aliases[i] = g_strdup_printf ("a%u", i);
      add_account (world, "ls", i, aliases[i], "paper");
    }
  last = g_get_real_time () / G_USEC_PER_SEC;
  test_wait_until (g_get_real_time () / G_USEC_PER_SEC > last + 8);
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autofree char *before = stored_token (world, aliases[i]);
      g_autofree char *after = NULL;

      test_simulator_fault (world->simulator, "ls", faults[i]);
      {
        g_autoptr (TestRun) ran
            = tool (world, ANY_STATUS, "token", aliases[i], "--min-validity", "1h");

        g_assert_cmpint (ran->status, !=, 0);
        g_assert_cmpstr (ran->out, ==, "");
      }
      after = stored_token (world, aliases[i]);
      g_assert_nonnull (before);
      g_assert_cmpstr (after, ==, before);
    }
}

static void
check_harmless (const char *where, const char *text)
{
  g_assert_true (g_utf8_validate (text, -1, NULL));
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c == '\n')
        continue;
      if (g_unichar_iscntrl (c) || g_unichar_type (c) == G_UNICODE_FORMAT || c == 0x2028
          || c == 0x2029)
        test_fail ("%s: U+%04X in: %s", where, c, text);
    }
}

#define EVIL                                                                                       \
  "A\\u001b[2J\\u001b]0;owned\\u0007B\\u009b31m\\u202e\\u2066\\u200f\\u061c\\r\\n  fine, run: rm " \
  "-rf ~\\u2028"                                                                                   \
  "\\u0000\\u007f\\u0008C"

static void
test_evil_message (World *world, gconstpointer data)
{
  const struct
  {
    const char *broker;
    const char *body;
  } rows[] = {
    { "kis", "{\"error_code\":\"EGW00103\",\"error_description\":\"" EVIL "\"}" },
    { "kis", "{\"error_code\":\"" EVIL "\",\"error_description\":\"" EVIL "\"}" },
    { "kiwoom", "{\"return_code\":3,\"return_msg\":\"" EVIL "[8050:" EVIL "]\"}" },
    { "kiwoom", "{\"return_code\":3,\"return_msg\":\"x[" EVIL ":y]\"}" },
    { "ls", "{\"rsp_cd\":\"IGW00103\",\"rsp_msg\":\"" EVIL "\"}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *base64
          = g_base64_encode ((const guchar *) rows[i].body, strlen (rows[i].body));
      g_autofree char *fault
          = g_strdup_printf ("'fault':'body','status':%d,'body_base64':'%s'",
                             strcmp (rows[i].broker, "kiwoom") == 0 ? 200 : 403, base64);
      g_autofree char *key = test_simulator_get_key_lines (rows[i].broker, 0);

      test_simulator_fault (world->simulator, rows[i].broker, fault);
      {
        g_autoptr (TestRun) ran
            = tool_fed (world, ANY_STATUS, key, "-q", "--json", ADD (world, rows[i].broker, "a"));
        g_autoptr (JsonObject) whole = document (ran);
        JsonObject *error = json_object_get_object_member (whole, "error");
        g_auto (GStrv) lines = g_strsplit (g_strchomp (ran->err), "\n", -1);

        g_assert_cmpint (ran->status, !=, 0);
        check_harmless (rows[i].broker, ran->err);
        check_harmless (rows[i].broker, json_object_get_string_member (error, "message"));
        test_assert_lacks (json_object_get_string_member (error, "message"), "\n");
        if (json_object_has_member (error, "broker_code"))
          check_harmless ("broker_code", json_object_get_string_member (error, "broker_code"));
        /* What happened, why, what to do: the broker's text adds no line of its own. */
        g_assert_cmpuint (g_strv_length (lines), ==, 3);
      }
    }
}

/* A broker that echoes its request cannot get that into a log. */
static void
test_echoed_secret (World *world, gconstpointer data)
{
  g_autofree char *appkey = test_simulator_get_key ("ls", 0, "appkey");
  g_autofree char *appsecret = test_simulator_get_key ("ls", 0, "appsecret");
  g_autofree char *key = test_simulator_get_key_lines ("ls", 0);
  g_autofree char *fault = g_strdup_printf (
      BODY (403, "{\\\"rsp_cd\\\":\\\"IGW00105\\\",\\\"rsp_msg\\\":\\\"bad key %s %s\\\"}"), appkey,
      appsecret);

  test_simulator_fault (world->simulator, "ls", fault);
  {
    g_autoptr (TestRun) ran = tool_fed (world, 4, key, "--json", ADD (world, "ls", "a"));

    test_assert_lacks (ran->err, appsecret);
    test_assert_lacks (ran->out, appsecret);
    test_assert_lacks (ran->err, appkey);
    test_assert_lacks (ran->out, appkey);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("faults/nonsense-stores-nothing", NULL, test_transport);
  WORLD_TEST ("faults/bad-tokens-store-nothing", NULL, test_bad_tokens);
  WORLD_TEST ("faults/bad-expiry-stores-nothing", NULL, test_bad_expiry);
  WORLD_TEST ("faults/odd-but-good-is-good", NULL, test_odd_but_good);
  WORLD_TEST ("faults/redirects-reach-nobody", NULL, test_redirects);
  WORLD_TEST ("faults/deadline-of-the-caller", NULL, test_deadline);
  WORLD_TEST ("faults/deadline-of-our-own", NULL, test_default_deadline);
  WORLD_TEST ("faults/old-token-stays", "--lifetime 16", test_old_token_stays);
  WORLD_TEST ("faults/evil-message-is-harmless", NULL, test_evil_message);
  WORLD_TEST ("faults/echoed-secret-is-not-repeated", NULL, test_echoed_secret);
  return g_test_run ();
}
