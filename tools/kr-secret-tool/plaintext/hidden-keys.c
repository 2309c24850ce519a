/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plaintext/hidden-keys.h"

#include <glib/gi18n.h>
#include <string.h>

#include "plaintext/placeholder.h"
#include "plaintext/setting-name.h"

/* Keys where import does not look: below the top level, in comments, in lines of another kind. They
 * are not stored, but a file with one is not destroyed. */

/* At most this many are named: the rest of an absurd file is not worth the memory. */
#define MAX_HIDDEN 1000

/* The longest setting name, and the shortest key. */
#define MAX_NAME 64
#define MIN_KEY 16

/* So long a word with capitals, small letters and digits needs no name beside it. */
#define MIN_LONE 32

void
hidden_keys_add (FoundKeys *self, const char *label)
{
  GPtrArray *hidden = self->hidden;

  if (hidden->len == MAX_HIDDEN
      || (hidden->len > 0 && g_str_equal (hidden->pdata[hidden->len - 1], label)))
    return;
  g_ptr_array_add (hidden, g_strdup (label));
}

typedef struct
{
  const char *start;
  gsize length;
  gboolean upper, lower, digit;
} Word;

/* Letters of any language, and characters of base64 and names. A '=' separates. */
static gboolean
is_inside (char c)
{
  return g_ascii_isalnum (c) || (guchar) c >= 0x80 || (c != '\0' && strchr ("+/_-", c) != NULL);
}

static gboolean
next_word (const char **p, const char *end, Word *out_word)
{
  Word word = { 0 };

  while (*p < end && !is_inside (**p))
    (*p)++;
  for (word.start = *p; *p < end && is_inside (**p); (*p)++)
    {
      word.upper |= g_ascii_isupper (**p);
      word.lower |= g_ascii_islower (**p);
      word.digit |= g_ascii_isdigit (**p);
    }
  word.length = (gsize) (*p - word.start);
  *out_word = word;
  return word.length > 0;
}

/* Names do not look like this, and a possible key must not be split. */
static gboolean
is_random (const Word *word, gsize at_least)
{
  return word->length >= at_least && word->upper && word->lower && word->digit;
}

static gboolean
is_name (FoundKeys *self, const Word *word)
{
  g_autofree char *text = NULL;

  if (word->length > MAX_NAME || is_random (word, MIN_KEY + 4))
    return FALSE;
  text = g_strndup (word->start, word->length);
  return setting_name_means_field (self, text);
}

static gboolean
line_holds_key (FoundKeys *self, const char *line, const char *end, gboolean lone)
{
  gboolean named = FALSE;
  gboolean valued = FALSE;
  Word word;

  while (next_word (&line, end, &word))
    {
      if (is_name (self, &word))
        named = TRUE;
      else if (word.length >= MIN_KEY && !placeholder_is_certain (word.start, word.length))
        valued = TRUE;
      if ((named && valued) || (lone && is_random (&word, MIN_LONE)))
        return TRUE;
    }
  return FALSE;
}

/* Looks for a field's name and a long word in a line of text; with lone, also for a word long
 * enough to be a key without a name. */
void
hidden_keys_look (FoundKeys *self, const char *label, const char *text, gsize length, gboolean lone)
{
  const char *end = text + length;

  while (text < end)
    {
      const char *newline = memchr (text, '\n', (gsize) (end - text));
      const char *stop = newline != NULL ? newline : end;

      if (line_holds_key (self, text, stop, lone))
        {
          hidden_keys_add (self, label);
          return;
        }
      text = stop + 1;
    }
}

/* The same in a comment or a meaningless line: it may be all that is left of an old key. */
void
hidden_keys_look_at_line (FoundKeys *self, guint line, const char *text, gsize length)
{
  g_autofree char *label = g_strdup_printf (_ ("line %u"), line);

  hidden_keys_look (self, label, text, length, TRUE);
}

/* Whether a name is a field's, or would be with a broker's name. */
static gboolean
is_nested_field (FoundKeys *self, const char *path, const char *name, gsize length)
{
  g_autofree char *with_broker = g_strconcat ("kis.", name, NULL);

  return setting_name_means_field (self, name)
         || (length >= MIN_KEY && setting_name_means_field (self, with_broker))
         || setting_name_means_field (self, path);
}

/* A setting below the top level: name is the last part of path. NULL stands for a value that is
 * neither text nor null. */
void
hidden_keys_add_nested (
    FoundKeys *self, const char *path, const char *name, const char *value, gsize length)
{
  if (value != NULL && placeholder_is_certain (value, length))
    return;
  if (strlen (name) <= MAX_NAME && is_nested_field (self, path, name, length))
    hidden_keys_add (self, path);
  else if (value != NULL)
    hidden_keys_look (self, path, value, length, FALSE);
}

/* Appends a name to a path. A name too long for one of ours is not repeated. */
char *
hidden_keys_join_path (const char *path, const char *name)
{
  if (strlen (name) > MAX_NAME)
    name = "…";
  return *path == '\0' ? g_strdup (name) : g_strconcat (path, ".", name, NULL);
}
