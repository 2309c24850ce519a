/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "doctor/doctor.h"

#include "plaintext/token-caches.h"

/* plain-files: keys and tokens that other programs leave in files anybody can read who gets at the
 * home directory. Only places that are known for it are looked at, and what is read is wiped. A
 * file with a key may be its only copy: it is imported; only what holds nothing but a token is
 * removed. */

/* Where keys are kept; where tokens are, import knows. */
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
tell_of_key (Doctor *doctor, const char *path, const char *program, const ImportLook *look)
{
  g_autofree char *shown = doctor_shown (path);
  g_autofree char *quoted = g_shell_quote (path);
  const char *from = look->format == IMPORT_PYKIS ? "--from pykis " : "";

  doctor_warn (doctor, g_strdup_printf ("kr-secret-tool import %s%s --shred", from, quoted),
               _ ("%s: keys in plain text, left by %s"), shown, program);
}

static void
tell (Doctor *doctor,
      const char *path,
      const char *program,
      const ImportLook *look,
      gboolean is_cache)
{
  g_autofree char *shown = doctor_shown (path);

  if (!look->long_word)
    return;
  if (look->holds == IMPORT_HOLDS_KEY)
    tell_of_key (doctor, path, program, look);
  else if (is_cache && look->holds == IMPORT_HOLDS_NO_KEY)
    doctor_warn (doctor, doctor_command ("shred -u --", path),
                 _ ("%s: a token in plain text, left by %s"), shown, program);
  else
    doctor_warn (doctor, g_strdup (import_look_get_advice ()),
                 _ ("%s: a token or key in plain text, left by %s"), shown, program);
}

static gboolean
is_cache_at (gconstpointer cache, gconstpointer path)
{
  return g_str_equal (((const ImportCache *) cache)->path, path);
}

static void
look_at_file (Doctor *doctor,
              const char *path,
              const char *program,
              const ImportBroker *brokers,
              GPtrArray *caches)
{
  g_autoptr (ImportFile) file = NULL;
  ImportLook look;

  if (g_ptr_array_find_with_equal_func (caches, path, is_cache_at, NULL))
    return;
  file = import_file_open (path, NULL);
  if (file == NULL)
    return;
  import_look_at (file, brokers, &look);
  tell (doctor, path, program, &look, FALSE);
}

static void
look_for_keys (Doctor *doctor, const ImportBroker *brokers, GPtrArray *caches)
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
doctor_check_plain_files (Doctor *doctor)
{
  g_autoptr (GPtrArray) loaded = kr_secret_broker_list (NULL);
  g_autofree ImportBroker *brokers = import_look_list_brokers (loaded);
  g_autoptr (GPtrArray) caches = import_caches_find (g_get_home_dir (), brokers);

  look_for_keys (doctor, brokers, caches);
  for (guint i = 0; i < caches->len; i++)
    {
      ImportCache *cache = caches->pdata[i];
      tell (doctor, cache->path, import_cache_get_program (cache), &cache->look, TRUE);
    }
  if (!doctor_has_findings (doctor))
    doctor_ok (doctor, _ ("no plain-text key or token of the usual programs is left"));
}
