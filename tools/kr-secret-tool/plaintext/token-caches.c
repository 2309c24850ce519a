/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plaintext/token-caches.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Where known programs leave their tokens: the broker's own samples, python-kis and mojito. Only
 * regular files of the user's count, and symbolic links on the way are not followed. */

/* Prefixes before a date in present and older samples. */
static const char *const kis_starts[] = { "KIS_prod_", "KIS_vps_", "KISprod", "KISvps", "KIS" };

static gsize
count_digits (const char *text)
{
  gsize n = 0;

  while (g_ascii_isdigit (text[n]))
    n++;
  return n;
}

/* KIS_20250131_1a2b3c4d.token */
static gboolean
is_token_name (const char *name)
{
  if (!g_str_has_prefix (name, "KIS_") || count_digits (name + 4) != 8 || name[12] != '_')
    return FALSE;
  for (name += 13; g_ascii_isxdigit (*name);)
    name++;
  return g_str_equal (name, ".token");
}

/* KIS20250131, with or without the time of day; but not KIS_devlp_20250131 or KIS20250131.xlsx,
 * which may hold something valuable. */
static gboolean
is_kis_name (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kis_starts); i++)
    {
      const char *date = name + strlen (kis_starts[i]);

      if (!g_str_has_prefix (name, kis_starts[i]))
        continue;
      if ((count_digits (date) == 8 && date[8] == '\0')
          || (count_digits (date) == 14 && date[14] == '\0'))
        return TRUE;
    }
  return is_token_name (name);
}

static gboolean
is_pykis_name (const char *name)
{
  return g_str_has_prefix (name, "token_") && g_str_has_suffix (name, ".json");
}

static const struct
{
  const char *folders[3]; /* below the home directory */
  gboolean (*is_name) (const char *name);
  const char *program;
} places[] = {
  { { "KIS", "config", NULL }, is_kis_name, "open-trading-api" },
  { { ".pykis", NULL }, is_pykis_name, "python-kis" },
  { { ".cache", "mojito2", NULL }, contents_is_pickle_name, "mojito" },
};

static void
token_cache_free (TokenCache *self)
{
  g_free (self->path);
  g_free (self->name);
  g_free (self);
}

/* Returns a descriptor, or -1. */
static int
open_folder (const char *home, const char *const *folders)
{
  int fd = open (home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  for (; fd >= 0 && *folders != NULL; folders++)
    {
      int next = openat (fd, *folders, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      close (fd);
      fd = next;
    }
  return fd;
}

/* Keeps nothing open: one program leaves a file for each day. */
static void
add_file (GPtrArray *caches,
          const PlaintextBroker *brokers,
          gsize place,
          const char *folder,
          int fd,
          const char *name)
{
  g_autoptr (KeyFile) file = key_file_open_at (fd, name, NULL);
  TokenCache *cache;

  if (file == NULL)
    return;
  cache = g_new0 (TokenCache, 1);
  cache->path = g_build_filename (folder, name, NULL);
  cache->name = g_strdup (name);
  cache->place = place;
  cache->seen = file->seen;
  contents_look_at (file, brokers, &cache->look);
  g_ptr_array_add (caches, cache);
}

static void
add_folder (GPtrArray *caches, const PlaintextBroker *brokers, const char *home, gsize place)
{
  const char *const *folders = places[place].folders;
  g_autofree char *below = g_strjoinv ("/", (char **) folders);
  g_autofree char *path = g_build_filename (home, below, NULL);
  int fd = open_folder (home, folders);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;
  struct dirent *entry;

  if (dir == NULL)
    {
      if (fd >= 0)
        close (fd);
      return;
    }
  while ((entry = readdir (dir)) != NULL)
    if (places[place].is_name (entry->d_name))
      add_file (caches, brokers, place, path, fd, entry->d_name);
  closedir (dir);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(TokenCache *const *) a)->path, (*(TokenCache *const *) b)->path);
}

GPtrArray *
token_caches_find (const char *home, const PlaintextBroker *brokers)
{
  GPtrArray *caches = g_ptr_array_new_with_free_func ((GDestroyNotify) token_cache_free);

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    add_folder (caches, brokers, home, i);
  g_ptr_array_sort (caches, compare);
  return caches;
}

const char *
token_caches_get_program (TokenCache *self)
{
  return places[self->place].program;
}

/* Destroys it if it is still the file that was found. */
gboolean
token_caches_shred (TokenCache *self, const char *home, GError **error)
{
  int fd = open_folder (home, places[self->place].folders);
  g_autoptr (KeyFile) file = key_file_open_at (fd, self->name, error);

  if (fd >= 0)
    close (fd);
  if (file == NULL)
    return FALSE;
  file->seen = self->seen;
  return key_file_check_shred (file, error) && key_file_shred (file, NULL, error);
}
