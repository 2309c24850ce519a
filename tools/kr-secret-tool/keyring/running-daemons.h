/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* The gnome-keyring-daemons that run for this HOME, on whatever bus. */

/* The daemons of this user at work on our keyrings. (element-type GPid) */
GArray *running_daemons_find (void);

/* Whether the keyrings of a process, which may be of any make, are those of this HOME. */
gboolean running_daemons_is_of_home (GPid pid);

/* Where such a daemon has its keyrings if that is elsewhere; NULL if it is here, or is no daemon of
 * this user that runs. */
char *running_daemons_find_elsewhere (GPid pid);
