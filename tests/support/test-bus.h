/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* A connection to the session bus apart from the process's shared one, so that it is not affected
 * by what happens to that. */
GDBusConnection *test_bus_connect (void);
/* Returns when the process's shared connection has received everything that was on the bus
 * before. */
void test_bus_catch_up (void);

/* Monitors everything that goes over the bus. */
typedef struct _TestMonitor TestMonitor;

TestMonitor *test_monitor_start (void);
void test_monitor_stop (TestMonitor *self);
/* How many calls of that method (NULL: of any) there were so far; everything sent before is
 * included. */
guint test_monitor_count (TestMonitor *self, const char *method);
/* How many different connections called it. */
guint test_monitor_count_senders (TestMonitor *self, const char *method);
/* How many messages, including replies and signals, contain a text unencrypted, anywhere. */
guint test_monitor_count_text (TestMonitor *self, const char *text);
/* All messages so far, one after the other. */
GByteArray *test_monitor_get_bytes (TestMonitor *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestMonitor, test_monitor_stop)
