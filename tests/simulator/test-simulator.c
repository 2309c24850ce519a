/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "suites.h"

#include <glib.h>
#include <locale.h>

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  if (g_getenv ("KR_TEST_SIMULATOR") == NULL)
    g_error ("KR_TEST_SIMULATOR has to name the simulator");
  add_program_tests ();
  add_broker_tests ();
  add_fault_tests ();
  add_fault_order_tests ();
  return g_test_run ();
}
