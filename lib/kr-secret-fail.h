/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* For the library and the tool; not installed. Includers need kr-secret-error.h. */

/* Fails in one step: kr_secret_error_set with only a code and a reason, then FALSE or NULL. */
#define KR_SECRET_FAIL(error, code, ...)                                                           \
  (kr_secret_error_set (error, code, 0, NULL, __VA_ARGS__), FALSE)
#define KR_SECRET_FAIL_NULL(error, code, ...)                                                      \
  (kr_secret_error_set (error, code, 0, NULL, __VA_ARGS__), NULL)

/* Fails with an error that was looked at first, and must be set. */
#define KR_SECRET_PASS(error, local) (g_propagate_error (error, g_steal_pointer (&(local))), FALSE)
#define KR_SECRET_PASS_NULL(error, local)                                                          \
  (g_propagate_error (error, g_steal_pointer (&(local))), NULL)
