/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "doctor/checks.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/kr-secret-trusted-file-private.h"
#include "issue/kr-secret-issuer-private.h"
#include "plugin/kr-secret-registry-private.h"
#include "terminal/text.h"

/* Files that others must not read or write: ledger, keyrings, and code with access to the keys. */

/* The ledger's common file; the others are named after an account's id. */
#define LEDGER_OF_ALL "accounts"

/* The start of an unencrypted keyring file. */
#define PLAIN_START "[keyring]"

static char *
get_keyrings_directory (void)
{
  return g_build_filename (g_get_user_data_dir (), "keyrings", NULL);
}

/* The file of a keyring, after the last part of its D-Bus path, where _20 stands for a blank. */
static char *
find_keyring_file (const char *collection)
{
  g_autofree char *directory = get_keyrings_directory ();
  const char *name = strrchr (collection, '/') + 1;
  GString *file = g_string_new (NULL);
  g_autofree char *owned = NULL;

  for (const char *p = name; *p != '\0'; p++)
    if (*p == '_' && g_ascii_isxdigit (p[1]) && g_ascii_isxdigit (p[2]))
      {
        g_string_append_c (file,
                           (char) (g_ascii_xdigit_value (p[1]) * 16 + g_ascii_xdigit_value (p[2])));
        p += 2;
      }
    else
      g_string_append_c (file, *p);
  g_string_append (file, ".keyring");
  owned = g_string_free (file, FALSE);
  return strchr (owned, '/') == NULL ? g_build_filename (directory, owned, NULL) : NULL;
}

/* Reads only the first bytes: secrets follow in an unencrypted file. */
static gboolean
is_plain (const char *path)
{
  char start[sizeof PLAIN_START - 1];
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  ssize_t n = fd >= 0 ? read (fd, start, sizeof start) : -1;

  if (fd >= 0)
    close (fd);
  return n == (ssize_t) sizeof start && memcmp (start, PLAIN_START, sizeof start) == 0;
}

/* Whether the default keyring's file is unencrypted; FALSE if unknown. *out_path is set if the file
 * exists. */
static gboolean
is_plain_keyring (Doctor *doctor, char **out_path)
{
  g_autofree char *path
      = doctor->collection != NULL ? find_keyring_file (doctor->collection) : NULL;

  if (path == NULL || !g_file_test (path, G_FILE_TEST_EXISTS))
    return FALSE;
  *out_path = g_steal_pointer (&path);
  return is_plain (*out_path);
}

void
doctor_files_check_password (Doctor *doctor)
{
  g_autofree char *path = NULL;
  gboolean plain = is_plain_keyring (doctor, &path);
  g_autofree char *shown = path != NULL ? text_path (path) : NULL;

  if (doctor->collection == NULL)
    findings_skip (doctor, _ ("which keyring is the default one is not known"));
  else if (path == NULL)
    findings_skip (doctor, _ ("the default keyring is not a file of gnome-keyring"));
  else if (plain)
    findings_warn (
        doctor,
        g_strdup (_ ("set a password in Passwords and Keys (seahorse): 'Change Password' "
                     "of that keyring")),
        _ ("the default keyring has a blank password: its keys are plain text in %s"), shown);
  else
    findings_ok (doctor, _ ("the default keyring is encrypted on disk"));
}

static void
fail (Doctor *doctor, char *fix, const char *path, const char *what)
{
  g_autofree char *shown = text_path (path);

  findings_fail (doctor, KR_SECRET_ERROR_DAMAGED, fix, "%s: %s", shown, what);
}

/* Moves the file away instead of deleting it: we do not know whose it is, or what for. */
static char *
move_away (const char *path)
{
  g_autofree char *command = findings_make_command ("mv --", path);
  g_autofree char *name = g_strconcat (path, "~", NULL);

  return findings_make_command (command, name);
}

/* Checks the type and the owner. */
static gboolean
check_kind (Doctor *doctor, const char *path, const struct stat *st, mode_t format)
{
  if (S_ISLNK (st->st_mode))
    fail (doctor, move_away (path), path, _ ("is a symbolic link"));
  else if ((st->st_mode & S_IFMT) != format)
    fail (doctor, move_away (path), path,
          format == S_IFDIR ? _ ("is not a directory") : _ ("is not a regular file"));
  else if (st->st_uid != geteuid ())
    fail (doctor, findings_make_command ("sudo chown -- \"$USER\"", path), path,
          _ ("belongs to another user"));
  else
    return TRUE;
  return FALSE;
}

/* The library refuses a part of the ledger that fails these checks. */
static gboolean
check_private (Doctor *doctor, const char *path, const struct stat *st, mode_t format)
{
  gboolean directory = format == S_IFDIR;

  if (!check_kind (doctor, path, st, format))
    return FALSE;
  if ((st->st_mode & 077) != 0)
    fail (doctor, findings_make_command (directory ? "chmod 700 --" : "chmod 600 --", path), path,
          directory ? _ ("is open to others; mode 0700 is expected")
                    : _ ("is open to others; mode 0600 is expected"));
  else if (!directory && st->st_nlink > 1)
    fail (doctor, move_away (path), path, _ ("has a second name (hard link)"));
  return TRUE;
}

/* Whether the library opens a file of this name. Others are no concern of ours. */
static gboolean
is_ours (const char *name)
{
  return g_str_equal (name, LEDGER_OF_ALL) || g_uuid_string_is_valid (name);
}

static void
check_ledger (Doctor *doctor)
{
  g_autofree char *directory = g_build_filename (g_get_user_state_dir (), "krsecret", NULL);
  g_autoptr (GDir) entries = NULL;
  struct stat st;
  const char *name;

  /* The first account creates it. */
  if (lstat (directory, &st) != 0 || !check_private (doctor, directory, &st, S_IFDIR))
    return;
  entries = g_dir_open (directory, 0, NULL);
  while (entries != NULL && (name = g_dir_read_name (entries)) != NULL)
    {
      g_autofree char *path = g_build_filename (directory, name, NULL);
      if (is_ours (name) && lstat (path, &st) == 0)
        check_private (doctor, path, &st, S_IFREG);
    }
}

/* A file of gnome-keyring's, or its directory. Reading is harmless while it is encrypted. A
 * symbolic link is the user's own choice. */
static void
check_keyring (Doctor *doctor, const char *path, gboolean directory)
{
  struct stat st;
  mode_t wanted = directory ? 0700 : 0600;
  const char *command = directory ? "chmod 700 --" : "chmod 600 --";
  g_autofree char *shown = text_path (path);

  if (stat (path, &st) != 0)
    return;
  if (st.st_uid != geteuid ())
    fail (doctor, findings_make_command ("sudo chown -- \"$USER\"", path), path,
          _ ("belongs to another user"));
  else if ((st.st_mode & 022) != 0)
    fail (doctor, findings_make_command (command, path), path, _ ("can be written by others"));
  else if ((st.st_mode & 044) != 0 && !directory && is_plain (path))
    fail (doctor, findings_make_command (command, path), path,
          _ ("is plain text and can be read by others"));
  else if ((st.st_mode & 077) != 0)
    findings_warn (doctor, findings_make_command (command, path),
                   _ ("%s: is open to others; mode %04o is expected"), shown, wanted);
}

static void
check_keyrings (Doctor *doctor)
{
  g_autofree char *directory = get_keyrings_directory ();
  g_autoptr (GDir) entries = g_dir_open (directory, 0, NULL);
  const char *name;

  check_keyring (doctor, directory, TRUE);
  while (entries != NULL && (name = g_dir_read_name (entries)) != NULL)
    if (g_str_has_suffix (name, ".keyring") || g_str_has_suffix (name, ".keystore"))
      {
        g_autofree char *path = g_build_filename (directory, name, NULL);
        check_keyring (doctor, path, FALSE);
      }
}

/* Code that runs with access to the keys, and why it must not run. st: NULL if it does not exist.
 * Only the mode and the owner can be fixed. */
static void
fail_code (Doctor *doctor, const char *path, const struct stat *st, const char *why)
{
  g_autofree char *shown = text_path (path);
  g_autofree char *chmod = NULL;
  char *fix;

  if (st == NULL || (!S_ISREG (st->st_mode) && !S_ISDIR (st->st_mode)))
    fix = g_strdup (_ ("install libkrsecret again"));
  else if (st->st_uid != 0 && st->st_uid != geteuid ())
    fix = findings_make_command ("sudo chown root --", path);
  else
    {
      chmod = g_strconcat (st->st_uid == geteuid () ? "" : "sudo ", "chmod ",
                           (st->st_mode & 022) != 0 ? "go-w" : "a+r", " --", NULL);
      fix = findings_make_command (chmod, path);
    }
  findings_fail (doctor, KR_SECRET_ERROR_PLUGIN, fix, "%s: %s", shown, why);
}

/* Whether the library would run it. The message is the library's. */
static void
check_code (Doctor *doctor, const char *path)
{
  g_autoptr (GError) error = NULL;
  int fd = kr_secret_trusted_file_open (path, &error);
  struct stat st;

  if (fd >= 0)
    close (fd);
  else
    fail_code (doctor, path, lstat (path, &st) == 0 ? &st : NULL, error->message);
}

/* Write access to the directory allows a plugin to be replaced. */
static void
check_plugin_directory (Doctor *doctor, const char *path)
{
  struct stat st;

  if (stat (path, &st) != 0)
    fail_code (doctor, path, NULL, g_strerror (errno));
  else if (st.st_uid != 0 && st.st_uid != geteuid ())
    fail_code (doctor, path, &st, _ ("belongs to another user"));
  else if ((st.st_mode & 022) != 0)
    fail_code (doctor, path, &st, _ ("can be written by others"));
}

/* The clock check would also notice a missing helper, but only if there is an account. */
static void
check_all_code (Doctor *doctor)
{
  const char *plugins = kr_secret_registry_get_directory ();
  g_autoptr (GDir) entries = g_dir_open (plugins, 0, NULL);
  g_autofree char *helper = kr_secret_issuer_get_helper_path ();
  const char *name;

  check_code (doctor, helper);
  check_plugin_directory (doctor, plugins);
  while (entries != NULL && (name = g_dir_read_name (entries)) != NULL)
    if (g_str_has_suffix (name, ".so"))
      {
        g_autofree char *path = g_build_filename (plugins, name, NULL);
        check_code (doctor, path);
      }
}

void
doctor_files_check (Doctor *doctor)
{
  check_ledger (doctor);
  check_keyrings (doctor);
  check_all_code (doctor);
  if (!findings_has_any (doctor))
    findings_ok (doctor, _ ("ledger, keyring, plugins and helper are closed to others"));
}
