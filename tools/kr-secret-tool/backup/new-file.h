/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Creates a file completely or not at all, and never replaces one. */
typedef struct _NewFile NewFile;

/* Fails if the name is taken, even by a dangling link. */
NewFile *new_file_begin (const char *path, GError **error);
/* Writes the file, readable by its owner only. It has no name yet. */
gboolean new_file_write (NewFile *self, GBytes *bytes, GError **error);
/* Reads the file back from the disk. */
GBytes *new_file_read (NewFile *self, GError **error);
/* Gives the file its name. Without one it vanishes with the NewFile or the process. */
gboolean new_file_keep (NewFile *self, GError **error);
/* Whether others can still read it: not every file system has modes. */
gboolean new_file_is_open_to_others (NewFile *self);
void new_file_free (NewFile *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NewFile, new_file_free)
