/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "helper/kr-secret-helper-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/kr-secret-clock-private.h"
#include "base/kr-secret-error-private.h"
#include "common/kr-intl.h"
#include "common/kr-write.h"
#include "issue/kr-secret-issuer-protocol-private.h"
#include "keyring/kr-secret-prompt-private.h"
#include "keyring/kr-secret-store-private.h"
#include "plugin/kr-secret-request-private.h"

/* kr-secret-helper without the network: reads the account, has the plugin build the request and
 * read the reply, checks, stores, and answers with one record on standard output. There is one
 * process per issue or revoke. It holds the account's lock while it runs, and finishes even if the
 * program that started it is gone. */

/* Reads standard input to its end: the record of an account that is not in the keyring yet. */
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

/* The broker's clock, from the head of any answer. */
static gboolean
run_clock (KrSecretHelper *self, KrSecretRecord *answer, GError **error)
{
  g_autoptr (KrSecretRequest) request = kr_secret_request_new ();
  g_autoptr (KrSecretReply) reply = NULL;
  gboolean sent;
  gint64 date;

  if (!kr_secret_helper_find_broker (self, error))
    return FALSE;
  kr_secret_request_fetch (request, "/");
  reply = kr_secret_helper_send (self, request, &sent, error);
  if (reply == NULL)
    return FALSE;
  date = kr_secret_reply_get_date (reply);
  if (date > 0)
    kr_secret_record_set_int (answer, KR_SECRET_ISSUER_AHEAD, kr_secret_clock_now () - date);
  else
    kr_secret_error_set (error, KR_SECRET_ERROR_BAD_REPLY, 0, NULL,
                         _ ("the broker's answer does not say what time it is"));
  return date > 0;
}

static gboolean
run (
    KrSecretHelper *self, int argc, char **argv, int output, KrSecretRecord *answer, GError **error)
{
  const char *verb = argc > 1 ? argv[1] : "";

  if (g_str_equal (verb, KR_SECRET_ISSUER_UNLOCK))
    return kr_secret_prompt_unlock (output, error);
  if (g_str_equal (verb, KR_SECRET_ISSUER_ADD))
    {
      self->account = read_stdin (error);
      self->id = self->account != NULL ? kr_secret_record_get (self->account, "id") : NULL;
    }
  else if (argc > 2)
    {
      self->id = argv[2];
      self->account = kr_secret_store_read_record (self->id, KR_SECRET_STORE_ACCOUNT,
                                                   kr_secret_helper_get_deadline (), error);
    }
  if (self->account == NULL || self->id == NULL)
    {
      if (*error == NULL)
        kr_secret_error_set (error, KR_SECRET_ERROR_NOT_FOUND, 0, NULL,
                             _ ("the account is not in the keyring"));
      return FALSE;
    }
  if (g_str_equal (verb, KR_SECRET_ISSUER_CLOCK))
    return run_clock (self, answer, error);
  if (!kr_secret_helper_open (self, error))
    return FALSE;
  if (g_str_equal (verb, KR_SECRET_ISSUER_ADD))
    return kr_secret_helper_issue_first (self, answer, error);
  if (g_str_equal (verb, KR_SECRET_ISSUER_ISSUE))
    return kr_secret_helper_issue_token (self, argc > 3 ? argv[3] : NULL, argc > 4, answer, error);
  if (g_str_equal (verb, KR_SECRET_ISSUER_REVOKE))
    return kr_secret_helper_revoke_token (self, answer, error);
  return KR_SECRET_FAIL (error, KR_SECRET_ERROR_USAGE, _ ("unknown task '%s'"), verb);
}

/* Keeps standard output for the answer, whatever a plugin prints. */
static int
take_output (void)
{
  int fd = fcntl (STDOUT_FILENO, F_DUPFD_CLOEXEC, 10);

  dup2 (STDERR_FILENO, STDOUT_FILENO);
  return fd;
}

/* The whole of kr-secret-helper. Returns 0 when an answer was written, whatever it says. */
int
kr_secret_helper_main (int argc, char **argv, KrSecretTransport transport)
{
  g_auto (KrSecretHelper) self = { .transport = transport };
  g_autoptr (KrSecretRecord) answer = kr_secret_record_new (KR_SECRET_RECORD_ANSWER);
  g_autoptr (SecretValue) encoded = NULL;
  g_autoptr (GError) error = NULL;
  const char *data;
  gsize length;
  int output = take_output ();

  if (!run (&self, argc, argv, output, answer, &error))
    {
      kr_secret_record_set_int (answer, KR_SECRET_ISSUER_CODE,
                                error->domain == KR_SECRET_ERROR ? error->code
                                                                 : KR_SECRET_ERROR_FAILED);
      kr_secret_record_set (answer, KR_SECRET_ISSUER_MESSAGE, error->message);
      kr_secret_record_set (answer, KR_SECRET_ISSUER_BROKER_CODE,
                            kr_secret_error_get_broker_code (error));
      kr_secret_record_set_int (answer, KR_SECRET_ISSUER_RETRY_AFTER,
                                kr_secret_error_get_retry_after (error));
    }
  encoded = kr_secret_record_encode (answer, NULL);
  if (encoded == NULL)
    return 1;
  data = secret_value_get (encoded, &length);
  return kr_write_all (output, data, length) ? 0 : 1;
}
