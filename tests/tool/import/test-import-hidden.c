/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* import: keys that it does not take from a file, and so does not destroy with it; and the
 * environment for the others. */

#include "import.h"

#include <string.h>

#include "test-keyring.h"

#define OLD_KEY "PSoldAppKeyOfNobodyForKIS00000000009"
#define OLD_SECRET "oldSecretOfNobody/For+KIS00000000000009="

typedef struct
{
  const char *file;
  const char *text;  /* with a key that is imported, and one that is not */
  const char *where; /* how the output names the other one */
} Row;

#define YAML "my_app: " KIS_KEY "\nmy_sec: " OLD_SECRET "\n"
#define ENV "KIWOOM_APPKEY=" KIWOOM_KEY "\nKIWOOM_SECRETKEY=" KIWOOM_SECRET "\n"
#define JSON "{\"id\": \"me\", \"appkey\": \"" KIS_KEY "\", \"secretkey\": \"" OLD_SECRET "\", "

static const Row nested_rows[] = {
  { "a.yaml", YAML "accounts:\n - my_app: " OLD_KEY "\n   my_sec: " OLD_SECRET "\n",
    "accounts.my_app, accounts.my_sec" },
  { "b.yaml", YAML "more: {kis: {real: {key: " OLD_KEY "}}}\n", "more.kis.real.key" },
  { "c.yaml", YAML "paper_app: [" OLD_KEY "]\n", "paper_app" },
  { "d.yaml", YAML "environment:\n - KIS_PAPER_APPKEY=" OLD_KEY "\n", "environment" },
  { "e.json", JSON "\"real\": {\"appkey\": \"" OLD_KEY "\"}}", "real.appkey" },
  { "f.json", JSON "\"all\": [{\"x\": {\"secretkey\": \"" OLD_SECRET "\"}}]}", "all.x.secretkey" },
  { "g.json", JSON "\"virtual_appkey\": 12345678}", "virtual_appkey" },
};

static const Row line_rows[] = {
  { "a.env", ENV "#KIS_PAPER_APPKEY=" OLD_KEY "\n", "line 3" },
  { "b.env", ENV "KIS_APPKEY: " OLD_KEY "\n", "line 3" },
  { "c.env", ENV "A=1 # was KIS_APPKEY=" OLD_KEY "\n", "line 3" },
  { "d.env", ENV "A='{\"appkey\": \"" OLD_KEY "\"}'\n", "A" },
  { "e.yaml", YAML "# paper_app: " OLD_KEY "\n", "line 3" },
  { "f.yaml", YAML "#모의투자 앱키 " OLD_KEY "\n", "line 3" },
};

static const Row sample_rows[] = {
  { "a.env", ENV "KIS_APPKEY=your" OLD_KEY "\n", "KIS_APPKEY" },
  { "b.yaml", YAML "paper_app: PS..." OLD_KEY "\n", "paper_app" },
};

static void
check_kept (World *world, const Row *row)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write (home, row->file, row->text);
  g_autoptr (TestRun) ran = import (world, 1, "--from", "auto", "-y", "--shred", path);
  g_autofree char *text = NULL;

  test_assert_contains (ran->err, "would not be in the keyring");
  test_assert_contains (ran->err, row->where);
  test_assert_lacks (ran->err, "OfNobody");
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, row->text);
  g_assert_cmpuint (test_keyring_count (NULL, NULL), ==, 0);
}

#define CHECK_KEPT(world, rows)                                                                    \
  G_STMT_START                                                                                     \
  {                                                                                                \
    for (guint i = 0; i < G_N_ELEMENTS (rows); i++)                                                \
      check_kept (world, &(rows)[i]);                                                              \
  }                                                                                                \
  G_STMT_END

static void
test_nested (World *world, gconstpointer data)
{
  CHECK_KEPT (world, nested_rows);
}

static void
test_lines (World *world, gconstpointer data)
{
  CHECK_KEPT (world, line_rows);
}

static void
test_long_samples (World *world, gconstpointer data)
{
  CHECK_KEPT (world, sample_rows);
}

/* The rest of such a file is imported, unless the file must be destroyed. */
static void
test_stored (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write (home, ".env", ENV "#KIS_APPKEY=" OLD_KEY "\n");
  g_autoptr (TestRun) ran = import (world, 0, path);

  test_assert_contains (ran->err, "line 3");
  import_check_stored (world, "kiwoom", KIWOOM_KEY, KIWOOM_SECRET);
  g_assert_cmpuint (count_accounts (world), ==, 1);
}

/* Other contents of a sample besides the keys do not prevent its destruction. */
static void
test_sample (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write (
      home, "kis_devlp.yaml",
      "#API서비스 신청시 받은 Appkey, Appsecret 값 설정\n#실전투자\n" YAML
      "#모의투자\npaper_app: \"모의투자 앱키\"\npaper_sec: \"모의투자 앱키 시크릿\"\n"
      "# my_prod: \"03\" # 국내선물옵션\nvps: \"https://openapivts.koreainvestment.com:29443\"\n"
      "my_agent: \"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36\"\n");

  import_ends (world, 0, "-y", "--shred", path);
  g_assert_false (import_is_there (path));
  import_check_stored (world, "kis", KIS_KEY, OLD_SECRET);
}

static void
test_many_names (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autoptr (GString) text = g_string_new (ENV);
  g_autofree char *path = NULL;

  for (guint i = 3; i < 28; i++)
    g_string_append_printf (text, "#KIS_APPKEY_%u=" OLD_KEY "\n", i);
  path = import_write (home, ".env", text->str);
  {
    g_autoptr (TestRun) ran = import (world, 0, path);

    test_assert_contains (ran->err, "line 3, line 4, ");
    test_assert_contains (ran->err, "line 12, and 15 more\n");
    test_assert_lacks (ran->err, "line 13");
  }
}

static void
test_environments (World *world, gconstpointer data)
{
  static const struct
  {
    const char *text;
    const char *results;
    gboolean assumed;
  } rows[] = {
    { "한국투자_모의투자_앱키=" KIS_KEY "\n한국투자_모의투자_앱시크릿=" OLD_SECRET "\n",
      "kis-paper=planned", FALSE },
    { "KIS_ENV=모의투자\nKIS_APPKEY=" KIS_KEY "\nKIS_APPSECRET=" OLD_SECRET "\n",
      "kis-paper=planned", FALSE },
    { "PAPER_TRADING=true\nKIS_APPKEY=" KIS_KEY "\nKIS_APPSECRET=" OLD_SECRET "\n",
      "kis-paper=planned", FALSE },
    { "KIS_BASE_URL=https://openapivts.koreainvestment.com:29443\nKIS_APPKEY=" KIS_KEY
      "\nKIS_APPSECRET=" OLD_SECRET "\n",
      "kis-paper=planned", FALSE },
    { "URL=https://mockapi.kiwoom.com\n" ENV, "kiwoom-paper=planned", FALSE },
    { "URL=https://api.kiwoom.com\n" ENV, "kiwoom=planned", FALSE },
    { ENV, "kiwoom=planned", TRUE },
  };
  g_autoptr (TestDirectory) home = import_home_new (world);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = import_write (home, ".env", rows[i].text);
      g_autoptr (TestRun) ran = import (world, 0, "-n", "--json", path);
      g_autoptr (JsonObject) whole = document (ran);
      g_autofree char *results = import_results (whole);
      JsonObject *account
          = json_array_get_object_element (json_object_get_array_member (whole, "accounts"), 0);

      g_assert_cmpstr (results, ==, rows[i].results);
      g_assert_cmpint (json_object_get_boolean_member (account, "environment_assumed"), ==,
                       rows[i].assumed);
      if (rows[i].assumed)
        test_assert_contains (ran->err, "Assumed to be for real trading");
      else
        test_assert_lacks (ran->err, "Assumed");
    }
}

/* A key file is not a token cache, whatever its name begins with. */
static void
test_key_files_among_caches (World *world, gconstpointer data)
{
  g_autoptr (TestDirectory) home = import_home_new (world);
  g_autofree char *path = import_write_env (home);
  g_autofree char *token = import_write (home, "KIS/config/KIS20250131", "token: x\n");
  g_autofree char *by_server = import_write (home, "KIS/config/KIS_vps_20250131", "token: x\n");
  const char *const kept[] = { "KIS_devlp_20250131", "KISkeys20250131", "KIS_20250131",
                               "KIS20250131_old", "KIS_real_20250131" };
  g_autofree char *hidden
      = import_write (home, "KIS/config/KIS20250201", "token: x\n# my_app: " OLD_KEY "\n");

  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    {
      g_autofree char *name = g_build_filename ("KIS", "config", kept[i], NULL);
      g_free (import_write (home, name, YAML));
    }
  {
    g_autoptr (TestRun) ran = import (world, 0, "--caches", path);
    test_assert_contains (ran->err, hidden);
  }
  g_assert_false (import_is_there (token));
  g_assert_false (import_is_there (by_server));
  g_assert_true (import_is_there (hidden));
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    {
      g_autofree char *name = g_build_filename (home, "KIS", "config", kept[i], NULL);
      g_assert_true (import_is_there (name));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  WORLD_TEST ("import/nested-keys-are-not-shredded", NULL, test_nested);
  WORLD_TEST ("import/keys-in-comments-are-not-shredded", NULL, test_lines);
  WORLD_TEST ("import/long-placeholders-are-not-shredded", NULL, test_long_samples);
  WORLD_TEST ("import/what-is-beside-hidden-keys-is-stored", NULL, test_stored);
  WORLD_TEST ("import/words-of-a-sample-are-no-hidden-keys", NULL, test_sample);
  WORLD_TEST ("import/ten-names-are-enough", NULL, test_many_names);
  WORLD_TEST ("import/environment-is-found-or-told-to-be-assumed", NULL, test_environments);
  WORLD_TEST ("import/key-files-are-no-token-caches", NULL, test_key_files_among_caches);
  return g_test_run ();
}
