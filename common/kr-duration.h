/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A length of time for people, in the user's language. */
char *kr_duration_format (gint64 seconds);
