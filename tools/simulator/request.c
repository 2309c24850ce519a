/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "request.h"

#include <string.h>

const char *
sim_request_bearer (const SimRequest *request)
{
  const char *value = soup_message_headers_get_one (request->headers, "Authorization");

  if (value == NULL || g_ascii_strncasecmp (value, "Bearer ", 7) != 0)
    return NULL;
  value += 7 + strspn (value + 7, " ");
  return *value != '\0' ? value : NULL;
}
