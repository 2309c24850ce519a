/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tool.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* How long a program may take to say something. */
#define DEADLINE_MS 20000

TestRun *
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
  TestRun *ran;

  g_ptr_array_add (argv, (gpointer) g_getenv ("KR_TEST_TOOL"));
  va_start (arguments, argument);
  for (const char *word = argument; word != NULL; word = va_arg (arguments, const char *))
    g_ptr_array_add (argv, (gpointer) word);
  va_end (arguments);
  g_ptr_array_add (argv, NULL);
  ran = test_run (world->env, (const char *const *) argv->pdata, input, fd);
  if (status != ANY_STATUS && ran->status != status)
    {
      g_autofree char *command = g_strjoinv (" ", (char **) argv->pdata + 1);

      test_fail_at (where, "exit status %d instead of %d from: %s\n%s%s", ran->status, status,
                    command, ran->out, ran->err);
    }
  return ran;
}

void
add_account (World *world, const char *broker, guint n, const char *alias, const char *env)
{
  g_autofree char *key = test_simulator_get_key_lines (broker, n);

  test_run_free (tool_fed (world, 0, key, "add", broker, alias, "--env", env, "--endpoint",
                           test_simulator_get_uri (world->simulator, broker)));
}

void
add_unverified (World *world, const char *broker, guint n, const char *alias)
{
  g_autofree char *key = test_simulator_get_key_lines (broker, n);

  test_run_free (tool_fed (world, 0, key, ADD (world, broker, alias), "--no-verify"));
}

JsonObject *
document_at (const char *where, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = json_from_string (text, &error);
  const char *newline = strchr (text, '\n');
  JsonObject *object;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    test_fail_at (where, "not a JSON document: '%s'", text);
  if (newline == NULL || newline[1] != '\0')
    test_fail_at (where, "not one line: '%s'", text);
  object = json_node_get_object (node);
  if (!json_object_has_member (object, "format_version")
      || json_object_get_int_member (object, "format_version") != 1)
    test_fail_at (where, "no format_version 1: '%s'", text);
  return json_object_ref (object);
}

JsonObject *
failure_at (const char *where, TestRun *ran, const char *code)
{
  return failure_beside_at (where, ran, code, "");
}

JsonObject *
failure_beside_at (const char *where, TestRun *ran, const char *code, const char *others)
{
  g_auto (GStrv) names = g_strsplit (others, " ", -1);
  g_autoptr (JsonObject) whole = document_at (where, ran->out);
  g_autofree char *word = g_strdup_printf ("[%s]", code);
  JsonObject *error;

  for (char **name = names; *name != NULL; name++)
    if (json_object_has_member (whole, *name))
      json_object_remove_member (whole, *name);
  check_members_at (where, whole, "format_version error");
  error = json_object_get_object_member (whole, "error");
  if (g_strcmp0 (json_object_get_string_member (error, "code"), code) != 0)
    test_fail_at (where, "not the error %s: %s", code, ran->out);
  if (json_object_get_int_member (error, "exit") != ran->status)
    test_fail_at (where, "exit status %d, but %s", ran->status, ran->out);
  if (*json_object_get_string_member (error, "message") == '\0')
    test_fail_at (where, "no message: %s", ran->out);
  test_assert_contains_at (where, ran->err, word);
  return json_object_ref (error);
}

void
check_members_at (const char *where, JsonObject *object, const char *names)
{
  g_auto (GStrv) wanted = g_strsplit (names, " ", -1);
  g_autoptr (GList) found = json_object_get_members (object);

  for (GList *l = found; l != NULL; l = l->next)
    if (!g_strv_contains ((const char *const *) wanted, l->data))
      test_fail_at (where, "member %s is not one of: %s", (char *) l->data, names);
  for (gsize i = 0; wanted[i] != NULL; i++)
    if (!json_object_has_member (object, wanted[i]))
      test_fail_at (where, "member %s is missing", wanted[i]);
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
  g_autoptr (TestRun) ran
      = tool (world, ANY_STATUS, "token", alias, "--no-issue", "--min-validity", "0");

  if (ran->status == 3)
    {
      g_assert_cmpstr (ran->out, ==, "");
      return NULL;
    }
  if (ran->status != 0)
    test_fail ("token --no-issue ended with %d: %s", ran->status, ran->err);
  return g_strchomp (g_strdup (ran->out));
}

guint
count_accounts (World *world)
{
  g_autoptr (TestRun) ran = tool (world, 0, "list", "--json");
  g_autoptr (JsonObject) whole = document (ran);

  return json_array_get_length (json_object_get_array_member (whole, "accounts"));
}

TestRun *
run_shell (const char *where, World *world, int status, const char *script)
{
  const char *const argv[] = { "sh", "-c", script, NULL };
  TestRun *ran = test_run (world->env, argv, NULL, -1);

  if (status != ANY_STATUS && ran->status != status)
    test_fail_at (where, "exit status %d instead of %d from: %s\n%s%s", ran->status, status, script,
                  ran->out, ran->err);
  return ran;
}

char *
account_id (World *world, const char *alias)
{
  g_autoptr (TestRun) ran = tool (world, 0, "show", alias, "--json");
  g_autoptr (JsonObject) whole = document (ran);

  return g_strdup (json_object_get_string_member (whole, "id"));
}

void
check_account_document_at (const char *where, JsonObject *object, const char *alias)
{
  JsonObject *token;
  gint64 left;

  check_members_at (where, object,
                    "format_version id alias broker environment endpoint token problem");
  g_assert_true (g_uuid_string_is_valid (json_object_get_string_member (object, "id")));
  g_assert_cmpstr (json_object_get_string_member (object, "alias"), ==, alias);
  g_assert_nonnull (json_object_get_string_member (object, "broker"));
  g_assert_cmpstr (json_object_get_string_member (object, "environment"), ==, "paper");
  g_assert_true (g_str_has_prefix (json_object_get_string_member (object, "endpoint"), "http://"));
  g_assert_true (json_object_get_null_member (object, "problem"));
  token = json_object_get_object_member (object, "token");
  check_members_at (where, token, "state kind expires_at expires_at_unix remaining");
  g_assert_cmpstr (json_object_get_string_member (token, "state"), ==, "valid");
  g_assert_cmpstr (json_object_get_string_member (token, "kind"), ==, "access");
  left = check_time (token, "expires_at") - g_get_real_time () / G_USEC_PER_SEC;
  g_assert_cmpint (json_object_get_int_member (token, "remaining"), >=, left);
  g_assert_cmpint (json_object_get_int_member (token, "remaining"), <=, left + 30);
}

int
hold_lock (World *world, const char *alias)
{
  g_autofree char *id = account_id (world, alias);
  g_autofree char *path
      = g_build_filename (g_environ_getenv (world->env, "XDG_STATE_HOME"), "krsecret", id, NULL);
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  g_assert_cmpint (flock (fd, LOCK_EX | LOCK_NB), ==, 0);
  return fd;
}

struct _Running
{
  GSubprocess *process;
  struct pollfd pipes[2]; /* of standard output and standard error; -1: closed */
  GString *text[2];
  gsize read_to; /* in the output */
};

static int
make_pipe (int *out_read_end)
{
  g_autoptr (GError) error = NULL;
  int fds[2];

  g_unix_open_pipe (fds, FD_CLOEXEC, &error);
  g_assert_no_error (error);
  *out_read_end = fds[0];
  return fds[1];
}

Running *
running_start (World *world, const char *program, ...)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  Running *self = g_new0 (Running, 1);
  va_list arguments;

  g_ptr_array_add (argv, (gpointer) program);
  va_start (arguments, program);
  for (const char *word; (word = va_arg (arguments, const char *)) != NULL;)
    g_ptr_array_add (argv, (gpointer) word);
  va_end (arguments);
  g_ptr_array_add (argv, NULL);
  g_subprocess_launcher_set_environ (launcher, world->env);
  g_subprocess_launcher_take_stdout_fd (launcher, make_pipe (&self->pipes[0].fd));
  g_subprocess_launcher_take_stderr_fd (launcher, make_pipe (&self->pipes[1].fd));
  for (guint i = 0; i < 2; i++)
    {
      self->pipes[i].events = POLLIN;
      self->text[i] = g_string_new (NULL);
    }
  self->process
      = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv->pdata, &error);
  g_assert_no_error (error);
  return self;
}

/* Reads what is there, or waits up to @ms for more. FALSE: nothing came. */
static gboolean
read_some (Running *self, int ms)
{
  gboolean some = FALSE;

  if (poll (self->pipes, 2, ms) <= 0)
    return FALSE;
  for (guint i = 0; i < 2; i++)
    {
      char buffer[4096];
      gssize n;

      if (self->pipes[i].fd < 0 || self->pipes[i].revents == 0)
        continue;
      n = read (self->pipes[i].fd, buffer, sizeof buffer);
      if (n > 0)
        g_string_append_len (self->text[i], buffer, n);
      else
        self->pipes[i].fd = (close (self->pipes[i].fd), -1);
      some |= n > 0;
    }
  return some;
}

gboolean
running_has_line (Running *self)
{
  while (read_some (self, 0))
    ;
  return strchr (self->text[0]->str + self->read_to, '\n') != NULL;
}

char *
running_next_line (Running *self)
{
  gint64 deadline = g_get_monotonic_time () + DEADLINE_MS * 1000;
  const char *start, *end;

  while (!running_has_line (self))
    {
      read_some (self, 100);
      if (g_get_monotonic_time () > deadline)
        test_fail ("no line comes after: %s%s", self->text[0]->str, self->text[1]->str);
    }
  start = self->text[0]->str + self->read_to;
  end = strchr (start, '\n');
  self->read_to += (gsize) (end - start) + 1;
  return g_strndup (start, (gsize) (end - start));
}

void
running_expect (Running *self, const char *text)
{
  gint64 deadline = g_get_monotonic_time () + DEADLINE_MS * 1000;

  while (strstr (self->text[1]->str, text) == NULL)
    {
      read_some (self, 100);
      if (g_get_monotonic_time () > deadline)
        test_fail ("does not say '%s' but: %s", text, self->text[1]->str);
    }
}

void
running_close_output (Running *self)
{
  close (self->pipes[0].fd);
  self->pipes[0].fd = -1;
}

void
running_signal (Running *self, int number)
{
  g_subprocess_send_signal (self->process, number);
}

int
running_end (Running *self)
{
  gint64 deadline = g_get_monotonic_time () + DEADLINE_MS * 1000;

  /* A process that has ended no longer has an identifier. */
  while (g_subprocess_get_identifier (self->process) != NULL)
    {
      if (!read_some (self, 10))
        g_usleep (3000);
      if (g_get_monotonic_time () > deadline)
        test_fail ("does not end: %s%s", self->text[0]->str, self->text[1]->str);
    }
  while (read_some (self, 0))
    ;
  return g_subprocess_get_if_exited (self->process)
             ? g_subprocess_get_exit_status (self->process)
             : 128 + g_subprocess_get_term_sig (self->process);
}

const char *
running_get_out (Running *self)
{
  return self->text[0]->str;
}

const char *
running_get_err (Running *self)
{
  return self->text[1]->str;
}

void
running_free (Running *self)
{
  g_subprocess_force_exit (self->process);
  g_object_unref (self->process);
  for (guint i = 0; i < 2; i++)
    {
      if (self->pipes[i].fd >= 0)
        close (self->pipes[i].fd);
      g_string_free (self->text[i], TRUE);
    }
  g_free (self);
}
