/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client-fixture.h"

#include <fcntl.h>
#include <glib/gprintf.h>
#include <sys/file.h>
#include <unistd.h>

#include "test-keyring.h"
#include "test-process.h"
#include "test-record.h"

#define TIMEOUT_MS 20000

static guint next_key;

void
fixture_set_up (Fixture *self, gconstpointer data)
{
  self->simulator = test_simulator_start (NULL);
  self->client = kr_secret_client_new ();
  kr_secret_client_set_timeout (self->client, TIMEOUT_MS);
  next_key = 0;
  test_keyring_clear ();
}

void
fixture_tear_down (Fixture *self, gconstpointer data)
{
  g_clear_object (&self->client);
  test_simulator_free (self->simulator);
  test_keyring_clear ();
}

/* The simulator's broker that a plugin talks to. */
static const char *
get_played (const char *broker)
{
  if (g_str_equal (broker, "table_form"))
    return "ls";
  return g_str_equal (broker, "kis") || g_str_equal (broker, "ls") ? broker : "kiwoom";
}

KrSecretCredential *
fixture_make_credential (const char *broker, guint key)
{
  const char *const names[] = { "appkey", "appsecret", NULL };
  const char *source = get_played (broker);
  g_autofree char *appkey = test_simulator_get_key (source, key, "appkey");
  g_autofree char *appsecret = test_simulator_get_key (source, key, "appsecret");
  g_autoptr (SecretValue) key_value = secret_value_new (appkey, -1, "text/plain");
  g_autoptr (SecretValue) secret_value = secret_value_new (appsecret, -1, "text/plain");
  SecretValue *const values[] = { key_value, secret_value, NULL };

  return kr_secret_credential_new (names, values);
}

KrSecretAccount *
fixture_try_add (Fixture *self,
                 const char *broker_id,
                 const char *alias,
                 KrSecretCredential *credential,
                 KrSecretAddFlags flags,
                 GError **error)
{
  g_autoptr (KrSecretBroker) broker = kr_secret_broker_find (broker_id, error);
  g_autoptr (KrSecretCredential) own = NULL;

  g_assert_nonnull (broker);
  if (credential == NULL)
    own = fixture_make_credential (broker_id, next_key++);
  return kr_secret_client_add (self->client, broker, alias, KR_SECRET_ENVIRONMENT_REAL,
                               test_simulator_get_uri (self->simulator, get_played (broker_id)),
                               credential != NULL ? credential : own, flags, NULL, error);
}

KrSecretAccount *
fixture_add (Fixture *self, const char *broker, const char *alias, KrSecretAddFlags flags)
{
  g_autoptr (GError) error = NULL;
  KrSecretAccount *account = fixture_try_add (self, broker, alias, NULL, flags, &error);

  g_assert_no_error (error);
  return account;
}

KrSecretToken *
fixture_get_token (Fixture *self, KrSecretAccount *account)
{
  g_autoptr (GError) error = NULL;
  KrSecretToken *token
      = kr_secret_client_get_token (self->client, account, KR_SECRET_TOKEN_ACCESS,
                                    KR_SECRET_MIN_VALIDITY, KR_SECRET_TOKEN_WAIT, NULL, &error);

  g_assert_no_error (error);
  return token;
}

KrSecretToken *
fixture_get_stored (Fixture *self, KrSecretAccount *account)
{
  g_autoptr (GError) error = NULL;
  KrSecretToken *token
      = kr_secret_client_get_token (self->client, account, KR_SECRET_TOKEN_ACCESS,
                                    KR_SECRET_MIN_VALIDITY, KR_SECRET_TOKEN_NO_ISSUE, NULL, &error);

  if (token == NULL)
    g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_NOT_FOUND);
  return token;
}

void
fixture_assert_same (KrSecretToken *a, KrSecretToken *b)
{
  g_assert_nonnull (a);
  g_assert_nonnull (b);
  g_assert_cmpstr (kr_secret_token_get_fingerprint (a), ==, kr_secret_token_get_fingerprint (b));
}

static gboolean
has_token (Fixture *self, KrSecretAccount *account)
{
  g_autoptr (KrSecretToken) token = fixture_get_stored (self, account);

  return token != NULL;
}

void
fixture_wait_expired (Fixture *self, KrSecretAccount *account)
{
  test_wait_until (!has_token (self, account));
}

void
fixture_damage_token (KrSecretAccount *account)
{
  test_keyring_overwrite (kr_secret_account_get_id (account), "krsecret-token", "torn", -1);
}

void
fixture_edit (Fixture *self, KrSecretAccount *account, guint key)
{
  g_autoptr (KrSecretCredential) credential
      = fixture_make_credential (kr_secret_account_get_broker_id (account), key);
  g_autoptr (GError) error = NULL;

  kr_secret_client_edit (self->client, account, credential, NULL, NULL, &error);
  g_assert_no_error (error);
}

static const char *
get_field (KrSecretCredential *credential, const char *name)
{
  return secret_value_get_text (kr_secret_credential_get (credential, name));
}

void
fixture_assert_key (Fixture *self, KrSecretAccount *account, guint key)
{
  g_autoptr (KrSecretCredential) wanted
      = fixture_make_credential (kr_secret_account_get_broker_id (account), key);
  g_autoptr (GError) error = NULL;
  g_autoptr (KrSecretCredential) stored
      = kr_secret_client_get_credential (self->client, account, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (get_field (stored, "appkey"), ==, get_field (wanted, "appkey"));
  g_assert_cmpstr (get_field (stored, "appsecret"), ==, get_field (wanted, "appsecret"));
}

static int
try_lock (const char *name)
{
  g_autofree char *folder = g_build_filename (g_get_user_state_dir (), "krsecret", NULL);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  int fd;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  g_assert_cmpint (fd, >=, 0);
  if (flock (fd, LOCK_EX | LOCK_NB) == 0)
    return fd;
  close (fd);
  return -1;
}

int
fixture_hold_lock (const char *name)
{
  int fd = try_lock (name);

  g_assert_cmpint (fd, >=, 0);
  return fd;
}

gboolean
fixture_is_lock_free (const char *name)
{
  int fd = try_lock (name);

  if (fd >= 0)
    close (fd);
  return fd >= 0;
}

int
fixture_child (int argc, char **argv)
{
  g_autoptr (KrSecretClient) client = kr_secret_client_new ();
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (GError) error = NULL;

  kr_secret_client_set_timeout (client, TIMEOUT_MS);
  if (kr_secret_client_load (client, NULL, &error))
    account = kr_secret_client_find_account (client, argv[2], &error);
  if (account != NULL)
    token = kr_secret_client_get_token (client, account, KR_SECRET_TOKEN_ACCESS,
                                        KR_SECRET_MIN_VALIDITY, KR_SECRET_TOKEN_WAIT, NULL, &error);
  g_printf ("%s\n", token != NULL ? kr_secret_token_get_fingerprint (token)
                                  : kr_secret_error_get_word (error));
  return 0;
}

GSubprocess *
fixture_spawn_child (const char *alias)
{
  return test_spawn_self ("--child", alias, NULL);
}

void
fixture_add_and_drop (Fixture *self, const char *broker, KrSecretAddFlags flags)
{
  G_GNUC_UNUSED g_autoptr (KrSecretAccount) account = fixture_add (self, broker, "a", flags);
}

guint
fixture_count_issues (Fixture *self, const char *broker)
{
  return test_simulator_count (self->simulator, broker, "issue");
}

guint
fixture_count_connections (Fixture *self, const char *broker)
{
  return test_simulator_count (self->simulator, broker, "connections");
}

gint64
fixture_now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

void
fixture_make_due (KrSecretAccount *account)
{
  gint64 end = fixture_now () + 200;

  test_token_set_times (kr_secret_account_get_id (account), end - 24 * 60 * 60, end);
}
