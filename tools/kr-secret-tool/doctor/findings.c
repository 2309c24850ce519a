/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "doctor/findings.h"

#include "common/kr-text.h"

/* A check's findings beyond this number are only counted. */
#define MAX_FINDINGS 8

static void
finding_free (gpointer data)
{
  Finding *self = data;

  g_free (self->message);
  g_free (self->fix);
  g_free (self);
}

GPtrArray *
findings_new (void)
{
  return g_ptr_array_new_with_free_func (finding_free);
}

void
findings_add (Doctor *doctor, DoctorStatus status, int code, char *fix, const char *format, ...)
{
  g_autofree char *message = NULL;
  Finding *finding = g_new0 (Finding, 1);
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  if (fix == NULL && status >= DOCTOR_WARNING)
    fix = g_strdup (_ ("try again, with more time: kr-secret-tool doctor --timeout 30"));
  finding->status = status;
  finding->code = code;
  finding->message = kr_text_printable (message);
  finding->fix = fix != NULL ? kr_text_printable (fix) : NULL;
  g_free (fix);
  g_ptr_array_add (doctor->findings, finding);
}

gboolean
findings_has_any (Doctor *doctor)
{
  return doctor->findings->len > 0;
}

char *
findings_make_command (const char *command, const char *path)
{
  g_autofree char *quoted = g_shell_quote (path);

  return g_strdup_printf ("%s %s", command, quoted);
}

const Finding *
findings_get_worst (GPtrArray *findings)
{
  const Finding *worst = findings->pdata[0];

  for (guint i = 1; i < findings->len; i++)
    {
      const Finding *finding = findings->pdata[i];

      if (finding->status > worst->status)
        worst = finding;
    }
  return worst;
}

static int
compare_findings (gconstpointer a, gconstpointer b)
{
  const Finding *one = *(Finding *const *) a;
  const Finding *other = *(Finding *const *) b;

  return (int) other->status - (int) one->status;
}

void
findings_shorten (Doctor *doctor)
{
  guint surplus;

  g_ptr_array_sort (doctor->findings, compare_findings); /* stable */
  if (doctor->findings->len <= MAX_FINDINGS)
    return;
  surplus = doctor->findings->len - (MAX_FINDINGS - 1);
  g_ptr_array_set_size (doctor->findings, MAX_FINDINGS - 1);
  findings_warn (doctor, g_strdup (_ ("fix these, then run 'kr-secret-tool doctor' again")),
                 ngettext ("and %u more", "and %u more", surplus), surplus);
}

char *
findings_join (GPtrArray *findings, gboolean fixes)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();

  for (guint i = 0; i < findings->len; i++)
    {
      const Finding *finding = findings->pdata[i];
      char *part = fixes ? finding->fix : finding->message;

      if (part != NULL && !g_ptr_array_find_with_equal_func (parts, part, g_str_equal, NULL))
        g_ptr_array_add (parts, part);
    }
  if (parts->len == 0)
    return NULL;
  g_ptr_array_add (parts, NULL);
  return g_strjoinv (fixes ? "\n" : "; ", (char **) parts->pdata);
}
