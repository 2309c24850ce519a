/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plaintext/found-keys.h"
#include "terminal/tool.h"

typedef enum
{
  IMPORT_NEW, /* to be stored */
  IMPORT_STORED,
  IMPORT_PRESENT, /* in the keyring with the same secret */
  IMPORT_SKIPPED
} ImportResult;

typedef struct
{
  FoundKey *key;                  /* one of the found ones */
  KrSecretCredential *credential; /* NULL: incomplete or invalid */
  KrSecretAccount *account;       /* the account with this key, or NULL */
  char *alias;                    /* NULL: skipped */
  char *hint;                     /* start of the appkey, safe to show; or NULL */
  char *reason;                   /* why it is skipped, or NULL */
  gboolean covered;               /* destroying the file loses nothing of it */
  ImportResult result;
} ImportItem;

typedef enum
{
  IMPORT_SHOWN_TO_READ,   /* unless -q */
  IMPORT_SHOWN_TO_DECIDE, /* even with -q, before a question */
  IMPORT_SHOWN_AS_OUTPUT
} ImportShown;

typedef struct
{
  FoundKeys *found;
  GPtrArray *brokers; /* loaded ones */
  GPtrArray *items;   /* of ImportItem */
} ImportPlan;

ImportPlan *import_plan_new (FoundKeys *found, GPtrArray *brokers);
void import_plan_free (ImportPlan *self);
gboolean import_plan_make (
    ImportPlan *self, Tool *tool, KrSecretClient *client, const char *alias, int *out_status);
guint import_plan_count (ImportPlan *self, ImportResult result);
gboolean import_plan_is_covered (ImportPlan *self);
gboolean import_plan_find_other_secret (ImportPlan *self, char **out_name);
void import_plan_view_show (ImportPlan *self, Tool *tool, ImportShown shown);
void import_plan_view_write (ImportPlan *self);
gboolean import_plan_store (ImportPlan *self, KrSecretClient *client, GError **error);
gboolean import_plan_read_back (ImportPlan *self, KrSecretClient *client, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ImportPlan, import_plan_free)
