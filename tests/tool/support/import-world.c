/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "import.h"

#include <string.h>

#include "test-keyring.h"

/* Shared by the tests of import: files with keys, and checks of the results. */

char *
kis_secret (guint n)
{
  char *secret = g_strnfill (180, 's');

  /* Like base64, and different for each. */
  for (guint i = 0; i < 176; i++)
    secret[i] = "abcdefghijklmnopqrstuvwxyz0123456789+/"[(i * (n + 5) + n) % 38];
  memcpy (secret + 176, "4nk=", 4);
  return secret;
}

char *
import_home_new (World *world)
{
  char *home = test_directory_new ();

  world_setenv (world, "HOME", home);
  return home;
}

char *
import_write (const char *home, const char *name, const char *text)
{
  char *path = g_build_filename (home, name, NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  test_file_write (path, text, -1, 0600);
  return path;
}

char *
import_write_yaml (const char *home)
{
  g_autofree char *secret = kis_secret (1);
  g_autofree char *paper_secret = kis_secret (2);
  g_autofree char *text = g_strdup_printf ("#실전투자\nmy_app: \"" KIS_KEY "\"\nmy_sec: \"%s\"\n\n"
                                           "#모의투자\npaper_app: \"" KIS_PAPER_KEY
                                           "\"\npaper_sec: \"%s\"\n\nmy_htsid: \"nobody\"\n"
                                           "my_prod: \"01\" # 종합계좌\n",
                                           secret, paper_secret);

  return import_write (home, "kis_devlp.yaml", text);
}

char *
import_write_env (const char *home)
{
  return import_write (home, ".env",
                       "KIWOOM_APPKEY=" KIWOOM_KEY "\nKIWOOM_SECRETKEY=" KIWOOM_SECRET "\n");
}

void
import_check_text (const char *text)
{
  g_autofree char *secret = kis_secret (1);
  g_autofree char *paper_secret = kis_secret (2);
  const char *const secrets[]
      = { KIS_KEY, KIS_PAPER_KEY, KIWOOM_KEY, KIWOOM_SECRET, secret, paper_secret };

  for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
    {
      /* The first four characters of an appkey may be shown, and no more. */
      g_autofree char *start = g_strndup (secrets[i], 5);
      test_assert_lacks (text, secrets[i] + 8);
      test_assert_lacks (text, start);
    }
}

TestRun *
import_checked (TestRun *ran)
{
  import_check_text (ran->out);
  import_check_text (ran->err);
  return ran;
}

void
import_check_stored (World *world, const char *alias, const char *appkey, const char *secret)
{
  g_autofree char *id = account_id (world, alias);
  g_autoptr (GBytes) bytes = test_keyring_read (id, "krsecret-account");
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);
  g_autofree char *text = g_strndup (data, length);
  g_autofree char *key_line = g_strdup_printf ("\nsecret.field.appkey=%s\n", appkey);
  g_autofree char *secret_line = g_strdup_printf ("\nsecret.field.appsecret=%s\n", secret);

  test_assert_contains (text, key_line);
  test_assert_contains (text, secret_line);
}

gboolean
import_is_there (const char *path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

char *
import_results (JsonObject *whole)
{
  JsonArray *accounts = json_object_get_array_member (whole, "accounts");
  GString *results = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (accounts); i++)
    {
      JsonObject *account = json_array_get_object_element (accounts, i);

      check_members (account,
                     "alias broker environment environment_assumed appkey_hint result reason");
      g_string_append_printf (results, "%s%s=%s", i > 0 ? " " : "",
                              json_object_get_null_member (account, "alias")
                                  ? "-"
                                  : json_object_get_string_member (account, "alias"),
                              json_object_get_string_member (account, "result"));
    }
  return g_string_free (results, FALSE);
}
