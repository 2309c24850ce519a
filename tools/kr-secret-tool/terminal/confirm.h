/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* Both: a no, or nobody to ask, is KR_SECRET_ERROR_DECLINED. */

/* Has the alias typed, as a sign that it is meant. */
gboolean confirm_alias (Tool *tool, const char *question, const char *alias, GError **error);

/* A question of yes or no, which -y answers. */
gboolean confirm_yes (Tool *tool, const char *question, GError **error);
