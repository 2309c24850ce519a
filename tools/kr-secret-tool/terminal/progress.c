/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "terminal/layout.h"
#include "terminal/progress.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "terminal/text.h"

/* A thread writes the line, because the waiting code blocks. */

#define PATIENCE (G_USEC_PER_SEC / 2) /* before anything is shown */
#define STEP (G_USEC_PER_SEC / 10)
#define DEFAULT_COLUMNS 80

static struct
{
  GMutex mutex;
  GCond cond;
  GThread *thread; /* NULL: no progress */
  gboolean ended;
  char *text;
  struct sigaction interrupt_before;
} progress;

static const char *const braille[] = { "⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏", NULL };
static const char *const ascii[] = { "|", "/", "-", "\\", NULL };

/* Clears the line on an interrupt, then lets the signal end us as usual. */
static void
on_interrupt (int number)
{
  static const char erase[] = "\r\033[K";

  G_GNUC_UNUSED ssize_t n = write (STDERR_FILENO, erase, sizeof erase - 1);
  raise (number); /* SA_RESETHAND: the default action, once this returns */
}

static void
catch_interrupt (void)
{
  const struct sigaction action
      = { .sa_handler = on_interrupt, .sa_flags = (int) SA_RESETHAND | SA_RESTART };

  sigaction (SIGINT, NULL, &progress.interrupt_before);
  if (progress.interrupt_before.sa_handler == SIG_DFL)
    sigaction (SIGINT, &action, NULL);
}

static void
draw (const char *frame)
{
  const guint of_terminal = layout_get_columns (STDERR_FILENO);
  const guint columns = of_terminal > 0 ? of_terminal : DEFAULT_COLUMNS;
  g_autofree char *cut = layout_cut (progress.text, columns > 3 ? columns - 3 : 0);

  fprintf (stderr, "\r\033[K%s %s", frame, cut);
  fflush (stderr);
}

static gpointer
show (gpointer data)
{
  const char *const *frames = g_get_charset (NULL) ? braille : ascii;
  gint64 next = g_get_monotonic_time () + PATIENCE;
  gboolean drawn = FALSE;

  g_mutex_lock (&progress.mutex);
  for (guint i = 0; !progress.ended;)
    {
      if (g_cond_wait_until (&progress.cond, &progress.mutex, next))
        continue;
      draw (frames[i]);
      drawn = TRUE;
      i = frames[i + 1] != NULL ? i + 1 : 0;
      next = g_get_monotonic_time () + STEP;
    }
  if (drawn)
    {
      fputs ("\r\033[K", stderr);
      fflush (stderr);
    }
  g_mutex_unlock (&progress.mutex);
  return NULL;
}

void
progress_begin (Tool *tool, const char *format, ...)
{
  va_list args;

  progress_end ();
  if (tool->quiet || !isatty (STDERR_FILENO) || g_strcmp0 (g_getenv ("TERM"), "dumb") == 0)
    return;
  va_start (args, format);
  progress.text = g_strdup_vprintf (format, args);
  va_end (args);
  progress.ended = FALSE;
  catch_interrupt ();
  progress.thread = g_thread_new ("progress", show, NULL);
}

void
progress_end (void)
{
  if (progress.thread == NULL)
    return;
  g_mutex_lock (&progress.mutex);
  progress.ended = TRUE;
  g_cond_signal (&progress.cond);
  g_mutex_unlock (&progress.mutex);
  g_thread_join (g_steal_pointer (&progress.thread));
  sigaction (SIGINT, &progress.interrupt_before, NULL);
  g_clear_pointer (&progress.text, g_free);
}
