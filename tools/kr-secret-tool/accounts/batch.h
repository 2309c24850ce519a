/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* What a command does to one account. In both cases out_text gets a sentence for people; a success
 * gets a stable word for JSON as well. */
typedef gboolean (*BatchAct) (Tool *tool,
                              KrSecretClient *client,
                              KrSecretAccount *account,
                              const char **out_result,
                              char **out_text,
                              GError **error);

typedef struct
{
  BatchAct act;
  const char *(*advise) (const GError *error); /* what next after a failure; NULL: the usual */
  const char
      *question; /* has the alias typed before a real account is touched; NULL: no question */
  gboolean all;
  const KrSecretEnvironment *environment; /* with all: these only; NULL: each */
} Batch;

int batch_run (Tool *tool, KrSecretClient *client, const Batch *batch, char **args);
