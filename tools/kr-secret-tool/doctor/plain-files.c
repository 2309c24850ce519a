/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "doctor/checks.h"

#include "plaintext/token-caches.h"
#include "terminal/text.h"

/* plain-files: keys and tokens that other programs leave in plain text in the home directory. Looks
 * only at known places, and wipes what it reads. A file with a key may be its only copy, so the
 * advice is to import it; only a file with nothing but a token is to be removed. */

/* Known files with keys; import knows those with tokens. */
static const struct
{
  const char *folder; /* in the home directory */
  const char *pattern;
  const char *program;
} places[] = {
  { "", "kis_devlp.yaml", "open-trading-api" },
  { "KIS/config", "kis_devlp.yaml", "open-trading-api" },
  { ".pykis", "*", "python-kis" },
};

static void
tell_of_key (Doctor *doctor, const char *path, const char *program, const Contents *look)
{
  g_autofree char *shown = text_path (path);
  g_autofree char *quoted = g_shell_quote (path);
  const char *from = look->format == PLAINTEXT_PYKIS ? "--from pykis " : "";

  findings_warn (doctor, g_strdup_printf ("kr-secret-tool import %s%s --shred", from, quoted),
                 _ ("%s: keys in plain text, left by %s"), shown, program);
}

static void
tell (
    Doctor *doctor, const char *path, const char *program, const Contents *look, gboolean is_cache)
{
  g_autofree char *shown = text_path (path);

  if (!look->long_word)
    return;
  if (look->holds == CONTENTS_HOLD_KEY)
    tell_of_key (doctor, path, program, look);
  else if (is_cache && look->holds == CONTENTS_HOLD_NO_KEY)
    findings_warn (doctor, findings_make_command ("shred -u --", path),
                   _ ("%s: a token in plain text, left by %s"), shown, program);
  else
    findings_warn (doctor, g_strdup (contents_get_advice ()),
                   _ ("%s: a token or key in plain text, left by %s"), shown, program);
}

static gboolean
is_cache_at (gconstpointer cache, gconstpointer path)
{
  return g_str_equal (((const TokenCache *) cache)->path, path);
}

static void
look_at_file (Doctor *doctor,
              const char *path,
              const char *program,
              const PlaintextBroker *brokers,
              GPtrArray *caches)
{
  g_autoptr (KeyFile) file = NULL;
  Contents look;

  if (g_ptr_array_find_with_equal_func (caches, path, is_cache_at, NULL))
    return;
  file = key_file_open (path, NULL);
  if (file == NULL)
    return;
  contents_look_at (file, brokers, &look);
  tell (doctor, path, program, &look, FALSE);
}

static void
look_for_keys (Doctor *doctor, const PlaintextBroker *brokers, GPtrArray *caches)
{
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *folder = g_build_filename (g_get_home_dir (), places[i].folder, NULL);
      g_autoptr (GDir) entries = g_dir_open (folder, 0, NULL);
      const char *name;

      while (entries != NULL && (name = g_dir_read_name (entries)) != NULL)
        if (g_pattern_match_simple (places[i].pattern, name))
          {
            g_autofree char *path = g_build_filename (folder, name, NULL);
            look_at_file (doctor, path, places[i].program, brokers, caches);
          }
    }
}

void
doctor_plain_files_check (Doctor *doctor)
{
  g_autoptr (GPtrArray) loaded = kr_secret_broker_list (NULL);
  g_autofree PlaintextBroker *brokers = plaintext_brokers_list (loaded);
  g_autoptr (GPtrArray) caches = token_caches_find (g_get_home_dir (), brokers);

  look_for_keys (doctor, brokers, caches);
  for (guint i = 0; i < caches->len; i++)
    {
      TokenCache *cache = caches->pdata[i];
      tell (doctor, cache->path, token_caches_get_program (cache), &cache->look, TRUE);
    }
  if (!findings_has_any (doctor))
    findings_ok (doctor, _ ("no plain-text key or token of the usual programs is left"));
}
