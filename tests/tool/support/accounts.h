/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

/* The members of an account in JSON. */
#define ACCOUNT "id alias broker environment endpoint token problem"

/* An account of kis, for paper trading. */
void accounts_check (JsonObject *account, const char *alias, const char *endpoint);

/* Whether it has a token that is valid. */
void accounts_check_token (JsonObject *account);
