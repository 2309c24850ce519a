/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "values/kr-secret-record-private.h"

#include <string.h>

#include "base/kr-secret-clock-private.h"
#include "base/kr-secret-error-private.h"
#include "common/kr-intl.h"
#include "common/kr-sensitive.h"
#include "common/kr-text.h"
#include "values/kr-secret-token-private.h"

/* Encodes and decodes all that is stored. A keyring item can be empty (its creation was cut short)
 * and a file torn: only what has the magic, its length and its checksum is taken for a value. */

#define MAGIC "krsecret"
#define VERSION 1
#define HEAD_MAX 256 /* bytes of the first line */
#define SECRET_PREFIX "secret."
#define FIELD_PREFIX SECRET_PREFIX "field."
#define TOKEN_KEY SECRET_PREFIX "token"

typedef struct
{
  char *key;
  char *text;          /* of a key that is not secret */
  SecretValue *secret; /* of one that is */
} Entry;

struct _KrSecretRecord
{
  char *type;
  GPtrArray *entries; /* in the order they were set; unknown keys are kept */
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->key);
  g_free (entry->text);
  g_clear_pointer (&entry->secret, secret_value_unref);
  g_free (entry);
}

KrSecretRecord *
kr_secret_record_new (const char *type)
{
  KrSecretRecord *self = g_new0 (KrSecretRecord, 1);

  self->type = g_strdup (type);
  self->entries = g_ptr_array_new_with_free_func (entry_free);
  return self;
}

void
kr_secret_record_free (KrSecretRecord *self)
{
  g_free (self->type);
  g_ptr_array_unref (self->entries);
  g_free (self);
}

static Entry *
find (KrSecretRecord *self, const char *key)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = g_ptr_array_index (self->entries, i);
      if (g_str_equal (entry->key, key))
        return entry;
    }
  return NULL;
}

static Entry *
find_or_add (KrSecretRecord *self, const char *key)
{
  Entry *entry = find (self, key);

  if (entry == NULL)
    {
      entry = g_new0 (Entry, 1);
      entry->key = g_strdup (key);
      g_ptr_array_add (self->entries, entry);
    }
  return entry;
}

/* Sets a value that is not secret; NULL removes the key. */
void
kr_secret_record_set (KrSecretRecord *self, const char *key, const char *value)
{
  Entry *entry;
  char *text;

  g_return_if_fail (!g_str_has_prefix (key, SECRET_PREFIX));

  if (value == NULL)
    {
      entry = find (self, key);
      if (entry != NULL)
        g_ptr_array_remove (self->entries, entry);
      return;
    }
  entry = find_or_add (self, key);
  /* value may be the old text. */
  text = g_strdup (value);
  g_free (entry->text);
  entry->text = text;
}

void
kr_secret_record_set_int (KrSecretRecord *self, const char *key, gint64 value)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, value);

  kr_secret_record_set (self, key, text);
}

void
kr_secret_record_set_secret (KrSecretRecord *self, const char *key, SecretValue *value)
{
  Entry *entry;

  g_return_if_fail (g_str_has_prefix (key, SECRET_PREFIX));

  entry = find_or_add (self, key);
  g_clear_pointer (&entry->secret, secret_value_unref);
  entry->secret = secret_value_ref (value);
}

const char *
kr_secret_record_get (KrSecretRecord *self, const char *key)
{
  Entry *entry = find (self, key);

  return entry != NULL ? entry->text : NULL;
}

gint64
kr_secret_record_get_int (KrSecretRecord *self, const char *key, gint64 fallback)
{
  const char *text = kr_secret_record_get (self, key);
  gint64 value;

  if (text == NULL || !g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &value, NULL))
    return fallback;
  return value;
}

SecretValue *
kr_secret_record_get_secret (KrSecretRecord *self, const char *key)
{
  Entry *entry = find (self, key);

  return entry != NULL ? entry->secret : NULL;
}

static const char *
entry_bytes (const Entry *entry, gsize *out_length)
{
  if (entry->secret != NULL)
    return secret_value_get (entry->secret, out_length);
  *out_length = strlen (entry->text);
  return entry->text;
}

static void
write_body (KrSecretRecord *self, char *out)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      const Entry *entry = g_ptr_array_index (self->entries, i);
      gsize length;
      const char *bytes = entry_bytes (entry, &length);

      out = g_stpcpy (out, entry->key);
      *out++ = '=';
      memcpy (out, bytes, length);
      out += length;
      *out++ = '\n';
    }
}

static char *
make_head (const char *type, const char *body, gsize body_length)
{
  g_autofree char *checksum = kr_sensitive_fingerprint (body, (gssize) body_length);

  return g_strdup_printf (MAGIC " %d %s %" G_GSIZE_FORMAT " %s\n", VERSION, type, body_length,
                          checksum);
}

/* Encodes the record in secure memory. The buffer has the final size, so that no copy stays behind,
 * and is wiped. Fails if a value would break the format or the record is too large. */
SecretValue *
kr_secret_record_encode (KrSecretRecord *self, GError **error)
{
  g_autofree char *head = NULL;
  g_autofree char *body = NULL;
  char *whole;
  gsize body_length = 0, head_length;

  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = g_ptr_array_index (self->entries, i);
      gsize length;
      const char *bytes = entry_bytes (entry, &length);

      if (!kr_text_is_plain (bytes, (gssize) length))
        return KR_SECRET_FAIL_NULL (error, KR_SECRET_ERROR_USAGE,
                                    _ ("the value of '%s' has a control character"), entry->key);
      body_length += strlen (entry->key) + 1 + length + 1;
    }
  if (body_length > KR_SECRET_RECORD_MAX - 128)
    return KR_SECRET_FAIL_NULL (error, KR_SECRET_ERROR_USAGE, _ ("too large to be stored"));

  body = g_malloc (body_length + 1);
  write_body (self, body);
  head = make_head (self->type, body, body_length);
  head_length = strlen (head);
  whole = g_malloc (head_length + body_length);
  memcpy (whole, head, head_length);
  memcpy (whole + head_length, body, body_length);
  explicit_bzero (body, body_length);
  return kr_sensitive_take (whole, head_length + body_length);
}

static gboolean
damaged (GError **error, const char *why)
{
  return KR_SECRET_FAIL (error, KR_SECRET_ERROR_DAMAGED, _ ("a stored record is damaged: %s"), why);
}

/* Says what is wrong with a first line. */
static const char *
explain_head (const char *head, const char *type, gsize body_length)
{
  g_auto (GStrv) words = g_strsplit (head, " ", 6);
  guint64 version, length;

  if (g_strv_length (words) != 5 || !g_str_equal (words[0], MAGIC)
      || !g_ascii_string_to_unsigned (words[1], 10, 1, G_MAXINT, &version, NULL))
    return _ ("it is not one of ours");
  if (version != VERSION)
    return _ ("it was written by a newer version of libkrsecret");
  if (!g_str_equal (words[2], type))
    return _ ("it is of another type");
  if (!g_ascii_string_to_unsigned (words[3], 10, 0, KR_SECRET_RECORD_MAX, &length, NULL)
      || length != body_length)
    return _ ("it is cut short or too long");
  return _ ("its checksum is wrong");
}

/* Checks the first line strictly. On success the body follows it. */
static gboolean
check_head (const char *data,
            gsize length,
            const char *type,
            const char **out_body,
            gsize *out_length,
            GError **error)
{
  g_autofree char *head = NULL;
  g_autofree char *expected = NULL;
  const char *newline;
  gsize body_length;

  if (length == 0)
    return damaged (error, _ ("it is empty"));
  newline = memchr (data, '\n', MIN (length, HEAD_MAX));
  if (newline == NULL || length > KR_SECRET_RECORD_MAX)
    return damaged (error, _ ("it is not one of ours"));
  head = g_strndup (data, (gsize) (newline - data));
  body_length = length - (gsize) (newline + 1 - data);
  expected = make_head (type, newline + 1, body_length);
  if ((gsize) (newline + 1 - data) != strlen (expected)
      || memcmp (data, expected, strlen (expected)) != 0)
    return damaged (error, explain_head (head, type, body_length));
  *out_body = newline + 1;
  *out_length = body_length;
  return TRUE;
}

/* The length of the first record in data, by its first line; all of it if that does not say. */
gsize
kr_secret_record_measure (const char *data, gsize length)
{
  const char *newline = length > 0 ? memchr (data, '\n', MIN (length, HEAD_MAX)) : NULL;
  g_autofree char *head = newline != NULL ? g_strndup (data, (gsize) (newline - data)) : NULL;
  g_auto (GStrv) words = head != NULL ? g_strsplit (head, " ", 5) : NULL;
  guint64 body;

  if (words == NULL || g_strv_length (words) < 5
      || !g_ascii_string_to_unsigned (words[3], 10, 0, length, &body, NULL))
    return length;
  return MIN ((gsize) (newline + 1 - data) + (gsize) body, length);
}

static gboolean
decode_line (KrSecretRecord *self, const char *line, gsize length, GError **error)
{
  const char *equals = memchr (line, '=', length);
  g_autofree char *key = NULL;
  Entry *entry;
  gsize value_length;

  if (!kr_text_is_plain (line, (gssize) length))
    return damaged (error, _ ("it has a character that is not allowed"));
  if (equals == NULL || equals == line)
    return damaged (error, _ ("a line is not of the form key=value"));
  key = g_strndup (line, (gsize) (equals - line));
  value_length = length - (gsize) (equals + 1 - line);
  if (find (self, key) != NULL)
    return damaged (error, _ ("a key appears twice"));
  entry = find_or_add (self, key);
  if (g_str_has_prefix (key, SECRET_PREFIX))
    entry->secret = secret_value_new (equals + 1, (gssize) value_length, "text/plain");
  else
    entry->text = g_strndup (equals + 1, value_length);
  return TRUE;
}

KrSecretRecord *
kr_secret_record_decode (const char *data, gsize length, const char *type, GError **error)
{
  g_autoptr (KrSecretRecord) self = NULL;
  const char *body;
  gsize body_length;

  if (!check_head (data, length, type, &body, &body_length, error))
    return NULL;
  self = kr_secret_record_new (type);
  for (const char *p = body, *end = body + body_length; p < end;)
    {
      const char *newline = memchr (p, '\n', (gsize) (end - p));

      if (newline == NULL)
        {
          damaged (error, _ ("its last line is cut off"));
          return NULL;
        }
      if (!decode_line (self, p, (gsize) (newline - p), error))
        return NULL;
      p = newline + 1;
    }
  return g_steal_pointer (&self);
}

void
kr_secret_record_set_credential (KrSecretRecord *self, KrSecretCredential *credential)
{
  const char *const *names = kr_secret_credential_get_names (credential);

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *key = g_strconcat (FIELD_PREFIX, names[i], NULL);

      kr_secret_record_set_secret (self, key, kr_secret_credential_get (credential, names[i]));
    }
}

KrSecretCredential *
kr_secret_record_get_credential (KrSecretRecord *self, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GPtrArray) values = g_ptr_array_new ();

  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = g_ptr_array_index (self->entries, i);

      if (!g_str_has_prefix (entry->key, FIELD_PREFIX))
        continue;
      g_ptr_array_add (names, entry->key + strlen (FIELD_PREFIX));
      g_ptr_array_add (values, entry->secret);
    }
  if (names->len == 0)
    {
      damaged (error, _ ("it has no key"));
      return NULL;
    }
  g_ptr_array_add (names, NULL);
  return kr_secret_credential_new ((const char *const *) names->pdata,
                                   (SecretValue *const *) values->pdata);
}

/* Also stores the token's end by the boot-time clock, which nobody can set. */
void
kr_secret_record_set_token (KrSecretRecord *self, KrSecretToken *token)
{
  gint64 left = kr_secret_token_get_expires_at (token) - kr_secret_clock_now ();

  kr_secret_record_set_secret (self, TOKEN_KEY, kr_secret_token_get_value (token));
  kr_secret_record_set (self, "token_type", kr_secret_token_get_token_type (token));
  kr_secret_record_set (self, "kind",
                        kr_secret_token_kind_to_string (kr_secret_token_get_kind (token)));
  kr_secret_record_set_int (self, "issued_at", kr_secret_token_get_issued_at (token));
  kr_secret_record_set_int (self, "expires_at", kr_secret_token_get_expires_at (token));
  kr_secret_record_set_int (self, "broker_expires_at",
                            kr_secret_token_get_broker_expires_at (token));
  kr_secret_record_set (self, "boot_id", kr_secret_clock_boot_id ());
  kr_secret_record_set_int (self, "boottime_expires_ms",
                            kr_secret_clock_boottime_ms () + left * 1000);
}

/* Seconds until the token ends by the boot-time clock; FALSE after a reboot. */
static gboolean
get_left_by_boottime (KrSecretRecord *self, gint64 *out_left)
{
  gint64 expires_ms = kr_secret_record_get_int (self, "boottime_expires_ms", G_MININT64);

  if (expires_ms == G_MININT64
      || g_strcmp0 (kr_secret_record_get (self, "boot_id"), kr_secret_clock_boot_id ()) != 0)
    return FALSE;
  *out_left = (expires_ms - kr_secret_clock_boottime_ms ()) / 1000;
  return TRUE;
}

/* In seconds. By how much the wall clock must be behind to count as set back: clocks are rounded,
 * and the wall clock is slewed all the time. */
#define CLOCK_SLACK 5

/* Ends the token by the earlier of two clocks: if the wall clock was set back, its times move
 * along. After a reboot nobody knows whether it was right then or is now, so the second clock is
 * the broker's. */
KrSecretToken *
kr_secret_record_get_token (KrSecretRecord *self, GError **error)
{
  SecretValue *value = kr_secret_record_get_secret (self, TOKEN_KEY);
  const char *type = kr_secret_record_get (self, "token_type");
  const char *kind_text = kr_secret_record_get (self, "kind");
  gint64 issued_at = kr_secret_record_get_int (self, "issued_at", -1);
  gint64 expires_at = kr_secret_record_get_int (self, "expires_at", -1);
  gint64 broker_expires_at = kr_secret_record_get_int (self, "broker_expires_at", expires_at);
  gint64 left, ahead;
  KrSecretTokenKind kind;
  KrSecretToken *token;

  if (value == NULL || type == NULL || kind_text == NULL || issued_at < 0 || expires_at < 0
      || !kr_secret_token_kind_from_string (kind_text, &kind))
    {
      damaged (error, _ ("it has no token"));
      return NULL;
    }
  if (get_left_by_boottime (self, &left))
    ahead = expires_at - (kr_secret_clock_now () + left);
  else
    ahead = expires_at - broker_expires_at;
  if (ahead <= CLOCK_SLACK)
    ahead = 0;
  token = kr_secret_token_new (value, type, kind, issued_at - ahead, expires_at - ahead);
  kr_secret_token_set_broker_expires_at (token, broker_expires_at);
  return token;
}

/* Whether a token has certainly ended, by both clocks. */
gboolean
kr_secret_record_is_over (KrSecretRecord *self)
{
  gint64 left;

  return kr_secret_record_get_int (self, "expires_at", 0) <= kr_secret_clock_now ()
         && (!get_left_by_boottime (self, &left) || left <= 0);
}

/* Compares tokens by their time of issue, accounts by their time of creation. */
gboolean
kr_secret_record_is_newer (KrSecretRecord *self, KrSecretRecord *other)
{
  static const char *const keys[] = { "issued_at", "created_at" };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      gint64 own = kr_secret_record_get_int (self, keys[i], 0);
      gint64 others = kr_secret_record_get_int (other, keys[i], 0);

      if (own != others)
        return own > others;
    }
  return FALSE;
}
