/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tool.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

#define DEADLINE_S 30

void
ran_free (Ran *ran)
{
  g_free (ran->out);
  g_free (ran->err);
  g_free (ran);
}

void
fail_at (const char *where, const char *format, ...)
{
  g_autofree char *message = NULL;
  g_autofree char *line = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  /* One line, or it would not be TAP. */
  line = g_strescape (message, "\"");
  g_error ("%s: %s", where, line);
}

/* A pipe that holds all of @text already: whoever does not read it does us no harm. */
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

Ran *
run_program (char **env, const char *const *argv, const char *input, int fd)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GSubprocess) process = NULL;
  Watch watch = { NULL };
  Ran *ran = g_new0 (Ran, 1);
  gint64 start = g_get_monotonic_time ();
  guint timer;

  g_subprocess_launcher_set_environ (launcher, env);
  if (input != NULL && fd == -1)
    g_subprocess_launcher_take_stdin_fd (launcher, filled_pipe (input));
  else if (input != NULL)
    g_subprocess_launcher_take_fd (launcher, filled_pipe (input), fd);
  process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  g_assert_no_error (error);

  watch.process = process;
  timer = g_timeout_add_seconds (DEADLINE_S, too_late, &watch);
  g_subprocess_communicate_async (process, NULL, NULL, communicated, &watch);
  while (!watch.done)
    g_main_context_iteration (NULL, TRUE);
  if (!watch.late)
    g_source_remove (timer);
  ran->took = (g_get_monotonic_time () - start) / 1000;
  ran->status = g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process)
                                                     : 128 + g_subprocess_get_term_sig (process);
  ran->out = to_text (watch.out, &ran->out_length);
  ran->err = to_text (watch.err, NULL);
  if (watch.late)
    {
      g_autofree char *command = g_strjoinv (" ", (char **) argv);

      fail ("did not end: %s\n%s%s", command, ran->out, ran->err);
    }
  return ran;
}

Ran *
run_tool (const char *where,
          World *world,
          int status,
          int fd,
          const char *input,
          const char *argument,
          ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  va_list arguments;
  Ran *ran;

  g_ptr_array_add (argv, (gpointer) g_getenv ("KR_TEST_TOOL"));
  va_start (arguments, argument);
  for (const char *word = argument; word != NULL; word = va_arg (arguments, const char *))
    g_ptr_array_add (argv, (gpointer) word);
  va_end (arguments);
  g_ptr_array_add (argv, NULL);
  ran = run_program (world->env, (const char *const *) argv->pdata, input, fd);
  if (status != ANY_STATUS && ran->status != status)
    {
      g_autofree char *command = g_strjoinv (" ", (char **) argv->pdata + 1);

      fail_at (where, "exit status %d instead of %d from: %s\n%s%s", ran->status, status, command,
               ran->out, ran->err);
    }
  return ran;
}

void
add_account (World *world, const char *broker, int n, const char *alias, const char *env)
{
  g_autofree char *key = world_key (world, broker, n);

  ran_free (tool_fed (world, 0, key, "add", broker, alias, "--env", env, "--endpoint",
                      world_uri (world, broker)));
}

JsonObject *
document_at (const char *where, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = json_from_string (text, &error);
  const char *newline = strchr (text, '\n');
  JsonObject *object;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    fail_at (where, "not a JSON document: '%s'", text);
  if (newline == NULL || newline[1] != '\0')
    fail_at (where, "not one line: '%s'", text);
  object = json_node_get_object (node);
  if (!json_object_has_member (object, "format_version")
      || json_object_get_int_member (object, "format_version") != 1)
    fail_at (where, "no format_version 1: '%s'", text);
  return json_object_ref (object);
}

JsonObject *
failure_at (const char *where, Ran *ran, const char *code)
{
  g_autoptr (JsonObject) whole = document_at (where, ran->out);
  g_autofree char *word = g_strdup_printf ("[%s]", code);
  JsonObject *error;

  /* A command for several accounts also says what became of each. */
  json_object_remove_member (whole, "results");
  check_members_at (where, whole, "format_version error");
  error = json_object_get_object_member (whole, "error");
  if (g_strcmp0 (json_object_get_string_member (error, "code"), code) != 0)
    fail_at (where, "not the error %s: %s", code, ran->out);
  if (json_object_get_int_member (error, "exit") != ran->status)
    fail_at (where, "exit status %d, but %s", ran->status, ran->out);
  if (*json_object_get_string_member (error, "message") == '\0')
    fail_at (where, "no message: %s", ran->out);
  assert_contains_at (where, ran->err, word);
  return json_object_ref (error);
}

void
check_members_at (const char *where, JsonObject *object, const char *names)
{
  g_auto (GStrv) wanted = g_strsplit (names, " ", -1);
  g_autoptr (GList) found = json_object_get_members (object);

  for (GList *l = found; l != NULL; l = l->next)
    if (!g_strv_contains ((const char *const *) wanted, l->data))
      fail_at (where, "member %s is not one of: %s", (char *) l->data, names);
  for (gsize i = 0; wanted[i] != NULL; i++)
    if (!json_object_has_member (object, wanted[i]))
      fail_at (where, "member %s is missing", wanted[i]);
}

gint64
check_time (JsonObject *object, const char *name)
{
  g_autofree char *unix_name = g_strconcat (name, "_unix", NULL);
  const char *text = json_object_get_string_member (object, name);
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (text, NULL);

  g_assert_true (g_regex_match_simple ("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$", text, 0, 0));
  g_assert_nonnull (time);
  g_assert_cmpint (json_node_get_value_type (json_object_get_member (object, unix_name)), ==,
                   G_TYPE_INT64);
  g_assert_cmpint (json_object_get_int_member (object, unix_name), ==, g_date_time_to_unix (time));
  return g_date_time_to_unix (time);
}

char *
stored_token (World *world, const char *alias)
{
  g_autoptr (Ran) ran
      = tool (world, ANY_STATUS, "token", alias, "--no-issue", "--min-validity", "0");

  if (ran->status == 3)
    {
      g_assert_cmpstr (ran->out, ==, "");
      return NULL;
    }
  if (ran->status != 0)
    fail ("token --no-issue ended with %d: %s", ran->status, ran->err);
  return g_strchomp (g_strdup (ran->out));
}

guint
count_accounts (World *world)
{
  g_autoptr (Ran) ran = tool (world, 0, "list", "--json");
  g_autoptr (JsonObject) whole = document (ran);

  return json_array_get_length (json_object_get_array_member (whole, "accounts"));
}

void
assert_contains_at (const char *where, const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    fail_at (where, "no '%s' in: %s", part, text);
}

void
assert_lacks_at (const char *where, const char *text, const char *part)
{
  if (strstr (text, part) != NULL)
    fail_at (where, "'%s' in: %s", part, text);
}
