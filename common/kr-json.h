/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "common/kr-json-glib.h"

/* In bytes, and levels of nesting. No broker's reply and no file with keys needs more. */
#define KR_JSON_MAX_LENGTH (64 * 1024)
#define KR_JSON_MAX_DEPTH 16

/* A node whose texts may be secrets: json-glib does not wipe what it frees. */
typedef JsonNode KrJson;

/* One object within the bounds, or NULL. */
KrJson *kr_json_parse_object (const char *body, gsize length);

/* Wipes the texts, and drops a reference. */
void kr_json_free (KrJson *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KrJson, kr_json_free)
