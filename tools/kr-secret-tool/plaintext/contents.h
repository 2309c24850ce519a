/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plaintext/found.h"
#include "plaintext/key-file.h"

typedef enum
{
  CONTENTS_HOLD_NO_KEY,
  CONTENTS_HOLD_KEY,    /* that import finds */
  CONTENTS_HOLD_UNKNOWN /* what import does not open, such as a pickle, or does not take out: there
                          may be a key in it */
} ContentsHold;

/* What is in a file, as far as it matters to who would destroy it. */
typedef struct
{
  ContentsHold holds;
  PlaintextFormat format; /* what import has to be told it is */
  gboolean long_word;     /* one as long as keys and tokens are, which nothing in a sample is */
} Contents;

void contents_look_at (KeyFile *file, const PlaintextBroker *brokers, Contents *out_look);
gboolean contents_is_pickle_name (const char *name);
/* What to do with a file of which that is not known. */
const char *contents_get_advice (void);
