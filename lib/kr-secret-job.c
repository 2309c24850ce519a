/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kr-secret-job-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "kr-secret-account-private.h"
#include "kr-secret-broker-private.h"
#include "kr-secret-clock-private.h"
#include "kr-secret-client.h"
#include "kr-secret-ledger-private.h"
#include "kr-secret-store-private.h"
#include "kr-secret-token-private.h"

/* What kr-secret-helper does, all but the network: reads the account, lets the plugin build the
 * request, has it sent, lets the plugin read the reply, checks, stores, and answers with one record
 * on standard output. It is one process per issue or revoke, holds the account's lock for as long
 * as it runs, and finishes its work even if the program that started it is gone. */

#define NETWORK_MS (10 * 1000)
#define KEYRING_MS (5 * 1000)

#define DAY (24 * 60 * 60)
#define KST_OFFSET (9 * 60 * 60)

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

/* Everything a request needs, from an account's record. */
static gboolean
job_open (Job *job, GError **error)
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
  job->ledger = kr_secret_ledger_adopt (KR_SECRET_JOB_LOCK_FD, error);
  job->broker = job->ledger != NULL ? kr_secret_broker_find_installed (broker_id, error) : NULL;
  job->credential
      = job->broker != NULL ? kr_secret_record_get_credential (job->account, error) : NULL;
  if (job->credential == NULL)
    return FALSE;
  job->plugin = kr_secret_broker_get_plugin (job->broker);
  if (endpoint != NULL)
    job->base_uri = kr_secret_endpoint_normalize (endpoint, error);
  else
    job->base_uri = g_strdup (kr_secret_broker_get_uri (job->broker, environment));
  if (job->base_uri == NULL && endpoint == NULL)
    kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL, _ ("%s has no such environment"),
                         job->plugin->name);
  return job->base_uri != NULL;
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

/* The end of a token by the broker's daily clock, if it comes before the token's own. Times in the
 * broker's clock. */
static gint64
cap_expiry (const KrSecretTraits *traits, gint64 issued_at, gint64 expires_at)
{
  gint64 midnight, death;

  if (traits->death_time == 0)
    return expires_at;
  midnight = (issued_at + KST_OFFSET) / DAY * DAY - KST_OFFSET;
  death = midnight + (gint64) traits->death_time * 60;
  if (death <= issued_at)
    death += DAY;
  return MIN (expires_at, death);
}

/* From the reply to a token that may be handed out, in the local clock's times. */
static KrSecretToken *
read_token (Job *job, KrSecretTokenKind kind, const KrSecretReply *reply, GError **error)
{
  gint64 now = kr_secret_clock_now ();
  gint64 date = kr_secret_reply_get_date (reply);
  gint64 ahead = date > 0 ? now - date : 0;
  g_autoptr (KrSecretToken) raw = job->plugin->parse_issue (reply, kind, now - ahead, error);
  g_autoptr (KrSecretToken) token = NULL;
  gint64 issued_at, expires_at;

  if (raw == NULL)
    {
      kr_secret_broker_explain_failure (job->broker, error);
      return NULL;
    }
  issued_at = kr_secret_token_get_issued_at (raw);
  expires_at = kr_secret_token_get_expires_at (raw);
  if (kind == KR_SECRET_TOKEN_ACCESS)
    expires_at = cap_expiry (&job->plugin->traits, issued_at, expires_at);
  token = kr_secret_token_with_times (raw, issued_at + ahead, expires_at + ahead);
  return kr_secret_token_check (token, now, error) ? g_steal_pointer (&token) : NULL;
}

/* Asks the broker for a token. The attempt is on disk before the request leaves. */
static KrSecretToken *
issue (Job *job, KrSecretTokenKind kind, GError **error)
{
  g_autoptr (KrSecretRequest) request = kr_secret_request_new ();
  g_autoptr (KrSecretReply) reply = NULL;
  g_autoptr (GError) local = NULL;
  KrSecretToken *token;
  guint interval = kind == KR_SECRET_TOKEN_ACCESS ? job->plugin->traits.issue_interval : 0;
  gboolean sent = FALSE;

  if (!check_built (job, job->plugin->build_issue (job->credential, kind, request, error), request,
                    error))
    return NULL;
  if (!kr_secret_ledger_write_attempt (job->ledger, kind, interval, error))
    return NULL;
  reply = job->transport (job->base_uri, request, kr_secret_deadline_in (NETWORK_MS), &sent, error);
  if (reply == NULL)
    {
      if (!sent)
        kr_secret_ledger_undo_attempt (job->ledger, kind, NULL);
      return NULL;
    }
  token = read_token (job, kind, reply, &local);
  if (g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED))
    interval = MAX (interval, (guint) kr_secret_error_get_retry_after (local));
  kr_secret_ledger_write_wait (job->ledger, kind, interval, NULL);
  if (token == NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return token;
}

static gboolean
write_token (const char *id, KrSecretToken *token, GError **error)
{
  g_autoptr (KrSecretRecord) record = kr_secret_record_new (KR_SECRET_RECORD_TOKEN);

  kr_secret_record_set (record, "id", id);
  kr_secret_record_set_token (record, token);
  return kr_secret_store_write_record (
      id, kr_secret_store_token_kind (kr_secret_token_get_kind (token)), record,
      keyring_deadline (), NULL, error);
}

/* Whether the broker has said clearly that it did not do as it was asked. */
static gboolean
is_refusal (const GError *error)
{
  return g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_REFUSED)
         || g_error_matches (error, KR_SECRET_ERROR, KR_SECRET_ERROR_RATE_LIMITED);
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
  if (job->plugin->build_revoke == NULL)
    return kr_secret_store_erase (job->id, KR_SECRET_STORE_TOKEN, NULL, keyring_deadline (), NULL,
                                  error);

  if (!check_built (job, job->plugin->build_revoke (job->credential, token, request, error),
                    request, error))
    return FALSE;
  if (!kr_secret_ledger_set_withdrawn (job->ledger, kr_secret_token_get_fingerprint (token), error))
    return FALSE;
  kr_secret_record_set_int (record, KR_SECRET_RECORD_REVOKING, kr_secret_clock_now ());
  if (!kr_secret_store_write_record (job->id, KR_SECRET_STORE_TOKEN, record, keyring_deadline (),
                                     NULL, error))
    {
      /* Nothing has left: the token is as good as before. */
      if (!was_marked)
        kr_secret_ledger_set_withdrawn (job->ledger, NULL, NULL);
      return FALSE;
    }
  reply
      = job->transport (job->base_uri, request, kr_secret_deadline_in (NETWORK_MS), &sent, &local);
  if (reply != NULL && job->plugin->parse_revoke (reply, kr_secret_clock_now (), &local))
    {
      *out_result = KR_SECRET_REVOKE_DONE;
      return kr_secret_store_erase (job->id, KR_SECRET_STORE_TOKEN, NULL, keyring_deadline (), NULL,
                                    error);
    }
  kr_secret_broker_explain_failure (job->broker, &local);
  if (!was_marked && (!sent || is_refusal (local)))
    {
      kr_secret_ledger_set_withdrawn (job->ledger, NULL, NULL);
      kr_secret_record_set (record, KR_SECRET_RECORD_REVOKING, NULL);
      kr_secret_store_write_record (job->id, KR_SECRET_STORE_TOKEN, record, keyring_deadline (),
                                    NULL, NULL);
    }
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static void
answer_token (KrSecretRecord *answer, KrSecretToken *token, const GError *warning)
{
  kr_secret_record_set_token (answer, token);
  if (warning != NULL)
    kr_secret_record_set (answer, "warning", warning->message);
}

/* Finishes a revoke that was cut short, as far as the broker lets us: not before it has been asked
 * again is there a new token. */
static gboolean
finish_revoke (Job *job, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (KrSecretRecord) stored = kr_secret_store_read_record (
      job->id, KR_SECRET_STORE_TOKEN, keyring_deadline (), NULL, &local);
  KrSecretRevokeResult ignored;

  /* A damaged one is replaced; one that cannot be read may be good. */
  if (local != NULL && !g_error_matches (local, KR_SECRET_ERROR, KR_SECRET_ERROR_DAMAGED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
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

static gboolean
run_issue (Job *job, const char *kind_text, KrSecretRecord *answer, GError **error)
{
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (GError) warning = NULL;
  KrSecretTokenKind kind;

  if (kind_text == NULL || !kr_secret_token_kind_from_string (kind_text, &kind))
    {
      kr_secret_error_set (error, KR_SECRET_ERROR_USAGE, 0, NULL, _ ("no kind of token is given"));
      return FALSE;
    }
  if (kind == KR_SECRET_TOKEN_ACCESS && !finish_revoke (job, error))
    return FALSE;
  token = issue (job, kind, error);
  if (token == NULL)
    return FALSE;
  if (g_strcmp0 (kr_secret_token_get_fingerprint (token),
                 kr_secret_ledger_get_withdrawn (job->ledger))
      == 0)
    {
      kr_secret_error_set (
          error, KR_SECRET_ERROR_BAD_REPLY, 0, NULL,
          _ ("the broker hands out again the token that it was asked to revoke; try again later"));
      return FALSE;
    }
  write_token (job->id, token, &warning);
  answer_token (answer, token, warning);
  return TRUE;
}

/* The account is stored only after the broker has accepted its key. */
static gboolean
run_add (Job *job, KrSecretRecord *answer, GError **error)
{
  g_autoptr (KrSecretToken) token = issue (job, KR_SECRET_TOKEN_ACCESS, error);
  g_autoptr (GError) warning = NULL;

  if (token == NULL
      || !kr_secret_store_write_record (job->id, KR_SECRET_STORE_ACCOUNT, job->account,
                                        keyring_deadline (), NULL, error))
    return FALSE;
  write_token (job->id, token, &warning);
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
  kr_secret_record_set_int (answer, "result", result);
  return TRUE;
}

static gboolean
run (Job *job, int argc, char **argv, KrSecretRecord *answer, GError **error)
{
  const char *verb = argc > 1 ? argv[1] : "";

  if (g_str_equal (verb, "add"))
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
  if (!job_open (job, error))
    return FALSE;
  if (g_str_equal (verb, "add"))
    return run_add (job, answer, error);
  if (g_str_equal (verb, "issue"))
    return run_issue (job, argc > 3 ? argv[3] : NULL, answer, error);
  if (g_str_equal (verb, "revoke"))
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

/* The whole of kr-secret-helper: add (with the account's record on standard input), issue ID KIND,
 * or revoke ID. Returns 0 when an answer was written, whatever it says. */
int
kr_secret_job_main (int argc, char **argv, KrSecretTransport transport)
{
  g_auto (Job) job = { .transport = transport };
  g_autoptr (KrSecretRecord) answer = kr_secret_record_new (KR_SECRET_RECORD_ANSWER);
  g_autoptr (SecretValue) encoded = NULL;
  g_autoptr (GError) error = NULL;
  int output = take_output ();
  const char *data;
  gsize length;

  if (!run (&job, argc, argv, answer, &error))
    {
      g_clear_pointer (&answer, kr_secret_record_free);
      answer = kr_secret_record_new (KR_SECRET_RECORD_ANSWER);
      kr_secret_record_set_int (
          answer, "code", error->domain == KR_SECRET_ERROR ? error->code : KR_SECRET_ERROR_FAILED);
      kr_secret_record_set (answer, "message", error->message);
      kr_secret_record_set (answer, "broker_code", kr_secret_error_get_broker_code (error));
      kr_secret_record_set_int (answer, "retry_after", kr_secret_error_get_retry_after (error));
    }
  encoded = kr_secret_record_encode (answer, NULL);
  if (encoded == NULL)
    return 1;
  data = secret_value_get (encoded, &length);
  return write_all (output, data, length) ? 0 : 1;
}
