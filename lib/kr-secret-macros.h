/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

/* Everything is hidden unless it carries one of these marks; krsecret.map names each again. */

/* A public symbol, and the version it came with. */
#define KR_SECRET_AVAILABLE_IN_0_1 __attribute__ ((visibility ("default"))) extern

/* Exported for kr-secret-helper and our own tests alone, under a version node of its own. No
 * installed header declares such a symbol, and none is kept from one release to the next. */
#define KR_SECRET_INTERNAL __attribute__ ((visibility ("default"))) extern
