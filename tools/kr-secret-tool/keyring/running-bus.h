/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* The session bus that already runs, and the keyring on it. Deadlines are monotonic. */

/* The keyring's name on a bus, unless a user has told libsecret another one. */
#define RUNNING_BUS_KEYRING "org.freedesktop.secrets"

/* Milliseconds left until a deadline. */
int running_bus_left (gint64 deadline);

/* The address at which the library looks for the bus, or NULL. */
char *running_bus_find_address (void);

/* Opens a private connection. KR_SECRET_ERROR_DEADLINE if the bus does not answer. */
GDBusConnection *running_bus_connect (const char *address, gint64 deadline, GError **error);

/* The process that owns a name on the bus; 0 if none does or the bus does not say. */
GPid running_bus_find_owner (GDBusConnection *bus, const char *name, gint64 deadline);

/* The bus of our session or, without a session, as under cron, that of the user's login. NULL if
 * there is none for us. */
char *running_bus_find (gint64 deadline, gboolean *out_has_keyring);
