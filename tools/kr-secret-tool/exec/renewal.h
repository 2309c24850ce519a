/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "exec/accounts.h"

/* Runs a program and keeps the accounts' tokens fresh: writes a new one to the account's channel,
 * then signals the program. Returns an exit status, and only if the program cannot be run.
 * accounts: (element-type ExecAccount). environment: (transfer full) */
int exec_renewal_run (Tool *tool,
                      KrSecretClient *client,
                      GPtrArray *accounts,
                      int signal_number,
                      char **argv,
                      char **environment);
