/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See fuzz-plaintext.h; each input is also parsed as the kind that it looks like. */
#include <string.h>

#include "fuzz-plaintext.h"

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  check_parse (data, size, PLAINTEXT_KIS_YAML);
  check_parse (data, size, PLAINTEXT_AUTO);
  return 0;
}
