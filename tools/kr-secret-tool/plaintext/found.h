/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plaintext/brokers.h"

/* What is found in a file. */

typedef enum
{
  PLAINTEXT_AUTO,
  PLAINTEXT_KIS_YAML, /* kis_devlp.yaml of the broker's own samples */
  PLAINTEXT_PYKIS,    /* secret.json of python-kis */
  PLAINTEXT_ENV       /* NAME=value lines */
} PlaintextFormat;

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
