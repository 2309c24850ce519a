/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

/* The keyring's password, of tests that run with one. */
const char *locking_get_password (void);

/* Gives unlock @input as the password; @option: another one for it, or NULL. */
TestRun *locking_unlock (World *world, int status, const char *input, const char *option);

/* The same, which prints nothing. */
void locking_unlock_ends (World *world, int status, const char *input);
