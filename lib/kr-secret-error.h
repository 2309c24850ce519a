/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "kr-secret-macros.h"

G_BEGIN_DECLS

/**
 * KrSecretError:
 * @KR_SECRET_ERROR_FAILED: a failure without a better code
 * @KR_SECRET_ERROR_USAGE: a value from the caller is not acceptable, or names several accounts
 * @KR_SECRET_ERROR_NOT_FOUND: no such account, broker or token
 * @KR_SECRET_ERROR_REFUSED: the broker refused the key, secret or token; a person must act
 * @KR_SECRET_ERROR_LOCKED: the keyring is locked
 * @KR_SECRET_ERROR_NO_KEYRING: no keyring can be reached, or it has no default collection
 * @KR_SECRET_ERROR_RATE_LIMITED: too early; [func@error_get_retry_after] says how long to wait
 * @KR_SECRET_ERROR_UNREACHABLE: the broker or the network could not be reached, or is out of order
 * @KR_SECRET_ERROR_DEADLINE: the deadline passed, or another process holds the lock
 * @KR_SECRET_ERROR_DECLINED: the user said no
 * @KR_SECRET_ERROR_PLUGIN: the broker's plugin is missing, was refused, or crashed
 * @KR_SECRET_ERROR_DAMAGED: stored data is damaged, or a file has unsafe permissions
 * @KR_SECRET_ERROR_BAD_REPLY: the broker's answer could not be understood
 * @KR_SECRET_ERROR_CANCELLED: the caller's cancellable was triggered
 *
 * What the caller of libkrsecret should do next.
 *
 * The numbers are those that `kr-secret-tool` exits with, and never change.
 *
 * Since: 0.1
 */
typedef enum
{
  KR_SECRET_ERROR_FAILED = 1,
  KR_SECRET_ERROR_USAGE = 2,
  KR_SECRET_ERROR_NOT_FOUND = 3,
  KR_SECRET_ERROR_REFUSED = 4,
  KR_SECRET_ERROR_LOCKED = 5,
  KR_SECRET_ERROR_NO_KEYRING = 6,
  KR_SECRET_ERROR_RATE_LIMITED = 7,
  KR_SECRET_ERROR_UNREACHABLE = 8,
  KR_SECRET_ERROR_DEADLINE = 9,
  KR_SECRET_ERROR_DECLINED = 10,
  KR_SECRET_ERROR_PLUGIN = 11,
  KR_SECRET_ERROR_DAMAGED = 12,
  KR_SECRET_ERROR_BAD_REPLY = 13,
  KR_SECRET_ERROR_CANCELLED = 130
} KrSecretError;

#define KR_SECRET_ERROR (kr_secret_error_quark ())

KR_SECRET_AVAILABLE_IN_0_1
GQuark kr_secret_error_quark (void);

KR_SECRET_AVAILABLE_IN_0_1
const char *kr_secret_error_get_word (const GError *error);

KR_SECRET_AVAILABLE_IN_0_1
gint64 kr_secret_error_get_retry_after (const GError *error);

KR_SECRET_AVAILABLE_IN_0_1
const char *kr_secret_error_get_broker_code (const GError *error);

KR_SECRET_AVAILABLE_IN_0_1
void kr_secret_error_set (GError **error,
                          KrSecretError code,
                          gint64 retry_after,
                          const char *broker_code,
                          const char *format,
                          ...) G_GNUC_PRINTF (5, 6);

G_END_DECLS
