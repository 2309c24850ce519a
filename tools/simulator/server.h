/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "state.h"

#include <gio/gio.h>

/* One broker on its own port of 127.0.0.1. */
typedef struct
{
  SimState *state;
  SoupServer *soup;
  GSocketService *service;
  GTlsCertificate *certificate;
  guint16 port;
} SimServer;

SimServer *sim_server_new (const SimBroker *broker,
                           const SimSettings *settings,
                           SimLog *log,
                           GTlsCertificate *certificate,
                           guint16 port,
                           GError **error);
void sim_server_free (SimServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimServer, sim_server_free)

/* "http://127.0.0.1:41234" */
char *sim_server_dup_uri (SimServer *server);
