/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define SECRET_API_SUBJECT_TO_CHANGE
#include "common/kr-sensitive.h"
#include "keyring/kr-secret-store-private.h"

#include <gio/gio.h>
#include <string.h>

#include "base/kr-secret-clock-private.h"
#include "base/kr-secret-error-private.h"
#include "common/kr-intl.h"
#include "keyring/kr-secret-keyring-private.h"
#include "keyring/kr-secret-connection-private.h"
#include "values/kr-secret-record-private.h"

/* Finds, writes and erases items. libsecret provides the session, its encryption and secure memory;
 * the calls go out by D-Bus path, so that each has its own deadline, no proxy is made per item, and
 * no prompt runs behind our back. If the service answers with a prompt, the keyring is locked and
 * the prompt is left alone: showing or dismissing it and going away can take the daemon down. */

#define SCHEMA "kr.krsecret.Item"
#define IFACE "org.freedesktop.Secret."
#define NO_PROMPT "/"

/* gnome-keyring does not escape secrets in the key file of a keyring without a password: a newline
 * or a backslash makes the whole keyring unreadable. Items have two other bytes in their place,
 * which no record contains. */
#define FRAGILE_BYTES "\n\\"
#define KEPT_BYTES "\x1e\x1f"

/* How often in a row items may vanish while they are read. */
#define MAX_SEARCHES 5

/* The arguments and results of an operation. */
typedef struct
{
  const char *id;
  const char *kind;
  SecretValue *payload;
  gboolean every_one; /* with an id: some of the items are not enough */
  gboolean was_there;
} Item;

static void
item_free (gpointer data)
{
  KrSecretItem *item = data;

  g_free (item->path);
  secret_value_unref (item->payload);
  g_free (item);
}

/* A copy of the payload with each byte in from replaced by the one at the same place in to. */
static SecretValue *
translate (SecretValue *payload, const char *from, const char *to)
{
  gsize length;
  const char *data = secret_value_get (payload, &length);
  char *copy = g_malloc (length + 1);

  memcpy (copy, data, length);
  for (gsize i = 0; i < length; i++)
    {
      const char *place = copy[i] != '\0' ? strchr (from, copy[i]) : NULL;

      if (place != NULL)
        copy[i] = to[place - from];
    }
  return kr_sensitive_take (copy, length);
}

static gboolean
locked (GError **error)
{
  return KR_SECRET_FAIL (error, KR_SECRET_ERROR_LOCKED, _ ("the keyring is locked"));
}

/* A keyring locked since its daemon started does not know xdg:schema, but answers to other
 * attributes. So items carry the schema's name a second time, and are searched by that. */
static GVariant *
attributes_new (gboolean stored, const char *id, const char *kind)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{ss}"));
  if (stored)
    g_variant_builder_add (&builder, "{ss}", "xdg:schema", SCHEMA);
  g_variant_builder_add (&builder, "{ss}", "schema", SCHEMA);
  if (id != NULL)
    g_variant_builder_add (&builder, "{ss}", "id", id);
  if (kind != NULL)
    g_variant_builder_add (&builder, "{ss}", "kind", kind);
  return g_variant_builder_end (&builder);
}

/* Asks for objects to be unlocked. With an empty password that needs no prompt. */
static gboolean
unlock (const KrSecretLease *lease, const char *const *paths, GError **error)
{
  g_autoptr (GVariant) reply = NULL;
  const char *prompt;

  reply = kr_secret_connection_call (lease, KR_SECRET_CONNECTION_SERVICE_PATH, IFACE "Service",
                                     "Unlock", g_variant_new ("(^ao)", paths), "(aoo)", error);
  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(@ao&o)", NULL, &prompt);
  return g_str_equal (prompt, NO_PROMPT) || locked (error);
}

/* One search, without a prompt. Returns the open paths, and in *out_locked the locked ones. */
static char **
search_once (const KrSecretLease *lease, const Item *item, char ***out_locked, GError **error)
{
  g_autoptr (GVariant) reply = kr_secret_connection_call (
      lease, KR_SECRET_CONNECTION_SERVICE_PATH, IFACE "Service", "SearchItems",
      g_variant_new ("(@a{ss})", attributes_new (FALSE, item->id, item->kind)), "(aoao)", error);
  char **open_paths = NULL;

  if (reply != NULL)
    g_variant_get (reply, "(^ao^ao)", &open_paths, out_locked);
  return open_paths;
}

/* Returns the paths of matching items that can be read. Fails with LOCKED if any cannot be opened
 * without a prompt: a part is not an answer. By id, one open item is enough to read, not to
 * erase. */
static char **
search_paths (const KrSecretLease *lease, const Item *item, GError **error)
{
  for (gboolean again = TRUE;; again = FALSE)
    {
      g_auto (GStrv) locked_paths = NULL;
      g_auto (GStrv) paths = search_once (lease, item, &locked_paths, error);

      if (paths == NULL)
        return NULL;
      if (locked_paths[0] == NULL || (paths[0] != NULL && item->id != NULL && !item->every_one))
        return g_steal_pointer (&paths);
      if (!again)
        {
          locked (error);
          return NULL;
        }
      if (!unlock (lease, (const char *const *) locked_paths, error))
        return NULL;
    }
}

/* Reads the items at paths, except those that have gone since. */
static GPtrArray *
read_paths (const KrSecretLease *lease, char **paths, GError **error)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (item_free);
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariantIter) iter = NULL;
  GVariant *encoded;
  const char *path;

  if (paths[0] == NULL)
    return g_steal_pointer (&items);
  reply = kr_secret_connection_call (
      lease, KR_SECRET_CONNECTION_SERVICE_PATH, IFACE "Service", "GetSecrets",
      g_variant_new ("(^aoo)", paths, kr_secret_connection_get_session_path (lease->connection)),
      "(a{o(oayays)})", error);
  if (reply == NULL)
    return NULL;
  g_variant_get (reply, "(a{o(oayays)})", &iter);
  while (g_variant_iter_loop (iter, "{&o@(oayays)}", &path, &encoded))
    {
      g_autoptr (SecretValue) stored = kr_secret_connection_decode (lease->connection, encoded);
      SecretValue *payload = stored != NULL ? translate (stored, KEPT_BYTES, FRAGILE_BYTES) : NULL;
      KrSecretItem *item = g_new0 (KrSecretItem, 1);

      item->path = g_strdup (path);
      item->payload = payload != NULL ? payload : secret_value_new ("", 0, "text/plain");
      g_ptr_array_add (items, item);
    }
  return g_steal_pointer (&items);
}

static gpointer
search (const KrSecretLease *lease, gpointer data, GError **error)
{
  Item *item = data;

  for (guint tries = 1;; tries++)
    {
      g_auto (GStrv) paths = search_paths (lease, item, error);
      g_autoptr (GPtrArray) items = paths != NULL ? read_paths (lease, paths, error) : NULL;

      /* The service silently leaves out what was locked or deleted meanwhile. */
      if (items == NULL || items->len == g_strv_length (paths) || tries == MAX_SEARCHES)
        return g_steal_pointer (&items);
    }
}

/* Finds items by id and kind, either of which may be NULL for all. (element-type KrSecretItem) */
GPtrArray *
kr_secret_store_search (const char *id, const char *kind, KrSecretDeadline deadline, GError **error)
{
  Item item = { .id = id, .kind = kind };

  return kr_secret_connection_with (search, &item, deadline, error);
}

/* Readable while the keyring is locked, so attributes and label have only a random id and a
 * kind. */
static GVariant *
properties_new (const Item *item)
{
  g_autofree char *label = g_strdup_printf ("%s %.8s", item->kind, item->id);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{sv}"));
  g_variant_builder_add (&builder, "{sv}", IFACE "Item.Label", g_variant_new_string (label));
  g_variant_builder_add (&builder, "{sv}", IFACE "Item.Attributes",
                         attributes_new (TRUE, item->id, item->kind));
  return g_variant_builder_end (&builder);
}

/* Creates or replaces an item. Returns non-NULL on success. */
static gpointer
create (const KrSecretLease *lease, gpointer data, GError **error)
{
  Item *item = data;
  g_autoptr (SecretValue) payload = translate (item->payload, FRAGILE_BYTES, KEPT_BYTES);

  for (gboolean again = TRUE;; again = FALSE)
    {
      g_autofree char *collection = kr_secret_keyring_find (lease, error);
      const char *const collections[] = { collection, NULL };
      g_autoptr (GVariant) reply = NULL;
      g_autoptr (GError) local = NULL;
      const char *prompt;

      if (collection == NULL)
        return NULL;
      reply = kr_secret_connection_call (
          lease, collection, IFACE "Collection", "CreateItem",
          g_variant_new ("(@a{sv}@(oayays)b)", properties_new (item),
                         kr_secret_connection_encode (lease->connection, payload), TRUE),
          "(oo)", &local);
      if (reply != NULL)
        {
          g_variant_get (reply, "(&o&o)", NULL, &prompt);
          if (g_str_equal (prompt, NO_PROMPT))
            return item;
          locked (&local);
        }
      if (again && g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_NOT_FOUND))
        continue; /* the default has changed since */
      if (!again || !g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED))
        return KR_SECRET_PASS_NULL (error, local);
      if (!unlock (lease, collections, error))
        return NULL;
    }
}

/* Deletes an item. If somebody was faster, that is a success too: returns non-NULL. */
static gpointer
delete_one (const KrSecretLease *lease, gpointer path, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GVariant) reply = kr_secret_connection_call (lease, path, IFACE "Item", "Delete",
                                                          g_variant_new ("()"), "(o)", &local);
  const char *prompt = NO_PROMPT;

  if (reply != NULL)
    g_variant_get (reply, "(&o)", &prompt);
  else if (!g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_NOT_FOUND))
    return KR_SECRET_PASS_NULL (error, local);
  if (g_str_equal (prompt, NO_PROMPT))
    return path;
  locked (error);
  return NULL;
}

/* Reads back what was written. If the default collection was changed, another may have an older
 * item of this id and kind, which was not replaced. It is deleted, so that nobody takes it for this
 * one. */
static gboolean
is_stored (const Item *item, KrSecretDeadline deadline, GError **error)
{
  g_autoptr (GPtrArray) found = kr_secret_store_search (item->id, item->kind, deadline, error);
  gboolean stored = FALSE;

  if (found == NULL)
    return FALSE;
  for (guint i = 0; i < found->len; i++)
    stored |= kr_sensitive_equal (((KrSecretItem *) g_ptr_array_index (found, i))->payload,
                                  item->payload);
  for (guint i = 0; stored && i < found->len; i++)
    {
      const KrSecretItem *other = g_ptr_array_index (found, i);

      if (!kr_sensitive_equal (other->payload, item->payload))
        kr_secret_connection_with (delete_one, other->path, deadline, NULL);
    }
  if (!stored)
    kr_secret_error_set (error, KR_SECRET_ERROR_FAILED, 0, NULL,
                         _ ("the keyring said it stored an item, but does not have it"));
  return stored;
}

/* Stores or replaces an item. On success it has been read back and survives a power cut. */
gboolean
kr_secret_store_write (const char *id,
                       const char *kind,
                       SecretValue *payload,
                       KrSecretDeadline deadline,
                       GError **error)
{
  Item item = { .id = id, .kind = kind, .payload = payload };

  return kr_secret_connection_with (create, &item, deadline, error) != NULL
         && is_stored (&item, deadline, error) && kr_secret_keyring_sync (error);
}

/* Deletes every item that matches. Returns non-NULL on success. */
static gpointer
delete_all (const KrSecretLease *lease, gpointer data, GError **error)
{
  Item *item = data;
  g_auto (GStrv) paths = search_paths (lease, item, error);

  if (paths == NULL)
    return NULL;
  for (guint i = 0; paths[i] != NULL; i++)
    {
      if (delete_one (lease, paths[i], error) == NULL)
        return NULL;
      item->was_there = TRUE;
    }
  return item;
}

/* Erases an id's items of one kind, or (NULL) of all. Finding none is a success. */
gboolean
kr_secret_store_erase (const char *id,
                       const char *kind,
                       gboolean *out_was_there,
                       KrSecretDeadline deadline,
                       GError **error)
{
  Item item = { .id = id, .kind = kind, .every_one = TRUE };

  if (kr_secret_connection_with (delete_all, &item, deadline, error) == NULL)
    return FALSE;
  if (item.was_there && !kr_secret_keyring_sync (error))
    return FALSE;
  if (out_was_there != NULL)
    *out_was_there = item.was_there;
  return TRUE;
}

static gpointer
get_attributes (const KrSecretLease *lease, gpointer path, GError **error)
{
  return kr_secret_connection_get_property (lease, path, IFACE "Item", "Attributes", error);
}

/* The id and kind of a damaged item, from its attributes. NOT_FOUND if it is gone by now. */
gboolean
kr_secret_store_identify (
    const char *path, char **out_id, char **out_kind, KrSecretDeadline deadline, GError **error)
{
  g_autoptr (GVariant) attributes
      = kr_secret_connection_with (get_attributes, (gpointer) path, deadline, error);
  const char *id = NULL, *kind = NULL;

  if (attributes == NULL)
    return FALSE;
  if (!g_variant_is_of_type (attributes, G_VARIANT_TYPE ("a{ss}"))
      || !g_variant_lookup (attributes, "id", "&s", &id)
      || !g_variant_lookup (attributes, "kind", "&s", &kind))
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_DAMAGED, _ ("an item of the keyring has no id"));
  *out_id = g_strdup (id);
  *out_kind = g_strdup (kind);
  return TRUE;
}

/* The kind of item that holds a kind of token. */
const char *
kr_secret_store_token_kind (KrSecretTokenKind kind)
{
  return kind == KR_SECRET_TOKEN_WEBSOCKET ? KR_SECRET_STORE_WEBSOCKET : KR_SECRET_STORE_TOKEN;
}

/* The type of record an item of a kind holds. */
static const char *
record_type (const char *kind)
{
  if (g_str_equal (kind, KR_SECRET_STORE_ACCOUNT))
    return KR_SECRET_RECORD_ACCOUNT;
  if (g_str_equal (kind, KR_SECRET_STORE_PROBE))
    return KR_SECRET_RECORD_PROBE;
  return g_str_equal (kind, KR_SECRET_STORE_BATCH) ? KR_SECRET_RECORD_BATCH
                                                   : KR_SECRET_RECORD_TOKEN;
}

KrSecretRecord *
kr_secret_store_decode_item (const KrSecretItem *item, const char *kind, GError **error)
{
  gsize length;
  const char *data = secret_value_get (item->payload, &length);

  return kr_secret_record_decode (data, length, record_type (kind), error);
}

/* The record of an id and kind, or NULL without an error. The newest, if several collections have
 * it. */
KrSecretRecord *
kr_secret_store_read_record (const char *id,
                             const char *kind,
                             KrSecretDeadline deadline,
                             GError **error)
{
  g_autoptr (GPtrArray) items = kr_secret_store_search (id, kind, deadline, error);
  g_autoptr (KrSecretRecord) newest = NULL;
  g_autoptr (GError) local = NULL;

  for (guint i = 0; items != NULL && i < items->len; i++)
    {
      KrSecretRecord *record = kr_secret_store_decode_item (g_ptr_array_index (items, i), kind,
                                                            local == NULL ? &local : NULL);

      if (record != NULL && (newest == NULL || kr_secret_record_is_newer (record, newest)))
        {
          g_clear_pointer (&newest, kr_secret_record_free);
          newest = record;
        }
      else
        g_clear_pointer (&record, kr_secret_record_free);
    }
  if (newest == NULL && local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return g_steal_pointer (&newest);
}

gboolean
kr_secret_store_write_record (const char *id,
                              const char *kind,
                              KrSecretRecord *record,
                              KrSecretDeadline deadline,
                              GError **error)
{
  g_autoptr (SecretValue) payload = kr_secret_record_encode (record, error);

  return payload != NULL && kr_secret_store_write (id, kind, payload, deadline, error);
}

gboolean
kr_secret_store_write_token (const char *id,
                             KrSecretToken *token,
                             KrSecretDeadline deadline,
                             GError **error)
{
  g_autoptr (KrSecretRecord) record = kr_secret_record_new (KR_SECRET_RECORD_TOKEN);

  kr_secret_record_set (record, "id", id);
  kr_secret_record_set_token (record, token);
  return kr_secret_store_write_record (
      id, kr_secret_store_token_kind (kr_secret_token_get_kind (token)), record, deadline, error);
}

/* In seconds. No live program needs longer. */
#define PROBE_AGE 60

static gpointer
get_created (const KrSecretLease *lease, gpointer path, GError **error)
{
  return kr_secret_connection_get_property (lease, path, IFACE "Item", "Created", error);
}

/* When a dummy was made. A torn or half-made one cannot tell, but the keyring can. */
static gint64
get_probe_time (const KrSecretItem *item, KrSecretDeadline deadline)
{
  g_autoptr (KrSecretRecord) record
      = kr_secret_store_decode_item (item, KR_SECRET_STORE_PROBE, NULL);
  g_autoptr (GVariant) created = NULL;

  if (record != NULL)
    return kr_secret_record_get_int (record, "made_at", 0);
  created = kr_secret_connection_with (get_created, item->path, deadline, NULL);
  if (created == NULL)
    return kr_secret_clock_now ();
  return g_variant_is_of_type (created, G_VARIANT_TYPE_UINT64)
             ? (gint64) g_variant_get_uint64 (created)
             : 0;
}

/* Erases the dummies of programs that were killed meanwhile. */
static void
clear_probes (KrSecretDeadline deadline)
{
  g_autoptr (GPtrArray) items
      = kr_secret_store_search (NULL, KR_SECRET_STORE_PROBE, deadline, NULL);

  for (guint i = 0; items != NULL && i < items->len; i++)
    {
      const KrSecretItem *item = g_ptr_array_index (items, i);
      gint64 made_at = get_probe_time (item, deadline);

      if (ABS (kr_secret_clock_now () - made_at) > PROBE_AGE)
        kr_secret_connection_with (delete_one, item->path, deadline, NULL);
    }
}

/* Checks with a dummy that the keyring stores, returns and erases an item. */
gboolean
kr_secret_store_probe (KrSecretDeadline deadline, GError **error)
{
  g_autofree char *id = g_uuid_string_random ();
  g_autoptr (KrSecretRecord) record = kr_secret_record_new (KR_SECRET_RECORD_PROBE);
  g_autoptr (SecretValue) payload = NULL;

  kr_secret_record_set_int (record, "made_at", kr_secret_clock_now ());
  payload = kr_secret_record_encode (record, error);
  if (payload == NULL)
    return FALSE;
  clear_probes (deadline);
  return kr_secret_store_write (id, KR_SECRET_STORE_PROBE, payload, deadline, error)
         && kr_secret_store_erase (id, KR_SECRET_STORE_PROBE, NULL, deadline, error);
}
