/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "krsecret.h"

/* What the parsers of import find in a file. They are pure: bytes in, keys or an error out. */

typedef enum
{
  PLAINTEXT_AUTO,
  PLAINTEXT_KIS_YAML, /* kis_devlp.yaml of the broker's own samples */
  PLAINTEXT_PYKIS,    /* secret.json of python-kis */
  PLAINTEXT_ENV       /* NAME=value lines */
} PlaintextFormat;

/* A broker whose name may stand in a setting's name. Lists of them end with a NULL id. */
typedef struct
{
  const char *id;
  const KrSecretField *fields;
  const char *real_uri;
  const char *paper_uri; /* NULL: it has no paper trading */
} PlaintextBroker;

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
} SettingName;

void setting_name_parse (const char *name, const PlaintextBroker *brokers, SettingName *out_name);
void setting_name_clear (SettingName *self);
gboolean placeholder_is_likely (const char *value, gsize length);
gboolean placeholder_is_certain (const char *value, gsize length);
guint setting_name_choose (const SettingName *name, const char *value, gsize length);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SettingName, setting_name_clear)

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
} FoundKey;

/* What a file says about the environment of unmarked keys, as sets of environments. */
#define SETTING_CHOICE(environment) (1U << (environment))

typedef struct
{
  const char *broker_id; /* NULL: whatever broker is the only one in the file */
  guint switches;        /* by settings that choose it */
  guint addresses;       /* by those that hold a broker's address */
} FoundHint;

typedef struct
{
  const PlaintextBroker *brokers;
  PlaintextFormat format;
  GPtrArray *keys;         /* of FoundKey */
  GPtrArray *placeholders; /* names of settings that wait for a key */
  GPtrArray *doubtful;     /* of those that look so, but are as long as a key */
  GPtrArray *strays;       /* names of settings that hold a key of nobody knows which broker */
  GPtrArray *hidden;       /* where in the file there seem to be keys that are not taken */
  GArray *hints;           /* of FoundHint */
  guint n_others;          /* settings that are not about keys */
} FoundKeys;

FoundKeys *found_keys_new (const PlaintextBroker *brokers, PlaintextFormat format);
void found_keys_free (FoundKeys *self);
gboolean
found_keys_add (FoundKeys *self, const char *name, const char *value, gsize length, GError **error);
void found_keys_add_number (FoundKeys *self, const char *name);
gboolean found_keys_is_field (FoundKeys *self, const char *name);
void found_keys_finish (FoundKeys *self);

/* See import-hidden.c. */
char *hidden_keys_join_path (const char *path, const char *name);
void hidden_keys_add_nested (
    FoundKeys *self, const char *path, const char *name, const char *value, gsize length);
void hidden_keys_add (FoundKeys *self, const char *label);
void hidden_keys_look (
    FoundKeys *self, const char *label, const char *text, gsize length, gboolean lone);
void hidden_keys_look_at_line (FoundKeys *self, guint line, const char *text, gsize length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoundKeys, found_keys_free)

/* The bytes of a file, or a text made of them. They are wiped. */
typedef struct
{
  char *data;
  gsize length;
} PlaintextBytes;

void plaintext_bytes_clear (PlaintextBytes *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlaintextBytes, plaintext_bytes_clear)

/* No file that holds keys is larger. */
#define PLAINTEXT_MAX_SIZE (1024 * 1024)

gboolean parse_is_pickle (const char *data, gsize length);

gboolean plaintext_yaml_read (FoundKeys *found, const char *data, gsize length, GError **error);
gboolean plaintext_json_read (FoundKeys *found, const char *data, gsize length, GError **error);
gboolean plaintext_env_read (FoundKeys *found, const char *data, gsize length, GError **error);

/* All of it: what the bytes of a file hold. */
FoundKeys *parse_bytes (const PlaintextBytes *bytes,
                        PlaintextFormat format,
                        const PlaintextBroker *brokers,
                        GError **error);
