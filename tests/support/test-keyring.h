/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* The keyring of tools/with-keyring, by D-Bus and without the library that is tested. */

void test_keyring_lock (void);
void test_keyring_unlock (void);

/* The collection these are about, the default one unless a test changes that. */
#define TEST_KEYRING_LOGIN "/org/freedesktop/secrets/collection/login"

void test_keyring_unlock_at (const char *collection);

/* Makes another, open collection with the same password; its path. */
char *test_keyring_create_other (void);
/* New items go to that collection from now on. */
void test_keyring_set_default (const char *collection);

/* Makes a default collection with a password, which may be empty, where there is none. */
void test_keyring_create (const char *password);

/* The daemon that runs now; the one with-keyring has started, or its successor. */
GPid test_keyring_get_pid (void);
void test_keyring_kill (void);
/* Starts it again, unlocked or as D-Bus activation would: locked. */
void test_keyring_start (gboolean unlocked);
gboolean test_keyring_is_alive (void);

/* Items of the library's schema by id and kind, either of which may be NULL for all; both NULL:
 * whatever is there, of any schema. Locked items count. */
char **test_keyring_find (const char *id, const char *kind);
guint test_keyring_count (const char *id, const char *kind);
GVariant *test_keyring_get_property (const char *path, const char *name);
/* What an item holds, and replaces it, as the library does: of a change in place gnome-keyring
 * tells nobody. There has to be exactly one of the name. */
GBytes *test_keyring_read (const char *id, const char *kind);
void test_keyring_overwrite (const char *id, const char *kind, const char *data, gssize length);
/* The same, in a collection of one's choice: the item that is there is left where it is. */
void test_keyring_write_to (
    const char *collection, const char *id, const char *kind, const char *data, gssize length);
/* Deletes every item, once nobody is at work on an account any more. None may be locked. */
void test_keyring_clear (void);
/* What is in it, and makes it so again. None may be locked. */
GVariant *test_keyring_save (void);
void test_keyring_put_back (GVariant *saved);
