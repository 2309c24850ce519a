/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A plugin for tests of loading and running plugins. It is compiled once for each name, with one
 * thing wrong, or none. When its code runs, it creates a file of its name in KR_TEST_MARKERS. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "krsecret-plugin.h"

#define STRING_(x) #x
#define STRING(x) STRING_ (x)

#ifndef FIXTURE_ABI
#define FIXTURE_ABI KR_SECRET_PLUGIN_ABI
#endif
#ifndef FIXTURE_SIZE
#define FIXTURE_SIZE sizeof (KrSecretPlugin)
#endif
#ifndef FIXTURE_SAYS
#define FIXTURE_SAYS STRING (FIXTURE_ID)
#endif
#ifndef FIXTURE_SYMBOL
#define FIXTURE_SYMBOL FIXTURE_ID
#endif
#ifndef FIXTURE_URI
#define FIXTURE_URI "https://broker.invalid:8443"
#endif
#ifndef FIXTURE_DEATH
#define FIXTURE_DEATH 0
#endif
#ifndef FIXTURE_BROKER_NAME
#define FIXTURE_BROKER_NAME "secret"
#endif
#ifndef FIXTURE_REISSUE
#define FIXTURE_REISSUE KR_SECRET_REISSUE_NEW_KILLS_OLD
#endif
#ifndef FIXTURE_INTERVAL
#define FIXTURE_INTERVAL 0
#endif
/* Whether it talks to the simulator as if that were its broker, in Kiwoom's format. */
#ifndef FIXTURE_SPEAKS
#define FIXTURE_SPEAKS 0
#endif
#ifndef FIXTURE_BUILD
#define FIXTURE_BUILD build_issue
#endif
#ifndef FIXTURE_IN_BUILD
#define FIXTURE_IN_BUILD (void) 0
#endif
#ifndef FIXTURE_IN_PARSE
#define FIXTURE_IN_PARSE (void) 0
#endif

__attribute__ ((constructor)) static void
leave_mark (void)
{
  const char *directory = g_getenv ("KR_TEST_MARKERS");
  g_autofree char *path = NULL;

  if (directory == NULL)
    return;
  path = g_build_filename (directory, STRING (FIXTURE_ID), NULL);
  close (open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

G_GNUC_UNUSED static void
crash (void)
{
  abort ();
}

G_GNUC_UNUSED static void
loop (void)
{
  for (volatile int go_on = 1; go_on;)
    ;
}

/* More on standard output than any answer contains. */
G_GNUC_UNUSED static void
shout (void)
{
  char noise[4096];

  memset (noise, '!', sizeof noise);
  for (int i = 0; i < 32; i++)
    if (write (STDOUT_FILENO, noise, sizeof noise) < 0)
      break;
}

/* No process has it. */
void kr_secret_fixture_is_nowhere (void);

G_GNUC_UNUSED static gboolean
build_issue (const KrSecretPlugin *plugin,
             KrSecretCredential *credential,
             KrSecretTokenKind kind,
             KrSecretRequest *request,
             GError **error)
{
  FIXTURE_IN_BUILD;
  kr_secret_request_post (request, "/oauth2/token", KR_SECRET_BODY_JSON);
  if (!FIXTURE_SPEAKS)
    return TRUE;
  kr_secret_request_add_field (request, "grant_type", "client_credentials");
  return kr_secret_request_add_secret_field (request, "appkey",
                                             kr_secret_credential_get (credential, "appkey"), error)
         && kr_secret_request_add_secret_field (
             request, "secretkey", kr_secret_credential_get (credential, "appsecret"), error);
}

static const KrSecretCode no_codes[] = { { NULL } };

static KrSecretToken *
parse_issue (const KrSecretPlugin *plugin,
             const KrSecretReply *reply,
             KrSecretTokenKind kind,
             gint64 now,
             GError **error)
{
  KrSecretToken *token = NULL;
  gint64 expires_at;

  FIXTURE_IN_PARSE;
  if (!FIXTURE_SPEAKS)
    return NULL;
  if (kr_secret_reply_get_kst (reply, "expires_dt", &expires_at))
    token = kr_secret_reply_dup_token (reply, "token", kind, now, expires_at);
  if (token == NULL)
    kr_secret_protocol_set_error (plugin, reply, error);
  return token;
}

static gboolean
authorize (const KrSecretPlugin *plugin,
           KrSecretCredential *credential,
           KrSecretToken *token,
           KrSecretRequest *request,
           GError **error)
{
  return TRUE;
}

static KrSecretVerdict
classify (const KrSecretPlugin *plugin, const KrSecretReply *reply)
{
  return KR_SECRET_VERDICT_FINE;
}

static const KrSecretField fields[] = {
  { "appkey", "key", "appkey", "앱키", TRUE, 0 },
  { "appsecret", FIXTURE_BROKER_NAME, "appsecret", "앱시크릿", TRUE, 20 },
  { NULL },
};

#define DEFINE(id) KR_SECRET_PLUGIN_DEFINE (id)

DEFINE (FIXTURE_SYMBOL) = {
  .abi = FIXTURE_ABI,
  .size = FIXTURE_SIZE,
  .id = FIXTURE_SAYS,
  .name = "Fixture " STRING (FIXTURE_ID),
  .name_ko = "시험",
  .fields = fields,
  .real_uri = FIXTURE_URI,
  .paper_uri = FIXTURE_URI,
  .traits = {
    .reissue = FIXTURE_REISSUE,
    .issue_interval = FIXTURE_INTERVAL,
    .death_time = FIXTURE_DEATH,
  },
  .codes = no_codes,
  .build_issue = FIXTURE_BUILD,
  .parse_issue = parse_issue,
  .authorize = authorize,
  .classify = classify,
};
