/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* The keyring of tools/with-keyring, through D-Bus and without the library under test. */

void test_keyring_lock (void);
void test_keyring_unlock (void);

/* The collection that these functions use: the default one unless a test changes that. */
#define TEST_KEYRING_LOGIN "/org/freedesktop/secrets/collection/login"

void test_keyring_unlock_at (const char *collection);

/* Creates another, open collection with the same password; returns its path. */
char *test_keyring_create_other (void);
/* From now on new items go to that collection. */
void test_keyring_set_default (const char *collection);

/* Creates a default collection with a password, which may be empty, if there is none. */
void test_keyring_create (const char *password);

/* The daemon that runs now: the one that with-keyring has started, or its successor. */
GPid test_keyring_get_pid (void);
void test_keyring_kill (void);
/* Restarts it, unlocked or, as D-Bus activation would, locked. */
void test_keyring_start (gboolean unlocked);
gboolean test_keyring_is_alive (void);

/* Items of the library's schema by id and kind, where NULL means any. If both are NULL, all items
 * of any schema. Includes locked items. */
char **test_keyring_find (const char *id, const char *kind);
guint test_keyring_count (const char *id, const char *kind);
GVariant *test_keyring_get_property (const char *path, const char *name);
/* Reads an item, or replaces it as the library does: gnome-keyring reports no change in place.
 * There has to be exactly one item of the name. */
GBytes *test_keyring_read (const char *id, const char *kind);
void test_keyring_overwrite (const char *id, const char *kind, const char *data, gssize length);
/* The same in a given collection: an existing item stays where it is. */
void test_keyring_write_to (
    const char *collection, const char *id, const char *kind, const char *data, gssize length);
/* Deletes every item, once no process works on an account any more. No item may be locked. */
void test_keyring_clear (void);
/* Reads its contents, and restores them. No item may be locked. */
GVariant *test_keyring_save (void);
void test_keyring_put_back (GVariant *saved);
