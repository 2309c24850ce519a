/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "common/kr-lazy.h"

#include <dlfcn.h>

gpointer
kr_lazy_find (const char *library, const char *function)
{
  /* It stays loaded: what it has registered cannot be taken back. */
  void *handle = dlopen (library, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  gpointer found = handle != NULL ? dlsym (handle, function) : NULL;

  if (found == NULL)
    g_error ("%s", dlerror ());
  return found;
}
