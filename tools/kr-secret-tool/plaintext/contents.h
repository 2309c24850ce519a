/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plaintext/found.h"
#include "plaintext/key-file.h"

typedef enum
{
  CONTENTS_HOLD_NO_KEY,
  CONTENTS_HOLD_KEY,    /* which import finds */
  CONTENTS_HOLD_UNKNOWN /* there may be a key that import cannot take out, as in a pickle */
} ContentsHold;

/* What to know about a file before destroying it. */
typedef struct
{
  ContentsHold holds;
  PlaintextFormat format; /* the format that import must be told */
  gboolean long_word;     /* as long as a key or token, which nothing in a sample is */
} Contents;

void contents_look_at (KeyFile *file, const PlaintextBroker *brokers, Contents *out_look);
gboolean contents_is_pickle_name (const char *name);
/* Advice for a file with unknown contents. */
const char *contents_get_advice (void);
