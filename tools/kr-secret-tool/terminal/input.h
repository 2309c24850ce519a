/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

KrSecretCredential *
input_read_credential (Tool *tool, KrSecretBroker *broker, int fd, GError **error);
SecretValue *input_read_token (Tool *tool, int fd, GError **error);

/* Reads a passphrase from the terminal, twice for a new one, or from the first line of descriptor
 * fd. If fd is -1 and there is no terminal, reads standard input. */
SecretValue *
input_read_passphrase (Tool *tool, int fd, const char *question, gboolean twice, GError **error);

/* The whole file is the passphrase, except for one line end. */
SecretValue *input_read_passphrase_file (int fd, GError **error);
