/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define SECRET_API_SUBJECT_TO_CHANGE
#include "keyring/kr-secret-connection-private.h"

#include <gio/gio.h>
#include <unistd.h>

#include "base/kr-secret-deadline-private.h"
#include "base/kr-secret-error-private.h"
#include "common/kr-intl.h"

/* Connecting runs in a main context of our own. The threads that wait take turns in running it, so
 * it needs no thread, can be given up at a deadline whatever the bus does, and never touches the
 * host's contexts. There is one attempt at a time, and everybody waits for it. If a program listens
 * to the keyring or shows its prompt, a thread always runs the context, to hear that the bus is
 * gone. */

/* Before asking for the bus again. */
#define PAUSE_MS 10

/* How often a waiting thread looks at its cancellable, which cannot wake it. */
#define SLICE_MS 20

struct _KrSecretConnection
{
  gatomicrefcount refs;
  SecretService *service;
  GDBusConnection *bus;
  gint dead; /* atomic: the service is no longer the one the session was opened with */
};

typedef struct
{
  GCancellable *cancellable; /* cancelled when nobody waits any more */
  guint waiting;             /* how many threads do */
  gboolean done;
  KrSecretConnection *connection;
  GError *error;
} Attempt;

/* libsecret's service, reduced to the session, without properties and signals. Signals would queue
 * up while nobody runs the context. And if one of a collection comes between a restart of the
 * daemon and the reading of the properties, libsecret drops what it does not have. */
typedef SecretService KrSecretService;
typedef SecretServiceClass KrSecretServiceClass;

static GType kr_secret_service_get_type (void);
G_DEFINE_TYPE (KrSecretService, kr_secret_service, SECRET_TYPE_SERVICE)

/* Set afterwards, because libsecret's own constructor overwrites what is passed in. */
static GObject *
kr_secret_service_constructor (GType type, guint n, GObjectConstructParam *properties)
{
  GObject *self
      = G_OBJECT_CLASS (kr_secret_service_parent_class)->constructor (type, n, properties);

  g_object_set (self, "g-flags",
                G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES
                    | G_DBUS_PROXY_FLAGS_DO_NOT_CONNECT_SIGNALS
                    | G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START,
                NULL);
  return self;
}

static void
kr_secret_service_class_init (KrSecretServiceClass *class)
{
  G_OBJECT_CLASS (class)->constructor = kr_secret_service_constructor;
}

static void
kr_secret_service_init (KrSecretService *self)
{
}

static guint generation; /* atomic */

/* Event descriptors that are counted up when the generation changes. */
static GMutex listeners_mutex;
static GArray *listeners;

/* Guarded by the same mutex. Kept even without a usable keyring, so that we hear when one comes. */
static GDBusConnection *watched;

/* Guarded by the mutex. The condition: an attempt is done, or nobody runs the context. */
static GMutex mutex;
static GCond changed;
static KrSecretConnection *current;
static Attempt *under_way;
static gboolean running; /* some thread runs the context */

KrSecretConnection *
kr_secret_connection_ref (KrSecretConnection *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
kr_secret_connection_unref (KrSecretConnection *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_clear_object (&self->service);
  g_clear_object (&self->bus);
  g_free (self);
}

/* Whether the session turned out to be gone; kr_secret_connection_get then makes a new one. */
gboolean
kr_secret_connection_is_dead (KrSecretConnection *self)
{
  return g_atomic_int_get (&self->dead) != 0 || g_dbus_connection_is_closed (self->bus);
}

static void
attempt_free (Attempt *self)
{
  g_object_unref (self->cancellable);
  g_clear_pointer (&self->connection, kr_secret_connection_unref);
  g_clear_error (&self->error);
  g_free (self);
}

static GMainContext *
get_context (void)
{
  static GMainContext *context;

  if (g_once_init_enter (&context))
    g_once_init_leave (&context, g_main_context_new ());
  return context;
}

static gboolean
end_slice (gpointer data)
{
  return G_SOURCE_REMOVE;
}

/* Runs the context for a moment. Called with the mutex held and running not set. */
static void
run_slice (void)
{
  GMainContext *context = get_context ();
  g_autoptr (GSource) timer = g_timeout_source_new (SLICE_MS);

  running = TRUE;
  g_mutex_unlock (&mutex);
  g_main_context_push_thread_default (context);
  g_source_set_callback (timer, end_slice, NULL, NULL);
  g_source_attach (timer, context);
  g_main_context_iteration (context, TRUE);
  g_source_destroy (timer);
  g_main_context_pop_thread_default (context);
  g_mutex_lock (&mutex);
  running = FALSE;
  g_cond_broadcast (&changed);
}

static gpointer
run_always (gpointer data)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (get_context (), FALSE);

  g_mutex_lock (&mutex);
  while (running)
    g_cond_wait (&changed, &mutex);
  running = TRUE;
  g_mutex_unlock (&mutex);
  g_main_context_push_thread_default (get_context ());
  g_main_loop_run (loop);
  return NULL;
}

/* Whether the object, or what was asked of it, does not exist. */
static gboolean
is_unknown (const GError *cause)
{
  return g_error_matches (cause, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD)
         || g_error_matches (cause, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT)
         || g_error_matches (cause, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_INTERFACE);
}

/* Turns a failure on the bus into what it means to the caller. */
static void
set_bus_error (GError **error, const GError *cause)
{
  g_autoptr (GError) local = g_error_copy (cause);
  g_autofree char *remote = g_dbus_error_get_remote_error (cause);
  KrSecretError code = KR_SECRET_ERROR_FAILED;
  const char *what = _ ("the keyring answered");

  g_dbus_error_strip_remote_error (local);
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      code = KR_SECRET_ERROR_CANCELLED;
      what = _ ("the call to the keyring was cancelled");
    }
  else if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)
           || g_error_matches (cause, G_DBUS_ERROR, G_DBUS_ERROR_TIMEOUT)
           || g_error_matches (cause, G_DBUS_ERROR, G_DBUS_ERROR_TIMED_OUT))
    {
      code = KR_SECRET_ERROR_DEADLINE;
      what = _ ("the keyring did not answer in time");
    }
  else if (g_strcmp0 (remote, "org.freedesktop.Secret.Error.IsLocked") == 0)
    {
      code = KR_SECRET_ERROR_LOCKED;
      what = _ ("the keyring is locked");
    }
  else if (g_strcmp0 (remote, "org.gnome.keyring.Error.Denied") == 0)
    {
      kr_secret_error_set (error, KR_SECRET_ERROR_LOCKED, 0, NULL,
                           _ ("that is not the keyring's password"));
      return;
    }
  else if (g_strcmp0 (remote, "org.freedesktop.Secret.Error.NoSuchObject") == 0
           || is_unknown (cause))
    {
      code = KR_SECRET_ERROR_NOT_FOUND;
      what = _ ("it is no longer in the keyring");
    }
  else if (cause->domain == G_IO_ERROR
           || g_error_matches (cause, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN)
           || g_error_matches (cause, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER)
           || g_error_matches (cause, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY)
           || g_error_matches (cause, G_DBUS_ERROR, G_DBUS_ERROR_DISCONNECTED)
           || g_error_matches (cause, G_DBUS_ERROR, G_DBUS_ERROR_NO_SERVER)
           || g_error_matches (cause, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED)
           || g_str_has_prefix (remote != NULL ? remote : "", "org.freedesktop.DBus.Error.Spawn"))
    {
      code = KR_SECRET_ERROR_NO_KEYRING;
      what = _ ("no keyring can be reached");
    }
  kr_secret_error_set (error, code, 0, NULL, "%s: %s", what, local->message);
}

/* Starts a thread that runs the context, to hear that the bus is gone while nobody connects. */
void
kr_secret_connection_run_always (void)
{
  static gsize begun;

  if (!g_once_init_enter (&begun))
    return;
  g_thread_unref (g_thread_new ("krsecret-bus", run_always, NULL));
  g_once_init_leave (&begun, 1);
}

void
kr_secret_connection_add_listener (int event_fd)
{
  kr_secret_connection_run_always ();
  g_mutex_lock (&listeners_mutex);
  if (listeners == NULL)
    listeners = g_array_new (FALSE, FALSE, sizeof (int));
  g_array_append_val (listeners, event_fd);
  g_mutex_unlock (&listeners_mutex);
}

void
kr_secret_connection_remove_listener (int event_fd)
{
  g_mutex_lock (&listeners_mutex);
  for (guint i = 0; i < listeners->len; i++)
    if (g_array_index (listeners, int, i) == event_fd)
      {
        g_array_remove_index_fast (listeners, i);
        break;
      }
  g_mutex_unlock (&listeners_mutex);
}

/* Something may have changed: what was read so far is no longer certain. */
static void
begin_generation (void)
{
  const guint64 one = 1;

  g_atomic_int_inc (&generation);
  g_mutex_lock (&listeners_mutex);
  for (guint i = 0; listeners != NULL && i < listeners->len; i++)
    {
      /* Fails only if nobody has read it for a very long time. */
      G_GNUC_UNUSED ssize_t n = write (g_array_index (listeners, int, i), &one, sizeof one);
    }
  g_mutex_unlock (&listeners_mutex);
}

static void
finish (Attempt *attempt, SecretService *service, GError *error)
{
  g_mutex_lock (&mutex);
  if (service != NULL)
    {
      attempt->connection = g_new0 (KrSecretConnection, 1);
      g_atomic_ref_count_init (&attempt->connection->refs);
      attempt->connection->bus
          = g_object_ref (g_dbus_proxy_get_connection (G_DBUS_PROXY (service)));
      attempt->connection->service = g_object_ref (service);
      g_clear_pointer (&current, kr_secret_connection_unref);
      current = kr_secret_connection_ref (attempt->connection);
      begin_generation ();
    }
  else
    set_bus_error (&attempt->error, error);
  attempt->done = TRUE;
  under_way = NULL;
  g_cond_broadcast (&changed);
  if (attempt->waiting == 0)
    attempt_free (attempt);
  g_mutex_unlock (&mutex);
}

guint
kr_secret_connection_get_generation (void)
{
  return (guint) g_atomic_int_get (&generation);
}

/* Whether nothing has changed since, as far as the bus told us; FALSE if it no longer can. */
gboolean
kr_secret_connection_is_generation (guint asked)
{
  gboolean linked;

  g_mutex_lock (&mutex);
  linked = current != NULL && !kr_secret_connection_is_dead (current);
  g_mutex_unlock (&mutex);
  return linked && kr_secret_connection_get_generation () == asked;
}

/* Runs in GDBus's thread, so that news of items and of the daemon needs no main loop. */
static GDBusMessage *
watch (GDBusConnection *bus, GDBusMessage *message, gboolean incoming, gpointer data)
{
  const char *interface = g_dbus_message_get_interface (message);
  const char *member = g_dbus_message_get_member (message);

  if (incoming && g_dbus_message_get_message_type (message) == G_DBUS_MESSAGE_TYPE_SIGNAL
      && (g_strcmp0 (interface, "org.freedesktop.Secret.Collection") == 0
          || g_strcmp0 (interface, "org.freedesktop.Secret.Service") == 0
          || (g_strcmp0 (member, "NameOwnerChanged") == 0
              && g_strcmp0 (g_dbus_message_get_arg0 (message), data) == 0)))
    begin_generation ();
  return message;
}

/* Otherwise the dead connection would stay the process's for ever. */
static void
drop_watched (GDBusConnection *bus)
{
  g_autoptr (GDBusConnection) dropped = NULL;

  g_mutex_lock (&listeners_mutex);
  if (watched == bus)
    dropped = g_steal_pointer (&watched);
  g_mutex_unlock (&listeners_mutex);
}

static void
on_closed (GDBusConnection *bus, gboolean vanished, GError *error, gpointer data)
{
  drop_watched (bus);
  begin_generation ();
}

/* The same rule as libsecret's. */
const char *
kr_secret_connection_get_service_name (void)
{
  const char *name = g_getenv ("SECRET_SERVICE_BUS_NAME");

  return name != NULL ? name : "org.freedesktop.secrets";
}

/* Does not wait for the bus's answer. */
static void
add_match (GDBusConnection *bus, const char *rule)
{
  g_dbus_connection_call (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                          "org.freedesktop.DBus", "AddMatch", g_variant_new ("(s)", rule), NULL,
                          G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
}

/* Once per connection, which the process may share with its host. A subscription of GDBus would
 * queue each signal for a context that perhaps nobody runs. */
static void
start_watching (GDBusConnection *bus)
{
  static const char key[] = "krsecret-watch";
  const char *name = kr_secret_connection_get_service_name ();
  g_autofree char *owner
      = g_strdup_printf ("type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',"
                         "arg0='%s'",
                         name);

  if (g_object_get_data (G_OBJECT (bus), key) != NULL)
    return;
  g_object_set_data (G_OBJECT (bus), key, (gpointer) key);
  g_mutex_lock (&listeners_mutex);
  g_set_object (&watched, bus);
  g_mutex_unlock (&listeners_mutex);
  g_dbus_connection_add_filter (bus, watch, g_strdup (name), g_free);
  g_signal_connect (bus, "closed", G_CALLBACK (on_closed), NULL);
  add_match (bus, owner);
  add_match (bus, "type='signal',interface='org.freedesktop.Secret.Service'");
  add_match (bus, "type='signal',interface='org.freedesktop.Secret.Collection'");
}

static void
on_service (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SecretService) service = secret_service_open_finish (result, &error);

  finish (data, service, error);
}

static void
on_greeted (GObject *source, GAsyncResult *result, gpointer data)
{
  Attempt *attempt = data;
  g_autoptr (GError) error = NULL;
  G_GNUC_UNUSED g_autoptr (GVariant) properties
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (error != NULL && !is_unknown (error))
    {
      finish (attempt, NULL, error);
      return;
    }
  /* Not the one that libsecret shares, which it keeps for ever, dead or not. */
  secret_service_open (kr_secret_service_get_type (), NULL, SECRET_SERVICE_OPEN_SESSION,
                       attempt->cancellable, on_service, attempt);
}

/* The first call on a connection: starts the daemon if needed, and may fail (lib/README.md). */
static void
greet_service (Attempt *attempt, GDBusConnection *bus)
{
  g_dbus_connection_call (bus, kr_secret_connection_get_service_name (),
                          KR_SECRET_CONNECTION_SERVICE_PATH, "org.freedesktop.DBus.Properties",
                          "GetAll", g_variant_new ("(s)", "org.freedesktop.Secret.Service"),
                          G_VARIANT_TYPE ("(a{sv})"), G_DBUS_CALL_FLAGS_NONE, -1,
                          attempt->cancellable, on_greeted, attempt);
}

static gboolean connect_bus (gpointer data);

static void
on_bus (GObject *source, GAsyncResult *result, gpointer data)
{
  Attempt *attempt = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, &error);
  g_autoptr (GSource) pause = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      && !g_cancellable_is_cancelled (attempt->cancellable))
    {
      /* While a shared attempt that was given up is ending, its answer comes instead of ours. */
      pause = g_timeout_source_new (PAUSE_MS);
      g_source_set_callback (pause, connect_bus, attempt, NULL);
      g_source_attach (pause, get_context ());
      return;
    }
  if (bus != NULL && g_dbus_connection_is_closed (bus))
    {
      drop_watched (bus);
      g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_CLOSED, _ ("the session bus is gone"));
    }
  if (error != NULL)
    {
      finish (attempt, NULL, error);
      return;
    }
  /* Otherwise the end of the session bus would end the program. */
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  start_watching (bus);
  greet_service (attempt, bus);
}

static gboolean
connect_bus (gpointer data)
{
  Attempt *attempt = data;

  g_bus_get (G_BUS_TYPE_SESSION, attempt->cancellable, on_bus, attempt);
  return G_SOURCE_REMOVE;
}

/* Without a bus GLib would start one. A second bus means a second keyring daemon on the same files,
 * which loses what is stored. */
static gboolean
check_bus_is_there (GError **error)
{
  const char *address = g_getenv ("DBUS_SESSION_BUS_ADDRESS");
  const char *runtime = g_getenv ("XDG_RUNTIME_DIR");
  g_autofree char *path = runtime != NULL ? g_build_filename (runtime, "bus", NULL) : NULL;

  if ((address != NULL && *address != '\0')
      || (path != NULL && g_file_test (path, G_FILE_TEST_EXISTS)))
    return TRUE;
  return KR_SECRET_FAIL (
      error, KR_SECRET_ERROR_NO_KEYRING,
      _ ("there is no session bus, and so no keyring: neither DBUS_SESSION_BUS_ADDRESS nor "
         "XDG_RUNTIME_DIR leads to one"));
}

/* Called with the mutex held. */
static Attempt *
begin_attempt (void)
{
  Attempt *attempt = g_new0 (Attempt, 1);
  g_autoptr (GSource) start = g_idle_source_new ();

  attempt->cancellable = g_cancellable_new ();
  if (current != NULL)
    {
      begin_generation ();
      g_clear_pointer (&current, kr_secret_connection_unref);
    }
  under_way = attempt;
  g_source_set_priority (start, G_PRIORITY_DEFAULT);
  g_source_set_callback (start, connect_bus, attempt, NULL);
  g_source_attach (start, get_context ());
  return attempt;
}

/* Waits for an attempt, with the mutex held. NULL without an error: it had been given up before. */
static KrSecretConnection *
await_attempt (Attempt *attempt, KrSecretDeadline deadline, GError **error)
{
  KrSecretConnection *connection = NULL;

  attempt->waiting++;
  while (!attempt->done && kr_secret_deadline_check (deadline, error))
    if (running)
      g_cond_wait_until (&changed, &mutex,
                         MIN (deadline.at, g_get_monotonic_time () + SLICE_MS * 1000));
    else
      run_slice ();
  if (attempt->connection != NULL)
    connection = kr_secret_connection_ref (attempt->connection);
  else if (attempt->done && !g_cancellable_is_cancelled (attempt->cancellable))
    g_propagate_error (error, g_error_copy (attempt->error));
  if (--attempt->waiting == 0 && attempt->done)
    attempt_free (attempt);
  else if (attempt->waiting == 0)
    g_cancellable_cancel (attempt->cancellable);
  return connection;
}

KrSecretConnection *
kr_secret_connection_get (KrSecretDeadline deadline, GError **error)
{
  KrSecretConnection *connection = NULL;
  g_autoptr (GError) local = NULL;

  g_mutex_lock (&mutex);
  if (current != NULL && !kr_secret_connection_is_dead (current))
    connection = kr_secret_connection_ref (current);
  while (connection == NULL && local == NULL && kr_secret_deadline_check (deadline, &local)
         && (under_way != NULL || check_bus_is_there (&local)))
    connection = await_attempt (under_way != NULL ? under_way : begin_attempt (), deadline, &local);
  g_mutex_unlock (&mutex);
  if (g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_DEADLINE))
    kr_secret_error_set (error, KR_SECRET_ERROR_DEADLINE, 0, NULL,
                         _ ("the keyring did not answer in time"));
  else if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return connection;
}

/* Calls a method of the service. A floating parameters is consumed. */
GVariant *
kr_secret_connection_call (const KrSecretLease *lease,
                           const char *path,
                           const char *interface,
                           const char *method,
                           GVariant *parameters,
                           const char *reply_type,
                           GError **error)
{
  KrSecretConnection *self = lease->connection;
  g_autoptr (GVariant) owned = g_variant_ref_sink (parameters);
  g_autoptr (GError) cause = NULL;
  g_autofree char *remote = NULL;
  GVariant *reply;

  if (!kr_secret_deadline_check (lease->deadline, error))
    return NULL;
  reply = g_dbus_connection_call_sync (
      self->bus, g_dbus_proxy_get_name (G_DBUS_PROXY (self->service)), path, interface, method,
      owned, G_VARIANT_TYPE (reply_type), G_DBUS_CALL_FLAGS_NONE,
      MAX (kr_secret_deadline_left (lease->deadline), 1), lease->deadline.cancellable, &cause);
  if (reply != NULL)
    return reply;
  remote = g_dbus_error_get_remote_error (cause);
  /* A daemon that is starting has its name before its methods. */
  if (g_str_equal (path, KR_SECRET_CONNECTION_SERVICE_PATH) && is_unknown (cause))
    {
      g_atomic_int_set (&self->dead, 1);
      return KR_SECRET_FAIL_NULL (error, KR_SECRET_ERROR_NO_KEYRING,
                                  _ ("the keyring is just starting"));
    }
  if (g_strcmp0 (remote, "org.freedesktop.Secret.Error.NoSession") == 0
      || g_error_matches (cause, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN)
      || g_error_matches (cause, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER))
    g_atomic_int_set (&self->dead, 1);
  set_bus_error (error, cause);
  return NULL;
}

GVariant *
kr_secret_connection_get_property (const KrSecretLease *lease,
                                   const char *path,
                                   const char *interface,
                                   const char *property,
                                   GError **error)
{
  g_autoptr (GVariant) reply
      = kr_secret_connection_call (lease, path, "org.freedesktop.DBus.Properties", "Get",
                                   g_variant_new ("(ss)", interface, property), "(v)", error);
  GVariant *value = NULL;

  if (reply != NULL)
    g_variant_get (reply, "(v)", &value);
  return value;
}

const char *
kr_secret_connection_get_session_path (KrSecretConnection *self)
{
  return secret_service_get_session_dbus_path (self->service);
}

/* A value encrypted for the session, as the service takes it. */
GVariant *
kr_secret_connection_encode (KrSecretConnection *self, SecretValue *value)
{
  return secret_service_encode_dbus_secret (self->service, value);
}

/* NULL if it does not decrypt. */
SecretValue *
kr_secret_connection_decode (KrSecretConnection *self, GVariant *encoded)
{
  return secret_service_decode_dbus_secret (self->service, encoded);
}

gpointer
kr_secret_connection_with (KrSecretConnectionOperation operation,
                           gpointer data,
                           KrSecretDeadline deadline,
                           GError **error)
{
  for (gboolean again = TRUE;; again = FALSE)
    {
      g_autoptr (KrSecretConnection) connection = kr_secret_connection_get (deadline, error);
      g_autoptr (GError) local = NULL;
      KrSecretLease lease = { connection, deadline };
      gpointer result;

      if (connection == NULL)
        return NULL;
      result = operation (&lease, data, &local);
      if (result != NULL)
        return result;
      if (!again || !kr_secret_connection_is_dead (connection))
        return KR_SECRET_PASS_NULL (error, local);
    }
}
