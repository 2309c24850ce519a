/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* Unlocks the keyring with the password from descriptor fd. If fd is -1, uses the desktop's prompt
 * or, without a desktop, asks for the password on the terminal. */
gboolean unlocking_run (Tool *tool, KrSecretClient *client, int fd, GError **error);

/* Whether to try again after *error: a user with a locked keyring is offered to unlock it. If
 * nobody can be asked, returns FALSE at once. */
gboolean unlocking_offer (Tool *tool, KrSecretClient *client, GError **error);

/* Checks that the keyring accepts items, before asking for or reading anything to store. Offers to
 * unlock it. */
gboolean unlocking_check_keyring (Tool *tool, KrSecretClient *client, GError **error);

/* Ends a command that leaves the keyring in this state, a word for JSON. Returns the exit
 * status. */
int unlocking_finish (Tool *tool, const char *state);
