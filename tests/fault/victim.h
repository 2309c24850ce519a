/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

#define VICTIM "victim"

#define FAULT_TEST(path, options, function)                                                        \
  g_test_add (path, World, options, world_set_up, function, world_tear_down)

/* The account that the tests act on: always at the same broker, with the same key. */
typedef struct
{
  World *world;
  const char *broker;
  char *lines; /* its key, as add reads it */
  char *appkey;
  char *appsecret;
} Victim;

Victim *victim_new (World *world, const char *broker);
void victim_free (Victim *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Victim, victim_free)

/* Whether the broker allows more than one issue a minute. */
gboolean victim_may_hurry (Victim *self);
/* Adds it without a token, at a broker that does not know it yet. */
void victim_add (Victim *self);
/* Removes it, whatever state it is in. */
void victim_remove (Victim *self);
char *victim_get_id (World *world, const char *alias);

/* Asks the broker directly whether a token is good. */
gboolean victim_takes (Victim *self, const char *token);
/* Runs token: the printed token is good at the broker. NULL: the broker's minute is not over, which
 * is the only other result allowed. It must not have to wait for another process. */
char *victim_ask (Victim *self);
/* The same twice, with the same result. */
char *victim_ask_twice (Victim *self);
/* There was at most one issue within the broker's minute. Where there is none, one more replaces
 * the one that was cut short. */
void victim_check_issues (Victim *self);

/* Items that must stay untouched: one of another program, and another account with its token. */
typedef struct
{
  char *id;
  GBytes *account;
  GBytes *token;
} Bystanders;

Bystanders *bystanders_new (World *world);
void bystanders_check (Bystanders *self);
void bystanders_free (Bystanders *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Bystanders, bystanders_free)
