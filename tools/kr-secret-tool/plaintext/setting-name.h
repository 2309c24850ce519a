/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plaintext/found.h"

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

/* As it is meant in this file. */
void setting_name_parse (const FoundKeys *found, const char *label, SettingName *out_name);
void setting_name_clear (SettingName *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SettingName, setting_name_clear)

/* Whether it is a field without doubt, although no broker may be named: SECRET_KEY may be anything.
 */
gboolean setting_name_is_field (const SettingName *self);
gboolean setting_name_means_field (const FoundKeys *found, const char *label);

/* The environment that keys are for, as a set, if a setting that is no field says so. */
guint setting_name_choose (const SettingName *self, const char *value, gsize length);
