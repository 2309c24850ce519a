/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

#define VICTIM "victim"

#define FAULT_TEST(path, options, function)                                                        \
  g_test_add (path, World, options, world_set_up, function, world_tear_down)

/* The account that things are done to, at one broker, always with the same key. */
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

/* Whether the broker lets more than one issue a minute through. */
gboolean victim_may_hurry (Victim *self);
/* Adds it without a token, at a broker that knows nothing of it yet. */
void victim_add (Victim *self);
/* Takes it away again, whatever state it is in. */
void victim_remove (Victim *self);
char *victim_get_id (World *world, const char *alias);

/* Asks the broker itself whether a token is good. */
gboolean victim_takes (Victim *self, const char *token);
/* Runs token: what it printed is good at the broker. NULL: the broker's minute is not over, which
 * is the only other end there may be. It does not have to wait for anybody. */
char *victim_ask (Victim *self);
/* The same twice, which has to come to the same. */
char *victim_ask_twice (Victim *self);
/* There was at most one issue within the broker's minute; where there is none, one more for the one
 * that was cut short. */
void victim_check_issues (Victim *self);

/* Items that nobody has any business with: one of another program, and another account with its
 * token. */
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
