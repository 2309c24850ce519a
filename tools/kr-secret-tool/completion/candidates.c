/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "completion/candidates.h"

#include <string.h>

#include "accounts/lookup.h"
#include "terminal/command-names.h"
#include "common/kr-text.h"
#include "terminal/options.h"
#include "terminal/output.h"
#include "completion/synopsis.h"
#include "terminal/text.h"

/* The engine behind every shell's completion. The user is typing: it never asks or complains, and
 * offers nothing if the keyring is locked or slow. */

#define KEYRING_MS 1000

typedef struct
{
  Tool *tool;
  const Command *command;
  GPtrArray *given;            /* the GOptionEntry of each option */
  GPtrArray *operands;         /* (element-type utf8) */
  gboolean options_over;       /* after "--" */
  const GOptionEntry *pending; /* the option whose value the word is */
  guint program;               /* index of another program's command line, or 0 */
} Line;

/* Fixed beginning of all candidates: "--env=", "kis/". */
typedef struct
{
  const Line *line;
  const char *word;
  const char *before;
} Offer;

static void
offer (const Offer *self, const char *candidate, const char *description)
{
  output_text (self->before);
  output_text (candidate);
  output_text ("\t");
  output_text (description);
  output_text ("\n");
}

static void
read_option (Line *line, const char *word)
{
  const char *value = strchr (word, '=');
  const GOptionEntry *entry;

  if (g_str_has_prefix (word, "--"))
    {
      gsize length = value != NULL ? (gsize) (value - word) : strlen (word);

      entry = synopsis_find_option (line->command, word + 2, length - 2);
      if (entry == NULL)
        return;
      g_ptr_array_add (line->given, (gpointer) entry);
      if (synopsis_takes_value (entry) && value == NULL)
        line->pending = entry;
      return;
    }
  for (const char *letter = word + 1; *letter != '\0'; letter++)
    {
      entry = synopsis_find_letter (line->command, *letter);
      if (entry == NULL)
        continue;
      g_ptr_array_add (line->given, (gpointer) entry);
      if (!synopsis_takes_value (entry))
        continue;
      /* Its value is the rest, or the next word. */
      if (letter[1] == '\0')
        line->pending = entry;
      return;
    }
}

static gboolean
read_line (Line *line, char **words, guint at)
{
  for (guint i = 1; i < at; i++)
    {
      const char *word = words[i];

      if (line->pending != NULL)
        line->pending = NULL;
      else if (!line->options_over && g_str_equal (word, "--"))
        {
          g_autoptr (Synopsis) synopsis = line->command ? synopsis_read (line->command) : NULL;

          line->options_over = line->command != NULL;
          if (synopsis != NULL && synopsis->program)
            {
              line->program = i + 1;
              return TRUE;
            }
        }
      else if (!line->options_over && word[0] == '-' && word[1] != '\0')
        read_option (line, word);
      else if (line->command == NULL)
        {
          line->command = command_names_find (line->tool, word);
          if (line->command == NULL)
            return FALSE;
        }
      else
        g_ptr_array_add (line->operands, (gpointer) word);
    }
  return TRUE;
}

static gboolean
is_given (const Line *line, const char *option)
{
  for (guint i = 0; i < line->given->len; i++)
    if (g_str_equal (((const GOptionEntry *) line->given->pdata[i])->long_name, option))
      return TRUE;
  return FALSE;
}

static void
offer_option (const Offer *self, const GOptionEntry *entry)
{
  g_autofree char *option = g_strconcat ("--", entry->long_name, NULL);

  if ((entry->flags & G_OPTION_FLAG_HIDDEN) == 0 && !is_given (self->line, entry->long_name))
    offer (self, option, entry->description != NULL ? _ (entry->description) : "");
}

static void
offer_options (const Offer *self)
{
  const Command *command = self->line->command;
  const GOptionEntry *own = command != NULL ? command->options : NULL;

  for (const GOptionEntry *entry = own; entry != NULL && entry->long_name != NULL; entry++)
    offer_option (self, entry);
  for (const GOptionEntry *entry = options_global; entry->long_name != NULL; entry++)
    offer_option (self, entry);
  if (command != NULL)
    {
      g_autoptr (Synopsis) synopsis = synopsis_read (command);

      if (synopsis->program)
        offer (self, "--", _ ("What follows is the program to run"));
    }
  else
    offer (self, "--version", _ (command_names_find (self->line->tool, "version")->summary));
}

static void
offer_commands (const Offer *self)
{
  for (const Command *const *command = self->line->tool->commands; *command != NULL; command++)
    offer (self, (*command)->name, _ ((*command)->summary));
}

static void
offer_brokers (const Offer *self)
{
  g_autoptr (GPtrArray) brokers = kr_secret_broker_list (NULL);

  for (guint i = 0; i < brokers->len; i++)
    {
      g_autofree char *name = kr_text_printable (text_broker_name (brokers->pdata[i]));

      offer (self, kr_secret_broker_get_id (brokers->pdata[i]), name);
    }
}

static void
offer_account (const Offer *self, KrSecretAccount *account, gboolean with_broker)
{
  g_autofree char *name = lookup_name_for_people (account);
  const char *broker = kr_secret_account_get_broker_id (account);
  g_autofree char *full = with_broker ? g_strdup_printf ("%s/%s", broker, name) : NULL;
  const char *candidate = full != NULL ? full : name;
  g_autofree char *description = NULL;

  if (with_broker && broker == NULL)
    return;
  /* It would be read as an option. */
  if (*candidate == '-' && *self->before == '\0' && !self->line->options_over)
    return;
  if (g_ptr_array_find_with_equal_func (self->line->operands, candidate, g_str_equal, NULL))
    return;
  description = broker != NULL ? g_strdup_printf (
                    "%s %s", broker, text_environment (kr_secret_account_get_environment (account)))
                               : g_strdup (_ ("damaged"));
  offer (self, candidate, description);
}

static void
offer_accounts (const Offer *self)
{
  g_autoptr (KrSecretClient) client = kr_secret_client_new ();
  g_autoptr (GPtrArray) accounts = NULL;

  kr_secret_client_set_timeout (client, KEYRING_MS);
  if (!kr_secret_client_load (client, NULL, NULL))
    return;
  accounts = kr_secret_client_dup_accounts (client);
  for (guint i = 0; i < accounts->len; i++)
    offer_account (self, accounts->pdata[i],
                   strchr (self->word + strlen (self->before), '/') != NULL);
}

/* Offers what a word of a synopsis stands for, as an operand or an option's value: "real|paper" is
 * literal, "BROKER" means the brokers. What only the user can know is not offered. */
static void
offer_what (const Offer *self, const char *what)
{
  if (strchr (what, '|') != NULL || g_ascii_islower (*what))
    {
      g_auto (GStrv) choices = g_strsplit (what, "|", -1);

      for (char **choice = choices; *choice != NULL; choice++)
        offer (self, *choice, "");
    }
  else if (g_str_equal (what, "ALIAS"))
    offer_accounts (self);
  else if (g_str_equal (what, "BROKER") || g_str_equal (what, "ID"))
    offer_brokers (self);
  else if (g_str_equal (what, "COMMAND"))
    offer_commands (self);
  else if (g_str_equal (what, "SIG"))
    offer_what (self, "HUP|USR1|USR2");
  else if (g_str_equal (what, "FILE"))
    output_text ("\tfiles\n");
}

static void
offer_values (const Line *line, const GOptionEntry *entry, const char *word, const char *before)
{
  const Offer self = { line, word, before };

  if (entry->arg_description != NULL)
    offer_what (&self, entry->arg_description);
}

/* Offers required options once nothing else is missing, others only after a dash: a stray Tab must
 * not add "--force". */
static void
offer_needed (const Offer *self, const Synopsis *synopsis)
{
  for (guint i = 0; i < synopsis->needed->len; i++)
    {
      const char *name = synopsis->needed->pdata[i];
      const GOptionEntry *entry = synopsis_find_option (self->line->command, name, strlen (name));

      if (entry != NULL)
        offer_option (self, entry);
    }
  if (synopsis->program)
    offer (self, "--", _ ("What follows is the program to run"));
}

static void
offer_operand (const Offer *self)
{
  g_autoptr (Synopsis) synopsis = synopsis_read (self->line->command);
  const GPtrArray *operands = synopsis->operands;
  const guint at = self->line->operands->len;
  g_autofree char *what = NULL;
  g_autofree char *before = NULL;
  const char *equals;

  for (guint i = 0; i < synopsis->instead->len; i++)
    if (is_given (self->line, synopsis->instead->pdata[i]))
      return;
  if (at < operands->len)
    what = g_strdup (operands->pdata[at]);
  else if (operands->len > 0 && g_str_has_suffix (operands->pdata[operands->len - 1], "…"))
    what = g_strdup (operands->pdata[operands->len - 1]);
  else
    {
      offer_needed (self, synopsis);
      return;
    }
  if (g_str_has_suffix (what, "…"))
    what[strlen (what) - strlen ("…")] = '\0';

  /* An alias after the first operand is a new one, as in "BROKER ALIAS". */
  if (g_str_has_suffix (what, "ALIAS") && at > 0 && operands->len > 1)
    return;
  /* "PREFIX=ALIAS": keeps the prefix that was typed. */
  equals = strchr (what, '=') != NULL ? strchr (self->word, '=') : NULL;
  before = equals != NULL ? g_strndup (self->word, (gsize) (equals + 1 - self->word)) : NULL;
  offer_what (&(Offer){ self->line, self->word, before != NULL ? before : "" },
              strchr (what, '=') != NULL ? strchr (what, '=') + 1 : what);
}

static void
offer_for_line (const Line *line, const char *word)
{
  const Offer self = { line, word, "" };
  const char *equals = strchr (word, '=');

  if (line->pending != NULL)
    offer_values (line, line->pending, word, "");
  else if (!line->options_over && g_str_has_prefix (word, "--") && equals != NULL)
    {
      g_autofree char *before = g_strndup (word, (gsize) (equals + 1 - word));
      const GOptionEntry *entry
          = synopsis_find_option (line->command, word + 2, (gsize) (equals - word) - 2);

      if (entry != NULL && synopsis_takes_value (entry))
        offer_values (line, entry, word, before);
    }
  else if (!line->options_over && *word == '-')
    offer_options (&self);
  else if (line->command == NULL)
    offer_commands (&self);
  else
    offer_operand (&self);
}

void
candidates_print (Tool *tool, char **words, guint at)
{
  g_autoptr (GPtrArray) given = g_ptr_array_new ();
  g_autoptr (GPtrArray) operands = g_ptr_array_new ();
  Line line = { .tool = tool, .given = given, .operands = operands };

  if (at == 0 || at >= g_strv_length (words) || !read_line (&line, words, at))
    return;
  if (line.program > 0)
    {
      g_autofree char *order = g_strdup_printf ("\tprogram %u\n", line.program);

      output_text (order);
    }
  else
    offer_for_line (&line, words[at]);
}
