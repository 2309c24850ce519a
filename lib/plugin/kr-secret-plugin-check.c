/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plugin/kr-secret-plugin-check-private.h"

#include <string.h>

#include "base/kr-secret-error-private.h"
#include "common/kr-intl.h"
#include "plugin/kr-secret-elf-private.h"
#include "plugin/kr-secret-plugin-check-table-private.h"

#define DAY_MINUTES (24 * 60)

/* Checks what can be read before any of it runs: a plugin, for this library, with this id. */
gboolean
kr_secret_plugin_check_file (int fd, const char *id, const char *symbol, GError **error)
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
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_PLUGIN,
                           _ ("is not a shared object for this machine"));
  if (!kr_secret_elf_read_symbol ((const guint8 *) g_mapped_file_get_contents (file),
                                  g_mapped_file_get_length (file), symbol, &head, sizeof head,
                                  error))
    return FALSE;
  if (head.abi != KR_SECRET_PLUGIN_ABI)
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_PLUGIN,
                           _ ("is made for plugin interface %u; %u is expected"), head.abi,
                           KR_SECRET_PLUGIN_ABI);
  if (head.size != sizeof (KrSecretPlugin))
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_PLUGIN,
                           _ ("has a structure of %u bytes; %zu bytes are expected"), head.size,
                           sizeof (KrSecretPlugin));
  if (memchr (head.id, '\0', sizeof head.id) == NULL || !g_str_equal (head.id, id))
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_PLUGIN, _ ("says it is '%.*s'; '%s' is expected"),
                           (int) sizeof head.id, head.id, id);
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

/* Checks what only a loaded plugin shows. */
gboolean
kr_secret_plugin_check_loaded (const KrSecretPlugin *plugin, GError **error)
{
  for (const KrSecretField *field = plugin->fields; field != NULL && field->name != NULL; field++)
    if (field->broker_name == NULL || field->label == NULL || field->label_ko == NULL)
      return KR_SECRET_FAIL (error, KR_SECRET_ERROR_PLUGIN,
                             _ ("has a field without a name or label"));
  if (plugin->traits.death_time > DAY_MINUTES)
    return KR_SECRET_FAIL (
        error, KR_SECRET_ERROR_PLUGIN,
        _ ("names a time of day that does not exist; 0, or 1 to 1440 minutes, is expected"));
  if (plugin->name == NULL || plugin->name_ko == NULL || plugin->fields == NULL
      || plugin->fields[0].name == NULL || plugin->codes == NULL)
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_PLUGIN, _ ("lacks a part that every plugin has"));
  if (plugin->real_uri == NULL || !is_base_uri (plugin->real_uri)
      || (plugin->paper_uri != NULL && !is_base_uri (plugin->paper_uri)))
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_PLUGIN,
                           _ ("names a host that is not of the form https://HOST[:PORT]"));
  return kr_secret_plugin_check_table (plugin, error);
}
