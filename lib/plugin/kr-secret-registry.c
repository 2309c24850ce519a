/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/kr-secret-registry-private.h"

#include <gio/gio.h>
#include <gmodule.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugin/kr-secret-elf-private.h"
#include "base/kr-secret-trusted-file-private.h"
#include "base/kr-secret-intl-private.h"

#define SUFFIX ".so"
#define DAY_MINUTES (24 * 60)

/* What became of a file that was loaded; that it was refused after that is final as well, as it
 * stays loaded. */
typedef struct
{
  const KrSecretPlugin *plugin; /* NULL: refused */
  char *path;
  char *reason;
} Loaded;

static GMutex mutex;
static GHashTable *loaded; /* id -> Loaded; guarded by the mutex */

/* Not from the environment where the program runs with more rights than who started it. */
const char *
kr_secret_registry_get_directory (void)
{
  const char *directory = secure_getenv ("KR_SECRET_PLUGIN_DIR");

  return directory != NULL && *directory != '\0' ? directory : PLUGINDIR;
}

static gboolean
is_id (const char *id)
{
  gsize length = strlen (id);

  return length > 0 && length < sizeof (((KrSecretPlugin *) NULL)->id)
         && strspn (id, "abcdefghijklmnopqrstuvwxyz0123456789_") == length;
}

char *
kr_secret_registry_get_path (const char *id)
{
  g_autofree char *name = g_strconcat (id, SUFFIX, NULL);

  return g_build_filename (kr_secret_registry_get_directory (), name, NULL);
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* The ids of all files that could be plugins, sorted. (element-type utf8) */
GPtrArray *
kr_secret_registry_list_ids (void)
{
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) directory = g_dir_open (kr_secret_registry_get_directory (), 0, NULL);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    if (g_str_has_suffix (name, SUFFIX))
      g_ptr_array_add (ids, g_strndup (name, strlen (name) - strlen (SUFFIX)));
  g_ptr_array_sort (ids, compare_strings);
  return ids;
}

static gboolean
refuse (GError **error, const char *why)
{
  kr_secret_error_set (error, KR_SECRET_ERROR_PLUGIN, 0, NULL, "%s", why);
  return FALSE;
}

/* What can be read before any of the plugin runs: that it is one, for this library, and the one it
 * says. */
static gboolean
check_head (int fd, const char *id, const char *symbol, GError **error)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new_from_fd (fd, FALSE, NULL);
  struct
  {
    guint32 abi;
    guint32 size;
    char id[sizeof (((KrSecretPlugin *) NULL)->id)];
  } head;

  G_STATIC_ASSERT (G_STRUCT_OFFSET (KrSecretPlugin, size) == 4
                   && G_STRUCT_OFFSET (KrSecretPlugin, id) == 8);
  if (file == NULL || g_mapped_file_get_contents (file) == NULL)
    return refuse (error, _ ("is no shared object for this machine"));
  if (!kr_secret_elf_read_symbol ((const guint8 *) g_mapped_file_get_contents (file),
                                  g_mapped_file_get_length (file), symbol, &head, sizeof head,
                                  error))
    return FALSE;
  if (head.abi != KR_SECRET_PLUGIN_ABI || head.size != sizeof (KrSecretPlugin))
    {
      kr_secret_error_set (error, KR_SECRET_ERROR_PLUGIN, 0, NULL,
                           _ ("is made for plugin interface %u (%u bytes); %u (%zu bytes) is "
                              "expected"),
                           head.abi, head.size, KR_SECRET_PLUGIN_ABI, sizeof (KrSecretPlugin));
      return FALSE;
    }
  if (memchr (head.id, '\0', sizeof head.id) == NULL || !g_str_equal (head.id, id))
    {
      kr_secret_error_set (error, KR_SECRET_ERROR_PLUGIN, 0, NULL,
                           _ ("says it is '%.*s'; '%s' is expected"), (int) sizeof head.id, head.id,
                           id);
      return FALSE;
    }
  return TRUE;
}

/* Only https, and only a host: a plugin cannot weaken the transport. */
static gboolean
is_base_uri (const char *text)
{
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_NONE, NULL);

  return uri != NULL && g_str_equal (g_uri_get_scheme (uri), "https")
         && g_uri_get_host (uri) != NULL && *g_uri_get_host (uri) != '\0'
         && g_uri_get_userinfo (uri) == NULL && *g_uri_get_path (uri) == '\0'
         && g_uri_get_query (uri) == NULL && g_uri_get_fragment (uri) == NULL;
}

static gboolean
check_plugin (const KrSecretPlugin *plugin, GError **error)
{
  for (const KrSecretField *field = plugin->fields; field != NULL && field->name != NULL; field++)
    if (field->broker_name == NULL || field->label == NULL || field->label_ko == NULL)
      return refuse (error, _ ("has a field without a name or label"));
  if (plugin->traits.death_time > DAY_MINUTES)
    return refuse (
        error, _ ("names a time of day that there is not; 1 to 1440 minutes, or 0, is expected"));
  if (plugin->name == NULL || plugin->name_ko == NULL || plugin->fields == NULL
      || plugin->fields[0].name == NULL || plugin->build_issue == NULL
      || plugin->parse_issue == NULL || plugin->authorize == NULL || plugin->classify == NULL
      || (plugin->build_revoke == NULL) != (plugin->parse_revoke == NULL))
    return refuse (error, _ ("lacks a part that every plugin has"));
  if (plugin->real_uri == NULL || !is_base_uri (plugin->real_uri)
      || (plugin->paper_uri != NULL && !is_base_uri (plugin->paper_uri)))
    return refuse (error, _ ("names a host that is not of the form https://HOST[:PORT]"));
  return TRUE;
}

/* By way of the descriptor that was checked. It stays open: the dynamic loader and GModule both
 * know an object by its name, and the next one must not get the same number. Returns NULL if
 * nothing was loaded. */
static Loaded *
load (int fd, const char *symbol, GError **error)
{
  g_autofree char *name = g_strdup_printf ("/proc/self/fd/%d", fd);
  GModule *module = g_module_open (name, G_MODULE_BIND_LOCAL);
  gpointer address = NULL;
  g_autoptr (GError) local = NULL;
  Loaded *loaded_now;

  if (module == NULL)
    {
      const char *why = g_module_error ();

      if (g_str_has_prefix (why, name) && g_str_has_prefix (why + strlen (name), ": "))
        why += strlen (name) + 2;
      kr_secret_error_set (error, KR_SECRET_ERROR_PLUGIN, 0, NULL, _ ("cannot be loaded: %s"), why);
      close (fd);
      return NULL;
    }
  g_module_make_resident (module);
  loaded_now = g_new0 (Loaded, 1);
  if (!g_module_symbol (module, symbol, &address) || address == NULL)
    loaded_now->reason = g_strdup_printf (_ ("does not export %s"), symbol);
  else if (check_plugin (address, &local))
    loaded_now->plugin = address;
  else
    loaded_now->reason = g_strdup (local->message);
  return loaded_now;
}

/* Returns NULL if nothing of the file has run; then it may be another one the next time. */
static Loaded *
open_plugin (const char *id, const char *path, GError **error)
{
  g_autofree char *symbol = g_strconcat ("kr_secret_plugin_", id, NULL);
  int fd = kr_secret_trusted_file_open (path, error);

  if (fd < 0)
    return NULL;
  kr_secret_intl_bind (); /* our plugins' messages are in the same catalog */
  if (check_head (fd, id, symbol, error))
    return load (fd, symbol, error);
  close (fd);
  return NULL;
}

/* NOT_FOUND if there is no such plugin, PLUGIN with file, found and expected if there is one and it
 * is refused. */
const KrSecretPlugin *
kr_secret_registry_find (const char *id, char **out_path, GError **error)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) local = NULL;
  Loaded *entry;

  if (!is_id (id))
    {
      kr_secret_error_set (error, KR_SECRET_ERROR_NOT_FOUND, 0, NULL, _ ("'%s' is no broker's id"),
                           id);
      return NULL;
    }
  path = kr_secret_registry_get_path (id);

  g_mutex_lock (&mutex);
  if (loaded == NULL)
    loaded = g_hash_table_new (g_str_hash, g_str_equal);
  entry = g_hash_table_lookup (loaded, id);
  if (entry == NULL && access (path, F_OK) == 0 && (entry = open_plugin (id, path, &local)) != NULL)
    {
      entry->path = g_strdup (path);
      g_hash_table_insert (loaded, g_strdup (id), entry);
    }
  g_mutex_unlock (&mutex);

  if (entry != NULL && entry->plugin != NULL)
    {
      if (out_path != NULL)
        *out_path = g_strdup (entry->path);
      return entry->plugin;
    }
  if (entry != NULL || local != NULL)
    {
      g_autofree char *shown = g_filename_display_name (entry != NULL ? entry->path : path);

      kr_secret_error_set (error, KR_SECRET_ERROR_PLUGIN, 0, NULL, "%s: %s", shown,
                           entry != NULL ? entry->reason : local->message);
    }
  else
    kr_secret_error_set (error, KR_SECRET_ERROR_NOT_FOUND, 0, NULL,
                         _ ("there is no plugin for the broker '%s'"), id);
  return NULL;
}
