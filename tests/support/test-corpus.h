/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Whether a parser accepts the contents of a file. */
typedef gboolean (*TestCorpusRead) (const char *data,
                                    gsize length,
                                    gconstpointer user_data,
                                    GError **error);

/* A fuzzer only shows that nothing breaks; this checks that its corpus gets anywhere. Of the files
 * of corpus/@kind next to the test, those called ok-… are accepted without an error, and no others;
 * and there are at least this many of each. */
void test_corpus_check (
    const char *kind, TestCorpusRead read, gconstpointer user_data, guint accepted, guint refused);
