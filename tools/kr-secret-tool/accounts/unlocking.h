/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* Unlocks the keyring: with the password from descriptor fd; or, if that is -1, with the desktop's
 * prompt, or the password typed on the terminal where there is no desktop. */
gboolean unlocking_run (Tool *tool, KrSecretClient *client, int fd, GError **error);

/* Whether what has failed with *error is worth another try: a person whose keyring is locked is
 * offered to unlock it, anybody else is told at once. */
gboolean unlocking_offer (Tool *tool, KrSecretClient *client, GError **error);

/* Whether the keyring takes an item, before anything is asked or read that goes into it; offers to
 * unlock it. */
gboolean unlocking_check_keyring (Tool *tool, KrSecretClient *client, GError **error);

/* The end of a command that leaves the keyring in this state, a word for JSON. Returns the exit
 * status. */
int unlocking_finish (Tool *tool, const char *state);
