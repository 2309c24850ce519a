/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fault.h"
#include "members.h"

typedef enum
{
  SIM_FAULT_STATUS,
  SIM_FAULT_HTML,
  SIM_FAULT_EMPTY,
  SIM_FAULT_REDIRECT,
  SIM_FAULT_MUTE,
  SIM_FAULT_DRIP,
  SIM_FAULT_ENDLESS,
  SIM_FAULT_GZIP_BOMB,
  SIM_FAULT_HUGE_HEADERS,
  SIM_FAULT_DEEP,
  SIM_FAULT_CUT,
  SIM_FAULT_CUT_NO_LENGTH,
  SIM_FAULT_RESET,
  SIM_FAULT_TOKEN,
  SIM_FAULT_MERGE,
  SIM_FAULT_PREPEND,
  SIM_FAULT_BODY,
  SIM_FAULT_DUPLICATE_KEY,
  SIM_FAULT_RATE,
  SIM_FAULT_KEY,
  SIM_FAULT_SECRET,
  SIM_FAULT_SERVER,
  SIM_FAULT_DELAY,
} SimFaultKind;

struct _SimFault
{
  grefcount refs;
  SimFaultKind kind;
  char *path;
  guint left; /* G_MAXUINT: for ever */
  guint status;
  char *text; /* a body, or a token as JSON text */
  char *content_type;
  GHashTable *headers;
  SimMembers *merge;
  GBytes *bytes;
  gint64 ms;
  gint64 depth;
  gboolean in_headers;
};
