/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* The commands, each in the file of its name. Only main.c uses more than its own. */
extern const Command add_command;
extern const Command backup_command;
extern const Command brokers_command;
extern const Command completion_command;
extern const Command credential_command;
extern const Command doctor_command;
extern const Command edit_command;
extern const Command exec_command;
extern const Command forget_command;
extern const Command header_command;
extern const Command help_command;
extern const Command import_command;
extern const Command list_command;
extern const Command lock_command;
extern const Command monitor_command;
extern const Command refresh_command;
extern const Command reject_command;
extern const Command remove_command;
extern const Command rename_command;
extern const Command restore_command;
extern const Command revoke_command;
extern const Command session_command;
extern const Command show_command;
extern const Command token_command;
extern const Command unlock_command;
extern const Command version_command;
extern const Command wait_command;
