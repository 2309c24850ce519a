/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A broker with an untrusted certificate is told nothing. */
#include "client-fixture.h"
#include "test-files.h"
#include "test-keyring.h"
#include "test-run.h"

/* A self-signed certificate for 127.0.0.1, or for another name. */
static void
make_certificate (const char *directory, const char *name)
{
  g_autofree char *key = g_build_filename (directory, "key.pem", NULL);
  g_autofree char *certificate = g_build_filename (directory, "certificate.pem", NULL);
  g_autofree char *subject = g_strconcat ("/CN=", name, NULL);
  g_autofree char *names = g_strconcat (
      "subjectAltName=", g_hostname_is_ip_address (name) ? "IP:" : "DNS:", name, NULL);
  const char *const argv[] = { "openssl",
                               "req",
                               "-x509",
                               "-newkey",
                               "ec",
                               "-pkeyopt",
                               "ec_paramgen_curve:prime256v1",
                               "-nodes",
                               "-keyout",
                               key,
                               "-out",
                               certificate,
                               "-days",
                               "2",
                               "-subj",
                               subject,
                               "-addext",
                               names,
                               NULL };
  g_autoptr (TestRun) run = test_run (NULL, argv, NULL, -1);

  g_assert_cmpint (run->status, ==, 0);
}

static void
check_refused (const char *name)
{
  const char *const brokers[] = { "kis", "kiwoom", "ls" };
  g_autofree char *openssl = g_find_program_in_path ("openssl");
  g_autoptr (TestDirectory) directory = test_directory_new ();
  g_autofree char *key = g_build_filename (directory, "key.pem", NULL);
  g_autofree char *certificate = g_build_filename (directory, "certificate.pem", NULL);
  g_autofree char *log = g_build_filename (directory, "log", NULL);
  g_autofree char *logged = NULL;
  g_autoptr (KrSecretClient) client = kr_secret_client_new ();
  g_autofree char *options
      = g_strdup_printf ("--tls-certificate '%s' --tls-key '%s' --log '%s'", certificate, key, log);
  g_autoptr (TestSimulator) simulator = NULL;

  if (openssl == NULL)
    {
      g_test_skip ("openssl is not installed");
      return;
    }
  make_certificate (directory, name);
  simulator = test_simulator_start (options);
  for (guint i = 0; i < G_N_ELEMENTS (brokers); i++)
    {
      g_autoptr (KrSecretBroker) broker = kr_secret_broker_find (brokers[i], NULL);
      g_autoptr (KrSecretCredential) credential = fixture_make_credential (brokers[i], 0);
      g_autoptr (KrSecretAccount) account = NULL;
      g_autoptr (KrSecretToken) token = NULL;
      g_autoptr (GError) error = NULL;
      const char *uri = test_simulator_get_uri (simulator, brokers[i]);

      g_assert_true (g_str_has_prefix (uri, "https://"));
      account = kr_secret_client_add (client, broker, brokers[i], KR_SECRET_ENVIRONMENT_REAL, uri,
                                      credential, KR_SECRET_ADD_NO_VERIFY, NULL, &error);
      g_assert_no_error (error);
      /* Nothing was sent, so the second caller is not told to wait. */
      for (int n = 0; n < 2; n++)
        {
          token = kr_secret_client_get_token (client, account, 0, 60, 0, NULL, &error);
          g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_UNREACHABLE);
          g_clear_error (&error);
        }
    }
  test_simulator_stop (simulator);
  g_assert_true (!g_file_get_contents (log, &logged, NULL, NULL) || *logged == '\0');
  g_assert_cmpuint (test_keyring_count (NULL, "krsecret-token"), ==, 0);
  test_keyring_clear ();
}

static void
test_certificate_that_signs_itself (void)
{
  check_refused ("127.0.0.1");
}

static void
test_certificate_for_another_name (void)
{
  check_refused ("openapi.ls-sec.co.kr");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tls/certificate-that-signs-itself", test_certificate_that_signs_itself);
  g_test_add_func ("/tls/certificate-for-another-name", test_certificate_for_another_name);
  return g_test_run ();
}
