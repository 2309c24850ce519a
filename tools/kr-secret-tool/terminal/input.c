/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "terminal/input.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/kr-sensitive.h"
#include "terminal/report.h"
#include "terminal/prompt.h"
#include "terminal/text.h"

/* User input: keys, typed or as field=value lines, and the answer to "is it meant?". No message
 * ever repeats input: it may be a key in the wrong place. */

#define MAX_LINE 8192
#define MAX_PASSPHRASE 1024

typedef struct
{
  int fd;
  gint64 deadline; /* monotonic; 0: none */
  gsize start;     /* of the unread part of data */
  gsize end;
  char data[MAX_LINE + 1];
} Lines;

typedef struct
{
  KrSecretBroker *broker;
  GPtrArray *names; /* of const char *, owned by the fields */
  GPtrArray *values;
} Form;

static gboolean
refuse_unreadable (GError **error)
{
  return KR_SECRET_FAIL (error, KR_SECRET_ERROR_USAGE, _ ("the input cannot be read: %s"),
                         g_strerror (errno));
}

/* Prepares to read descriptor fd, or standard input if fd is -1. untyped and shown: why this is
 * impossible if it is a terminal. */
static gboolean
lines_open (Lines *self, Tool *tool, int fd, const char *untyped, const char *shown, GError **error)
{
  self->fd = fd >= 0 ? fd : STDIN_FILENO;
  if (tool->timeout > 0)
    self->deadline = g_get_monotonic_time () + (gint64) tool->timeout * G_USEC_PER_SEC;
  if (!isatty (self->fd))
    return TRUE;
  return KR_SECRET_FAIL (error, KR_SECRET_ERROR_USAGE, "%s", fd < 0 ? untyped : shown);
}

/* --timeout applies to this wait too. */
static gboolean
wait_for_line (Lines *self, GError **error)
{
  GPollFD input = { .fd = self->fd, .events = G_IO_IN };
  int n;

  if (self->deadline == 0)
    return TRUE;
  do
    {
      gint64 left = (self->deadline - g_get_monotonic_time ()) / 1000;

      n = g_poll (&input, 1, (int) CLAMP (left, 0, G_MAXINT));
    }
  while (n < 0 && errno == EINTR);
  if (n > 0)
    return TRUE;
  if (n < 0)
    return refuse_unreadable (error);
  return KR_SECRET_FAIL (error, KR_SECRET_ERROR_DEADLINE, _ ("the input did not come in time"));
}

/* Returns the number of bytes read, 0 at the end, -1 on error. */
static gssize
read_some (Lines *self, char *data, gsize size, GError **error)
{
  gssize n;

  do
    {
      if (!wait_for_line (self, error))
        return -1;
      n = read (self->fd, data, size);
    }
  while (n < 0 && errno == EINTR);
  if (n < 0)
    refuse_unreadable (error);
  return n;
}

/* Gets the next line without its newline. FALSE with no error at the end. */
static gboolean
next_line (Lines *self, char **out_line, gsize *out_length, GError **error)
{
  for (;;)
    {
      char *line = self->data + self->start;
      gsize length = self->end - self->start;
      char *newline = memchr (line, '\n', length);
      ssize_t n;

      if (newline != NULL)
        {
          *out_line = line;
          *out_length = (gsize) (newline - line);
          self->start += *out_length + 1;
          return TRUE;
        }
      memmove (self->data, line, length);
      self->start = 0;
      self->end = length;
      if (length == sizeof self->data)
        return KR_SECRET_FAIL (error, KR_SECRET_ERROR_USAGE, _ ("a line is too long"));
      n = read_some (self, self->data + length, sizeof self->data - length, error);
      if (n < 0)
        return FALSE;
      if (n == 0)
        {
          self->end = 0;
          *out_line = self->data;
          *out_length = length;
          return length > 0;
        }
      self->end += (gsize) n;
    }
}

static char *
accepted_names (KrSecretBroker *broker)
{
  GString *names = g_string_new (NULL);

  for (const KrSecretField *field = kr_secret_broker_get_fields (broker); field->name != NULL;
       field++)
    {
      g_string_append (names, names->len > 0 ? ", " : "");
      if (field->broker_name != NULL && !g_str_equal (field->broker_name, field->name))
        g_string_append_printf (names, _ ("%s (or %s)"), field->name, field->broker_name);
      else
        g_string_append (names, field->name);
    }
  return g_string_free (names, FALSE);
}

static gboolean
form_add (Form *self, const char *name, const char *value, gsize length, guint line, GError **error)
{
  const KrSecretField *field = kr_secret_broker_find_field (self->broker, name);

  if (field == NULL)
    {
      g_autofree char *names = accepted_names (self->broker);
      return KR_SECRET_FAIL (error, KR_SECRET_ERROR_USAGE,
                             _ ("line %u names no field of %s; it has %s"), line,
                             kr_secret_broker_get_id (self->broker), names);
    }
  if (g_ptr_array_find_with_equal_func (self->names, field->name, g_str_equal, NULL))
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_USAGE, _ ("line %u gives the field %s again"),
                           line, field->name);
  g_ptr_array_add (self->names, (char *) field->name);
  g_ptr_array_add (self->values, secret_value_new (value, (gssize) length, "text/plain"));
  return TRUE;
}

/* Takes one field=value line. */
static gboolean
form_add_line (Form *self, char *line, gsize length, guint number, GError **error)
{
  char *equals = memchr (line, '=', length);

  if (equals == NULL || memchr (line, '\0', length) != NULL)
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_USAGE, _ ("line %u is not field=value"), number);
  *equals = '\0';
  return form_add (self, g_strstrip (line), equals + 1, length - (gsize) (equals + 1 - line),
                   number, error);
}

static gboolean
form_read (Form *self, Lines *lines, GError **error)
{
  g_autoptr (GError) failure = NULL;
  char *line;
  gsize length;

  for (guint number = 1; next_line (lines, &line, &length, &failure); number++)
    {
      while (length > 0 && g_ascii_isspace (line[length - 1]))
        length--;
      if (length == 0)
        return TRUE;
      if (!form_add_line (self, line, length, number, error))
        return FALSE;
    }
  if (failure == NULL)
    return TRUE;
  return KR_SECRET_PASS (error, failure);
}

static gboolean
form_ask (Form *self, GError **error)
{
  g_autoptr (Prompt) prompt = prompt_open (FALSE);

  for (const KrSecretField *field = kr_secret_broker_get_fields (self->broker); field->name != NULL;
       field++)
    {
      g_autofree char *label = text_field (field);
      g_autofree char *question = g_strconcat (label, ": ", NULL);
      SecretValue *value = prompt_ask (prompt, question, error);

      if (value == NULL)
        return FALSE;
      g_ptr_array_add (self->names, (char *) field->name);
      g_ptr_array_add (self->values, value);
    }
  return TRUE;
}

static gboolean
form_fill (Form *self, Tool *tool, int fd, GError **error)
{
  Lines lines = { 0 };
  gboolean filled;

  if (fd < 0 && prompt_is_possible (tool))
    return form_ask (self, error);
  if (!lines_open (&lines, tool, fd, _ ("the keys have to be typed, and --no-input forbids asking"),
                   _ ("the descriptor is a terminal, which would show the keys"), error))
    return FALSE;
  filled = form_read (self, &lines, error);
  explicit_bzero (lines.data, sizeof lines.data);
  return filled;
}

/* Gets the broker's fields: from descriptor fd; if fd is -1, from the terminal, or from standard
 * input if it is not a terminal. */
KrSecretCredential *
input_read_credential (Tool *tool, KrSecretBroker *broker, int fd, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func (kr_sensitive_unref);
  g_autoptr (KrSecretCredential) credential = NULL;
  g_auto (GStrv) warnings = NULL;
  Form form = { broker, names, values };

  if (!form_fill (&form, tool, fd, error))
    return NULL;
  g_ptr_array_add (names, NULL);
  g_ptr_array_add (values, NULL);
  credential
      = kr_secret_broker_make_credential (broker, (const char *const *) names->pdata,
                                          (SecretValue *const *) values->pdata, &warnings, error);
  if (credential == NULL)
    return NULL;
  for (char **warning = warnings; warning != NULL && *warning != NULL; warning++)
    report_warning (tool, "%s", *warning);
  return g_steal_pointer (&credential);
}

static void
trim (char **text, gsize *length)
{
  for (; *length > 0 && g_ascii_isspace (**text); ++*text)
    --*length;
  while (*length > 0 && g_ascii_isspace ((*text)[*length - 1]))
    --*length;
}

/* Like read_token_line, for a typed token. */
static SecretValue *
ask_token (GError **error)
{
  g_autoptr (Prompt) prompt = prompt_open (FALSE);
  g_autoptr (SecretValue) typed = prompt_ask (prompt, _ ("token: "), error);
  gsize length;
  char *text;

  if (typed == NULL)
    return NULL;
  text = (char *) secret_value_get (typed, &length);
  trim (&text, &length);
  if (length > 0)
    return secret_value_new (text, (gssize) length, "text/plain");
  return KR_SECRET_FAIL_NULL (error, KR_SECRET_ERROR_USAGE, _ ("no token was typed"));
}

/* The input must be a single line. */
static SecretValue *
read_token_line (Lines *lines, GError **error)
{
  g_autoptr (GError) failure = NULL;
  SecretValue *value = NULL;
  char *line;
  gsize length;

  while (next_line (lines, &line, &length, &failure))
    {
      trim (&line, &length);
      if (length == 0)
        continue;
      if (value != NULL)
        {
          secret_value_unref (value);
          return KR_SECRET_FAIL_NULL (error, KR_SECRET_ERROR_USAGE,
                                      _ ("one line with one token is needed"));
        }
      value = secret_value_new (line, (gssize) length, "text/plain");
    }
  if (failure != NULL)
    {
      g_clear_pointer (&value, kr_sensitive_unref);
      g_propagate_error (error, g_steal_pointer (&failure));
    }
  else if (value == NULL)
    kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL,
                         _ ("no token was given; it is read from standard input"));
  return value;
}

/* Gets a token: from descriptor fd; if fd is -1, typed on the terminal, or from standard input if
 * it is not a terminal. */
SecretValue *
input_read_token (Tool *tool, int fd, GError **error)
{
  const char *why_not = _ ("the token has to be typed, and nobody may be asked");
  Lines lines = { 0 };
  SecretValue *value;

  if (fd < 0 && prompt_is_possible (tool))
    return ask_token (error);
  if (!lines_open (&lines, tool, fd, why_not, why_not, error))
    return NULL;
  value = read_token_line (&lines, error);
  explicit_bzero (lines.data, sizeof lines.data);
  return value;
}

/* Reads a whole file, or its first line with the newline. Reads byte by byte: the rest may be meant
 * for another program. */
static gboolean
read_text (Lines *from, gboolean whole, char *text, gsize size, gsize *out_length, GError **error)
{
  gsize length = 0;
  gssize n = 1;

  while (n > 0 && length < size && (whole || length == 0 || text[length - 1] != '\n'))
    {
      n = read_some (from, text + length, 1, error);
      if (n < 0)
        return FALSE;
      length += (gsize) n;
    }
  *out_length = length;
  return TRUE;
}

/* Takes ownership of value, which may be NULL. */
static SecretValue *
refuse_empty (SecretValue *value, GError **error)
{
  gsize length = 1;

  if (value != NULL)
    secret_value_get (value, &length);
  if (length > 0)
    return value;
  secret_value_unref (value);
  return KR_SECRET_FAIL_NULL (error, KR_SECRET_ERROR_USAGE,
                              _ ("an empty passphrase protects nothing"));
}

/* The passphrase without its line end, LF or CRLF. */
static SecretValue *
read_passphrase (Lines *from, gboolean whole, GError **error)
{
  char text[MAX_PASSPHRASE + sizeof "\r\n"]; /* one byte more than allowed */
  SecretValue *value = NULL;
  gsize length;

  if (read_text (from, whole, text, sizeof text, &length, error))
    {
      if (length > 0 && text[length - 1] == '\n')
        length -= length > 1 && text[length - 2] == '\r' ? 2 : 1;
      if (length > MAX_PASSPHRASE)
        kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL,
                             _ ("that is too long for a passphrase"));
      else
        value = secret_value_new (text, (gssize) length, "text/plain");
    }
  explicit_bzero (text, sizeof text);
  return refuse_empty (value, error);
}

SecretValue *
input_read_passphrase_file (int fd, GError **error)
{
  Lines from = { .fd = fd };

  return read_passphrase (&from, TRUE, error);
}

static SecretValue *
ask_passphrase (const char *question, gboolean twice, GError **error)
{
  g_autoptr (Prompt) prompt = prompt_open (FALSE);
  g_autoptr (SecretValue) first = prompt_ask (prompt, question, error);
  g_autoptr (SecretValue) second = NULL;

  if (first == NULL || !twice)
    return g_steal_pointer (&first);
  second = prompt_ask (prompt, _ ("the same again: "), error);
  if (second == NULL)
    return NULL;
  if (kr_sensitive_equal (first, second))
    return g_steal_pointer (&first);
  return KR_SECRET_FAIL_NULL (error, KR_SECRET_ERROR_USAGE, _ ("the two are not the same"));
}

SecretValue *
input_read_passphrase (Tool *tool, int fd, const char *question, gboolean twice, GError **error)
{
  Lines from = { 0 };

  if (fd < 0 && prompt_is_possible (tool))
    return refuse_empty (ask_passphrase (question, twice, error), error);
  if (!lines_open (&from, tool, fd,
                   _ ("the passphrase has to be typed, and --no-input forbids asking"),
                   _ ("the descriptor is a terminal, which would show the passphrase"), error))
    return NULL;
  return read_passphrase (&from, FALSE, error);
}
