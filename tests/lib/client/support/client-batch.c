/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client-batch.h"

#include "client-events.h"

Batch *
batch_new (Fixture *f, guint n, guint first)
{
  Batch *self = g_new0 (Batch, 1);

  self->n = n;
  for (guint i = 0; i < n; i++)
    self->drafts[i] = (KrSecretDraft){
      .alias = g_strdup_printf ("b%u", i),
      .broker_id = "kiwoom",
      .environment = KR_SECRET_ENVIRONMENT_PAPER,
      .endpoint = test_simulator_get_uri (f->simulator, "kiwoom"),
      .credential = fixture_make_credential ("kiwoom", first + i),
    };
  return self;
}

void
batch_free (Batch *self)
{
  for (guint i = 0; i < self->n; i++)
    {
      g_free ((char *) self->drafts[i].alias);
      kr_secret_credential_unref (self->drafts[i].credential);
    }
  g_free (self);
}

void
batch_set_alias (Batch *self, guint i, const char *alias)
{
  g_free ((char *) self->drafts[i].alias);
  self->drafts[i].alias = g_strdup (alias);
}

void
batch_set_key (Batch *self, guint i, guint key)
{
  kr_secret_credential_unref (self->drafts[i].credential);
  self->drafts[i].credential = fixture_make_credential ("kiwoom", key);
}

GPtrArray *
batch_add (Fixture *f, Batch *self)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *accounts = kr_secret_client_add_all (f->client, self->drafts, self->n, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (accounts->len, ==, self->n);
  return accounts;
}

static char *
list_elsewhere (void)
{
  g_autofree char *text = events_run_tool (NULL, "list", "--json", NULL);
  g_autoptr (JsonNode) node = json_from_string (text, NULL);
  JsonArray *accounts = json_object_get_array_member (json_node_get_object (node), "accounts");
  GString *aliases = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (accounts); i++)
    g_string_append_printf (
        aliases, "%s%s", i > 0 ? "," : "",
        json_object_get_string_member (json_array_get_object_element (accounts, i), "alias"));
  return g_string_free (aliases, FALSE);
}

void
batch_assert_seen (const char *expected)
{
  g_autofree char *seen = list_elsewhere ();

  g_assert_cmpstr (seen, ==, expected);
}

guint
batch_count_ledgers (void)
{
  g_autofree char *path = g_build_filename (g_get_user_state_dir (), "krsecret", NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  guint n = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    n += g_uuid_string_is_valid (name);
  return n;
}
