/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "korean.h"

#include "test-language.h"

gboolean
korean_speak (World *world)
{
  const char *locale = test_language_find_locale ();

  if (locale == NULL)
    {
      g_test_skip ("this machine has no locale that gettext translates in");
      return FALSE;
    }
  world_setenv (world, "LC_ALL", locale);
  world_setenv (world, "LANGUAGE", "ko");
  world_setenv (world, "KR_SECRET_LOCALE_DIR", g_getenv ("KR_TEST_LOCALE_DIR"));
  world_setenv (world, "TZ", "Asia/Seoul");
  return TRUE;
}

char *
korean_settle (const char *text)
{
  const struct
  {
    const char *pattern;
    const char *replacement;
  } rows[] = {
    { "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d", "YYYY-MM-DD hh:mm" },
    { "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID" },
    { "http://127\\.0\\.0\\.1:\\d+", "http://HOST" },
    { "\\d+초|1분(?= 후)", "N초" },
    { "--wait \\d+", "--wait N" },
    { "'/[^']*/", "'DIR/" },
  };
  char *settled = g_strdup (text);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GRegex) regex = g_regex_new (rows[i].pattern, 0, 0, NULL);
      g_autofree char *before = settled;

      settled = g_regex_replace_literal (regex, before, -1, 0, rows[i].replacement, 0, NULL);
    }
  return settled;
}

void
korean_check (const char *text, const char *expected)
{
  g_autofree char *settled = korean_settle (text);

  g_assert_cmpstr (settled, ==, expected);
}

void
korean_check_end (const char *text, const char *expected)
{
  g_autofree char *settled = korean_settle (text);

  if (!g_str_has_suffix (settled, expected))
    test_fail ("this does not end with “%s”: %s", expected, settled);
}

guint
korean_width (const char *text, const char *end)
{
  guint columns = 0;

  for (const char *p = text; p < end; p = g_utf8_next_char (p))
    columns += g_unichar_iswide (g_utf8_get_char (p)) ? 2 : 1;
  return columns;
}
