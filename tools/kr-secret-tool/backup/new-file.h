/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A file that comes to be whole or not at all, and never in the place of another. */
typedef struct _NewFile NewFile;

/* Whether it can be written: nothing has the name yet, not even a link that leads nowhere. */
NewFile *new_file_begin (const char *path, GError **error);
/* Writes it, for its owner only; it has no name yet. */
gboolean new_file_write (NewFile *self, GBytes *bytes, GError **error);
/* What the disk has of it. */
GBytes *new_file_read (NewFile *self, GError **error);
/* Gives it its name. What has none is gone with the NewFile, or with the process. */
gboolean new_file_keep (NewFile *self, GError **error);
/* Whether others can read it all the same: not every file system has modes. */
gboolean new_file_is_open_to_others (NewFile *self);
void new_file_free (NewFile *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NewFile, new_file_free)
