/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "exec/accounts.h"

/* The variable that says that a program of exec's runs us; NULL: none. */
char *exec_environment_find_outer (void);

/* Our environment, with what the accounts add. It holds secrets: to be freed with
 * exec_environment_free. */
char **exec_environment_make (GPtrArray *accounts);
void exec_environment_free (char **environment);
