/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A library that is loaded when one of its functions is first called. Printing a token needs
 * neither JSON nor YAML, and is done far more often than what does. */

/* Defines a function that forwards its calls to the library. */
#define KR_LAZY(library, symbol, type, name, parameters, arguments)                                \
  type name parameters                                                                             \
  {                                                                                                \
    static __typeof__ (&name) function;                                                            \
                                                                                                   \
    if (g_atomic_pointer_get (&function) == NULL)                                                  \
      g_atomic_pointer_set (&function, (__typeof__ (&name)) kr_lazy_find (library, symbol));       \
    return function arguments;                                                                     \
  }

/* Ends the program if there is no such library or function, as starting it would have if they were
 * linked. */
gpointer kr_lazy_find (const char *library, const char *function);
