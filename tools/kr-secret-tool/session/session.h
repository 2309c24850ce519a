/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "terminal/tool.h"

/* The parts of the command session, which no other command uses. *out_next is advice for a failure,
 * if there is any. Deadlines are monotonic. */

/* lock-file.c. Returns -1 with no error if there is no file. */
int session_lock_file_open (gboolean make, GError **error);

/* daemon-copy.c: gnome-keyring-daemon without its capabilities. NULL if the program needs no copy,
 * or no copy can run. Close *out_fd after the start if it is not -1. */
char *session_daemon_copy_make (const char *program, const char *directory, int *out_fd);

/* daemon-processes.c: the bus and the keyring daemon that the keeper starts and ends. */
typedef struct
{
  char *directory; /* private, for all sockets */
  char *address;   /* of the bus */
  GPid bus;        /* 0: not ours, or gone */
  GPid keyring;
} SessionDaemonProcesses;

gboolean session_daemon_processes_start (SessionDaemonProcesses *self,
                                         const char *bus_address,
                                         gint64 deadline,
                                         gboolean *out_taken,
                                         char **out_next,
                                         GError **error);
void session_daemon_processes_stop (SessionDaemonProcesses *self);
void session_daemon_processes_remove (const char *directory);

/* daemon-keeper.c: the process that holds these daemons as long as any session needs them. */
#define SESSION_PACKET 8192
#define SESSION_READY "ready"
#define SESSION_BUSY "busy"
#define SESSION_ERROR "error"
int session_daemon_keeper_fork (GError **error);
void session_daemon_keeper_reap (int fd);

/* join.c: a session's connection to the keeper. */
int session_join (gint64 deadline, char **out_address, char **out_next, GError **error);
gboolean session_join_order (int keeper,
                             const char *bus_address,
                             gint64 deadline,
                             char **out_address,
                             char **out_next,
                             GError **error);
void session_join_leave (int keeper);

/* enter.c: finds or starts the keyring of this HOME, and returns its bus's address. *out_keeper is
 * -1 if it is not ours to keep. */
char *session_enter (Tool *tool, gint64 deadline, int *out_keeper, char **out_next, GError **error);

/* passphrase.c. */
typedef struct
{
  char *credential; /* name of a systemd credential, or NULL */
  int fd;           /* -1: none */
} SessionPassphrase;

SecretValue *session_passphrase_read (
    Tool *tool, const SessionPassphrase *self, gboolean is_new, char **out_next, GError **error);
/* The number of attempts. */
guint session_passphrase_tries (const SessionPassphrase *self);

/* open-keyring.c: opens or creates the keyring. */
gboolean
session_open_keyring (Tool *tool, const SessionPassphrase *from, char **out_next, GError **error);

/* run-command.c: TRUE with the wait status in *out_ended, or FALSE with our exit status. */
gboolean session_run_command (Tool *tool, char **argv, int keeper, int *out_ended, int *out_status);
