/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "accounts/unlocking.h"

#include "terminal/input.h"
#include "terminal/json.h"
#include "terminal/progress.h"
#include "terminal/report.h"
#include "terminal/prompt.h"

/* Unlocking: who is asked for the keyring's password, and where. */

/* How long to wait for a prompt of the desktop. The user has to type, and perhaps to find it. */
#define PROMPT_MS (2 * 60 * 1000)

/* A prompt would appear on the desktop, which is elsewhere for a user of ssh. */
static gboolean
has_desktop (void)
{
  return g_getenv ("DISPLAY") != NULL || g_getenv ("WAYLAND_DISPLAY") != NULL;
}

static gboolean
unlock_with (Tool *tool, KrSecretClient *client, SecretValue *password, GError **error)
{
  const guint timeout = kr_secret_client_get_timeout (client);
  gboolean unlocked;

  if (password == NULL && tool->timeout == 0)
    kr_secret_client_set_timeout (client, PROMPT_MS);
  progress_begin (tool, "%s",
                  password == NULL ? _ ("waiting for the desktop's prompt to be answered")
                                   : _ ("unlocking the keyring"));
  unlocked = kr_secret_client_unlock (client, password, NULL, error);
  progress_end ();
  kr_secret_client_set_timeout (client, timeout);
  return unlocked;
}

/* Asks on the terminal, but not for ever: the user may have left. */
static SecretValue *
ask_password (Tool *tool, GError **error)
{
  g_autoptr (Prompt) prompt = prompt_open (FALSE);
  g_autoptr (SecretValue) password = NULL;
  gsize length;

  prompt_set_timeout (prompt, tool->timeout > 0 ? tool->timeout * 1000 : PROMPT_MS);
  password = prompt_ask (prompt, _ ("Password of the keyring: "), error);
  if (password == NULL)
    return NULL;
  secret_value_get (password, &length);
  if (length > 0)
    return g_steal_pointer (&password);
  return KR_SECRET_FAIL_NULL (error, KR_SECRET_ERROR_USAGE, _ ("no password was typed"));
}

gboolean
unlocking_run (Tool *tool, KrSecretClient *client, int fd, GError **error)
{
  g_autoptr (SecretValue) password = NULL;

  if (fd < 0 && tool->no_input)
    return KR_SECRET_FAIL (error, KR_SECRET_ERROR_LOCKED,
                           _ ("nobody may be asked for its password (--no-input)"));
  if (fd < 0 && (has_desktop () || !prompt_is_possible (tool)))
    return unlock_with (tool, client, NULL, error);
  if (fd < 0)
    password = ask_password (tool, error);
  else
    password = input_read_passphrase (tool, fd, "", FALSE, error);
  return password != NULL && unlock_with (tool, client, password, error);
}

gboolean
unlocking_offer (Tool *tool, KrSecretClient *client, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (!g_error_matches (*error, KR_SECRET_ERROR, KR_SECRET_ERROR_LOCKED)
      || !prompt_is_possible (tool))
    return FALSE;
  report_note (tool, "%s",
               has_desktop () ? _ ("the keyring is locked; the desktop asks for its password")
                              : _ ("the keyring is locked, and there is no desktop to ask for its "
                                   "password"));
  if (unlocking_run (tool, client, -1, &local))
    {
      g_clear_error (error);
      return TRUE;
    }
  g_error_free (*error);
  *error = g_steal_pointer (&local);
  return FALSE;
}

gboolean
unlocking_check_keyring (Tool *tool, KrSecretClient *client, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (kr_secret_client_check_keyring (client, NULL, &local))
    return TRUE;
  if (unlocking_offer (tool, client, &local))
    return kr_secret_client_check_keyring (client, NULL, error);
  return KR_SECRET_PASS (error, local);
}

int
unlocking_finish (Tool *tool, const char *state)
{
  if (tool->json)
    {
      json_begin ();
      json_string ("keyring", state);
      json_end ();
    }
  return report_finish (tool);
}
