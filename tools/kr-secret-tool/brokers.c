/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "commands.h"
#include "common/kr-duration.h"
#include "common/kr-text.h"
#include "terminal/json.h"
#include "accounts/lookup.h"
#include "terminal/table.h"
#include "terminal/options.h"
#include "terminal/report.h"
#include "terminal/text.h"

/* brokers: the plugins, what they say about their broker, and those that failed to load. */

static const char *const reissue_words[] = {
  [KR_SECRET_REISSUE_SAME_WHILE_VALID] = "same-while-valid",
  [KR_SECRET_REISSUE_SAME_WITHIN_WINDOW] = "same-within-window",
  [KR_SECRET_REISSUE_NEW_EACH_TIME] = "new-each-time",
  [KR_SECRET_REISSUE_NEW_KILLS_OLD] = "new-kills-old",
};

static const char *const reissue_texts[] = {
  [KR_SECRET_REISSUE_SAME_WHILE_VALID] = N_ ("gives the same token while it is valid"),
  [KR_SECRET_REISSUE_SAME_WITHIN_WINDOW] = N_ ("gives the same token for a while"),
  [KR_SECRET_REISSUE_NEW_EACH_TIME] = N_ ("gives a new token, the old one lives on"),
  [KR_SECRET_REISSUE_NEW_KILLS_OLD] = N_ ("gives a new token, the old one dies"),
};

static const KrSecretEnvironment environments[]
    = { KR_SECRET_ENVIRONMENT_REAL, KR_SECRET_ENVIRONMENT_PAPER };

/* "07:00", or NULL if the broker's tokens do not expire at a time of day. */
static char *
death_time (const KrSecretTraits *traits)
{
  if (traits->death_time == 0)
    return NULL;
  return g_strdup_printf ("%02u:%02u", traits->death_time / 60, traits->death_time % 60);
}

static void
write_field (const KrSecretField *field)
{
  json_open (NULL, '{');
  json_string ("name", field->name);
  json_string ("broker_name", field->broker_name);
  json_string ("label", field->label);
  json_string ("label_ko", field->label_ko);
  json_bool ("secret", field->secret);
  if (field->usual_length > 0)
    json_int ("usual_length", field->usual_length);
  else
    json_null ("usual_length");
  json_close ('}');
}

static void
write_traits (KrSecretBroker *broker)
{
  const KrSecretTraits *traits = kr_secret_broker_get_traits (broker);
  g_autofree char *death = death_time (traits);

  json_open ("traits", '{');
  json_string ("reissue", reissue_words[traits->reissue]);
  json_int ("issue_interval", traits->issue_interval);
  json_int ("same_token_window", traits->same_token_window);
  json_string ("death_time", death);
  json_bool ("issue_notifies", traits->issue_notifies);
  json_bool ("calls_carry_secret", traits->calls_carry_secret);
  json_bool ("websocket", traits->websocket);
  json_bool ("revoke", kr_secret_broker_can_revoke (broker));
  json_close ('}');
}

static void
write_members (KrSecretBroker *broker)
{
  g_autofree char *path = kr_text_printable (kr_secret_broker_get_path (broker));

  json_string ("id", kr_secret_broker_get_id (broker));
  json_string ("name", kr_secret_broker_get_name (broker));
  json_string ("name_ko", kr_secret_broker_get_name_ko (broker));
  json_open ("environments", '[');
  for (guint i = 0; i < G_N_ELEMENTS (environments); i++)
    if (kr_secret_broker_get_uri (broker, environments[i]) != NULL)
      json_string (NULL, kr_secret_environment_to_string (environments[i]));
  json_close (']');
  json_open ("fields", '[');
  for (const KrSecretField *field = kr_secret_broker_get_fields (broker); field->name != NULL;
       field++)
    write_field (field);
  json_close (']');
  write_traits (broker);
  json_string ("path", path);
}

static void
write_document (GPtrArray *brokers, GPtrArray *failed)
{
  json_begin ();
  json_open ("brokers", '[');
  for (guint i = 0; i < brokers->len; i++)
    {
      json_open (NULL, '{');
      write_members (brokers->pdata[i]);
      json_close ('}');
    }
  json_close (']');
  json_open ("failed", '[');
  for (guint i = 0; i < failed->len; i++)
    {
      const KrSecretBrokerFailure *failure = failed->pdata[i];
      g_autofree char *path = kr_text_printable (failure->path);
      json_open (NULL, '{');
      json_string ("path", path);
      json_string ("reason", failure->reason);
      json_close ('}');
    }
  json_close (']');
  json_end ();
}

static char *
environments_for_people (KrSecretBroker *broker)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (environments); i++)
    if (kr_secret_broker_get_uri (broker, environments[i]) != NULL)
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "",
                              text_environment (environments[i]));
  return g_string_free (text, FALSE);
}

static void
write_table (Tool *tool, GPtrArray *brokers, GPtrArray *failed)
{
  g_autoptr (GPtrArray) rows = table_new ();

  if (brokers->len > 0)
    table_add (rows, _ ("ID"), _ ("NAME"), _ ("ENVIRONMENTS"), _ ("REVOKE"), NULL);
  for (guint i = 0; i < brokers->len; i++)
    {
      KrSecretBroker *broker = brokers->pdata[i];
      g_autofree char *served = environments_for_people (broker);
      table_add (rows, kr_secret_broker_get_id (broker), text_broker_name (broker), served,
                 kr_secret_broker_can_revoke (broker) ? _ ("yes") : _ ("no"), NULL);
    }
  table_print (rows);
  if (brokers->len == 0)
    report_note (tool, _ ("no broker plugin was found"));
  for (guint i = 0; i < failed->len; i++)
    {
      g_autofree char *why = text_broker_failure (failed->pdata[i]);

      report_warning (tool, "%s", why);
    }
}

static void
add_fields (GPtrArray *rows, KrSecretBroker *broker)
{
  for (const KrSecretField *field = kr_secret_broker_get_fields (broker); field->name != NULL;
       field++)
    {
      g_autofree char *text = text_field (field);
      table_add (rows, _ ("Field"), text, NULL);
    }
}

static void
write_one (KrSecretBroker *broker)
{
  const KrSecretTraits *traits = kr_secret_broker_get_traits (broker);
  g_autoptr (GPtrArray) rows = table_new ();
  g_autofree char *path = kr_text_printable (kr_secret_broker_get_path (broker));
  g_autofree char *served = environments_for_people (broker);
  g_autofree char *interval = kr_duration_format (traits->issue_interval);
  g_autofree char *death = death_time (traits);
  const char *const yes = _ ("yes");
  const char *const no = _ ("no");

  table_add (rows, _ ("Id"), kr_secret_broker_get_id (broker), NULL);
  table_add (rows, _ ("Name"), text_broker_name (broker), NULL);
  table_add (rows, _ ("Environments"), served, NULL);
  add_fields (rows, broker);
  table_add (rows, _ ("Issued again"), _ (reissue_texts[traits->reissue]), NULL);
  if (traits->issue_interval > 0)
    table_add (rows, _ ("Between two issues"), interval, NULL);
  if (death != NULL)
    {
      g_autofree char *when = g_strdup_printf (_ ("%s KST"), death);
      table_add (rows, _ ("Tokens die daily at"), when, NULL);
    }
  table_add (rows, _ ("Message for each issue"), traits->issue_notifies ? yes : no, NULL);
  table_add (rows, _ ("Calls carry the secret"), traits->calls_carry_secret ? yes : no, NULL);
  table_add (rows, _ ("Websocket key"), traits->websocket ? yes : no, NULL);
  table_add (rows, _ ("Can revoke"), kr_secret_broker_can_revoke (broker) ? yes : no, NULL);
  table_add (rows, _ ("Plugin"), path, NULL);
  table_print (rows);
}

static int
run_show (Tool *tool, char **args)
{
  g_autoptr (KrSecretBroker) broker = NULL;
  int status;

  if (!options_count (tool, args, 1, 1, &status))
    return status;
  broker = lookup_broker (tool, args[0], &status);
  if (broker == NULL)
    return status;
  if (tool->json)
    {
      json_begin ();
      write_members (broker);
      json_end ();
    }
  else
    write_one (broker);
  return report_finish (tool);
}

static int
run (Tool *tool, char **args)
{
  g_autoptr (GPtrArray) failed = NULL;
  g_autoptr (GPtrArray) brokers = NULL;
  int status;

  if (args[0] != NULL && g_str_equal (args[0], "show"))
    return run_show (tool, args + 1);
  if (!options_count (tool, args, 0, 0, &status))
    return status;
  brokers = kr_secret_broker_list (&failed);
  if (tool->json)
    write_document (brokers, failed);
  else
    write_table (tool, brokers, failed);
  return report_finish (tool);
}

const Command brokers_command = {
  "brokers", N_ ("[show ID]"), N_ ("List the brokers that have a plugin"), NULL, run,
};
