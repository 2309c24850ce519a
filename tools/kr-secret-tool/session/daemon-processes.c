/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib-unix.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/kr-text.h"
#include "keyring/running-bus.h"
#include "session/session.h"
#include "terminal/text.h"

/* A bus of our own if there is none, and the keyring daemon. They end with us, even if killed. */

#define BUS_LOG "bus.log"
#define KEYRING_LOG "keyring.log"

/* A socket's path has at most 107 bytes. */
#define MAX_BASE 60

/* Seconds for a daemon to end when asked to. */
#define PATIENCE 5

/* Seconds when killed; one stuck in the kernel may never end. */
#define PATIENCE_KILLED 2

static gboolean
fail (GError **error, KrSecretError code, const char *what, const char *why)
{
  return KR_SECRET_FAIL (error, code, "%s: %s", what, why);
}

/* Directories for sockets: private, and with short paths. */
static char *
make_directory (GError **error)
{
  const char *runtime = g_getenv ("XDG_RUNTIME_DIR");
  const char *base = g_get_tmp_dir ();
  char *path;
  struct stat st;

  if (runtime != NULL && g_path_is_absolute (runtime) && strlen (runtime) <= MAX_BASE
      && stat (runtime, &st) == 0 && S_ISDIR (st.st_mode) && st.st_uid == geteuid ()
      && (st.st_mode & 077) == 0)
    base = runtime;
  else if (strlen (base) > MAX_BASE)
    base = "/tmp";
  path = g_build_filename (base, "krsecret-session-XXXXXX", NULL);
  if (g_mkdtemp_full (path, 0700) != NULL)
    return path;
  kr_secret_error_set (error, KR_SECRET_ERROR_FAILED, 0, NULL,
                       _ ("no private directory can be made in %s: %s"), base, g_strerror (errno));
  g_free (path);
  return NULL;
}

static int
remove_one (const char *path, const struct stat *st, int type, struct FTW *walk)
{
  return remove (path);
}

/* Removes only what make_directory made, for us or for a killed keeper. */
void
session_daemon_processes_remove (const char *directory)
{
  g_autofree char *name = g_path_get_basename (directory);
  struct stat st;

  if (g_path_is_absolute (directory) && g_str_has_prefix (name, "krsecret-session-")
      && lstat (directory, &st) == 0 && S_ISDIR (st.st_mode) && st.st_uid == geteuid ())
    nftw (directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* In the child, between fork and exec. */
static void
end_with_keeper (gpointer data)
{
  if (prctl (PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) != 0 || getppid () != GPOINTER_TO_INT (data))
    _exit (1);
}

static char *
find_program (const char *name)
{
  const char *const directories[] = { "/usr/bin", "/usr/libexec", "/usr/local/bin", "/bin" };
  char *path = g_find_program_in_path (name);

  for (guint i = 0; path == NULL && i < G_N_ELEMENTS (directories); i++)
    {
      path = g_build_filename (directories[i], name, NULL);
      if (access (path, X_OK) != 0)
        g_clear_pointer (&path, g_free);
    }
  return path;
}

static gboolean
spawn (SessionDaemonProcesses *self,
       char **argv,
       const char *log,
       GPid *out_pid,
       int *out_stdout,
       GError **error)
{
  g_auto (GStrv) env = g_environ_setenv (g_get_environ (), "GIO_USE_VFS", "local", TRUE);
  g_autofree char *path = g_build_filename (self->directory, log, NULL);
  const char *const unset[] = { "DISPLAY",
                                "WAYLAND_DISPLAY",
                                "GNOME_KEYRING_CONTROL",
                                "GNOME_KEYRING_PID",
                                "DBUS_SESSION_BUS_ADDRESS",
                                "DBUS_STARTER_ADDRESS",
                                "DBUS_STARTER_BUS_TYPE",
                                "NOTIFY_SOCKET" };
  int log_fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  gboolean done;

  for (guint i = 0; i < G_N_ELEMENTS (unset); i++)
    env = g_environ_unsetenv (env, unset[i]);
  env = g_environ_setenv (env, "GSETTINGS_BACKEND", "memory", TRUE);
  if (self->address != NULL)
    env = g_environ_setenv (env, "DBUS_SESSION_BUS_ADDRESS", self->address, TRUE);
  if (self->bus != 0)
    env = g_environ_setenv (env, "XDG_RUNTIME_DIR", self->directory, TRUE);
  done = g_spawn_async_with_pipes_and_fds (
      "/", (const char *const *) argv, (const char *const *) env,
      G_SPAWN_DO_NOT_REAP_CHILD | (out_stdout == NULL ? G_SPAWN_STDOUT_TO_DEV_NULL : 0),
      end_with_keeper, GINT_TO_POINTER (getpid ()), -1, -1, log_fd, NULL, NULL, 0, out_pid, NULL,
      out_stdout, NULL, error);
  if (log_fd >= 0)
    close (log_fd);
  return done;
}

static char *
read_last_line (SessionDaemonProcesses *self, const char *log)
{
  g_autofree char *path = g_build_filename (self->directory, log, NULL);
  g_autofree char *text = NULL;
  char *newline;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return g_strdup (_ ("it did not start"));
  g_strchomp (text);
  newline = strrchr (text, '\n');
  return *text != '\0' ? kr_text_printable (newline != NULL ? newline + 1 : text)
                       : g_strdup (_ ("it ended without a message"));
}

/* It cannot start services: no second keyring, and no prompt on another user's desktop. The limits
 * are those of a desktop's session bus; the built-in ones are too low for many accounts. */
static gboolean
write_configuration (SessionDaemonProcesses *self, const char *path, GError **error)
{
  g_autofree char *escaped = g_dbus_address_escape_value (self->directory);
  g_autofree char *text = g_markup_printf_escaped (
      "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"\n"
      "  \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
      "<busconfig>\n"
      "  <type>session</type>\n"
      "  <listen>unix:path=%s/bus</listen>\n"
      "  <auth>EXTERNAL</auth>\n"
      "  <policy context=\"default\">\n"
      "    <allow send_destination=\"*\"/>\n"
      "    <allow receive_sender=\"*\"/>\n"
      "    <allow own=\"*\"/>\n"
      "  </policy>\n"
      "  <limit name=\"max_message_size\">1000000000</limit>\n"
      "  <limit name=\"max_incoming_bytes\">1000000000</limit>\n"
      "  <limit name=\"max_outgoing_bytes\">1000000000</limit>\n"
      "  <limit name=\"max_connections_per_user\">100000</limit>\n"
      "  <limit name=\"max_completed_connections\">100000</limit>\n"
      "  <limit name=\"max_names_per_connection\">50000</limit>\n"
      "  <limit name=\"max_match_rules_per_connection\">50000</limit>\n"
      "  <limit name=\"max_replies_per_connection\">50000</limit>\n"
      "</busconfig>\n",
      escaped);

  return g_file_set_contents (path, text, -1, error);
}

/* The bus prints its address when it is ready; if it gives up, it ends instead. */
static char *
read_address (int fd, gint64 deadline)
{
  char line[512];
  gsize length = 0;

  while (length < sizeof line)
    {
      struct pollfd input = { .fd = fd, .events = POLLIN };
      gssize n;

      do
        n = poll (&input, 1, running_bus_left (deadline));
      while (n < 0 && errno == EINTR);
      if (n <= 0)
        return NULL;
      n = read (fd, line + length, sizeof line - length);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return NULL;
      length += (gsize) n;
      if (line[length - 1] == '\n')
        return g_strndup (line, length - 1);
    }
  return NULL;
}

static gboolean
start_bus (SessionDaemonProcesses *self, gint64 deadline, char **out_next, GError **error)
{
  g_autofree char *program = find_program ("dbus-daemon");
  g_autofree char *configuration = g_build_filename (self->directory, "bus.conf", NULL);
  g_autofree char *option = g_strconcat ("--config-file=", configuration, NULL);
  g_autofree char *why = NULL;
  char *argv[] = {
    program, option, (char *) "--nofork", (char *) "--nopidfile", (char *) "--print-address=1", NULL
  };
  g_autoptr (GError) local = NULL;
  int output = -1;

  if (program == NULL)
    {
      *out_next = g_strdup (_ ("install the package dbus-daemon (Debian, Fedora) or dbus (Arch)"));
      return fail (error, KR_SECRET_ERROR_NO_KEYRING, "dbus-daemon", _ ("not installed"));
    }
  if (getpwuid (geteuid ()) == NULL)
    {
      *out_next
          = g_strdup (_ ("give the user an entry in /etc/passwd, or run this as another user"));
      return fail (error, KR_SECRET_ERROR_NO_KEYRING, "dbus-daemon",
                   _ ("it admits only users who are in the user database"));
    }
  if (!write_configuration (self, configuration, &local)
      || !spawn (self, argv, BUS_LOG, &self->bus, &output, &local))
    return fail (error, KR_SECRET_ERROR_NO_KEYRING, program, local->message);
  self->address = read_address (output, deadline);
  close (output);
  if (self->address != NULL)
    return TRUE;
  why = read_last_line (self, BUS_LOG);
  return fail (error, KR_SECRET_ERROR_NO_KEYRING, program, why);
}

static gboolean
spawn_keyring (SessionDaemonProcesses *self, const char *program, GError **error)
{
  g_autofree char *control = g_strdup_printf ("--control-directory=%s/k", self->directory);
  int fd;
  g_autofree char *copy = session_daemon_copy_make (program, self->directory, &fd);
  g_autoptr (GError) local = NULL;
  char *argv[] = { copy, (char *) "--foreground", (char *) "--components=secrets", control, NULL };
  gboolean done = copy != NULL && spawn (self, argv, KEYRING_LOG, &self->keyring, NULL, NULL);

  if (fd >= 0)
    close (fd);
  argv[0] = (char *) program;
  if (done || spawn (self, argv, KEYRING_LOG, &self->keyring, NULL, &local))
    return TRUE;
  return fail (error, KR_SECRET_ERROR_NO_KEYRING, program, local->message);
}

static gboolean
has_ended (GPid *pid)
{
  if (*pid != 0 && waitpid (*pid, NULL, WNOHANG) != 0)
    *pid = 0;
  return *pid == 0;
}

/* It has its name slightly before its methods. */
static gboolean
answers (GDBusConnection *bus, gint64 deadline)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      bus, RUNNING_BUS_KEYRING, "/org/freedesktop/secrets", "org.freedesktop.Secret.Service",
      "ReadAlias", g_variant_new ("(s)", "default"), NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START,
      running_bus_left (deadline), NULL, &error);

  return reply != NULL;
}

/* Waits until the bus's keyring is our daemon, or another one that was faster. */
static gboolean
wait_for_keyring (SessionDaemonProcesses *self,
                  gint64 deadline,
                  gboolean *out_taken,
                  GError **error)
{
  g_autoptr (GDBusConnection) bus = running_bus_connect (self->address, deadline, error);
  g_autofree char *why = NULL;

  if (bus == NULL)
    return FALSE;
  while (g_get_monotonic_time () < deadline)
    {
      GPid owner = running_bus_find_owner (bus, RUNNING_BUS_KEYRING, deadline);

      if (owner != 0 && owner != self->keyring)
        {
          *out_taken = TRUE;
          return FALSE;
        }
      if (owner != 0 && answers (bus, deadline))
        return g_dbus_connection_close_sync (bus, NULL, NULL);
      if (has_ended (&self->keyring))
        {
          why = read_last_line (self, KEYRING_LOG);
          return fail (error, KR_SECRET_ERROR_NO_KEYRING, "gnome-keyring-daemon", why);
        }
      g_usleep (5000);
    }
  return fail (error, KR_SECRET_ERROR_DEADLINE, "gnome-keyring-daemon",
               _ ("it was not ready in time"));
}

/* bus_address: of a bus without a keyring, or NULL. Stop what was started even after a failure.
 * *out_taken: the bus got a keyring from elsewhere. */
gboolean
session_daemon_processes_start (SessionDaemonProcesses *self,
                                const char *bus_address,
                                gint64 deadline,
                                gboolean *out_taken,
                                char **out_next,
                                GError **error)
{
  g_autofree char *program = find_program ("gnome-keyring-daemon");

  if (program == NULL)
    {
      *out_next = g_strdup (_ ("install the package gnome-keyring"));
      return fail (error, KR_SECRET_ERROR_NO_KEYRING, "gnome-keyring-daemon", _ ("not installed"));
    }
  self->directory = make_directory (error);
  if (self->directory == NULL)
    return FALSE;
  if (bus_address != NULL)
    self->address = g_strdup (bus_address);
  else if (!start_bus (self, deadline, out_next, error))
    return FALSE;
  return spawn_keyring (self, program, error)
         && wait_for_keyring (self, deadline, out_taken, error);
}

static void
end_by (GPid *pid, int number, int patience)
{
  gint64 deadline = g_get_monotonic_time () + (gint64) patience * G_USEC_PER_SEC;

  if (has_ended (pid))
    return;
  kill (*pid, number);
  while (!has_ended (pid) && g_get_monotonic_time () <= deadline)
    g_usleep (2000);
}

/* Gives up on one that survives SIGKILL: the sessions wait for us. */
static void
stop (GPid *pid)
{
  end_by (pid, SIGTERM, PATIENCE);
  end_by (pid, SIGKILL, PATIENCE_KILLED);
}

/* The keyring first: it would take the end of its bus for that of the desktop. */
void
session_daemon_processes_stop (SessionDaemonProcesses *self)
{
  stop (&self->keyring);
  stop (&self->bus);
  if (self->directory != NULL)
    session_daemon_processes_remove (self->directory);
  g_clear_pointer (&self->directory, g_free);
  g_clear_pointer (&self->address, g_free);
}
