/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "issue/kr-secret-history-private.h"

#include <string.h>

typedef struct
{
  const char *key;
  gsize offset;
  gsize size; /* of a text; 0: a number */
} Field;

#define FIELD(key, member, size)                                                                   \
  {                                                                                                \
    key, G_STRUCT_OFFSET (KrSecretHistory, member), size                                           \
  }
#define NUMBER(key, member) FIELD (key, member, 0)
#define TEXT(key, member) FIELD (key, member, sizeof ((KrSecretHistory *) NULL)->member)
#define SPAN(key, member)                                                                          \
  TEXT (key ".boot_id", member.boot_id), NUMBER (key ".time", member.time),                        \
      NUMBER (key ".boottime_ms", member.boottime_ms), NUMBER (key ".wait_ms", member.wait_ms)
#define DEAD(key, member)                                                                          \
  TEXT (key, member.fingerprint), NUMBER (key ".issued_at", member.issued_at)
#define KIND(key, n)                                                                               \
  SPAN (key, kinds[n].attempt), NUMBER (key ".before_ms", kinds[n].before_ms),                     \
      SPAN (key ".end", kinds[n].end), NUMBER (key ".end.code", kinds[n].code),                    \
      TEXT (key ".end.broker_code", kinds[n].broker_code),                                         \
      NUMBER (key ".end.retry_after", kinds[n].retry_after),                                       \
      NUMBER (key ".end.refusals", kinds[n].refusals),                                             \
      TEXT (key ".end.refused_key", kinds[n].refused_key), SPAN (key ".hold", kinds[n].hold),      \
      DEAD (key ".rejected", kinds[n].rejected), SPAN (key ".rejected", kinds[n].row),             \
      NUMBER (key ".rejected.count", kinds[n].row_length)

/* As 0.1.0 wrote it; every version must read that. */
static const Field fields[] = {
  NUMBER (KR_SECRET_HISTORY_TORN, torn),   DEAD ("withdrawn", withdrawn),
  TEXT ("trial.key", trial_key),           SPAN ("trial", trial),
  KIND ("access", KR_SECRET_TOKEN_ACCESS), KIND ("websocket", KR_SECRET_TOKEN_WEBSOCKET),
};

void
kr_secret_history_read (KrSecretHistory *self, KrSecretRecord *record)
{
  memset (self, 0, sizeof *self);
  for (const Field *field = fields; field < fields + G_N_ELEMENTS (fields); field++)
    {
      gpointer place = G_STRUCT_MEMBER_P (self, field->offset);
      const char *text = kr_secret_record_get (record, field->key);

      if (field->size == 0)
        *(gint64 *) place = kr_secret_record_get_int (record, field->key, 0);
      else if (text != NULL && strlen (text) < field->size)
        strcpy (place, text);
    }
}

/* Leaves other keys of the record as they are. */
void
kr_secret_history_write (const KrSecretHistory *self, KrSecretRecord *record)
{
  for (const Field *field = fields; field < fields + G_N_ELEMENTS (fields); field++)
    {
      const char *text = G_STRUCT_MEMBER_P (self, field->offset);
      gint64 number = field->size == 0 ? G_STRUCT_MEMBER (gint64, self, field->offset) : 0;

      if (number != 0)
        kr_secret_record_set_int (record, field->key, number);
      else
        kr_secret_record_set (record, field->key, field->size > 0 && *text != '\0' ? text : NULL);
    }
}
