/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "broker.h"
#include "fault.h"

typedef enum
{
  /* These answer instead of the broker: */
  SIM_FAULT_STATUS,
  SIM_FAULT_HTML,
  SIM_FAULT_GZIP_BOMB,
  SIM_FAULT_DEEP,
  SIM_FAULT_REFUSE,
  SIM_FAULT_SILENCE, /* none of the broker's answer is sent */
  /* These spoil the broker's answer: */
  SIM_FAULT_DELIVERY,
  SIM_FAULT_TOKEN,
  SIM_FAULT_MERGE,
  SIM_FAULT_PREPEND,
  SIM_FAULT_DUPLICATE_KEY,
  SIM_FAULT_DELAY,
} SimFaultKind;

struct _SimFault
{
  grefcount refs;
  SimFaultKind kind;
  guint how; /* a SimRefusal or a SimDelivery */
  char *path;
  guint left; /* G_MAXUINT: for ever */
  guint status;
  GBytes *bytes; /* a body, or what comes before one */
  char *token;   /* as JSON text */
  char *content_type;
  GHashTable *headers;
  SimMembers *merge;
  gint64 ms;
  gint64 depth;
};
