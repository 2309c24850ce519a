/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "keys.h"

#include <string.h>

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define BASE64 ALNUM "+/"
#define BASE64URL ALNUM "-_"

typedef struct
{
  const char *prefix;
  const char *alphabet;
  guint length;
  const char *suffix;
} Shape;

static const struct
{
  const char *broker;
  Shape appkey;
  Shape appsecret;
} shapes[] = {
  { "kis", { "PS", ALNUM, 36, "" }, { "", BASE64, 180, "=" } },
  { "kiwoom", { "", BASE64URL, 43, "" }, { "", BASE64URL, 43, "" } },
  { "ls", { "PS", ALNUM, 36, "" }, { "", ALNUM, 32, "" } },
};

static char *
derive (const Shape *shape, const char *broker, guint n, const char *field)
{
  GString *text = g_string_new (shape->prefix);
  gsize letters = strlen (shape->alphabet);
  gsize end = shape->length - strlen (shape->suffix);

  for (guint block = 0; text->len < end; block++)
    {
      g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
      g_autofree char *seed
          = g_strdup_printf ("kr-secret-simulator %s %u %s %u", broker, n, field, block);
      guint8 digest[32];
      gsize length = sizeof digest;

      g_checksum_update (checksum, (const guchar *) seed, -1);
      g_checksum_get_digest (checksum, digest, &length);
      for (gsize i = 0; i < length && text->len < end; i++)
        g_string_append_c (text, shape->alphabet[digest[i] % letters]);
    }
  g_string_append (text, shape->suffix);
  return g_string_free (text, FALSE);
}

void
sim_keys_make (const char *broker, guint n, char **out_appkey, char **out_appsecret)
{
  g_return_if_fail (n < SIM_N_KEYS);

  for (gsize i = 0; i < G_N_ELEMENTS (shapes); i++)
    if (strcmp (shapes[i].broker, broker) == 0)
      {
        *out_appkey = derive (&shapes[i].appkey, broker, n, "appkey");
        *out_appsecret = derive (&shapes[i].appsecret, broker, n, "appsecret");
        return;
      }
  g_assert_not_reached ();
}

GHashTable *
sim_keys_load (const char *broker)
{
  GHashTable *keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint n = 0; n < SIM_N_KEYS; n++)
    {
      char *appkey = NULL;
      char *appsecret = NULL;

      sim_keys_make (broker, n, &appkey, &appsecret);
      g_hash_table_insert (keys, appkey, appsecret);
    }
  return keys;
}
