/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-keyring.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "test-bus.h"
#include "test-process.h"

#define BUS_NAME "org.freedesktop.secrets"
#define SERVICE_PATH "/org/freedesktop/secrets"
#define LOGIN_PATH TEST_KEYRING_LOGIN
#define IFACE "org.freedesktop.Secret."
#define INTERNAL "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface"
#define SCHEMA "kr.krsecret.Item"

static GDBusConnection *bus;
static GPid daemon_pid;

static GDBusConnection *
get_bus (void)
{
  if (bus != NULL && g_dbus_connection_is_closed (bus))
    g_clear_object (&bus);
  if (bus == NULL)
    {
      /* Never the user's own keyring. */
      g_assert_nonnull (g_getenv ("KR_TEST_DIR"));
      bus = test_bus_connect ();
    }
  return bus;
}

static GVariant *
call (const char *path, const char *interface, const char *method, GVariant *parameters)
{
  g_autoptr (GVariant) kept = parameters != NULL ? g_variant_ref_sink (parameters) : NULL;

  /* A daemon that has just started may not know a connection at its first call, and then says that
   * it has no such method. */
  for (int tries = 0;; tries++)
    {
      g_autoptr (GError) error = NULL;
      GVariant *reply
          = g_dbus_connection_call_sync (get_bus (), BUS_NAME, path, interface, method, kept, NULL,
                                         G_DBUS_CALL_FLAGS_NONE, 20000, NULL, &error);

      if (reply != NULL)
        return reply;
      if (tries == 3 || !g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD))
        g_assert_no_error (error);
    }
}

/* A session whose secrets are not encrypted: no stranger is on this bus. A session that a
 * connection's first call opens may be forgotten at once, because the daemon notices the connection
 * a moment later. */
static char *
open_session (void)
{
  G_GNUC_UNUSED g_autoptr (GVariant) first
      = call (SERVICE_PATH, "org.freedesktop.DBus.Properties", "GetAll",
              g_variant_new ("(s)", IFACE "Service"));
  g_autoptr (GVariant) reply = call (SERVICE_PATH, IFACE "Service", "OpenSession",
                                     g_variant_new ("(sv)", "plain", g_variant_new_string ("")));
  char *session;

  g_variant_get (reply, "(vo)", NULL, &session);
  return session;
}

static GVariant *
secret_new (const char *session, const char *data, gsize length)
{
  return g_variant_new ("(o@ay@ays)", session, g_variant_new ("ay", NULL),
                        g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, data, length, 1),
                        "text/plain");
}

void
test_keyring_lock (void)
{
  const char *const paths[] = { LOGIN_PATH, NULL };
  G_GNUC_UNUSED g_autoptr (GVariant) reply
      = call (SERVICE_PATH, IFACE "Service", "Lock", g_variant_new ("(^ao)", paths));
}

void
test_keyring_unlock (void)
{
  test_keyring_unlock_at (TEST_KEYRING_LOGIN);
}

void
test_keyring_unlock_at (const char *collection)
{
  const char *password = g_getenv ("KR_TEST_KEYRING_PASSWORD");
  g_autofree char *session = open_session ();
  G_GNUC_UNUSED g_autoptr (GVariant) reply
      = call (SERVICE_PATH, INTERNAL, "UnlockWithMasterPassword",
              g_variant_new ("(o@(oayays))", collection,
                             secret_new (session, password, strlen (password))));
}

static char *
create_collection (const char *label, const char *password)
{
  g_autofree char *session = open_session ();
  GVariantBuilder properties;
  g_autoptr (GVariant) made = NULL;
  char *path;

  g_variant_builder_init (&properties, G_VARIANT_TYPE ("a{sv}"));
  g_variant_builder_add (&properties, "{sv}", IFACE "Collection.Label",
                         g_variant_new_string (label));
  made = call (SERVICE_PATH, INTERNAL, "CreateWithMasterPassword",
               g_variant_new ("(a{sv}@(oayays))", &properties,
                              secret_new (session, password, strlen (password))));
  g_variant_get (made, "(o)", &path);
  return path;
}

void
test_keyring_set_default (const char *collection)
{
  G_GNUC_UNUSED g_autoptr (GVariant) reply = call (SERVICE_PATH, IFACE "Service", "SetAlias",
                                                   g_variant_new ("(so)", "default", collection));
}

void
test_keyring_create (const char *password)
{
  g_autofree char *path = create_collection ("login", password);

  g_assert_cmpstr (path, ==, LOGIN_PATH);
  test_keyring_set_default (path);
}

char *
test_keyring_create_other (void)
{
  return create_collection ("other", g_getenv ("KR_TEST_KEYRING_PASSWORD"));
}

GPid
test_keyring_get_pid (void)
{
  if (daemon_pid == 0)
    daemon_pid = test_pid_from_env ("KR_TEST_KEYRING_PID");
  return daemon_pid;
}

/* Asks the bus, which knows at once that the daemon's connection is gone. */
gboolean
test_keyring_is_alive (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      get_bus (), "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "GetConnectionUnixProcessID", g_variant_new ("(s)", BUS_NAME), NULL, G_DBUS_CALL_FLAGS_NONE,
      10000, NULL, &error);
  guint32 pid;

  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(u)", &pid);
  return (GPid) pid == test_keyring_get_pid ();
}

void
test_keyring_kill (void)
{
  test_kill (test_keyring_get_pid ());
  test_wait_until (!test_keyring_is_alive ());
}

void
test_keyring_start (gboolean unlocked)
{
  const char *password = g_getenv ("KR_TEST_KEYRING_PASSWORD");
  g_autofree char *control
      = g_strdup_printf ("--control-directory=%s/keyring", g_getenv ("XDG_RUNTIME_DIR"));
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = NULL;
  GOutputStream *input;

  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE
                                  | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                              &error, "setpriv", "--pdeathsig", "KILL",
                              g_getenv ("KR_TEST_KEYRING_DAEMON"), "--foreground",
                              "--components=secrets", control, unlocked ? "--unlock" : NULL, NULL);
  g_assert_no_error (error);
  input = g_subprocess_get_stdin_pipe (process);
  if (unlocked)
    g_output_stream_write_all (input, password, strlen (password), NULL, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_close (input, NULL, NULL);
  daemon_pid = (GPid) g_ascii_strtoll (g_subprocess_get_identifier (process), NULL, 10);
  /* For a subprocess of the test. */
  g_setenv ("KR_TEST_KEYRING_PID", g_subprocess_get_identifier (process), TRUE);
  test_wait_until (test_keyring_is_alive ());
}

char **
test_keyring_find (const char *id, const char *kind)
{
  GVariantBuilder attributes;
  g_autoptr (GVariant) reply = NULL;
  g_auto (GStrv) open_paths = NULL;
  g_auto (GStrv) locked_paths = NULL;
  g_autoptr (GStrvBuilder) all = g_strv_builder_new ();

  g_variant_builder_init (&attributes, G_VARIANT_TYPE ("a{ss}"));
  if (id != NULL || kind != NULL)
    g_variant_builder_add (&attributes, "{ss}", "xdg:schema", SCHEMA);
  if (id != NULL)
    g_variant_builder_add (&attributes, "{ss}", "id", id);
  if (kind != NULL)
    g_variant_builder_add (&attributes, "{ss}", "kind", kind);
  reply
      = call (SERVICE_PATH, IFACE "Service", "SearchItems", g_variant_new ("(a{ss})", &attributes));
  g_variant_get (reply, "(^ao^ao)", &open_paths, &locked_paths);
  g_strv_builder_addv (all, (const char **) open_paths);
  g_strv_builder_addv (all, (const char **) locked_paths);
  return g_strv_builder_end (all);
}

guint
test_keyring_count (const char *id, const char *kind)
{
  g_auto (GStrv) paths = test_keyring_find (id, kind);

  return g_strv_length (paths);
}

GVariant *
test_keyring_get_property (const char *path, const char *name)
{
  g_autoptr (GVariant) reply = call (path, "org.freedesktop.DBus.Properties", "Get",
                                     g_variant_new ("(ss)", IFACE "Item", name));
  GVariant *value;

  g_variant_get (reply, "(v)", &value);
  return value;
}

static char *
find_one (const char *id, const char *kind)
{
  g_auto (GStrv) paths = test_keyring_find (id, kind);

  g_assert_cmpuint (g_strv_length (paths), ==, 1);
  return g_strdup (paths[0]);
}

GBytes *
test_keyring_read (const char *id, const char *kind)
{
  g_autofree char *path = find_one (id, kind);
  g_autofree char *session = open_session ();
  g_autoptr (GVariant) reply
      = call (path, IFACE "Item", "GetSecret", g_variant_new ("(o)", session));
  g_autoptr (GVariant) secret = g_variant_get_child_value (reply, 0);
  g_autoptr (GVariant) value = g_variant_get_child_value (secret, 2);
  gsize length;
  const char *data = g_variant_get_fixed_array (value, &length, 1);
  char *text = g_memdup2 (data, length);

  /* As the library writes it, so that a keyring without a password can be read back. */
  for (gsize i = 0; i < length; i++)
    text[i] = text[i] == '\x1e' ? '\n' : text[i] == '\x1f' ? '\\' : text[i];
  return g_bytes_new_take (text, length);
}

void
test_keyring_write_to (
    const char *collection, const char *id, const char *kind, const char *data, gssize length)
{
  g_autofree char *path = find_one (id, kind);
  g_autofree char *session = open_session ();
  gsize size = length < 0 ? strlen (data) : (gsize) length;
  g_autoptr (GVariant) attributes = test_keyring_get_property (path, "Attributes");
  g_autoptr (GVariant) reply = NULL;
  GVariantBuilder properties;

  g_variant_builder_init (&properties, G_VARIANT_TYPE ("a{sv}"));
  g_variant_builder_add (&properties, "{sv}", IFACE "Item.Label", g_variant_new_string (kind));
  g_variant_builder_add (&properties, "{sv}", IFACE "Item.Attributes", attributes);
  reply = call (
      collection, IFACE "Collection", "CreateItem",
      g_variant_new ("(a{sv}@(oayays)b)", &properties, secret_new (session, data, size), TRUE));
}

void
test_keyring_overwrite (const char *id, const char *kind, const char *data, gssize length)
{
  test_keyring_write_to (LOGIN_PATH, id, kind, data, length);
}

/* A helper goes on when its program has ended, and may still have a token to store. Like every
 * process that works on an account it shares the lock on the ledger's directory. */
static void
wait_for_helpers (void)
{
  g_autofree char *path = g_build_filename (g_get_user_state_dir (), "krsecret", NULL);
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    return; /* no ledger yet */
  test_wait_until (flock (fd, LOCK_EX | LOCK_NB) == 0);
  close (fd);
}

void
test_keyring_clear (void)
{
  g_auto (GStrv) paths = NULL;

  wait_for_helpers ();
  paths = test_keyring_find (NULL, NULL);
  for (gsize i = 0; paths[i] != NULL; i++)
    {
      G_GNUC_UNUSED g_autoptr (GVariant) reply = call (paths[i], IFACE "Item", "Delete", NULL);
    }
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
}

/* As CreateItem takes them: the properties and the secret of each. */
GVariant *
test_keyring_save (void)
{
  g_auto (GStrv) paths = test_keyring_find (NULL, NULL);
  g_autofree char *session = open_session ();
  GVariantBuilder items;

  g_variant_builder_init (&items, G_VARIANT_TYPE ("a(a{sv}ay)"));
  for (gsize i = 0; paths[i] != NULL; i++)
    {
      g_autoptr (GVariant) label = test_keyring_get_property (paths[i], "Label");
      g_autoptr (GVariant) attributes = test_keyring_get_property (paths[i], "Attributes");
      g_autoptr (GVariant) reply
          = call (paths[i], IFACE "Item", "GetSecret", g_variant_new ("(o)", session));
      g_autoptr (GVariant) secret = g_variant_get_child_value (reply, 0);
      g_autoptr (GVariant) value = g_variant_get_child_value (secret, 2);
      GVariantBuilder properties;

      g_variant_builder_init (&properties, G_VARIANT_TYPE ("a{sv}"));
      g_variant_builder_add (&properties, "{sv}", IFACE "Item.Label", label);
      g_variant_builder_add (&properties, "{sv}", IFACE "Item.Attributes", attributes);
      g_variant_builder_add (&items, "(a{sv}@ay)", &properties, value);
    }
  return g_variant_ref_sink (g_variant_builder_end (&items));
}

void
test_keyring_put_back (GVariant *saved)
{
  g_autofree char *session = NULL;

  test_keyring_clear ();
  session = open_session ();
  for (gsize i = 0; i < g_variant_n_children (saved); i++)
    {
      g_autoptr (GVariant) item = g_variant_get_child_value (saved, i);
      g_autoptr (GVariant) properties = g_variant_get_child_value (item, 0);
      g_autoptr (GVariant) value = g_variant_get_child_value (item, 1);
      gsize length;
      const char *data = g_variant_get_fixed_array (value, &length, 1);
      G_GNUC_UNUSED g_autoptr (GVariant) reply
          = call (LOGIN_PATH, IFACE "Collection", "CreateItem",
                  g_variant_new ("(@a{sv}@(oayays)b)", properties,
                                 secret_new (session, data, length), FALSE));
    }
}
