/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "issue/kr-secret-issuer-private.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/kr-secret-deadline-private.h"
#include "base/kr-secret-error-private.h"
#include "base/kr-secret-trusted-file-private.h"
#include "common/kr-intl.h"
#include "issue/kr-secret-issuer-protocol-private.h"
#include "values/kr-secret-record-private.h"
#include "values/kr-secret-token-private.h"

/* The application's side of a job. Everything with the network, and its copies of secrets, is in
 * the helper, whose memory is gone when it ends. */

#define HELPER "kr-secret-helper"

/* What the helper needs: the bus, where keyring and ledger are, the language. Nothing that makes
 * TLS reveal keys, changes where a request goes, or loads code. */
static const char *const passed_on[] = {
  "DBUS_SESSION_BUS_ADDRESS",
  "HOME",
  "KR_SECRET_LOCALE_DIR",
  "KR_SECRET_PLUGIN_DIR",
  "LANG",
  "LANGUAGE",
  "LC_ALL",
  "LC_MESSAGES",
  "SECRET_SERVICE_BUS_NAME", /* libsecret's: the helper must use the same service */
  "XDG_DATA_HOME",
  "XDG_RUNTIME_DIR",
  "XDG_STATE_HOME",
};

static char **
make_environment (void)
{
  char **environment = g_new0 (char *, 1);

  for (guint i = 0; i < G_N_ELEMENTS (passed_on); i++)
    {
      const char *value = secure_getenv (passed_on[i]);

      if (value != NULL)
        environment = g_environ_setenv (environment, passed_on[i], value, TRUE);
    }
  return environment;
}

/* Where the helper is. It gets the user's keys, so the environment has no say. In the build tree it
 * lies beside the library. */
char *
kr_secret_issuer_get_helper_path (void)
{
  g_autofree char *folder = NULL;
  g_autofree char *beside = NULL;
  Dl_info info;

  if (dladdr ((void *) kr_secret_issuer_get_helper_path, &info) != 0 && info.dli_fname != NULL)
    {
      folder = g_path_get_dirname (info.dli_fname);
      beside = g_build_filename (folder, "helper", HELPER, NULL);
      if (g_path_is_absolute (beside) && g_file_test (beside, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer (&beside);
    }
  return g_build_filename (LIBEXECDIR, HELPER, NULL);
}

/* It must be as trustworthy as a plugin. */
static char *
find_helper (GError **error)
{
  g_autofree char *path = kr_secret_issuer_get_helper_path ();
  g_autofree char *shown = g_filename_display_name (path);
  g_autoptr (GError) local = NULL;
  int fd = kr_secret_trusted_file_open (path, &local);

  if (fd < 0)
    return KR_SECRET_FAIL_NULL (error, KR_SECRET_ERROR_PLUGIN, "%s: %s", shown, local->message);
  close (fd);
  return g_steal_pointer (&path);
}

/* A socket, not a pipe: writing to a helper that is gone must not raise SIGPIPE here. */
static int
make_input (SecretValue *input, GError **error)
{
  int ends[2];
  const char *data;
  gsize length;
  ssize_t sent;

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    {
      kr_secret_error_set (error, KR_SECRET_ERROR_FAILED, 0, NULL, "%s", g_strerror (errno));
      return -1;
    }
  data = secret_value_get (input, &length);
  sent = send (ends[1], data, length, MSG_NOSIGNAL | MSG_DONTWAIT);
  close (ends[1]);
  if (sent == (ssize_t) length)
    return ends[0];
  close (ends[0]);
  kr_secret_error_set (error, KR_SECRET_ERROR_FAILED, 0, NULL,
                       _ ("the account cannot be handed to the helper"));
  return -1;
}

/* Starts the helper, which shares the locks of ledger and also (NULL: none) until it ends. Returns
 * the descriptor that its answer will come from. */
static int
start (const char *const *arguments,
       SecretValue *input,
       KrSecretLedger *ledger,
       KrSecretLedger *also,
       GError **error)
{
  g_autofree char *helper = find_helper (error);
  g_auto (GStrv) environment = make_environment ();
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GError) local = NULL;
  int lock_fds[4];
  const int target_fds[] = { KR_SECRET_ISSUER_LOCK_FD, 4, 5, 6 };
  int input_fd = -1, output_fd = -1;
  guint n_locks = 0;

  if (helper == NULL || (input != NULL && (input_fd = make_input (input, error)) < 0))
    return -1;
  for (guint i = 0; i < 2; i++)
    {
      KrSecretLedger *shared = i == 0 ? ledger : also;

      if (shared == NULL)
        continue;
      lock_fds[n_locks++] = kr_secret_ledger_get_fd (shared);
      lock_fds[n_locks++] = kr_secret_ledger_get_directory_fd (shared);
    }
  g_ptr_array_add (argv, helper);
  for (guint i = 0; arguments[i] != NULL; i++)
    g_ptr_array_add (argv, (gpointer) arguments[i]);
  g_ptr_array_add (argv, NULL);

  /* Without DO_NOT_REAP_CHILD GLib lets init reap it: no SIGCHLD reaches the application. */
  if (!g_spawn_async_with_pipes_and_fds (
          "/", (const char *const *) argv->pdata, (const char *const *) environment,
          G_SPAWN_STDERR_TO_DEV_NULL | G_SPAWN_CLOEXEC_PIPES, NULL, NULL, input_fd, -1, -1,
          lock_fds, target_fds, n_locks, NULL, NULL, &output_fd, NULL, &local))
    {
      kr_secret_error_set (error, KR_SECRET_ERROR_PLUGIN, 0, NULL, "%s", local->message);
      output_fd = -1;
    }
  if (input_fd >= 0)
    close (input_fd);
  return output_fd;
}

/* Waits until there is something to read, the deadline has passed, or the caller has cancelled. */
static gboolean
wait_readable (int fd, KrSecretDeadline deadline, GError **error)
{
  for (;;)
    {
      GPollFD fds[2] = { { .fd = fd, .events = G_IO_IN } };
      guint n = 1;
      int ready;

      if (!kr_secret_deadline_check (deadline, error))
        return FALSE;
      if (deadline.cancellable != NULL && g_cancellable_make_pollfd (deadline.cancellable, &fds[1]))
        n = 2;
      ready = g_poll (fds, n, kr_secret_deadline_left (deadline));
      if (n == 2)
        g_cancellable_release_fd (deadline.cancellable);
      if (ready > 0 && fds[0].revents != 0)
        return TRUE;
    }
}

static KrSecretRecord *
read_answer (int fd, KrSecretDeadline deadline, GError **error)
{
  g_autofree char *buffer = g_malloc (KR_SECRET_RECORD_MAX);
  KrSecretRecord *answer = NULL;
  gsize length = 0;
  ssize_t n = 1;

  while (length < KR_SECRET_RECORD_MAX && n > 0)
    {
      if (!wait_readable (fd, deadline, error))
        break;
      do
        n = read (fd, buffer + length, KR_SECRET_RECORD_MAX - length);
      while (n < 0 && errno == EINTR);
      length += (gsize) MAX (n, 0);
    }
  if (n <= 0 || length == KR_SECRET_RECORD_MAX)
    {
      answer = kr_secret_record_decode (buffer, length, KR_SECRET_RECORD_ANSWER, NULL);
      if (answer == NULL)
        kr_secret_error_set (error, KR_SECRET_ERROR_PLUGIN, 0, NULL,
                             _ ("kr-secret-helper ended without an answer: it could not start, or "
                                "the broker's plugin crashed"));
    }
  explicit_bzero (buffer, KR_SECRET_RECORD_MAX);
  return answer;
}

/* Runs a job. An error in the answer becomes the caller's. */
static KrSecretRecord *
run (const char *const *arguments,
     SecretValue *input,
     KrSecretLedger *ledger,
     KrSecretLedger *also,
     KrSecretDeadline deadline,
     GError **error)
{
  g_autoptr (KrSecretRecord) answer = NULL;
  const char *message;
  gint64 code;
  int fd = start (arguments, input, ledger, also, error);

  if (fd < 0)
    return NULL;
  answer = read_answer (fd, deadline, error);
  close (fd);
  if (answer == NULL)
    return NULL;
  code = kr_secret_record_get_int (answer, KR_SECRET_ISSUER_CODE, 0);
  message = kr_secret_record_get (answer, KR_SECRET_ISSUER_MESSAGE);
  if (code == 0)
    return g_steal_pointer (&answer);
  kr_secret_error_set (error, (KrSecretError) code,
                       kr_secret_record_get_int (answer, KR_SECRET_ISSUER_RETRY_AFTER, 0),
                       kr_secret_record_get (answer, KR_SECRET_ISSUER_BROKER_CODE), "%s",
                       message != NULL ? message : "?");
  return NULL;
}

static KrSecretToken *
take_token (KrSecretRecord *answer, GError **error)
{
  const char *warning = kr_secret_record_get (answer, KR_SECRET_ISSUER_WARNING);
  g_autoptr (KrSecretToken) token = kr_secret_record_get_token (answer, error);

  if (token != NULL && warning != NULL)
    return kr_secret_token_with_warning (token, warning, FALSE);
  return g_steal_pointer (&token);
}

/* force: even if the account's history says that it will not help. */
KrSecretToken *
kr_secret_issuer_issue (const char *id,
                        KrSecretTokenKind kind,
                        gboolean force,
                        KrSecretLedger *ledger,
                        KrSecretDeadline deadline,
                        GError **error)
{
  const char *const arguments[]
      = { KR_SECRET_ISSUER_ISSUE, id, kr_secret_token_kind_to_string (kind), force ? "force" : NULL,
          NULL };
  g_autoptr (KrSecretRecord) answer = run (arguments, NULL, ledger, NULL, deadline, error);

  return answer != NULL ? take_token (answer, error) : NULL;
}

/* account: an encoded record, stored if the broker accepts its key; accounts_lock is held till
 * then. */
KrSecretToken *
kr_secret_issuer_add (SecretValue *account,
                      KrSecretLedger *ledger,
                      KrSecretLedger *accounts_lock,
                      KrSecretDeadline deadline,
                      GError **error)
{
  const char *const arguments[] = { KR_SECRET_ISSUER_ADD, NULL };
  g_autoptr (KrSecretRecord) answer
      = run (arguments, account, ledger, accounts_lock, deadline, error);

  return answer != NULL ? take_token (answer, error) : NULL;
}

gboolean
kr_secret_issuer_revoke (const char *id,
                         KrSecretLedger *ledger,
                         KrSecretRevokeResult *out_result,
                         KrSecretDeadline deadline,
                         GError **error)
{
  const char *const arguments[] = { KR_SECRET_ISSUER_REVOKE, id, NULL };
  g_autoptr (KrSecretRecord) answer = run (arguments, NULL, ledger, NULL, deadline, error);

  if (answer == NULL)
    return FALSE;
  *out_result = (KrSecretRevokeResult) kr_secret_record_get_int (answer, KR_SECRET_ISSUER_RESULT,
                                                                 KR_SECRET_REVOKE_NOTHING);
  return TRUE;
}

/* Seconds the local clock is ahead of the broker's. Requests only the broker's front page. */
gboolean
kr_secret_issuer_check_clock (const char *id,
                              gint64 *out_ahead,
                              KrSecretDeadline deadline,
                              GError **error)
{
  const char *const arguments[] = { KR_SECRET_ISSUER_CLOCK, id, NULL };
  g_autoptr (KrSecretRecord) answer = run (arguments, NULL, NULL, NULL, deadline, error);

  if (answer == NULL)
    return FALSE;
  *out_ahead = kr_secret_record_get_int (answer, KR_SECRET_ISSUER_AHEAD, 0);
  return TRUE;
}

/* Has the helper show the keyring's prompt. If the wait is given up the helper ends, but the window
 * stays until somebody answers or closes it: there is no safe way to take it back. */
gboolean
kr_secret_issuer_unlock (KrSecretDeadline deadline, GError **error)
{
  const char *const arguments[] = { KR_SECRET_ISSUER_UNLOCK, NULL };
  g_autoptr (KrSecretRecord) answer = run (arguments, NULL, NULL, NULL, deadline, error);

  return answer != NULL;
}
