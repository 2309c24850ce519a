/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* Deadlines are points of the monotonic clock in microseconds. */
gint64 kr_secret_deadline_in (guint milliseconds);
int kr_secret_deadline_left (gint64 deadline);
gboolean kr_secret_deadline_check (gint64 deadline, GCancellable *cancellable, GError **error);
gboolean kr_secret_deadline_sleep (gint64 deadline,
                                   guint milliseconds,
                                   GCancellable *cancellable,
                                   GError **error);
