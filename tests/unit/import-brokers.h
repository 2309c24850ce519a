/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "import-found.h"

/* Brokers for the parsers of import: one that everybody knows, and one with fields of its own. */
static const KrSecretField kiwoom_fields[] = {
  { "appkey", "appkey", "appkey", "앱키", TRUE, 0 },
  { "appsecret", "secretkey", "appsecret", "앱시크릿", TRUE, 0 },
  { NULL },
};

static const KrSecretField acme_fields[] = {
  { "ident", "login", "ident", "ident", TRUE, 0 },
  { "pin", "pincode", "pin", "pin", TRUE, 0 },
  { NULL },
};

static const ImportBroker import_brokers[] = {
  { "kiwoom", kiwoom_fields },
  { "acme", acme_fields },
  { NULL },
};
