/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "terminal/tool.h"

/* Each returns the exit status. next: the advice; NULL for the usual one. */
#define report_error(tool, error, next, ...)                                                       \
  report_error_reason (tool, error, NULL, next, __VA_ARGS__)
int report_usage (Tool *tool, const char *why, const char *next, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
int report_secret_argument (Tool *tool);
/* reason: a stable word that tells errors of the same code apart in JSON, or NULL. */
int report_error_reason (
    Tool *tool, const GError *error, const char *reason, const char *next, const char *format, ...)
    G_GNUC_PRINTF (5, 6);

/* The parts of report_error, for commands that report several accounts in one document. */
int report_status (const GError *error);
void report_error_text (Tool *tool, const GError *error, const char *next, const char *what);
void report_error_json (const GError *error, const char *what);

void report_warning (Tool *tool, const char *format, ...) G_GNUC_PRINTF (2, 3);
void report_line (gboolean shown, const char *format, ...) G_GNUC_PRINTF (2, 3);
#define report_note(tool, ...) report_line (!(tool)->quiet, __VA_ARGS__)
/* Only -v shows it. */
#define report_detail(tool, ...) report_line ((tool)->verbose, __VA_ARGS__)

/* The last step of a successful command: flushes its output. Returns the exit status. */
int report_finish (Tool *tool);
