/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Part of a preloaded module. Whatever environment the process gives to a program that it starts,
 * LD_PRELOAD and the module's own variable stay in it. */
extern const char *const kept_variable;
