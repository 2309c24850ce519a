/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "keyring/running-bus.h"
#include "session/session.h"
#include "terminal/progress.h"

/* Joins running sessions, uses the login's keyring, or starts one. */

static gboolean
check_home (GError **error)
{
  const char *home = g_getenv ("HOME");

  if (home != NULL && g_path_is_absolute (home))
    return TRUE;
  return KR_SECRET_FAIL (error, KR_SECRET_ERROR_NO_KEYRING,
                         home == NULL ? _ ("HOME is not set, so there is no place for a keyring")
                                      : _ ("HOME is not an absolute path"));
}

/* Gets a bus with a daemon: a running one, or one that the keeper starts. */
static char *
get_bus (gint64 deadline, int keeper, int *out_keeper, char **out_next, GError **error)
{
  g_autoptr (GError) local = NULL;
  char *address = NULL;

  for (;;)
    {
      gboolean has_keyring = FALSE;
      g_autofree char *found = running_bus_find (deadline, &has_keyring);

      if (has_keyring)
        return g_steal_pointer (&found);
      if (session_join_order (keeper, found, deadline, &address, out_next, &local))
        *out_keeper = keeper;
      else if (local == NULL) /* another session is starting or ending one */
        *out_keeper = session_join (deadline, &address, out_next, &local);
      if (local == NULL && *out_keeper < 0 && g_get_monotonic_time () > deadline)
        kr_secret_error_set (&local, KR_SECRET_ERROR_DEADLINE, 0, NULL,
                             _ ("other sessions of this HOME are in the way"));
      if (local != NULL)
        g_propagate_error (error, g_steal_pointer (&local));
      else if (*out_keeper < 0)
        continue;
      return address;
    }
}

char *
session_enter (Tool *tool, gint64 deadline, int *out_keeper, char **out_next, GError **error)
{
  g_autoptr (GError) local = NULL;
  char *address = NULL;
  int keeper;

  if (!check_home (error))
    return NULL;
  *out_keeper = session_join (deadline, &address, out_next, &local);
  if (local != NULL)
    return KR_SECRET_PASS_NULL (error, local);
  if (*out_keeper >= 0)
    return address;
  keeper = session_daemon_keeper_fork (error);
  if (keeper < 0)
    return NULL;
  /* Only after the keeper was forked, which must happen before there are threads. */
  progress_begin (tool, "%s", _ ("starting the keyring"));
  address = get_bus (deadline, keeper, out_keeper, out_next, error);
  if (*out_keeper != keeper)
    session_join_leave (keeper);
  return address;
}
