/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The Korean output: questions, tables and failures of the commands around the keyring. */

#include "backups.h"
#include "import.h"
#include "korean.h"

#include <string.h>

#include "test-keyring.h"
#include "test-language.h"

static void
test_doctor (World *world, gconstpointer data)
{
  g_autoptr (TestRun) ran = NULL;
  g_autoptr (TestRun) json = NULL;

  if (!korean_speak (world))
    return;
  add_unverified (world, "ls", 0, "한투");
  ran = tool (world, 0, "doctor");
  korean_check (
      ran->out,
      "정상  세션 버스  세션 버스가 응답합니다\n"
      "정상  키링       키링 서비스가 응답하고 기본 키링이 있습니다\n"
      "정상  잠금       키링의 잠금이 해제되어 있습니다\n"
      "정상  중복 데몬  이 홈 디렉터리의 키링 데몬이 하나만 실행 중입니다\n"
      "정상  빈 암호    기본 키링이 디스크에 암호화되어 있습니다\n"
      "정상  파일 권한  발급 기록, 키링, 플러그인, kr-secret-helper가 다른 사용자에게 닫혀 "
      "있습니다\n"
      "정상  저장 시험  시험 항목을 저장하고 다시 읽은 뒤 삭제했습니다\n"
      "정상  플러그인   불러옴: kis, kiwoom, ls\n"
      "정상  계정       계정 1개에 이상이 없습니다\n"
      "정상  시계       증권사 서버 1곳과 시각이 맞습니다\n"
      "정상  평문 파일  잘 알려진 프로그램이 남긴 평문 키나 토큰이 없습니다\n");
  g_assert_cmpstr (ran->err, ==, "모두 정상입니다\n");
  json = tool (world, 0, "doctor", "--json");
  test_assert_contains (json->out, "{\"id\":\"second-daemon\",\"status\":\"ok\",");
}

/* “N of M”, which Korean puts in the other order. */
static void
test_doctor_counts_failures (World *world, gconstpointer data)
{
  g_autoptr (TestRun) ran = NULL;

  if (!korean_speak (world))
    return;
  world_hide_bus (world);
  world_unsetenv (world, "XDG_RUNTIME_DIR");
  ran = tool (world, 6, "doctor");
  test_assert_contains (ran->err,
                        "kr-secret-tool: 점검 항목 11개 가운데 1개가 실패했습니다 [no-keyring]\n");
}

static void
test_import_plan (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = NULL;
  g_autofree char *path = NULL;
  g_autoptr (TestRun) ran = NULL;

  if (!korean_speak (world))
    return;
  home = import_home_new (world);
  path = import_write_yaml (home);
  ran = import (world, 0, "-n", "--shred", path);
  g_assert_cmpstr (ran->out, ==,
                   "별칭       증권사  환경  앱키   출처       결과\n"
                   "kis        kis     실전  PSno…  my_app     추가\n"
                   "kis-paper  kis     모의  PSno…  paper_app  추가\n");
  test_assert_contains (ran->err, "다른 설정이 2개 있습니다. 파일과 함께 삭제됩니다\n");
  test_assert_contains (ran->err, "\n--shred는 파일을 덮어쓰지만 사본은 지우지 못합니다. ");
  g_assert_true (import_is_there (path));
}

static void
test_restore_question (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autoptr (Terminal) terminal = NULL;
  g_autofree char *path = NULL;

  if (!korean_speak (world))
    return;
  add_unverified (world, "ls", 0, "한투");
  add_unverified (world, "kis", 0, "b");
  path = backups_make (world, folder);
  test_keyring_clear ();
  terminal = terminal_start (world, TERMINAL_ALL, "restore", path, NULL);
  backups_type (terminal, "백업의 암호: ", BACKUPS_LINE);
  terminal_expect (terminal, "별칭  증권사  환경  계획");
  terminal_expect (terminal, "한투  ls      모의  추가");
  terminal_expect (terminal, "이 계정 2개를 키링에 저장할까요? [y/N] ");
  terminal_type (terminal, "y\n");
  terminal_expect (terminal, "계정 2개를 복원했습니다. 토큰은 필요할 때 발급됩니다");
  g_assert_cmpint (terminal_end (terminal), ==, 0);
  g_assert_cmpuint (count_accounts (world), ==, 2);
}

/* The system's error in the middle line has a language of its own. */
static void
test_program_cannot_be_run (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) folder = test_directory_new ();
  g_autofree char *script = g_build_filename (folder, "bot", NULL);
  g_autoptr (TestRun) missing = NULL;
  g_autoptr (TestRun) broken = NULL;

  if (!korean_speak (world))
    return;
  add_account (world, "ls", 0, "한투", "paper");
  missing = tool (world, 127, "exec", "한투", "--", "no-such-bot");
  g_assert_true (g_str_has_prefix (
      missing->err, "kr-secret-tool: 'no-such-bot'을(를) 실행할 수 없습니다 [not-found]\n  "));
  korean_check_end (missing->err, "\n  프로그램 이름과, 프로그램을 찾는 PATH를 확인하십시오\n");
  test_file_write (script, "#!/no/such/python\n", -1, 0700);
  broken = tool (world, 127, "exec", "한투", "--", script);
  korean_check (broken->err, "kr-secret-tool: 'DIR/bot'을(를) 실행할 수 없습니다 [failed]\n"
                             "  파일에 지정된 인터프리터가 없습니다\n"
                             "  프로그램이 맞는지, 실행 권한이 있는지 확인하십시오\n");
}

static void
test_unlock_refused (World *world, gconstpointer data)
{
  g_autoptr (TestRun) ran = NULL;

  if (!korean_speak (world))
    return;
  add_unverified (world, "ls", 0, "한투");
  test_keyring_lock ();
  ran = tool_fed (world, 5, "not-the-password\n", "unlock", "--fd", "0");
  test_keyring_unlock ();
  korean_check (ran->err, "kr-secret-tool: 키링의 잠금을 해제하지 못했습니다 [locked]\n"
                          "  키링의 암호가 아닙니다\n"
                          "  데스크톱에 로그인할 때 쓰는 암호입니다\n");
}

/* Its lines are at most as wide as a terminal, and Hangul is wide. */
static void
test_details_fit_a_terminal (World *world, gconstpointer data)
{
  g_autoptr (TestRun) ran = NULL;
  g_auto (GStrv) lines = NULL;
  guint n = 0;

  if (!korean_speak (world))
    return;
  ran = tool (world, 0, "help", "session");
  lines = g_strsplit (ran->out, "\n", -1);
  for (n = 2; *lines[n] != '\0'; n++)
    {
      g_assert_true (test_language_is_korean (lines[n]));
      g_assert_cmpuint (korean_width (lines[n], lines[n] + strlen (lines[n])), <=, 80);
    }
  g_assert_cmpuint (n, >, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("korean/doctor-all-is-well", NULL, test_doctor);
  WORLD_TEST ("korean/doctor-counts-failures", NULL, test_doctor_counts_failures);
  WORLD_TEST ("korean/import-plan", NULL, test_import_plan);
  WORLD_TEST ("korean/restore-question", NULL, test_restore_question);
  WORLD_TEST ("korean/program-cannot-be-run", NULL, test_program_cannot_be_run);
  WORLD_TEST ("korean/unlock-refused", NULL, test_unlock_refused);
  WORLD_TEST ("korean/details-fit-a-terminal", NULL, test_details_fit_a_terminal);
  return g_test_run ();
}
