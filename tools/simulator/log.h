/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "request.h"

/* The requests that reached the brokers: kept for the control interface and, on request, written to
 * a file that all brokers of the process share. */
typedef struct _SimLog SimLog;

/* @path may be NULL. */
SimLog *sim_log_new (const char *path, GError **error);
void sim_log_free (SimLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimLog, sim_log_free)

/* Logs the request, and flushes it to the file before returning. @status is 0 if no reply will be
 * sent. */
void sim_log_request (SimLog *log, const char *broker, const SimRequest *request, guint status);
/* {"requests":[...]} as seen by @broker. */
char *sim_log_to_text (SimLog *log, const char *broker);
void sim_log_clear (SimLog *log, const char *broker);
