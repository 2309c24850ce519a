/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Whether a parser takes what is in a file. */
typedef gboolean (*TestCorpusRead) (const char *data,
                                    gsize length,
                                    gconstpointer user_data,
                                    GError **error);

/* A fuzzer only sees that nothing breaks: that its corpus gets anywhere is held here. Of the files
 * of corpus/@kind, beside the test, those called ok-… are taken, without an error, and no others;
 * and there are so many of each at least. */
void test_corpus_check (
    const char *kind, TestCorpusRead read, gconstpointer user_data, guint accepted, guint refused);
