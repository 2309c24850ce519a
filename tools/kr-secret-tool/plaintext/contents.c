/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plaintext/contents.h"

#include <glib/gi18n.h>
#include <string.h>

#include "plaintext/parse.h"

/* Tells a file with a key, perhaps the only copy, from one with only a token. */

/* The minimum length of keys and tokens. */
#define LONG_WORD 30

/* mojito's has the token with the key and the secret. */
gboolean
contents_is_pickle_name (const char *name)
{
  return g_str_equal (name, "token.dat");
}

const char *
contents_get_advice (void)
{
  return _ ("it may hold the key and the secret in plain text: add the key with 'kr-secret-tool "
            "add', then remove the file");
}

static gboolean
has_long_word (const PlaintextBytes *bytes)
{
  guint run = 0;

  for (gsize i = 0; i < bytes->length && run < LONG_WORD; i++)
    run = g_ascii_isalnum (bytes->data[i]) || strchr ("+/=_-", bytes->data[i]) != NULL ? run + 1
                                                                                       : 0;
  return run >= LONG_WORD;
}

static ContentsHold
parse (const PlaintextBytes *bytes, PlaintextFormat format, const PlaintextBroker *brokers)
{
  g_autoptr (FoundKeys) found = parse_bytes (bytes, format, brokers, NULL);

  if (found == NULL)
    return CONTENTS_HOLD_UNKNOWN;
  if (found->keys->len > 0 || found->strays->len > 0)
    return CONTENTS_HOLD_KEY;
  return found->hidden->len > 0 || found->doubtful->len > 0 ? CONTENTS_HOLD_UNKNOWN
                                                            : CONTENTS_HOLD_NO_KEY;
}

/* Whether import finds a key only if told that this is python-kis's, which nothing in it shows. */
static gboolean
is_bare_pykis (const PlaintextBytes *bytes, const PlaintextBroker *brokers)
{
  g_autoptr (FoundKeys) found = parse_bytes (bytes, PLAINTEXT_AUTO, brokers, NULL);
  g_autoptr (FoundKeys) told = NULL;

  if (found == NULL || found->keys->len > 0)
    return FALSE;
  told = parse_bytes (bytes, PLAINTEXT_PYKIS, brokers, NULL);
  return told != NULL && told->keys->len > 0;
}

/* An unreadable file may hold anything. */
void
contents_look_at (KeyFile *file, const PlaintextBroker *brokers, Contents *out_look)
{
  g_auto (PlaintextBytes) bytes = { 0 };

  *out_look = (Contents){ .holds = CONTENTS_HOLD_UNKNOWN, .format = PLAINTEXT_AUTO };
  if (!key_file_read (file, &bytes, NULL))
    return;
  out_look->long_word = has_long_word (&bytes);
  if (bytes.length == 0)
    out_look->holds = CONTENTS_HOLD_NO_KEY;
  else if (!contents_is_pickle_name (file->name))
    out_look->holds = parse (&bytes, PLAINTEXT_AUTO, brokers);
  if (out_look->holds == CONTENTS_HOLD_KEY && is_bare_pykis (&bytes, brokers))
    out_look->format = PLAINTEXT_PYKIS;
}
