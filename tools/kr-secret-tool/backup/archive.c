/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backup/archive.h"

#include <glib/gi18n.h>
#include <string.h>

#include "terminal/secret.h"

/* A magic line, a block about the backup, and one for each account; an empty line before each of
 * these. The lines of a block are key=value. Keys that are not known are passed over, so that a
 * later version can add some; everything else that would not be written is refused. */

#define MAGIC "kr-secret-accounts 1\n"
#define MAGIC_NAME "kr-secret-accounts "
#define FIELD_PREFIX "field."

#define MAX_FIELDS 16
#define MAX_NAME 32
#define SMALL "abcdefghijklmnopqrstuvwxyz0123456789_-"
#define CAPITAL "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* What is still to be read. */
typedef struct
{
  const char *at;
  const char *end;
  guint line; /* the number of the last one that was read */
} Reader;

/* An account in the making. */
typedef struct
{
  char *id;
  char *alias;
  char *broker_id;
  char *environment;
  char *endpoint;
  GPtrArray *names;
  GPtrArray *values;
} Draft;

static void
draft_init (Draft *self)
{
  self->names = g_ptr_array_new_with_free_func (g_free);
  self->values = g_ptr_array_new_with_free_func (secret_free);
}

static void
draft_clear (Draft *self)
{
  g_free (self->id);
  g_free (self->alias);
  g_free (self->broker_id);
  g_free (self->environment);
  g_free (self->endpoint);
  g_ptr_array_unref (self->names);
  g_ptr_array_unref (self->values);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Draft, draft_clear)

void
archive_account_free (ArchiveAccount *self)
{
  g_free (self->id);
  g_free (self->alias);
  g_free (self->broker_id);
  g_free (self->endpoint);
  g_clear_pointer (&self->credential, kr_secret_credential_unref);
  g_free (self);
}

static gboolean
is_name (const char *text, const char *characters)
{
  gsize length = strlen (text);

  return length > 0 && length <= MAX_NAME && strspn (text, characters) == length;
}

/* Whether it can be the value of a line: UTF-8 without control characters. */
static gboolean
is_plain (const char *text, gsize length)
{
  if (!g_utf8_validate_len (text, length, NULL))
    return FALSE;
  for (const char *p = text; p < text + length; p = g_utf8_next_char (p))
    if (g_unichar_iscntrl (g_utf8_get_char (p)))
      return FALSE;
  return TRUE;
}

static gboolean
is_normal_alias (const char *alias)
{
  g_autofree char *normal = kr_secret_alias_normalize (alias, NULL);

  return g_strcmp0 (normal, alias) == 0;
}

static gboolean
is_normal_endpoint (const char *endpoint)
{
  g_autofree char *normal = kr_secret_endpoint_normalize (endpoint, NULL);

  return g_strcmp0 (normal, endpoint) == 0;
}

/* What is wrong with an account, whichever way it goes; NULL: nothing. */
static const char *
find_fault (const ArchiveAccount *account)
{
  const char *const *names = kr_secret_credential_get_names (account->credential);

  if (!g_uuid_string_is_valid (account->id))
    return _ ("its id is none");
  if (!is_normal_alias (account->alias))
    return _ ("its alias cannot be one");
  if (!is_name (account->broker_id, SMALL))
    return _ ("its broker cannot be one");
  if (account->endpoint != NULL && !is_normal_endpoint (account->endpoint))
    return _ ("its endpoint cannot be one");
  if (names[0] == NULL || g_strv_length ((char **) names) > MAX_FIELDS)
    return _ ("it has no key");
  for (guint i = 0; names[i] != NULL; i++)
    {
      gsize length;
      const char *value
          = secret_value_get (kr_secret_credential_get (account->credential, names[i]), &length);

      if (!is_name (names[i], SMALL CAPITAL) || length == 0 || !is_plain (value, length))
        return _ ("its key has a character that cannot be");
    }
  return NULL;
}

/* Writing. All of a block but the secrets is put together first; then it is known how long the
 * whole is, and no copy of a secret is left where a buffer has grown. */

static char *
make_head (const ArchiveAccount *account)
{
  GString *head = g_string_new (NULL);

  g_string_append_printf (head, "\nid=%s\nalias=%s\nbroker=%s\nenvironment=%s\n", account->id,
                          account->alias, account->broker_id,
                          kr_secret_environment_to_string (account->environment));
  if (account->endpoint != NULL)
    g_string_append_printf (head, "endpoint=%s\n", account->endpoint);
  return g_string_free (head, FALSE);
}

/* Writes the fields' lines to out, unless that is NULL; how long they are. */
static gsize
write_fields (KrSecretCredential *credential, char *out)
{
  const char *const *names = kr_secret_credential_get_names (credential);
  gsize total = 0;

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *key = g_strconcat (FIELD_PREFIX, names[i], "=", NULL);
      gsize key_length = strlen (key);
      gsize length;
      const char *value
          = secret_value_get (kr_secret_credential_get (credential, names[i]), &length);

      if (out != NULL)
        {
          memcpy (out + total, key, key_length);
          memcpy (out + total + key_length, value, length);
          out[total + key_length + length] = '\n';
        }
      total += key_length + length + 1;
    }
  return total;
}

SecretValue *
archive_encode (GPtrArray *accounts, gint64 made_at, GError **error)
{
  g_autoptr (GPtrArray) heads = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *start = g_strdup_printf (MAGIC "made_at=%" G_GINT64_FORMAT "\n", made_at);
  g_autofree char *whole = NULL;
  SecretValue *value;
  gsize length = strlen (start);
  char *out;

  g_return_val_if_fail (accounts->len > 0, NULL);

  if (accounts->len > ARCHIVE_MAX_ACCOUNTS)
    {
      kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL,
                           _ ("there are %u accounts, and a backup holds at most %u"),
                           accounts->len, ARCHIVE_MAX_ACCOUNTS);
      return NULL;
    }
  for (guint i = 0; i < accounts->len; i++)
    {
      const ArchiveAccount *account = accounts->pdata[i];
      const char *fault = find_fault (account);

      if (fault != NULL)
        {
          kr_secret_error_set (error, KR_SECRET_ERROR_DAMAGED, 0, NULL,
                               _ ("the account %s cannot be written: %s"), account->id, fault);
          return NULL;
        }
      g_ptr_array_add (heads, make_head (account));
      length += strlen (heads->pdata[i]) + write_fields (account->credential, NULL);
    }

  whole = g_malloc (length + 1);
  out = g_stpcpy (whole, start);
  for (guint i = 0; i < accounts->len; i++)
    {
      const ArchiveAccount *account = accounts->pdata[i];

      out = g_stpcpy (out, heads->pdata[i]);
      out += write_fields (account->credential, out);
    }
  value = secret_value_new (whole, (gssize) length, "text/plain");
  explicit_bzero (whole, length);
  return value;
}

/* Reading. */

static gboolean
damaged (const Reader *self, const char *why, GError **error)
{
  kr_secret_error_set (error, KR_SECRET_ERROR_DAMAGED, 0, NULL,
                       _ ("what it holds is damaged at line %u: %s"), self->line, why);
  return FALSE;
}

/* The next line; it stays where it is. FALSE without an error is the end of the text. */
static gboolean
next_line (Reader *self, const char **out_line, gsize *out_length, GError **error)
{
  const char *newline;

  if (self->at == self->end)
    return FALSE;
  self->line++;
  newline = memchr (self->at, '\n', (gsize) (self->end - self->at));
  if (newline == NULL)
    return damaged (self, _ ("its end is missing"), error);
  *out_line = self->at;
  *out_length = (gsize) (newline - self->at);
  self->at = newline + 1;
  return TRUE;
}

/* The next line of a block; FALSE without an error is the block's end. */
static gboolean
next_pair (Reader *self, char **out_key, const char **out_value, gsize *out_length, GError **error)
{
  const char *line, *equals;
  gsize length;

  if (!next_line (self, &line, &length, error) || length == 0)
    return FALSE;
  equals = memchr (line, '=', length);
  if (equals == NULL || !is_plain (line, length))
    return damaged (self, _ ("it is no key and value"), error);
  *out_value = equals + 1;
  *out_length = length - (gsize) (equals + 1 - line);
  *out_key = g_strndup (line, (gsize) (equals - line));
  return TRUE;
}

/* What a known key of an account is kept in; NULL for one that is not known. */
static char **
draft_find (Draft *self, const char *key)
{
  const struct
  {
    const char *key;
    char **value;
  } known[] = {
    { "id", &self->id },
    { "alias", &self->alias },
    { "broker", &self->broker_id },
    { "environment", &self->environment },
    { "endpoint", &self->endpoint },
  };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (known[i].key, key))
      return known[i].value;
  return NULL;
}

static gboolean
draft_add (Draft *self,
           const Reader *reader,
           const char *key,
           const char *value,
           gsize length,
           GError **error)
{
  char **text = draft_find (self, key);
  const char *name;

  if (text != NULL)
    {
      if (*text != NULL)
        return damaged (reader, _ ("a key stands twice"), error);
      *text = g_strndup (value, length);
      return TRUE;
    }
  if (!g_str_has_prefix (key, FIELD_PREFIX))
    return TRUE;
  name = key + strlen (FIELD_PREFIX);
  if (g_ptr_array_find_with_equal_func (self->names, name, g_str_equal, NULL))
    return damaged (reader, _ ("a key stands twice"), error);
  if (self->names->len == MAX_FIELDS)
    return damaged (reader, _ ("there are too many of them"), error);
  g_ptr_array_add (self->names, g_strdup (name));
  g_ptr_array_add (self->values, secret_value_new (value, (gssize) length, "text/plain"));
  return TRUE;
}

static ArchiveAccount *
draft_end (Draft *self, const Reader *reader, GError **error)
{
  g_autoptr (ArchiveAccount) account = g_new0 (ArchiveAccount, 1);
  const char *fault;

  if (self->id == NULL || self->alias == NULL || self->broker_id == NULL
      || self->environment == NULL)
    {
      damaged (reader, _ ("the account is not complete"), error);
      return NULL;
    }
  if (!kr_secret_environment_from_string (self->environment, &account->environment)
      || !g_str_equal (kr_secret_environment_to_string (account->environment), self->environment))
    {
      damaged (reader, _ ("its environment cannot be one"), error);
      return NULL;
    }
  g_ptr_array_add (self->names, NULL);
  g_ptr_array_add (self->values, NULL);
  account->credential = kr_secret_credential_new ((const char *const *) self->names->pdata,
                                                  (SecretValue *const *) self->values->pdata);
  account->id = g_steal_pointer (&self->id);
  account->alias = g_steal_pointer (&self->alias);
  account->broker_id = g_steal_pointer (&self->broker_id);
  account->endpoint = g_steal_pointer (&self->endpoint);
  fault = find_fault (account);
  if (fault == NULL)
    return g_steal_pointer (&account);
  damaged (reader, fault, error);
  return NULL;
}

static ArchiveAccount *
read_account (Reader *self, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_auto (Draft) draft = { 0 };
  const char *value;
  gsize length;

  draft_init (&draft);
  for (;;)
    {
      g_autofree char *key = NULL;

      if (!next_pair (self, &key, &value, &length, &failure))
        break;
      if (!draft_add (&draft, self, key, value, length, error))
        return NULL;
    }
  if (failure == NULL)
    return draft_end (&draft, self, error);
  g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

/* The block about the backup itself. */
static gboolean
read_start (Reader *self, gint64 *out_made_at, GError **error)
{
  g_autoptr (GError) failure = NULL;
  gint64 made_at = -1;
  const char *value;
  gsize length;

  for (;;)
    {
      g_autofree char *key = NULL;
      g_autofree char *text = NULL;

      if (!next_pair (self, &key, &value, &length, &failure))
        break;
      if (!g_str_equal (key, "made_at"))
        continue;
      text = g_strndup (value, length);
      if (made_at >= 0 || !g_ascii_string_to_signed (text, 10, 0, G_MAXINT64, &made_at, NULL))
        return damaged (self, _ ("it says no time"), error);
    }
  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  if (made_at < 0)
    return damaged (self, _ ("it says no time"), error);
  *out_made_at = made_at;
  return TRUE;
}

static gboolean
read_magic (Reader *self, GError **error)
{
  gsize length = (gsize) (self->end - self->at);

  if (length >= strlen (MAGIC) && memcmp (self->at, MAGIC, strlen (MAGIC)) == 0)
    {
      self->at += strlen (MAGIC);
      self->line++;
      return TRUE;
    }
  if (length < strlen (MAGIC) || memcmp (self->at, MAGIC_NAME, strlen (MAGIC_NAME)) != 0)
    return damaged (self, _ ("these are no accounts"), error);
  kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL,
                       _ ("it was written by a newer kr-secret-tool, in a form that this one does "
                          "not know"));
  return FALSE;
}

GPtrArray *
archive_decode (const char *data, gsize length, gint64 *out_made_at, GError **error)
{
  g_autoptr (GPtrArray) accounts
      = g_ptr_array_new_with_free_func ((GDestroyNotify) archive_account_free);
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) aliases = g_hash_table_new (g_str_hash, g_str_equal);
  Reader reader = { data, length > 0 ? data + length : data, 0 };
  gint64 made_at;

  if (!read_magic (&reader, error) || !read_start (&reader, &made_at, error))
    return NULL;
  do
    {
      ArchiveAccount *account = read_account (&reader, error);

      if (account == NULL)
        return NULL;
      g_ptr_array_add (accounts, account);
      if (accounts->len > ARCHIVE_MAX_ACCOUNTS)
        {
          damaged (&reader, _ ("there are too many of them"), error);
          return NULL;
        }
      if (!g_hash_table_add (ids, account->id) || !g_hash_table_add (aliases, account->alias))
        {
          damaged (&reader, _ ("two accounts are the same"), error);
          return NULL;
        }
    }
  while (reader.at < reader.end);
  *out_made_at = made_at;
  return g_steal_pointer (&accounts);
}
