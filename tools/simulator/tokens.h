/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

typedef enum
{
  SIM_TOKEN_UNKNOWN,
  SIM_TOKEN_LIVE,
  SIM_TOKEN_EXPIRED,
  SIM_TOKEN_KILLED, /* replaced by a newer token of the same key */
  SIM_TOKEN_REVOKED,
} SimTokenState;

typedef struct
{
  char *text;
  char *appkey;
  gint64 issued_at;
  gint64 expires_at;
  SimTokenState state;
} SimToken;

/* Every token that a broker has issued since the start or the last reset. Times are seconds of the
 * broker's own clock, which the caller passes. */
typedef struct _SimTokens SimTokens;

SimTokens *sim_tokens_new (void);
void sim_tokens_free (SimTokens *tokens);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimTokens, sim_tokens_free)

void sim_tokens_clear (SimTokens *tokens);

/* Makes @text the only live token of @appkey, and kills the previous one. */
const SimToken *sim_tokens_add (
    SimTokens *tokens, const char *text, const char *appkey, gint64 issued_at, gint64 expires_at);
/* The token issued last for @appkey, dead or alive, or NULL. */
const SimToken *sim_tokens_latest (SimTokens *tokens, const char *appkey);
/* The state of @text. If @appkey is given, a token of another key counts as unknown. */
SimTokenState sim_tokens_look (SimTokens *tokens, const char *text, const char *appkey, gint64 now);
void sim_tokens_revoke (SimTokens *tokens, const char *text);
void sim_tokens_expire_all (SimTokens *tokens);
