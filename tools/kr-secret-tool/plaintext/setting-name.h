/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plaintext/found.h"

typedef struct
{
  const char *broker_id; /* NULL: none */
  const char *field;     /* NULL: not a field of a key */
  gboolean paper;        /* has a word for paper trading, 모의 */
  gboolean real;         /* has a word for real trading, 실전 */
  gboolean vague;        /* the words may be about software tests */
  gboolean certain;      /* certainly the field, of any broker */
  gboolean plain;        /* just the field, or the choice of the environment, and no other word */
  char *tag;             /* its other words */
} SettingName;

/* Uses the context of the file. */
void setting_name_parse (const FoundKeys *found, const char *label, SettingName *out_name);
void setting_name_clear (SettingName *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SettingName, setting_name_clear)

/* Whether it is certainly a field, even without a broker: SECRET_KEY may be anything. */
gboolean setting_name_is_field (const SettingName *self);
gboolean setting_name_means_field (const FoundKeys *found, const char *label);

/* The environment that a setting other than a field chooses, as a set. */
guint setting_name_choose (const SettingName *self, const char *value, gsize length);
