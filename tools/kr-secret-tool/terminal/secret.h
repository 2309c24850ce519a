/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "krsecret.h"

/* Values in memory that is wiped. */
void secret_free (gpointer value); /* a SecretValue or NULL, as in a list that ends with one */
gboolean secret_is_text (SecretValue *value, const char *text, gsize length);
gboolean secret_is_same (SecretValue *a, SecretValue *b);
