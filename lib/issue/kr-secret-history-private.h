/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "values/kr-secret-record-private.h"

/* What a ledger's record says. README.md explains the keys. An empty text means that it is
 * missing. */

/* The key for when a ledger was written that turned out to be torn. */
#define KR_SECRET_HISTORY_TORN "torn"

/* A point in time by both clocks, and how long to wait from then on. */
typedef struct
{
  char boot_id[40]; /* the boot that boottime_ms counts from */
  gint64 time;
  gint64 boottime_ms;
  gint64 wait_ms;
} KrSecretSpan;

/* A token that must not be handed out again. */
typedef struct
{
  char fingerprint[72];
  gint64 issued_at;
} KrSecretDead;

/* Of one kind of token. */
typedef struct
{
  KrSecretSpan attempt; /* the last issue, and the broker's interval */
  gint64 before_ms;     /* what was left to wait before the attempt */
  KrSecretSpan end;     /* of that attempt */
  gint64 code;          /* a KrSecretError; 0: it brought a token */
  char broker_code[136];
  gint64 retry_after;
  gint64 refusals;
  char refused_key[72]; /* its fingerprint */
  KrSecretSpan hold;    /* a pause of ours */
  KrSecretDead rejected;
  KrSecretSpan row; /* while it lasts, another rejection is the next in a row */
  gint64 row_length;
} KrSecretAttempts;

typedef struct
{
  gint64 torn; /* KR_SECRET_HISTORY_TORN */
  KrSecretDead withdrawn;
  char trial_key[72]; /* its fingerprint */
  KrSecretSpan trial;
  KrSecretAttempts kinds[2]; /* by KrSecretTokenKind */
} KrSecretHistory;

void kr_secret_history_read (KrSecretHistory *self, KrSecretRecord *record);
void kr_secret_history_write (const KrSecretHistory *self, KrSecretRecord *record);
