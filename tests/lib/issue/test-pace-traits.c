/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What follows from a broker's traits alone: when a token ends, and when asking for another one
 * helps. */
#include "issue/kr-secret-pace-private.h"

#define MINUTE 60
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define WINDOW (6 * HOUR)

/* 2026-03-02 00:00:00 in Korea. */
#define MIDNIGHT G_GINT64_CONSTANT (1772377200)
#define SEVEN (MIDNIGHT + 7 * HOUR)

static const KrSecretTraits kis = { .reissue = KR_SECRET_REISSUE_SAME_WITHIN_WINDOW,
                                    .issue_interval = 60,
                                    .same_token_window = WINDOW };
static const KrSecretTraits db
    = { .reissue = KR_SECRET_REISSUE_SAME_WHILE_VALID, .issue_interval = 60 };
static const KrSecretTraits nh = { .reissue = KR_SECRET_REISSUE_NEW_EACH_TIME };
static const KrSecretTraits kiwoom
    = { .reissue = KR_SECRET_REISSUE_NEW_KILLS_OLD, .issue_interval = 1 };
static const KrSecretTraits ls
    = { .reissue = KR_SECRET_REISSUE_NEW_KILLS_OLD, .issue_interval = 1, .death_time = 7 * 60 };
static const KrSecretTraits midnight
    = { .reissue = KR_SECRET_REISSUE_NEW_KILLS_OLD, .death_time = 24 * 60 };

/* Life and class; then how long after the issue a new token, and a better one, can be had. */
static const struct
{
  const char *name;
  const KrSecretTraits *traits;
  gint64 issued_at;
  gint64 life;
  gint64 new_from;
  gint64 better_from;
} classes[] = {
  { "kis", &kis, MIDNIGHT, DAY, WINDOW, WINDOW },
  { "kis, shorter than its window", &kis, MIDNIGHT, HOUR, HOUR, HOUR },
  { "kis, a few seconds", &kis, MIDNIGHT, 8, 8, 8 },
  { "kis, a week", &kis, MIDNIGHT, 7 * DAY, WINDOW, WINDOW },
  { "db", &db, MIDNIGHT, DAY, DAY, DAY },
  { "db, a few seconds", &db, MIDNIGHT, 8, 8, 8 },
  { "db, a week", &db, MIDNIGHT, 7 * DAY, 7 * DAY, 7 * DAY },
  { "nh", &nh, MIDNIGHT, DAY, 0, 0 },
  { "nh, a second", &nh, MIDNIGHT, 1, 0, 0 },
  { "nh, a week", &nh, MIDNIGHT, 7 * DAY, 0, 0 },
  { "kiwoom", &kiwoom, MIDNIGHT, DAY, 0, 0 },
  { "kiwoom, a few seconds", &kiwoom, MIDNIGHT, 8, 0, 0 },
  { "kiwoom, none", &kiwoom, MIDNIGHT, 0, 0, 0 },
  { "ls, the evening before", &ls, SEVEN - 10 * HOUR, 10 * HOUR, 0, 10 * HOUR },
  { "ls, just after seven", &ls, SEVEN + 1, DAY - 1, 0, DAY - 1 },
  { "ls, just before seven", &ls, SEVEN - 20, 20, 0, 20 },
  { "ls, ahead of the broker's clock", &ls, SEVEN - HOUR, HOUR - 10 * MINUTE, 0,
    HOUR - 10 * MINUTE },
  { "ls, behind the broker's clock", &ls, SEVEN - HOUR, HOUR + 10 * MINUTE, 0, HOUR + 10 * MINUTE },
  { "ls, shorter than the day", &ls, SEVEN - 5 * HOUR, HOUR, 0, 0 },
  { "ls, a few seconds at noon", &ls, SEVEN + 5 * HOUR, 8, 0, 0 },
  { "midnight", &midnight, MIDNIGHT + HOUR, 23 * HOUR, 0, 23 * HOUR },
  { "midnight, shorter", &midnight, MIDNIGHT + HOUR, 10 * HOUR, 0, 0 },
};

static void
test_when_asking_helps (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    {
      gint64 issued_at = classes[i].issued_at;
      gint64 expires_at = issued_at + classes[i].life;

      g_test_message ("%s", classes[i].name);
      g_assert_cmpint (kr_secret_pace_get_new_from (classes[i].traits, issued_at, expires_at), ==,
                       issued_at + classes[i].new_from);
      g_assert_cmpint (kr_secret_pace_get_better_from (classes[i].traits, issued_at, expires_at),
                       ==, issued_at + classes[i].better_from);
    }
}

static void
test_renewal_is_in_time_and_not_for_nothing (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    {
      gint64 issued_at = classes[i].issued_at;
      gint64 expires_at = issued_at + classes[i].life;
      gint64 better = issued_at + classes[i].better_from;
      gint64 renewal = kr_secret_pace_get_renewal (classes[i].traits, issued_at, expires_at);

      g_test_message ("%s: %" G_GINT64_FORMAT " before the end", classes[i].name,
                      expires_at - renewal);
      g_assert_cmpint (renewal, >=, better);
      g_assert_cmpint (renewal, <=, expires_at);
      /* Most of a token's life is used. */
      g_assert_cmpint (renewal - issued_at, >=, classes[i].life * 3 / 4);
      g_assert_cmpint (expires_at - renewal, <=, 30 * MINUTE);
      if (better == expires_at)
        g_assert_cmpint (renewal, ==, expires_at);
      else if (classes[i].life >= 4)
        g_assert_cmpint (renewal, <, expires_at);
      if (better < expires_at && classes[i].life >= HOUR)
        g_assert_cmpint (expires_at - renewal, >=, 5 * MINUTE);
    }
}

/* Whatever life a token has. */
static void
test_renewal_is_never_before_it_helps (void)
{
  static const KrSecretTraits *const all[] = { &kis, &db, &nh, &kiwoom, &ls, &midnight };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    for (gint64 start = MIDNIGHT; start < MIDNIGHT + DAY; start += 17 * MINUTE + 3)
      for (gint64 life = 0; life < 8 * DAY; life = life * 3 / 2 + 1)
        {
          gint64 end = start + life;
          gint64 renewal = kr_secret_pace_get_renewal (all[i], start, end);

          g_assert_cmpint (renewal, >=, kr_secret_pace_get_better_from (all[i], start, end));
          g_assert_cmpint (kr_secret_pace_get_better_from (all[i], start, end), >=,
                           kr_secret_pace_get_new_from (all[i], start, end));
          g_assert_cmpint (renewal, >=, start);
          g_assert_cmpint (renewal, <=, end);
        }
}

static void
test_daily_death_cuts_a_life_short (void)
{
  static const struct
  {
    const KrSecretTraits *traits;
    gint64 issued_at;
    gint64 expires_at;
    gint64 capped;
  } cases[] = {
    { &ls, SEVEN - 1, SEVEN - 1 + DAY, SEVEN },
    { &ls, SEVEN, SEVEN + DAY, SEVEN + DAY },
    { &ls, SEVEN + 1, SEVEN + 1 + DAY, SEVEN + DAY },
    { &ls, MIDNIGHT, MIDNIGHT + DAY, SEVEN },
    { &ls, MIDNIGHT + 23 * HOUR, MIDNIGHT + 23 * HOUR + 7 * DAY, SEVEN + DAY },
    { &ls, SEVEN + HOUR, SEVEN + 2 * HOUR, SEVEN + 2 * HOUR },
    { &ls, SEVEN + HOUR, SEVEN, SEVEN },
    { &midnight, MIDNIGHT - 1, MIDNIGHT + DAY, MIDNIGHT },
    { &midnight, MIDNIGHT, MIDNIGHT + 2 * DAY, MIDNIGHT + DAY },
    { &kis, MIDNIGHT, MIDNIGHT + DAY, MIDNIGHT + DAY },
    { &kiwoom, MIDNIGHT, MIDNIGHT + 7 * DAY, MIDNIGHT + 7 * DAY },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (
        kr_secret_pace_cap_expiry (cases[i].traits, cases[i].issued_at, cases[i].expires_at), ==,
        cases[i].capped);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pace-traits/when-asking-helps", test_when_asking_helps);
  g_test_add_func ("/pace-traits/renewal-is-in-time-and-not-for-nothing",
                   test_renewal_is_in_time_and_not_for_nothing);
  g_test_add_func ("/pace-traits/renewal-is-never-before-it-helps",
                   test_renewal_is_never_before_it_helps);
  g_test_add_func ("/pace-traits/daily-death-cuts-a-life-short",
                   test_daily_death_cuts_a_life_short);
  return g_test_run ();
}
