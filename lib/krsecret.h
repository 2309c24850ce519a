/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The only header an application includes. */
#pragma once

#include "kr-secret-account.h"
#include "kr-secret-broker.h"
#include "kr-secret-client.h"
#include "kr-secret-credential.h"
#include "kr-secret-environment.h"
#include "kr-secret-error.h"
#include "kr-secret-header.h"
#include "kr-secret-token.h"
#include "kr-secret-types.h"
