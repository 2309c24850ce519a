/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "backups.h"

#include <string.h>

#include "test-keyring.h"
#include "test-record.h"

char *
backups_path (const char *folder, const char *name)
{
  return g_build_filename (folder, name, NULL);
}

char *
backups_make (World *world, const char *folder)
{
  char *path = backups_path (folder, "a.backup");

  test_run_free (backups_save (world, 0, path));
  return path;
}

guint
backups_count_files (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

char *
backups_read (const char *path, gsize *out_length)
{
  g_autoptr (GError) error = NULL;
  char *data = NULL;

  g_file_get_contents (path, &data, out_length, &error);
  g_assert_no_error (error);
  return data;
}

char *
backups_dump_keyring (World *world)
{
  g_autoptr (TestRun) ran = tool (world, 0, "list", "--json");
  g_autoptr (JsonObject) whole = document (ran);
  JsonArray *accounts = json_object_get_array_member (whole, "accounts");
  GString *dump = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (accounts); i++)
    {
      JsonObject *account = json_array_get_object_element (accounts, i);
      const char *id = json_object_get_string_member (account, "id");
      g_autoptr (GBytes) record = test_keyring_read (id, BACKUPS_ACCOUNT);
      g_autofree char *timeless = test_record_change (
          g_bytes_get_data (record, NULL), g_bytes_get_size (record), "created_at", NULL);

      g_string_append_printf (dump, "%s\n%s", id, timeless);
    }
  return g_string_free (dump, FALSE);
}

void
backups_check_keyring (World *world, const char *before)
{
  g_autofree char *now = backups_dump_keyring (world);

  g_assert_cmpstr (now, ==, before);
}

void
backups_type (Terminal *terminal, const char *prompt, const char *line)
{
  terminal_expect (terminal, prompt);
  terminal_wait_for_no_echo (terminal);
  terminal_type (terminal, line);
}

/* The only account in a document with this alias. */
static JsonObject *
find_account (JsonObject *whole, const char *alias)
{
  JsonArray *accounts = json_object_get_array_member (whole, "accounts");

  for (guint i = 0; i < json_array_get_length (accounts); i++)
    {
      JsonObject *account = json_array_get_object_element (accounts, i);

      if (g_str_equal (json_object_get_string_member (account, "alias"), alias))
        return account;
    }
  test_fail ("no account '%s' in the document", alias);
}

void
backups_check_result (JsonObject *whole,
                      const char *alias,
                      const char *result,
                      const char *conflict_with)
{
  JsonObject *account = find_account (whole, alias);

  check_members (account, "id alias broker environment result conflict_with");
  g_assert_cmpstr (json_object_get_string_member (account, "result"), ==, result);
  if (conflict_with == NULL)
    g_assert_true (json_object_get_null_member (account, "conflict_with"));
  else
    g_assert_cmpstr (json_object_get_string_member (account, "conflict_with"), ==, conflict_with);
}
