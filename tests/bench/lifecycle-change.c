/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How soon a process sees that another one has replaced the token. */
#include "lifecycle.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "test-keyring.h"

#define ROUNDS 200
#define PATIENCE_MS 20000

/* Reads lines, each the new contents of the token's item in base64. Replaces the item without the
 * library, and says when that was done. */
int
child_change (const char *id)
{
  g_autoptr (GIOChannel) input = g_io_channel_unix_new (STDIN_FILENO);
  char *line;

  while (g_io_channel_read_line (input, &line, NULL, NULL, NULL) == G_IO_STATUS_NORMAL)
    {
      gsize length;

      g_base64_decode_inplace (line, &length);
      test_keyring_overwrite (id, "krsecret-token", line, (gssize) length);
      printf ("%.3f\n", bench_now ());
      fflush (stdout);
      g_free (line);
    }
  return 0;
}

/* The child, and the pipes to and from it. */
typedef struct
{
  GSubprocess *process;
  GOutputStream *input;
  GDataInputStream *output;
} Changer;

static void
changer_start (Changer *self, const char *id)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autoptr (GError) error = NULL;

  self->process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                                    &error, program, "--change", id, NULL);
  g_assert_no_error (error);
  self->input = g_subprocess_get_stdin_pipe (self->process);
  self->output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
}

static void
changer_stop (Changer *self)
{
  g_autoptr (GError) error = NULL;

  g_output_stream_close (self->input, NULL, &error);
  g_assert_no_error (error);
  g_subprocess_wait_check (self->process, NULL, &error);
  g_assert_no_error (error);
  g_object_unref (self->output);
  g_object_unref (self->process);
}

static void
changer_begin (Changer *self, const char *line)
{
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all (self->input, line, strlen (line), NULL, NULL, &error);
  g_assert_no_error (error);
}

/* When it was done. */
static double
changer_end (Changer *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *line = g_data_input_stream_read_line (self->output, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (line);
  return g_ascii_strtod (line, NULL);
}

/* A token, and the contents of its item as a line for the child. */
typedef struct
{
  char *fingerprint;
  char *line;
} Stored;

static void
stored_take (Stored *self, World *world)
{
  g_autoptr (KrSecretToken) token
      = world_get_token (world->client, world->account, KR_SECRET_TOKEN_DEFAULT);
  g_autoptr (GBytes) item
      = test_keyring_read (kr_secret_account_get_id (world->account), "krsecret-token");
  g_autofree char *text = g_base64_encode (g_bytes_get_data (item, NULL), g_bytes_get_size (item));

  self->fingerprint = g_strdup (kr_secret_token_get_fingerprint (token));
  self->line = g_strconcat (text, "\n", NULL);
}

static void
stored_clear (Stored *self)
{
  g_free (self->fingerprint);
  g_free (self->line);
}

static gboolean
is_current (World *world, const Stored *stored)
{
  g_autoptr (KrSecretToken) token
      = world_get_token (world->client, world->account, KR_SECRET_TOKEN_NO_ISSUE);

  g_assert_nonnull (token);
  return g_str_equal (kr_secret_token_get_fingerprint (token), stored->fingerprint);
}

/* Changes a token that this process has in memory: how long that takes, and how long it takes till
 * get_token sees it, which may be before the child itself knows. */
static void
time_change (World *world,
             Changer *changer,
             const Stored *old,
             const Stored *new,
             GArray *seen,
             GArray *changed)
{
  double asked = bench_now ();

  g_assert_true (is_current (world, old));
  changer_begin (changer, new->line);
  while (!is_current (world, new))
    if (bench_now () > asked + PATIENCE_MS)
      g_error ("a change of the token was not seen");
  bench_times_add (seen, bench_now () - asked);
  bench_times_add (changed, changer_end (changer) - asked);
}

/* Two issued tokens take turns. */
void
measure_change (World *world)
{
  g_autoptr (GArray) seen = bench_times_new ();
  g_autoptr (GArray) changed = bench_times_new ();
  g_autoptr (GError) error = NULL;
  Changer changer;
  Stored stored[2];

  stored_take (&stored[0], world);
  kr_secret_client_forget_token (world->client, world->account, NULL, NULL, &error);
  g_assert_no_error (error);
  stored_take (&stored[1], world);
  changer_start (&changer, kr_secret_account_get_id (world->account));
  for (guint i = 0; i < ROUNDS; i++)
    time_change (world, &changer, &stored[1 - i % 2], &stored[i % 2], seen, changed);
  changer_stop (&changer);
  stored_clear (&stored[0]);
  stored_clear (&stored[1]);
  bench_add_ratio ("another process's change is seen", seen, changed, 1.4,
                   "it is made; both since it began");
}
