/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plaintext/brokers.h"

typedef enum
{
  PLAINTEXT_AUTO,
  PLAINTEXT_KIS_YAML, /* kis_devlp.yaml of the broker's own samples */
  PLAINTEXT_PYKIS,    /* secret.json of python-kis */
  PLAINTEXT_ENV       /* NAME=value lines */
} PlaintextFormat;

/* A key, perhaps incomplete. */
typedef struct
{
  char *broker_id;
  char *tag;   /* tells keys of the same broker and environment apart; may be empty */
  char *label; /* the setting with its first field */
  KrSecretEnvironment environment;
  gboolean marked;   /* setting names tell the environment */
  gboolean assumed;  /* nothing tells the environment */
  GPtrArray *names;  /* of const char *, owned by the fields */
  GPtrArray *values; /* of SecretValue; NULL for a placeholder */
} FoundKey;

/* A file's hints about the environment of unmarked keys, as sets of environments. */
#define SETTING_CHOICE(environment) (1U << (environment))

typedef struct
{
  const char *broker_id; /* NULL: the only broker in the file */
  guint switches;        /* from settings that choose it */
  guint addresses;       /* from brokers' addresses */
} FoundHint;

typedef struct
{
  const PlaintextBroker *brokers;
  PlaintextFormat format;
  GPtrArray *keys;         /* of FoundKey */
  GPtrArray *placeholders; /* names of settings with a placeholder */
  GPtrArray *doubtful;     /* those with one as long as a key */
  GPtrArray *strays;       /* names of settings with a key of an unknown broker */
  GPtrArray *hidden;       /* places of likely keys that are not imported */
  GArray *hints;           /* of FoundHint */
  guint n_others;          /* number of unrelated settings */
} FoundKeys;
