/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* add, when all goes well, and when the broker or the user says no. */

#include "tool.h"

#include "test-keyring.h"

static const char *const brokers[] = { "kis", "kiwoom", "ls" };
static const char *const secret_names[] = { "appsecret", "secretkey", "appsecretkey" };

static void
test_stdin (World *world, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (brokers); i++)
    {
      g_autofree char *key = test_simulator_get_key_lines (brokers[i], 0);
      g_autofree char *alias = g_strconcat ("my-", brokers[i], NULL);
      G_GNUC_UNUSED g_autoptr (TestRun) ran
          = tool_fed (world, 0, key, ADD (world, brokers[i], alias));
      g_autofree char *token = stored_token (world, alias);

      g_assert_nonnull (token);
      g_assert_cmpuint (test_simulator_count (world->simulator, brokers[i], "issue"), ==, 1);
    }
  g_assert_cmpuint (count_accounts (world), ==, 3);
}

static void
test_descriptor (World *world, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (brokers); i++)
    {
      g_autofree char *key = test_simulator_get_key_lines (brokers[i], 0);
      g_autofree char *number = g_strdup_printf ("%d", 3 + 4 * (int) i);
      G_GNUC_UNUSED g_autoptr (TestRun) ran = tool_fd (
          world, 0, 3 + 4 * (int) i, key, ADD (world, brokers[i], brokers[i]), "--fd", number);
      g_autofree char *token = stored_token (world, brokers[i]);

      g_assert_nonnull (token);
    }
}

static void
test_descriptor_0_is_stdin (World *world, gconstpointer data)
{
  g_autofree char *key = test_simulator_get_key_lines ("ls", 0);

  test_run_free (tool_fed (world, 0, key, ADD (world, "ls", "a"), "--fd", "0"));
  test_run_free (tool_fed (world, 2, key, ADD (world, "ls", "b"), "--fd", "77"));
  test_run_free (tool_fed (world, 2, key, ADD (world, "ls", "b"), "--fd", "-1"));
  test_run_free (tool_fed (world, 2, key, ADD (world, "ls", "b"), "--fd", "3x"));
  g_assert_cmpuint (count_accounts (world), ==, 1);
}

static void
test_broker_names (World *world, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (brokers); i++)
    {
      g_autofree char *appkey = test_simulator_get_key (brokers[i], 0, "appkey");
      g_autofree char *appsecret = test_simulator_get_key (brokers[i], 0, "appsecret");
      g_autofree char *input
          = g_strdup_printf ("%s=%s\nappkey=%s\n", secret_names[i], appsecret, appkey);

      test_run_free (tool_fed (world, 0, input, ADD (world, brokers[i], brokers[i])));
    }
}

/* Paste errors: characters around a field, and line endings. */
static void
test_white_space (World *world, gconstpointer data)
{
  const char *const formats[] = {
    "appkey=%s\r\nappsecret=%s\r\n",
    "appkey= \t%s \t\nappsecret=\t %s \n",
    "appkey=%s\nappsecret=%s",
    "  appkey = %s\n\tappsecret = %s\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_autofree char *appkey = test_simulator_get_key ("ls", i, "appkey");
      g_autofree char *appsecret = test_simulator_get_key ("ls", i, "appsecret");
      g_autofree char *alias = g_strdup_printf ("a%u", i);
      g_auto (GStrv) parts = g_strsplit (formats[i], "%s", 3);
      g_autofree char *input = g_strconcat (parts[0], appkey, parts[1], appsecret, parts[2], NULL);

      test_run_free (tool_fed (world, 0, input, ADD (world, "ls", alias)));
    }
}

static void
test_reads_until_empty_line (World *world, gconstpointer data)
{
  g_autofree char *key = test_simulator_get_key_lines ("ls", 0);
  g_autofree char *input = g_strconcat (key, "\nnonsense\nappkey=again\n", NULL);

  test_run_free (tool_fed (world, 0, input, ADD (world, "ls", "a")));
}

/* A value may contain the separator. */
static void
test_equals_sign_in_value (World *world, gconstpointer data)
{
  test_run_free (tool_fed (world, 0, "appkey=ab=cdefghijklmno==\nappsecret==ef=\n",
                           ADD (world, "ls", "a"), "--no-verify"));
  {
    g_autoptr (TestRun) ran = tool (world, 0, "show", "a", "--json");
    g_autoptr (JsonObject) whole = document (ran);

    g_assert_cmpstr (json_object_get_string_member (whole, "appkey_hint"), ==, "ab=c");
  }
}

static void
test_unusual_length_warns (World *world, gconstpointer data)
{
  g_autofree char *key = test_simulator_get_key_lines ("kis", 0);
  g_autoptr (TestRun) ran = tool_fed (world, 0, "appkey=short-appkey\nappsecret=short-appsecret\n",
                                      ADD (world, "kis", "a"), "--no-verify");
  g_autoptr (TestRun) quiet
      = tool_fed (world, 0, "appkey=short-appkeY\nappsecret=short-appsecret\n", "-q",
                  ADD (world, "kis", "b"), "--no-verify");
  g_autoptr (TestRun) usual
      = tool_fed (world, 0, key, "-q", ADD (world, "kis", "c"), "--no-verify");

  test_assert_contains (ran->err, "36");
  test_assert_contains (ran->err, "180");
  test_assert_lacks (ran->err, "short-appkey");
  test_assert_lacks (ran->err, "short-appsecret");
  /* -q shows the warnings and nothing else. */
  test_assert_contains (quiet->err, "36");
  g_assert_cmpstr (usual->err, ==, "");
}

static void
test_no_verify_asks_nobody (World *world, gconstpointer data)
{
  add_unverified (world, "kis", 0, "a");
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "connections"), ==, 0);
  g_assert_null (stored_token (world, "a"));
  tool_ends (world, 0, "token", "a");
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "issue"), ==, 1);
}

/* Status 4, and no trace of it in the keyring. */
static void
test_refused_key_stores_nothing (World *world, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (brokers); i++)
    {
      g_autofree char *appkey = test_simulator_get_key (brokers[i], 0, "appkey");
      g_autofree char *wrong_secret
          = g_strdup_printf ("appkey=%s\nappsecret=not-the-secret-of-it\n", appkey);
      g_autoptr (TestRun) ran = tool_fed (world, 4, "appkey=nobody-knows-me\nappsecret=nor-me\n",
                                          "--json", ADD (world, brokers[i], "a"));
      g_autoptr (JsonObject) error = failure (ran, "refused");
      g_autoptr (TestRun) other = tool_fed (world, 4, wrong_secret, ADD (world, brokers[i], "a"));

      g_assert_true (json_object_has_member (error, "broker_code"));
      g_assert_cmpstr (other->out, ==, "");
      test_assert_lacks (other->err, "not-the-secret-of-it");
      g_assert_cmpuint (count_accounts (world), ==, 0);
      g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
    }
}

static void
test_refused_code (World *world, gconstpointer data)
{
  const char *const codes[] = { "EGW00103", "8002", "IGW00103" };

  for (guint i = 0; i < G_N_ELEMENTS (brokers); i++)
    {
      g_autoptr (TestRun) ran = tool_fed (world, 4, "appkey=nobody-knows-me\nappsecret=nor-me\n",
                                          "--json", ADD (world, brokers[i], "a"));
      g_autoptr (JsonObject) error = failure (ran, "refused");

      g_assert_cmpstr (json_object_get_string_member (error, "broker_code"), ==, codes[i]);
    }
}

static void
test_refused_alias_can_be_used_again (World *world, gconstpointer data)
{
  g_autofree char *key = test_simulator_get_key_lines ("ls", 0);

  test_run_free (
      tool_fed (world, 4, "appkey=nobody-knows-me\nappsecret=nor-me\n", ADD (world, "ls", "a")));
  test_run_free (tool_fed (world, 0, key, ADD (world, "ls", "a")));
}

static void
test_same_key_again (World *world, gconstpointer data)
{
  g_autofree char *key = test_simulator_get_key_lines ("ls", 0);

  add_account (world, "ls", 0, "the-first", "paper");
  {
    g_autoptr (TestRun) ran = tool_fed (world, 2, key, ADD (world, "ls", "the-second"));
    g_autoptr (TestRun) unverified
        = tool_fed (world, 2, key, ADD (world, "ls", "the-second"), "--no-verify");
    g_autoptr (TestRun) json = tool_fed (world, 2, key, "--json", ADD (world, "ls", "the-second"));
    g_autoptr (JsonObject) error = document (json);

    test_assert_contains (ran->err, "the-first");
    test_assert_contains (unverified->err, "the-first");
    test_assert_contains (
        json_object_get_string_member (json_object_get_object_member (error, "error"), "message"),
        "the-first");
  }
  /* It would have killed the first account's token. */
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "issue"), ==, 1);
  g_assert_cmpuint (count_accounts (world), ==, 1);
}

/* The same key in the other environment is a different credential. */
static void
test_same_key_other_environment (World *world, gconstpointer data)
{
  add_account (world, "kis", 0, "one", "paper");
  {
    g_autofree char *key = test_simulator_get_key_lines ("kis", 0);

    test_run_free (tool_fed (world, 0, key, "add", "kis", "two", "--env", "real", "--no-verify",
                             "--endpoint", test_simulator_get_uri (world->simulator, "kis")));
  }
  g_assert_cmpuint (count_accounts (world), ==, 2);
}

/* The message to expect is announced before it comes, and only if it comes. */
static void
test_notice_only_before_an_issue (World *world, gconstpointer data)
{
  g_autofree char *key = test_simulator_get_key_lines ("kis", 0);
  g_autoptr (TestRun) first = tool_fed (world, 0, key, ADD (world, "kis", "one"));
  g_autoptr (TestRun) again = tool_fed (world, 2, key, ADD (world, "kis", "two"));

  test_assert_contains (first->err, "KakaoTalk");
  test_assert_lacks (again->err, "KakaoTalk");
}

static void
test_duplicate_alias (World *world, gconstpointer data)
{
  g_autofree char *key = test_simulator_get_key_lines ("ls", 1);
  g_autofree char *kis = test_simulator_get_key_lines ("kis", 0);

  add_account (world, "ls", 0, "한국-주식", "paper");
  {
    g_autoptr (TestRun) ran = tool_fed (world, 2, key, ADD (world, "ls", "한국-주식"));
    /* Unique for the user, across brokers; and decomposed letters are the same letters. */
    G_GNUC_UNUSED g_autoptr (TestRun) other
        = tool_fed (world, 2, kis, ADD (world, "kis", "한국-주식"));
    g_autofree char *nfd = g_utf8_normalize ("한국-주식", -1, G_NORMALIZE_NFD);
    G_GNUC_UNUSED g_autoptr (TestRun) decomposed
        = tool_fed (world, 2, kis, ADD (world, "kis", nfd));

    test_assert_contains (ran->err, "한국-주식");
  }
  g_assert_cmpuint (count_accounts (world), ==, 1);
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "issue"), ==, 0);
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

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *key = test_simulator_get_key_lines ("ls", i);
      g_autofree char *alias = g_strdup_printf ("account-%u", i);

      test_run_free (tool_fed (world, 0, key, "add", "ls", alias, "--no-verify", "--env",
                               rows[i].name, "--endpoint",
                               test_simulator_get_uri (world->simulator, "ls")));
      {
        g_autoptr (TestRun) ran = tool (world, 0, "show", alias, "--json");
        g_autoptr (JsonObject) whole = document (ran);

        g_assert_cmpstr (json_object_get_string_member (whole, "environment"), ==,
                         rows[i].canonical);
      }
    }
}

/* Nothing is kept of an account that could not be tried. */
static void
test_broker_down_stores_nothing (World *world, gconstpointer data)
{
  g_autofree char *key = test_simulator_get_key_lines ("kis", 0);

  test_simulator_stop (world->simulator);
  {
    g_autoptr (TestRun) ran = tool_fed (world, 8, key, "--json", ADD (world, "kis", "a"));
    G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (ran, "unreachable");
  }
  g_assert_cmpuint (count_accounts (world), ==, 0);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
}

static void
test_rate_limited_stores_nothing (World *world, gconstpointer data)
{
  g_autofree char *key = test_simulator_get_key_lines ("kis", 0);

  g_assert_cmpuint (test_simulator_issue (world->simulator, "kis", 0), ==, 200);
  {
    g_autoptr (TestRun) ran = tool_fed (world, 7, key, "--json", ADD (world, "kis", "a"));
    g_autoptr (JsonObject) error = failure (ran, "rate-limited");

    g_assert_cmpstr (json_object_get_string_member (error, "broker_code"), ==, "EGW00133");
    g_assert_cmpint (json_object_get_int_member (error, "retry_after"), >, 0);
  }
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
}

/* The keyring is checked first: no key is typed or sent in vain. */
static void
test_locked_keyring_reads_no_key (World *world, gconstpointer data)
{
  g_autofree char *key = test_simulator_get_key_lines ("kis", 0);

  test_keyring_lock ();
  {
    G_GNUC_UNUSED g_autoptr (TestRun) ran
        = tool_fed (world, 5, "not even a field\n", ADD (world, "kis", "a"));
    G_GNUC_UNUSED g_autoptr (TestRun) good = tool_fed (world, 5, key, ADD (world, "kis", "a"));
  }
  test_keyring_unlock ();
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "connections"), ==, 0);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
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
