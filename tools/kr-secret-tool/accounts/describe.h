/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* The JSON members of one account, as in `list`. */
void describe_write_members (KrSecretAccount *account);

/* The whole document of `show`. */
void describe_write_document (KrSecretAccount *account, KrSecretCredential *credential);

/* Reports an account's new token: its members in JSON, or a line for users. */
void describe_report_token (Tool *tool, KrSecretAccount *account, KrSecretToken *token);

/* valid, expiring, expired or none, translated. */
char *describe_state (Tool *tool, KrSecretAccount *account);

/* Seconds until the token expires, at least 0. */
gint64 describe_get_remaining (KrSecretAccount *account);

/* Ends a command that has changed an account; JSON has its new state. Returns the exit status. */
int describe_finish (Tool *tool, KrSecretAccount *account);
