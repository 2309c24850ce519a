/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* What token and exec have in common: a token as the options want it. */
typedef struct
{
  KrSecretTokenKind kind;
  guint min_validity; /* seconds */
  guint wait;         /* seconds */
  KrSecretTokenFlags flags;
} Wish;

#define WISH_INIT                                                                                  \
  {                                                                                                \
    KR_SECRET_TOKEN_ACCESS, KR_SECRET_MIN_VALIDITY, 0, KR_SECRET_TOKEN_DEFAULT                     \
  }

/* The values of --min-validity and --wait; NULL: not given. */
gboolean obtain_read_times (
    Tool *tool, const char *min_validity, const char *wait, Wish *wish, int *out_status);

/* Who waits for it longer than a moment is told what for, till progress_end (). */
void obtain_say_waiting (Tool *tool, KrSecretAccount *account);

/* Gets the token; a rate limit is waited out if it ends within what --wait allows. */
KrSecretToken *obtain_token (
    Tool *tool, KrSecretClient *client, KrSecretAccount *account, const Wish *wish, GError **error);

int obtain_report_failure (Tool *tool,
                           KrSecretAccount *account,
                           KrSecretTokenFlags flags,
                           const GError *error);

/* The token's warnings, and with -v until when it is good. */
void obtain_report_token (Tool *tool, KrSecretToken *token, const Wish *wish);
