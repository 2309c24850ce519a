/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsoup/soup.h>

/* The kind of a request, by its path and method. */
typedef enum
{
  SIM_OTHER,
  SIM_ISSUE,
  SIM_REVOKE,
  SIM_APPROVAL,
  SIM_CALL,
  SIM_N_KINDS
} SimKind;

typedef struct
{
  SimKind kind;
  const char *method;
  const char *path;
  const char *query;
  SoupMessageHeaders *headers;
  GBytes *body;
} SimRequest;

/* The token after "Bearer", or NULL. */
const char *sim_request_bearer (const SimRequest *request);
