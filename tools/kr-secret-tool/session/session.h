/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "terminal/tool.h"

/* The parts of the command session. Where a failure has an advice of its own, it is put into
 * *out_next. Deadlines are by the monotonic clock. */

/* session-home.c: the HOME whose keyring it is. */
int session_home_open (const char *name, gboolean make, GError **error);

/* session-keeper.c: the process that holds bus and daemon as long as anybody needs them. */
#define SESSION_LOCK "session"
#define SESSION_PACKET 8192
#define SESSION_READY "ready"
#define SESSION_BUSY "busy"
#define SESSION_ERROR "error"
int session_keeper_fork (GError **error);
void session_keeper_reap (int fd);

/* session-daemons.c: what the keeper starts and ends. */
typedef struct
{
  char *directory; /* private, in which all sockets are */
  char *address;   /* of the bus */
  GPid bus;        /* 0: not ours, or gone */
  GPid keyring;
} SessionDaemons;

gboolean session_daemons_start (SessionDaemons *self,
                                const char *bus_address,
                                gint64 deadline,
                                gboolean *out_taken,
                                char **out_next,
                                GError **error);
void session_daemons_stop (SessionDaemons *self);
void session_daemons_remove (const char *directory);

/* session-copy.c: the daemon without its capabilities. */
char *session_copy_make (const char *program, const char *directory, int *out_fd);

/* session-join.c: the other side of the keeper. */
int session_join (gint64 deadline, char **out_address, char **out_next, GError **error);
gboolean session_join_order (int keeper,
                             const char *bus_address,
                             gint64 deadline,
                             char **out_address,
                             char **out_next,
                             GError **error);
void session_leave (int keeper);

/* session-keyring.c: opens the keyring, or makes it. */
typedef SecretValue *(*SessionAsk) (Tool *tool, gboolean is_new, char **out_next, GError **error);
gboolean
session_keyring_open (Tool *tool, SessionAsk ask, guint tries, char **out_next, GError **error);

/* session-run.c: the command. Returns what waitpid says of it in *out_ended, or FALSE with the exit
 * status of ours. */
gboolean session_run (Tool *tool, char **argv, int keeper, int *out_ended, int *out_status);
