/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* Both fail with KR_SECRET_ERROR_DECLINED if the answer is no, or nobody can be asked. */

/* Asks the user to type the alias as a confirmation. */
gboolean confirm_alias (Tool *tool, const char *question, const char *alias, GError **error);

/* A yes or no question. -y answers it with yes. */
gboolean confirm_yes (Tool *tool, const char *question, GError **error);
