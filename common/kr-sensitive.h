/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsecret/secret.h>

/* Whether both are there and the same. How long that takes says nothing of where they differ. */
gboolean kr_sensitive_equal (SecretValue *a, SecretValue *b);
gboolean kr_sensitive_equal_data (const char *a, gsize a_length, const char *b, gsize b_length);

/* Moves data into memory that is not swapped out, and wipes and frees where it was. */
SecretValue *kr_sensitive_take (char *data, gsize length);

/* Drops a reference to a value or NULL, as in a list that ends with one. */
void kr_sensitive_unref (gpointer value);

/* Wipes and frees a text or NULL. */
void kr_sensitive_free (gpointer text);
typedef char KrSensitiveText;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KrSensitiveText, kr_sensitive_free)

char *kr_sensitive_fingerprint (const char *data, gsize length);
