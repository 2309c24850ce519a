/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* The members of one account in JSON: those of `list`. */
void describe_write_members (KrSecretAccount *account);

/* A whole document: that of `show`. */
void describe_write_document (KrSecretAccount *account, KrSecretCredential *credential);

/* Says that an account has a token now: with --json the members of one, else a line for people. */
void describe_report_token (Tool *tool, KrSecretAccount *account, KrSecretToken *token);

/* valid, expiring, expired or none, translated. */
char *describe_state (Tool *tool, KrSecretAccount *account);

/* Seconds until the token ends, not below 0. */
gint64 describe_get_remaining (KrSecretAccount *account);

/* The end of a command that has changed an account: with --json a document with what it is now.
 * Returns the exit status. */
int describe_finish (Tool *tool, KrSecretAccount *account);
