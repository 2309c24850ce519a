/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "terminal/confirm.h"

#include "terminal/prompt.h"

/* Returns the answer, or NULL if there is none or nobody to ask. */
static char *
ask (Tool *tool, const char *question, const char *why_not, GError **error)
{
  g_autoptr (Prompt) prompt = NULL;
  g_autoptr (SecretValue) answer = NULL;

  if (!prompt_is_possible (tool))
    return KR_SECRET_FAIL_NULL (error, KR_SECRET_ERROR_DECLINED, "%s", why_not);
  prompt = prompt_open (TRUE);
  answer = prompt_ask (prompt, question, error);
  if (answer == NULL)
    return NULL;
  return g_strstrip (g_utf8_make_valid (secret_value_get (answer, NULL), -1));
}

gboolean
confirm_alias (Tool *tool, const char *question, const char *alias, GError **error)
{
  g_autofree char *text = ask (
      tool, question, _ ("this is a real account, and nobody can be asked to confirm it"), error);
  g_autofree char *typed = text != NULL ? kr_secret_alias_normalize (text, NULL) : NULL;

  if (g_strcmp0 (typed, alias) == 0)
    return TRUE;
  if (text != NULL)
    kr_secret_error_set (error, KR_SECRET_ERROR_DECLINED, 0, NULL, _ ("that is not the alias"));
  return FALSE;
}

static gboolean
means_yes (const char *answer)
{
  g_autofree char *small = g_utf8_strdown (answer, -1);

  return g_str_equal (small, "y") || g_str_equal (small, "yes") || g_str_equal (small, "예")
         || g_str_equal (small, "네") || g_str_equal (small, "ㅇ");
}

gboolean
confirm_yes (Tool *tool, const char *question, GError **error)
{
  g_autofree char *whole = g_strdup_printf (_ ("%s [y/N] "), question);
  g_autofree char *text = NULL;

  if (tool->yes)
    return TRUE;
  text = ask (tool, whole, _ ("nobody can be asked to confirm it"), error);
  if (text != NULL && means_yes (text))
    return TRUE;
  if (text != NULL)
    kr_secret_error_set (error, KR_SECRET_ERROR_DECLINED, 0, NULL, _ ("the answer was no"));
  return FALSE;
}
