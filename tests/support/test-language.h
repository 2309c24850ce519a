/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A locale of this machine in which gettext translates into Korean when LANGUAGE says so, or NULL
 * if there is none. Not every system has a locale with Hangul's name, and in a "C" that knows UTF-8
 * some versions of the C library translate and some do not. The catalog is the build tree's. The
 * process is left in "C". */
const char *test_language_find_locale (void);
/* The same; skips the test if there is none. */
#define test_language_need_locale(locale)                                                          \
  G_STMT_START                                                                                     \
  {                                                                                                \
    (locale) = test_language_find_locale ();                                                       \
    if ((locale) == NULL)                                                                          \
      {                                                                                            \
        g_test_skip ("this machine has no locale that gettext translates in");                     \
        return;                                                                                    \
      }                                                                                            \
  }                                                                                                \
  G_STMT_END
/* Whether a text contains Hangul. */
gboolean test_language_is_korean (const char *text);
