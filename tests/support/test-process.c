/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-process.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The letter of the process's state, and its parent; 0 if the process is gone. */
static char
get_state (GPid pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *text = NULL;
  const char *p;
  char state;

  if (!g_file_get_contents (path, &text, NULL, NULL) || (p = strrchr (text, ')')) == NULL
      || sscanf (p, ") %c", &state) != 1)
    return 0;
  return state;
}

void
test_pause (GPid pid)
{
  g_assert_cmpint (kill (pid, SIGSTOP), ==, 0);
  test_wait_until (get_state (pid) == 'T');
}

void
test_resume (GPid pid)
{
  g_assert_cmpint (kill (pid, SIGCONT), ==, 0);
}

GPid
test_pid_from_env (const char *variable)
{
  const char *text = g_getenv (variable);

  g_assert_nonnull (text);
  return (GPid) g_ascii_strtoll (text, NULL, 10);
}

void
test_kill (GPid pid)
{
  char state;

  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  test_wait_until ((state = get_state (pid)) == 0 || state == 'Z');
}

static GPid
find_program (const char *argument)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc", 0, NULL);
  const char *entry;

  while ((entry = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc", entry, "cmdline", NULL);
      g_autofree char *line = NULL;
      gsize length;

      if (g_ascii_isdigit (*entry) && g_file_get_contents (path, &line, &length, NULL)
          && memmem (line, length, argument, strlen (argument)) != NULL
          && get_state (atoi (entry)) != 'Z')
        return atoi (entry);
    }
  return 0;
}

/* The process with this argument, which no other test uses. */
GPid
test_wait_for_argument (const char *argument)
{
  GPid pid;

  test_wait_until ((pid = find_program (argument)) > 0);
  return pid;
}

GSubprocess *
test_spawn_self (const char *argument, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autoptr (GError) error = NULL;
  GSubprocess *process;
  va_list arguments;

  g_ptr_array_add (argv, self);
  va_start (arguments, argument);
  for (; argument != NULL; argument = va_arg (arguments, const char *))
    g_ptr_array_add (argv, (gpointer) argument);
  va_end (arguments);
  g_ptr_array_add (argv, NULL);
  process = g_subprocess_newv ((const char *const *) argv->pdata, G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                               &error);
  g_assert_no_error (error);
  return process;
}

char *
test_finish (GSubprocess *process)
{
  g_autoptr (GError) error = NULL;
  char *output = NULL;

  g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, &error);
  g_assert_no_error (error);
  g_subprocess_wait_check (process, NULL, &error);
  g_assert_no_error (error);
  return output;
}
