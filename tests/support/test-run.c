/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-run.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

#include "test-assert.h"

#define DEADLINE_S 30

void
test_run_free (TestRun *self)
{
  g_free (self->out);
  g_free (self->err);
  g_free (self);
}

/* A pipe that contains all of @text already: a program that does not read it cannot block us. */
static int
filled_pipe (const char *text)
{
  g_autoptr (GError) error = NULL;
  int fds[2];

  g_unix_open_pipe (fds, FD_CLOEXEC, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fcntl (fds[1], F_SETPIPE_SZ, 1024 * 1024), >=, 0);
  g_assert_cmpint (write (fds[1], text, strlen (text)), ==, strlen (text));
  close (fds[1]);
  return fds[0];
}

typedef struct
{
  GSubprocess *process;
  gboolean done;
  gboolean late;
  GBytes *out;
  GBytes *err;
} Watch;

static void
communicated (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  Watch *watch = data;

  g_subprocess_communicate_finish (watch->process, result, &watch->out, &watch->err, &error);
  g_assert_no_error (error);
  watch->done = TRUE;
}

static gboolean
too_late (gpointer data)
{
  Watch *watch = data;

  watch->late = TRUE;
  g_subprocess_force_exit (watch->process);
  return G_SOURCE_REMOVE;
}

static char *
to_text (GBytes *bytes, gsize *out_length)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);
  char *text = g_malloc (length + 1);

  if (length > 0)
    memcpy (text, data, length);
  text[length] = '\0';
  if (out_length != NULL)
    *out_length = length;
  g_bytes_unref (bytes);
  return text;
}

TestRun *
test_run (char **env, const char *const *argv, const char *input, int fd)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GSubprocess) process = NULL;
  Watch watch = { NULL };
  TestRun *self = g_new0 (TestRun, 1);
  gint64 start = g_get_monotonic_time ();
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GSource) timer = g_timeout_source_new_seconds (DEADLINE_S);

  if (env != NULL)
    g_subprocess_launcher_set_environ (launcher, env);
  if (input != NULL && fd == -1)
    g_subprocess_launcher_take_stdin_fd (launcher, filled_pipe (input));
  else if (input != NULL)
    g_subprocess_launcher_take_fd (launcher, filled_pipe (input), fd);
  process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  g_assert_no_error (error);

  watch.process = process;
  g_source_set_callback (timer, too_late, &watch, NULL);
  g_source_attach (timer, context);
  g_main_context_push_thread_default (context);
  g_subprocess_communicate_async (process, NULL, NULL, communicated, &watch);
  while (!watch.done)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);
  g_source_destroy (timer);
  self->took = (g_get_monotonic_time () - start) / 1000;
  self->status = g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process)
                                                      : 128 + g_subprocess_get_term_sig (process);
  self->out = to_text (watch.out, &self->out_length);
  self->err = to_text (watch.err, NULL);
  if (watch.late)
    {
      g_autofree char *command = g_strjoinv (" ", (char **) argv);

      test_fail ("did not end: %s\n%s%s", command, self->out, self->err);
    }
  return self;
}
