/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kr-secret-macros.h"

G_BEGIN_DECLS

/**
 * KrSecretEnvironment:
 * @KR_SECRET_ENVIRONMENT_REAL: 실전투자, real money
 * @KR_SECRET_ENVIRONMENT_PAPER: 모의투자, paper trading
 *
 * Which of a broker's systems an account belongs to.
 *
 * Since: 0.1
 */
typedef enum
{
  KR_SECRET_ENVIRONMENT_REAL,
  KR_SECRET_ENVIRONMENT_PAPER
} KrSecretEnvironment;

KR_SECRET_AVAILABLE_IN_0_1
const char *kr_secret_environment_to_string (KrSecretEnvironment environment);

KR_SECRET_AVAILABLE_IN_0_1
gboolean kr_secret_environment_from_string (const char *text, KrSecretEnvironment *out_environment);

G_END_DECLS
