/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

#define TEXT_BOLD "1"
#define TEXT_FAINT "2"
#define TEXT_RED "31"
#define TEXT_GREEN "32"
#define TEXT_YELLOW "33"

char *text_argument (const char *argument);
char *text_paint (gboolean color, const char *style, const char *text);
char *text_time (gint64 seconds);
const char *text_environment (KrSecretEnvironment environment);
const char *text_broker_name (KrSecretBroker *broker);
/* A path that is safe to show. */
char *text_path (const char *path);
char *text_broker_failure (const KrSecretBrokerFailure *failure);
char *text_field (const KrSecretField *field);
const char *text_closest (const char *word, const char *const *candidates);
