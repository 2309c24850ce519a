/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* add-all N: adds N accounts at once, as a program does that takes keys from a file. Meant to be
 * killed half-way. */
#include <stdio.h>
#include <stdlib.h>

#include "krsecret.h"

#define MOST 100

static KrSecretCredential *
make_credential (guint i)
{
  static const char *const names[] = { "appkey", "appsecret", NULL };
  g_autofree char *appkey = g_strdup_printf ("key-of-batch-%03u", i);
  g_autoptr (SecretValue) key = secret_value_new (appkey, -1, "text/plain");
  g_autoptr (SecretValue) secret = secret_value_new ("secret-of-batch", -1, "text/plain");
  SecretValue *const values[] = { key, secret, NULL };

  return kr_secret_credential_new (names, values);
}

int
main (int argc, char **argv)
{
  g_autoptr (KrSecretClient) client = kr_secret_client_new ();
  g_autoptr (GPtrArray) accounts = NULL;
  g_autoptr (GError) error = NULL;
  KrSecretDraft drafts[MOST];
  guint n = argc > 1 ? (guint) atoi (argv[1]) : 0;

  for (guint i = 0; i < MIN (n, MOST); i++)
    drafts[i] = (KrSecretDraft){
      .alias = g_strdup_printf ("batch-%u", i),
      .broker_id = "ls",
      .environment = KR_SECRET_ENVIRONMENT_PAPER,
      .credential = make_credential (i),
    };
  accounts = kr_secret_client_add_all (client, drafts, MIN (n, MOST), NULL, &error);
  for (guint i = 0; i < MIN (n, MOST); i++)
    {
      g_free ((char *) drafts[i].alias);
      kr_secret_credential_unref (drafts[i].credential);
    }
  if (accounts != NULL)
    return 0;
  fprintf (stderr, "%s\n", error->message);
  return error->code;
}
