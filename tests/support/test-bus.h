/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* A connection to the session bus that is not the process's shared one, so that what is done to
 * that does not touch it. */
GDBusConnection *test_bus_connect (void);
/* Returns when the process's shared connection has been told of everything that was on the bus
 * before. */
void test_bus_catch_up (void);

/* Hears all that goes over the bus, whoever sends it. */
typedef struct _TestMonitor TestMonitor;

TestMonitor *test_monitor_start (void);
void test_monitor_stop (TestMonitor *self);
/* How many calls of that method, or of any if it is NULL, there were till now; everything sent
 * before counts. */
guint test_monitor_count (TestMonitor *self, const char *method);
/* How many different connections called it. */
guint test_monitor_count_senders (TestMonitor *self, const char *method);
/* How many messages, replies and signals among them, carry a text, in the clear, anywhere. */
guint test_monitor_count_text (TestMonitor *self, const char *text);
/* All messages till now, one after the other. */
GByteArray *test_monitor_get_bytes (TestMonitor *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestMonitor, test_monitor_stop)
