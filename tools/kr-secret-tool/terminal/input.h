/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

KrSecretCredential *
input_read_credential (Tool *tool, KrSecretBroker *broker, int fd, GError **error);
SecretValue *input_read_token (Tool *tool, int fd, GError **error);

/* A passphrase that is typed, twice if it is a new one, or the first line of descriptor fd. With
 * fd -1 and no terminal, standard input is read. */
SecretValue *
input_read_passphrase (Tool *tool, int fd, const char *question, gboolean twice, GError **error);

/* A passphrase that is all of a file but one end of a line. */
SecretValue *input_read_passphrase_file (int fd, GError **error);
