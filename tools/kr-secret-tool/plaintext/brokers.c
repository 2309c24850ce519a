/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plaintext/brokers.h"

PlaintextBroker *
plaintext_brokers_list (GPtrArray *brokers)
{
  PlaintextBroker *list = g_new0 (PlaintextBroker, brokers->len + 1);

  for (guint i = 0; i < brokers->len; i++)
    {
      list[i].id = kr_secret_broker_get_id (brokers->pdata[i]);
      list[i].fields = kr_secret_broker_get_fields (brokers->pdata[i]);
      list[i].real_uri = kr_secret_broker_get_uri (brokers->pdata[i], KR_SECRET_ENVIRONMENT_REAL);
      list[i].paper_uri = kr_secret_broker_get_uri (brokers->pdata[i], KR_SECRET_ENVIRONMENT_PAPER);
    }
  return list;
}
