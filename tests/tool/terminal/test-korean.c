/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The Korean output. The texts are here word for word. */

#include "korean.h"
#include "terminal.h"

#include <string.h>

#include "test-keyring.h"
#include "test-language.h"

/* A token with this lifetime has 3 hours and 12 minutes left for half a minute. */
#define LIFETIME "'lifetime':11550"

/* Every name has a description in Korean, all in the same column. */
static void
check_rows (char **lines, const char *prefix)
{
  guint column = 0;
  guint n = 0;

  for (; *lines != NULL && **lines != '\0'; lines++, n++)
    {
      const char *gap;

      g_assert_true (g_str_has_prefix (*lines, prefix));
      /* The last gap of two blanks precedes the description. */
      gap = g_strrstr (*lines, "  ");
      g_assert_nonnull (gap);
      if (!test_language_is_korean (gap))
        test_fail ("not in Korean: %s", *lines);
      if (column == 0)
        column = korean_width (*lines, gap + 2);
      if (korean_width (*lines, gap + 2) != column)
        test_fail ("not in its column: %s", *lines);
    }
  g_assert_cmpuint (n, >, 5);
}

static void
test_help (World *world, gconstpointer data)
{
  g_autoptr (TestRun) ran = NULL;
  g_auto (GStrv) lines = NULL;
  guint commands = 0;
  guint options = 0;

  if (!korean_speak (world))
    return;
  ran = tool (world, 0, "help");
  lines = g_strsplit (ran->out, "\n", -1);
  g_assert_cmpstr (lines[0], ==, "사용법: kr-secret-tool 명령 [인수]");
  g_assert_cmpstr (lines[1], ==, "한국 증권사의 API 키와 접근토큰을 데스크톱 키링에 보관합니다.");
  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (g_str_equal (lines[i], "명령"))
        check_rows (lines + (commands = i + 1), "  ");
      if (g_str_equal (lines[i], "옵션"))
        check_rows (lines + (options = i + 1), "  ");
    }
  g_assert_cmpuint (commands, >, 0);
  g_assert_cmpuint (options, >, 0);
  test_assert_contains (
      ran->out, "\n      --timeout 초               키링이나 증권사를 기다리는 최대 시간\n");
}

static void
test_help_of_a_command (World *world, gconstpointer data)
{
  g_autoptr (TestRun) ran = NULL;

  if (!korean_speak (world))
    return;
  ran = tool (world, 0, "help", "reject");
  g_assert_true (g_str_has_prefix (ran->out,
                                   "사용법: kr-secret-tool reject 별칭 [--fd N]\n"
                                   "입력한 토큰이 저장된 토큰과 같으면 삭제합니다.\n"
                                   "\n옵션\n"
                                   "      --fd N  표준 입력 대신 디스크립터 N에서 토큰을 읽습니다\n"
                                   "\n공통 옵션\n"));
}

static void
test_list (World *world, gconstpointer data)
{
  g_autoptr (TestRun) empty = NULL;
  g_autoptr (TestRun) ran = NULL;

  if (!korean_speak (world))
    return;
  empty = tool (world, 0, "list");
  g_assert_cmpstr (empty->out, ==, "");
  korean_check (empty->err, "아직 계정이 없습니다. 'kr-secret-tool add 증권사 별칭 --env "
                            "real|paper'로 추가하십시오\n");
  test_simulator_set (world->simulator, "kis", LIFETIME);
  add_account (world, "kis", 0, "한투 연금", "real");
  add_account (world, "kis", 1, "a", "모의");
  add_unverified (world, "ls", 0, "ls-실험");
  ran = tool (world, 0, "list");
  korean_check (ran->out, "별칭       증권사  환경  토큰  남은 시간   문제\n"
                          "a          kis     모의  유효  3시간 12분  -\n"
                          "ls-실험    ls      모의  없음  -           -\n"
                          "한투 연금  kis     실전  유효  3시간 12분  -\n");
}

static void
test_show (World *world, gconstpointer data)
{
  g_autofree char *appkey = test_simulator_get_key ("kis", 0, "appkey");
  g_autofree char *hint = g_strndup (appkey, 4);
  g_autofree char *expected = NULL;
  g_autoptr (TestRun) ran = NULL;

  if (!korean_speak (world))
    return;
  test_simulator_set (world->simulator, "kis", LIFETIME);
  add_account (world, "kis", 0, "한투", "real");
  ran = tool (world, 0, "show", "한투");
  expected = g_strdup_printf ("별칭              한투\n"
                              "증권사            kis (한국투자증권)\n"
                              "환경              실전\n"
                              "앱키              %s…\n"
                              "토큰              유효, YYYY-MM-DD hh:mm KST까지 (3시간 12분 남음)\n"
                              "시험용 접속 주소  http://HOST\n"
                              "ID                ID\n",
                              hint);
  korean_check (ran->out, expected);
}

static void
test_durations (World *world, gconstpointer data)
{
  const struct
  {
    const char *lifetime;
    const char *left;
  } rows[] = {
    { "'lifetime':189000", " 2일 4시간 " },
    { "'lifetime':11550", " 3시간 12분 " },
    { "'lifetime':1530", " 25분 N초 " },
  };

  if (!korean_speak (world))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *alias = g_strdup_printf ("a%u", i);
      g_autoptr (TestRun) ran = NULL;
      g_autofree char *text = NULL;

      test_simulator_set (world->simulator, "kis", rows[i].lifetime);
      add_account (world, "kis", i, alias, "paper");
      ran = tool (world, 0, "list");
      text = korean_settle (ran->out);
      test_assert_contains (text, rows[i].left);
    }
}

static void
test_error_in_three_lines (World *world, gconstpointer data)
{
  g_autoptr (TestRun) absent = NULL;
  g_autoptr (TestRun) locked = NULL;
  g_autoptr (TestRun) usage = NULL;

  if (!korean_speak (world))
    return;
  absent = tool (world, 3, "token", "한투");
  g_assert_cmpstr (absent->err, ==,
                   "kr-secret-tool: '한투'에 해당하는 계정을 찾을 수 없습니다 [not-found]\n"
                   "  '한투' 계정이 없습니다\n"
                   "  'kr-secret-tool list'로 계정을 볼 수 있습니다\n");
  usage = tool (world, 2, "show");
  g_assert_cmpstr (usage->err, ==,
                   "kr-secret-tool: 인수가 모자랍니다 [usage]\n"
                   "  사용법: kr-secret-tool show 별칭\n"
                   "  'kr-secret-tool help show'의 설명을 보십시오\n");
  add_unverified (world, "ls", 0, "한투");
  test_keyring_lock ();
  locked = tool (world, 5, "token", "한투");
  test_keyring_unlock ();
  g_assert_cmpstr (
      locked->err, ==,
      "kr-secret-tool: 계정을 읽을 수 없습니다 [locked]\n"
      "  키링이 잠겨 있습니다\n"
      "  'kr-secret-tool unlock'으로 잠금을 해제하십시오. 데스크톱에 로그인해도 열립니다\n");
}

/* The plugin's text, from the helper. */
static void
test_refusal_by_the_broker (World *world, gconstpointer data)
{
  g_autoptr (TestRun) ran = NULL;

  if (!korean_speak (world))
    return;
  test_simulator_fault (world->simulator, "ls", "'fault':'refuse-secret'");
  {
    g_autofree char *key = test_simulator_get_key_lines ("ls", 0);

    ran = tool_fed (world, 4, key, ADD (world, "ls", "a"));
  }
  test_assert_contains (ran->err, "kr-secret-tool: 'a' 계정을 추가하지 않았습니다 [refused]\n"
                                  "  증권사가 이 앱시크릿을 받아들이지 않습니다. ");
  test_assert_contains (ran->err, "\n  아무것도 저장하지 않았습니다. 앱키, 앱시크릿, --env를 "
                                  "확인하고 다시 시도하십시오\n");
}

static void
test_rate_limit (World *world, gconstpointer data)
{
  g_autoptr (TestRun) ran = NULL;

  if (!korean_speak (world))
    return;
  add_account (world, "kis", 0, "a", "paper");
  tool_ends (world, 0, "forget", "a");
  ran = tool (world, 7, "token", "a");
  korean_check (ran->err, "kr-secret-tool: 'a' 계정의 토큰을 받지 못했습니다 [rate-limited]\n"
                          "  조금 전에 발급했습니다. 증권사의 다음 발급은 N초 후에 가능합니다\n"
                          "  N초 후에 다시 시도하거나 --wait N 옵션으로 기다리게 하십시오\n");
}

/* The question, and an answer in Hangul. */
static void
test_question (World *world, gconstpointer data)
{
  g_autoptr (Terminal) terminal = NULL;

  if (!korean_speak (world))
    return;
  add_account (world, "ls", 0, "실전-1", "실전");
  terminal = terminal_start (world, TERMINAL_ALL, "revoke", "실전-1", NULL);
  terminal_expect (terminal, "'실전-1': 실전투자 계정입니다. 접근토큰을 폐기하려면 별칭을 "
                             "입력하십시오: ");
  terminal_type (terminal, "실전-1\n");
  terminal_expect (terminal, "'실전-1' 계정의 접근토큰을 폐기했습니다");
  g_assert_cmpint (terminal_end (terminal), ==, 0);
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "revoke"), ==, 1);
}

static void
test_fields_are_asked_for (World *world, gconstpointer data)
{
  g_autofree char *appkey = test_simulator_get_key ("ls", 0, "appkey");
  g_autofree char *appsecret = test_simulator_get_key ("ls", 0, "appsecret");
  g_autofree char *first = g_strconcat (appkey, "\n", NULL);
  g_autofree char *second = g_strconcat (appsecret, "\n", NULL);
  g_autoptr (Terminal) terminal = NULL;

  if (!korean_speak (world))
    return;
  terminal = terminal_start (world, TERMINAL_ALL, ADD (world, "ls", "a"), NULL);
  terminal_expect (terminal, "'a' 계정을 추가합니다: LS증권, 모의. 입력하는 내용은 화면에 "
                             "표시되지 않습니다.");
  terminal_expect (terminal, "앱키");
  terminal_wait_for_no_echo (terminal);
  terminal_type (terminal, first);
  terminal_expect (terminal, "앱시크릿 (appsecretkey): ");
  terminal_wait_for_no_echo (terminal);
  terminal_type (terminal, second);
  terminal_expect (terminal, "'a' 계정(ls, 모의)을 추가했습니다. 접근토큰은 ");
  g_assert_cmpint (terminal_end (terminal), ==, 0);
}

static void
test_names_of_brokers (World *world, gconstpointer data)
{
  g_autoptr (TestRun) korean = NULL;
  g_autoptr (TestRun) english = NULL;
  g_autoptr (TestRun) other = NULL;

  if (!korean_speak (world))
    return;
  korean = tool (world, 0, "brokers");
  g_assert_cmpstr (korean->out, ==,
                   "ID      이름          환경        폐기\n"
                   "kis     한국투자증권  실전, 모의  예\n"
                   "kiwoom  키움증권      실전, 모의  예\n"
                   "ls      LS증권        실전, 모의  예\n");
  /* A language without a catalog, and then Korean: everything is in Korean. */
  world_setenv (world, "LANGUAGE", "fr:ko");
  other = tool (world, 0, "brokers");
  g_assert_cmpstr (other->out, ==, korean->out);
  world_unsetenv (world, "LANGUAGE");
  world_setenv (world, "LC_ALL", "C.UTF-8");
  english = tool (world, 0, "brokers");
  test_assert_contains (english->out, "Korea Investment");
  test_assert_contains (english->out, "real, paper");
  g_assert_false (test_language_is_korean (english->out));
}

/* Output for programs is the same in every language. */
static void
test_json (World *world, gconstpointer data)
{
  g_autoptr (TestRun) korean = NULL;
  g_autoptr (JsonObject) whole = NULL;
  JsonObject *account;

  if (!korean_speak (world))
    return;
  add_account (world, "ls", 0, "a", "모의");
  korean = tool (world, 0, "list", "--json");
  whole = document (korean);
  account = json_array_get_object_element (json_object_get_array_member (whole, "accounts"), 0);
  g_assert_cmpstr (json_object_get_string_member (account, "environment"), ==, "paper");
  g_assert_cmpstr (
      json_object_get_string_member (json_object_get_object_member (account, "token"), "state"), ==,
      "valid");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("korean/help-is-whole-and-in-columns", NULL, test_help);
  WORLD_TEST ("korean/help-of-a-command", NULL, test_help_of_a_command);
  WORLD_TEST ("korean/list-is-in-columns", NULL, test_list);
  WORLD_TEST ("korean/show", NULL, test_show);
  WORLD_TEST ("korean/durations", NULL, test_durations);
  WORLD_TEST ("korean/error-in-three-lines", NULL, test_error_in_three_lines);
  WORLD_TEST ("korean/refusal-comes-from-the-helper", NULL, test_refusal_by_the_broker);
  WORLD_TEST ("korean/rate-limit-with-its-time", NULL, test_rate_limit);
  WORLD_TEST ("korean/real-account-wants-its-alias-typed", NULL, test_question);
  WORLD_TEST ("korean/fields-are-asked-for", NULL, test_fields_are_asked_for);
  WORLD_TEST ("korean/names-of-brokers", NULL, test_names_of_brokers);
  WORLD_TEST ("korean/json-is-not-translated", NULL, test_json);
  return g_test_run ();
}
