/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-record.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "test-keyring.h"

/* The checksum as the library defines it: over the body, followed by 128 zeros. */
char *
test_record_new (const char *type, const char *body)
{
  static const guchar zeros[128] = { 0 };
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  g_checksum_update (checksum, (const guchar *) body, (gssize) strlen (body));
  g_checksum_update (checksum, zeros, sizeof zeros);
  return g_strdup_printf ("krsecret 1 %s %zu %s\n%s", type, strlen (body),
                          g_checksum_get_string (checksum), body);
}

static gboolean
is_of_key (const char *line, const char *key)
{
  return g_str_has_prefix (line, key) && line[strlen (key)] == '=';
}

char *
test_record_change (const char *data, gsize length, const char *key, const char *value)
{
  g_autofree char *text = g_strndup (data, length);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_auto (GStrv) words = g_strsplit (lines[0], " ", -1);
  g_autoptr (GString) body = g_string_new (NULL);

  g_assert_cmpuint (g_strv_length (words), ==, 5);
  for (gsize i = 1; lines[i] != NULL && *lines[i] != '\0'; i++)
    if (!is_of_key (lines[i], key))
      g_string_append_printf (body, "%s\n", lines[i]);
  if (value != NULL)
    g_string_append_printf (body, "%s=%s\n", key, value);
  return test_record_new (words[2], body->str);
}

void
test_item_change (const char *id, const char *kind, const char *key, const char *value)
{
  g_autoptr (GBytes) old = test_keyring_read (id, kind);
  gsize length;
  const char *data = g_bytes_get_data (old, &length);
  g_autofree char *changed = test_record_change (data, length, key, value);

  /* As the library writes it, so that a keyring without a password can be read back. */
  g_strdelimit (changed, "\n", '\x1e');
  g_strdelimit (changed, "\\", '\x1f');
  test_keyring_overwrite (id, kind, changed, -1);
}

void
test_token_set_times (const char *id, gint64 issued_at, gint64 expires_at)
{
  static const char kind[] = "krsecret-token";
  g_autofree char *issued = g_strdup_printf ("%" G_GINT64_FORMAT, issued_at);
  g_autofree char *expires = g_strdup_printf ("%" G_GINT64_FORMAT, expires_at);

  /* As if it had been stored before the machine started: the wall clock counts. */
  test_item_change (id, kind, "boot_id", NULL);
  test_item_change (id, kind, "issued_at", issued);
  test_item_change (id, kind, "expires_at", expires);
  test_item_change (id, kind, "broker_expires_at", expires);
}

static char *
ledger_path (const char *id)
{
  return g_build_filename (g_get_user_state_dir (), "krsecret", id, NULL);
}

/* In place, because a new file of that name would not carry the lock. */
static void
write_in_place (const char *path, const char *text)
{
  FILE *file = fopen (path, "r+e");

  g_assert_nonnull (file);
  g_assert_cmpuint (fwrite (text, 1, strlen (text), file), ==, strlen (text));
  g_assert_cmpint (fflush (file), ==, 0);
  g_assert_cmpint (ftruncate (fileno (file), (off_t) strlen (text)), ==, 0);
  fclose (file);
}

void
test_ledger_change (const char *id, const char *key, const char *value)
{
  g_autofree char *path = ledger_path (id);
  g_autofree char *old = NULL;
  g_autofree char *changed = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_file_get_contents (path, &old, &length, &error);
  g_assert_no_error (error);
  changed = test_record_change (old, length, key, value);
  write_in_place (path, changed);
}

void
test_ledger_end_wait (const char *id)
{
  test_ledger_change (id, "access.wait_ms", "0");
}
