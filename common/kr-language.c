/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "common/kr-language.h"

#include <libintl.h>
#include <stdlib.h>
#include <string.h>

/* Messages in the user's language. Setting the locale is left to the application. */

void
kr_language_bind (void)
{
  static gsize done;
  const char *directory;

  if (!g_once_init_enter (&done))
    return;
  /* Not from the environment of a set-user-ID program: a message may be a format. */
  directory = secure_getenv ("KR_SECRET_LOCALE_DIR");
  bindtextdomain (GETTEXT_PACKAGE, directory != NULL && *directory != '\0' ? directory : LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  g_once_init_leave (&done, 1);
}

const char *
kr_language_translate (const char *text)
{
  kr_language_bind ();
  return g_dgettext (GETTEXT_PACKAGE, text);
}

/* Read from the header of the catalog that gettext chose: the choice depends on two variables, on
 * the locale, and on which catalogs are installed. */
gboolean
kr_language_is_korean (void)
{
  return strstr (kr_language_translate (""), "\nLanguage: ko\n") != NULL;
}
