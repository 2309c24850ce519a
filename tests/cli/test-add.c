/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* add, when all goes well and when the broker or the user says no. */

#include "tool.h"

#include <string.h>

static const char *const brokers[] = { "kis", "kiwoom", "ls" };
static const char *const secret_names[] = { "appsecret", "secretkey", "appsecretkey" };

#define ADD(broker, alias)                                                                         \
  "add", broker, alias, "--env", "paper", "--endpoint", world_uri (world, broker)

static void
test_stdin (World *world, gconstpointer data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (brokers); i++)
    {
      g_autofree char *key = world_key (world, brokers[i], 0);
      g_autofree char *alias = g_strconcat ("my-", brokers[i], NULL);
      g_autoptr (Ran) ran = tool_fed (world, 0, key, ADD (brokers[i], alias));
      g_autofree char *token = stored_token (world, alias);

      g_assert_nonnull (token);
      g_assert_cmpuint (world_count (world, brokers[i], "issue"), ==, 1);
    }
  g_assert_cmpuint (count_accounts (world), ==, 3);
}

static void
test_descriptor (World *world, gconstpointer data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (brokers); i++)
    {
      g_autofree char *key = world_key (world, brokers[i], 0);
      g_autofree char *number = g_strdup_printf ("%d", 3 + 4 * (int) i);
      g_autoptr (Ran) ran
          = tool_fd (world, 0, 3 + 4 * (int) i, key, ADD (brokers[i], brokers[i]), "--fd", number);
      g_autofree char *token = stored_token (world, brokers[i]);

      g_assert_nonnull (token);
    }
}

static void
test_descriptor_0_is_stdin (World *world, gconstpointer data)
{
  g_autofree char *key = world_key (world, "ls", 0);

  ran_free (tool_fed (world, 0, key, ADD ("ls", "a"), "--fd", "0"));
  ran_free (tool_fed (world, 2, key, ADD ("ls", "b"), "--fd", "77"));
  ran_free (tool_fed (world, 2, key, ADD ("ls", "b"), "--fd", "-1"));
  ran_free (tool_fed (world, 2, key, ADD ("ls", "b"), "--fd", "3x"));
  g_assert_cmpuint (count_accounts (world), ==, 1);
}

static void
test_broker_names (World *world, gconstpointer data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (brokers); i++)
    {
      g_autofree char *appkey = world_key_field (world, brokers[i], 0, "appkey");
      g_autofree char *appsecret = world_key_field (world, brokers[i], 0, "appsecret");
      g_autofree char *input
          = g_strdup_printf ("%s=%s\nappkey=%s\n", secret_names[i], appsecret, appkey);

      ran_free (tool_fed (world, 0, input, ADD (brokers[i], brokers[i])));
    }
}

/* Paste errors: what stands around a field, and how lines end. */
static void
test_white_space (World *world, gconstpointer data)
{
  const char *const formats[] = {
    "appkey=%s\r\nappsecret=%s\r\n",
    "appkey= \t%s \t\nappsecret=\t %s \n",
    "appkey=%s\nappsecret=%s",
    "  appkey = %s\n\tappsecret = %s\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_autofree char *appkey = world_key_field (world, "ls", (int) i, "appkey");
      g_autofree char *appsecret = world_key_field (world, "ls", (int) i, "appsecret");
      g_autofree char *alias = g_strdup_printf ("a%d", (int) i);
      g_auto (GStrv) parts = g_strsplit (formats[i], "%s", 3);
      g_autofree char *input = g_strconcat (parts[0], appkey, parts[1], appsecret, parts[2], NULL);

      ran_free (tool_fed (world, 0, input, ADD ("ls", alias)));
    }
}

static void
test_reads_until_empty_line (World *world, gconstpointer data)
{
  g_autofree char *key = world_key (world, "ls", 0);
  g_autofree char *input = g_strconcat (key, "\nnonsense\nappkey=again\n", NULL);

  ran_free (tool_fed (world, 0, input, ADD ("ls", "a")));
}

/* A value may contain the separator. */
static void
test_equals_sign_in_value (World *world, gconstpointer data)
{
  ran_free (tool_fed (world, 0, "appkey=ab=cdefghijklmno==\nappsecret==ef=\n", ADD ("ls", "a"),
                      "--no-verify"));
  {
    g_autoptr (Ran) ran = tool (world, 0, "show", "a", "--json");
    g_autoptr (JsonObject) whole = document (ran);

    g_assert_cmpstr (json_object_get_string_member (whole, "appkey_hint"), ==, "ab=c");
  }
}

static void
test_unusual_length_warns (World *world, gconstpointer data)
{
  g_autofree char *key = world_key (world, "kis", 0);
  g_autoptr (Ran) ran = tool_fed (world, 0, "appkey=short-appkey\nappsecret=short-appsecret\n",
                                  ADD ("kis", "a"), "--no-verify");
  g_autoptr (Ran) quiet = tool_fed (world, 0, "appkey=short-appkeY\nappsecret=short-appsecret\n",
                                    "-q", ADD ("kis", "b"), "--no-verify");
  g_autoptr (Ran) usual = tool_fed (world, 0, key, "-q", ADD ("kis", "c"), "--no-verify");

  assert_contains (ran->err, "36");
  assert_contains (ran->err, "180");
  assert_lacks (ran->err, "short-appkey");
  assert_lacks (ran->err, "short-appsecret");
  /* -q leaves the warnings, and nothing else. */
  assert_contains (quiet->err, "36");
  g_assert_cmpstr (usual->err, ==, "");
}

static void
test_no_verify_asks_nobody (World *world, gconstpointer data)
{
  g_autofree char *key = world_key (world, "kis", 0);

  ran_free (tool_fed (world, 0, key, ADD ("kis", "a"), "--no-verify"));
  g_assert_cmpuint (world_count (world, "kis", "connections"), ==, 0);
  g_assert_null (stored_token (world, "a"));
  tool_ends (world, 0, "token", "a");
  g_assert_cmpuint (world_count (world, "kis", "issue"), ==, 1);
}

/* 4, and not a trace of it in the keyring. */
static void
test_refused_key_stores_nothing (World *world, gconstpointer data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (brokers); i++)
    {
      g_autofree char *appkey = world_key_field (world, brokers[i], 0, "appkey");
      g_autofree char *wrong_secret
          = g_strdup_printf ("appkey=%s\nappsecret=not-the-secret-of-it\n", appkey);
      g_autoptr (Ran) ran = tool_fed (world, 4, "appkey=nobody-knows-me\nappsecret=nor-me\n",
                                      "--json", ADD (brokers[i], "a"));
      g_autoptr (JsonObject) error = failure (ran, "refused");
      g_autoptr (Ran) other = tool_fed (world, 4, wrong_secret, ADD (brokers[i], "a"));

      g_assert_true (json_object_has_member (error, "broker_code"));
      g_assert_cmpstr (other->out, ==, "");
      assert_lacks (other->err, "not-the-secret-of-it");
      g_assert_cmpuint (count_accounts (world), ==, 0);
      g_assert_cmpuint (world_count_items (), ==, 0);
    }
}

static void
test_refused_code (World *world, gconstpointer data)
{
  const char *const codes[] = { "EGW00103", "8002", "IGW00103" };

  for (gsize i = 0; i < G_N_ELEMENTS (brokers); i++)
    {
      g_autoptr (Ran) ran = tool_fed (world, 4, "appkey=nobody-knows-me\nappsecret=nor-me\n",
                                      "--json", ADD (brokers[i], "a"));
      g_autoptr (JsonObject) error = failure (ran, "refused");

      g_assert_cmpstr (json_object_get_string_member (error, "broker_code"), ==, codes[i]);
    }
}

static void
test_refused_alias_can_be_used_again (World *world, gconstpointer data)
{
  g_autofree char *key = world_key (world, "ls", 0);

  ran_free (tool_fed (world, 4, "appkey=nobody-knows-me\nappsecret=nor-me\n", ADD ("ls", "a")));
  ran_free (tool_fed (world, 0, key, ADD ("ls", "a")));
}

static void
test_same_key_again (World *world, gconstpointer data)
{
  g_autofree char *key = world_key (world, "ls", 0);

  add_account (world, "ls", 0, "the-first", "paper");
  {
    g_autoptr (Ran) ran = tool_fed (world, 2, key, ADD ("ls", "the-second"));
    g_autoptr (Ran) unverified = tool_fed (world, 2, key, ADD ("ls", "the-second"), "--no-verify");
    g_autoptr (Ran) json = tool_fed (world, 2, key, "--json", ADD ("ls", "the-second"));
    g_autoptr (JsonObject) error = document (json);

    assert_contains (ran->err, "the-first");
    assert_contains (unverified->err, "the-first");
    assert_contains (
        json_object_get_string_member (json_object_get_object_member (error, "error"), "message"),
        "the-first");
  }
  /* It would have killed the first account's token. */
  g_assert_cmpuint (world_count (world, "ls", "issue"), ==, 1);
  g_assert_cmpuint (count_accounts (world), ==, 1);
}

/* The same key in the other environment is another credential. */
static void
test_same_key_other_environment (World *world, gconstpointer data)
{
  add_account (world, "kis", 0, "one", "paper");
  {
    g_autofree char *key = world_key (world, "kis", 0);

    ran_free (tool_fed (world, 0, key, "add", "kis", "two", "--env", "real", "--no-verify",
                        "--endpoint", world_uri (world, "kis")));
  }
  g_assert_cmpuint (count_accounts (world), ==, 2);
}

/* That a message comes is said before it comes, and only if it does. */
static void
test_notice_only_before_an_issue (World *world, gconstpointer data)
{
  g_autofree char *key = world_key (world, "kis", 0);
  g_autoptr (Ran) first = tool_fed (world, 0, key, ADD ("kis", "one"));
  g_autoptr (Ran) again = tool_fed (world, 2, key, ADD ("kis", "two"));

  assert_contains (first->err, "KakaoTalk");
  assert_lacks (again->err, "KakaoTalk");
}

static void
test_duplicate_alias (World *world, gconstpointer data)
{
  g_autofree char *key = world_key (world, "ls", 1);
  g_autofree char *kis = world_key (world, "kis", 0);

  add_account (world, "ls", 0, "한국-주식", "paper");
  {
    g_autoptr (Ran) ran = tool_fed (world, 2, key, ADD ("ls", "한국-주식"));
    /* Unique for the user, whatever the broker; and decomposed letters are the same letters. */
    g_autoptr (Ran) other = tool_fed (world, 2, kis, ADD ("kis", "한국-주식"));
    g_autofree char *nfd = g_utf8_normalize ("한국-주식", -1, G_NORMALIZE_NFD);
    g_autoptr (Ran) decomposed = tool_fed (world, 2, kis, ADD ("kis", nfd));

    assert_contains (ran->err, "한국-주식");
  }
  g_assert_cmpuint (count_accounts (world), ==, 1);
  g_assert_cmpuint (world_count (world, "kis", "issue"), ==, 0);
}

static void
test_environment_names (World *world, gconstpointer data)
{
  const struct
  {
    const char *name;
    const char *canonical;
  } rows[] = { { "real", "real" }, { "prod", "real" },  { "실전", "real" }, { "paper", "paper" },
               { "vps", "paper" }, { "mock", "paper" }, { "모의", "paper" } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *key = world_key (world, "ls", (int) i);
      g_autofree char *alias = g_strdup_printf ("account-%d", (int) i);

      ran_free (tool_fed (world, 0, key, "add", "ls", alias, "--no-verify", "--env", rows[i].name,
                          "--endpoint", world_uri (world, "ls")));
      {
        g_autoptr (Ran) ran = tool (world, 0, "show", alias, "--json");
        g_autoptr (JsonObject) whole = document (ran);

        g_assert_cmpstr (json_object_get_string_member (whole, "environment"), ==,
                         rows[i].canonical);
      }
    }
}

/* Nothing of an account that could not be tried is kept. */
static void
test_broker_down_stores_nothing (World *world, gconstpointer data)
{
  g_autofree char *key = world_key (world, "kis", 0);

  world_stop_simulator (world);
  {
    g_autoptr (Ran) ran = tool_fed (world, 8, key, "--json", ADD ("kis", "a"));
    g_autoptr (JsonObject) error = failure (ran, "unreachable");
  }
  g_assert_cmpuint (count_accounts (world), ==, 0);
  g_assert_cmpuint (world_count_items (), ==, 0);
}

static void
test_rate_limited_stores_nothing (World *world, gconstpointer data)
{
  g_autofree char *key = world_key (world, "kis", 0);

  g_assert_cmpuint (world_issue_elsewhere (world, "kis", 0), ==, 200);
  {
    g_autoptr (Ran) ran = tool_fed (world, 7, key, "--json", ADD ("kis", "a"));
    g_autoptr (JsonObject) error = failure (ran, "rate-limited");

    g_assert_cmpstr (json_object_get_string_member (error, "broker_code"), ==, "EGW00133");
    g_assert_cmpint (json_object_get_int_member (error, "retry_after"), >, 0);
  }
  g_assert_cmpuint (world_count_items (), ==, 0);
}

/* The keyring is looked at first: nobody types a key for nothing, and none is sent. */
static void
test_locked_keyring_reads_no_key (World *world, gconstpointer data)
{
  g_autofree char *key = world_key (world, "kis", 0);

  world_lock_keyring ();
  {
    g_autoptr (Ran) ran = tool_fed (world, 5, "not even a field\n", ADD ("kis", "a"));
    g_autoptr (Ran) good = tool_fed (world, 5, key, ADD ("kis", "a"));
  }
  world_unlock_keyring ();
  g_assert_cmpuint (world_count (world, "kis", "connections"), ==, 0);
  g_assert_cmpuint (world_count_items (), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("add/from-standard-input-at-each-broker", NULL, test_stdin);
  WORLD_TEST ("add/from-a-descriptor-at-each-broker", NULL, test_descriptor);
  WORLD_TEST ("add/descriptor-0-is-standard-input-and-a-bad-one-is-refused", NULL,
              test_descriptor_0_is_stdin);
  WORLD_TEST ("add/takes-the-broker's-own-field-names", NULL, test_broker_names);
  WORLD_TEST ("add/trims-white-space", NULL, test_white_space);
  WORLD_TEST ("add/reads-until-an-empty-line", NULL, test_reads_until_empty_line);
  WORLD_TEST ("add/value-with-equals-signs", NULL, test_equals_sign_in_value);
  WORLD_TEST ("add/unusual-length-is-a-warning", NULL, test_unusual_length_warns);
  WORLD_TEST ("add/no-verify-asks-nobody", NULL, test_no_verify_asks_nobody);
  WORLD_TEST ("add/refused-key-stores-nothing", NULL, test_refused_key_stores_nothing);
  WORLD_TEST ("add/refused-key-has-the-broker's-code", NULL, test_refused_code);
  WORLD_TEST ("add/alias-of-a-refused-key-is-free", NULL, test_refused_alias_can_be_used_again);
  WORLD_TEST ("add/same-key-again-names-the-account", NULL, test_same_key_again);
  WORLD_TEST ("add/same-key-in-the-other-environment", NULL, test_same_key_other_environment);
  WORLD_TEST ("add/speaks-of-a-message-only-before-an-issue", NULL,
              test_notice_only_before_an_issue);
  WORLD_TEST ("add/duplicate-alias-is-refused", NULL, test_duplicate_alias);
  WORLD_TEST ("add/environment-names", NULL, test_environment_names);
  WORLD_TEST ("add/broker-down-stores-nothing", NULL, test_broker_down_stores_nothing);
  WORLD_TEST ("add/rate-limited-stores-nothing", NULL, test_rate_limited_stores_nothing);
  WORLD_TEST ("add/locked-keyring-reads-no-key", NULL, test_locked_keyring_reads_no_key);
  return g_test_run ();
}
