/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "monitor.h"

Running *
start_monitor (World *world, const char *account)
{
  Running *running = account != NULL ? tool_start (world, "monitor", "--json", account)
                                     : tool_start (world, "monitor", "--json");

  running_expect (running, READY);
  return running;
}

/* The event's own members, besides the common ones. */
static const char *
get_members (const char *event)
{
  if (g_str_equal (event, "token-issued") || g_str_equal (event, "token-expiring"))
    return "format_version event account alias at at_unix expires_at expires_at_unix";
  if (g_str_equal (event, "attention"))
    return "format_version event account alias at at_unix code message";
  return "format_version event account alias at at_unix";
}

const char *
event_string (JsonObject *event, const char *name)
{
  return json_object_get_string_member (event, name);
}

JsonObject *
next_event (Running *running)
{
  g_autofree char *line = running_next_line (running);
  g_autofree char *text = g_strconcat (line, "\n", NULL);
  g_autoptr (JsonObject) event = document_at (G_STRLOC, text);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  gint64 at;

  check_members (event, get_members (event_string (event, "event")));
  at = check_time (event, "at");
  g_assert_cmpint (at, <=, now);
  g_assert_cmpint (at, >, now - 60);
  if (json_object_has_member (event, "expires_at"))
    g_assert_cmpint (check_time (event, "expires_at"), >, at);
  return g_steal_pointer (&event);
}

void
expect_event_at (
    const char *where, Running *running, const char *name, const char *alias, const char *id)
{
  g_autoptr (JsonObject) event = next_event (running);

  if (!g_str_equal (event_string (event, "event"), name)
      || g_strcmp0 (event_string (event, "alias"), alias) != 0)
    test_fail_at (where, "not %s of %s, but: %s", name, alias, running_get_out (running));
  if (id != NULL)
    g_assert_cmpstr (event_string (event, "account"), ==, id);
  g_assert_true (g_uuid_string_is_valid (event_string (event, "account")));
}
