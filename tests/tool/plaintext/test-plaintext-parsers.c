/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parsers of import: what they find in files of each kind, and which files they refuse. */
#include <string.h>

#include "plaintext-brokers.h"
#include "test-assert.h"
#include "test-corpus.h"

#define KEY "PSkey-of-nobody-0001"
#define SECRET "secret/of+nobody==01"
#define KEY_2 "PSkey-of-nobody-0002"
#define SECRET_2 "secret/of+nobody==02"

#define REAL "kis real appkey=" KEY " appsecret=" SECRET "\n"
#define PAPER "kis paper appkey=" KEY_2 " appsecret=" SECRET_2 "\n"

typedef struct
{
  const char *name;
  PlaintextFormat format;
  const char *text;
  const char *expected; /* the keys; or, after a '!', a part of the error */
} Row;

static const Row yaml_rows[] = {
  { "both-environments", PLAINTEXT_KIS_YAML,
    "# 실전투자\nmy_app: \"" KEY "\"\nmy_sec: \"" SECRET "\"\n#모의투자\npaper_app: " KEY_2
    "\npaper_sec: '" SECRET_2 "'\nmy_htsid: \"me\"\nprod: \"https://x.example:9443\" # 서비스\n",
    REAL PAPER },
  { "looks-like-it", PLAINTEXT_AUTO, "---\n# x = y\nmy_app: " KEY "\nmy_sec: " SECRET "\n", REAL },
  { "windows-line-ends", PLAINTEXT_KIS_YAML, "my_app: " KEY "\r\nmy_sec: " SECRET "\r\n", REAL },
  { "byte-order-mark", PLAINTEXT_KIS_YAML, "\xEF\xBB\xBFmy_app: " KEY "\nmy_sec: " SECRET "\n",
    REAL },
  { "placeholders", PLAINTEXT_KIS_YAML, "my_app: \"앱키\"\nmy_sec: \"앱키 시크릿\"\n",
    "placeholders my_app my_sec\n" },
  { "empty-values", PLAINTEXT_KIS_YAML, "my_app: \"\"\nmy_sec:\npaper_app: ~\npaper_sec: null\n",
    "placeholders my_app my_sec paper_app paper_sec\n" },
  { "half-is-a-placeholder", PLAINTEXT_KIS_YAML, "my_app: " KEY "\nmy_sec: \"앱키 시크릿\"\n",
    "kis real appkey=" KEY "\nplaceholders my_sec\n" },
  { "prefixed-names", PLAINTEXT_KIS_YAML, "kiwoom_appkey: " KEY "\nkiwoom_secretkey: " SECRET "\n",
    "kiwoom real appkey=" KEY " appsecret=" SECRET "\n" },
  { "flow-style", PLAINTEXT_KIS_YAML, "{my_app: " KEY ", my_sec: \"" SECRET "\"}", REAL },
  { "nested-values-are-left", PLAINTEXT_KIS_YAML,
    "accounts: [{my_app: x}, [1, 2]]\nmy_app: " KEY "\nmore: {my_sec: y}\nmy_sec: " SECRET "\n",
    REAL },
  { "nested-keys-are-seen", PLAINTEXT_KIS_YAML,
    "my_app: " KEY "\nmy_sec: " SECRET "\naccounts:\n - my_app: " KEY_2 "\n   my_sec: " SECRET_2
    "\n - {kis: {key: " KEY_2 "}, paper: [{? [a, b] : c, secret: " SECRET_2 "}]}\n",
    REAL "hidden accounts.my_app accounts.my_sec accounts.kis.key accounts.paper.secret\n" },
  { "nested-by-broker", PLAINTEXT_KIS_YAML, "kis: {app: x, pin: 1}\nacme:\n  pin: 12345678\n",
    "hidden acme.pin\n" },
  { "list-of-keys", PLAINTEXT_KIS_YAML, "my_app: [" KEY ", " KEY_2 "]\nmy_sec: [[" SECRET "]]\n",
    "hidden my_app my_sec\n" },
  { "nested-lines", PLAINTEXT_KIS_YAML,
    "services:\n  bot:\n    environment:\n     - KIS_APPKEY=" KEY "\n     - TZ=Asia/Seoul\n"
    "more: |\n  [kis]\n  my_app = " KEY_2 "\n",
    "hidden services.bot.environment more\n" },
  { "nested-without-keys", PLAINTEXT_KIS_YAML,
    "a: {appkey: '', appsecret: ~, url: 'https://x.example/my_app/long-enough-word', "
    "my_app: 앱키, n: [1, true, {approval_key: " KEY "}]}\n",
    "" },
  { "comments", PLAINTEXT_KIS_YAML,
    "# my_app, my_sec\nmy_app: " KEY " # old: " KEY_2 "\nmy_sec: " SECRET "\n# paper_app: " KEY_2
    "\n#paper_sec: \"앱키 시크릿\"\n   # 모의투자 앱키 = '" KEY_2 "'\n# https://x.example/appkey\n",
    REAL "hidden line 4 line 6\n" },
  { "comment-without-a-name", PLAINTEXT_KIS_YAML,
    "# PSaB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3z\nmy_app: " KEY "\nmy_sec: " SECRET "\n",
    REAL "hidden line 1\n" },
  { "sample-of-the-broker", PLAINTEXT_KIS_YAML,
    "#API서비스 신청시 받은 Appkey, Appsecret 값\n#실전투자\nmy_app: \"앱키\"\n"
    "my_sec: \"앱키 시크릿\"\npaper_sec: \"모의투자 앱키 시크릿\"\n# my_prod: \"03\" # 선물\n"
    "prod: \"https://real.kis.example:9443\" # 서비스\n"
    "# User-Agent; Chrome > F12 > Console > navigator.userAgent\n"
    "my_agent: \"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like "
    "Gecko)\"\n",
    "placeholders my_app my_sec paper_sec\n" },
  { "long-placeholder", PLAINTEXT_KIS_YAML,
    "my_app: your0123456789012345678901234567890\nmy_sec: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"
    "paper_app: PS0123456789...0123456789012345678901\n",
    "placeholders my_sec\ndoubtful my_app paper_app\n" },
  { "string-tag", PLAINTEXT_KIS_YAML, "my_app: !!str " KEY "\nmy_sec: " SECRET "\n", REAL },
  { "no-broker", PLAINTEXT_KIS_YAML, "APP_KEY: " KEY "\nAPP_SECRET: " SECRET "\n",
    "strays APP_KEY APP_SECRET\n" },
  { "same-name-twice", PLAINTEXT_KIS_YAML, "my_app: a\nmy_app: b\n", "!line 2: a setting appears" },
  { "second-document", PLAINTEXT_KIS_YAML, "my_app: a\n---\nmy_sec: b\n", "!second document" },
  { "alias", PLAINTEXT_KIS_YAML, "a: &x [1, 2]\nb: *x\n", "!line 2: aliases" },
  { "merge", PLAINTEXT_KIS_YAML, "a: &x {my_app: y}\n<<: *x\n", "!line 2: aliases" },
  { "bomb", PLAINTEXT_KIS_YAML,
    "a: &a [x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b]\n", "!aliases" },
  { "python-tag", PLAINTEXT_KIS_YAML, "my_app: !!python/object/apply:os.system [\"id\"]\n",
    "!tag" },
  { "scalar-tag", PLAINTEXT_KIS_YAML, "my_app: !!binary aGFsbG8=\n", "!tag" },
  { "list", PLAINTEXT_KIS_YAML, "- my_app\n", "!line 1: 'name: value'" },
  { "text", PLAINTEXT_KIS_YAML, "just words\n", "!'name: value'" },
  { "list-as-name", PLAINTEXT_KIS_YAML, "? [a, b]\n: c\n", "!the name of a setting" },
  { "broken", PLAINTEXT_KIS_YAML, "my_app: \"open\nmy_sec: x\n", "!it is not YAML" },
  { "nul-escape", PLAINTEXT_KIS_YAML, "\"my\\0app\": x\n", "!NUL" },
};

static const Row json_rows[] = {
  { "saved-by-pykis", PLAINTEXT_AUTO,
    "{\"id\": \"me\", \"appkey\": \"" KEY "\", \"secretkey\": \"" SECRET
    "\", \"account\": \"00000000-01\", \"virtual\": false}",
    REAL },
  { "saved-for-paper", PLAINTEXT_AUTO,
    "{\"id\": \"me\", \"appkey\": \"" KEY_2 "\", \"secretkey\": \"" SECRET_2
    "\", \"account\": \"00000000-01\", \"virtual\": true}",
    PAPER },
  { "both", PLAINTEXT_PYKIS,
    "{\"appkey\": \"" KEY "\", \"secretkey\": \"" SECRET "\", \"virtual_appkey\": \"" KEY_2
    "\", \"virtual_secretkey\": \"" SECRET_2 "\", \"virtual\": true}",
    REAL PAPER },
  { "whose-is-it", PLAINTEXT_AUTO, "{\"appkey\": \"" KEY "\", \"secretkey\": \"" SECRET "\"}",
    "strays appkey\n" },
  { "told-whose-it-is", PLAINTEXT_PYKIS, "{\"appkey\": \"" KEY "\", \"secretkey\": \"" SECRET "\"}",
    REAL },
  { "prefixed-names", PLAINTEXT_AUTO,
    "{\"kiwoomAppKey\": \"" KEY "\", \"kiwoomSecretKey\": \"" SECRET "\"}",
    "kiwoom real appkey=" KEY " appsecret=" SECRET "\n" },
  { "other-types", PLAINTEXT_PYKIS,
    "{\"appkey\": \"" KEY "\", \"secretkey\": \"" SECRET "\", \"a\": 1, \"b\": null, \"c\": [2]}",
    REAL },
  { "key-of-another-type", PLAINTEXT_PYKIS,
    "{\"appkey\": 12345678, \"secretkey\": [\"" SECRET "\", 1], \"virtual_appkey\": null}",
    "placeholders virtual_appkey\nhidden appkey secretkey\n" },
  { "nested-keys-are-seen", PLAINTEXT_PYKIS,
    "{\"appkey\": \"" KEY "\", \"secretkey\": \"" SECRET "\", \"real\": {\"appkey\": \"" KEY_2
    "\", \"x\": [{\"secretkey\": \"" SECRET_2 "\"}, null, true], \"appSecret\": 5}}",
    REAL "hidden real.appkey real.x.secretkey real.appSecret\n" },
  { "nested-without-keys", PLAINTEXT_PYKIS,
    "{\"id\": \"me\", \"a\": {\"appkey\": \"\", \"key\": \"short\", \"n\": 1, \"b\": [\"x\"]}}",
    "" },
  { "lines-in-a-text", PLAINTEXT_PYKIS, "{\"id\": \"me\", \"env\": \"A=1\\nKIS_APPKEY=" KEY "\"}",
    "hidden env\n" },
  { "member-twice", PLAINTEXT_PYKIS, "{\"appkey\": \"a\", \"appkey\": \"b\"}", "!JSON" },
  { "escaped-member-twice", PLAINTEXT_PYKIS, "{\"appkey\": \"a\", \"\\u0061ppkey\": \"b\"}",
    "!JSON" },
  { "comment", PLAINTEXT_PYKIS, "{/* x */ \"appkey\": \"a\"}", "!JSON" },
  { "rest", PLAINTEXT_PYKIS, "{} {}", "!JSON" },
  { "array", PLAINTEXT_PYKIS, "[1]", "!JSON" },
  { "cut", PLAINTEXT_PYKIS, "{\"appkey\": \"a", "!JSON" },
  { "nul", PLAINTEXT_PYKIS, "{\"appkey\": \"a\\u0000b\"}", "!JSON" },
};

static const Row env_rows[] = {
  { "plain", PLAINTEXT_ENV, "KIS_APPKEY=" KEY "\nKIS_APPSECRET=" SECRET "\n", REAL },
  { "looks-like-it", PLAINTEXT_AUTO, "# a: b\n\nexport KIS_APP_KEY=" KEY "\nKIS_APP_SECRET=" SECRET,
    REAL },
  { "quotes-and-comments", PLAINTEXT_ENV,
    "export  KIS_APPKEY = \"" KEY "\" # mine\n  KIS_APPSECRET='" SECRET "'\n#KIS_APPKEY=x\n",
    REAL },
  { "keys-in-comments", PLAINTEXT_ENV,
    "KIS_APPKEY=" KEY " # not KIS_PAPER_APPKEY\nKIS_APPSECRET=" SECRET "\n#KIS_PAPER_APPKEY=" KEY_2
    "\n\t# export KIS_PAPER_APPSECRET='" SECRET_2 "'\n#KIWOOM_APPKEY=your_app_key_of_kiwoom\n",
    REAL "hidden line 3 line 4\n" },
  { "keys-in-lines-of-another-kind", PLAINTEXT_ENV,
    "KIS_APPKEY=" KEY "\nKIS_APPSECRET=" SECRET "\nKIWOOM_APPKEY: " KEY_2
    "\nKIWOOM_SECRETKEY:" SECRET_2 "\n{\"appkey\": \"" KEY_2 "\"}\nset -a\n",
    REAL "hidden line 3 line 4 line 5\n" },
  { "keys-in-other-values", PLAINTEXT_ENV,
    "A='{\"appkey\": \"" KEY "\"}'\nB=KIS_APPKEY:" KEY "\nDB_URL=postgres://u:" KEY "@x/y\n",
    "hidden A B\n" },
  { "comment-without-quotes", PLAINTEXT_ENV,
    "KIS_APPKEY=" KEY " # mine\nKIS_APPSECRET=" SECRET "\n", REAL },
  { "windows-line-ends", PLAINTEXT_ENV, "KIS_APPKEY=" KEY "\r\nKIS_APPSECRET=\"" SECRET "\"\r\n",
    REAL },
  { "paper-words", PLAINTEXT_ENV,
    "KIS_REAL_APP_KEY=" KEY "\nKIS_REAL_APP_SECRET=" SECRET "\nKIS_MOCK_APP_KEY=" KEY_2
    "\nKIS_MOCK_APP_SECRET=" SECRET_2 "\n",
    REAL PAPER },
  { "paper-word-behind", PLAINTEXT_ENV,
    "KIS_APPKEY_VIRTUAL=" KEY_2 "\nKIS_APPSECRET_VIRTUAL=" SECRET_2 "\n", PAPER },
  { "paper-word-before", PLAINTEXT_ENV, "PAPER_KIS_APPKEY=" KEY_2 "\nPAPER_KIS_APPSECRET=" SECRET_2,
    PAPER },
  { "each-broker", PLAINTEXT_ENV,
    "KIWOOM_APPKEY=" KEY "\nKIWOOM_SECRETKEY=" SECRET "\nLS_APPKEY=" KEY_2
    "\nLS_APPSECRETKEY=" SECRET_2 "\n",
    "kiwoom real appkey=" KEY " appsecret=" SECRET "\nls real appkey=" KEY_2 " appsecret=" SECRET_2
    "\n" },
  { "fields-of-a-plugin", PLAINTEXT_ENV, "ACME_LOGIN=" KEY "\nacme.pin=" SECRET "\n",
    "acme real ident=" KEY " pin=" SECRET "\n" },
  { "korean-names", PLAINTEXT_ENV, "한투_모의_앱키=" KEY_2 "\n한투_모의_앱시크릿=" SECRET_2 "\n",
    PAPER },
  { "short-names", PLAINTEXT_ENV, "KIS_KEY=" KEY "\nKIS_SECRET=" SECRET "\n", REAL },
  { "several-accounts", PLAINTEXT_ENV,
    "KIS_APPKEY_1=" KEY "\nKIS_APPSECRET_1=" SECRET "\nKIS2_APPKEY=" KEY_2
    "\nKIS2_APPSECRET=" SECRET_2 "\n",
    "kis real [1] appkey=" KEY " appsecret=" SECRET "\nkis real [2] appkey=" KEY_2
    " appsecret=" SECRET_2 "\n" },
  { "environment-by-switch", PLAINTEXT_ENV,
    "KIS_ENV=vps\nKIS_APPKEY=" KEY_2 "\nKIS_APPSECRET=" SECRET_2 "\n", PAPER },
  { "environment-by-flag", PLAINTEXT_ENV,
    "KIS_APPKEY=" KEY_2 "\nKIS_APPSECRET=" SECRET_2 "\nKIS_IS_PAPER=True\n", PAPER },
  { "flag-that-says-no", PLAINTEXT_ENV,
    "KIS_APPKEY=" KEY "\nKIS_APPSECRET=" SECRET "\nKIS_VIRTUAL=false\n", REAL },
  { "switch-between-two", PLAINTEXT_ENV,
    "KIS_MODE=paper\nKIS_APPKEY=" KEY "\nKIS_APPSECRET=" SECRET "\nKIS_PAPER_APPKEY=" KEY_2
    "\nKIS_PAPER_APPSECRET=" SECRET_2 "\n",
    REAL PAPER },
  { "switch-of-another-broker", PLAINTEXT_ENV,
    "KIWOOM_ENV=mock\nKIS_APPKEY=" KEY "\nKIS_APPSECRET=" SECRET "\n", REAL },
  { "things-that-are-no-keys", PLAINTEXT_ENV,
    "KIS_APPROVAL_KEY=" KEY "\nKIS_TOKEN_SECRET=" SECRET "\nKIS_APPKEY_FILE=/etc/some-file\n"
    "SECRET_KEY=" SECRET "\nLS_COLORS=rs=0:di=01;34\nDB_PASSWORD=hunter2hunter2\n",
    "" },
  { "no-broker", PLAINTEXT_ENV, "APP_KEY=" KEY "\n", "strays APP_KEY\n" },
  { "placeholders", PLAINTEXT_ENV,
    "KIS_APPKEY=your_app_key_here\nKIS_APPSECRET=<the secret>\nLS_APPKEY=PS...\n"
    "LS_APPSECRETKEY=xxxxxxxxxxxx\nKIWOOM_APPKEY=${OTHER_NAME}\nKIWOOM_SECRETKEY=\n",
    "placeholders KIS_APPKEY KIS_APPSECRET LS_APPKEY LS_APPSECRETKEY KIWOOM_APPKEY "
    "KIWOOM_SECRETKEY\n" },
  { "same-value-twice", PLAINTEXT_ENV, "KIS_APPKEY=" KEY "\nKIS_APP_KEY=" KEY "\n",
    "kis real appkey=" KEY "\n" },
  { "two-values", PLAINTEXT_ENV, "KIS_APPKEY=" KEY "\nKIS_APP_KEY=" KEY_2 "\n",
    "!line 2: the appkey of one key (kis, real)" },
  { "several-lines-in-quotes", PLAINTEXT_ENV,
    "PEM=\"-----BEGIN\nKIS_APPKEY=no\n-----END\"\nKIS_APPKEY=" KEY "\n",
    "kis real appkey=" KEY "\n" },
  { "open-quote", PLAINTEXT_ENV, "A=1\nKIS_APPKEY=\"" KEY "\nB=2\n", "!line 2: a quote is not" },
  { "after-the-quote", PLAINTEXT_ENV, "KIS_APPKEY=\"" KEY "\"x\n", "!after the closing quote" },
  { "escaped-quote", PLAINTEXT_ENV, "KIS_APPKEY=\"PS\\\"key\\\\of-nobody\"\n",
    "kis real appkey=PS\"key\\of-nobody\n" },
  { "backslashes-as-in-a-shell", PLAINTEXT_ENV, "KIS_APPKEY=\"\\P\\$k\\`e\\\ny\\n-of-nobody\"\n",
    "kis real appkey=\\P$k`ey\\n-of-nobody\n" },
  { "backslash-in-single-quotes", PLAINTEXT_ENV, "KIS_APPKEY='PS\\$key-of\\\\nobody'\n",
    "kis real appkey=PS\\$key-of\\\\nobody\n" },
  { "bare-quote", PLAINTEXT_ENV, "A=1\nKIS_APPKEY=PSkey'of-nobody\n",
    "!line 2: a value with a quote" },
  { "bare-backslash", PLAINTEXT_ENV, "KIS_APPKEY=PSkey\\of-nobody\n",
    "!line 1: a value with a quote" },
  { "bare-semicolon", PLAINTEXT_ENV, "KIS_APPKEY=" KEY ";X=1\n", "!line 1: a value with a quote" },
  { "bare-dollar", PLAINTEXT_ENV, "KIS_APPKEY=$PS_key_of_nobody\n",
    "!line 1: a value with a quote" },
  { "bare-things-in-other-values", PLAINTEXT_ENV, "A=x;y\nB=it's\\\nKIS_APPKEY=" KEY "\n",
    "kis real appkey=" KEY "\n" },
  { "lines-of-another-kind", PLAINTEXT_ENV, "set -a\n. ./x\n=5\nKIS_APPKEY=" KEY "\n",
    "kis real appkey=" KEY "\n" },
};

static void
describe_names (GString *text, const char *what, GPtrArray *names)
{
  for (guint i = 0; i < names->len; i++)
    g_string_append_printf (text, "%s %s%s", i == 0 ? what : "", (char *) names->pdata[i],
                            i + 1 == names->len ? "\n" : "");
}

static char *
describe (FoundKeys *found)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < found->keys->len; i++)
    {
      FoundKey *key = found->keys->pdata[i];

      g_string_append_printf (text, "%s %s", key->broker_id,
                              kr_secret_environment_to_string (key->environment));
      if (*key->tag != '\0')
        g_string_append_printf (text, " [%s]", key->tag);
      for (guint j = 0; j < key->names->len; j++)
        g_string_append_printf (text, " %s=%s", (char *) key->names->pdata[j],
                                secret_value_get_text (key->values->pdata[j]));
      g_string_append_c (text, '\n');
    }
  describe_names (text, "placeholders", found->placeholders);
  describe_names (text, "doubtful", found->doubtful);
  describe_names (text, "strays", found->strays);
  describe_names (text, "hidden", found->hidden);
  return g_string_free (text, FALSE);
}

/* What is found in these bytes; or, after a '!', the error. */
static char *
parse (const char *data, gsize length, PlaintextFormat format)
{
  g_auto (PlaintextBytes) bytes = { g_memdup2 (data, length), length };
  g_autoptr (GError) error = NULL;
  g_autoptr (FoundKeys) found = parse_bytes (&bytes, format, plaintext_brokers, &error);

  if (found != NULL)
    return describe (found);
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_USAGE);
  return g_strconcat ("!", error->message, NULL);
}

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  g_autofree char *got = parse (row->text, strlen (row->text), row->format);

  if (*row->expected != '!')
    {
      g_assert_cmpstr (got, ==, row->expected);
      return;
    }
  g_assert_cmpint (*got, ==, '!');
  test_assert_contains (got, row->expected + 1);
  /* An error quotes nothing that could be a key. */
  test_assert_lacks (got, KEY);
  test_assert_lacks (got, SECRET);
}

static void
test_encodings (void)
{
  static const char text[] = "KIS_APPKEY=" KEY "\nKIS_APPSECRET=" SECRET "\n";
  const char *const encodings[] = { "UTF-16LE", "UTF-16BE" };
  const char *const marks[] = { "\xFF\xFE", "\xFE\xFF" };

  for (guint i = 0; i < G_N_ELEMENTS (encodings); i++)
    {
      gsize length;
      g_autofree char *body = g_convert (text, -1, encodings[i], "UTF-8", NULL, &length, NULL);
      g_autofree char *whole = g_malloc (length + 2);
      g_autofree char *got = NULL;
      g_autofree char *cut = NULL;

      memcpy (whole, marks[i], 2);
      memcpy (whole + 2, body, length);
      got = parse (whole, length + 2, PLAINTEXT_AUTO);
      g_assert_cmpstr (got, ==, REAL);
      cut = parse (whole, length + 1, PLAINTEXT_AUTO);
      test_assert_contains (cut, "!it is damaged UTF-16");
    }
}

static void
test_no_text (void)
{
  static const char nul[] = "KIS_APPKEY=" KEY "\0\n";
  g_autofree char *with_nul = parse (nul, sizeof nul - 1, PLAINTEXT_ENV);
  g_autofree char *cp949 = parse ("# \xB8\xF0\xC0\xC7\nKIS_APPKEY=x\n", 20, PLAINTEXT_ENV);
  g_autofree char *empty = parse ("", 0, PLAINTEXT_AUTO);
  g_autofree char *blank = parse ("\n# nothing\n\n", 12, PLAINTEXT_AUTO);

  test_assert_contains (with_nul, "!it has NUL");
  test_assert_contains (cp949, "!it is not UTF-8");
  test_assert_contains (empty, "!it is empty");
  test_assert_contains (blank, "!there is no setting");
}

/* Nothing of it is opened, whatever kind of file it is said to be. */
static void
test_pickles (void)
{
#define BYTES(text)                                                                                \
  {                                                                                                \
    text, sizeof text - 1                                                                          \
  }
  static const struct
  {
    const char *data;
    gsize length;
  } rows[] = {
    BYTES ("\x80\x05\x95\x03\0\0\0\0\0\0\0}\x94."),
    BYTES ("\x80\x04}\x94."),
    BYTES ("\x80\x03}q\0."),
    BYTES ("\x80\x02}q\0."),
    BYTES ("}q\0(X\x01\0\0\0au."),
    BYTES ("(dp0\nVapi_key\np1\nVx\np2\ns."),
    BYTES ("(lp0\n."),
    BYTES ("cos\nsystem\n(S'id'\ntR."),
  };
#undef BYTES

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (int format = PLAINTEXT_AUTO; format <= PLAINTEXT_ENV; format++)
      {
        g_autofree char *got = parse (rows[i].data, rows[i].length, (PlaintextFormat) format);
        g_assert_cmpint (*got, ==, '!');
        test_assert_contains (got, "pickle");
      }
}

/* A thousand levels, and a file at the limit and beyond it. */
static void
test_bounds (void)
{
  g_autoptr (GString) deep = g_string_new ("my_app: ");
  g_autoptr (GString) json = g_string_new ("{\"a\": ");
  g_autofree char *large = g_strnfill (PLAINTEXT_MAX_SIZE + 1, '#');
  g_autofree char *got = NULL;

  for (guint i = 0; i < 1000; i++)
    {
      g_string_append_c (deep, '[');
      g_string_append_c (json, '[');
    }
  got = parse (deep->str, deep->len, PLAINTEXT_KIS_YAML);
  test_assert_contains (got, "!line 1: it is nested too deeply");
  g_free (got);
  got = parse (json->str, json->len, PLAINTEXT_PYKIS);
  test_assert_contains (got, "!it is not a JSON");
  g_free (got);
  got = parse (large, PLAINTEXT_MAX_SIZE, PLAINTEXT_ENV);
  g_assert_cmpstr (got, ==, "");
  g_free (got);
  got = parse (large, PLAINTEXT_MAX_SIZE + 1, PLAINTEXT_ENV);
  test_assert_contains (got, "!it is larger than 1 MiB");
}

/* The decision about the last key of a file. */
static const struct
{
  const char *text;
  const char *expected;
} environment_rows[] = {
  { "KIS_APPKEY=", "assumed" },
  { "KIS_REAL_APPKEY=", "real" },
  { "한국투자_모의투자_앱키=", "paper" },
  { "한국투자증권_모의_앱키=", "paper" },
  { "한투모의투자앱키=", "paper" },
  { "모의투자용_한투_앱키=", "paper" },
  { "한국투자_실전투자_앱키=", "real" },
  { "키움실전앱키=", "real" },
  { "KIS_ENV=모의투자\nKIS_APPKEY=", "paper" },
  { "KIS_ENV='모의 투자'\nKIS_APPKEY=", "paper" },
  { "KIS_ENV=실전투자\nKIS_APPKEY=", "real" },
  { "한투_투자환경=모의\nKIS_APPKEY=", "paper" },
  { "KIS_ENV=demo\nKIS_APPKEY=", "paper" },
  { "KIS_ENV=prod\nKIS_APPKEY=", "real" },
  { "KIS_ENV=/etc/env\nKIS_APPKEY=", "assumed" },
  { "KIS_REAL=false\nKIS_APPKEY=", "paper" },
  { "PAPER_TRADING=true\nKIS_APPKEY=", "paper" },
  { "PAPER_TRADING=false\nKIS_APPKEY=", "real" },
  { "LIVE_TRADING=no\nKIS_APPKEY=", "paper" },
  { "모의투자=true\nKIS_APPKEY=", "paper" },
  { "모의투자_여부=1\nKIS_APPKEY=", "paper" },
  { "TRADING_MODE=paper\nKIS_APPKEY=", "paper" },
  { "TRADING_MODE=demo\nKIS_APPKEY=", "assumed" },
  { "ENV=test\nPROD=1\nDEMO=1\nIS_TEST=true\nKIS_APPKEY=", "assumed" },
  { "PAPER_TRADING=true\nLS_APPKEY=" KEY_2 "\nKIS_APPKEY=", "assumed" },
  { "KIWOOM_ENV=paper\nKIS_APPKEY=", "assumed" },
  { "KIS_BASE_URL=https://realvts.kis.example:29443/oauth2\nKIS_APPKEY=", "paper" },
  { "BASE_URL=\"HTTPS://REALVTS.kis.example\"\nKIS_APPKEY=", "paper" },
  { "KIS_BASE_URL=https://real.kis.example:9443\nKIS_APPKEY=", "real" },
  { "KIS_PAPER_URL=https://realvts.kis.example\nKIS_APPKEY=", "assumed" },
  { "A=https://realvts.kis.example\nB=https://real.kis.example\nKIS_APPKEY=", "assumed" },
  { "A=https://realvts.kis.example\nKIS_ENV=real\nKIS_APPKEY=", "real" },
  { "URL=https://mockapi.kiwoom.example\nKIWOOM_APPKEY=", "paper" },
  { "URL=https://api.kiwoom.example\nKIWOOM_APPKEY=", "real" },
  { "URL=https://mockapi.kiwoom.example\nKIS_APPKEY=", "assumed" },
  { "URL=https://ls.example:8080\nLS_APPKEY=", "assumed" },
  { "KIS_PAPER_APPKEY=" KEY_2 "\nKIS_APPKEY=", "real" },
  { "ACME_LOGIN=", "real" },
};

static void
test_environments (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (environment_rows); i++)
    {
      g_autofree char *text = g_strconcat (environment_rows[i].text, KEY "\n", NULL);
      g_auto (PlaintextBytes) bytes = { g_strdup (text), strlen (text) };
      g_autoptr (GError) error = NULL;
      g_autoptr (FoundKeys) found = parse_bytes (&bytes, PLAINTEXT_ENV, plaintext_brokers, &error);
      FoundKey *key;

      g_assert_no_error (error);
      g_assert_cmpuint (found->keys->len, >, 0);
      key = found->keys->pdata[found->keys->len - 1];
      g_test_message ("%s", text);
      g_assert_cmpstr (key->assumed ? "assumed"
                                    : kr_secret_environment_to_string (key->environment),
                       ==, environment_rows[i].expected);
      g_assert_cmpstr (key->tag, ==, "");
      g_assert_true (!key->assumed || key->environment == KR_SECRET_ENVIRONMENT_REAL);
    }
}

/* No part of a key is in a message about it. */
static void
test_hidden_keys_are_not_repeated (void)
{
  static const char *const texts[] = {
    "#KIS_APPKEY=" KEY "\nA=1\n# " SECRET "\nKIS_APPKEY:" KEY "=\nKIS_APPKEY:" KEY "\n",
    "A=1\nB='KIS_APPKEY=" KEY "'\n",
    "a:\n - {my_app: " KEY "}\n - my_sec=" SECRET "\n# my_app " KEY "\n",
    "{\"a\": {\"appkey\": \"" KEY "\", \"b\": [\"my_sec: " SECRET "\"]}}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *got = parse (texts[i], strlen (texts[i]), PLAINTEXT_AUTO);

      test_assert_contains (got, "hidden ");
      test_assert_lacks (got, "of-nobody");
      test_assert_lacks (got, "of+nobody");
    }
}

/* A file may be crafted so that the messages about it become large. */
static void
test_hidden_keys_have_a_bound (void)
{
  g_autoptr (GString) text = g_string_new ("a: {");
  g_autofree char *long_name = g_strnfill (100000, 'n');
  g_autofree char *got = NULL;

  for (guint i = 0; i < 12; i++)
    g_string_append_printf (text, "? %s%u : {", i == 0 ? long_name : "n", i);
  for (guint i = 0; i < 20000; i++)
    g_string_append_printf (text, "%u: {appkey: " KEY "},", i);
  for (guint i = 0; i < 14 - 1; i++)
    g_string_append_c (text, '}');
  got = parse (text->str, text->len, PLAINTEXT_KIS_YAML);
  test_assert_contains (got, "hidden a.…");
  g_assert_cmpuint (strlen (got), <, 200000);
}

/* Files without a key are not errors, but do not count as good here either. */
static gboolean
read_corpus (const char *data, gsize length, gconstpointer user_data, GError **error)
{
  const PlaintextFormat *format = user_data;
  const PlaintextBytes bytes = { (char *) data, length };
  g_autoptr (FoundKeys) found = parse_bytes (&bytes, *format, plaintext_brokers, error);

  return found != NULL && found->keys->len > 0;
}

static void
test_corpus (void)
{
  static const struct
  {
    const char *name;
    PlaintextFormat format;
  } kinds[] = { { "plaintext-env", PLAINTEXT_ENV },
                { "plaintext-json", PLAINTEXT_PYKIS },
                { "plaintext-yaml", PLAINTEXT_KIS_YAML } };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    test_corpus_check (kinds[i].name, read_corpus, &kinds[i].format, 3, 4);
}

static void
test_more_keys_than_anybody_has (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *got = NULL;

  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (text, "KIS_APPKEY_%u=" KEY "\n", i);
  got = parse (text->str, text->len, PLAINTEXT_ENV);
  test_assert_contains (got, "!line 33: it holds more keys");
}

static void
add_rows (const char *kind, const Row *rows, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *path = g_strdup_printf ("/plaintext/%s/%s", kind, rows[i].name);
      g_test_add_data_func (path, &rows[i], test_row);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_rows ("yaml", yaml_rows, G_N_ELEMENTS (yaml_rows));
  add_rows ("json", json_rows, G_N_ELEMENTS (json_rows));
  add_rows ("env", env_rows, G_N_ELEMENTS (env_rows));
  g_test_add_func ("/plaintext/utf-16-is-read", test_encodings);
  g_test_add_func ("/plaintext/what-is-no-text-is-refused", test_no_text);
  g_test_add_func ("/plaintext/pickles-are-refused", test_pickles);
  g_test_add_func ("/plaintext/depth-and-size-have-bounds", test_bounds);
  g_test_add_func ("/plaintext/environments", test_environments);
  g_test_add_func ("/plaintext/hidden-keys-are-not-repeated", test_hidden_keys_are_not_repeated);
  g_test_add_func ("/plaintext/hidden-keys-have-a-bound", test_hidden_keys_have_a_bound);
  g_test_add_func ("/plaintext/corpus-of-good-files", test_corpus);
  g_test_add_func ("/plaintext/number-of-keys-has-a-bound", test_more_keys_than_anybody_has);
  return g_test_run ();
}
