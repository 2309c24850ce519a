/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Places where a secret must not be: arguments, environment, messages, logs, files, the bus. */

#include "tool.h"

#include <string.h>

#include "test-bus.h"
#include "test-keyring.h"

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
  /* At any position in a longer text, one of the three is in its base64. */
  for (gsize skip = 0; skip < 3; skip++)
    add_form (secrets, g_base64_encode ((const guchar *) secret + skip, (length - skip) / 3 * 3));
}

static void
secrets_clear (Secrets *secrets)
{
  g_clear_pointer (&secrets->forms, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Secrets, secrets_clear)

/* Those of key 0. Appkeys begin alike, and the first four characters may be shown. */
static void
secrets_init (Secrets *secrets, const char *broker)
{
  g_autofree char *appkey = test_simulator_get_key (broker, 0, "appkey");
  g_autofree char *appsecret = test_simulator_get_key (broker, 0, "appsecret");

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
        test_fail ("a secret, in its form %u, is in %s", i, where);
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
  for (guint i = 0; i < G_N_ELEMENTS (logs); i++)
    {
      g_autofree char *path = g_build_filename (g_getenv ("KR_TEST_DIR"), logs[i], NULL);

      check_tree (secrets, path);
    }
}

/* What /proc shows of the tool and its helper, and which of them were seen. */
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
      for (guint i = 0; i < G_N_ELEMENTS (files); i++)
        {
          g_autofree char *path = g_build_filename ("/proc", pid, files[i], NULL);
          g_autofree char *content = NULL;
          gsize length;

          /* Not readable by others: as good as empty. */
          if (g_file_get_contents (path, &content, &length, NULL))
            check_none (secrets, path, content, length);
        }
    }
}

typedef struct
{
  Secrets *secrets;
  gint done; /* atomic */
  gboolean tool;
  gboolean helper;
} Sampler;

static gpointer
sample (gpointer data)
{
  Sampler *sampler = data;

  while (!g_atomic_int_get (&sampler->done))
    {
      check_processes (sampler->secrets, &sampler->tool, &sampler->helper);
      g_usleep (20000);
    }
  return NULL;
}

/* Runs a command while another thread watches /proc. */
static void
run_watched (
    World *world, Secrets *secrets, const char *input, gboolean helper, const char *const *argv)
{
  Sampler sampler = { .secrets = secrets };
  GThread *thread = g_thread_new ("sample", sample, &sampler);
  g_autoptr (TestRun) ran = test_run (world->env, argv, input, -1);

  g_atomic_int_set (&sampler.done, TRUE);
  g_thread_join (thread);
  if (ran->status != 0)
    test_fail ("%s ended with %d: %s", argv[1], ran->status, ran->err);
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
  g_autofree char *key = test_simulator_get_key_lines (broker, 0);
  g_autofree char *token = NULL;
  const char *uri = test_simulator_get_uri (world->simulator, broker);

  secrets_init (&secrets, broker);
  test_simulator_set (world->simulator, broker, "'latency_ms':300");
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

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
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

/* Error paths say more, and this is where secrets slip out. */
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
      g_autofree char *key = test_simulator_get_key_lines (brokers[b], 0);

      secrets_init (&secrets, brokers[b]);
      for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
        {
          g_autofree char *fault = g_strdup_printf ("'fault':'%s'", faults[i]);

          test_simulator_fault (world->simulator, brokers[b], fault);
          {
            g_autoptr (TestRun) ran
                = tool_fed (world, ANY_STATUS, key, "--json", "-v", ADD (world, brokers[b], "a"));

            g_assert_cmpint (ran->status, !=, 0);
            check_none (&secrets, faults[i], ran->err, strlen (ran->err));
            check_none (&secrets, faults[i], ran->out, strlen (ran->out));
          }
        }
      check_files (&secrets);
    }
}

static void
test_bus (World *world, gconstpointer data)
{
  g_auto (Secrets) secrets = { NULL };
  g_autoptr (TestMonitor) monitor = test_monitor_start ();
  g_autoptr (GByteArray) bytes = NULL;
  g_autofree char *token = NULL;

  secrets_init (&secrets, "ls");
  add_account (world, "ls", 0, "a-very-telling-alias", "paper");
  token = stored_token (world, "a-very-telling-alias");
  add_secret (&secrets, token);
  /* Nor anything about the account; that is in the payload. */
  add_secret (&secrets, "a-very-telling-alias");
  tool_ends (world, 0, "header", "a-very-telling-alias");
  test_keyring_lock ();
  tool_ends (world, 5, "token", "a-very-telling-alias");
  tool_ends (world, 5, "remove", "a-very-telling-alias");
  test_keyring_unlock ();
  tool_ends (world, 0, "revoke", "a-very-telling-alias");

  bytes = test_monitor_get_bytes (monitor);
  g_assert_cmpuint (bytes->len, >, 1000);
  check_none (&secrets, "the bus", (const char *) bytes->data, bytes->len);
  g_assert_cmpuint (test_monitor_count (monitor, "Prompt"), ==, 0);
  g_assert_cmpuint (test_monitor_count (monitor, "Dismiss"), ==, 0);
  check_files (&secrets);
}

/* A test that finds nothing has to be able to find something. */
static void
test_the_check_itself (World *world, gconstpointer data)
{
  g_auto (Secrets) secrets = { NULL };
  g_autofree char *appsecret = test_simulator_get_key ("ls", 0, "appsecret");
  g_autofree char *padded = g_strdup_printf ("x%s", appsecret);
  g_autofree char *base64 = g_base64_encode ((const guchar *) padded, strlen (padded));
  guint found = 0;

  secrets_init (&secrets, "ls");
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
