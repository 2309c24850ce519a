/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "terminal/text.h"

#include <string.h>

#include "common/kr-language.h"
#include "common/kr-text.h"

/* Text for users: what may be shown, names of things, and suggestions. */

#define MAX_ARGUMENT 64
#define SHOWN_ARGUMENT 8 /* if it is longer */

/* User input for an error text: printable, without anything after a '=', which may be a misplaced
 * key. Text longer than any name is cut: it may be a token. */
char *
text_argument (const char *argument)
{
  g_autofree char *name = g_strndup (argument, strcspn (argument, "="));
  g_autofree char *printable = kr_text_printable (name);

  if (g_utf8_strlen (printable, -1) > MAX_ARGUMENT)
    {
      g_autofree char *start = g_utf8_substring (printable, 0, SHOWN_ARGUMENT);
      return g_strconcat (start, "…", NULL);
    }
  return g_steal_pointer (&printable);
}

char *
text_paint (gboolean color, const char *style, const char *text)
{
  return color ? g_strdup_printf ("\033[%sm%s\033[0m", style, text) : g_strdup (text);
}

char *
text_path (const char *path)
{
  g_autofree char *name = g_filename_display_name (path);

  return kr_text_printable (name);
}

char *
text_broker_failure (const KrSecretBrokerFailure *failure)
{
  g_autofree char *path = text_path (failure->path);

  if (strstr (failure->reason, path) != NULL)
    return g_strdup_printf (_ ("not loaded: %s"), failure->reason);
  return g_strdup_printf (_ ("not loaded: %s: %s"), path, failure->reason);
}

/* The field's label, with the broker's name for it if that differs. */
char *
text_field (const KrSecretField *field)
{
  const char *label = kr_language_is_korean () ? field->label_ko : field->label;

  if (field->broker_name == NULL || g_str_equal (label, field->broker_name))
    return g_strdup (label);
  return g_strdup_printf ("%s (%s)", label, field->broker_name);
}

char *
text_time (gint64 seconds)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (seconds);

  return time != NULL ? g_date_time_format (time, "%Y-%m-%d %H:%M %Z") : g_strdup ("-");
}

const char *
text_environment (KrSecretEnvironment environment)
{
  if (kr_language_is_korean ())
    return environment == KR_SECRET_ENVIRONMENT_REAL ? "실전" : "모의";
  return kr_secret_environment_to_string (environment);
}

const char *
text_broker_name (KrSecretBroker *broker)
{
  return kr_language_is_korean () ? kr_secret_broker_get_name_ko (broker)
                                  : kr_secret_broker_get_name (broker);
}

/* How many letters to change, add, drop or swap with the next, from one short word to another. */
static guint
distance (const char *from_text, const char *to_text)
{
  glong m, n;
  g_autofree gunichar *from = g_utf8_to_ucs4_fast (from_text, -1, &m);
  g_autofree gunichar *to = g_utf8_to_ucs4_fast (to_text, -1, &n);
  const glong width = n + 1;
  g_autofree guint *cost = g_new (guint, (gsize) ((m + 1) * width));

  for (glong i = 0; i <= m; i++)
    for (glong j = 0; j <= n; j++)
      {
        guint *here = &cost[i * width + j];

        if (i == 0 || j == 0)
          {
            *here = (guint) (i + j);
            continue;
          }
        *here = here[-width - 1] + (from[i - 1] != to[j - 1]);
        *here = MIN (*here, MIN (here[-width], here[-1]) + 1);
        if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
          *here = MIN (*here, here[-2 * width - 2] + 1);
      }
  return cost[(m + 1) * width - 1];
}

/* Returns the candidate that word was probably meant to be, or NULL. */
const char *
text_closest (const char *word, const char *const *candidates)
{
  const char *closest = NULL;
  guint least = 3;

  if (strlen (word) > MAX_ARGUMENT || !g_utf8_validate (word, -1, NULL))
    return NULL;
  for (; *candidates != NULL; candidates++)
    {
      guint d = distance (word, *candidates);
      gboolean likelier = d == least && closest != NULL && *word == **candidates
                          && *word != *closest; /* the first letter is rarely wrong */

      if ((d < least || likelier) && (glong) d < g_utf8_strlen (*candidates, -1))
        {
          least = d;
          closest = *candidates;
        }
    }
  return closest;
}
