/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What main changes about this process, and how a program that takes its place gets it back. */
void hardening_apply (void);

/* Right before exec, in a forked child too: calls nothing that is not safe there. */
void hardening_undo (void);
