/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which parts of foreign text may be shown and stored. */
#include "common/kr-text.h"

#include <string.h>

/* Each contains something that controls a terminal, is invisible, or is not text at all. */
static const char *const hostile[] = {
  "\033[2J\033]0;title\007",
  "\033]8;;http://x\033\\link",
  "\xc2\x9b"
  "31m",
  "\u202e"
  "gnp.exe",
  "\u2066x\u2069",
  "\u200b\ufeff",
  "\u00ad",
  "a\x7f"
  "b",
  "a\x08\x08",
  "\u2028\u2029",
  "\u115f",
  "\u1160",
  "li\u3164st",
  "\uffa0",
  "\xff\xfe\x80",
  "\U000e0041x",
  "\ue000",
  "\U0010fffd",
  "\uffff",
  "\xed\xa0\x80",
  "\xc3",
};

static const char *const harmless[] = {
  "", "li st", "유효하지 않은 AppKey입니다. (주)…", "한글 = / ..", "é e\u0301", "\U0001f600",
};

static void
test_plain_is_told_from_hostile (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (harmless); i++)
    g_assert_true (kr_text_is_plain (harmless[i], -1));
  for (guint i = 0; i < G_N_ELEMENTS (hostile); i++)
    g_assert_false (kr_text_is_plain (hostile[i], -1));
  g_assert_true (kr_text_is_plain ("ab\ncd", 2));
  g_assert_false (kr_text_is_plain ("ab\ncd", -1));
  g_assert_false (kr_text_is_plain ("ab\0cd", 5));
}

static void
check_printable (const char *text, const char *expected)
{
  g_autofree char *printable = kr_text_printable (text);

  g_assert_cmpstr (printable, ==, expected);
}

static void
test_harmless_text_stays_as_it_is (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (harmless); i++)
    {
      g_autofree char *line = kr_text_one_line (harmless[i], 100);

      check_printable (harmless[i], harmless[i]);
      g_assert_cmpstr (line, ==, harmless[i]);
    }
  check_printable (" two  spaces ", " two  spaces ");
}

static void
test_what_is_hostile_is_replaced (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (hostile); i++)
    {
      g_autofree char *printable = kr_text_printable (hostile[i]);
      g_autofree char *line = kr_text_one_line (hostile[i], 100);

      g_assert_true (kr_text_is_plain (printable, -1));
      g_assert_true (kr_text_is_plain (line, -1));
    }
  check_printable ("li\u3164st", "li\uFFFDst");
  check_printable ("a\nb\tc", "a\uFFFDb\uFFFDc");
}

static void
test_one_line_is_made_of_several (void)
{
  g_autofree char *text = kr_text_one_line ("  first\r\n\tsecond \u3000 third\n\n", 100);

  g_assert_cmpstr (text, ==, "first second third");
}

static void
test_long_text_is_cut (void)
{
  g_autofree char *cut = kr_text_one_line ("한글은 글자로 센다", 2);

  g_assert_cmpstr (cut, ==, "한글…");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/plain-is-told-from-hostile", test_plain_is_told_from_hostile);
  g_test_add_func ("/text/harmless-text-stays-as-it-is", test_harmless_text_stays_as_it_is);
  g_test_add_func ("/text/what-is-hostile-is-replaced", test_what_is_hostile_is_replaced);
  g_test_add_func ("/text/one-line-is-made-of-several", test_one_line_is_made_of_several);
  g_test_add_func ("/text/long-text-is-cut", test_long_text_is_cut);
  return g_test_run ();
}
