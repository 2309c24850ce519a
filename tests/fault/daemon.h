/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Restarts the keyring's daemon, unlocked. Returns when it answers calls; it owns its name on the
 * bus a moment earlier. */
void daemon_start (void);
