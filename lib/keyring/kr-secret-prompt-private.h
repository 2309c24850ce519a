/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Shows the prompt of a locked keyring and waits for the answer, as long as somebody reads from
 * reader_fd. For kr-secret-helper only: the one safe way to give up a prompt is to leave the
 * bus. */
gboolean kr_secret_prompt_unlock (int reader_fd, GError **error);
