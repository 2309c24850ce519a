/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "members.h"

/* How a reply is sent. Everything but NORMAL is written by raw.c. */
typedef enum
{
  SIM_DELIVER_NORMAL,
  SIM_DELIVER_MUTE,
  SIM_DELIVER_DRIP,
  SIM_DELIVER_DRIP_HEADERS,
  SIM_DELIVER_ENDLESS,
  SIM_DELIVER_HUGE_HEADERS,
  SIM_DELIVER_CUT,
  SIM_DELIVER_CUT_NO_LENGTH,
  SIM_DELIVER_RESET,
} SimDelivery;

typedef struct
{
  guint status;
  char *content_type;
  SimMembers *members; /* the JSON object to send, */
  GBytes *body;        /* unless there are raw bytes instead */
  GHashTable *headers; /* more headers: name -> value */
  gboolean numbers_as_strings;
  gboolean success;
  const char *token_member; /* set in a successful issue reply */
  SimDelivery delivery;
  gint64 delay_ms;
} SimReply;

SimReply *sim_reply_new (gboolean numbers_as_strings);
void sim_reply_free (SimReply *reply);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimReply, sim_reply_free)

void sim_reply_add_text (SimReply *reply, const char *name, const char *value);
void sim_reply_add_number (SimReply *reply, const char *name, gint64 value);
/* Replaces the reply with these bytes. */
void sim_reply_set_body (SimReply *reply, guint status, const char *content_type, GBytes *body);
void sim_reply_set_text (SimReply *reply, guint status, const char *content_type, const char *text);
GBytes *sim_reply_dup_body (SimReply *reply);
