/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-language.h"

#include <libintl.h>
#include <locale.h>

gboolean
test_language_is_korean (const char *text)
{
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    if (g_unichar_get_script (g_utf8_get_char (p)) == G_UNICODE_SCRIPT_HANGUL)
      return TRUE;
  return FALSE;
}

const char *
test_language_find_locale (void)
{
  static const char *const candidates[] = { "ko_KR.UTF-8", "en_US.UTF-8", "C.UTF-8" };
  g_autofree char *language = g_strdup (g_getenv ("LANGUAGE"));
  g_autofree char *place = g_strdup (bindtextdomain (GETTEXT_PACKAGE, NULL));
  g_autofree char *catalog = g_build_filename (g_getenv ("KR_TEST_LOCALE_DIR"), "ko", "LC_MESSAGES",
                                               GETTEXT_PACKAGE ".mo", NULL);
  const char *found = NULL;

  g_assert_true (g_file_test (catalog, G_FILE_TEST_IS_REGULAR));
  g_setenv ("LANGUAGE", "ko", TRUE);
  bindtextdomain (GETTEXT_PACKAGE, g_getenv ("KR_TEST_LOCALE_DIR"));
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  for (guint i = 0; i < G_N_ELEMENTS (candidates) && found == NULL; i++)
    if (setlocale (LC_ALL, candidates[i]) != NULL
        && test_language_is_korean (dgettext (GETTEXT_PACKAGE, "the keyring is locked")))
      found = candidates[i];
  setlocale (LC_ALL, "C");
  bindtextdomain (GETTEXT_PACKAGE, place); /* the library has to say where its catalogs are */
  if (language != NULL)
    g_setenv ("LANGUAGE", language, TRUE);
  else
    g_unsetenv ("LANGUAGE");
  return found;
}
