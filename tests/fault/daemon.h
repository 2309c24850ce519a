/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Starts the keyring's daemon again, unlocked. When this returns it answers: it has its name on the
 * bus a moment before that. */
void daemon_start (void);
