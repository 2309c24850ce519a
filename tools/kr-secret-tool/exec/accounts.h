/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "accounts/obtain.h"
#include "exec/token-channel.h"

typedef struct
{
  char *prefix; /* of its variables' names; "": none */
  KrSecretAccount *account;
  KrSecretToken *token;
  KrSecretCredential *credential; /* NULL: not for the program */
  TokenChannel *channel;          /* NULL: only the environment */
} ExecAccount;

/* Finds the accounts in the arguments, each [PREFIX=]ALIAS, without tokens yet. NULL after a
 * failure, which has been reported. (element-type ExecAccount) */
GPtrArray *exec_accounts_find (Tool *tool, KrSecretClient *client, char **args, int *out_status);

/* Gets the token, and the key if wanted. */
gboolean exec_accounts_fill (ExecAccount *self,
                             Tool *tool,
                             KrSecretClient *client,
                             const TokenOptions *options,
                             gboolean with_credential,
                             int *out_status);
