/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plaintext/contents.h"

/* A file in which a program keeps tokens in plain text. */
typedef struct
{
  char *path;
  char *name;       /* the last part of it */
  gsize place;      /* which program's */
  struct stat seen; /* when it was found */
  Contents look;
} TokenCache;

/* Those in a home directory, sorted, of TokenCache. */
GPtrArray *token_caches_find (const char *home, const PlaintextBroker *brokers);
/* The program that it belongs to. */
const char *token_caches_get_program (TokenCache *self);
gboolean token_caches_shred (TokenCache *self, const char *home, GError **error);
