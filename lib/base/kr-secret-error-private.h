/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "kr-secret-fail.h"
#include "kr-secret-error.h"
