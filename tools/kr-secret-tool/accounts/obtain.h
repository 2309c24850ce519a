/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* Shared by token and exec: which token is wanted, and how to get it. */
typedef struct
{
  KrSecretTokenKind kind;
  guint min_validity; /* seconds */
  guint wait;         /* for a rate limit to pass; seconds */
  KrSecretTokenFlags flags;
} TokenOptions;

#define TOKEN_OPTIONS_INIT                                                                         \
  {                                                                                                \
    KR_SECRET_TOKEN_ACCESS, KR_SECRET_MIN_VALIDITY, 0, KR_SECRET_TOKEN_DEFAULT                     \
  }

/* Parses --min-validity and --wait; NULL: not given. */
gboolean obtain_read_times (
    Tool *tool, const char *min_validity, const char *wait, TokenOptions *options, int *out_status);

/* Tells a user who waits longer than a moment what for, until progress_end (). */
void obtain_say_waiting (Tool *tool, KrSecretAccount *account);

/* Gets the token, and prints what the user should know about it. NULL after a failure, which has
 * been reported. Waits for a rate limit to pass if --wait allows that long. */
KrSecretToken *obtain_token (Tool *tool,
                             KrSecretClient *client,
                             KrSecretAccount *account,
                             const TokenOptions *options,
                             int *out_status);

int obtain_report_failure (Tool *tool,
                           KrSecretAccount *account,
                           KrSecretTokenFlags flags,
                           const GError *error);
