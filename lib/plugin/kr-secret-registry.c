/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/kr-secret-registry-private.h"

#include <gio/gio.h>
#include <gmodule.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/kr-secret-error-private.h"
#include "common/kr-intl.h"
#include "base/kr-secret-trusted-file-private.h"
#include "common/kr-language.h"
#include "plugin/kr-secret-plugin-check-private.h"

#define SUFFIX ".so"

/* A file that was loaded. It stays loaded, so a refusal after that is final too. */
typedef struct
{
  const KrSecretPlugin *plugin; /* NULL: refused */
  char *path;
  char *reason;
} Loaded;

static GMutex mutex;
static GHashTable *loaded; /* id -> Loaded; guarded by the mutex */

/* The environment does not count in a set-user-ID program. */
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

/* Loads through the descriptor that was checked. It stays open: the dynamic loader and GModule know
 * objects by name, and the next one must not get the same number. NULL if nothing was loaded. */
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
  else if (kr_secret_plugin_check_loaded (address, &local))
    loaded_now->plugin = address;
  else
    loaded_now->reason = g_strdup (local->message);
  return loaded_now;
}

/* Returns NULL if nothing of the file has run; then the next call tries again. */
static Loaded *
open_plugin (const char *id, const char *path, GError **error)
{
  g_autofree char *symbol = g_strconcat ("kr_secret_plugin_", id, NULL);
  int fd = kr_secret_trusted_file_open (path, error);

  if (fd < 0)
    return NULL;
  kr_language_bind (); /* our plugins' messages are in the same catalog */
  if (kr_secret_plugin_check_file (fd, id, symbol, error))
    return load (fd, symbol, error);
  close (fd);
  return NULL;
}

/* Fails with NOT_FOUND if there is no such plugin, with PLUGIN and the reason if it is refused. */
const KrSecretPlugin *
kr_secret_registry_find (const char *id, char **out_path, GError **error)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) local = NULL;
  Loaded *entry;

  if (!is_id (id))
    return KR_SECRET_FAIL_NULL (error, KR_SECRET_ERROR_NOT_FOUND,
                                _ ("'%s' is not the id of a broker"), id);
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
