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
  ImportLook look;
} ImportCache;

/* Those in a home directory, sorted, of ImportCache. */
GPtrArray *import_caches_find (const char *home, const ImportBroker *brokers);
/* The program that it belongs to. */
const char *import_cache_get_program (ImportCache *self);
gboolean import_cache_shred (ImportCache *self, const char *home, GError **error);
