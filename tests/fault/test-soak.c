/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Long-running programs that read all the time, while something changes every second. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "krsecret.h"
#include "test-files.h"
#include "test-process.h"
#include "victim.h"

#define READERS 64
#define PAUSE_MS 20
#define SECONDS 60
#define LONG_SECONDS 600
#define WARM_UP 10 /* seconds until memory is first measured */

/* The tokens that the broker issues: anyone can check such a name. */
#define TOKEN "soak.soak.soak.soak."

/* Shared by all processes. */
typedef struct
{
  gint stop;
  gint issued; /* the broker cannot have issued a higher one by now */
  struct
  {
    gint reads;
    gint errors;
    gint torn; /* tokens that the broker has not issued */
  } readers[READERS];
} Board;

static Board *
board_map (const char *path)
{
  int fd = open (path, O_RDWR | O_CLOEXEC);
  Board *board = mmap (NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

  g_assert_true (board != MAP_FAILED);
  close (fd);
  return board;
}

static gboolean
was_issued (Board *board, KrSecretToken *token)
{
  const char *text = secret_value_get_text (kr_secret_token_get_value (token));
  g_autofree char *again = NULL;
  guint64 n;

  if (text == NULL || !g_str_has_prefix (text, TOKEN))
    return FALSE;
  n = g_ascii_strtoull (text + strlen (TOKEN), NULL, 10);
  again = g_strdup_printf (TOKEN "%05u", (guint) n);
  return g_str_equal (again, text) && n < (guint64) g_atomic_int_get (&board->issued);
}

static int
run_reader (const char *path, guint self)
{
  Board *board = board_map (path);
  g_autoptr (KrSecretClient) client = kr_secret_client_new ();
  g_autoptr (KrSecretAccount) account = NULL;

  kr_secret_client_load (client, NULL, NULL);
  account = kr_secret_client_find_account (client, VICTIM, NULL);
  g_assert_nonnull (account);
  while (!g_atomic_int_get (&board->stop))
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (KrSecretToken) token = kr_secret_client_get_token (
          client, account, KR_SECRET_TOKEN_ACCESS, KR_SECRET_MIN_VALIDITY, KR_SECRET_TOKEN_DEFAULT,
          NULL, &error);

      if (token == NULL)
        {
          g_printerr ("reader %u: %s\n", self, error->message);
          g_atomic_int_inc (&board->readers[self].errors);
        }
      else if (!was_issued (board, token))
        g_atomic_int_inc (&board->readers[self].torn);
      g_atomic_int_inc (&board->readers[self].reads);
      g_usleep (PAUSE_MS * 1000);
    }
  return 0;
}

/* Resident memory in KiB. */
static glong
get_memory (GSubprocess *process)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/statm", g_subprocess_get_identifier (process));
  g_autofree char *text = NULL;
  glong pages = 0;

  g_file_get_contents (path, &text, NULL, NULL);
  g_assert_cmpint (sscanf (text, "%*d %ld", &pages), ==, 1);
  return pages * (sysconf (_SC_PAGESIZE) / 1024);
}

static glong
get_memory_of_all (GSubprocess **readers)
{
  glong sum = 0;

  for (guint i = 0; i < READERS; i++)
    sum += get_memory (readers[i]);
  return sum;
}

/* The broker knows the next token's name before anyone can ask for it. */
static void
name_next_token (World *world, Board *board)
{
  g_autofree char *fault
      = g_strdup_printf ("'fault':'token','token':'" TOKEN "%05d'", board->issued);

  g_atomic_int_inc (&board->issued);
  test_simulator_fault_at (world->simulator, "ls", "/oauth2/token", fault);
}

/* Once a second the token is forgotten, or something happens that does not concern the readers. */
static guint
write_for (World *world, Board *board, GSubprocess **readers, guint seconds, glong *out_warm)
{
  gint64 began = g_get_monotonic_time ();
  guint forgotten = 0;

  for (guint i = 1; i <= seconds; i++)
    {
      gint64 next = began + (gint64) i * G_USEC_PER_SEC;

      g_usleep ((gulong) MAX (next - g_get_monotonic_time (), 0));
      if (i == WARM_UP)
        *out_warm = get_memory_of_all (readers);
      if (i % 2 == 0)
        {
          name_next_token (world, board);
          tool_ends (world, 0, "forget", VICTIM);
          forgotten++;
        }
      else if (i % 4 == 1)
        add_unverified (world, "kiwoom", i % 1000, "other");
      else
        tool_ends (world, 0, "remove", "other", "-y");
    }
  return forgotten;
}

static void
check_readers (Board *board, GSubprocess **readers)
{
  gint reads = 0, errors = 0, torn = 0;

  g_atomic_int_set (&board->stop, 1);
  for (guint i = 0; i < READERS; i++)
    {
      g_free (test_finish (readers[i]));
      g_object_unref (readers[i]);
      g_assert_cmpint (board->readers[i].reads, >, 0);
      reads += board->readers[i].reads;
      errors += board->readers[i].errors;
      torn += board->readers[i].torn;
    }
  g_test_message ("%d reads", reads);
  g_assert_cmpint (errors, ==, 0);
  g_assert_cmpint (torn, ==, 0);
}

static gboolean
all_have_read (Board *board, gint n)
{
  for (guint i = 0; i < READERS; i++)
    if (g_atomic_int_get (&board->readers[i].reads) < n)
      return FALSE;
  return TRUE;
}

static gboolean
is_issued (World *world, guint n)
{
  return test_simulator_count (world->simulator, "ls", "issue") >= n;
}

static void
test_readers_and_a_writer (World *world, gconstpointer data)
{
  guint seconds = g_getenv ("KR_TEST_LONG") != NULL ? LONG_SECONDS : SECONDS;
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "board", NULL);
  const Board nothing = { 0 };
  GSubprocess *readers[READERS];
  Board *board;
  glong warm = 0, end;
  guint forgotten;

  test_file_write (path, (const char *) &nothing, sizeof nothing, 0600);
  board = board_map (path);
  add_unverified (world, "ls", 0, VICTIM);
  name_next_token (world, board);
  for (guint i = 0; i < READERS; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", i);

      readers[i] = test_spawn_self ("--reader", path, number, NULL);
    }
  test_wait_until (all_have_read (board, 1));
  forgotten = write_for (world, board, readers, seconds, &warm);
  test_wait_until (is_issued (world, forgotten + 1));
  end = get_memory_of_all (readers);
  check_readers (board, readers);
  g_assert_cmpuint (test_simulator_count (world->simulator, "ls", "issue"), ==, forgotten + 1);
  g_test_message ("%u issues; memory of all readers after %d s: %ld KiB, at the end: %ld KiB",
                  forgotten + 1, WARM_UP, warm, end);
  /* It grows by a few percent, and then less and less. A sanitizer keeps freed memory. */
  if (g_getenv ("KR_TEST_SANITIZED") == NULL)
    g_assert_cmpint (end, <, warm + warm / 10);
  munmap (board, sizeof *board);
}

int
main (int argc, char **argv)
{
  if (argc == 4 && g_str_equal (argv[1], "--reader"))
    return run_reader (argv[2], (guint) g_ascii_strtoull (argv[3], NULL, 10));
  g_test_init (&argc, &argv, NULL);
  FAULT_TEST ("/soak/readers-and-a-writer", NULL, test_readers_and_a_writer);
  return g_test_run ();
}
