/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "accounts.h"

void
accounts_check (JsonObject *account, const char *alias, const char *endpoint)
{
  g_assert_true (g_uuid_string_is_valid (json_object_get_string_member (account, "id")));
  g_assert_cmpstr (json_object_get_string_member (account, "alias"), ==, alias);
  g_assert_cmpstr (json_object_get_string_member (account, "broker"), ==, "kis");
  g_assert_cmpstr (json_object_get_string_member (account, "environment"), ==, "paper");
  g_assert_cmpstr (json_object_get_string_member (account, "endpoint"), ==, endpoint);
  g_assert_true (json_object_get_null_member (account, "problem"));
}

void
accounts_check_token (JsonObject *account)
{
  JsonObject *token = json_object_get_object_member (account, "token");
  gint64 left;

  check_members (token, "state kind expires_at expires_at_unix remaining");
  g_assert_cmpstr (json_object_get_string_member (token, "state"), ==, "valid");
  g_assert_cmpstr (json_object_get_string_member (token, "kind"), ==, "access");
  left = check_time (token, "expires_at") - g_get_real_time () / G_USEC_PER_SEC;
  g_assert_cmpint (json_object_get_int_member (token, "remaining"), <=, left + 30);
  g_assert_cmpint (json_object_get_int_member (token, "remaining"), >=, left);
}
