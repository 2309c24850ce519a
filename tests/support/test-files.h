/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A new directory with mode 0700; test_directory_remove deletes it with everything in it. */
char *test_directory_new (void);
void test_directory_remove (char *path);

typedef char TestDirectory;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestDirectory, test_directory_remove)

/* Writes a file; with a mode of 0 the umask decides. */
void test_file_write (const char *path, const char *data, gssize length, int mode);
void test_file_copy (const char *from, const char *to);
