/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "exit-world.h"

#include <glib/gstdio.h>

#include "test-keyring.h"
#include "test-process.h"

static void
write_file (ExitWorld *self, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (self->directory, name, NULL);

  test_file_write (path, text, -1, 0600);
}

/* Some minutes from now, in the format of wait. */
static char *
get_soon (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autoptr (GDateTime) soon = g_date_time_add_minutes (now, 5);

  return g_date_time_format (soon, "%H:%M");
}

static void
write_files (ExitWorld *self)
{
  g_autofree char *key = test_simulator_get_key_lines ("ls", 8);
  g_autofree char *appkey = test_simulator_get_key ("ls", 7, "appkey");
  g_autofree char *appsecret = test_simulator_get_key ("ls", 7, "appsecret");
  g_autofree char *env = g_strdup_printf ("LS_APPKEY=%s\nLS_APPSECRETKEY=%s\n", appkey, appsecret);

  write_file (self, "key", key);
  write_file (self, "keys.env", env);
  write_file (self, "nonsense", "{ \"no\": [ such\n");
  write_file (self, "passphrase", "correct horse battery\n");
  write_file (self, "password", g_getenv ("KR_TEST_KEYRING_PASSWORD"));
}

static void
set_variables (ExitWorld *self)
{
  World *world = self->world;
  g_autofree char *key = g_build_filename (self->directory, "key", NULL);
  g_autofree char *soon = get_soon ();

  /* On a terminal the password is then entered there. */
  world_unsetenv (world, "DISPLAY");
  world_unsetenv (world, "WAYLAND_DISPLAY");
  world_setenv (world, "T", g_getenv ("KR_TEST_TOOL"));
  world_setenv (world, "LS", test_simulator_get_uri (world->simulator, "ls"));
  world_setenv (world, "KEY", key);
  world_setenv (world, "D", self->directory);
  world_setenv (world, "SOON", soon);
}

/* The current ledgers: what the library remembers of each account outside the keyring. */
static void
save_records (ExitWorld *self)
{
  g_autoptr (GDir) folder = g_dir_open (self->ledgers, 0, NULL);
  const char *name;

  g_assert_nonnull (folder);
  self->records
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->ledgers, name, NULL);
      char *data;
      gsize length;

      if (g_file_get_contents (path, &data, &length, NULL))
        g_hash_table_insert (self->records, g_strdup (name), g_bytes_new_take (data, length));
    }
}

static void
put_back_records (ExitWorld *self)
{
  g_autoptr (GDir) folder = g_dir_open (self->ledgers, 0, NULL);
  GHashTableIter iter;
  gpointer name, bytes;

  while ((name = (gpointer) g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->ledgers, name, NULL);

      if (!g_hash_table_contains (self->records, name))
        g_remove (path);
    }
  g_hash_table_iter_init (&iter, self->records);
  while (g_hash_table_iter_next (&iter, &name, &bytes))
    {
      g_autofree char *path = g_build_filename (self->ledgers, name, NULL);

      test_file_write (path, g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes),
                       0600);
    }
}

void
exit_world_set_up (ExitWorld *self, World *world, gboolean with_backup)
{
  g_autofree char *token = NULL;

  self->world = world;
  self->directory = test_directory_new ();
  self->ledgers = g_build_filename (g_get_user_state_dir (), "krsecret", NULL);
  write_files (self);
  set_variables (self);
  add_account (world, "ls", 0, "a", "paper");
  add_unverified (world, "ls", 1, "b");
  add_account (world, "ls", 2, "real", "real");
  add_unverified (world, "kiwoom", 0, "w"); /* whose tokens do not end at a fixed time of the day */
  token = stored_token (world, "a");
  write_file (self, "key.token", token);
  self->a_id = account_id (world, "a");
  world_setenv (world, "A", self->a_id);
  if (with_backup)
    test_run_free (tool_shell (world, 0, "\"$T\" -q backup \"$D/old.backup\" <\"$D/passphrase\""));
  self->items = test_keyring_save ();
  save_records (self);
}

void
exit_world_tear_down (ExitWorld *self)
{
  test_directory_remove (self->directory);
  g_free (self->ledgers);
  g_free (self->a_id);
  g_variant_unref (self->items);
  g_hash_table_unref (self->records);
}

void
exit_world_renew (ExitWorld *self, ExitSituation situation)
{
  g_autofree char *made = g_build_filename (self->directory, "new.backup", NULL);

  if (situation != EXIT_FINE)
    test_simulator_reset (self->world->simulator, "ls");
  g_remove (made);
  test_keyring_unlock ();
  test_keyring_put_back (self->items);
  put_back_records (self);
}

static void
set_fault (World *world, const char *fault)
{
  g_autofree char *members = g_strdup_printf ("'fault':'%s','times':0", fault);

  test_simulator_fault (world->simulator, "ls", members);
}

void
exit_world_begin (ExitWorld *self, ExitSituation situation)
{
  static const char *const faults[EXIT_N_SITUATIONS] = {
    [EXIT_REFUSED] = "refuse-key", [EXIT_LIMITED] = "rate-limited", [EXIT_GONE] = "reset",
    [EXIT_MUTE] = "mute",          [EXIT_NONSENSE] = "html200",
  };

  if (faults[situation] != NULL)
    set_fault (self->world, faults[situation]);
  switch (situation)
    {
    case EXIT_LOCKED:
      test_keyring_lock ();
      break;
    case EXIT_NO_BUS:
      world_hide_bus (self->world);
      break;
    case EXIT_STOPPED:
      test_pause (test_keyring_get_pid ());
      break;
    case EXIT_BAD_PLUGIN:
      write_file (self, "ls.so", "not a shared object");
      G_GNUC_FALLTHROUGH;
    case EXIT_NO_PLUGIN:
      world_setenv (self->world, "KR_SECRET_PLUGIN_DIR", self->directory);
      break;
    case EXIT_UNSAFE:
      g_assert_cmpint (g_chmod (self->ledgers, 0777), ==, 0);
      break;
    case EXIT_DAMAGED:
      test_keyring_overwrite (self->a_id, "krsecret-account", "torn", -1);
      break;
    case EXIT_EMPTY:
      test_keyring_clear ();
      break;
    default:
      break;
    }
}

void
exit_world_end (ExitWorld *self, ExitSituation situation)
{
  World *world = self->world;

  switch (situation)
    {
    case EXIT_NO_BUS:
      world_setenv (world, "DBUS_SESSION_BUS_ADDRESS", g_getenv ("DBUS_SESSION_BUS_ADDRESS"));
      world_setenv (world, "XDG_RUNTIME_DIR", g_getenv ("XDG_RUNTIME_DIR"));
      break;
    case EXIT_STOPPED:
      test_resume (test_keyring_get_pid ());
      break;
    case EXIT_BAD_PLUGIN:
    case EXIT_NO_PLUGIN:
      world_setenv (world, "KR_SECRET_PLUGIN_DIR", g_getenv ("KR_SECRET_PLUGIN_DIR"));
      break;
    case EXIT_UNSAFE:
      g_assert_cmpint (g_chmod (self->ledgers, 0700), ==, 0);
      break;
    default:
      break;
    }
}
