/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsoup/soup.h>

#include "reply.h"

/* Sends replies that libsoup's server would not: takes the connection away from it and writes the
 * bytes itself. @message has to be paused. */
void sim_raw_deliver (SoupServerMessage *message, SimReply *reply, const char *date);
