/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Writes all of the data, whatever interrupts it. FALSE: errno says why. */
gboolean kr_write_all (int fd, const char *data, gsize length);
