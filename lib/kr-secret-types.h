/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The client's flags, results and structs, without the client. */
#pragma once

#include "kr-secret-broker.h"
#include "kr-secret-credential.h"

G_BEGIN_DECLS

/**
 * KrSecretAddFlags:
 * @KR_SECRET_ADD_DEFAULT: verify the key by one issue and keep that token
 * @KR_SECRET_ADD_NO_VERIFY: store without asking the broker
 *
 * How [method@Client.add] works.
 *
 * Since: 0.1
 */
typedef enum
{
  KR_SECRET_ADD_DEFAULT = 0,
  KR_SECRET_ADD_NO_VERIFY = 1 << 0
} KrSecretAddFlags;

/**
 * KrSecretTokenFlags:
 * @KR_SECRET_TOKEN_DEFAULT: the stored token if it is fresh, else a new one
 * @KR_SECRET_TOKEN_NO_ISSUE: never ask the broker
 * @KR_SECRET_TOKEN_WAIT: wait out a rate limit, as long as [method@Client.set_token_wait] allows
 * @KR_SECRET_TOKEN_RENEW: a new token even if the stored one is good, if the broker's rules allow
 * it; otherwise %KR_SECRET_ERROR_RATE_LIMITED
 * @KR_SECRET_TOKEN_FORCE: ask the broker even if it is expected to give the same token or a dead
 * one, or to refuse the key. Its minimum interval still holds
 * @KR_SECRET_TOKEN_STRICT: fail rather than return a token that ends sooner than was asked for,
 * unless another program is stuck with the lock; at most half of a token's lifetime can be asked
 * for
 *
 * How [method@Client.get_token] works.
 *
 * Since: 0.1
 */
typedef enum
{
  KR_SECRET_TOKEN_DEFAULT = 0,
  KR_SECRET_TOKEN_NO_ISSUE = 1 << 0,
  KR_SECRET_TOKEN_WAIT = 1 << 1,
  KR_SECRET_TOKEN_RENEW = 1 << 2,
  KR_SECRET_TOKEN_FORCE = 1 << 3,
  KR_SECRET_TOKEN_STRICT = 1 << 4
} KrSecretTokenFlags;

/**
 * KrSecretRemoveFlags:
 * @KR_SECRET_REMOVE_DEFAULT: revoke the token at the broker first; if that fails, remove nothing
 * @KR_SECRET_REMOVE_KEEP_TOKEN: do not revoke
 * @KR_SECRET_REMOVE_FORCE: try to revoke, remove in any case
 *
 * How [method@Client.remove] works.
 *
 * Since: 0.1
 */
typedef enum
{
  KR_SECRET_REMOVE_DEFAULT = 0,
  KR_SECRET_REMOVE_KEEP_TOKEN = 1 << 0,
  KR_SECRET_REMOVE_FORCE = 1 << 1
} KrSecretRemoveFlags;

/**
 * KrSecretRevokeResult:
 * @KR_SECRET_REVOKE_DONE: revoked at the broker, or not known there any more
 * @KR_SECRET_REVOKE_NOTHING: no token was stored, or it had expired
 * @KR_SECRET_REVOKE_LOCAL_ONLY: this broker cannot revoke; the token was forgotten here
 *
 * What [method@Client.revoke_token] came to.
 *
 * Since: 0.1
 */
typedef enum
{
  KR_SECRET_REVOKE_DONE,
  KR_SECRET_REVOKE_NOTHING,
  KR_SECRET_REVOKE_LOCAL_ONLY
} KrSecretRevokeResult;

/**
 * KrSecretDraft:
 * @id: (nullable): the account's id, if it had one before; %NULL for a new one
 * @alias: the user's name for it; see [func@alias_normalize]
 * @broker_id: the broker's id; its plugin may be missing
 * @environment: which of the broker's systems the key is for
 * @endpoint: (nullable): a test endpoint on this machine instead of the broker's host
 * @credential: the key
 *
 * An account that is not in the keyring yet. See [method@Client.add_all].
 *
 * Since: 0.1
 */
typedef struct
{
  const char *id;
  const char *alias;
  const char *broker_id;
  KrSecretEnvironment environment;
  const char *endpoint;
  KrSecretCredential *credential;
} KrSecretDraft;

G_END_DECLS
