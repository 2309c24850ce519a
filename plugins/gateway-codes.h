/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The codes of a gateway that several brokers run: "EGW00105" at one, "IGW00105" at another. These
 * rows mean the same at all of them; the others are in each broker's own table. */
#pragma once

#include <glib/gi18n-lib.h>

#include "krsecret-plugin.h"

#define GATEWAY_CODES(prefix)                                                                      \
  { prefix "00102", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,                            \
    N_ ("the broker found no appkey in the request; enter the appkey again") },                    \
      { prefix "00104", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,                        \
        N_ ("the broker found no appsecret in the request; enter the appsecret again") },          \
      { prefix "00105", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_REFUSED,                        \
        N_ ("the broker does not accept this appsecret; often a line break was pasted with it, "   \
            "or it belongs to another appkey: enter it again") },                                  \
      { prefix "00112", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_FINE,                           \
        N_ ("the broker does not know this way to ask for a token; report it as a bug") },         \
      { prefix "00115", KR_SECRET_ERROR_REFUSED, KR_SECRET_VERDICT_FINE,                           \
        N_ ("the broker does not know this way to ask for a token; report it as a bug") },         \
      { prefix "00121", KR_SECRET_ERROR_BAD_REPLY, KR_SECRET_VERDICT_TOKEN_DEAD,                   \
        N_ ("the broker calls the token invalid") },                                               \
      { prefix "00122", KR_SECRET_ERROR_BAD_REPLY, KR_SECRET_VERDICT_TOKEN_DEAD,                   \
        N_ ("the broker does not know the token") },                                               \
      { prefix "00123", KR_SECRET_ERROR_BAD_REPLY, KR_SECRET_VERDICT_TOKEN_DEAD,                   \
        N_ ("the broker says the token has expired") },                                            \
  {                                                                                                \
    prefix "00201", KR_SECRET_ERROR_RATE_LIMITED, KR_SECRET_VERDICT_RATE_LIMITED,                  \
        N_ ("the broker was asked too often")                                                      \
  }
