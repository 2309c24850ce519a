/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

/* Everything without such a mark is hidden; krsecret.map lists each name again. */

/* A public symbol, and the version it came with. */
#define KR_SECRET_AVAILABLE_IN_0_1 __attribute__ ((visibility ("default"))) extern
#define KR_SECRET_AVAILABLE_IN_0_2 __attribute__ ((visibility ("default"))) extern
