/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writing everything, or failing with an errno. */
#include "common/kr-write.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#define LENGTH (1024 * 1024)

static void
on_alarm (int number)
{
}

/* Reads slowly, so that the writer waits, and is interrupted. */
static gpointer
read_slowly (gpointer data)
{
  int fd = GPOINTER_TO_INT (data);
  GByteArray *bytes = g_byte_array_new ();
  guint8 buffer[16 * 1024];
  ssize_t n;

  while ((n = read (fd, buffer, sizeof buffer)) > 0 || (n < 0 && errno == EINTR))
    {
      g_byte_array_append (bytes, buffer, (guint) MAX (n, 0));
      g_usleep (1000);
    }
  return bytes;
}

static void
test_signals_leave_nothing_out (void)
{
  const struct sigaction action = { .sa_handler = on_alarm };
  const struct itimerval often = { { 0, 500 }, { 0, 500 } };
  const struct itimerval never = { { 0, 0 }, { 0, 0 } };
  g_autofree char *text = g_malloc (LENGTH);
  g_autoptr (GByteArray) bytes = NULL;
  GThread *reader;
  int ends[2];

  for (gsize i = 0; i < LENGTH; i++)
    text[i] = (char) (i * 7 / 3);
  g_assert_cmpint (pipe2 (ends, O_CLOEXEC), ==, 0);
  reader = g_thread_new ("reader", read_slowly, GINT_TO_POINTER (ends[0]));
  g_assert_cmpint (sigaction (SIGALRM, &action, NULL), ==, 0);
  g_assert_cmpint (setitimer (ITIMER_REAL, &often, NULL), ==, 0);
  g_assert_true (kr_write_all (ends[1], text, LENGTH));
  g_assert_cmpint (setitimer (ITIMER_REAL, &never, NULL), ==, 0);
  close (ends[1]);
  bytes = g_thread_join (reader);
  close (ends[0]);
  g_assert_cmpmem (bytes->data, bytes->len, text, LENGTH);
}

static void
test_full_disk_and_closed_pipe_are_told (void)
{
  int full = open ("/dev/full", O_WRONLY | O_CLOEXEC);
  int ends[2];

  g_assert_cmpint (full, >=, 0);
  g_assert_false (kr_write_all (full, "x", 1));
  g_assert_cmpint (errno, ==, ENOSPC);
  g_assert_true (kr_write_all (full, "", 0));
  close (full);

  signal (SIGPIPE, SIG_IGN);
  g_assert_cmpint (pipe2 (ends, O_CLOEXEC), ==, 0);
  close (ends[0]);
  g_assert_false (kr_write_all (ends[1], "x", 1));
  g_assert_cmpint (errno, ==, EPIPE);
  close (ends[1]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/write/signals-leave-nothing-out", test_signals_leave_nothing_out);
  g_test_add_func ("/write/full-disk-and-closed-pipe-are-told",
                   test_full_disk_and_closed_pipe_are_told);
  return g_test_run ();
}
