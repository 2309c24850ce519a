/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "broker.h"

#include <string.h>

SimKind
sim_broker_kind_of (const SimBroker *broker, const char *method, const char *path)
{
  gboolean post = strcmp (method, "POST") == 0;

  if (post && strcmp (path, broker->issue_path) == 0)
    return SIM_ISSUE;
  if (post && strcmp (path, broker->revoke_path) == 0)
    return SIM_REVOKE;
  if (post && g_strcmp0 (path, broker->approval_path) == 0)
    return SIM_APPROVAL;
  if (strcmp (method, broker->call_method) == 0 && strcmp (path, broker->call_path) == 0)
    return SIM_CALL;
  return SIM_OTHER;
}
