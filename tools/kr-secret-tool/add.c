/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "commands.h"
#include "common/kr-text.h"
#include "terminal/input.h"
#include "accounts/lookup.h"
#include "terminal/options.h"
#include "terminal/progress.h"
#include "terminal/report.h"
#include "accounts/describe.h"
#include "terminal/prompt.h"
#include "terminal/text.h"
#include "accounts/unlocking.h"

/* add BROKER ALIAS: checks everything else before it asks for the key. */

static struct
{
  char *environment;
  char *endpoint;
  gboolean no_verify;
  char *fd;
} given;

static const GOptionEntry options[] = {
  { "env", 0, 0, G_OPTION_ARG_FILENAME, &given.environment,
    N_ ("Which of the broker's systems the key is for"), "real|paper" },
  { "endpoint", 0, 0, G_OPTION_ARG_FILENAME, &given.endpoint,
    N_ ("For tests: another server, on this machine only"), "URL" },
  { "no-verify", 0, 0, G_OPTION_ARG_NONE, &given.no_verify,
    N_ ("Store the key without verifying it"), NULL },
  { "fd", 0, 0, G_OPTION_ARG_FILENAME, &given.fd,
    N_ ("Read field=value lines from this descriptor"), "N" },
  { NULL },
};

typedef struct
{
  KrSecretBroker *broker;
  char *alias;
  char *shown;    /* the alias as text for users */
  char *endpoint; /* NULL: the broker's own */
  KrSecretEnvironment environment;
  int fd; /* -1: standard input */
} Plan;

static void
plan_clear (Plan *self)
{
  g_clear_pointer (&self->broker, kr_secret_broker_unref);
  g_free (self->alias);
  g_free (self->shown);
  g_free (self->endpoint);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Plan, plan_clear)

/* --env may be left out if the broker has only one environment. */
static gboolean
plan_environment (Plan *self, Tool *tool, int *out_status)
{
  const char *id = kr_secret_broker_get_id (self->broker);
  gboolean real = kr_secret_broker_get_uri (self->broker, KR_SECRET_ENVIRONMENT_REAL) != NULL;
  gboolean paper = kr_secret_broker_get_uri (self->broker, KR_SECRET_ENVIRONMENT_PAPER) != NULL;

  if (given.environment == NULL)
    {
      self->environment = real ? KR_SECRET_ENVIRONMENT_REAL : KR_SECRET_ENVIRONMENT_PAPER;
      if (real && paper)
        *out_status = report_usage (tool, _ ("a key is for one of the broker's two systems"),
                                    _ ("add --env real (실전) or --env paper (모의)"),
                                    _ ("--env is missing"));
      return real != paper;
    }
  if (!options_parse_environment (tool, given.environment, &self->environment, out_status))
    return FALSE;
  if (kr_secret_broker_get_uri (self->broker, self->environment) != NULL)
    return TRUE;
  *out_status
      = report_usage (tool, real ? _ ("it has --env real only") : _ ("it has --env paper only"),
                      NULL, _ ("%s has no such environment"), id);
  return FALSE;
}

static gboolean
plan_alias (Plan *self, Tool *tool, const char *alias, int *out_status)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *shown = text_argument (alias);

  if (strchr (alias, '=') != NULL)
    {
      *out_status = report_secret_argument (tool);
      return FALSE;
    }
  self->alias = kr_secret_alias_normalize (alias, &error);
  if (self->alias == NULL)
    {
      *out_status = report_error (tool, error, NULL, _ ("'%s' cannot be an alias"), shown);
      return FALSE;
    }
  self->shown = kr_text_printable (self->alias);
  return TRUE;
}

static gboolean
plan_endpoint (Plan *self, Tool *tool, int *out_status)
{
  g_autoptr (GError) error = NULL;

  if (given.endpoint == NULL)
    return TRUE;
  self->endpoint = kr_secret_endpoint_normalize (given.endpoint, &error);
  if (self->endpoint == NULL)
    *out_status = report_error (tool, error, NULL, _ ("--endpoint cannot be used"));
  return self->endpoint != NULL;
}

static gboolean
plan_make (Plan *self, Tool *tool, char **args, int *out_status)
{
  if (!options_count (tool, args, 2, 2, out_status)
      || !options_parse_descriptor (tool, "--fd", given.fd, &self->fd, out_status))
    return FALSE;
  self->broker = lookup_broker (tool, args[0], out_status);
  return self->broker != NULL && plan_environment (self, tool, out_status)
         && plan_alias (self, tool, args[1], out_status) && plan_endpoint (self, tool, out_status);
}

/* Whether the keyring accepts items, and the alias is still free. */
static gboolean
is_ready (Plan *self, Tool *tool, KrSecretClient *client, int *out_status)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) accounts = NULL;

  if (!unlocking_check_keyring (tool, client, &error))
    {
      *out_status = report_error (tool, error, NULL, _ ("'%s' was not added; no key was asked for"),
                                  self->shown);
      return FALSE;
    }
  if (!lookup_load (tool, client, out_status))
    return FALSE;
  accounts = kr_secret_client_dup_accounts (client);
  if (!lookup_has_alias (accounts, self->alias))
    return TRUE;
  *out_status = report_usage (tool, _ ("another account has this alias"),
                              _ ("take another alias, or remove that account first"),
                              _ ("'%s' was not added"), self->shown);
  return FALSE;
}

/* Whether the broker notifies the user of the issue that tests the key. */
static gboolean
is_announced (Plan *self)
{
  return !given.no_verify && kr_secret_broker_get_traits (self->broker)->issue_notifies;
}

/* Reads the key. If it is typed, says first what it is for. */
static KrSecretCredential *
read_credential (Plan *self, Tool *tool, GError **error)
{
  if (self->fd < 0 && prompt_is_possible (tool))
    {
      report_note (tool, _ ("Adding '%s': %s, %s. What you type is not shown."), self->shown,
                   text_broker_name (self->broker), text_environment (self->environment));
      if (is_announced (self))
        report_note (tool,
                     _ ("The key is verified by issuing a token; the broker sends you a message "
                        "about it (KIS: by KakaoTalk)."));
    }
  return input_read_credential (tool, self->broker, self->fd, error);
}

static void
say_done (Plan *self, Tool *tool, KrSecretAccount *account)
{
  gint64 expires_at = kr_secret_account_get_token_expires_at (account);
  g_autofree char *time = text_time (expires_at);
  const char *id = kr_secret_broker_get_id (self->broker);
  const char *environment = text_environment (self->environment);

  if (!given.no_verify && kr_secret_account_get_token_state (account) == KR_SECRET_TOKEN_STATE_NONE)
    report_warning (tool,
                    _ ("added '%s' (%s, %s); the key is valid, but the token that was issued to "
                       "verify it could not be stored"),
                    self->shown, id, environment);
  else if (kr_secret_account_get_token_state (account) == KR_SECRET_TOKEN_STATE_NONE)
    report_note (tool, _ ("added '%s' (%s, %s); the key was not verified"), self->shown, id,
                 environment);
  else
    report_note (tool, _ ("added '%s' (%s, %s); its token is valid until %s"), self->shown, id,
                 environment, time);
  if (is_announced (self))
    report_note (tool, _ ("the broker sends you a message about this token (KIS: by KakaoTalk)"));
}

static int
run (Tool *tool, char **args)
{
  g_auto (Plan) plan = { 0 };
  g_autoptr (KrSecretClient) client = lookup_client (tool);
  g_autoptr (KrSecretCredential) credential = NULL;
  g_autoptr (KrSecretAccount) account = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  if (!plan_make (&plan, tool, args, &status) || !is_ready (&plan, tool, client, &status))
    return status;
  credential = read_credential (&plan, tool, &error);
  if (credential != NULL)
    progress_begin (tool, _ ("adding '%s'"), plan.shown);
  if (credential != NULL)
    account = kr_secret_client_add (
        client, plan.broker, plan.alias, plan.environment, plan.endpoint, credential,
        given.no_verify ? KR_SECRET_ADD_NO_VERIFY : KR_SECRET_ADD_DEFAULT, NULL, &error);
  progress_end ();
  if (account == NULL)
    {
      const char *next = g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_REFUSED)
                             ? _ ("nothing was stored; check key, secret and --env, then try again")
                             : NULL;
      return report_error (tool, error, next, _ ("'%s' was not added"), plan.shown);
    }

  say_done (&plan, tool, account);
  if (tool->json)
    describe_write_document (account, credential);
  return report_finish (tool);
}

const Command add_command = {
  "add",
  N_ ("BROKER ALIAS --env real|paper [--endpoint URL] [--no-verify] [--fd N]"),
  N_ ("Add an account: ask for its key, verify it and store it in the keyring"),
  options,
  run,
};
