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
  const char *real_uri;
  const char *paper_uri; /* NULL: it has no paper trading */
} ImportBroker;

/* What the name of a setting says. */
typedef struct
{
  const char *broker_id; /* NULL: it names none */
  const char *field;     /* NULL: no field of a key */
  gboolean paper;        /* has a word for 모의 */
  gboolean real;         /* has a word for 실전 */
  gboolean vague;        /* these may as well be about tests of software */
  gboolean certain;      /* the field can be nothing else, whoever's it is */
  gboolean plain;        /* is the field, or what chooses the environment, and no word more */
  char *tag;             /* its other words */
} ImportName;

void import_name_parse (const char *name, const ImportBroker *brokers, ImportName *out_name);
void import_name_clear (ImportName *self);
gboolean import_is_placeholder (const char *value, gsize length);
gboolean import_is_sample (const char *value, gsize length);
guint import_name_choose (const ImportName *name, const char *value, gsize length);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ImportName, import_name_clear)

/* A key, with all its fields that are there. */
typedef struct
{
  char *broker_id;
  char *tag;   /* tells it from others of the same broker and environment; may be empty */
  char *label; /* the setting its first field came from */
  KrSecretEnvironment environment;
  gboolean marked;   /* the environment is in the settings' names */
  gboolean assumed;  /* nothing says which environment it is for */
  GPtrArray *names;  /* of const char *, the fields' */
  GPtrArray *values; /* of SecretValue; NULL where a placeholder stands */
} ImportKey;

/* What a file says about the environment of unmarked keys, as sets of environments. */
#define IMPORT_CHOICE(environment) (1U << (environment))

typedef struct
{
  const char *broker_id; /* NULL: whatever broker is the only one in the file */
  guint switches;        /* by settings that choose it */
  guint addresses;       /* by those that hold a broker's address */
} ImportHint;

typedef struct
{
  const ImportBroker *brokers;
  ImportFormat format;
  GPtrArray *keys;         /* of ImportKey */
  GPtrArray *placeholders; /* names of settings that wait for a key */
  GPtrArray *doubtful;     /* of those that look so, but are as long as a key */
  GPtrArray *strays;       /* names of settings that hold a key of nobody knows which broker */
  GPtrArray *hidden;       /* where in the file there seem to be keys that are not taken */
  GArray *hints;           /* of ImportHint */
  guint n_others;          /* settings that are not about keys */
} ImportFound;

ImportFound *import_found_new (const ImportBroker *brokers, ImportFormat format);
void import_found_free (ImportFound *self);
gboolean import_found_add (
    ImportFound *self, const char *name, const char *value, gsize length, GError **error);
void import_found_add_number (ImportFound *self, const char *name);
gboolean import_found_is_field (ImportFound *self, const char *name);
void import_found_finish (ImportFound *self);

/* See import-hidden.c. */
char *import_path (const char *path, const char *name);
void import_found_add_nested (
    ImportFound *self, const char *path, const char *name, const char *value, gsize length);
void import_found_hide (ImportFound *self, const char *label);
void import_found_look (
    ImportFound *self, const char *label, const char *text, gsize length, gboolean lone);
void import_found_look_at_line (ImportFound *self, guint line, const char *text, gsize length);

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

gboolean import_read_yaml (ImportFound *found, const char *data, gsize length, GError **error);
gboolean import_read_json (ImportFound *found, const char *data, gsize length, GError **error);
gboolean import_read_env (ImportFound *found, const char *data, gsize length, GError **error);

/* All of it: what the bytes of a file hold. */
ImportFound *import_parse (const ImportText *bytes,
                           ImportFormat format,
                           const ImportBroker *brokers,
                           GError **error);
