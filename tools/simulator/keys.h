/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* How many valid keys each broker knows: numbers 0 to SIM_N_KEYS - 1. */
#define SIM_N_KEYS 1000

/* The n-th valid key of a broker: the same in every run, on every machine. */
void sim_keys_make (const char *broker, guint n, char **out_appkey, char **out_appsecret);

/* All valid keys of a broker, appkey to appsecret. */
GHashTable *sim_keys_load (const char *broker);
