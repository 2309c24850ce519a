/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "doctor/checks.h"

#include "common/kr-duration.h"
#include "terminal/text.h"

/* clock: whether this machine and the brokers agree on the time. */

/* Tolerated error of the clock in seconds. A token's expiry is exact to a minute; some minutes more
 * make live tokens look expired, or the other way round. */
#define WORTH_A_WARNING 30
#define WORTH_A_FAILURE (5 * 60)

typedef struct
{
  char *name;
  KrSecretAccount *account;
  guint *pending; /* number of servers still to answer */
  gint64 ahead;
  GError *error;
} Server;

static void
server_free (gpointer data)
{
  Server *self = data;

  g_free (self->name);
  g_object_unref (self->account);
  g_clear_error (&self->error);
  g_free (self);
}

/* A server's name to show, or NULL if there is none to ask. */
static char *
name_server (KrSecretAccount *account)
{
  const char *broker_id = kr_secret_account_get_broker_id (account);
  g_autofree char *endpoint = kr_secret_account_dup_endpoint (account);
  const char *problem = kr_secret_account_get_problem (account);

  if (broker_id == NULL || g_strcmp0 (problem, "plugin-missing") == 0)
    return NULL;
  return g_strdup_printf (
      "%s (%s)", broker_id,
      endpoint != NULL ? endpoint : text_environment (kr_secret_account_get_environment (account)));
}

static gboolean
is_known (GPtrArray *servers, const char *name)
{
  for (guint i = 0; i < servers->len; i++)
    if (g_str_equal (((Server *) servers->pdata[i])->name, name))
      return TRUE;
  return FALSE;
}

/* Lists each server once. */
static GPtrArray *
find_servers (GPtrArray *accounts)
{
  GPtrArray *servers = g_ptr_array_new_with_free_func (server_free);

  for (guint i = 0; i < accounts->len; i++)
    {
      g_autofree char *name = name_server (accounts->pdata[i]);
      Server *server;

      if (name == NULL || is_known (servers, name))
        continue;
      server = g_new0 (Server, 1);
      server->name = g_steal_pointer (&name);
      server->account = g_object_ref (accounts->pdata[i]);
      g_ptr_array_add (servers, server);
    }
  return servers;
}

static void
on_clock (GObject *client, GAsyncResult *result, gpointer data)
{
  Server *server = data;

  kr_secret_client_check_clock_finish (KR_SECRET_CLIENT (client), result, &server->ahead,
                                       &server->error);
  (*server->pending)--;
}

/* Asks all servers at once. */
static void
ask (Doctor *doctor, GPtrArray *servers)
{
  guint pending = servers->len;

  for (guint i = 0; i < servers->len; i++)
    {
      Server *server = servers->pdata[i];

      server->pending = &pending;
      kr_secret_client_check_clock_async (doctor->client, server->account, NULL, on_clock, server);
    }
  while (pending > 0)
    g_main_context_iteration (NULL, TRUE);
}

static void
judge_clock (Doctor *doctor, const Server *server)
{
  gint64 off = ABS (server->ahead);
  g_autofree char *length = kr_duration_format (off);
  g_autofree char *message = NULL;

  if (server->error != NULL)
    {
      if (g_error_matches (server->error, KR_SECRET_ERROR, KR_SECRET_ERROR_PLUGIN))
        findings_fail (doctor, KR_SECRET_ERROR_PLUGIN, g_strdup (_ ("install libkrsecret again")),
                       "%s: %s", server->name, server->error->message);
      else
        findings_warn (doctor, g_strdup (_ ("check the network and the broker's notices")),
                       _ ("%s could not be asked for the time: %s"), server->name,
                       server->error->message);
      return;
    }
  if (off <= WORTH_A_WARNING)
    return;
  message = server->ahead > 0 ? g_strdup_printf (
                _ ("this machine's clock is %s ahead of that of %s"), length, server->name)
                              : g_strdup_printf (_ ("this machine's clock is %s behind that of %s"),
                                                 length, server->name);
  if (off > WORTH_A_FAILURE)
    findings_fail (doctor, KR_SECRET_ERROR_FAILED, g_strdup ("sudo timedatectl set-ntp true"), "%s",
                   message);
  else
    findings_warn (doctor, g_strdup ("sudo timedatectl set-ntp true"), "%s", message);
}

void
doctor_clock_check (Doctor *doctor)
{
  g_autoptr (GPtrArray) servers = doctor->accounts != NULL ? find_servers (doctor->accounts) : NULL;

  if (servers == NULL)
    findings_skip (doctor, _ ("which brokers to ask is not known without the accounts"));
  else if (servers->len == 0)
    findings_skip (doctor, _ ("there is no account whose broker could be asked"));
  else
    ask (doctor, servers);
  for (guint i = 0; servers != NULL && i < servers->len; i++)
    judge_clock (doctor, servers->pdata[i]);
  if (!findings_has_any (doctor))
    findings_ok (doctor,
                 ngettext ("it agrees with that of %u broker's server",
                           "it agrees with those of %u brokers' servers", servers->len),
                 servers->len);
}
