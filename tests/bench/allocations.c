/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "allocations.h"

#include <stdlib.h>

/* The program's own malloc serves all libraries, glibc's own code included. Counts are per thread,
 * because GDBus's thread never stops allocating. */

void *__libc_malloc (size_t size);
void *__libc_calloc (size_t n, size_t size);
void *__libc_realloc (void *memory, size_t size);

static __thread guint64 count;

void *
malloc (size_t size)
{
  count++;
  return __libc_malloc (size);
}

void *
calloc (size_t n, size_t size)
{
  count++;
  return __libc_calloc (n, size);
}

void *
realloc (void *memory, size_t size)
{
  count++;
  return __libc_realloc (memory, size);
}

guint64
allocations_count (void)
{
  return count;
}
