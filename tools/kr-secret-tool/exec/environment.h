/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "exec/accounts.h"

/* Returns the variable that shows that we run inside an exec, or NULL. */
char *exec_environment_find_outer (void);

/* Our environment plus the accounts' variables. Holds secrets: use exec_environment_free. */
char **exec_environment_make (GPtrArray *accounts);
void exec_environment_free (char **environment);
