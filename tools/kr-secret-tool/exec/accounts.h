/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "accounts/obtain.h"
#include "exec/token-channel.h"

/* An account whose token a program gets. */
typedef struct
{
  char *prefix; /* before the names of its variables; "": none */
  KrSecretAccount *account;
  KrSecretToken *token;
  KrSecretCredential *credential; /* NULL: not for the program */
  TokenChannel *channel;          /* NULL: only the environment */
} ExecAccount;

/* Those that the arguments name, each as [PREFIX=]ALIAS, still without a token; NULL after a
 * failure that was reported. (element-type ExecAccount) */
GPtrArray *exec_accounts_find (Tool *tool, KrSecretClient *client, char **args, int *out_status);

/* Gets the token, and the key if it is wanted. */
gboolean exec_accounts_fill (ExecAccount *self,
                             Tool *tool,
                             KrSecretClient *client,
                             const TokenOptions *options,
                             gboolean with_credential,
                             int *out_status);
