/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "keyring/running-bus.h"
#include "accounts/lookup.h"
#include "terminal/report.h"
#include "session/session.h"

/* Opens the keyring on the bus with the passphrase, or creates it if this HOME has none. */

/* Seconds for the bus to say whether it has a keyring. */
#define PATIENCE 5

/* Without its daemon, an existing keyring looks like none. */
static gboolean
is_served (void)
{
  const char *address = g_getenv ("DBUS_SESSION_BUS_ADDRESS");
  gint64 deadline = g_get_monotonic_time () + (gint64) PATIENCE * G_USEC_PER_SEC;
  g_autoptr (GDBusConnection) bus = running_bus_connect (address, deadline, NULL);
  gboolean served;

  if (bus == NULL)
    return FALSE;
  served = running_bus_find_owner (bus, RUNNING_BUS_KEYRING, deadline) != 0;
  g_dbus_connection_close_sync (bus, NULL, NULL);
  return served;
}

/* Whether to ask for a passphrase: also for that of a keyring to be created. */
static gboolean
is_to_be_asked (GError **failure, gboolean *out_new_one)
{
  *out_new_one = g_error_matches (*failure, KR_SECRET_ERROR, KR_SECRET_ERROR_NO_KEYRING);
  if (!*out_new_one)
    return g_error_matches (*failure, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED);
  if (is_served ())
    return TRUE;
  g_clear_error (failure);
  return KR_SECRET_FAIL (failure, KR_SECRET_ERROR_NO_KEYRING,
                         _ ("the keyring of this session has ended"));
}

static gboolean
try (Tool *tool,
     KrSecretClient *client,
     gboolean new_one,
     const SessionPassphrase *from,
     char **out_next,
     GError **error)
{
  g_autoptr (SecretValue) passphrase
      = session_passphrase_read (tool, from, new_one, out_next, error);

  if (passphrase == NULL
      || (new_one && !kr_secret_client_make_keyring (client, passphrase, NULL, error)))
    return FALSE;
  /* Also after creating it: if another session was faster, it may be locked. */
  if (!kr_secret_client_unlock (client, passphrase, NULL, error)
      || !kr_secret_client_check_keyring (client, NULL, error))
    return FALSE;
  if (new_one)
    report_note (tool, _ ("created a keyring for this HOME; its passphrase opens it from now on"));
  return TRUE;
}

gboolean
session_open_keyring (Tool *tool, const SessionPassphrase *from, char **out_next, GError **error)
{
  g_autoptr (KrSecretClient) client = lookup_client (tool);
  guint tries = session_passphrase_tries (from);

  for (guint i = 1;; i++)
    {
      g_autoptr (GError) local = NULL;
      gboolean new_one;

      if (kr_secret_client_check_keyring (client, NULL, &local))
        return TRUE;
      if (is_to_be_asked (&local, &new_one))
        {
          g_clear_error (&local);
          if (try (tool, client, new_one, from, out_next, &local))
            return TRUE;
          if (i < tries && g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED))
            {
              report_warning (tool, _ ("that is not the passphrase"));
              continue;
            }
        }
      if (g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED))
        *out_next = g_strdup (_ ("give the passphrase the keyring was made with, which on a "
                                 "desktop is the one you log in with"));
      return KR_SECRET_PASS (error, local);
    }
}
