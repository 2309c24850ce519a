/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "doctor/checks.h"

#include <unistd.h>

#include "keyring/running-bus.h"
#include "terminal/report.h"

/* The way to the keyring: the bus, its service, the lock, and a dummy item stored and read. The
 * library would only say that something failed, so this makes the same calls again on its own
 * connection. Nothing here shows or dismisses a prompt. */

#define SERVICE_PATH "/org/freedesktop/secrets"
#define IFACE "org.freedesktop.Secret."
#define NO_COLLECTION "/"

/* A starting daemon has its name before its methods. */
#define STARTING_TRIES 20
#define STARTING_PAUSE (G_USEC_PER_SEC / 20)

/* The Secret Service's name on the bus, as in libsecret. */
static const char *
get_service (void)
{
  const char *name = g_getenv ("SECRET_SERVICE_BUS_NAME");

  return name != NULL ? name : RUNNING_BUS_KEYRING;
}

/* An answer of another type is an error. parameters may be floating. */
static GVariant *
call (Doctor *doctor,
      const char *name,
      const char *path,
      const char *interface,
      const char *method,
      GVariant *parameters,
      const char *reply_type,
      GError **error)
{
  return g_dbus_connection_call_sync (doctor->bus, name, path, interface, method, parameters,
                                      G_VARIANT_TYPE (reply_type), G_DBUS_CALL_FLAGS_NONE,
                                      (int) MIN (doctor->timeout, G_MAXINT), NULL, error);
}

static gboolean
is_timeout (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)
         || g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DEADLINE)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_TIMEOUT)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_TIMED_OUT);
}

static void
fail_without_bus (Doctor *doctor)
{
  g_autofree char *usual = g_strdup_printf ("/run/user/%d", (int) getuid ());
  g_autofree char *path = g_build_filename (usual, "bus", NULL);
  const char *runtime = g_getenv ("XDG_RUNTIME_DIR");
  char *fix;

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    fix = g_strdup_printf ("export XDG_RUNTIME_DIR=%s", usual);
  else
    fix = g_strdup (_ ("log in to the desktop; without one: kr-secret-tool session -- COMMAND"));
  if (runtime != NULL && *runtime != '\0')
    findings_fail (
        doctor, KR_SECRET_ERROR_NO_KEYRING, fix,
        _ ("there is no session bus: DBUS_SESSION_BUS_ADDRESS is not set, and there is no "
           "'bus' in XDG_RUNTIME_DIR (%s)"),
        runtime);
  else
    findings_fail (
        doctor, KR_SECRET_ERROR_NO_KEYRING, fix,
        _ ("there is no session bus: neither DBUS_SESSION_BUS_ADDRESS nor XDG_RUNTIME_DIR "
           "is set"));
}

static gint64
get_deadline (Doctor *doctor)
{
  return g_get_monotonic_time () + (gint64) doctor->timeout * 1000;
}

void
doctor_keyring_check_bus (Doctor *doctor)
{
  g_autofree char *address = running_bus_find_address ();
  g_autoptr (GError) error = NULL;

  if (address != NULL)
    doctor->bus = running_bus_connect (address, get_deadline (doctor), &error);
  if (address == NULL)
    fail_without_bus (doctor);
  else if (doctor->bus != NULL)
    findings_ok (doctor, _ ("the session bus answers"));
  else if (is_timeout (error))
    findings_fail (doctor, KR_SECRET_ERROR_DEADLINE,
                   g_strdup (_ ("log out and in again; the whole session is affected")),
                   _ ("the session bus does not answer"));
  else
    findings_fail (doctor, KR_SECRET_ERROR_NO_KEYRING,
                   g_strdup (_ ("run this in a shell of the session that is logged in now")),
                   _ ("the session bus cannot be reached: %s"), error->message);
}

static GVariant *
call_service (Doctor *doctor,
              const char *method,
              GVariant *parameters,
              const char *reply_type,
              GError **error)
{
  g_autoptr (GVariant) kept = g_variant_ref_sink (parameters);

  for (guint tries = 1;; tries++)
    {
      g_autoptr (GError) local = NULL;
      GVariant *reply = call (doctor, get_service (), SERVICE_PATH, IFACE "Service", method, kept,
                              reply_type, &local);

      if (reply != NULL)
        return reply;
      if (tries == STARTING_TRIES
          || !g_error_matches (local, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD))
        return KR_SECRET_PASS_NULL (error, local);
      g_usleep (STARTING_PAUSE);
    }
}

static void
fail_without_service (Doctor *doctor, GError *error)
{
  g_dbus_error_strip_remote_error (error);
  if (!is_timeout (error))
    findings_fail (doctor, KR_SECRET_ERROR_NO_KEYRING,
                   g_strdup (_ ("install gnome-keyring and log in again; without a desktop: "
                                "kr-secret-tool session -- COMMAND")),
                   _ ("no keyring is on the session bus: %s"), error->message);
  else if (doctor->owner != 0)
    findings_fail (doctor, KR_SECRET_ERROR_DEADLINE,
                   g_strdup (_ ("log out and in again, if it does not recover by itself")),
                   _ ("the keyring (process %u) does not answer"), doctor->owner);
  else
    findings_fail (doctor, KR_SECRET_ERROR_DEADLINE,
                   g_strdup (_ ("log out and in again, if it does not recover by itself")),
                   _ ("the keyring does not answer"));
}

static char *
read_default (Doctor *doctor, GError **error)
{
  g_autoptr (GVariant) reply
      = call_service (doctor, "ReadAlias", g_variant_new ("(s)", "default"), "(o)", error);
  char *path = NULL;

  if (reply != NULL)
    g_variant_get (reply, "(o)", &path);
  return path;
}

void
doctor_keyring_check_service (Doctor *doctor)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  if (doctor->bus == NULL)
    {
      findings_skip (doctor, _ ("the session bus cannot be used"));
      return;
    }
  path = read_default (doctor, &error);
  /* gnome-keyring may handle the first call before it knows the connection, and find nothing. */
  if (g_strcmp0 (path, NO_COLLECTION) == 0)
    {
      g_free (path);
      path = read_default (doctor, &error);
    }
  doctor->owner
      = (guint32) running_bus_find_owner (doctor->bus, get_service (), get_deadline (doctor));
  if (path == NULL)
    fail_without_service (doctor, error);
  else if (g_str_equal (path, NO_COLLECTION))
    findings_fail (doctor, KR_SECRET_ERROR_NO_KEYRING,
                   g_strdup (_ ("log in to the desktop once, or create a keyring named 'Login' in "
                                "Passwords and Keys (seahorse)")),
                   _ ("the service is there, but it has no default keyring yet"));
  else
    {
      doctor->collection = g_steal_pointer (&path);
      findings_ok (doctor, _ ("the service answers, and has a default keyring"));
    }
}

/* What prevents a check that uses the default keyring, or NULL. */
static const char *
find_obstacle (Doctor *doctor)
{
  if (doctor->bus == NULL)
    return _ ("the session bus cannot be used");
  if (doctor->collection == NULL)
    return _ ("no default keyring answers");
  return NULL;
}

static gboolean
read_locked (Doctor *doctor, gboolean *out_locked, GError **error)
{
  g_autoptr (GVariant) reply
      = call (doctor, get_service (), doctor->collection, "org.freedesktop.DBus.Properties", "Get",
              g_variant_new ("(ss)", IFACE "Collection", "Locked"), "(v)", error);
  g_autoptr (GVariant) value = NULL;

  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(v)", &value);
  *out_locked
      = !g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN) || g_variant_get_boolean (value);
  return TRUE;
}

/* A keyring with a blank password unlocks on request. Any other returns a prompt's path; we ignore
 * it, since nothing is shown until the prompt is called. */
static gboolean
opens_by_itself (Doctor *doctor)
{
  const char *const paths[] = { doctor->collection, NULL };
  g_autoptr (GVariant) reply
      = call_service (doctor, "Unlock", g_variant_new ("(^ao)", paths), "(aoo)", NULL);
  const char *prompt;

  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(@ao&o)", NULL, &prompt);
  return g_str_equal (prompt, "/");
}

void
doctor_keyring_check_lock (Doctor *doctor)
{
  const char *obstacle = find_obstacle (doctor);
  g_autoptr (GError) error = NULL;
  gboolean locked;

  if (obstacle != NULL)
    findings_skip (doctor, "%s", obstacle);
  else if (!read_locked (doctor, &locked, &error))
    {
      g_dbus_error_strip_remote_error (error);
      findings_fail (doctor,
                     is_timeout (error) ? KR_SECRET_ERROR_DEADLINE : KR_SECRET_ERROR_NO_KEYRING,
                     NULL, _ ("the keyring does not say whether it is locked: %s"), error->message);
    }
  else if (locked && !opens_by_itself (doctor))
    findings_fail (doctor, KR_SECRET_ERROR_LOCKED, g_strdup ("kr-secret-tool unlock"),
                   _ ("the keyring is locked"));
  else
    {
      doctor->unlocked = TRUE;
      findings_ok (doctor, _ ("the keyring is unlocked"));
    }
}

void
doctor_keyring_check_round_trip (Doctor *doctor)
{
  const char *obstacle = find_obstacle (doctor);
  g_autoptr (GError) error = NULL;

  if (obstacle != NULL)
    findings_skip (doctor, "%s", obstacle);
  else if (!doctor->unlocked)
    findings_skip (doctor, _ ("the keyring is not unlocked"));
  else if (doctor->contested)
    findings_skip (doctor, _ ("storing an item beside a second daemon could overwrite others"));
  else if (kr_secret_client_check_keyring (doctor->client, NULL, &error))
    findings_ok (doctor, _ ("a dummy item was stored, read back and erased"));
  else
    findings_fail (doctor, report_status (error),
                   g_strdup (_ ("check that the disk is not full and that the keyring's files can "
                                "be written: df -h ~; ls -l ~/.local/share/keyrings")),
                   _ ("a dummy item could not be stored and read back: %s"), error->message);
}
