/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/stat.h>

#include "plaintext/found-keys.h"

/* A plain file of the user's, and the folder it is in; what was opened stays what it was, wherever
 * the names lead to later. */
typedef struct
{
  char *name; /* in the folder */
  int folder; /* a descriptor */
  int fd;
  struct stat seen; /* before anything of it was read */
} ImportFile;

ImportFile *import_file_open (const char *path, GError **error);
ImportFile *import_file_open_at (int folder, const char *name, GError **error);
void import_file_free (ImportFile *self);
gboolean import_file_read (ImportFile *self, ImportText *out_bytes, GError **error);
gboolean import_file_is_open_to_others (ImportFile *self);
const char *import_file_copying_system (ImportFile *self);
gboolean import_file_check_shred (ImportFile *self, GError **error);
gboolean import_file_shred (ImportFile *self, const ImportText *bytes, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ImportFile, import_file_free)
