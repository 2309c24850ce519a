/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* Stops and resumes a process of this test. When test_pause returns, it has stopped. */
void test_pause (GPid pid);
void test_resume (GPid pid);

/* The process whose pid is in this environment variable, such as KR_TEST_BUS_PID. */
GPid test_pid_from_env (const char *variable);

/* Kills with SIGKILL and waits until the process is gone, or only a zombie is left of it. */
void test_kill (GPid pid);

/* Waits for the first process of that program name which has this test's KR_TEST_DIR. */
GPid test_wait_for_argument (const char *argument);

/* This program again, with arguments; its output is a pipe. */
GSubprocess *test_spawn_self (const char *argument, ...) G_GNUC_NULL_TERMINATED;
/* Reads everything that it still writes, and waits for its end, which has to be a success. */
char *test_finish (GSubprocess *process);

/* Waits for a condition, looking again every few milliseconds; fails after 20 s. */
#define test_wait_until(condition)                                                                 \
  G_STMT_START                                                                                     \
  {                                                                                                \
    gint64 wait_end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;                               \
    while (!(condition))                                                                           \
      {                                                                                            \
        if (g_get_monotonic_time () > wait_end)                                                    \
          g_error ("%s:%d: waited in vain for: %s", __FILE__, __LINE__, #condition);               \
        g_usleep (3000);                                                                           \
      }                                                                                            \
  }                                                                                                \
  G_STMT_END
