/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* What token and exec have in common: which token is wanted, and how. */
typedef struct
{
  KrSecretTokenKind kind;
  guint min_validity; /* seconds */
  guint wait;         /* for a rate limit to pass, in seconds */
  KrSecretTokenFlags flags;
} TokenOptions;

#define TOKEN_OPTIONS_INIT                                                                         \
  {                                                                                                \
    KR_SECRET_TOKEN_ACCESS, KR_SECRET_MIN_VALIDITY, 0, KR_SECRET_TOKEN_DEFAULT                     \
  }

/* The values of --min-validity and --wait; NULL: not given. */
gboolean obtain_read_times (
    Tool *tool, const char *min_validity, const char *wait, TokenOptions *options, int *out_status);

/* Who waits for it longer than a moment is told what for, till progress_end (). */
void obtain_say_waiting (Tool *tool, KrSecretAccount *account);

/* Gets the token, and says what is to be said of it; NULL after a failure that was reported. A rate
 * limit is waited out if --wait allows that long. */
KrSecretToken *obtain_token (Tool *tool,
                             KrSecretClient *client,
                             KrSecretAccount *account,
                             const TokenOptions *options,
                             int *out_status);

int obtain_report_failure (Tool *tool,
                           KrSecretAccount *account,
                           KrSecretTokenFlags flags,
                           const GError *error);
