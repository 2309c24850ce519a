/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading a plugin's head from its file: right for a good one, and safe for any bytes. */
#include <string.h>

#include "plugin/kr-secret-elf-private.h"
#include "kr-secret-error.h"
#include "krsecret-plugin.h"

#define SYMBOL "kr_secret_plugin_good"
#define HEAD (G_STRUCT_OFFSET (KrSecretPlugin, name))

static guint8 *module;
static gsize module_length;

static gboolean
read_head (const guint8 *file, gsize length, gpointer out_head)
{
  g_autoptr (GError) error = NULL;
  guint8 head[HEAD];
  gboolean found;

  memset (head, 0xAA, sizeof head);
  found = kr_secret_elf_read_symbol (file, length, SYMBOL, head, sizeof head, &error);
  if (found)
    g_assert_no_error (error);
  else
    g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_PLUGIN);
  if (out_head != NULL)
    memcpy (out_head, head, sizeof head);
  return found;
}

static void
test_head_is_read (void)
{
  KrSecretPlugin plugin = { 0 };

  g_assert_true (read_head (module, module_length, &plugin));
  g_assert_cmpuint (plugin.abi, ==, KR_SECRET_PLUGIN_ABI);
  g_assert_cmpuint (plugin.size, ==, sizeof (KrSecretPlugin));
  g_assert_cmpstr (plugin.id, ==, "good");
}

static void
test_missing_symbol_is_named (void)
{
  guint8 head[HEAD];
  const char *const names[] = { "kr_secret_plugin_goo", "kr_secret_plugin_goods", "" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (
          kr_secret_elf_read_symbol (module, module_length, names[i], head, sizeof head, &error));
      g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_PLUGIN);
      g_assert_nonnull (strstr (error->message, names[i]));
    }
}

static void
test_more_than_the_symbol_has_is_refused (void)
{
  g_autofree guint8 *bytes = g_malloc (sizeof (KrSecretPlugin) + 1);
  g_autoptr (GError) error = NULL;

  g_assert_true (kr_secret_elf_read_symbol (module, module_length, SYMBOL, bytes,
                                            sizeof (KrSecretPlugin), NULL));
  g_assert_false (kr_secret_elf_read_symbol (module, module_length, SYMBOL, bytes,
                                             sizeof (KrSecretPlugin) + 1, &error));
  g_assert_error (error, KR_SECRET_ERROR, KR_SECRET_ERROR_PLUGIN);
}

static void
test_other_files_are_refused (void)
{
  g_autofree char *self = NULL;
  gsize length;

  g_assert_false (read_head (NULL, 0, NULL));
  g_assert_false (read_head ((const guint8 *) "#!/bin/sh\n", 10, NULL));
  g_assert_false (read_head ((const guint8 *) "\177ELF", 4, NULL));
  g_assert_true (g_file_get_contents ("/proc/self/exe", &self, &length, NULL));
  g_assert_false (read_head ((const guint8 *) self, length, NULL));
}

/* Each copy has a block of exactly its length, so that a sanitizer sees a byte too far. Near the
 * head and the tail every length is tried, in between only some. */
static void
test_every_truncation_is_safe (void)
{
  const gsize edge = 4096;

  for (gsize n = 0; n < module_length; n += n < edge || n + edge > module_length ? 1 : 37)
    {
      g_autofree guint8 *cut = g_memdup2 (module, n);

      read_head (cut, n, NULL);
    }
}

static void
flip (GRand *random, guint8 *bytes, gsize from, gsize to)
{
  gsize at = from + g_rand_int (random) % (to - from);

  bytes[at] = g_rand_boolean (random)
                  ? (guint8) g_rand_int (random)
                  : bytes[at] ^ (guint8) (1u << g_rand_int_range (random, 0, 8));
}

/* The headers matter most, so half of the changes go there. */
static void
test_random_damage_is_safe (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (20241106);
  g_autofree guint8 *damaged = g_memdup2 (module, module_length);
  guint64 sections;

  memcpy (&sections, module + 40, sizeof sections); /* e_shoff */
  g_assert_cmpuint (sections, <, module_length);
  for (int i = 0; i < 6000; i++)
    {
      memcpy (damaged, module, module_length);
      for (int n = g_rand_int_range (random, 1, 9); n > 0; n--)
        switch (g_rand_int_range (random, 0, 4))
          {
          case 0:
            flip (random, damaged, 0, 64);
            break;
          case 1:
            flip (random, damaged, sections, module_length);
            break;
          default:
            flip (random, damaged, 0, module_length);
          }
      read_head (damaged, module_length, NULL);
    }
}

int
main (int argc, char **argv)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  path = g_build_filename (g_getenv ("KR_TEST_FIXTURES"), "good.so", NULL);
  g_file_get_contents (path, (char **) &module, &module_length, &error);
  g_assert_no_error (error);
  g_test_add_func ("/elf/head-is-read", test_head_is_read);
  g_test_add_func ("/elf/missing-symbol-is-named", test_missing_symbol_is_named);
  g_test_add_func ("/elf/more-than-the-symbol-has-is-refused",
                   test_more_than_the_symbol_has_is_refused);
  g_test_add_func ("/elf/other-files-are-refused", test_other_files_are_refused);
  g_test_add_func ("/elf/every-truncation-is-safe", test_every_truncation_is_safe);
  g_test_add_func ("/elf/random-damage-is-safe", test_random_damage_is_safe);
  status = g_test_run ();
  g_free (module);
  return status;
}
