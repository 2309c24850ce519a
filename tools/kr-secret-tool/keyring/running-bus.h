/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* The session bus that is there already, and the keyring on it. Deadlines are by the monotonic
 * clock. */

/* The keyring's name on a bus, unless a user has libsecret look for another. */
#define RUNNING_BUS_KEYRING "org.freedesktop.secrets"

/* What is left until a deadline, in milliseconds. */
int running_bus_left (gint64 deadline);

/* Where the library looks for the bus; NULL if there is none. */
char *running_bus_find_address (void);

/* A connection that is not the process's shared one. KR_SECRET_ERROR_DEADLINE if the bus does not
 * answer. */
GDBusConnection *running_bus_connect (const char *address, gint64 deadline, GError **error);

/* The process that has a name on the bus; 0 if there is none, or if the bus does not say. */
GPid running_bus_find_owner (GDBusConnection *bus, const char *name, gint64 deadline);

/* The bus of the session we are in, or of the user's login where we are in none, as under cron.
 * NULL if there is none for us. */
char *running_bus_find (gint64 deadline, gboolean *out_has_keyring);
