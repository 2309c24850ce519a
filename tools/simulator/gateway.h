/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "state.h"

/* What the gateways of KIS (EGW00nnn) and LS (IGW00nnn) have in common. */

/* The text that belongs to a number. */
const char *sim_gateway_message (guint number);
/* The number with which to refuse a pair of key and secret, or 0. */
guint sim_gateway_key_fault (SimState *state, const char *appkey, const char *appsecret);
/* The number to refuse the revoke of a token with, or 0. */
guint sim_gateway_token_fault (SimState *state, const char *token, const char *appkey);
