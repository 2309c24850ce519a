/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plaintext/parse.h"

#include <glib/gi18n.h>
#include <string.h>

#include "kr-secret-fail.h"
#include "plaintext/readers.h"

/* Decodes the bytes of a file, and finds out the format. */

static gboolean
begins_with (const char *data, gsize length, const char *start)
{
  return length >= strlen (start) && memcmp (data, start, strlen (start)) == 0;
}

/* Whether the data is a Python pickle of protocol 0 to 5. Decodes nothing. */
gboolean
parse_is_pickle (const char *data, gsize length)
{
  /* Dictionaries, lists, tuples and objects in the protocols without a header. */
  static const char *const starts[] = { "(dp",
                                        "(lp",
                                        "(tp",
                                        "(d.",
                                        "(l.",
                                        "}q",
                                        "]q",
                                        ")q",
                                        "ccopy_reg\n",
                                        "ccopyreg\n",
                                        "cos\n",
                                        "cposix\n",
                                        "c__builtin__\n",
                                        "cbuiltins\n",
                                        "(i",
                                        "cdatetime\n" };

  if (length >= 2 && (guchar) data[0] == 0x80 && (guchar) data[1] <= 5)
    return TRUE;
  while (length > 0 && (data[length - 1] == '\n' || data[length - 1] == '\r'))
    length--;
  if (length == 0 || data[length - 1] != '.')
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (starts); i++)
    if (begins_with (data, length, starts[i]))
      return TRUE;
  return FALSE;
}

static gboolean
refuse (GError **error, const char *why)
{
  return KR_SECRET_FAIL (error, KR_SECRET_ERROR_USAGE, "%s", why);
}

/* What Windows calls "Unicode". */
static gboolean
is_utf16 (const char *data, gsize length)
{
  return begins_with (data, length, "\xFF\xFE") || begins_with (data, length, "\xFE\xFF");
}

/* Converts to UTF-8 without a byte order mark. */
static gboolean
decode (const PlaintextBytes *bytes, PlaintextBytes *out_text, GError **error)
{
  g_auto (PlaintextBytes) text = { 0 };
  const char *data = bytes->data;
  gsize length = bytes->length;

  if (length > PLAINTEXT_MAX_SIZE)
    return refuse (error, _ ("it is larger than 1 MiB; no file with keys is"));
  if (length == 0)
    return refuse (error, _ ("it is empty"));
  if (is_utf16 (data, length))
    {
      text.data = g_convert (data, (gssize) length, "UTF-8", "UTF-16", NULL, &text.length, NULL);
      if (text.data == NULL)
        return refuse (error, _ ("it is damaged UTF-16; save it as UTF-8"));
    }
  else
    {
      gsize mark = begins_with (data, length, "\xEF\xBB\xBF") ? 3 : 0;
      text.length = length - mark;
      text.data = g_malloc (text.length + 1);
      memcpy (text.data, data + mark, text.length);
      text.data[text.length] = '\0';
    }
  if (memchr (text.data, '\0', text.length) != NULL)
    return refuse (error, _ ("it has NUL bytes in it, so it is not text"));
  if (!g_utf8_validate_len (text.data, text.length, NULL))
    return refuse (error, _ ("it is not UTF-8 (it may be CP949); save it as UTF-8"));
  *out_text = text;
  text.data = NULL;
  return TRUE;
}

/* Decides by the first line with content: an object, NAME=value or name: value. */
static PlaintextFormat
guess_format (const char *data, gsize length)
{
  const char *end = data + length;

  while (data < end)
    {
      const char *newline = memchr (data, '\n', (gsize) (end - data));
      const char *stop = newline != NULL ? newline : end;

      while (data < stop && g_ascii_isspace (*data))
        data++;
      if (data < stop && *data == '{')
        return PLAINTEXT_PYKIS;
      if (data < stop && *data != '#' && *data != '%'
          && !begins_with (data, (gsize) (stop - data), "---"))
        for (; data < stop; data++)
          {
            if (*data == '=')
              return PLAINTEXT_ENV;
            if (*data == ':')
              return PLAINTEXT_KIS_YAML;
          }
      data = stop + 1;
    }
  return PLAINTEXT_AUTO;
}

FoundKeys *
parse_bytes (const PlaintextBytes *bytes,
             PlaintextFormat format,
             const PlaintextBroker *brokers,
             GError **error)
{
  g_auto (PlaintextBytes) text = { 0 };
  g_autoptr (FoundKeys) found = NULL;
  gboolean good = FALSE;

  if (parse_is_pickle (bytes->data, bytes->length))
    return KR_SECRET_FAIL_NULL (error, KR_SECRET_ERROR_USAGE,
                                _ ("it is a Python pickle, and opening one runs the code in it"));
  if (!decode (bytes, &text, error))
    return NULL;
  found = found_keys_new (brokers, format);
  if (format == PLAINTEXT_AUTO)
    format = guess_format (text.data, text.length);
  if (format == PLAINTEXT_AUTO)
    refuse (error, _ ("there is no setting in it"));
  else if (format == PLAINTEXT_KIS_YAML)
    good = plaintext_yaml_read (found, text.data, text.length, error);
  else if (format == PLAINTEXT_PYKIS)
    good = plaintext_json_read (found, text.data, text.length, error);
  else
    good = plaintext_env_read (found, text.data, text.length, error);
  if (!good)
    return NULL;
  found_keys_finish (found);
  return g_steal_pointer (&found);
}
