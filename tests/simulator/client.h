/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>
#include <libsoup/soup.h>

/* A running simulator, and a client for it. */
typedef struct
{
  GSubprocess *process;
  GDataInputStream *output;
  GHashTable *uris; /* broker -> base URI */
  SoupSession *session;
  gsize cap; /* how much of a body to read */
} Client;

/* Starts the simulator with the arguments, NULL at the end, and reads @n_brokers lines. */
Client *client_start (guint n_brokers, ...) G_GNUC_NULL_TERMINATED;
/* Ends it by closing its standard input, and checks that it ended well. */
void client_stop (Client *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Client, client_stop)

typedef struct
{
  guint status; /* 0: no reply, see error */
  SoupMessage *message;
  GString *body;
  GError *error;
  JsonObject *json; /* or NULL */
} Answer;

void answer_free (Answer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Answer, answer_free)
const char *answer_text (Answer *answer, const char *name);
gint64 answer_number (Answer *answer, const char *name);

/* @headers: name, value, ..., NULL; or NULL. @body NULL: a GET. */
Answer *client_send (Client *client,
                     const char *broker,
                     const char *path,
                     const char *type,
                     const char *body,
                     const char *const *headers);
/* Sends a command below /_simulator/, which has to succeed. */
Answer *client_control (Client *client, const char *broker, const char *name, const char *body);
guint client_count (Client *client, const char *broker, const char *what);

/* Requests as the brokers expect them; @secret NULL: the right one of key 0. */
Answer *client_issue (Client *client, const char *broker, const char *secret);
Answer *client_revoke (Client *client, const char *broker, const char *token);
Answer *client_call (Client *client, const char *broker, const char *token);
char *client_issue_token (Client *client, const char *broker);

/* "appkey" or "appsecret" of a valid key, as --keys prints it. */
char *simulator_key (const char *which, const char *field);
int simulator_run (char **out_text, ...) G_GNUC_NULL_TERMINATED;
