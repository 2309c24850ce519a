/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plaintext/key-file.h"

typedef enum
{
  IMPORT_HOLDS_NO_KEY,
  IMPORT_HOLDS_KEY,    /* that import finds */
  IMPORT_HOLDS_UNKNOWN /* what import does not open, such as a pickle, or does not take out: there
                          may be a key in it */
} ImportHolds;

/* What is in a file, as far as it matters to who would destroy it. */
typedef struct
{
  ImportHolds holds;
  ImportFormat format; /* what import has to be told it is */
  gboolean long_word;  /* one as long as keys and tokens are, which nothing in a sample is */
} ImportLook;

/* A list that ends with a NULL id; it is of the brokers', which have to stay. */
ImportBroker *import_look_list_brokers (GPtrArray *brokers);
void import_look_at (ImportFile *file, const ImportBroker *brokers, ImportLook *out_look);
gboolean import_look_is_pickle_name (const char *name);
/* What to do with a file of which that is not known. */
const char *import_look_get_advice (void);
