/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* The members of one account in JSON: those of `list`. */
void show_write_members (KrSecretAccount *account);

/* A whole document: the account as in a list. */
void show_write_account (KrSecretAccount *account);

/* A whole document: `show --json`. */
void show_write_document (KrSecretAccount *account, KrSecretCredential *credential);

/* Says that an account has a token now: with --json the members of one, else a line for people. */
void show_report_token (Tool *tool, KrSecretAccount *account, KrSecretToken *token);

/* valid, expiring, expired or none, translated. */
char *show_state_for_people (Tool *tool, KrSecretAccount *account);

/* Seconds until the token ends, not below 0. */
gint64 show_remaining (KrSecretAccount *account);
