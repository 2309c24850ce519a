/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* When a call must end: at a point in time, or as soon as its caller cancels. */
typedef struct
{
  gint64 at;                 /* by the monotonic clock, in microseconds */
  GCancellable *cancellable; /* not owned; or NULL */
} KrSecretDeadline;

KrSecretDeadline kr_secret_deadline_in (guint milliseconds, GCancellable *cancellable);
int kr_secret_deadline_left (KrSecretDeadline deadline);
gboolean kr_secret_deadline_check (KrSecretDeadline deadline, GError **error);
gboolean kr_secret_deadline_sleep (KrSecretDeadline deadline, guint milliseconds, GError **error);
