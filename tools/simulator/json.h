/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "members.h"

/* @text as a JSON string, quotes included. */
char *sim_json_quote (const char *text);

/* Parses an object from a client; refuses input that would crash the parser. */
JsonObject *sim_json_parse (GBytes *body, SimMembers **out_members, GError **error);
/* A member if it is a string, else NULL. */
const char *sim_json_string (JsonObject *object, const char *name);
