/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The gnome-keyring-daemons that run for this HOME, on any bus. */

/* This user's daemons that use our keyrings. (element-type GPid) */
GArray *running_daemons_find (void);

/* Whether a process, of any implementation, has the keyrings of this HOME. */
gboolean running_daemons_is_of_home (GPid pid);

/* The directory of a daemon's keyrings if it is another than ours; NULL if it is ours, or if the
 * process is not a running daemon of this user. */
char *running_daemons_find_elsewhere (GPid pid);
