/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lengths of time, for people. */
#include "common/kr-duration.h"

static void
test_durations (void)
{
  static const struct
  {
    gint64 seconds;
    const char *text;
  } rows[] = { { -1, "0s" },
               { 0, "0s" },
               { 59, "59s" },
               { 60, "1m" },
               { 61, "1m 1s" },
               { 3599, "59m 59s" },
               { 3600, "1h 0m" },
               { 21587, "5h 59m" },
               { 86400, "1d 0h" },
               { 187200, "2d 4h" },
               { G_MAXINT64, "24855d 3h" } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = kr_duration_format (rows[i].seconds);

      g_assert_cmpstr (text, ==, rows[i].text);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/duration/two-largest-units", test_durations);
  return g_test_run ();
}
