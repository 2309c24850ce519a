/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* No broker's reply and no file with keys is larger, in bytes, or deeper. */
#define KR_JSON_MAX_LENGTH (64 * 1024)
#define KR_JSON_MAX_DEPTH 16

typedef enum
{
  KR_JSON_NULL,
  KR_JSON_BOOLEAN,
  KR_JSON_INTEGER,
  KR_JSON_DECIMAL, /* a number with a fraction or an exponent; which one, nobody has asked yet */
  KR_JSON_STRING,
  KR_JSON_ARRAY,
  KR_JSON_OBJECT,
} KrJsonType;

typedef struct _KrJson KrJson;

struct _KrJson
{
  KrJsonType type;
  char *name;    /* of a member; else NULL */
  char *text;    /* of a string; else NULL */
  gint64 number; /* an integer, or whether a boolean is true */
  KrJson *first; /* what is in an array or object, in its order */
  KrJson *next;  /* beside it in there */
};

/* One object within the bounds, or NULL. */
KrJson *kr_json_parse_object (const char *body, gsize length);
KrJson *kr_json_new_object (void);
/* Wipes the texts; they may be secrets. */
void kr_json_free (KrJson *self);

KrJson *kr_json_get_member (const KrJson *object, const char *name);
/* Sets the member at a path such as "dataBody.appKey", and makes the objects on the way. */
void kr_json_set_string (KrJson *object, const char *path, const char *text);

void kr_json_append (GString *out, const KrJson *self);
void kr_json_append_string (GString *out, const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KrJson, kr_json_free)
