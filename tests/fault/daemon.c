/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon.h"

#include "test-bus.h"
#include "test-keyring.h"
#include "test-process.h"

static gboolean
answers (GDBusConnection *bus)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      bus, "org.freedesktop.secrets", "/org/freedesktop/secrets", "org.freedesktop.Secret.Service",
      "ReadAlias", g_variant_new ("(s)", "default"), NULL, G_DBUS_CALL_FLAGS_NONE, 10000, NULL,
      NULL);

  return reply != NULL;
}

void
daemon_start (void)
{
  g_autoptr (GDBusConnection) bus = test_bus_connect ();

  test_keyring_start (TRUE);
  test_wait_until (answers (bus));
}
