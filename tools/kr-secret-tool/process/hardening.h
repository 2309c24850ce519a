/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Changes to this process, undone for a program that takes its place. */
void hardening_apply (void);

/* Call right before exec, also in a forked child: async-signal-safe. */
void hardening_undo (void);
