/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

/* No broker's reply and no file with keys is larger, in bytes, or deeper. */
#define KR_JSON_MAX_LENGTH (64 * 1024)
#define KR_JSON_MAX_DEPTH 16

JsonNode *kr_json_parse_object (const char *body, gsize length);
