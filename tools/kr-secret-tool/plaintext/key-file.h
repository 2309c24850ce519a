/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/stat.h>

#include "krsecret.h"
#include "plaintext/bytes.h"

/* A regular file of the user's, and its folder. Stays this file wherever the names lead later. */
typedef struct
{
  char *name; /* in the folder */
  int folder;
  int fd;
  struct stat seen; /* before anything was read */
} KeyFile;

KeyFile *key_file_open (const char *path, GError **error);
KeyFile *key_file_open_at (int folder, const char *name, GError **error);
void key_file_free (KeyFile *self);
gboolean key_file_read (KeyFile *self, PlaintextBytes *out_bytes, GError **error);
gboolean key_file_is_open_to_others (KeyFile *self);
const char *key_file_copying_system (KeyFile *self);
gboolean key_file_check_shred (KeyFile *self, GError **error);
gboolean key_file_shred (KeyFile *self, const PlaintextBytes *bytes, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KeyFile, key_file_free)
