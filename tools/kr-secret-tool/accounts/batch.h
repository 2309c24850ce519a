/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* What a command does to one account. out_text is a sentence for users, also on failure. On
 * success, out_word is a stable word for JSON. */
typedef gboolean (*BatchAct) (Tool *tool,
                              KrSecretClient *client,
                              KrSecretAccount *account,
                              const char **out_result,
                              char **out_text,
                              GError **error);

typedef struct
{
  BatchAct act;
  const char *(*advise) (const GError *error); /* advice after a failure; NULL: the usual */
  const char *question; /* asks for the alias of a real account first; NULL: no question */
  gboolean all;
  const KrSecretEnvironment *environment; /* with --all: only these; NULL: every one */
} Batch;

int batch_run (Tool *tool, KrSecretClient *client, const Batch *batch, char **args);
