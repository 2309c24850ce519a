/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* kr-secret-simulator: Korean brokers' token servers on the loopback interface, for tests. */

#include "options.h"
#include "server.h"

#include <errno.h>
#include <glib-unix.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

static gboolean
on_signal (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_stdin (int fd, GIOCondition condition, gpointer user_data)
{
  char buffer[4096];
  gssize n = read (fd, buffer, sizeof buffer);

  if (n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN)))
    return G_SOURCE_CONTINUE;
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

static gboolean
die_with_parent (pid_t parent)
{
  prctl (PR_SET_PDEATHSIG, SIGTERM);
  /* The parent may have ended before the kernel knew that we care. */
  return getppid () == parent;
}

static gboolean
say_uris (GPtrArray *servers)
{
  for (guint i = 0; i < servers->len; i++)
    {
      SimServer *server = servers->pdata[i];
      g_autofree char *uri = sim_server_dup_uri (server);

      if (printf ("%s %s\n", server->state->broker->id, uri) < 0)
        return FALSE;
    }
  return fflush (stdout) == 0;
}

static int
serve (SimOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (SimLog) log = sim_log_new (options->log, &error);
  g_autoptr (GPtrArray) servers = g_ptr_array_new_with_free_func ((GDestroyNotify) sim_server_free);

  for (guint i = 0; error == NULL && i < options->brokers->len; i++)
    {
      SimServer *server = sim_server_new (options->brokers->pdata[i], &options->settings, log,
                                          options->certificate, (guint16) options->port, &error);

      if (server != NULL)
        g_ptr_array_add (servers, server);
    }
  if (error != NULL)
    {
      g_printerr ("kr-secret-simulator: %s\n", error->message);
      return 1;
    }

  g_unix_signal_add (SIGINT, on_signal, loop);
  g_unix_signal_add (SIGTERM, on_signal, loop);
  if (options->exit_on_eof)
    g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, on_stdin, loop);
  if (!say_uris (servers))
    {
      g_printerr ("kr-secret-simulator: cannot write to the standard output\n");
      return 1;
    }
  g_main_loop_run (loop);
  return 0;
}

int
main (int argc, char **argv)
{
  pid_t parent = getppid ();
  g_autoptr (GError) error = NULL;
  g_autoptr (SimOptions) options = NULL;

  setlocale (LC_ALL, "");
  signal (SIGPIPE, SIG_IGN);
  options = sim_options_parse (argc, argv, &error);
  if (options == NULL)
    {
      g_printerr ("kr-secret-simulator: %s\nTry “kr-secret-simulator --help”.\n", error->message);
      return 2;
    }
  if (options->text != NULL)
    return fputs (options->text, stdout) >= 0 && fflush (stdout) == 0 ? 0 : 1;
  if (options->die_with_parent && !die_with_parent (parent))
    return 0;
  return serve (options);
}
