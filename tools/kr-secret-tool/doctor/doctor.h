/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "terminal/tool.h"

typedef enum
{
  DOCTOR_SKIPPED,
  DOCTOR_OK,
  DOCTOR_WARNING,
  DOCTOR_FAILURE
} DoctorStatus;

/* What the checks hand on: a later one needs what an earlier one has found, and is skipped if that
 * is not there. */
typedef struct
{
  Tool *tool;
  KrSecretClient *client;
  guint timeout;        /* ms, for each thing that is waited for */
  GDBusConnection *bus; /* NULL: not reachable */
  char *collection;     /* path of the default keyring; NULL: none, or not known */
  guint32 owner;        /* the process that serves the keyring; 0: not known */
  gboolean unlocked;    /* the default keyring can be used */
  gboolean contested;   /* several daemons write the same files */
  GPtrArray *accounts;  /* NULL: they could not be read */
  GPtrArray *findings;  /* of the check that is under way */
} Doctor;

/* The checks, in the order they run. */
void doctor_keyring_check_bus (Doctor *doctor);
void doctor_keyring_check_service (Doctor *doctor);
void doctor_keyring_check_lock (Doctor *doctor);
void doctor_second_daemon_check (Doctor *doctor);
void doctor_files_check_password (Doctor *doctor);
void doctor_files_check (Doctor *doctor);
void doctor_keyring_check_round_trip (Doctor *doctor);
void doctor_plugins_check (Doctor *doctor);
void doctor_accounts_check (Doctor *doctor);
void doctor_clock_check (Doctor *doctor);
void doctor_plain_files_check (Doctor *doctor);

/* What a check has found. A fix is a command, or a step if none would do; it is taken, and may be
 * NULL. The code is the exit status that fits a failure. */
void findings_ok (Doctor *doctor, const char *format, ...) G_GNUC_PRINTF (2, 3);
void findings_skip (Doctor *doctor, const char *format, ...) G_GNUC_PRINTF (2, 3);
void findings_warn (Doctor *doctor, char *fix, const char *format, ...) G_GNUC_PRINTF (3, 4);
void findings_fail (Doctor *doctor, int code, char *fix, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
/* Whether it has found anything yet. */
gboolean findings_has_any (Doctor *doctor);

/* A command with a file as its last argument, fit for a shell. */
char *findings_make_command (const char *command, const char *path);
/* A path as it is shown. */
char *findings_show_path (const char *path);
/* The name of the Secret Service on the bus. */
const char *doctor_keyring_get_service (void);
/* Calls a method; an answer of another type is an error. parameters may be floating. */
GVariant *doctor_keyring_call (Doctor *doctor,
                               const char *name,
                               const char *path,
                               const char *interface,
                               const char *method,
                               GVariant *parameters,
                               const char *reply_type,
                               GError **error);
/* Whether the default keyring's file is not encrypted; FALSE if it is not known. The path, if there
 * is such a file. */
gboolean doctor_files_is_plain_keyring (Doctor *doctor, char **out_path);
