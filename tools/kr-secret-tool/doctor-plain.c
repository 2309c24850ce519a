/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "doctor.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* plain-files: keys and tokens that other programs leave in files anybody can read who gets at the
 * home directory. Only places that are known for it are looked at, and what is read is wiped. */

/* Keys of the brokers are longer than this, and no word of a template is. */
#define KEY_LENGTH 30
#define READ_MAX (64 * 1024)

typedef struct
{
  const char *folder; /* in the home directory */
  const char *pattern;
  const char *of; /* the program it belongs to */
  gboolean keys;  /* which import takes over; else tokens, or nothing import reads */
} Place;

static const Place places[] = {
  { "", "kis_devlp.yaml", "open-trading-api", TRUE },
  { "KIS/config", "kis_devlp.yaml", "open-trading-api", TRUE },
  { "KIS/config", "KIS????????", "open-trading-api", FALSE },
  { ".pykis", "*", "python-kis", FALSE },
  { ".cache/mojito2", "token.dat", "mojito", FALSE },
};

/* Whether a file has a word in it as long as a key. */
static gboolean
holds_key (const char *path)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
  g_autofree char *data = g_malloc (READ_MAX);
  ssize_t length = fd >= 0 ? read (fd, data, READ_MAX) : 0;
  guint run = 0, longest = 0;

  for (ssize_t i = 0; i < length; i++)
    {
      run = g_ascii_isalnum (data[i]) || strchr ("+/=_-", data[i]) != NULL ? run + 1 : 0;
      longest = MAX (longest, run);
    }
  explicit_bzero (data, READ_MAX);
  if (fd >= 0)
    close (fd);
  return longest >= KEY_LENGTH;
}

static void
look_at (Doctor *doctor, const Place *place, const char *path)
{
  struct stat st;
  g_autofree char *shown = doctor_shown (path);
  g_autofree char *quoted = g_shell_quote (path);

  if (lstat (path, &st) != 0 || !S_ISREG (st.st_mode) || !holds_key (path))
    return;
  if (place->keys)
    doctor_warn (doctor, g_strdup_printf ("kr-secret-tool import %s --shred", quoted),
                 _ ("%s: keys in plain text, left by %s"), shown, place->of);
  else
    doctor_warn (doctor, doctor_command ("shred -u --", path),
                 _ ("%s: a token or key in plain text, left by %s"), shown, place->of);
}

void
doctor_check_plain_files (Doctor *doctor)
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
            look_at (doctor, &places[i], path);
          }
    }
  if (!doctor_has_findings (doctor))
    doctor_ok (doctor, _ ("no plain-text key or token of the usual programs is left"));
}
