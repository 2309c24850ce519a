/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "completion/synopsis.h"

#include <string.h>

#include "terminal/options.h"

/* Parses the synopsis in help, "ALIAS… [--kind access|websocket] [--wait SECS] -- COMMAND…", so
 * that completion needs no second list that could go stale. Uses the source text, not a
 * translation. */

const GOptionEntry *
synopsis_find_option (const Command *command, const char *name, gsize length)
{
  const GOptionEntry *const lists[] = { command != NULL ? command->options : NULL, options_global };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    for (const GOptionEntry *entry = lists[i]; entry != NULL && entry->long_name != NULL; entry++)
      if (strlen (entry->long_name) == length && strncmp (entry->long_name, name, length) == 0)
        return entry;
  return NULL;
}

const GOptionEntry *
synopsis_find_letter (const Command *command, char letter)
{
  const GOptionEntry *const lists[] = { command != NULL ? command->options : NULL, options_global };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    for (const GOptionEntry *entry = lists[i]; entry != NULL && entry->long_name != NULL; entry++)
      if (entry->short_name == letter)
        return entry;
  return NULL;
}

typedef struct
{
  guint depth;          /* of brackets */
  gboolean optional;    /* in brackets that began with an option: all optional */
  gboolean value;       /* the next word is the value of the option before it */
  gboolean alternative; /* after "|" */
} Place;

static char *
without_brackets (const char *word)
{
  GString *bare = g_string_new (NULL);

  for (; *word != '\0'; word++)
    if (strchr ("[]()", *word) == NULL)
      g_string_append_c (bare, *word);
  return g_string_free (bare, FALSE);
}

static void
read_option (Synopsis *self, Place *place, const Command *command, const char *word)
{
  const char *name = word + strspn (word, "-");
  const GOptionEntry *entry = synopsis_find_option (command, name, strlen (name));

  if (place->depth > 0)
    place->optional = TRUE;
  else
    {
      g_ptr_array_add (place->alternative ? self->instead : self->needed, g_strdup (name));
      place->value = entry != NULL && synopsis_takes_value (entry);
    }
}

static void
read_word (Synopsis *self, Place *place, const Command *command, const char *word)
{
  g_autofree char *bare = without_brackets (word);

  for (const char *p = word; *p != '\0'; p++)
    place->depth += *p == '[';
  if (g_str_equal (bare, "|"))
    place->alternative = TRUE;
  else
    {
      if (place->value)
        place->value = FALSE;
      else if (*bare == '-' && !place->optional)
        read_option (self, place, command, bare);
      else if (*bare != '\0' && !place->optional)
        g_ptr_array_add (self->operands, g_steal_pointer (&bare));
      place->alternative = FALSE;
    }
  for (const char *p = word; *p != '\0'; p++)
    place->depth -= *p == ']' && place->depth > 0;
  if (place->depth == 0)
    place->optional = FALSE;
}

Synopsis *
synopsis_read (const Command *command)
{
  g_auto (GStrv) words = g_strsplit (command->synopsis, " ", -1);
  Synopsis *self = g_new0 (Synopsis, 1);
  Place place = { 0 };

  self->operands = g_ptr_array_new_with_free_func (g_free);
  self->needed = g_ptr_array_new_with_free_func (g_free);
  self->instead = g_ptr_array_new_with_free_func (g_free);
  for (char **word = words; *word != NULL && !self->program; word++)
    if (g_str_equal (*word, "--"))
      self->program = TRUE;
    else
      read_word (self, &place, command, *word);
  return self;
}

void
synopsis_free (Synopsis *self)
{
  g_ptr_array_unref (self->operands);
  g_ptr_array_unref (self->needed);
  g_ptr_array_unref (self->instead);
  g_free (self);
}
