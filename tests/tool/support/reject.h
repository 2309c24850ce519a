/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

/* What the tests of reject share. */

/* A token that no broker gave. */
#define STRANGER "stranger-stranger-stranger"

/* Checks that neither output contains it. */
void assert_lacks (TestRun *ran, const char *secret);
/* @token: or NULL, for none. */
void assert_stored (World *world, const char *alias, const char *token);
/* The result for @input, according to the JSON. */
gboolean is_forgotten (World *world, const char *alias, const char *input);
