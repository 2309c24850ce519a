/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plaintext/contents.h"

/* A file with a program's tokens in plain text. */
typedef struct
{
  char *path;
  char *name;       /* last part of the path */
  gsize place;      /* index of the program */
  struct stat seen; /* when it was found */
  Contents look;
} TokenCache;

/* Finds those in a home directory. Sorted, of TokenCache. */
GPtrArray *token_caches_find (const char *home, const PlaintextBroker *brokers);
const char *token_caches_get_program (TokenCache *self);
gboolean token_caches_shred (TokenCache *self, const char *home, GError **error);
