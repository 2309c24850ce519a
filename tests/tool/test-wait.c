/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* wait: until there is a token that lasts until a time of the day. And --min-validity of token,
 * which is the same request without the waiting. */

#include "tool.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "test-files.h"
#include "test-keyring.h"
#include "test-process.h"

#define MINUTE 60
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* A token that lasts for more than a day lasts until any time of the day. */
#define LONG_LIFE "--lifetime 200000"

/* The wall clock of @zone a while from now, without the seconds. */
static char *
clock_in (const char *zone, gint64 seconds)
{
  g_autoptr (GTimeZone) there = g_time_zone_new_identifier (zone);
  g_autoptr (GDateTime) now = g_date_time_new_now (there);
  g_autoptr (GDateTime) then = g_date_time_add_seconds (now, (double) seconds);

  return g_date_time_format (then, "%H:%M");
}

static TestRun *
wait_for (World *world, int status, const char *alias, const char *clock, const char *timeout)
{
  return tool (world, status, "wait", alias, "--json", "--valid-until", clock, "--timeout",
               timeout);
}

static void
wait_fails (World *world, const char *alias, const char *clock)
{
  g_autoptr (TestRun) ran = wait_for (world, 9, alias, clock, "1");
  g_autoptr (JsonObject) error = failure (ran, "deadline");

  check_members (error, "code exit message");
  g_assert_cmpint (ran->took, >=, 900);
  g_assert_cmpint (ran->took, <, 8000);
}

static gint64
get_expiry (TestRun *ran, const char *alias)
{
  g_autoptr (JsonObject) whole = document (ran);

  check_account_document (whole, alias);
  return json_object_get_int_member (json_object_get_object_member (whole, "token"),
                                     "expires_at_unix");
}

static void
test_clock_forms (World *world, gconstpointer data)
{
  const char *const good[] = { "7:05", "07:05", "0:00", "00:00", "23:59", "19:30" };
  const char *const bad[]
      = { "24:00",   "7:5",   "0705",  " 07:05",   "",      "07:05:00",   "07:60",  "-1:00",
          "07:05 ",  "07.05", "7:05p", "007:05",   "07",    "07:",        ":05",    "now",
          "07:05\n", "7;05",  "+7:05", "0x7:05",   "７:05", "07:0５",     "25:00",  "99:99",
          "7: 5",    "7:-5",  "07:5a", "tomorrow", "\377",  "1795212000", "07:05Z", "07:05+09:00" };

  add_account (world, "kiwoom", 0, "a", "paper");
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    test_run_free (wait_for (world, 0, "a", good[i], "5"));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (TestRun) ran = wait_for (world, ANY_STATUS, "a", bad[i], "1");
      g_autoptr (JsonObject) error = NULL;

      if (ran->status != 2)
        test_fail ("--valid-until '%s' ended with %d", bad[i], ran->status);
      error = failure (ran, "usage");
      g_assert_true (g_utf8_validate (ran->err, -1, NULL));
    }
  tool_ends (world, 2, "wait", "a");
  tool_ends (world, 2, "wait", "a", "--valid-until");
  tool_ends (world, 2, "wait", "a", "--timeout", "1");
  g_assert_cmpuint (test_simulator_count (world->simulator, "kiwoom", "issue"), ==, 1);
}

/* A time of two minutes ago means tomorrow. */
static void
test_next_day (World *world, gconstpointer data)
{
  g_autofree char *past = clock_in ("UTC", -2 * MINUTE);

  world_setenv (world, "TZ", "UTC");
  add_account (world, "kiwoom", 0, "long", "paper");
  test_simulator_set (world->simulator, "kiwoom", "'lifetime':7200");
  add_account (world, "kiwoom", 1, "short", "paper");
  {
    g_autoptr (TestRun) ran = wait_for (world, 0, "long", past, "5");

    g_assert_cmpint (get_expiry (ran, "long"), >, g_get_real_time () / G_USEC_PER_SEC + DAY);
  }
  wait_fails (world, "short", past);
}

/* Local time is the caller's. */
static void
test_zones (World *world, gconstpointer data)
{
  const char *const zones[] = { "Asia/Seoul", "UTC", "America/New_York", "Asia/Kolkata" };

  for (guint i = 0; i < G_N_ELEMENTS (zones); i++)
    {
      g_autofree char *alias = g_strdup_printf ("a%u", i);
      g_autofree char *soon = clock_in (zones[i], 1 * HOUR);
      g_autofree char *late = clock_in (zones[i], 4 * HOUR);

      world_setenv (world, "TZ", zones[i]);
      add_account (world, "kiwoom", i, alias, "paper");
      test_run_free (wait_for (world, 0, alias, soon, "5"));
      wait_fails (world, alias, late);
    }
}

static void
test_long_enough (World *world, gconstpointer data)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *soon = clock_in ("UTC", 2 * HOUR);

  world_setenv (world, "TZ", "UTC");
  add_account (world, "kis", 0, "a", "paper");
  before = stored_token (world, "a");
  {
    g_autoptr (TestRun) ran = tool (world, 0, "wait", "a", "--valid-until", soon);
    g_autoptr (TestRun) json = tool (world, 0, "wait", "--json", "-q", "a", "--valid-until", soon);
    g_autoptr (TestRun) quiet = tool (world, 0, "-q", "wait", "a", "--valid-until", soon);
    g_autoptr (TestRun) verbose
        = tool (world, 0, "wait", "a", "-v", "--no-input", "--valid-until", soon);
    gint64 expiry = get_expiry (json, "a");

    g_assert_cmpint (expiry, >=, g_get_real_time () / G_USEC_PER_SEC + 2 * HOUR - MINUTE);
    g_assert_cmpint (ran->took, <, 4000);
    g_assert_cmpstr (ran->out, ==, "");
    g_assert_cmpstr (quiet->out, ==, "");
    g_assert_cmpstr (verbose->out, ==, "");
    g_assert_cmpstr (ran->err, !=, "");
    g_assert_cmpstr (json->err, ==, "");
    g_assert_cmpstr (quiet->err, ==, "");
    test_assert_lacks (ran->err, before);
    test_assert_lacks (json->out, before);
    test_assert_lacks (verbose->err, before);
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "connections"), ==, 1);
  after = stored_token (world, "a");
  g_assert_cmpstr (after, ==, before);
}

static void
test_first_token (World *world, gconstpointer data)
{
  g_autofree char *soon = clock_in ("UTC", 2 * HOUR);

  world_setenv (world, "TZ", "UTC");
  add_unverified (world, "kiwoom", 0, "a");
  {
    g_autoptr (TestRun) ran = wait_for (world, 0, "a", soon, "15");

    g_assert_cmpint (get_expiry (ran, "a"), >, g_get_real_time () / G_USEC_PER_SEC + 2 * HOUR);
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "kiwoom", "issue"), ==, 1);
}

static void
test_too_short (World *world, gconstpointer data)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *soon = clock_in ("UTC", 2 * HOUR);

  world_setenv (world, "TZ", "UTC");
  add_account (world, "kiwoom", 0, "a", "paper");
  before = stored_token (world, "a");
  test_simulator_set (world->simulator, "kiwoom", "'lifetime':null");
  {
    g_autoptr (TestRun) ran = wait_for (world, 0, "a", soon, "15");

    after = stored_token (world, "a");
    g_assert_cmpstr (after, !=, before);
    g_assert_cmpint (get_expiry (ran, "a"), >, g_get_real_time () / G_USEC_PER_SEC + 2 * HOUR);
    test_assert_lacks (ran->out, after);
    test_assert_lacks (ran->err, after);
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "kiwoom", "issue"), ==, 2);
}

/* A broker that issues no longer-lived tokens is not asked for ever. */
static void
test_never_long_enough (World *world, gconstpointer data)
{
  g_autofree char *soon = clock_in ("UTC", 2 * HOUR);

  world_setenv (world, "TZ", "UTC");
  add_account (world, "kiwoom", 0, "a", "paper");
  test_run_free (wait_for (world, 9, "a", soon, "3"));
  g_assert_cmpuint (test_simulator_count (world->simulator, "kiwoom", "issue"), <=, 2);
  {
    g_autofree char *token = stored_token (world, "a");

    g_assert_nonnull (token);
  }
}

/* Within its six hours KIS would return the same token again. */
static void
test_kis_window (World *world, gconstpointer data)
{
  g_autofree char *soon = clock_in ("UTC", 2 * HOUR);

  world_setenv (world, "TZ", "UTC");
  add_account (world, "kis", 0, "a", "paper");
  wait_fails (world, "a", soon);
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "connections"), ==, 1);
}

/* Whether 07:00 in Korea is so close that the next one may change meanwhile. */
static gboolean
is_nearly_seven (void)
{
  g_autoptr (GTimeZone) seoul = g_time_zone_new_identifier ("Asia/Seoul");
  g_autoptr (GDateTime) now = g_date_time_new_now (seoul);
  int minute = g_date_time_get_hour (now) * 60 + g_date_time_get_minute (now);

  return minute >= 6 * 60 + 55 && minute <= 7 * 60 + 1;
}

static void
test_ls_daily_death (World *world, gconstpointer data)
{
  const char *const rows[][4]
      = { { "Asia/Seoul", "6:59", "7:00", "07:01" }, { "UTC", "21:59", "22:00", "22:01" } };

  if (is_nearly_seven ())
    {
      g_test_skip ("it is about 07:00 in Korea");
      return;
    }
  add_account (world, "ls", 0, "a", "paper");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      world_setenv (world, "TZ", rows[i][0]);
      test_run_free (wait_for (world, 0, "a", rows[i][1], "5"));
      test_run_free (wait_for (world, 0, "a", rows[i][2], "5"));
      wait_fails (world, "a", rows[i][3]);
    }
  /* A new one would expire at the same time. */
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "connections"), ==, 1);
}

static void
test_timeout (World *world, gconstpointer data)
{
  g_autofree char *soon = clock_in ("UTC", 2 * HOUR);

  world_setenv (world, "TZ", "UTC");
  add_unverified (world, "ls", 0, "a");
  test_simulator_stop (world->simulator);
  {
    const char *const words[] = { "wait", "--valid-until", soon, "--timeout=1", NULL };
    Command command = { { NULL }, NULL };

    memcpy (command.words, words, sizeof words);
    check_fails (world, 9, "deadline", &command, "a");
  }
  {
    g_autoptr (TestRun) ran = wait_for (world, 9, "a", soon, "2");

    g_assert_cmpint (ran->took, >=, 1900);
    g_assert_cmpint (ran->took, <, 9000);
  }
}

/* The timeout covers everything, not each attempt. */
static void
test_timeout_is_for_all (World *world, gconstpointer data)
{
  g_autofree char *soon = clock_in ("UTC", 2 * HOUR);

  world_setenv (world, "TZ", "UTC");
  add_unverified (world, "kiwoom", 0, "a");
  test_simulator_fault (world->simulator, "kiwoom",
                        "'fault':'status','status':429,'headers':{'Retry-After':'5'}");
  test_simulator_fault (world->simulator, "kiwoom", "'fault':'mute','times':0");
  {
    g_autoptr (TestRun) ran = wait_for (world, 9, "a", soon, "6");

    g_assert_cmpint (ran->took, >=, 5900);
    g_assert_cmpint (ran->took, <, 9500);
  }
}

/* A token that expires too soon, and a program that waits for a longer-lived one. */
static Running *
start_waiting (World *world)
{
  g_autofree char *soon = clock_in ("UTC", 2 * HOUR);
  Running *running;

  world_setenv (world, "TZ", "UTC");
  add_account (world, "kiwoom", 0, "a", "paper");
  running = tool_start (world, "wait", "a", "--valid-until", soon, "-v", "--json");
  /* It got another one, as short-lived as the first. */
  running_expect (running, "again");
  return running;
}

static void
test_another_program_brings_it (World *world, gconstpointer data)
{
  g_autoptr (Running) running = start_waiting (world);
  guint asked;

  asked = test_simulator_count (world->simulator, "kiwoom", "issue");
  test_simulator_set (world->simulator, "kiwoom", "'lifetime':null");
  tool_ends (world, 0, "refresh", "a");
  g_assert_cmpint (running_end (running), ==, 0);
  {
    g_autoptr (JsonObject) whole = document_at (G_STRLOC, running_get_out (running));

    check_account_document (whole, "a");
    g_assert_cmpint (
        json_object_get_int_member (json_object_get_object_member (whole, "token"), "remaining"), >,
        2 * HOUR);
  }
  /* It did not request one of its own. */
  g_assert_cmpuint (test_simulator_count (world->simulator, "kiwoom", "issue"), ==, asked + 1);
}

static void
check_signal (World *world, int number, int status)
{
  g_autoptr (Running) running = start_waiting (world);

  running_signal (running, number);
  g_assert_cmpint (running_end (running), ==, status);
  g_assert_cmpstr (running_get_out (running), ==, "");
  tool_ends (world, 0, "refresh", "a");
}

static void
test_interrupted (World *world, gconstpointer data)
{
  check_signal (world, SIGINT, 130);
}

static void
test_terminated (World *world, gconstpointer data)
{
  check_signal (world, SIGTERM, 128 + SIGTERM);
}

static Running *
start_simulator_at (World *world, const char *uri)
{
  return running_start (world, g_getenv ("KR_TEST_SIMULATOR"), "--broker", "ls", "--port",
                        strrchr (uri, ':') + 1, "--die-with-parent", NULL);
}

static void
test_broker_comes_back (World *world, gconstpointer data)
{
  const char *uri = test_simulator_get_uri (world->simulator, "ls");
  g_autofree char *soon = clock_in ("UTC", 1 * HOUR);
  g_autoptr (Running) waiting = NULL;
  g_autoptr (Running) simulator = NULL;

  world_setenv (world, "TZ", "UTC");
  add_unverified (world, "ls", 0, "a");
  test_simulator_stop (world->simulator);
  waiting = tool_start (world, "wait", "a", "--valid-until", soon, "-v", "--json");
  running_expect (waiting, "again");
  simulator = start_simulator_at (world, uri);
  g_free (running_next_line (simulator));
  if (is_nearly_seven ())
    g_test_skip ("it is about 07:00 in Korea");
  else
    g_assert_cmpint (running_end (waiting), ==, 0);
}

static void
test_rate_limit_is_waited_out (World *world, gconstpointer data)
{
  g_autofree char *soon = clock_in ("UTC", 2 * HOUR);

  world_setenv (world, "TZ", "UTC");
  add_unverified (world, "kiwoom", 0, "a");
  test_simulator_fault (world->simulator, "kiwoom",
                        "'fault':'status','status':429,'headers':{'Retry-After':'2'}");
  {
    g_autoptr (TestRun) ran = wait_for (world, 0, "a", soon, "25");

    g_assert_cmpint (ran->took, >=, 1900);
    g_assert_cmpint (get_expiry (ran, "a"), >, g_get_real_time () / G_USEC_PER_SEC + 2 * HOUR);
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "kiwoom", "issue"), ==, 2);
}

/* Errors that time does not fix are reported at once. */
static void
test_no_use_to_wait (World *world, gconstpointer data)
{
  const struct
  {
    const char *fault;
    int status;
    const char *code;
  } rows[] = { { "'fault':'refuse-key'", 4, "refused" },
               { "'fault':'html200'", 13, "bad-reply" },
               { "'fault':'token','token':'short'", 13, "bad-reply" } };
  g_autofree char *soon = clock_in ("UTC", 2 * HOUR);

  world_setenv (world, "TZ", "UTC");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *alias = g_strdup_printf ("a%u", i);

      add_unverified (world, "ls", i, alias);
      test_simulator_fault (world->simulator, "ls", rows[i].fault);
      {
        g_autoptr (TestRun) ran = wait_for (world, rows[i].status, alias, soon, "20");
        G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (ran, rows[i].code);

        g_assert_cmpint (ran->took, <, 9000);
      }
    }
}

static void
test_plugin_missing (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) empty = test_directory_new ();

  add_unverified (world, "ls", 0, "a");
  world_setenv (world, "KR_SECRET_PLUGIN_DIR", empty);
  {
    g_autoptr (TestRun) ran = wait_for (world, 11, "a", "07:05", "20");
    G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (ran, "plugin");

    g_assert_cmpint (ran->took, <, 9000);
  }
}

static void
test_damaged (World *world, gconstpointer data)
{
  g_autofree char *id = NULL;

  add_unverified (world, "ls", 0, "a");
  id = account_id (world, "a");
  test_keyring_overwrite (id, "krsecret-account", "krsecret 1 account 5", -1);
  {
    g_autoptr (TestRun) ran = wait_for (world, 12, id, "07:05", "20");
    G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (ran, "damaged");

    g_assert_cmpint (ran->took, <, 9000);
  }
}

static void
test_unsafe_state (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) state = NULL;

  add_unverified (world, "ls", 0, "a");
  state = world_expose_ledger (world);
  {
    g_autoptr (TestRun) ran = wait_for (world, 12, "a", "07:05", "20");
    G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (ran, "damaged");

    g_assert_cmpint (ran->took, <, 9000);
  }
}

static void
test_lock_held (World *world, gconstpointer data)
{
  int lock;

  add_unverified (world, "kiwoom", 0, "a");
  lock = hold_lock (world, "a");
  wait_fails (world, "a", "07:05");
  close (lock);
  g_assert_cmpuint (test_simulator_count (world->simulator, "kiwoom", "connections"), ==, 0);
  test_run_free (wait_for (world, 0, "a", "07:05", "15"));
}

static void
test_full_output (World *world, gconstpointer data)
{
  add_account (world, "kiwoom", 0, "a", "paper");
  {
    g_autoptr (TestRun) full
        = tool_shell (world, 1, "\"$KR_TEST_TOOL\" wait a --valid-until 07:05 --json >/dev/full");
    g_autoptr (TestRun) closed
        = tool_shell (world, 1, "\"$KR_TEST_TOOL\" wait a --valid-until 07:05 --json >&-");

    test_assert_contains (full->err, "[failed]");
    test_assert_contains (closed->err, "[failed]");
  }
  test_run_free (
      tool_shell (world, 0, "\"$KR_TEST_TOOL\" wait a --valid-until 07:05 <&- >&- 2>&-"));
}

static const Command wait_command = { { "wait", "--valid-until", "07:05" }, NULL };

static void
test_names_of_something (World *world, gconstpointer data)
{
  check_names_of_something (world, &wait_command);
  g_assert_cmpuint (test_simulator_count (world->simulator, "kiwoom", "connections"), ==, 1);
}

static void
test_wrong_use (World *world, gconstpointer data)
{
  check_wrong_use (world, &wait_command);
  tool_ends (world, 2, "wait", "--valid-until", "07:05");
  tool_ends (world, 2, "wait", "--valid-until", "07:05", "");
  tool_ends (world, 2, "wait", "a", "07:05");
}

/* Waits until more than half of a token's life is over, and much of it is left. */
static void
wait_for_second_half (World *world, const char *alias)
{
  g_autoptr (TestRun) ran = tool (world, 0, "show", alias, "--json");
  gint64 until;
  g_autoptr (JsonObject) whole = document (ran);

  until = json_object_get_int_member (json_object_get_object_member (whole, "token"),
                                      "expires_at_unix");
  test_wait_until (g_get_real_time () > (until - 11) * G_USEC_PER_SEC);
}

static void
check_min_validity (World *world, int status, const char *code, const char *alias)
{
  g_autofree char *stored = stored_token (world, alias);
  g_autoptr (TestRun) strict
      = tool (world, status, "token", alias, "--min-validity", "1h", "--json");
  G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (strict, code);
  g_autoptr (TestRun) text = tool (world, status, "token", alias, "--min-validity", "1h");
  g_autoptr (TestRun) modest = tool (world, 0, "token", alias, "--min-validity", "0");
  g_autoptr (TestRun) usual = tool (world, 0, "token", alias);

  g_assert_nonnull (stored);
  g_assert_cmpstr (text->out, ==, "");
  test_assert_lacks (strict->err, stored);
  g_assert_cmpstr (g_strchomp (modest->out), ==, stored);
  /* A caller that asks for no minimum takes the stored token. */
  g_assert_cmpstr (g_strchomp (usual->out), ==, stored);
}

/* The stored one or none; and a new one, if it comes. */
static void
check_renewal (World *world)
{
  g_autofree char *old = stored_token (world, "a");

  {
    g_autoptr (TestRun) ran
        = tool (world, 3, "token", "a", "--no-issue", "--min-validity", "1h", "--json");
    G_GNUC_UNUSED g_autoptr (JsonObject) error = failure (ran, "not-found");
  }
  tool_ends (world, 0, "token", "a", "--no-issue", "--min-validity", "1");
  g_assert_cmpuint (test_simulator_count (world->simulator, "kiwoom", "issue"), ==, 1);
  test_simulator_set (world->simulator, "kiwoom", "'lifetime':null");
  {
    g_autoptr (TestRun) ran = tool (world, 0, "token", "a", "--min-validity", "1h");

    g_assert_cmpstr (g_strchomp (ran->out), !=, old);
  }
  g_assert_cmpuint (test_simulator_count (world->simulator, "kiwoom", "issue"), ==, 2);
}

static void
test_min_validity_is_strict (World *world, gconstpointer data)
{
  add_account (world, "kiwoom", 0, "a", "paper");
  add_account (world, "kis", 0, "limited", "paper");
  add_account (world, "ls", 0, "down", "paper");
  add_account (world, "ls", 1, "refused", "paper");
  wait_for_second_half (world, "refused");
  check_renewal (world);
  check_min_validity (world, 7, "rate-limited", "limited");
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "issue"), ==, 1);
  test_simulator_fault (world->simulator, "ls", "'fault':'refuse-secret','times':0");
  check_min_validity (world, 4, "refused", "refused");
  test_simulator_reset (world->simulator, "ls");
  test_simulator_fault (world->simulator, "ls", "'fault':'server-error','times':0");
  check_min_validity (world, 8, "unreachable", "down");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("wait/forms-of-the-clock", LONG_LIFE, test_clock_forms);
  WORLD_TEST ("wait/what-is-past-is-tomorrow", LONG_LIFE, test_next_day);
  WORLD_TEST ("wait/zones", "--lifetime 10000", test_zones);
  WORLD_TEST ("wait/long-enough-is-0-without-a-request", NULL, test_long_enough);
  WORLD_TEST ("wait/first-token-is-issued", NULL, test_first_token);
  WORLD_TEST ("wait/too-short-is-replaced", "--lifetime 900", test_too_short);
  WORLD_TEST ("wait/never-long-enough-is-asked-once", "--lifetime 900", test_never_long_enough);
  WORLD_TEST ("wait/where-the-same-would-come-is-not-asked", "--lifetime 900", test_kis_window);
  WORLD_TEST ("wait/until-seven-at-ls", NULL, test_ls_daily_death);
  WORLD_TEST ("wait/timeout-is-9", NULL, test_timeout);
  WORLD_TEST ("wait/another-program-brings-it", "--lifetime 900", test_another_program_brings_it);
  WORLD_TEST ("wait/interrupted-is-130", "--lifetime 900", test_interrupted);
  WORLD_TEST ("wait/terminated", "--lifetime 900", test_terminated);
  WORLD_TEST ("wait/broker-comes-back", NULL, test_broker_comes_back);
  WORLD_TEST ("wait/rate-limit-is-waited-out", NULL, test_rate_limit_is_waited_out);
  WORLD_TEST ("wait/what-time-does-not-mend", NULL, test_no_use_to_wait);
  WORLD_TEST ("wait/plugin-missing-is-11", NULL, test_plugin_missing);
  WORLD_TEST ("wait/damaged-account-is-12", NULL, test_damaged);
  WORLD_TEST ("wait/unsafe-state-directory-is-12", NULL, test_unsafe_state);
  WORLD_TEST ("wait/lock-held-by-another-is-9", LONG_LIFE, test_lock_held);
  WORLD_TEST ("wait/full-output-is-1", LONG_LIFE, test_full_output);
  WORLD_TEST ("wait/names-of-something", LONG_LIFE, test_names_of_something);
  WORLD_TEST ("wait/wrong-use-is-2", NULL, test_wrong_use);
  WORLD_TEST ("wait/min-validity-is-strict", "--lifetime 24", test_min_validity_is_strict);
  WORLD_TEST ("wait/timeout-is-for-all-of-it", NULL, test_timeout_is_for_all);
  add_command_tests ("wait", &wait_command);
  return g_test_run ();
}
