/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "settings.h"

#include <gio/gio.h>

typedef struct
{
  char *text; /* to print instead of serving: keys, the version */
  GPtrArray *brokers;
  int port;
  char *log;
  SimSettings settings;
  GTlsCertificate *certificate;
  gboolean exit_on_eof;
  gboolean die_with_parent;
} SimOptions;

/* NULL and an error if the command line makes no sense. --help exits at once. */
SimOptions *sim_options_parse (int argc, char **argv, GError **error);
void sim_options_free (SimOptions *options);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimOptions, sim_options_free)
