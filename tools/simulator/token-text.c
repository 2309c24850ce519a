/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "token-text.h"

#include <string.h>

static char *
base64url (const void *data, gsize length)
{
  char *text = g_base64_encode (data, length);

  g_strdelimit (text, "+", '-');
  g_strdelimit (text, "/", '_');
  text[strcspn (text, "=")] = '\0';
  return text;
}

static char *
random_base64url (gsize words)
{
  g_autofree guint32 *noise = g_new (guint32, words);

  for (gsize i = 0; i < words; i++)
    noise[i] = g_random_int ();
  return base64url (noise, words * sizeof *noise);
}

char *
sim_token_text_jwt (const char *appkey, gint64 issued_at, gint64 expires_at)
{
  g_autofree char *id = g_uuid_string_random ();
  g_autofree char *claims = g_strdup_printf (
      "{\"sub\":\"token\",\"aud\":\"%s\",\"iss\":\"unogw\",\"exp\":%" G_GINT64_FORMAT
      ",\"iat\":%" G_GINT64_FORMAT ",\"jti\":\"%s\"}",
      id, expires_at, issued_at, appkey);
  static const char kind[] = "{\"typ\":\"JWT\",\"alg\":\"HS512\"}";
  g_autofree char *first = base64url (kind, strlen (kind));
  g_autofree char *second = base64url (claims, strlen (claims));
  /* The signature cannot be checked without the broker's key, so noise will do. */
  g_autofree char *third = random_base64url (16);

  return g_strjoin (".", first, second, third, NULL);
}

char *
sim_token_text_opaque (void)
{
  return random_base64url (16);
}
