/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where a secret must not be: arguments, environment, messages, logs, files, the bus. */

#include "tool.h"

#include <glib/gstdio.h>
#include <string.h>

/* The forms of the secrets of one account. */
typedef struct
{
  GPtrArray *forms;
} Secrets;

static void
add_form (Secrets *secrets, char *form)
{
  g_assert_cmpuint (strlen (form), >=, 8);
  g_ptr_array_add (secrets->forms, form);
}

static void
add_secret (Secrets *secrets, const char *secret)
{
  gsize length = strlen (secret);
  g_autoptr (GString) hex = g_string_new (NULL);

  add_form (secrets, g_strdup (secret));
  add_form (secrets, g_uri_escape_string (secret, NULL, FALSE));
  for (gsize i = 0; i < length; i++)
    g_string_append_printf (hex, "%02x", (guchar) secret[i]);
  add_form (secrets, g_strdup (hex->str));
  add_form (secrets, g_ascii_strup (hex->str, -1));
  /* Wherever in a longer text it stands, one of the three is in its base64. */
  for (gsize skip = 0; skip < 3; skip++)
    add_form (secrets, g_base64_encode ((const guchar *) secret + skip, (length - skip) / 3 * 3));
}

static void
secrets_clear (Secrets *secrets)
{
  g_clear_pointer (&secrets->forms, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Secrets, secrets_clear)

/* Those of key 0; appkeys begin alike, and the first four characters are shown. */
static void
secrets_init (Secrets *secrets, World *world, const char *broker)
{
  g_autofree char *appkey = world_key_field (world, broker, 0, "appkey");
  g_autofree char *appsecret = world_key_field (world, broker, 0, "appsecret");

  secrets->forms = g_ptr_array_new_with_free_func (g_free);
  add_secret (secrets, appkey + 4);
  add_secret (secrets, appsecret);
}

static void
check_none (Secrets *secrets, const char *where, const char *bytes, gsize length)
{
  for (guint i = 0; i < secrets->forms->len; i++)
    {
      const char *form = secrets->forms->pdata[i];

      if (memmem (bytes, length, form, strlen (form)) != NULL)
        fail ("a secret, in its form %u, is in %s", i, where);
    }
}

static void
check_tree (Secrets *secrets, const char *path)
{
  if (g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    return;
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
      const char *name;

      while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
        {
          g_autofree char *inner = g_build_filename (path, name, NULL);

          check_tree (secrets, inner);
        }
    }
  else if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    {
      g_autofree char *content = NULL;
      gsize length;

      if (g_file_get_contents (path, &content, &length, NULL))
        check_none (secrets, path, content, length);
    }
}

static void
check_files (Secrets *secrets)
{
  const char *const logs[] = { "bus.log", "keyring.log" };

  check_tree (secrets, g_getenv ("HOME"));
  check_tree (secrets, g_getenv ("TMPDIR"));
  for (gsize i = 0; i < G_N_ELEMENTS (logs); i++)
    {
      g_autofree char *path = g_build_filename (g_getenv ("KR_TEST_DIR"), logs[i], NULL);

      check_tree (secrets, path);
    }
}

/* What /proc shows of the tool and its helper; which of them were seen. */
static void
check_processes (Secrets *secrets, gboolean *out_tool, gboolean *out_helper)
{
  g_autoptr (GDir) proc = g_dir_open ("/proc", 0, NULL);
  const char *pid;

  while ((pid = g_dir_read_name (proc)) != NULL)
    {
      const char *const files[] = { "cmdline", "environ" };
      g_autofree char *comm_path = g_build_filename ("/proc", pid, "comm", NULL);
      g_autofree char *comm = NULL;

      if (!g_ascii_isdigit (*pid) || !g_file_get_contents (comm_path, &comm, NULL, NULL)
          || !g_str_has_prefix (comm, "kr-secret-"))
        continue;
      if (g_str_has_prefix (comm, "kr-secret-sim"))
        continue;
      *out_tool |= g_str_has_prefix (comm, "kr-secret-tool");
      *out_helper |= g_str_has_prefix (comm, "kr-secret-help");
      for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
        {
          g_autofree char *path = g_build_filename ("/proc", pid, files[i], NULL);
          g_autofree char *content = NULL;
          gsize length;

          /* Not to be read by others: as good as empty. */
          if (g_file_get_contents (path, &content, &length, NULL))
            check_none (secrets, path, content, length);
        }
    }
}

typedef struct
{
  Secrets *secrets;
  gboolean tool;
  gboolean helper;
} Sampler;

static gboolean
sample (gpointer data)
{
  Sampler *sampler = data;

  check_processes (sampler->secrets, &sampler->tool, &sampler->helper);
  return G_SOURCE_CONTINUE;
}

/* Runs a command while /proc is watched: run_program () iterates the main context. */
static void
run_watched (
    World *world, Secrets *secrets, const char *input, gboolean helper, const char *const *argv)
{
  Sampler sampler = { secrets, FALSE, FALSE };
  guint timer = g_timeout_add (20, sample, &sampler);
  g_autoptr (Ran) ran = run_program (world->env, argv, input, -1);

  g_source_remove (timer);
  if (ran->status != 0)
    fail ("%s ended with %d: %s", argv[1], ran->status, ran->err);
  check_none (secrets, "the messages", ran->err, strlen (ran->err));
  if (strcmp (argv[1], "token") != 0 && strcmp (argv[1], "header") != 0)
    check_none (secrets, "the output", ran->out, strlen (ran->out));
  if (helper)
    {
      g_assert_true (sampler.tool);
      g_assert_true (sampler.helper);
    }
  check_files (secrets);
}

#define WATCHED(world, secrets, input, helper, ...)                                                \
  run_watched (world, secrets, input, helper,                                                      \
               (const char *[]){ g_getenv ("KR_TEST_TOOL"), __VA_ARGS__, NULL })

static void
check_life (World *world, const char *broker)
{
  g_auto (Secrets) secrets = { NULL };
  g_autofree char *key = world_key (world, broker, 0);
  g_autofree char *token = NULL;
  const char *uri = world_uri (world, broker);

  secrets_init (&secrets, world, broker);
  world_settings (world, broker, "{\"latency_ms\":300}");
  WATCHED (world, &secrets, key, TRUE, "add", broker, "a", "--env", "paper", "-v", "--endpoint",
           uri);
  token = stored_token (world, "a");
  add_secret (&secrets, token);
  WATCHED (world, &secrets, NULL, FALSE, "token", "a", "-v");
  WATCHED (world, &secrets, NULL, FALSE, "header", "a", "-v");
  WATCHED (world, &secrets, NULL, FALSE, "list", "-v");
  WATCHED (world, &secrets, NULL, FALSE, "show", "a", "--json", "-v");
  WATCHED (world, &secrets, NULL, TRUE, "revoke", "a", "-v");
  WATCHED (world, &secrets, NULL, FALSE, "remove", "a", "-v");
}

static void
set_debug (World *world)
{
  const char *const names[] = { "G_MESSAGES_DEBUG", "SOUP_DEBUG", "LIBSOUP_DEBUG", "SECRET_DEBUG" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    world_setenv (world, names[i], "all");
  world_setenv (world, "GNUTLS_DEBUG_LEVEL", "9");
}

static void
test_life_at_kis (World *world, gconstpointer data)
{
  set_debug (world);
  check_life (world, "kis");
}

static void
test_life_at_kiwoom (World *world, gconstpointer data)
{
  set_debug (world);
  check_life (world, "kiwoom");
}

static void
test_life_at_ls (World *world, gconstpointer data)
{
  set_debug (world);
  check_life (world, "ls");
}

/* The paths on which something goes wrong say more, and that is where secrets slip out. */
static void
test_failures (World *world, gconstpointer data)
{
  const char *const faults[]
      = { "refuse-secret", "rate-limited", "server-error", "html200",      "reset",
          "cut",           "deep",         "huge-headers", "duplicate-key" };
  const char *const brokers[] = { "kis", "ls" };

  set_debug (world);
  for (gsize b = 0; b < G_N_ELEMENTS (brokers); b++)
    {
      g_auto (Secrets) secrets = { NULL };
      g_autofree char *key = world_key (world, brokers[b], 0);

      secrets_init (&secrets, world, brokers[b]);
      for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
        {
          g_autofree char *fault = g_strdup_printf ("\"fault\":\"%s\"", faults[i]);

          world_fault (world, brokers[b], fault);
          {
            g_autoptr (Ran) ran
                = tool_fed (world, ANY_STATUS, key, "--json", "-v", "add", brokers[b], "a", "--env",
                            "paper", "--endpoint", world_uri (world, brokers[b]));

            g_assert_cmpint (ran->status, !=, 0);
            check_none (&secrets, faults[i], ran->err, strlen (ran->err));
            check_none (&secrets, faults[i], ran->out, strlen (ran->out));
          }
        }
      check_files (&secrets);
    }
}

typedef struct
{
  GMutex mutex;
  GByteArray *bytes;
  guint prompts;
} Traffic;

static GDBusMessage *
overhear (GDBusConnection *bus, GDBusMessage *message, gboolean incoming, gpointer data)
{
  Traffic *traffic = data;
  const char *member = g_dbus_message_get_member (message);
  gsize length;
  g_autofree guchar *blob
      = g_dbus_message_to_blob (message, &length, G_DBUS_CAPABILITY_FLAGS_UNIX_FD_PASSING, NULL);

  if (blob != NULL)
    {
      g_mutex_lock (&traffic->mutex);
      g_byte_array_append (traffic->bytes, blob, (guint) length);
      if (g_dbus_message_get_message_type (message) == G_DBUS_MESSAGE_TYPE_METHOD_CALL
          && g_strcmp0 (g_dbus_message_get_interface (message), "org.freedesktop.Secret.Prompt")
                 == 0
          && (g_strcmp0 (member, "Prompt") == 0 || g_strcmp0 (member, "Dismiss") == 0))
        traffic->prompts++;
      g_mutex_unlock (&traffic->mutex);
    }
  /* Nothing of it is for us. */
  if (incoming && g_dbus_message_get_message_type (message) == G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    g_clear_object (&message);
  return message;
}

static GDBusConnection *
listen_to_bus (Traffic *traffic)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;
  GDBusConnection *bus = g_dbus_connection_new_for_address_sync (
      g_getenv ("DBUS_SESSION_BUS_ADDRESS"),
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, &error);

  g_assert_no_error (error);
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  g_dbus_connection_add_filter (bus, overhear, traffic, NULL);
  reply = g_dbus_connection_call_sync (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus.Monitoring", "BecomeMonitor",
                                       g_variant_new_parsed ("(@as [], @u 0)"), NULL,
                                       G_DBUS_CALL_FLAGS_NONE, 5000, NULL, &error);
  g_assert_no_error (error);
  return bus;
}

static void
test_bus (World *world, gconstpointer data)
{
  g_auto (Secrets) secrets = { NULL };
  Traffic traffic = { .bytes = g_byte_array_new () };
  g_autoptr (GDBusConnection) bus = NULL;
  g_autofree char *token = NULL;

  g_mutex_init (&traffic.mutex);
  secrets_init (&secrets, world, "ls");
  bus = listen_to_bus (&traffic);
  add_account (world, "ls", 0, "a-very-telling-alias", "paper");
  token = stored_token (world, "a-very-telling-alias");
  add_secret (&secrets, token);
  /* Nor what the account is; that is in the payload. */
  add_secret (&secrets, "a-very-telling-alias");
  tool_ends (world, 0, "header", "a-very-telling-alias");
  world_lock_keyring ();
  tool_ends (world, 5, "token", "a-very-telling-alias");
  tool_ends (world, 5, "remove", "a-very-telling-alias");
  world_unlock_keyring ();
  tool_ends (world, 0, "revoke", "a-very-telling-alias");
  g_dbus_connection_close_sync (bus, NULL, NULL);

  g_mutex_lock (&traffic.mutex);
  g_assert_cmpuint (traffic.bytes->len, >, 1000);
  check_none (&secrets, "the bus", (const char *) traffic.bytes->data, traffic.bytes->len);
  g_assert_cmpuint (traffic.prompts, ==, 0);
  g_mutex_unlock (&traffic.mutex);
  check_files (&secrets);
  g_byte_array_unref (traffic.bytes);
  g_mutex_clear (&traffic.mutex);
}

/* A test that finds nothing has to be one that could. */
static void
test_the_check_itself (World *world, gconstpointer data)
{
  g_auto (Secrets) secrets = { NULL };
  g_autofree char *appsecret = world_key_field (world, "ls", 0, "appsecret");
  g_autofree char *padded = g_strdup_printf ("x%s", appsecret);
  g_autofree char *base64 = g_base64_encode ((const guchar *) padded, strlen (padded));
  guint found = 0;

  secrets_init (&secrets, world, "ls");
  for (guint i = 0; i < secrets.forms->len; i++)
    found += strstr (base64, secrets.forms->pdata[i]) != NULL;
  g_assert_cmpuint (found, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("secrets/the-check-finds-them", NULL, test_the_check_itself);
  WORLD_TEST ("secrets/of-a-life-at-kis", NULL, test_life_at_kis);
  WORLD_TEST ("secrets/of-a-life-at-kiwoom", NULL, test_life_at_kiwoom);
  WORLD_TEST ("secrets/of-a-life-at-ls", NULL, test_life_at_ls);
  WORLD_TEST ("secrets/of-failures", NULL, test_failures);
  WORLD_TEST ("secrets/on-the-bus", NULL, test_bus);
  return g_test_run ();
}
