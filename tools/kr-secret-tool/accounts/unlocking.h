/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* Unlocks the keyring with the password from descriptor fd. If fd is -1, uses the desktop's prompt
 * or, without a desktop, asks for the password on the terminal. */
gboolean unlocking_run (Tool *tool, KrSecretClient *client, int fd, GError **error);

/* Whether to try again after *error: a user with a locked keyring is offered to unlock it. If
 * nobody can be asked, returns FALSE at once. */
gboolean unlocking_offer (Tool *tool, KrSecretClient *client, GError **error);

/* Checks that items can be stored, before asking for one. Offers to unlock the keyring. */
gboolean unlocking_check_keyring (Tool *tool, KrSecretClient *client, GError **error);

/* Ends a command. state: the keyring's, a word for JSON. Returns the exit status. */
int unlocking_finish (Tool *tool, const char *state);
