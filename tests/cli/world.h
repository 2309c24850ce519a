/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

/* What a test of the tool has around it: a simulator of its own, the keyring of tools/with-keyring
 * with nothing of ours in it, and the environment of the tools that it starts. */
typedef struct
{
  char **env;
  GSubprocess *simulator; /* or NULL: stopped */
  GHashTable *uris;       /* broker -> base URI; stay when it is stopped */
} World;

/* @options: of the simulator, separated by spaces; or NULL. */
void world_set_up (World *world, gconstpointer options);
void world_tear_down (World *world, gconstpointer options);
void world_stop_simulator (World *world);

#define WORLD_TEST(path, options, function)                                                        \
  g_test_add ("/cli/" path, World, options, world_set_up, function, world_tear_down)

void world_setenv (World *world, const char *name, const char *value);
void world_unsetenv (World *world, const char *name);
/* Neither a session bus nor a way to find one. */
void world_hide_bus (World *world);
const char *world_uri (World *world, const char *broker);

/* A command below /_simulator/, its reply; @body NULL: a GET. */
JsonObject *world_control (World *world, const char *broker, const char *name, const char *body);
void world_settings (World *world, const char *broker, const char *settings);
/* @fault: the members of a fault besides path and times, which mean the next request. */
void world_fault (World *world, const char *broker, const char *fault);
guint world_count (World *world, const char *broker, const char *what);
/* The last logged request for a path that begins with @path. */
JsonObject *world_last_request (World *world, const char *broker, const char *path);
/* A request of an issue for key @n past the tool; its status. */
guint world_issue_elsewhere (World *world, const char *broker, int n);

/* Key number @n as --keys prints it, and one field of it. */
char *world_key (World *world, const char *broker, int n);
char *world_key_field (World *world, const char *broker, int n, const char *field);

/* How many items of the keyring are ours, without the tool. */
guint world_count_items (void);
void world_lock_keyring (void);
void world_unlock_keyring (void);
/* SIGSTOP and SIGCONT. */
void world_pause_keyring (void);
void world_resume_keyring (void);
