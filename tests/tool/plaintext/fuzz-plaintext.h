/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Whatever a file contains, import gets an error that blames the file and quotes nothing from it,
 * or valid keys: each of one broker, each field once and with a value. */
#include "plaintext-brokers.h"
#include "plaintext/placeholder.h"

/* The names of settings are quoted, but none of their values. */
static void
check_labels (GPtrArray *labels)
{
  for (guint i = 0; i < labels->len; i++)
    g_assert_true (g_utf8_validate (labels->pdata[i], -1, NULL));
}

static void
check_found (FoundKeys *found)
{
  g_assert_cmpuint (found->keys->len, <=, 32);
  g_assert_cmpuint (found->hidden->len, <=, 1000);
  check_labels (found->placeholders);
  check_labels (found->doubtful);
  check_labels (found->strays);
  check_labels (found->hidden);
  for (guint i = 0; i < found->keys->len; i++)
    {
      FoundKey *key = found->keys->pdata[i];

      g_assert_cmpuint (strlen (key->broker_id), >, 0);
      g_assert_true (g_utf8_validate (key->tag, -1, NULL));
      g_assert_cmpuint (key->names->len, >, 0);
      g_assert_cmpuint (key->names->len, ==, key->values->len);
      for (guint j = 0; j < key->names->len; j++)
        {
          gsize length;
          const char *value = secret_value_get (key->values->pdata[j], &length);

          g_assert_false (placeholder_is_likely (value, length));
          for (guint k = 0; k < j; k++)
            g_assert_cmpstr (key->names->pdata[k], !=, key->names->pdata[j]);
        }
    }
}

/* Whether a run of characters could be part of a value: our own messages have no such run. */
static gboolean
is_like_value (const char *run, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (g_ascii_isupper (run[i]) || g_ascii_isdigit (run[i]) || (guchar) run[i] >= 0x80
        || strchr ("+/=_", run[i]) != NULL)
      return TRUE;
  return FALSE;
}

/* A message is text, and no 8 characters of it without a space come from the file, unless they are
 * words of our own. */
static void
check_message (const char *message, const guint8 *data, gsize size)
{
  const gsize run = 8;
  gsize length = strlen (message);

  g_assert_true (g_utf8_validate (message, -1, NULL));
  for (const char *p = message; *p != '\0'; p = g_utf8_next_char (p))
    g_assert_true (g_unichar_isprint (g_utf8_get_char (p)));
  if (g_str_has_prefix (message, "line "))
    {
      const char *rest = strchr (message, ':');
      g_assert_nonnull (rest);
      length -= (gsize) (rest - message);
      message = rest;
    }
  for (gsize i = 0; i + run <= length; i++)
    if (memchr (message + i, ' ', run) == NULL && is_like_value (message + i, run))
      g_assert_null (memmem (data, size, message + i, run));
}

static void
check_parse (const guint8 *data, gsize size, PlaintextFormat format)
{
  g_auto (PlaintextBytes) exact = { g_memdup2 (data, size), size };
  g_autoptr (GError) error = NULL;
  g_autoptr (FoundKeys) found = parse_bytes (&exact, format, plaintext_brokers, &error);

  if (found != NULL)
    check_found (found);
  else
    {
      g_assert_true (g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE));
      check_message (error->message, data, size);
    }
}
