/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

KrSecretCredential *
input_read_credential (Tool *tool, KrSecretBroker *broker, int fd, GError **error);
SecretValue *input_read_token (Tool *tool, int fd, GError **error);
gboolean input_confirm (Tool *tool, const char *question, const char *alias, GError **error);
