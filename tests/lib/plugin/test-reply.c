/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The reader of replies and the builder of requests, by themselves. */
#include <string.h>

#include "krsecret-plugin.h"

static KrSecretReply *
reply_for (guint status, const char *body)
{
  return kr_secret_reply_new (status, 0, 0, body, strlen (body));
}

/* Prints which case is next, as text that is safe in a log. */
static void
say (const char *text)
{
  g_autofree char *escaped = g_strescape (text, NULL);

  g_test_message ("%s", escaped);
}

static void
test_json_accepted (void)
{
  const char *const bodies[] = {
    "{}",
    " \t\r\n{ } \n",
    "{\"a\":{\"b\":1},\"c\":{\"b\":1}}",
    "{\"a\":[{\"b\":1},{\"b\":1},[],null,true,false]}",
    "{\"a\":-9223372036854775808,\"b\":9223372036854775807}",
    "{\"a\":0.5,\"b\":-1.25e-3,\"c\":1.5E+2,\"d\":0,\"e\":-0}",
    "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\ud83d\\ude00\"}",
    "{\"a\":\"// no /* comment */ {[\"}",
    "{\"가\":\"나\"}",
    "{\"a\":[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]}", /* 16 deep */
  };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (KrSecretReply) reply = reply_for (200, bodies[i]);
      say (bodies[i]);
      g_assert_true (kr_secret_reply_is_json (reply));
    }
}

static void
test_json_refused (void)
{
  const char *const bodies[] = {
    "",
    " ",
    "null",
    "1",
    "\"a\"",
    "[]",
    "[{\"a\":1}]",
    "\xef\xbb\xbf{\"a\":1}",
    "{\"a\":\"\xff\"}",
    "{\"a\":\"\xed\xa0\x80\"}",
    "{\"a\":1} x",
    "{\"a\":1}{}",
    "{\"a\":1},",
    "{\"a\":1}]",
    "{\"a\":1",
    "{\"a\":",
    "{\"a\"",
    "{\"a",
    "{",
    "{\"a\":1,}",
    "{,}",
    "{\"a\":[1,]}",
    "{\"a\":[1}",
    "{a:1}",
    "{'a':1}",
    "{\"a\":'1'}",
    "{\"a\" 1}",
    "{\"a\":1 \"b\":2}",
    "{1:1}",
    "{\"a\":1}/* comment */",
    "/* comment */{\"a\":1}",
    "{\"a\":1}//",
    "// comment\n{\"a\":1}",
    "var a = {\"b\":1};",
    "{\"a\":01}",
    "{\"a\":00}",
    "{\"a\":0x10}",
    "{\"a\":+1}",
    "{\"a\":- 1}",
    "{\"a\":--1}",
    "{\"a\":-}",
    "{\"a\":$1}",
    "{\"a\":.5}",
    "{\"a\":1.}",
    "{\"a\":1.e3}",
    "{\"a\":1e}",
    "{\"a\":nan}",
    "{\"a\":TRUE}",
    "{\"a\":nul}",
    "{\"a\":9223372036854775808}",
    "{\"a\":-9223372036854775809}",
    "{\"a\":18446744073709551616}",
    "{\"a\":\"\\u0000\"}",
    "{\"a\":\"x\\u0000y\"}",
    "{\"a\":\"\\u12\"}",
    "{\"a\":\"\\ud800\"}",
    "{\"a\":\"\\ud800\\u0041\"}",
    "{\"a\":\"\\udc00\"}",
    "{\"a\":\"\\x41\"}",
    "{\"a\":\"\\q\"}",
    "{\"a\":\"line\nbreak\"}",
    "{\"a\":\"\\",
    "{\"a\":1,\"a\":1}",
    "{\"a\":1,\"\\u0061\":2}",
    "{\"a\":{\"b\":1,\"b\":2}}",
    "{\"a\":[{\"b\":1},{\"b\":1,\"c\":1,\"b\":2}]}",
    "{\"a\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}", /* 17 deep */
  };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (KrSecretReply) reply = reply_for (200, bodies[i]);
      say (bodies[i]);
      g_assert_false (kr_secret_reply_is_json (reply));
      g_assert_false (kr_secret_reply_has (reply, "a"));
    }
}

static void
test_body_bounds (void)
{
  g_autofree char *body = g_strnfill (KR_SECRET_REPLY_MAX_BODY + 1, ' ');
  g_autoptr (KrSecretReply) empty = kr_secret_reply_new (204, -1, -1, NULL, 0);
  g_autoptr (KrSecretReply) largest = NULL;
  g_autoptr (KrSecretReply) larger = NULL;
  g_autoptr (KrSecretReply) nul = kr_secret_reply_new (200, 0, 0, "{}\0", 3);
  g_autoptr (KrSecretReply) inner = kr_secret_reply_new (200, 0, 0, "{\"a\":\"\0\"}", 9);
  g_autoptr (KrSecretReply) unterminated = kr_secret_reply_new (200, 7, 8, "{\"a\":1}x", 7);

  memcpy (body, "{\"a\":1}", 7);
  largest = kr_secret_reply_new (200, 0, 0, body, KR_SECRET_REPLY_MAX_BODY);
  larger = kr_secret_reply_new (200, 0, 0, body, KR_SECRET_REPLY_MAX_BODY + 1);
  g_assert_true (kr_secret_reply_is_json (largest));
  g_assert_false (kr_secret_reply_is_json (larger));
  g_assert_false (kr_secret_reply_is_json (empty));
  g_assert_false (kr_secret_reply_is_json (nul));
  g_assert_false (kr_secret_reply_is_json (inner));
  g_assert_true (kr_secret_reply_is_json (unterminated));

  g_assert_cmpuint (kr_secret_reply_get_status (empty), ==, 204);
  g_assert_cmpint (kr_secret_reply_get_date (empty), ==, 0);
  g_assert_cmpint (kr_secret_reply_get_retry_after (empty), ==, 0);
  g_assert_cmpint (kr_secret_reply_get_date (unterminated), ==, 7);
  g_assert_cmpint (kr_secret_reply_get_retry_after (unterminated), ==, 8);
}

static void
test_members (void)
{
  g_autoptr (KrSecretReply) reply = reply_for (
      200, "{\"s\":\"가\",\"e\":\"\",\"i\":-12,\"d\":1.5,\"b\":true,\"n\":null,\"l\":[1],"
           "\"o\":{\"code\":\"x\",\"o\":{\"i\":7}}}");
  const struct
  {
    const char *member;
    gboolean has;
    const char *text;
    const char *secret;
  } rows[] = {
    { "s", TRUE, "가", "가" },    { "e", TRUE, "", NULL },          { "i", TRUE, "-12", NULL },
    { "d", TRUE, NULL, NULL },    { "b", TRUE, NULL, NULL },        { "n", FALSE, NULL, NULL },
    { "l", TRUE, NULL, NULL },    { "o", TRUE, NULL, NULL },        { "o.code", TRUE, "x", "x" },
    { "o.o.i", TRUE, "7", NULL }, { "o.x", FALSE, NULL, NULL },     { "s.x", FALSE, NULL, NULL },
    { "l.0", FALSE, NULL, NULL }, { "n.x", FALSE, NULL, NULL },     { "", FALSE, NULL, NULL },
    { "o.", FALSE, NULL, NULL },  { "missing", FALSE, NULL, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = kr_secret_reply_dup_string (reply, rows[i].member);
      g_autoptr (SecretValue) secret = kr_secret_reply_dup_secret (reply, rows[i].member);

      g_test_message ("%s", rows[i].member);
      g_assert_cmpint (kr_secret_reply_has (reply, rows[i].member), ==, rows[i].has);
      g_assert_cmpstr (text, ==, rows[i].text);
      g_assert_cmpstr (secret != NULL ? secret_value_get_text (secret) : NULL, ==, rows[i].secret);
    }
}

static void
test_first_member (void)
{
  g_autoptr (KrSecretReply) reply = reply_for (200, "{\"e\":\"\",\"i\":5,\"s\":\"x\"}");
  g_autofree char *number = kr_secret_reply_dup_first (reply, "none", "e", "i", "s", NULL);
  g_autofree char *nothing = kr_secret_reply_dup_first (reply, "none", "e", NULL);

  g_assert_cmpstr (number, ==, "5");
  g_assert_null (nothing);
}

static void
test_integers (void)
{
  const struct
  {
    const char *json;
    gboolean good;
    gint64 value;
  } rows[] = {
    { "0", TRUE, 0 },
    { "-0", TRUE, 0 },
    { "86400", TRUE, 86400 },
    { "-1", TRUE, -1 },
    { "9223372036854775807", TRUE, G_MAXINT64 },
    { "-9223372036854775808", TRUE, G_MININT64 },
    { "\"86400\"", TRUE, 86400 },
    { "\"-1\"", TRUE, -1 },
    { "\"00000\"", TRUE, 0 },
    { "\"9223372036854775807\"", TRUE, G_MAXINT64 },
    { "\"9223372036854775808\"", FALSE, 0 },
    { "\"-9223372036854775809\"", FALSE, 0 },
    { "\"\"", FALSE, 0 },
    { "\"-\"", FALSE, 0 },
    { "\"+1\"", FALSE, 0 },
    { "\" 1\"", FALSE, 0 },
    { "\"1 \"", FALSE, 0 },
    { "\"0x10\"", FALSE, 0 },
    { "\"1e3\"", FALSE, 0 },
    { "\"1.0\"", FALSE, 0 },
    { "\"１\"", FALSE, 0 },
    { "1.0", FALSE, 0 },
    { "1e400", FALSE, 0 },
    { "true", FALSE, 0 },
    { "null", FALSE, 0 },
    { "[1]", FALSE, 0 },
    { "{\"a\":1}", FALSE, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *body = g_strdup_printf ("{\"a\":%s}", rows[i].json);
      g_autoptr (KrSecretReply) reply = reply_for (200, body);
      gint64 value = 42;

      say (body);
      g_assert_cmpint (kr_secret_reply_get_int (reply, "a", &value), ==, rows[i].good);
      g_assert_cmpint (value, ==, rows[i].good ? rows[i].value : 42);
    }
}

static void
test_expires_in (void)
{
  const struct
  {
    const char *json;
    gint64 expires_at;
  } rows[] = {
    { "1", 1001 }, { "\"86400\"", 87400 }, { "2147483647", 2147484647 }, { "0", 0 },
    { "-1", 0 },   { "2147483648", 0 },    { "9223372036854775807", 0 }, { "1.5", 0 },
    { "null", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *body = g_strdup_printf ("{\"a\":%s}", rows[i].json);
      g_autoptr (KrSecretReply) reply = reply_for (200, body);
      gint64 expires_at = 0;

      say (body);
      g_assert_cmpint (kr_secret_reply_get_expires_in (reply, "a", 1000, &expires_at), ==,
                       rows[i].expires_at != 0);
      g_assert_cmpint (expires_at, ==, rows[i].expires_at);
    }
}

static void
test_korean_time (void)
{
  const struct
  {
    const char *text;
    gint64 time;
  } rows[] = {
    { "2022-08-30 08:10:10", 1661814610 },
    { "20220830081010", 1661814610 },
    { "1970-01-01 09:00:01", 1 },
    { "2024-02-29 00:00:00", 1709132400 },
    { "2023-02-29 00:00:00", 0 },
    { "2022-13-01 00:00:00", 0 },
    { "2022-00-01 00:00:00", 0 },
    { "2022-01-00 00:00:00", 0 },
    { "2022-04-31 00:00:00", 0 },
    { "2022-08-30 24:00:00", 0 },
    { "2022-08-30 08:60:00", 0 },
    { "2022-08-30 08:10:60", 0 },
    { "0000-08-30 08:10:10", 0 },
    { "2022-08-30T08:10:10", 0 },
    { "2022-08-30 08:10:10Z", 0 },
    { "2022-08-30 08:10:10+09:00", 0 },
    { " 2022-08-30 08:10:10", 0 },
    { "2022-08-30 08:10:10 ", 0 },
    { "2022-08-30 8:10:10", 0 },
    { "2022-08-30  8:10:10", 0 },
    { "2022-08-30 +8:10:10", 0 },
    { "2022-08-30", 0 },
    { "2022083008101", 0 },
    { "202208300810100", 0 },
    { "2022083008101x", 0 },
    { "-0220830081010", 0 },
    { "1661814610", 0 },
    { "", 0 },
  };
  const char *const zones[] = { "UTC", "Asia/Seoul", "America/New_York" };

  for (guint z = 0; z < G_N_ELEMENTS (zones); z++)
    {
      g_setenv ("TZ", zones[z], TRUE);
      for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
        {
          gint64 time = 0;
          g_test_message ("%s %s", zones[z], rows[i].text);
          g_assert_cmpint (kr_secret_parse_kst (rows[i].text, &time), ==, rows[i].time != 0);
          g_assert_cmpint (time, ==, rows[i].time);
        }
    }
}

static const KrSecretCode codes[] = {
  { "R1", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED, "do something" },
  { "T1", KR_SECRET_ERROR_RATE_LIMITED, KR_SECRET_VERDICT_TOKEN_DEAD, "wait" },
  { NULL },
};

static void
test_judge (void)
{
  const struct
  {
    guint status;
    const char *code;
    KrSecretVerdict verdict;
  } rows[] = {
    { 200, NULL, KR_SECRET_VERDICT_FINE },         { 200, "X", KR_SECRET_VERDICT_FINE },
    { 200, "T1", KR_SECRET_VERDICT_TOKEN_DEAD },   { 500, "T1", KR_SECRET_VERDICT_TOKEN_DEAD },
    { 401, "R1", KR_SECRET_VERDICT_REFUSED },      { 401, "X", KR_SECRET_VERDICT_TOKEN_DEAD },
    { 403, NULL, KR_SECRET_VERDICT_REFUSED },      { 404, NULL, KR_SECRET_VERDICT_FINE },
    { 429, NULL, KR_SECRET_VERDICT_RATE_LIMITED }, { 500, NULL, KR_SECRET_VERDICT_UNAVAILABLE },
    { 599, "X", KR_SECRET_VERDICT_UNAVAILABLE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (KrSecretReply) reply = reply_for (rows[i].status, "");
      g_assert_cmpint (
          kr_secret_reply_judge (reply, codes, rows[i].code, KR_SECRET_VERDICT_TOKEN_DEAD), ==,
          rows[i].verdict);
    }
}

static void
test_set_error (void)
{
  const struct
  {
    guint status;
    gint64 retry_after;
    const char *code;
    const char *text;
    KrSecretError error;
    gint64 wait;
    const char *broker_code;
    const char *message;
  } rows[] = {
    { 403, 0, "R1", "no", KR_SECRET_ERROR_REFUSED, 0, "R1", "do something (HTTP 403, R1: no)" },
    { 403, 0, "R1", NULL, KR_SECRET_ERROR_REFUSED, 0, "R1", "do something (HTTP 403, R1)" },
    { 200, 0, "T1", "no", KR_SECRET_ERROR_RATE_LIMITED, 60, "T1", "wait (HTTP 200, T1: no)" },
    { 200, 5, "T1", "no", KR_SECRET_ERROR_RATE_LIMITED, 5, "T1", "wait (HTTP 200, T1: no)" },
    { 429, G_MAXINT64, NULL, NULL, KR_SECRET_ERROR_RATE_LIMITED, 86400, NULL,
      "the broker was asked too often (HTTP 429)" },
    { 503, 9, NULL, NULL, KR_SECRET_ERROR_UNREACHABLE, 9, NULL,
      "the broker's server is out of order (HTTP 503)" },
    { 200, 0, NULL, "text", KR_SECRET_ERROR_BAD_REPLY, 0, NULL,
      "the broker's answer could not be understood (HTTP 200, text)" },
    { 400, 0, "X\n\x1b[1m", "a 2022-08-30 08:10:10 unsupported_grant_type 0123456789abcdef.x b",
      KR_SECRET_ERROR_BAD_REPLY, 0, "X �[1m",
      "the broker's answer could not be understood (HTTP 400, X �[1m: a 2022-08-30 08:10:10 "
      "unsupported_grant_type … b)" },
    { 400, 0, "fixture0123456789abcdef", "키=fixture0123456789abcdef%2B.",
      KR_SECRET_ERROR_BAD_REPLY, 0, "…",
      "the broker's answer could not be understood (HTTP 400, …: 키…)" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (KrSecretReply) reply
          = kr_secret_reply_new (rows[i].status, 0, rows[i].retry_after, NULL, 0);
      g_autoptr (GError) error = NULL;

      kr_secret_reply_set_error (reply, codes, rows[i].code, rows[i].text, 60, &error);
      g_assert_error (error, KR_SECRET_ERROR, (int) rows[i].error);
      g_assert_cmpstr (error->message, ==, rows[i].message);
      g_assert_cmpstr (kr_secret_error_get_broker_code (error), ==, rows[i].broker_code);
      g_assert_cmpint (kr_secret_error_get_retry_after (error), ==, rows[i].wait);
    }
}

static SecretValue *
value_of (const char *text)
{
  return secret_value_new (text, -1, "text/plain");
}

static void
check_body (KrSecretBody kind, const char *type, const char *expected)
{
  g_autoptr (KrSecretRequest) request = kr_secret_request_new ();
  g_autoptr (SecretValue) secret = value_of ("a\"b\\c/d+e=f&g h\x01\n\t가~-._");
  g_autoptr (SecretValue) empty = value_of ("");
  g_autoptr (SecretValue) body = NULL;
  g_autoptr (GError) error = NULL;

  kr_secret_request_post (request, "/oauth2/token", kind);
  kr_secret_request_add_field (request, "plain", "x y");
  g_assert_true (kr_secret_request_add_secret_field (request, "s&\"", secret, &error));
  g_assert_true (kr_secret_request_add_secret_field (request, "empty", empty, &error));
  g_assert_no_error (error);
  body = kr_secret_request_render_body (request);
  g_assert_cmpstr (kr_secret_request_get_path (request), ==, "/oauth2/token");
  g_assert_cmpstr (kr_secret_request_get_content_type (request), ==, type);
  g_assert_cmpstr (body != NULL ? secret_value_get (body, NULL) : NULL, ==, expected);
  g_assert_cmpstr (body != NULL ? secret_value_get_content_type (body) : NULL, ==, type);
}

static void
test_request_body (void)
{
  check_body (KR_SECRET_BODY_NONE, NULL, NULL);
  check_body (KR_SECRET_BODY_JSON, "application/json",
              "{\"plain\":\"x y\",\"s&\\\"\":"
              "\"a\\\"b\\\\c/d+e=f&g h\\u0001\\n\\t가~-._\",\"empty\":\"\"}");
  check_body (KR_SECRET_BODY_FORM, "application/x-www-form-urlencoded",
              "plain=x%20y&s%26%22=a%22b%5Cc%2Fd%2Be%3Df%26g%20h%01%0A%09%EA%B0%80~-._&empty=");
}

/* A name that is a path in a reply is also one in a request. */
static void
test_request_json_objects (void)
{
  static const char *const names[] = { "a.b", "c", "a.d.e" };
  g_autoptr (KrSecretRequest) request = kr_secret_request_new ();
  g_autoptr (SecretValue) body = NULL;
  g_autoptr (SecretValue) form = NULL;

  kr_secret_request_post (request, "/", KR_SECRET_BODY_JSON);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    kr_secret_request_add_field (request, names[i], "1");
  body = kr_secret_request_render_body (request);
  g_assert_cmpstr (secret_value_get (body, NULL), ==,
                   "{\"a\":{\"b\":\"1\",\"d\":{\"e\":\"1\"}},\"c\":\"1\"}");
  kr_secret_request_post (request, "/", KR_SECRET_BODY_FORM);
  form = kr_secret_request_render_body (request);
  g_assert_cmpstr (secret_value_get (form, NULL), ==, "a.b=1&c=1&a.d.e=1");
}

/* Two names that exclude each other: the later one stays. */
static void
test_request_json_objects_in_the_way (void)
{
  g_autoptr (KrSecretRequest) request = kr_secret_request_new ();
  g_autoptr (SecretValue) body = NULL;

  kr_secret_request_post (request, "/", KR_SECRET_BODY_JSON);
  kr_secret_request_add_field (request, "a", "1");
  kr_secret_request_add_field (request, "a.b", "2");
  kr_secret_request_add_field (request, "c.d", "3");
  kr_secret_request_add_field (request, "c", "4");
  body = kr_secret_request_render_body (request);
  g_assert_cmpstr (secret_value_get (body, NULL), ==, "{\"a\":{\"b\":\"2\"},\"c\":\"4\"}");
}

/* Values read back as they were written, for every character that they can have. */
static void
test_request_json_round_trip (void)
{
  g_autoptr (KrSecretRequest) request = kr_secret_request_new ();
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (SecretValue) body = NULL;
  g_autoptr (KrSecretReply) reply = NULL;
  g_autofree char *read = NULL;
  const char *json;
  gsize length;

  for (gunichar c = 0x20; c < 0x3000; c++)
    g_string_append_unichar (text, c);
  kr_secret_request_post (request, "/", KR_SECRET_BODY_JSON);
  kr_secret_request_add_field (request, "a", text->str);
  body = kr_secret_request_render_body (request);
  json = secret_value_get (body, &length);
  reply = kr_secret_reply_new (200, 0, 0, json, length);
  read = kr_secret_reply_dup_string (reply, "a");
  g_assert_cmpstr (read, ==, text->str);
}

static void
test_request_empty_body (void)
{
  g_autoptr (KrSecretRequest) request = kr_secret_request_new ();
  g_autoptr (SecretValue) json = NULL;
  g_autoptr (SecretValue) form = NULL;

  g_assert_null (kr_secret_request_get_path (request));
  g_assert_null (kr_secret_request_get_content_type (request));
  kr_secret_request_post (request, "/a", KR_SECRET_BODY_JSON);
  json = kr_secret_request_render_body (request);
  kr_secret_request_post (request, "/b", KR_SECRET_BODY_FORM);
  form = kr_secret_request_render_body (request);
  g_assert_cmpstr (secret_value_get (json, NULL), ==, "{}");
  g_assert_cmpstr (secret_value_get (form, NULL), ==, "");
  g_assert_cmpstr (kr_secret_request_get_path (request), ==, "/b");
}

static void
test_request_headers (void)
{
  g_autoptr (KrSecretRequest) request = kr_secret_request_new ();
  g_autoptr (SecretValue) token = value_of ("abc.def");
  g_autoptr (GError) error = NULL;
  GPtrArray *headers;
  KrSecretHeader *header;

  kr_secret_request_add_header (request, "tr_id", "FHKST01010100");
  g_assert_true (
      kr_secret_request_add_secret_header (request, "authorization", "Bearer ", token, &error));
  g_assert_true (kr_secret_request_add_secret_header (request, "appkey", NULL, token, &error));
  g_assert_no_error (error);
  headers = kr_secret_request_get_headers (request);
  g_assert_cmpuint (headers->len, ==, 3);
  header = headers->pdata[0];
  g_assert_cmpstr (header->name, ==, "tr_id");
  g_assert_cmpstr (secret_value_get_text (header->value), ==, "FHKST01010100");
  g_assert_false (header->secret);
  header = headers->pdata[1];
  g_assert_cmpstr (header->name, ==, "authorization");
  g_assert_cmpstr (secret_value_get_text (header->value), ==, "Bearer abc.def");
  g_assert_true (header->secret);
  header = headers->pdata[2];
  g_assert_cmpstr (secret_value_get_text (header->value), ==, "abc.def");
}

static void
test_request_damaged_values (void)
{
  const char *const texts[] = { "", "a\r\nb: c", "a\nb", "a\tb", "a\x7f", "가", NULL };
  g_autoptr (KrSecretRequest) request = kr_secret_request_new ();
  g_autoptr (SecretValue) nul = secret_value_new ("a\0b", 3, "text/plain");
  g_autoptr (SecretValue) not_utf8 = value_of ("\xff");
  SecretValue *const fields[] = { NULL, nul, not_utf8 };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (SecretValue) value = texts[i] != NULL ? value_of (texts[i]) : NULL;
      g_autoptr (GError) error = NULL;

      g_assert_false (
          kr_secret_request_add_secret_header (request, "authorization", "Bearer ", value, &error));
      g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED);
    }
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (kr_secret_request_add_secret_field (request, "appkey", fields[i], &error));
      g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED);
    }
  g_assert_cmpuint (kr_secret_request_get_headers (request)->len, ==, 0);
}

static void
test_request_misuse (void)
{
  const char *const names[] = { "", "a b", "a:", "a\r\n", "가", NULL };
  const char *const paths[] = { "", "oauth2", "https://example.com/", "//example.com/", NULL };
  g_autoptr (KrSecretRequest) request = kr_secret_request_new ();

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_test_expect_message ("krsecret", G_LOG_LEVEL_CRITICAL, "*is_header_name*");
      kr_secret_request_add_header (request, names[i], "x");
      g_test_assert_expected_messages ();
    }
  for (guint i = 0; paths[i] != NULL; i++)
    {
      g_test_expect_message ("krsecret", G_LOG_LEVEL_CRITICAL, "*path*");
      kr_secret_request_post (request, paths[i], KR_SECRET_BODY_JSON);
      g_test_assert_expected_messages ();
    }
  g_test_expect_message ("krsecret", G_LOG_LEVEL_CRITICAL, "*is_header_value*");
  kr_secret_request_add_header (request, "a", "b\r\nc: d");
  g_test_assert_expected_messages ();
  g_assert_null (kr_secret_request_get_path (request));
  g_assert_cmpuint (kr_secret_request_get_headers (request)->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reply/json-accepted", test_json_accepted);
  g_test_add_func ("/reply/json-refused", test_json_refused);
  g_test_add_func ("/reply/body-bounds", test_body_bounds);
  g_test_add_func ("/reply/members", test_members);
  g_test_add_func ("/reply/first-member", test_first_member);
  g_test_add_func ("/reply/integers", test_integers);
  g_test_add_func ("/reply/expires-in", test_expires_in);
  g_test_add_func ("/reply/korean-time", test_korean_time);
  g_test_add_func ("/reply/judge", test_judge);
  g_test_add_func ("/reply/set-error", test_set_error);
  g_test_add_func ("/request/body", test_request_body);
  g_test_add_func ("/request/json-objects", test_request_json_objects);
  g_test_add_func ("/request/json-objects-in-the-way", test_request_json_objects_in_the_way);
  g_test_add_func ("/request/json-round-trip", test_request_json_round_trip);
  g_test_add_func ("/request/empty-body", test_request_empty_body);
  g_test_add_func ("/request/headers", test_request_headers);
  g_test_add_func ("/request/damaged-values", test_request_damaged_values);
  g_test_add_func ("/request/misuse", test_request_misuse);
  return g_test_run ();
}
