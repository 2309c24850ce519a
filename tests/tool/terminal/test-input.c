/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Input that a user, or a script with a bug, may give. */

#include "tool.h"

#include <string.h>

#include "test-keyring.h"

#define GOOD "appkey=some-key-some-key\nappsecret=some-secret-some-secret\n"

static void
check_nothing_happened (World *world)
{
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "connections"), ==, 0);
}

static void
check_add (World *world, int status, const char *broker, const char *alias, const char *input)
{
  g_autoptr (TestRun) ran
      = tool_fed (world, ANY_STATUS, input, "--json", "add", broker, "--env", "paper", "--endpoint",
                  test_simulator_get_uri (world->simulator, "ls"), "--", alias);

  if (ran->status != status)
    test_fail ("broker '%.40s', alias '%.40s', input '%.60s' ended with %d: %s", broker, alias,
               input, ran->status, ran->err);
  if (status != 0)
    {
      G_GNUC_UNUSED g_autoptr (JsonObject) whole = document (ran);

      g_assert_true (g_utf8_validate (ran->err, -1, NULL));
      for (const char *p = ran->err; *p != '\0'; p++)
        g_assert_true (*p == '\n' || !g_ascii_iscntrl (*p));
    }
}

static void
test_bad_aliases (World *world, gconstpointer data)
{
  g_autofree char *long_alias = g_strnfill (65, 'a');
  g_autofree char *longer = g_strnfill (10240, 'a');
  const char *const aliases[] = { "",
                                  "a/b",
                                  "/",
                                  "a\nb",
                                  "a\n",
                                  "\n",
                                  "a\rb",
                                  "a\tb",
                                  "a\033[31m",
                                  "a\177b",
                                  "a\302\205b",
                                  "a\302\233m",
                                  "a=b",
                                  "..",
                                  "../a",
                                  "a\342\200\256b", /* U+202E */
                                  "a\342\201\246b" /* U+2066 */,
                                  "a\342\200\250b" /* U+2028 */,
                                  "\377\376",
                                  "a\355\240\200b",
                                  "   ",
                                  " a",
                                  "a ",
                                  long_alias,
                                  longer };

  for (guint i = 0; i < G_N_ELEMENTS (aliases); i++)
    check_add (world, 2, "ls", aliases[i], GOOD);
  check_nothing_happened (world);
}

/* C0 80 is not UTF-8, and some take it for the end of a string: it must not name the account before
 * it. */
static void
test_overlong_nul (World *world, gconstpointer data)
{
  check_add (world, 2, "ls", "a\300\200b", GOOD);
  add_unverified (world, "ls", 0, "a");
  tool_ends (world, 2, "show", "a\300\200b");
  tool_ends (world, 2, "remove", "a\300\200b");
  g_assert_cmpuint (count_accounts (world), ==, 1);
}

static void
test_good_aliases (World *world, gconstpointer data)
{
  g_autoptr (GString) long_alias = g_string_new (NULL);

  for (int i = 0; i < 64; i++)
    g_string_append (long_alias, "한");
  {
    g_autofree char *decomposed = g_utf8_normalize (long_alias->str, -1, G_NORMALIZE_NFD);
    const char *const aliases[] = { "a", "내 한투 계좌", "kis.real-1_x@home", decomposed, "日本" };

    for (guint i = 0; i < G_N_ELEMENTS (aliases); i++)
      {
        add_unverified (world, "ls", i, aliases[i]);
      }
    {
      g_autoptr (TestRun) ran = tool (world, 0, "show", decomposed, "--json");
      g_autoptr (JsonObject) whole = document (ran);

      g_assert_cmpstr (json_object_get_string_member (whole, "alias"), ==, long_alias->str);
    }
  }
}

static void
test_bad_brokers (World *world, gconstpointer data)
{
  g_autofree char *longer = g_strnfill (10240, 'k');
  const char *const brokers[]
      = { "", "kis\n", "../ls", "ls/", "l=s", "ls\033[2J", "ls\342\200\256", "\377", longer, ".." };

  for (guint i = 0; i < G_N_ELEMENTS (brokers); i++)
    check_add (world, 2, brokers[i], "a", GOOD);
  check_add (world, 3, "toss", "a", GOOD);
  check_nothing_happened (world);
}

/* Input is shown without characters that control a terminal, are invisible, or break a line. */
static void
test_typed_text_is_shown_harmless (World *world, gconstpointer data)
{
  const char *const hostile[] = {
    "\033",   "\302\233", "\u200b", "\u202e", "\u2028", "\u2029",     "\u115f",
    "\u1160", "\u3164",   "\uffa0", "\ufeff", "\ue000", "\U000f0000", "\U000e0041",
  };

  for (guint i = 0; i < G_N_ELEMENTS (hostile); i++)
    {
      g_autofree char *command = g_strdup_printf ("li%sst", hostile[i]);
      g_autofree char *option = g_strdup_printf ("--li%sst", hostile[i]);
      const char *const lines[][2] = { { command }, { "help", command }, { "list", option } };

      for (guint j = 0; j < G_N_ELEMENTS (lines); j++)
        {
          g_autoptr (TestRun) ran = tool (world, ANY_STATUS, lines[j][0], lines[j][1]);

          g_test_message ("%u of %u", j, i);
          test_assert_contains (ran->err, "li\uFFFDst");
          g_assert_null (strstr (ran->err, hostile[i]));
        }
    }
}

static void
test_bad_fields (World *world, gconstpointer data)
{
  g_autofree char *long_value = g_strnfill (10240, 'k');
  g_autofree char *long_key = g_strdup_printf ("appkey=%s\nappsecret=b-secret\n", long_value);
  g_autofree char *long_secret = g_strdup_printf ("appkey=a-key\nappsecret=%s\n", long_value);
  g_autofree char *long_name = g_strdup_printf ("%s=a\nappkey=a-key\nappsecret=b\n", long_value);
  const char *const inputs[] = {
    "",
    "\n",
    "appkey=a-key\n",
    "appsecret=b-secret\n",
    "appkey=\nappsecret=b-secret\n",
    "appkey=a-key\nappsecret=\n",
    "appkey=a-key\nappsecret= \t \n",
    "appkey=a-key\nappkey=a-key\nappsecret=b-secret\n",
    "appkey=a-key\nappsecret=b-secret\nappsecretkey=b-secret\n",
    "appkey=a-key\nappsecret=b-secret\naccount=12345678\n",
    "APPKEY=a-key\nappsecret=b-secret\n",
    "appkey a-key\nappsecret b-secret\n",
    "a-key\nb-secret\n",
    "=a-key\nappsecret=b-secret\n",
    "appkey=a\033key\nappsecret=b-secret\n",
    "appkey=a\001key\nappsecret=b-secret\n",
    "appkey=a\177key\nappsecret=b-secret\n",
    "appkey=a\tkey\nappsecret=b-secret\n",
    "appkey=a\rkey\nappsecret=b-secret\n",
    "appkey=a\302\205key\nappsecret=b-secret\n",
    "appkey=a\342\200\256key\nappsecret=b-secret\n",
    "appkey=a\377key\nappsecret=b-secret\n",
    /* a line break inside */
    "appkey=a\nkey\nappsecret=b-secret\n",
    /* another broker's name for it */
    "appkey=a-key\nsecretkey=b-secret\n",
    long_key,
    long_secret,
    long_name,
  };

  for (guint i = 0; i < G_N_ELEMENTS (inputs); i++)
    check_add (world, 2, "ls", "a", inputs[i]);
  check_nothing_happened (world);
}

/* Mistyped input may still be a secret. */
static void
test_bad_fields_are_not_repeated (World *world, gconstpointer data)
{
  const char *const inputs[] = {
    "hush-hush-hush\n",
    "appkey hush-hush-hush\n",
    "appkey=a-key\nappsecret=hush-hush-hush\001\n",
    "appkey=hush-hush-hush\nappkey=hush-hush-hush\n",
    "hush-hush-hush=\n",
    "appkey=a-key\nappsecret=x\nhush-hush-hush\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (inputs); i++)
    {
      g_autoptr (TestRun) ran
          = tool_fed (world, 2, inputs[i], "--json", "-v", "add", "ls", "a", "--env", "paper");

      test_assert_lacks (ran->err, "hush-hush");
      test_assert_lacks (ran->out, "hush-hush");
    }
}

/* @TOOL in @script stands for the tool, adding an account from its standard input. */
static void
run_script (World *world, int status, const char *script)
{
  g_autofree char *tool = g_strdup_printf ("'%s' --timeout 1 add ls a --env paper --no-verify",
                                           g_getenv ("KR_TEST_TOOL"));
  g_auto (GStrv) parts = g_strsplit (script, "@TOOL", -1);
  g_autofree char *line = g_strjoinv (tool, parts);
  const char *const argv[] = { "sh", "-c", line, NULL };
  g_autoptr (TestRun) ran = test_run (world->env, argv, NULL, -1);

  if (ran->status != status)
    test_fail ("%s ended with %d: %s", line, ran->status, ran->err);
}

static void
test_streams (World *world, gconstpointer data)
{
  run_script (world, 2, "printf 'appkey=a\\0b\\nappsecret=b\\n' | @TOOL");
  run_script (world, 2, "yes appkey=x | @TOOL");
  run_script (world, 2, "yes '' | @TOOL");
  run_script (world, 2, "@TOOL < /dev/zero");
  run_script (world, 2, "@TOOL < /dev/null");
  run_script (world, 2, "@TOOL <&-");
  run_script (world, 2, "@TOOL < /");
  check_nothing_happened (world);
}

/* A pipe that is neither written to nor closed. */
static void
test_mute_pipe (World *world, gconstpointer data)
{
  run_script (world, 9,
              "mkfifo \"$TMPDIR/mute\" && exec 3<> \"$TMPDIR/mute\" && timeout 5 @TOOL <&3");
  check_nothing_happened (world);
}

static void
test_endpoints (World *world, gconstpointer data)
{
  const char *const bad[] = {
    "http://example.com",
    "https://openapi.koreainvestment.com:9443",
    "http://10.0.0.1:8080",
    "http://0.0.0.0:8080",
    "http://127.0.0.1.example.com",
    "http://127.0.0.1@example.com",
    "http://user:password@127.0.0.1:80",
    "http://localhost.example.com",
    "http://example.com#127.0.0.1",
    "http://example.com\\@127.0.0.1",
    "ftp://127.0.0.1",
    "file:///etc/passwd",
    "127.0.0.1:8080",
    "http://",
    "http://127.0.0.1:99999",
    "http://127.0.0.1:80\r\nX: y",
    "http://127.0.0.1:80/?a=b",
    "http://127.0.0.1:80/#a",
    "http://[::ffff:10.0.0.1]:80",
    "http://[::]:80",
    "http://2130706433.example",
    "nonsense",
    "",
  };
  const char *const good[] = { "http://127.0.0.1:8080", "https://127.0.0.1:8080",
                               "http://localhost:80", "http://[::1]:8080" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (TestRun) ran = tool_fed (world, ANY_STATUS, GOOD, "add", "ls", "a", "--env",
                                          "paper", "--no-verify", "--endpoint", bad[i]);

      if (ran->status != 2)
        test_fail ("--endpoint '%s' ended with %d: %s", bad[i], ran->status, ran->err);
    }
  check_nothing_happened (world);
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *alias = g_strdup_printf ("a%u", i);
      g_autofree char *key = test_simulator_get_key_lines ("ls", i);

      test_run_free (tool_fed (world, 0, key, "add", "ls", alias, "--env", "paper", "--no-verify",
                               "--endpoint", good[i]));
    }
}

static void
test_wrong_use_of_add (World *world, gconstpointer data)
{
  const char *const lines[][6] = {
    { "ls", "a" },
    { "ls", "a", "--env" },
    { "ls", "a", "--env", "" },
    { "ls", "a", "--env", "Paper!" },
    { "ls", "a", "--env", "real paper" },
    { "ls", "--env", "paper" },
    { "--env", "paper" },
    { "ls", "a", "b", "--env", "paper" },
    { "ls", "a", "--env", "paper", "--reveal" },
    { "ls", "a", "--env", "paper", "--endpoint" },
    { "ls", "a", "--env", "paper", "--fd" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    test_run_free (tool_fed (world, 2, GOOD, "add", lines[i][0], lines[i][1], lines[i][2],
                             lines[i][3], lines[i][4], lines[i][5]));
  check_nothing_happened (world);
}

/* Anyone can read arguments: refused, and not repeated in a log. */
static void
test_secrets_in_arguments (World *world, gconstpointer data)
{
  const char *const arguments[][2] = {
    { "--appkey", "hush-hush-hush" },       { "--appsecret=hush-hush-hush", NULL },
    { "appsecret=hush-hush-hush", NULL },   { "hush-hush-hush", NULL },
    { "--key=hush-hush-hush", NULL },       { "--secret", "hush-hush-hush" },
    { "--secretkey=hush-hush-hush", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (arguments); i++)
    {
      g_autoptr (TestRun) ran = tool_fed (world, 2, GOOD, "--json", "add", "ls", "a", "--env",
                                          "paper", "--no-verify", arguments[i][0], arguments[i][1]);

      test_assert_lacks (ran->err, "hush-hush");
      test_assert_lacks (ran->out, "hush-hush");
    }
  check_nothing_happened (world);
}

static void
test_secrets_in_environment (World *world, gconstpointer data)
{
  world_setenv (world, "KR_SECRET_APPKEY", "some-key-some-key");
  world_setenv (world, "KR_SECRET_APPSECRET", "some-secret-some-secret");
  world_setenv (world, "APPKEY", "some-key-some-key");
  world_setenv (world, "APPSECRET", "some-secret-some-secret");
  tool_ends (world, 2, "add", "ls", "a", "--env", "paper", "--no-verify");
  check_nothing_happened (world);
}

static void
test_bad_names_of_accounts (World *world, gconstpointer data)
{
  g_autofree char *longer = g_strnfill (10240, 'a');
  const char *const names[]
      = { "", "a\nb", "\033[2J", "a\342\200\256b", "\377", "ls/", "/", "ls/a/b", "../a", longer };
  const char *const commands[] = { "show", "token", "header", "revoke", "forget", "remove" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    for (gsize k = 0; k < G_N_ELEMENTS (commands); k++)
      {
        g_autoptr (TestRun) ran = tool (world, ANY_STATUS, commands[k], "--", names[i]);

        if (ran->status != 2 && ran->status != 3)
          test_fail ("%s '%.40s' ended with %d: %s", commands[k], names[i], ran->status, ran->err);
        g_assert_true (g_utf8_validate (ran->err, -1, NULL));
        for (const char *p = ran->err; *p != '\0'; p++)
          g_assert_true (*p == '\n' || !g_ascii_iscntrl (*p));
        test_assert_lacks (ran->err, "\342\200\256");
        g_assert_cmpuint (strlen (ran->err), <, 2000);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("input/bad-aliases-are-refused", NULL, test_bad_aliases);
  WORLD_TEST ("input/overlong-nul-does-not-end-an-alias", NULL, test_overlong_nul);
  WORLD_TEST ("input/good-aliases-are-taken", NULL, test_good_aliases);
  WORLD_TEST ("input/bad-broker-names-are-refused", NULL, test_bad_brokers);
  WORLD_TEST ("input/typed-text-is-shown-harmless", NULL, test_typed_text_is_shown_harmless);
  WORLD_TEST ("input/bad-fields-are-refused", NULL, test_bad_fields);
  WORLD_TEST ("input/bad-fields-are-not-repeated", NULL, test_bad_fields_are_not_repeated);
  WORLD_TEST ("input/odd-streams-end", NULL, test_streams);
  WORLD_TEST ("input/mute-pipe-ends-at-the-deadline", NULL, test_mute_pipe);
  WORLD_TEST ("input/endpoint-is-loopback-only", NULL, test_endpoints);
  WORLD_TEST ("input/wrong-use-of-add", NULL, test_wrong_use_of_add);
  WORLD_TEST ("input/secrets-in-arguments-are-refused", NULL, test_secrets_in_arguments);
  WORLD_TEST ("input/secrets-in-the-environment-are-not-read", NULL, test_secrets_in_environment);
  WORLD_TEST ("input/bad-names-of-accounts", NULL, test_bad_names_of_accounts);
  return g_test_run ();
}
