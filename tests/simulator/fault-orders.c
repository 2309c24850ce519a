/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which request gets which fault, and orders that do not make sense. */

#include "client.h"
#include "suites.h"

#include <string.h>

static void
test_order (void)
{
  g_autoptr (Client) client = client_start (1, "--exit-on-eof", "--broker", "kiwoom", NULL);
  const char *const orders[] = {
    "{\"path\":\"/api/dostk/stkinfo\",\"times\":0,\"fault\":\"server-error\"}",
    "{\"path\":\"/oauth2/token\",\"times\":2,\"fault\":\"refuse-key\"}",
    "{\"path\":\"*\",\"fault\":\"rate-limited\"}",
  };
  const char *const issues[] = { "[8002:", "[8002:", "[1700:", "정상" };

  for (gsize i = 0; i < G_N_ELEMENTS (orders); i++)
    {
      G_GNUC_UNUSED g_autoptr (Answer) set = client_control (client, "kiwoom", "faults", orders[i]);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (issues); i++)
    {
      g_autoptr (Answer) answer = client_issue (client, "kiwoom", NULL);

      g_assert_nonnull (strstr (answer_text (answer, "return_msg"), issues[i]));
    }
  for (gsize i = 0; i < 3; i++)
    {
      g_autoptr (Answer) answer = client_call (client, "kiwoom", "x");

      g_assert_cmpuint (answer->status, ==, 500);
      g_assert_cmpint (answer_number (answer, "return_code"), !=, 0);
    }
}

static void
test_wrong_orders (void)
{
  g_autoptr (Client) client = client_start (1, "--exit-on-eof", "--broker", "ls", NULL);
  const char *const orders[] = {
    "",
    "[]",
    "{}",
    "{\"path\":\"*\",\"fault\":\"no-such-fault\"}",
    "{\"fault\":\"mute\"}",
    "{\"path\":\"oauth2\",\"fault\":\"mute\"}",
    "{\"path\":\"*\",\"fault\":\"mute\",\"times\":-1}",
    "{\"path\":\"*\",\"fault\":\"mute\",\"times\":\"1\"}",
    "{\"path\":\"*\",\"fault\":\"mute\",\"times\":[1]}",
    "{\"path\":\"*\",\"fault\":\"mute\",\"ms\":1}",
    "{\"path\":\"*\",\"fault\":\"delay\"}",
    "{\"path\":\"*\",\"fault\":\"token\",\"token\":5}",
    "{\"path\":\"*\",\"fault\":\"redirect\",\"location\":\"a\\r\\nb\"}",
    "{\"path\":\"*\",\"fault\":\"status\",\"status\":99}",
    "{\"path\":\"*\",\"fault\":\"status\",\"status\":200,\"headers\":{\"a\":1}}",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (orders); i++)
    {
      g_autoptr (Answer) answer
          = client_send (client, "ls", "/_simulator/faults", "application/json", orders[i], NULL);

      g_assert_cmpuint (answer->status, ==, 400);
      g_assert_nonnull (answer_text (answer, "error"));
    }
}

void
add_fault_order_tests (void)
{
  g_test_add_func ("/simulator/faults/order", test_order);
  g_test_add_func ("/simulator/faults/wrong-orders", test_wrong_orders);
}
