/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "plaintext/parse.h"

/* Brokers for the parsers of import: some real ones, and one with fields of its own and without
 * paper trading. */
static const KrSecretField kis_fields[] = {
  { "appkey", "appkey", "appkey", "앱키", TRUE, 36 },
  { "appsecret", "appsecret", "appsecret", "앱시크릿", TRUE, 180 },
  { NULL },
};

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

static const PlaintextBroker plaintext_brokers[] = {
  { "kis", kis_fields, "https://real.kis.example:9443", "https://realvts.kis.example:29443" },
  { "kiwoom", kiwoom_fields, "https://api.kiwoom.example", "https://mockapi.kiwoom.example" },
  { "ls", kis_fields, "https://ls.example:8080", "https://ls.example:8080" },
  { "acme", acme_fields, "https://acme.example", NULL },
  { NULL },
};
