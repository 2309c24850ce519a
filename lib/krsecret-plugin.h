/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The only header a broker's plugin includes.
 *
 * A plugin says, as data and pure functions, how one broker issues and revokes tokens. It does no
 * I/O, reads no clock and keeps no state: the time comes in, a request goes out, a reply comes in.
 * It is loaded into kr-secret-helper for issuing and revoking, and into applications for authorize
 * and classify.
 */
#pragma once

#include "kr-secret-broker.h"
#include "kr-secret-credential.h"
#include "kr-secret-error.h"
#include "kr-secret-macros.h"
#include "kr-secret-reply.h"
#include "kr-secret-request.h"
#include "kr-secret-token.h"

G_BEGIN_DECLS

#define KR_SECRET_PLUGIN_ABI 1

typedef struct _KrSecretPlugin KrSecretPlugin;

struct _KrSecretPlugin
{
  guint32 abi;  /* KR_SECRET_PLUGIN_ABI */
  guint32 size; /* sizeof (KrSecretPlugin) */

  char id[16]; /* as in the file's name: <id>.so, kr_secret_plugin_<id>. Not a pointer, so that the
                  registry can read it in the file before it runs any of it */

  const char *name;    /* English */
  const char *name_ko; /* Korean */
  const KrSecretField *fields;
  const char *real_uri;  /* "https://host:port", no path */
  const char *paper_uri; /* NULL: no paper environment */
  KrSecretTraits traits;

  /* Fills in the request that asks for a token. */
  gboolean (*build_issue) (KrSecretCredential *credential,
                           KrSecretTokenKind kind,
                           KrSecretRequest *request,
                           GError **error);

  /* Reads the answer. now is the broker's own time (the reply's Date, else ours), in seconds since
   * 1970; issued-at and expires-at are in that clock. Errors are in the domain KR_SECRET_ERROR:
   * REFUSED, RATE_LIMITED, UNREACHABLE or BAD_REPLY, with the broker's code. */
  KrSecretToken *(*parse_issue) (const KrSecretReply *reply,
                                 KrSecretTokenKind kind,
                                 gint64 now,
                                 GError **error);

  /* Both NULL: the broker cannot revoke. "There is no such token" counts as done. */
  gboolean (*build_revoke) (KrSecretCredential *credential,
                            KrSecretToken *token,
                            KrSecretRequest *request,
                            GError **error);
  gboolean (*parse_revoke) (const KrSecretReply *reply, gint64 now, GError **error);

  /* Adds the headers of a normal call to the request. */
  gboolean (*authorize) (KrSecretCredential *credential,
                         KrSecretToken *token,
                         KrSecretRequest *request,
                         GError **error);

  /* Judges the answer to a normal call. */
  KrSecretVerdict (*classify) (const KrSecretReply *reply);
};

/* Defines and exports the plugin's one symbol: KR_SECRET_PLUGIN_DEFINE (kis) = { ... }; */
#define KR_SECRET_PLUGIN_DEFINE(id)                                                                \
  __attribute__ ((visibility ("default"))) extern const KrSecretPlugin kr_secret_plugin_##id;      \
  const KrSecretPlugin kr_secret_plugin_##id

G_END_DECLS
