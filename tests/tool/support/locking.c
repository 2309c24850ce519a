/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "locking.h"

const char *
locking_get_password (void)
{
  return g_getenv ("KR_TEST_KEYRING_PASSWORD");
}

TestRun *
locking_unlock (World *world, int status, const char *input, const char *option)
{
  return tool_fd (world, status, 3, input, "unlock", "--fd", "3", option);
}

void
locking_unlock_ends (World *world, int status, const char *input)
{
  g_autoptr (TestRun) ran = locking_unlock (world, status, input, NULL);

  g_assert_cmpstr (ran->out, ==, "");
}
