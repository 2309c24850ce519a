/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The only header a broker's plugin includes.
 *
 * A plugin says how one broker issues and revokes tokens. A plain broker is a table: one constant
 * struct, from which the library makes the requests and reads the answers. Where a broker differs,
 * its plugin has a function for that step, and the library's own is not used. Functions are pure:
 * no I/O, no clock, no state. The time comes in, a request goes out, a reply comes in.
 *
 * A plugin is loaded into kr-secret-helper for issuing and revoking, and into applications for
 * authorize and classify. Everything a table points to is constant and stays where it is.
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

/* Goes up with each change of the structs below. */
#define KR_SECRET_PLUGIN_ABI 2

typedef struct _KrSecretPlugin KrSecretPlugin;

/* One field of a body, or one header. In a body it has either a text or a secret; in a header the
 * text, if there is one, stands before the secret. Lists end with a NULL name, or are full. */
typedef struct
{
  const char *name;   /* the broker's. In JSON, dots make objects: "dataBody.appKey" */
  const char *text;   /* UTF-8; in a header printable ASCII: "Bearer " */
  const char *secret; /* the name of one of the plugin's fields, or "token" for the token itself */
} KrSecretEntry;

/* A member of an answer, and the value it has in a success. Numbers are compared as numbers. */
typedef struct
{
  const char *member;
  const char *value;
} KrSecretMark;

/* A request and its answer. Members are names or paths, as kr_secret_reply_has() takes them. Lists
 * of members end with NULL, or are full.
 *
 * An answer is a success if its status is 200, it is JSON, and it has no code. If some of the
 * members in success are there, the first of them must have its value as well. */
typedef struct
{
  const char *path;  /* of the POST, from the first slash on. NULL: there is no such request */
  KrSecretBody body; /* JSON or FORM */
  KrSecretEntry entries[8]; /* what is sent, in this order */

  KrSecretMark success[2];
  gboolean success_needed; /* a success must have one of these members */

  /* Of an issue only. The token is the first member that is there. Each expiry that is there must
   * be understood, and the earliest counts; one is needed, unless lifetime is given. */
  const char *token[2];
  const char *expires_in[2]; /* seconds from now */
  const char *expires_at[2]; /* Korean time, see kr_secret_parse_kst() */
  guint lifetime;            /* in seconds: no token lives longer. 0: the answer says it */
} KrSecretExchange;

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

  KrSecretExchange issue;
  KrSecretExchange
      approval;            /* the issue of a websocket key, if traits.websocket says there is one */
  KrSecretExchange revoke; /* without path and build_revoke: the broker cannot revoke */
  KrSecretEntry headers[4]; /* those of a normal call that make it authorized */

  const KrSecretCode *codes;   /* what the broker's codes mean; ends with a NULL code */
  const char *code_members[4]; /* where an answer has its code. Empty, or zeros only: it has none */
  const char *text_members[4]; /* where it says in words what is wrong */
  KrSecretVerdict unauthorized; /* what HTTP 401 means in a normal call whose code is not known */

  /* For a broker that differs: NULL, or a function for this step in place of the table. It finds
   * its own table in plugin, and sets an error if it fails. */

  /* Fills in the request that asks for a token. */
  gboolean (*build_issue) (const KrSecretPlugin *plugin,
                           KrSecretCredential *credential,
                           KrSecretTokenKind kind,
                           KrSecretRequest *request,
                           GError **error);

  /* Reads the answer. now is the broker's own time (the reply's Date, else ours), in seconds since
   * 1970; issued-at and expires-at are in that clock. Errors are in the domain KR_SECRET_ERROR:
   * REFUSED, RATE_LIMITED, UNREACHABLE or BAD_REPLY, with the broker's code. (transfer full) */
  KrSecretToken *(*parse_issue) (const KrSecretPlugin *plugin,
                                 const KrSecretReply *reply,
                                 KrSecretTokenKind kind,
                                 gint64 now,
                                 GError **error);

  gboolean (*build_revoke) (const KrSecretPlugin *plugin,
                            KrSecretCredential *credential,
                            KrSecretToken *token,
                            KrSecretRequest *request,
                            GError **error);

  /* "There is no such token" counts as done. */
  gboolean (*parse_revoke) (const KrSecretPlugin *plugin,
                            const KrSecretReply *reply,
                            GError **error);

  /* Adds the headers of a normal call to the request. */
  gboolean (*authorize) (const KrSecretPlugin *plugin,
                         KrSecretCredential *credential,
                         KrSecretToken *token,
                         KrSecretRequest *request,
                         GError **error);

  /* Judges the answer to a normal call. */
  KrSecretVerdict (*classify) (const KrSecretPlugin *plugin, const KrSecretReply *reply);

  /* Finds an answer's code; NULL if it has none, like a success. (transfer full) */
  char *(*dup_code) (const KrSecretPlugin *plugin, const KrSecretReply *reply);
};

/* Defines and exports the plugin's one symbol: KR_SECRET_PLUGIN_DEFINE (kis) = { ... }; */
#define KR_SECRET_PLUGIN_DEFINE(id)                                                                \
  __attribute__ ((visibility ("default"))) extern const KrSecretPlugin kr_secret_plugin_##id;      \
  const KrSecretPlugin kr_secret_plugin_##id

/* The steps, for the library and for tests of plugins: each calls the plugin's function, or does
 * what the table says. Only for a plugin that was checked, as the library checks each one that it
 * loads. Further errors are USAGE for a kind of token that the broker does not have, and DAMAGED
 * for a secret that is missing or cannot be sent. */

KR_SECRET_AVAILABLE_IN_0_2
gboolean kr_secret_protocol_build_issue (const KrSecretPlugin *plugin,
                                         KrSecretCredential *credential,
                                         KrSecretTokenKind kind,
                                         KrSecretRequest *request,
                                         GError **error);

KR_SECRET_AVAILABLE_IN_0_2
KrSecretToken *kr_secret_protocol_parse_issue (const KrSecretPlugin *plugin,
                                               const KrSecretReply *reply,
                                               KrSecretTokenKind kind,
                                               gint64 now,
                                               GError **error);

KR_SECRET_AVAILABLE_IN_0_2
gboolean kr_secret_protocol_can_revoke (const KrSecretPlugin *plugin);

KR_SECRET_AVAILABLE_IN_0_2
gboolean kr_secret_protocol_build_revoke (const KrSecretPlugin *plugin,
                                          KrSecretCredential *credential,
                                          KrSecretToken *token,
                                          KrSecretRequest *request,
                                          GError **error);

KR_SECRET_AVAILABLE_IN_0_2
gboolean kr_secret_protocol_parse_revoke (const KrSecretPlugin *plugin,
                                          const KrSecretReply *reply,
                                          GError **error);

KR_SECRET_AVAILABLE_IN_0_2
gboolean kr_secret_protocol_authorize (const KrSecretPlugin *plugin,
                                       KrSecretCredential *credential,
                                       KrSecretToken *token,
                                       KrSecretRequest *request,
                                       GError **error);

KR_SECRET_AVAILABLE_IN_0_2
KrSecretVerdict kr_secret_protocol_classify (const KrSecretPlugin *plugin,
                                             const KrSecretReply *reply);

/* Also for a plugin's functions. */
KR_SECRET_AVAILABLE_IN_0_2
char *kr_secret_protocol_dup_code (const KrSecretPlugin *plugin, const KrSecretReply *reply);

/* Also for a plugin's functions: sets an error by an answer's code, words and HTTP status. */
KR_SECRET_AVAILABLE_IN_0_2
void kr_secret_protocol_set_error (const KrSecretPlugin *plugin,
                                   const KrSecretReply *reply,
                                   GError **error);

G_END_DECLS
