/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

/* A simulator that runs beside the test, and its control. The names and faults are described in
 * tools/simulator/README.md. */
typedef struct _TestSimulator TestSimulator;

/* Starts it with options in shell syntax, or NULL. It ends with the test, however that ends. */
TestSimulator *test_simulator_start (const char *options);
/* Ends it, for tests that want it gone: the addresses of the brokers are still known. */
void test_simulator_stop (TestSimulator *self);
void test_simulator_free (TestSimulator *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestSimulator, test_simulator_free)

/* A broker's address: http://127.0.0.1:PORT. */
const char *test_simulator_get_uri (TestSimulator *self, const char *broker);

/* The number of requests so far: "issue", "revoke", "approval", "call" or "connections". */
guint test_simulator_count (TestSimulator *self, const char *broker, const char *what);
/* A fault for the next request, or the next for a path. In the members of a fault or of the
 * settings, without the braces, single quotes become double ones: "'fault':'mute'". */
void test_simulator_fault (TestSimulator *self, const char *broker, const char *members);
void test_simulator_fault_at (TestSimulator *self,
                              const char *broker,
                              const char *path,
                              const char *members);
void test_simulator_set (TestSimulator *self, const char *broker, const char *members);
void test_simulator_reset (TestSimulator *self, const char *broker);
/* All logged requests. (element-type JsonObject) */
JsonArray *test_simulator_get_log (TestSimulator *self, const char *broker);
/* The last request for a path; fails if there was none. */
JsonObject *test_simulator_get_request (TestSimulator *self, const char *broker, const char *path);

/* Sends a request to a broker; returns the status and the whole body. */
guint test_simulator_send (TestSimulator *self,
                           const char *broker,
                           const char *method,
                           const char *path,
                           const char *headers,
                           const char *body,
                           char **out_body);

/* Has a token issued for one of the broker's valid keys, as another machine would; returns the
 * status. */
guint test_simulator_issue (TestSimulator *self, const char *broker, guint index);

/* One of a broker's valid keys as lines that kr-secret-tool add reads, and its "appkey" or
 * "appsecret". */
char *test_simulator_get_key_lines (const char *broker, guint index);
char *test_simulator_get_key (const char *broker, guint index, const char *field);
