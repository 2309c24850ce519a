/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Shows the keyring's own prompt, if it is locked, and waits for the answer; until nobody reads
 * from reader_fd any more. For kr-secret-helper alone: the only safe way to give a prompt up is to
 * leave the bus. */
gboolean kr_secret_prompt_unlock (int reader_fd, GError **error);
