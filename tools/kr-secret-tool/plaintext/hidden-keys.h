/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plaintext/found.h"

char *hidden_keys_join_path (const char *path, const char *name);
void hidden_keys_add_nested (
    FoundKeys *self, const char *path, const char *name, const char *value, gsize length);
void hidden_keys_add (FoundKeys *self, const char *label);
void hidden_keys_look (
    FoundKeys *self, const char *label, const char *text, gsize length, gboolean lone);
void hidden_keys_look_at_line (FoundKeys *self, guint line, const char *text, gsize length);
