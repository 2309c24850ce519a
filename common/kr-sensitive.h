/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsecret/secret.h>

/* Whether both are set and equal. The time taken does not tell where they differ. */
gboolean kr_sensitive_equal (SecretValue *a, SecretValue *b);
gboolean kr_sensitive_equal_data (const char *a, gsize a_length, const char *b, gsize b_length);

/* Moves data into memory that is not swapped out; wipes and frees the original. */
SecretValue *kr_sensitive_take (char *data, gsize length);

/* Unrefs a SecretValue, which may be NULL. */
void kr_sensitive_unref (gpointer value);

/* Wipes and frees a string, which may be NULL. */
void kr_sensitive_free (gpointer text);
typedef char KrSensitiveText;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KrSensitiveText, kr_sensitive_free)

char *kr_sensitive_fingerprint (const char *data, gsize length);
