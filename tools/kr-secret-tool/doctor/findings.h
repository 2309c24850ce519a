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

typedef struct
{
  DoctorStatus status;
  int code;
  char *message;
  char *fix;
} Finding;

/* State shared by the checks. A check is skipped if the result it needs is missing. */
typedef struct
{
  Tool *tool;
  KrSecretClient *client;
  guint timeout;        /* for each wait, in milliseconds */
  GDBusConnection *bus; /* NULL: not reachable */
  char *collection;     /* path of the default keyring; NULL: none or unknown */
  guint32 owner;        /* pid of the keyring's daemon; 0: unknown */
  gboolean unlocked;    /* the default keyring can be used */
  gboolean contested;   /* several daemons write the same files */
  GPtrArray *accounts;  /* NULL: unreadable */
  GPtrArray *findings;  /* of Finding; those of the running check */
} Doctor;

/* Adds a finding. fix: (transfer full) (nullable): a command, or else a step to take. code: the
 * exit status for this failure. */
void
findings_add (Doctor *doctor, DoctorStatus status, int code, char *fix, const char *format, ...)
    G_GNUC_PRINTF (5, 6);
#define findings_ok(doctor, ...) findings_add (doctor, DOCTOR_OK, 0, NULL, __VA_ARGS__)
#define findings_skip(doctor, ...) findings_add (doctor, DOCTOR_SKIPPED, 0, NULL, __VA_ARGS__)
#define findings_warn(doctor, fix, ...) findings_add (doctor, DOCTOR_WARNING, 0, fix, __VA_ARGS__)
#define findings_fail(doctor, code, fix, ...)                                                      \
  findings_add (doctor, DOCTOR_FAILURE, code, fix, __VA_ARGS__)
/* Whether the running check has found anything. */
gboolean findings_has_any (Doctor *doctor);

/* A shell command with path, quoted, as its last argument. */
char *findings_make_command (const char *command, const char *path);

/* For doctor.c: arrays of Finding, and the text of one. */
GPtrArray *findings_new (void);
/* Sorts the worst first, and only counts those beyond a limit: a thousand files with a wrong mode
 * are one mistake. */
void findings_shorten (Doctor *doctor);
/* The first of the worst ones. */
const Finding *findings_get_worst (GPtrArray *findings);
/* Joins the messages, or the fixes without duplicates. NULL if there are none. */
char *findings_join (GPtrArray *findings, gboolean fixes);
