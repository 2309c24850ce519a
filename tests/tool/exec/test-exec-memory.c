/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* exec --refresh-signal: which secrets stay in the memory of the renewing process. */

#include "tool.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* exec runs this program again, which searches memory when it gets a signal. The signal comes
 * through the process that is searched, which has then finished all work of its start. */

/* The ends of a secret. Remains of a string that has grown contain at least the first one. */
#define END_LENGTH 24

static guint
count_in (const char *data, gsize length, const char *secret)
{
  const char *const ends[] = { secret, secret + strlen (secret) - END_LENGTH };
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    for (const char *at = data;
         (at = memmem (at, length - (gsize) (at - data), ends[i], END_LENGTH)) != NULL; at++)
      n++;
  return n;
}

/* Larger ones are reserved by a sanitizer. */
#define MAX_MAPPING (256 * 1024 * 1024)

static guint
count_in_mapping (int memory, gsize start, gsize end, const char *secret)
{
  g_autofree char *data = NULL;
  gssize n;

  if (end - start > MAX_MAPPING)
    return 0;
  data = g_malloc (end - start);
  n = pread (memory, data, end - start, (off_t) start);
  return n > 0 ? count_in (data, (gsize) n, secret) : 0;
}

typedef struct
{
  gsize start;
  gsize end;
  char rights[5];
} Mapping;

/* How often the renewing process has a secret in memory. It needs the current token, to recognise a
 * new one; the copy in locked memory is meant to be there, and does not count. */
static void
search_parent (const char *variable)
{
  g_autofree char *maps = g_strdup_printf ("/proc/%d/smaps", getppid ());
  g_autofree char *path = g_strdup_printf ("/proc/%d/mem", getppid ());
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  gboolean needed = g_str_equal (variable, "KR_SECRET_TOKEN");
  int memory = open (path, O_RDONLY | O_CLOEXEC);
  Mapping mapping = { 0 }, next;
  guint counts[] = { 0, 0 };

  if (memory < 0 || !g_file_get_contents (maps, &text, NULL, NULL))
    {
      puts ("cannot search");
      return;
    }
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    if (sscanf (*line, "%zx-%zx %4s", &next.start, &next.end, next.rights) == 3)
      mapping = next;
    else if (g_str_has_prefix (*line, "VmFlags:") && mapping.rights[1] == 'w')
      counts[needed && strstr (*line, " lo") != NULL]
          += count_in_mapping (memory, mapping.start, mapping.end, g_getenv (variable));
  close (memory);
  printf ("%s %u%s\n", variable, counts[0], needed && counts[1] == 0 ? ", not even locked" : "");
}

static int
be_program (char **variables)
{
  sigset_t set;
  int number;

  sigemptyset (&set);
  sigaddset (&set, SIGUSR2);
  sigprocmask (SIG_SETMASK, &set, NULL);
  setvbuf (stdout, NULL, _IOLBF, 0);
  puts ("ready");
  sigwait (&set, &number);
  for (; *variables != NULL; variables++)
    search_parent (*variables);
  return 3;
}

static void
check_ready (Running *running)
{
  g_autofree char *line = running_next_line (running);

  g_assert_cmpstr (line, ==, "ready");
}

/* It may run for days and be swapped out. */
static void
test_memory (World *world, gconstpointer data)
{
  const char *const names[] = { "KR_SECRET_TOKEN", "KR_SECRET_APPKEY", "KR_SECRET_APPSECRET" };
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);

  if (geteuid () != 0)
    {
      g_test_skip ("only root sees the memory of a process that may not be dumped");
      return;
    }
  /* It would hide remains by overwriting them. */
  world_unsetenv (world, "MALLOC_PERTURB_");
  add_account (world, "ls", 0, "a", "paper");
  {
    g_autoptr (Running) running
        = tool_start (world, "exec", "a", "--with-credential", "--refresh-signal", "USR1", "--",
                      self, "--memory", names[0], names[1], names[2]);

    check_ready (running);
    running_signal (running, SIGUSR2);
    for (guint i = 0; i < G_N_ELEMENTS (names); i++)
      {
        g_autofree char *line = running_next_line (running);
        g_autofree char *none = g_strconcat (names[i], " 0", NULL);

        if (g_str_equal (line, "cannot search"))
          g_test_skip ("the memory of other processes cannot be read here");
        else
          g_assert_cmpstr (line, ==, none);
      }
    g_assert_cmpint (running_end (running), ==, 3);
  }
}

int
main (int argc, char **argv)
{
  if (argc > 1 && g_str_equal (argv[1], "--memory"))
    return be_program (argv + 2);

  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("exec-memory/no-secret-stays-in-plain-memory", NULL, test_memory);
  return g_test_run ();
}
