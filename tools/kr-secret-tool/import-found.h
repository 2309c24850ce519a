/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "krsecret.h"

/* What the parsers of import find in a file. They are pure: bytes in, keys or an error out. */

typedef enum
{
  IMPORT_AUTO,
  IMPORT_KIS_YAML, /* kis_devlp.yaml of the broker's own samples */
  IMPORT_PYKIS,    /* secret.json of python-kis */
  IMPORT_ENV       /* NAME=value lines */
} ImportFormat;

/* A broker whose name may stand in a setting's name. Lists of them end with a NULL id. */
typedef struct
{
  const char *id;
  const KrSecretField *fields;
} ImportBroker;

/* What the name of a setting says. */
typedef struct
{
  const char *broker_id; /* NULL: it names none */
  const char *field;     /* NULL: no field of a key */
  gboolean paper;        /* has a word for 모의 */
  gboolean real;         /* has a word for 실전 */
  gboolean certain;      /* the field can be nothing else, whoever's it is */
  gboolean plain;        /* is the field, or what chooses the environment, and no word more */
  char *tag;             /* its other words */
} ImportName;

void import_name_parse (const char *name, const ImportBroker *brokers, ImportName *out_name);
void import_name_clear (ImportName *self);
gboolean import_is_placeholder (const char *value, gsize length);
gboolean import_chooses_paper (const ImportName *name, const char *value, gsize length);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ImportName, import_name_clear)

/* A key, with all its fields that are there. */
typedef struct
{
  char *broker_id;
  char *tag;   /* tells it from others of the same broker and environment; may be empty */
  char *label; /* the setting its first field came from */
  KrSecretEnvironment environment;
  gboolean marked;   /* the environment is in the settings' names */
  GPtrArray *names;  /* of const char *, the fields' */
  GPtrArray *values; /* of SecretValue; NULL where a placeholder stands */
} ImportKey;

typedef struct
{
  const ImportBroker *brokers;
  ImportFormat format;
  GPtrArray *keys;         /* of ImportKey */
  GPtrArray *placeholders; /* names of settings that wait for a key */
  GPtrArray *strays;       /* names of settings that hold a key of nobody knows which broker */
  GPtrArray *paper;        /* ids of the brokers whose unmarked keys are for paper trading */
  guint n_others;          /* settings that are not about keys */
} ImportFound;

ImportFound *import_found_new (const ImportBroker *brokers, ImportFormat format);
void import_found_free (ImportFound *self);
gboolean import_found_add (
    ImportFound *self, const char *name, const char *value, gsize length, GError **error);
void import_found_finish (ImportFound *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ImportFound, import_found_free)

/* The bytes of a file, or a text made of them. They are wiped. */
typedef struct
{
  char *data;
  gsize length;
} ImportText;

void import_text_clear (ImportText *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ImportText, import_text_clear)

/* No file that holds keys is larger. */
#define IMPORT_MAX_SIZE (1024 * 1024)

gboolean import_is_pickle (const char *data, gsize length);
gboolean import_text_decode (const ImportText *bytes, ImportText *out_text, GError **error);
ImportFormat import_guess_format (const char *data, gsize length);

gboolean import_read_yaml (ImportFound *found, const char *data, gsize length, GError **error);
gboolean import_read_json (ImportFound *found, const char *data, gsize length, GError **error);
gboolean import_read_env (ImportFound *found, const char *data, gsize length, GError **error);

/* All of it: what the bytes of a file hold. */
ImportFound *import_parse (const ImportText *bytes,
                           ImportFormat format,
                           const ImportBroker *brokers,
                           GError **error);
