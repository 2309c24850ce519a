/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* One document, from json_begin to json_end. Elements of an array have a NULL name. */
void json_begin (void);
void json_end (void);
void json_open (const char *name, char bracket);
void json_close (char bracket);
void json_string (const char *name, const char *value);
void json_secret (const char *name, SecretValue *value);
void json_int (const char *name, gint64 value);
void json_bool (const char *name, gboolean value);
void json_null (const char *name);
void json_time (const char *name, gint64 seconds);
