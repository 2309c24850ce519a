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
  GPtrArray *findings;  /* of Finding; of the check that is under way */
} Doctor;

/* What a check has found. A fix is a command, or a step if none would do; it is taken, and may be
 * NULL. The code is the exit status that fits a failure. */
void
findings_add (Doctor *doctor, DoctorStatus status, int code, char *fix, const char *format, ...)
    G_GNUC_PRINTF (5, 6);
#define findings_ok(doctor, ...) findings_add (doctor, DOCTOR_OK, 0, NULL, __VA_ARGS__)
#define findings_skip(doctor, ...) findings_add (doctor, DOCTOR_SKIPPED, 0, NULL, __VA_ARGS__)
#define findings_warn(doctor, fix, ...) findings_add (doctor, DOCTOR_WARNING, 0, fix, __VA_ARGS__)
#define findings_fail(doctor, code, fix, ...)                                                      \
  findings_add (doctor, DOCTOR_FAILURE, code, fix, __VA_ARGS__)
/* Whether it has found anything yet. */
gboolean findings_has_any (Doctor *doctor);

/* A command with a file as its last argument, fit for a shell. */
char *findings_make_command (const char *command, const char *path);

/* For doctor itself: an array of Finding, and what is said of one. */
GPtrArray *findings_new (void);
/* The worst come first, and what is too much is only counted: a thousand files of a wrong mode are
 * one mistake. */
void findings_shorten (Doctor *doctor);
/* The worst one; the first of those. */
const Finding *findings_get_worst (GPtrArray *findings);
/* Their messages in one, or their fixes, each of them once. NULL: there is none. */
char *findings_join (GPtrArray *findings, gboolean fixes);
