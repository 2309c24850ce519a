/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "helper/kr-secret-helper-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/kr-secret-clock-private.h"
#include "base/kr-secret-deadline-private.h"
#include "common/kr-intl.h"
#include "common/kr-text.h"
#include "issue/kr-secret-pace-private.h"
#include "issue/kr-secret-protocol-private.h"
#include "keyring/kr-secret-prompt-private.h"
#include "keyring/kr-secret-store-private.h"
#include "kr-secret-types.h"
#include "plugin/kr-secret-broker-private.h"
#include "plugin/kr-secret-request-private.h"
#include "values/kr-secret-account-private.h"
#include "values/kr-secret-credential-private.h"
#include "values/kr-secret-token-private.h"

/* What kr-secret-helper does, all but the network: reads the account, lets the plugin build the
 * request, has it sent, lets the plugin read the reply, checks, stores, and answers with one record
 * on standard output. It is one process per issue or revoke, holds the account's lock for as long
 * as it runs, and finishes its work even if the program that started it is gone. */

#define NETWORK_MS (10 * 1000)
#define KEYRING_MS (5 * 1000)

typedef struct
{
  const char *id;
  KrSecretRecord *account;
  KrSecretBroker *broker;
  const KrSecretPlugin *plugin;
  KrSecretCredential *credential;
  char *base_uri;
  KrSecretLedger *ledger;
  KrSecretTransport transport;
  int output; /* where the answer goes */
} Job;

static void
job_clear (Job *job)
{
  g_clear_pointer (&job->account, kr_secret_record_free);
  g_clear_pointer (&job->broker, kr_secret_broker_unref);
  g_clear_pointer (&job->credential, kr_secret_credential_unref);
  g_clear_pointer (&job->base_uri, g_free);
  g_clear_pointer (&job->ledger, kr_secret_ledger_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Job, job_clear)

static gint64
keyring_deadline (void)
{
  return kr_secret_deadline_in (KEYRING_MS);
}

/* Standard input to its end: the record of an account that is not in the keyring yet. */
static KrSecretRecord *
read_stdin (GError **error)
{
  g_autofree char *buffer = g_malloc (KR_SECRET_RECORD_MAX);
  KrSecretRecord *record;
  gsize length = 0;
  ssize_t n;

  while (length < KR_SECRET_RECORD_MAX
         && ((n = read (STDIN_FILENO, buffer + length, KR_SECRET_RECORD_MAX - length)) > 0
             || (n < 0 && errno == EINTR)))
    length += (gsize) MAX (n, 0);
  record = kr_secret_record_decode (buffer, length, KR_SECRET_RECORD_ACCOUNT, error);
  explicit_bzero (buffer, KR_SECRET_RECORD_MAX);
  return record;
}

/* Where an account's requests go, from its record. */
static gboolean
job_find_broker (Job *job, GError **error)
{
  const char *endpoint = kr_secret_record_get (job->account, "endpoint");
  const char *broker_id = kr_secret_record_get (job->account, "broker");
  const char *environment_text = kr_secret_record_get (job->account, "environment");
  KrSecretEnvironment environment;

  if (broker_id == NULL || environment_text == NULL
      || !kr_secret_environment_from_string (environment_text, &environment))
    {
      kr_secret_error_set (error, KR_SECRET_ERROR_DAMAGED, 0, NULL,
                           _ ("the account's record is damaged"));
      return FALSE;
    }
  job->broker = kr_secret_broker_find_installed (broker_id, error);
  if (job->broker == NULL)
    return FALSE;
  job->plugin = kr_secret_broker_get_plugin (job->broker);
  if (endpoint != NULL)
    job->base_uri = kr_secret_endpoint_normalize (endpoint, error);
  else
    job->base_uri = g_strdup (kr_secret_broker_get_uri (job->broker, environment));
  if (job->base_uri == NULL && endpoint == NULL)
    kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL, _ ("%s has no such environment"),
                         kr_secret_broker_get_name_for_people (job->broker));
  return job->base_uri != NULL;
}

/* Everything a request with the key in it needs. */
static gboolean
job_open (Job *job, GError **error)
{
  job->ledger = kr_secret_ledger_adopt (KR_SECRET_PROTOCOL_LOCK_FD, error);
  if (job->ledger == NULL || !job_find_broker (job, error))
    return FALSE;
  job->credential = kr_secret_record_get_credential (job->account, error);
  return job->credential != NULL;
}

/* Whether a plugin has built a request, one that goes somewhere. */
static gboolean
check_built (Job *job, gboolean built, KrSecretRequest *request, GError **error)
{
  if (built && kr_secret_request_get_path (request) != NULL)
    return TRUE;
  kr_secret_broker_explain_failure (job->broker, error);
  return FALSE;
}

/* The broker has handed out again a token that is dead: says when there can be another. The wait
 * that follows is ours, not a rule of the broker's. */
static void
set_same_again (Job *job, KrSecretToken *token, gint64 issued_at, GError **error)
{
  const KrSecretTraits *traits = &job->plugin->traits;
  gint64 now = kr_secret_clock_now ();
  gint64 expires_at = kr_secret_token_get_expires_at (token);
  g_autofree char *span = NULL;
  gint64 from, wait;

  /* Where the end it came with has passed, that says nothing: it has come all the same. */
  from
      = kr_secret_pace_get_new_from (traits, issued_at, expires_at > now ? expires_at : G_MAXINT64);
  wait = from > now && from < G_MAXINT64
             ? from - now
             : MAX (traits->issue_interval, KR_SECRET_PACE_UNKNOWN_WAIT);
  wait = MIN (wait, KR_SECRET_TOKEN_MAX_LIFETIME);
  span = kr_text_duration (wait);
  kr_secret_pace_set_hold (job->ledger, kr_secret_token_get_kind (token), wait * 1000);
  kr_secret_error_set (error, KR_SECRET_ERROR_RATE_LIMITED, wait, NULL,
                       _ ("the broker hands out again the token that is dead; it can give another "
                          "in %s"),
                       span);
}

/* Whether a token that has come is one that is known to be dead: rejected, revoked, or the stored
 * one that has expired. */
static gboolean
is_dead (Job *job, KrSecretToken *token, KrSecretRecord *stored, gint64 *out_issued_at)
{
  const char *fingerprint = kr_secret_token_get_fingerprint (token);
  g_autoptr (KrSecretToken) old = NULL;

  if (kr_secret_pace_is_dead (job->ledger, fingerprint, out_issued_at))
    return TRUE;
  /* If the broker says that it lives, it was our clock that was wrong. */
  if (stored == NULL || !kr_secret_record_is_over (stored)
      || kr_secret_token_get_expires_at (token) > kr_secret_clock_now ())
    return FALSE;
  old = kr_secret_record_get_token (stored, NULL);
  if (old == NULL || g_strcmp0 (kr_secret_token_get_fingerprint (old), fingerprint) != 0)
    return FALSE;
  *out_issued_at = kr_secret_token_get_issued_at (old);
  return TRUE;
}

/* From the reply to a token in the local clock's times. */
static KrSecretToken *
parse_token (Job *job, KrSecretTokenKind kind, const KrSecretReply *reply, GError **error)
{
  gint64 now = kr_secret_clock_now ();
  gint64 date = kr_secret_reply_get_date (reply);
  gint64 ahead = date > 0 ? now - date : 0;
  g_autoptr (KrSecretToken) raw
      = kr_secret_protocol_parse_issue (job->plugin, reply, kind, now - ahead, error);
  gint64 issued_at, expires_at;
  KrSecretToken *token;

  if (raw == NULL)
    {
      kr_secret_broker_explain_failure (job->broker, error);
      return NULL;
    }
  issued_at = kr_secret_token_get_issued_at (raw);
  expires_at = kr_secret_token_get_expires_at (raw);
  if (kind == KR_SECRET_TOKEN_ACCESS)
    expires_at = kr_secret_pace_cap_expiry (&job->plugin->traits, issued_at, expires_at);
  token = kr_secret_token_with_times (raw, issued_at + ahead, expires_at + ahead);
  kr_secret_token_set_broker_expires_at (token, expires_at);
  return token;
}

/* From the reply to a token that may be handed out. stored is what there was before, or NULL.
 * *out_wait: how long the broker wants to be left alone. */
static KrSecretToken *
read_token (Job *job,
            KrSecretTokenKind kind,
            const KrSecretReply *reply,
            KrSecretRecord *stored,
            guint *out_wait,
            GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (KrSecretToken) token = parse_token (job, kind, reply, &local);
  gint64 issued_at;

  if (g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED))
    *out_wait = (guint) kr_secret_error_get_retry_after (local);
  if (token != NULL && is_dead (job, token, stored, &issued_at))
    set_same_again (job, token, issued_at, &local);
  else if (token != NULL && kr_secret_token_check (token, kr_secret_clock_now (), &local))
    return g_steal_pointer (&token);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/* The same token again is as old as it was. */
static KrSecretToken *
keep_age (KrSecretToken *token, KrSecretRecord *stored)
{
  g_autoptr (KrSecretToken) old = stored != NULL ? kr_secret_record_get_token (stored, NULL) : NULL;

  if (old == NULL
      || g_strcmp0 (kr_secret_token_get_fingerprint (old), kr_secret_token_get_fingerprint (token))
             != 0)
    return kr_secret_token_ref (token);
  return kr_secret_token_with_times (
      token, MIN (kr_secret_token_get_issued_at (old), kr_secret_token_get_issued_at (token)),
      kr_secret_token_get_expires_at (token));
}

/* Asks the broker for a token. The attempt is on disk before the request leaves. */
static KrSecretToken *
issue (Job *job, KrSecretTokenKind kind, KrSecretRecord *stored, GError **error)
{
  g_autoptr (KrSecretRequest) request = kr_secret_request_new ();
  g_autoptr (KrSecretReply) reply = NULL;
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (GError) local = NULL;
  g_autofree char *key = kr_secret_credential_dup_fingerprint (job->credential);
  guint interval = kind == KR_SECRET_TOKEN_ACCESS ? job->plugin->traits.issue_interval : 0;
  gboolean sent = FALSE;
  guint wait = 0;

  if (!check_built (
          job, kr_secret_protocol_build_issue (job->plugin, job->credential, kind, request, error),
          request, error))
    return NULL;
  if (!kr_secret_pace_begin (job->ledger, kind, interval, error))
    return NULL;
  reply
      = job->transport (job->base_uri, request, kr_secret_deadline_in (NETWORK_MS), &sent, &local);
  if (reply != NULL)
    token = read_token (job, kind, reply, stored, &wait, &local);
  if (reply == NULL && !sent)
    kr_secret_pace_end_unsent (job->ledger, kind, local, NULL);
  else
    kr_secret_pace_end (job->ledger, kind, MAX (interval, wait), key, local, NULL);
  if (token == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  return keep_age (token, stored);
}

/* Whether the broker has said clearly that it did not do as it was asked. */
static gboolean
is_refusal (const GError *error)
{
  return g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_REFUSED)
         || g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED);
}

/* Writes on the stored token that it is being revoked, or takes that back. */
static gboolean
mark (Job *job, KrSecretRecord *record, gboolean revoking, GError **error)
{
  if (revoking)
    kr_secret_record_set_int (record, KR_SECRET_RECORD_REVOKING, kr_secret_clock_now ());
  else
    kr_secret_record_set (record, KR_SECRET_RECORD_REVOKING, NULL);
  return kr_secret_store_write_record (job->id, KR_SECRET_STORE_TOKEN, record, keyring_deadline (),
                                       NULL, error);
}

/* Sends the revoke request for a stored token and erases it here. The token is marked first:
 * whatever happens after the request has left, it is not handed out again. The mark is taken back
 * only when the broker cannot have revoked the token. */
static gboolean
revoke_stored (Job *job, KrSecretRecord *record, KrSecretRevokeResult *out_result, GError **error)
{
  g_autoptr (KrSecretToken) token = kr_secret_record_get_token (record, error);
  g_autoptr (KrSecretRequest) request = kr_secret_request_new ();
  g_autoptr (KrSecretReply) reply = NULL;
  g_autoptr (GError) local = NULL;
  gboolean was_marked = kr_secret_record_get (record, KR_SECRET_RECORD_REVOKING) != NULL;
  gboolean sent = FALSE;

  if (token == NULL)
    return FALSE;
  *out_result = KR_SECRET_REVOKE_LOCAL_ONLY;
  if (!kr_secret_protocol_can_revoke (job->plugin))
    return kr_secret_store_erase (job->id, KR_SECRET_STORE_TOKEN, NULL, keyring_deadline (), NULL,
                                  error);

  if (!check_built (
          job,
          kr_secret_protocol_build_revoke (job->plugin, job->credential, token, request, error),
          request, error))
    return FALSE;
  /* The item first: who is killed after that leaves a revoke to be finished. */
  if (!mark (job, record, TRUE, error))
    return FALSE;
  if (!kr_secret_pace_set_withdrawn (job->ledger, token, error))
    {
      /* Nothing has left: the token is as good as before. */
      if (!was_marked)
        mark (job, record, FALSE, NULL);
      return FALSE;
    }
  reply
      = job->transport (job->base_uri, request, kr_secret_deadline_in (NETWORK_MS), &sent, &local);
  if (reply != NULL && kr_secret_protocol_parse_revoke (job->plugin, reply, &local))
    {
      *out_result = KR_SECRET_REVOKE_DONE;
      /* Now another can come. */
      kr_secret_pace_set_hold (job->ledger, KR_SECRET_TOKEN_ACCESS, 0);
      kr_secret_ledger_save (job->ledger, NULL);
      return kr_secret_store_erase (job->id, KR_SECRET_STORE_TOKEN, NULL, keyring_deadline (), NULL,
                                    error);
    }
  kr_secret_broker_explain_failure (job->broker, &local);
  if (!was_marked && (!sent || is_refusal (local)))
    {
      kr_secret_pace_set_withdrawn (job->ledger, NULL, NULL);
      mark (job, record, FALSE, NULL);
    }
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static void
answer_token (KrSecretRecord *answer, KrSecretToken *token, const GError *warning)
{
  kr_secret_record_set_token (answer, token);
  if (warning != NULL)
    kr_secret_record_set (answer, KR_SECRET_PROTOCOL_WARNING, warning->message);
}

/* Finishes a revoke that was cut short, as far as the broker lets us: not before it has been asked
 * again is there a new token. */
static gboolean
finish_revoke (Job *job, KrSecretRecord *stored, GError **error)
{
  g_autoptr (GError) local = NULL;
  KrSecretRevokeResult ignored;

  if (stored == NULL || kr_secret_record_get (stored, KR_SECRET_RECORD_REVOKING) == NULL
      || kr_secret_record_is_over (stored))
    return TRUE;
  if (revoke_stored (job, stored, &ignored, &local)
      || g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_REFUSED)
      || g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_BAD_REPLY))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* The stored token's record, which may be NULL. A damaged one is replaced; one that cannot be read
 * may be good, and that is a failure. */
static gboolean
read_stored (Job *job, KrSecretTokenKind kind, KrSecretRecord **out_stored, GError **error)
{
  g_autoptr (GError) local = NULL;
  KrSecretRecord *stored = kr_secret_store_read_record (job->id, kr_secret_store_token_kind (kind),
                                                        keyring_deadline (), NULL, &local);

  if (local != NULL && !g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  *out_stored = stored;
  return TRUE;
}

static gboolean
run_issue (Job *job, const char *kind_text, gboolean force, KrSecretRecord *answer, GError **error)
{
  g_autoptr (KrSecretRecord) stored = NULL;
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (GError) warning = NULL;
  KrSecretTokenKind kind;

  if (kind_text == NULL || !kr_secret_token_kind_from_string (kind_text, &kind))
    {
      kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL, _ ("no kind of token is given"));
      return FALSE;
    }
  if (!read_stored (job, kind, &stored, error)
      || (kind == KR_SECRET_TOKEN_ACCESS && !finish_revoke (job, stored, error))
      || (!force && !kr_secret_pace_check_hold (job->ledger, kind, error))
      || !kr_secret_pace_check_wait (job->ledger, kind, error))
    return FALSE;
  token = issue (job, kind, stored, error);
  if (token == NULL)
    return FALSE;
  kr_secret_store_write_token (job->id, token, keyring_deadline (), NULL, &warning);
  answer_token (answer, token, warning);
  return TRUE;
}

/* The account is stored only after the broker has accepted its key. */
static gboolean
run_add (Job *job, KrSecretRecord *answer, GError **error)
{
  g_autoptr (KrSecretToken) token = issue (job, KR_SECRET_TOKEN_ACCESS, NULL, error);
  g_autoptr (GError) warning = NULL;

  if (token == NULL
      || !kr_secret_store_write_record (job->id, KR_SECRET_STORE_ACCOUNT, job->account,
                                        keyring_deadline (), NULL, error))
    return FALSE;
  kr_secret_store_write_token (job->id, token, keyring_deadline (), NULL, &warning);
  answer_token (answer, token, warning);
  return TRUE;
}

static gboolean
run_revoke (Job *job, KrSecretRecord *answer, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (KrSecretRecord) stored = kr_secret_store_read_record (
      job->id, KR_SECRET_STORE_TOKEN, keyring_deadline (), NULL, &local);
  KrSecretRevokeResult result = KR_SECRET_REVOKE_NOTHING;

  if (stored == NULL && local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (stored != NULL && kr_secret_record_is_over (stored))
    {
      if (!kr_secret_store_erase (job->id, KR_SECRET_STORE_TOKEN, NULL, keyring_deadline (), NULL,
                                  error))
        return FALSE;
    }
  else if (stored != NULL && !revoke_stored (job, stored, &result, error))
    return FALSE;
  kr_secret_record_set_int (answer, KR_SECRET_PROTOCOL_RESULT, result);
  return TRUE;
}

/* What the broker's clock says, from the head of an answer to anything. */
static gboolean
run_clock (Job *job, KrSecretRecord *answer, GError **error)
{
  g_autoptr (KrSecretRequest) request = kr_secret_request_new ();
  g_autoptr (KrSecretReply) reply = NULL;
  gboolean sent;
  gint64 date;

  if (!job_find_broker (job, error))
    return FALSE;
  kr_secret_request_fetch (request, "/");
  reply = job->transport (job->base_uri, request, kr_secret_deadline_in (NETWORK_MS), &sent, error);
  if (reply == NULL)
    return FALSE;
  date = kr_secret_reply_get_date (reply);
  if (date > 0)
    kr_secret_record_set_int (answer, KR_SECRET_PROTOCOL_AHEAD, kr_secret_clock_now () - date);
  else
    kr_secret_error_set (error, KR_SECRET_ERROR_BAD_REPLY, 0, NULL,
                         _ ("the broker's answer does not say what time it is"));
  return date > 0;
}

static gboolean
run (Job *job, int argc, char **argv, KrSecretRecord *answer, GError **error)
{
  const char *verb = argc > 1 ? argv[1] : "";

  if (g_str_equal (verb, KR_SECRET_PROTOCOL_UNLOCK))
    return kr_secret_prompt_unlock (job->output, error);
  if (g_str_equal (verb, KR_SECRET_PROTOCOL_ADD))
    {
      job->account = read_stdin (error);
      job->id = job->account != NULL ? kr_secret_record_get (job->account, "id") : NULL;
    }
  else if (argc > 2)
    {
      job->id = argv[2];
      job->account = kr_secret_store_read_record (job->id, KR_SECRET_STORE_ACCOUNT,
                                                  keyring_deadline (), NULL, error);
    }
  if (job->account == NULL || job->id == NULL)
    {
      if (*error == NULL)
        kr_secret_error_set (error, KR_SECRET_ERROR_NOT_FOUND, 0, NULL,
                             _ ("the account is not in the keyring"));
      return FALSE;
    }
  if (g_str_equal (verb, KR_SECRET_PROTOCOL_CLOCK))
    return run_clock (job, answer, error);
  if (!job_open (job, error))
    return FALSE;
  if (g_str_equal (verb, KR_SECRET_PROTOCOL_ADD))
    return run_add (job, answer, error);
  if (g_str_equal (verb, KR_SECRET_PROTOCOL_ISSUE))
    return run_issue (job, argc > 3 ? argv[3] : NULL, argc > 4, answer, error);
  if (g_str_equal (verb, KR_SECRET_PROTOCOL_REVOKE))
    return run_revoke (job, answer, error);
  kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL, _ ("unknown job '%s'"), verb);
  return FALSE;
}

/* Standard output is for the answer alone, whatever a plugin prints. */
static int
take_output (void)
{
  int fd = fcntl (STDOUT_FILENO, F_DUPFD_CLOEXEC, 10);

  dup2 (STDERR_FILENO, STDOUT_FILENO);
  return fd;
}

static gboolean
write_all (int fd, const char *data, gsize length)
{
  while (length > 0)
    {
      ssize_t n = write (fd, data, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      data += n;
      length -= (gsize) n;
    }
  return TRUE;
}

/* The whole of kr-secret-helper. Returns 0 when an answer was written, whatever it says. */
int
kr_secret_helper_main (int argc, char **argv, KrSecretTransport transport)
{
  g_auto (Job) job = { .transport = transport, .output = take_output () };
  g_autoptr (KrSecretRecord) answer = kr_secret_record_new (KR_SECRET_RECORD_ANSWER);
  g_autoptr (SecretValue) encoded = NULL;
  g_autoptr (GError) error = NULL;
  const char *data;
  gsize length;

  kr_intl_bind (); /* the transport and the plugins speak too */
  if (!run (&job, argc, argv, answer, &error))
    {
      g_clear_pointer (&answer, kr_secret_record_free);
      answer = kr_secret_record_new (KR_SECRET_RECORD_ANSWER);
      kr_secret_record_set_int (answer, KR_SECRET_PROTOCOL_CODE,
                                error->domain == KR_SECRET_ERROR ? error->code
                                                                 : KR_SECRET_ERROR_FAILED);
      kr_secret_record_set (answer, KR_SECRET_PROTOCOL_MESSAGE, error->message);
      kr_secret_record_set (answer, KR_SECRET_PROTOCOL_BROKER_CODE,
                            kr_secret_error_get_broker_code (error));
      kr_secret_record_set_int (answer, KR_SECRET_PROTOCOL_RETRY_AFTER,
                                kr_secret_error_get_retry_after (error));
    }
  encoded = kr_secret_record_encode (answer, NULL);
  if (encoded == NULL)
    return 1;
  data = secret_value_get (encoded, &length);
  return write_all (job.output, data, length) ? 0 : 1;
}
