/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "world.h"

#include "tool.h"

#include <libsoup/soup.h>
#include <signal.h>
#include <string.h>

static void
start_simulator (World *world, const char *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDataInputStream) output = NULL;
  g_autofree char *command = g_strdup_printf (
      "'%s' --exit-on-eof %s", g_getenv ("KR_TEST_SIMULATOR"), options == NULL ? "" : options);
  g_auto (GStrv) argv = NULL;

  g_assert_true (g_shell_parse_argv (command, NULL, &argv, &error));
  world->simulator
      = g_subprocess_newv ((const char *const *) argv,
                           G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error (error);
  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (world->simulator));
  for (int i = 0; i < 3; i++)
    {
      g_autofree char *line = g_data_input_stream_read_line_utf8 (output, NULL, NULL, &error);
      g_auto (GStrv) words = NULL;

      g_assert_no_error (error);
      g_assert_nonnull (line);
      words = g_strsplit (line, " ", 2);
      g_hash_table_insert (world->uris, g_strdup (words[0]), g_strdup (words[1]));
    }
}

/* Kept open: the keyring forgets a session with the connection that it came over. */
static GDBusConnection *
session_bus (void)
{
  static GDBusConnection *bus;
  g_autoptr (GError) error = NULL;

  if (bus == NULL)
    {
      bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);
      g_assert_no_error (error);
      g_dbus_connection_set_exit_on_close (bus, FALSE);
    }
  return bus;
}

static GVariant *
call_secrets (const char *path,
              const char *interface,
              const char *method,
              GVariant *parameters,
              const char *reply_type)
{
  g_autoptr (GError) error = NULL;
  GVariant *reply = g_dbus_connection_call_sync (
      session_bus (), "org.freedesktop.secrets", path, interface, method, parameters,
      reply_type == NULL ? NULL : G_VARIANT_TYPE (reply_type), G_DBUS_CALL_FLAGS_NONE, 20000, NULL,
      &error);

  g_assert_no_error (error);
  return reply;
}

#define SERVICE "/org/freedesktop/secrets"
#define LOGIN SERVICE "/collection/login"

/* The paths of the open items, and those of the locked ones. */
static void
find_items (char ***out_open, char ***out_locked)
{
  g_autoptr (GVariant) reply
      = call_secrets (SERVICE, "org.freedesktop.Secret.Service", "SearchItems",
                      g_variant_new_parsed ("(@a{ss} {},)"), "(aoao)");

  g_variant_get (reply, "(^ao^ao)", out_open, out_locked);
}

guint
world_count_items (void)
{
  g_auto (GStrv) open = NULL;
  g_auto (GStrv) locked = NULL;

  find_items (&open, &locked);
  return g_strv_length (open) + g_strv_length (locked);
}

static void
empty_keyring (void)
{
  g_auto (GStrv) open = NULL;
  g_auto (GStrv) locked = NULL;

  find_items (&open, &locked);
  for (gsize i = 0; open[i] != NULL; i++)
    g_variant_unref (call_secrets (open[i], "org.freedesktop.Secret.Item", "Delete", NULL, "(o)"));
}

void
world_lock_keyring (void)
{
  g_variant_unref (call_secrets (SERVICE, "org.freedesktop.Secret.Service", "Lock",
                                 g_variant_new_parsed ("([objectpath %o],)", LOGIN), "(aoo)"));
}

void
world_unlock_keyring (void)
{
  const char *password = g_getenv ("KR_TEST_KEYRING_PASSWORD");
  g_autoptr (GVariant) reply
      = call_secrets (SERVICE, "org.freedesktop.Secret.Service", "OpenSession",
                      g_variant_new_parsed ("('plain', <''>)"), "(vo)");
  g_autofree char *session = NULL;
  GVariant *bytes = g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, password, strlen (password), 1);
  g_autoptr (GVariant) unlocked = NULL;

  g_variant_get (reply, "(vo)", NULL, &session);
  unlocked = call_secrets (
      SERVICE, "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface",
      "UnlockWithMasterPassword",
      g_variant_new ("(o@(oayays))", LOGIN,
                     g_variant_new ("(o@ay@ays)", session,
                                    g_variant_new_array (G_VARIANT_TYPE_BYTE, NULL, 0), bytes,
                                    "text/plain")),
      NULL);
}

static void
signal_keyring (int number)
{
  const char *pid = g_getenv ("KR_TEST_KEYRING_PID");

  g_assert_cmpint (kill ((pid_t) g_ascii_strtoll (pid, NULL, 10), number), ==, 0);
}

void
world_pause_keyring (void)
{
  signal_keyring (SIGSTOP);
}

void
world_resume_keyring (void)
{
  signal_keyring (SIGCONT);
}

void
world_setenv (World *world, const char *name, const char *value)
{
  world->env = g_environ_setenv (world->env, name, value, TRUE);
}

void
world_unsetenv (World *world, const char *name)
{
  world->env = g_environ_unsetenv (world->env, name);
}

void
world_hide_bus (World *world)
{
  world_unsetenv (world, "DBUS_SESSION_BUS_ADDRESS");
  world_unsetenv (world, "XDG_RUNTIME_DIR");
}

const char *
world_uri (World *world, const char *broker)
{
  return g_hash_table_lookup (world->uris, broker);
}

void
world_set_up (World *world, gconstpointer options)
{
  const char *const unset[] = { "G_MESSAGES_DEBUG", "KR_SECRET_NO_INPUT", "LANGUAGE", "NO_COLOR" };

  /* Nothing here may ever touch the user's own keyring. */
  g_assert_nonnull (g_getenv ("KR_TEST_DIR"));
  world->env = g_get_environ ();
  world->uris = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (gsize i = 0; i < G_N_ELEMENTS (unset); i++)
    world_unsetenv (world, unset[i]);
  world_setenv (world, "LC_ALL", "C.UTF-8");
  world_setenv (world, "TERM", "xterm");
  start_simulator (world, options);
}

void
world_stop_simulator (World *world)
{
  g_autoptr (GError) error = NULL;

  g_output_stream_close (g_subprocess_get_stdin_pipe (world->simulator), NULL, &error);
  g_assert_no_error (error);
  g_subprocess_wait (world->simulator, NULL, &error);
  g_assert_no_error (error);
  g_clear_object (&world->simulator);
}

void
world_tear_down (World *world, gconstpointer options)
{
  if (world->simulator != NULL)
    world_stop_simulator (world);
  g_strfreev (world->env);
  g_hash_table_unref (world->uris);
  empty_keyring ();
  g_assert_cmpuint (world_count_items (), ==, 0);
}

/* Sends a request past the tool; out: the reply's body. */
static guint
send (World *world,
      const char *broker,
      const char *path,
      const char *type,
      const char *body,
      GBytes **out_reply)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autofree char *uri = g_strconcat (world_uri (world, broker), path, NULL);
  g_autoptr (SoupMessage) message = soup_message_new (body == NULL ? "GET" : "POST", uri);

  if (body != NULL)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));

      soup_message_set_request_body_from_bytes (message, type, bytes);
    }
  *out_reply = soup_session_send_and_read (session, message, NULL, &error);
  g_assert_no_error (error);
  return soup_message_get_status (message);
}

JsonObject *
world_control (World *world, const char *broker, const char *name, const char *body)
{
  g_autofree char *path = g_strconcat ("/_simulator/", name, NULL);
  g_autoptr (GBytes) reply = NULL;
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) node = NULL;

  g_assert_cmpuint (send (world, broker, path, "application/json", body, &reply), ==, 200);
  text = g_strndup (g_bytes_get_data (reply, NULL), g_bytes_get_size (reply));
  node = json_from_string (text, NULL);
  return node == NULL ? NULL : json_object_ref (json_node_get_object (node));
}

void
world_settings (World *world, const char *broker, const char *settings)
{
  g_autoptr (JsonObject) reply = world_control (world, broker, "settings", settings);
}

void
world_fault (World *world, const char *broker, const char *fault)
{
  g_autofree char *body = g_strdup_printf ("{\"path\":\"*\",\"times\":1,%s}", fault);
  g_autoptr (JsonObject) reply = world_control (world, broker, "faults", body);
}

guint
world_count (World *world, const char *broker, const char *what)
{
  g_autoptr (JsonObject) counts = world_control (world, broker, "counts", NULL);

  g_assert_true (json_object_has_member (counts, what));
  return (guint) json_object_get_int_member (counts, what);
}

JsonObject *
world_last_request (World *world, const char *broker, const char *path)
{
  g_autoptr (JsonObject) log = world_control (world, broker, "log", NULL);
  JsonArray *requests = json_object_get_array_member (log, "requests");

  for (guint i = json_array_get_length (requests); i-- > 0;)
    {
      JsonObject *request = json_array_get_object_element (requests, i);

      if (g_str_has_prefix (json_object_get_string_member (request, "path"), path))
        return json_object_ref (request);
    }
  g_assert_not_reached ();
}

guint
world_issue_elsewhere (World *world, const char *broker, int n)
{
  g_autofree char *appkey = world_key_field (world, broker, n, "appkey");
  g_autofree char *appsecret = world_key_field (world, broker, n, "appsecret");
  gboolean form = strcmp (broker, "ls") == 0;
  g_autofree char *body = g_strdup_printf (
      form ? "grant_type=client_credentials&appkey=%s&appsecretkey=%s&scope=oob"
           : "{\"grant_type\":\"client_credentials\",\"appkey\":\"%s\",\"appsecret\":\"%s\"}",
      appkey, appsecret);
  g_autoptr (GBytes) reply = NULL;

  return send (world, broker, strcmp (broker, "kis") == 0 ? "/oauth2/tokenP" : "/oauth2/token",
               form ? "application/x-www-form-urlencoded" : "application/json", body, &reply);
}

char *
world_key (World *world, const char *broker, int n)
{
  g_autofree char *which = g_strdup_printf ("%s:%d", broker, n);
  const char *const argv[] = { g_getenv ("KR_TEST_SIMULATOR"), "--keys", which, NULL };
  g_autoptr (Ran) ran = run_program (world->env, argv, NULL, -1);

  g_assert_cmpint (ran->status, ==, 0);
  return g_strdup (ran->out);
}

char *
world_key_field (World *world, const char *broker, int n, const char *field)
{
  g_autofree char *key = world_key (world, broker, n);
  g_auto (GStrv) lines = g_strsplit (key, "\n", -1);

  for (gsize i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], field) && lines[i][strlen (field)] == '=')
      return g_strdup (lines[i] + strlen (field) + 1);
  g_assert_not_reached ();
}
