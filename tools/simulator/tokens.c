/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tokens.h"

#include <string.h>

struct _SimTokens
{
  GHashTable *by_text;   /* text -> SimToken, which it owns */
  GHashTable *by_appkey; /* appkey -> the SimToken issued last */
};

static void
token_free (SimToken *token)
{
  g_free (token->text);
  g_free (token->appkey);
  g_free (token);
}

SimTokens *
sim_tokens_new (void)
{
  SimTokens *tokens = g_new0 (SimTokens, 1);

  tokens->by_text
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) token_free);
  tokens->by_appkey = g_hash_table_new (g_str_hash, g_str_equal);
  return tokens;
}

void
sim_tokens_free (SimTokens *tokens)
{
  g_hash_table_unref (tokens->by_appkey);
  g_hash_table_unref (tokens->by_text);
  g_free (tokens);
}

void
sim_tokens_clear (SimTokens *tokens)
{
  /* by_appkey borrows its strings from by_text. */
  g_hash_table_remove_all (tokens->by_appkey);
  g_hash_table_remove_all (tokens->by_text);
}

const SimToken *
sim_tokens_add (
    SimTokens *tokens, const char *text, const char *appkey, gint64 issued_at, gint64 expires_at)
{
  SimToken *old = g_hash_table_lookup (tokens->by_appkey, appkey);
  SimToken *token = g_new0 (SimToken, 1);

  if (old != NULL && old->state == SIM_TOKEN_LIVE)
    old->state = SIM_TOKEN_KILLED;

  token->text = g_strdup (text);
  token->appkey = g_strdup (appkey);
  token->issued_at = issued_at;
  token->expires_at = expires_at;
  token->state = SIM_TOKEN_LIVE;
  g_hash_table_insert (tokens->by_text, token->text, token);
  g_hash_table_replace (tokens->by_appkey, token->appkey, token);
  return token;
}

const SimToken *
sim_tokens_latest (SimTokens *tokens, const char *appkey)
{
  return g_hash_table_lookup (tokens->by_appkey, appkey);
}

SimTokenState
sim_tokens_look (SimTokens *tokens, const char *text, const char *appkey, gint64 now)
{
  const SimToken *token = g_hash_table_lookup (tokens->by_text, text);

  if (token == NULL || (appkey != NULL && strcmp (token->appkey, appkey) != 0))
    return SIM_TOKEN_UNKNOWN;
  if (token->state == SIM_TOKEN_LIVE && now >= token->expires_at)
    return SIM_TOKEN_EXPIRED;
  return token->state;
}

void
sim_tokens_revoke (SimTokens *tokens, const char *text)
{
  SimToken *token = g_hash_table_lookup (tokens->by_text, text);

  if (token != NULL)
    token->state = SIM_TOKEN_REVOKED;
}

void
sim_tokens_expire_all (SimTokens *tokens)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, tokens->by_text);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      SimToken *token = value;

      if (token->state == SIM_TOKEN_LIVE)
        token->state = SIM_TOKEN_EXPIRED;
    }
}
