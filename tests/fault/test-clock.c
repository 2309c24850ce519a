/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Clocks that are set, time zones, and a machine that sleeps: no token is handed out after it has
 * expired by the broker's own clock, and none is requested twice. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "krsecret.h"
#include "shifted-clock.h"
#include "test-bus.h"
#include "test-files.h"
#include "test-process.h"
#include "victim.h"

#define HOUR ((gint64) 60 * 60 * 1000)

static const gint64 shifts[] = { -24 * HOUR, -HOUR, 0, HOUR, 25 * HOUR };
static const char *const zones[] = { "Asia/Seoul", "UTC", "America/New_York", NULL };

static ShiftedClock *clocks;

/* From now on the world's programs have our clocks. */
static void
shift_world (World *world, const char *zone)
{
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "clock", NULL);
  const ShiftedClock right = { 0 };

  if (clocks == NULL)
    {
      int fd;

      test_file_write (path, (const char *) &right, sizeof right, 0600);
      fd = open (path, O_RDWR | O_CLOEXEC);
      clocks = mmap (NULL, sizeof *clocks, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
      g_assert_true (clocks != MAP_FAILED);
      close (fd);
    }
  *clocks = right;
  world_setenv (world, "LD_PRELOAD", g_getenv ("KR_TEST_SHIFTED_CLOCK"));
  world_setenv (world, "KR_TEST_CLOCK", path);
  if (zone != NULL)
    world_setenv (world, "TZ", zone);
  else
    world_unsetenv (world, "TZ");
}

static void
set_broker_clock (World *world, gint64 ms)
{
  g_autofree char *members = g_strdup_printf ("'clock_offset':%" G_GINT64_FORMAT, ms / 1000);

  test_simulator_set (world->simulator, "kis", members);
}

/* Moves time on, here and at the broker, by more than a token's life; nothing looks at it in
 * between. */
static void
pass_25_hours (World *world)
{
  clocks->wall_ms += 25 * HOUR;
  clocks->boot_ms += 25 * HOUR;
  set_broker_clock (world, 25 * HOUR);
}

static guint
count_issues (Victim *victim)
{
  return test_simulator_count (victim->world->simulator, "kis", "issue");
}

/* The token has expired, and the broker allows a new one. */
static void
check_after_its_end (Victim *victim, const char *old)
{
  g_autofree char *token = NULL;

  pass_25_hours (victim->world);
  g_assert_false (victim_takes (victim, old));
  token = victim_ask (victim);
  g_assert_nonnull (token);
  g_assert_cmpuint (count_issues (victim), ==, 2);
}

/* The token's times follow our clock: the whole chain of programs uses it. */
static void
check_times (Victim *victim)
{
  g_autoptr (TestRun) ran = tool (victim->world, 0, "token", VICTIM, "--json");
  g_autoptr (JsonObject) token = document (ran);
  gint64 now = (g_get_real_time () / 1000 + clocks->wall_ms) / 1000;
  gint64 issued_at = json_object_get_int_member (token, "issued_at_unix");

  g_assert_cmpint (issued_at, >, now - 120);
  g_assert_cmpint (issued_at, <, now + 120);
}

/* The clock is already wrong when the token is issued. */
static void
check_before (Victim *victim, gint64 shift)
{
  g_autofree char *token = NULL;

  clocks->wall_ms = shift;
  token = victim_ask_twice (victim);
  g_assert_nonnull (token);
  check_times (victim);
  g_assert_cmpuint (count_issues (victim), ==, 1);
  check_after_its_end (victim, token);
}

/* The clock is set after the token was issued: any program that asks gets that token or none. */
static void
check_after (Victim *victim, gint64 from, gint64 to)
{
  g_autofree char *token = NULL;
  g_autofree char *again = NULL;

  clocks->wall_ms = from;
  token = victim_ask (victim);
  g_assert_nonnull (token);
  clocks->wall_ms = to;
  again = victim_ask (victim);
  if (again != NULL)
    g_assert_cmpstr (again, ==, token);
  g_assert_cmpuint (count_issues (victim), ==, 1);
  check_after_its_end (victim, token);
}

static gboolean
can_shift (void)
{
  if (g_getenv ("KR_TEST_SANITIZED") == NULL)
    return TRUE;
  g_test_skip ("nothing can be preloaded into programs with a sanitizer");
  return FALSE;
}

static void
for_each_shift (World *world, void (*check) (Victim *victim, gint64 shift))
{
  g_autoptr (Victim) victim = victim_new (world, "kis");

  if (!can_shift ())
    return;
  for (guint zone = 0; zone < G_N_ELEMENTS (zones); zone++)
    for (guint i = 0; i < G_N_ELEMENTS (shifts); i++)
      {
        g_test_message ("%s, %d h", zones[zone] != NULL ? zones[zone] : "no zone",
                        (int) (shifts[i] / HOUR));
        shift_world (world, zones[zone]);
        set_broker_clock (world, 0);
        victim_add (victim);
        check (victim, shifts[i]);
        victim_remove (victim);
      }
}

static void
test_wrong_before (World *world, gconstpointer data)
{
  for_each_shift (world, check_before);
}

static void
check_set_wrong (Victim *victim, gint64 shift)
{
  check_after (victim, 0, shift);
}

static void
test_set_wrong_after (World *world, gconstpointer data)
{
  for_each_shift (world, check_set_wrong);
}

static void
check_set_right (Victim *victim, gint64 shift)
{
  check_after (victim, shift, 0);
}

static void
test_set_right_after (World *world, gconstpointer data)
{
  for_each_shift (world, check_set_right);
}

static void
print_token (KrSecretClient *client, KrSecretAccount *account)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretToken) token
      = kr_secret_client_get_token (client, account, KR_SECRET_TOKEN_ACCESS, KR_SECRET_MIN_VALIDITY,
                                    KR_SECRET_TOKEN_DEFAULT, NULL, &error);

  g_print ("%s\n", token != NULL ? secret_value_get_text (kr_secret_token_get_value (token))
                                 : error->message);
}

/* As for a call: it uses the remembered token, which must not make that younger. */
static void
get_headers (KrSecretClient *client, KrSecretAccount *account)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) headers
      = kr_secret_client_get_headers (client, account, KR_SECRET_TOKEN_DEFAULT, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (headers->len, >, 0);
}

/* A program that has a token in memory: it was told that the token was stored, and has read it
 * since. Prints the token twice before the gate is open, and once after. In between, when its ready
 * file is removed, it makes a call and says that it is ready again. */
static int
run_program (const char *ready, const char *gate)
{
  g_autoptr (KrSecretClient) client = kr_secret_client_new ();
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (GError) error = NULL;

  kr_secret_client_load (client, NULL, &error);
  g_assert_no_error (error);
  account = kr_secret_client_find_account (client, VICTIM, &error);
  g_assert_no_error (error);
  print_token (client, account);
  test_bus_catch_up ();
  print_token (client, account);
  test_file_write (ready, "", 0, 0600);
  test_wait_until (!g_file_test (ready, G_FILE_TEST_EXISTS));
  get_headers (client, account);
  test_file_write (ready, "", 0, 0600);
  test_wait_until (g_file_test (gate, G_FILE_TEST_EXISTS));
  print_token (client, account);
  return 0;
}

static GSubprocess *
start_program (World *world, const char *ready, const char *gate)
{
  GSubprocess *program;

  /* test_spawn_self passes its own environment on. */
  g_setenv ("KR_TEST_CLOCK", g_environ_getenv (world->env, "KR_TEST_CLOCK"), TRUE);
  g_setenv ("LD_PRELOAD", g_environ_getenv (world->env, "LD_PRELOAD"), TRUE);
  program = test_spawn_self ("--program", ready, gate, NULL);
  g_unsetenv ("LD_PRELOAD");
  g_unsetenv ("KR_TEST_CLOCK");
  return program;
}

/* The wall clock alone is behind, by @wall; only the other clock shows it. */
static void
check_suspended (World *world, Victim *victim, gint64 wall)
{
  g_autofree char *ready = g_build_filename (g_get_tmp_dir (), "ready", NULL);
  g_autofree char *gate = g_build_filename (g_get_tmp_dir (), "gate", NULL);
  g_autoptr (GSubprocess) program = NULL;
  g_autofree char *out = NULL;
  g_auto (GStrv) tokens = NULL;

  unlink (ready);
  unlink (gate);
  shift_world (world, NULL);
  set_broker_clock (world, 0);
  victim_add (victim);
  program = start_program (world, ready, gate);
  test_wait_until (g_file_test (ready, G_FILE_TEST_EXISTS));
  clocks->wall_ms += wall;
  unlink (ready);
  test_wait_until (g_file_test (ready, G_FILE_TEST_EXISTS));
  pass_25_hours (world);
  g_file_set_contents (gate, "", 0, NULL);
  out = test_finish (program);
  tokens = g_strsplit (g_strchomp (out), "\n", -1);
  g_assert_cmpuint (g_strv_length (tokens), ==, 3);
  g_assert_cmpstr (tokens[1], ==, tokens[0]);
  g_assert_cmpstr (tokens[2], !=, tokens[0]);
  if (!victim_takes (victim, tokens[2]))
    test_fail ("handed out: %s", tokens[2]);
  g_assert_cmpuint (count_issues (victim), ==, 2);
  victim_remove (victim);
}

static void
test_suspended (World *world, gconstpointer data)
{
  g_autoptr (Victim) victim = victim_new (world, "kis");

  if (!can_shift ())
    return;
  check_suspended (world, victim, 0);
  check_suspended (world, victim, -24 * HOUR);
}

int
main (int argc, char **argv)
{
  if (argc == 4 && g_str_equal (argv[1], "--program"))
    return run_program (argv[2], argv[3]);
  g_test_init (&argc, &argv, NULL);
  /* The broker's own minute is in real seconds, which do not pass here. */
  FAULT_TEST ("/clock/wrong-before-the-issue", "--issue-interval 0", test_wrong_before);
  FAULT_TEST ("/clock/set-wrong-after-the-issue", "--issue-interval 0", test_set_wrong_after);
  FAULT_TEST ("/clock/set-right-after-the-issue", "--issue-interval 0", test_set_right_after);
  FAULT_TEST ("/clock/suspended", "--issue-interval 0", test_suspended);
  return g_test_run ();
}
