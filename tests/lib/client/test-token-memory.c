/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A client's memory without a keyring to report changes: only tokens that are nowhere else. */
#include "base/kr-secret-clock-private.h"
#include "keyring/kr-secret-connection-private.h"
#include "client/kr-secret-token-memory-private.h"
#include "values/kr-secret-token-private.h"
#include "test-process.h"

#define ACCESS KR_SECRET_TOKEN_ACCESS
#define WEBSOCKET KR_SECRET_TOKEN_WEBSOCKET

G_DEFINE_AUTOPTR_CLEANUP_FUNC (KrSecretTokenMemory, kr_secret_token_memory_free)

static KrSecretToken *
token_new (const char *text, KrSecretTokenKind kind, gint64 age, gint64 left, gboolean stored)
{
  g_autoptr (SecretValue) value = secret_value_new (text, -1, "text/plain");
  gint64 now = kr_secret_clock_now ();
  g_autoptr (KrSecretToken) token = kr_secret_token_new (value, NULL, kind, now - age, now + left);

  return stored ? g_steal_pointer (&token)
                : kr_secret_token_with_warning (token, "it could not be stored", FALSE);
}

/* Keeps a token that expires in an hour; returns it. */
static KrSecretToken *
keep (KrSecretTokenMemory *memory,
      const char *id,
      const char *text,
      KrSecretTokenKind kind,
      gint64 age,
      gboolean stored)
{
  KrSecretToken *token = token_new (text, kind, age, 3600, stored);

  kr_secret_token_memory_keep (memory, id, token, kr_secret_connection_get_generation ());
  return token;
}

static void
assert_recalled (KrSecretTokenMemory *memory,
                 const char *id,
                 KrSecretTokenKind kind,
                 KrSecretToken *expected)
{
  g_autoptr (KrSecretToken) token = kr_secret_token_memory_recall_unstored (memory, id, kind);

  g_assert_true (token == expected);
}

static void
assert_none_stored (KrSecretTokenMemory *memory, const char *id, KrSecretToken *unstored)
{
  g_autoptr (KrSecretToken) found = NULL;

  g_assert_null (kr_secret_token_memory_recall (memory, id, ACCESS, 0, &found));
  g_assert_true (found == unstored);
}

static void
test_nothing_is_remembered_at_first (void)
{
  g_autoptr (KrSecretTokenMemory) memory = kr_secret_token_memory_new ();

  assert_recalled (memory, "a", ACCESS, NULL);
  assert_none_stored (memory, "a", NULL);
  kr_secret_token_memory_drop (memory, "a", NULL);
  kr_secret_token_memory_drop (memory, "a", "fingerprint");
}

/* Without a keyring, we cannot know whether what was read there still holds. */
static void
test_stored_one_is_not_certain_without_a_bus (void)
{
  g_autoptr (KrSecretTokenMemory) memory = kr_secret_token_memory_new ();
  G_GNUC_UNUSED g_autoptr (KrSecretToken) token
      = keep (memory, "a", "stored-0000000001", ACCESS, 0, TRUE);

  assert_none_stored (memory, "a", NULL);
  assert_recalled (memory, "a", ACCESS, NULL);
}

static void
test_unstored_one_is_kept_apart_from_stored_ones (void)
{
  g_autoptr (KrSecretTokenMemory) memory = kr_secret_token_memory_new ();
  g_autoptr (KrSecretToken) token = keep (memory, "a", "own-0000000000001", ACCESS, 0, FALSE);
  g_autoptr (KrSecretToken) key = keep (memory, "a", "own-0000000000002", WEBSOCKET, 0, FALSE);

  assert_recalled (memory, "a", ACCESS, token);
  assert_recalled (memory, "a", WEBSOCKET, key);
  assert_recalled (memory, "b", ACCESS, NULL);
  assert_none_stored (memory, "a", token);
}

static void
test_drop_by_fingerprint_drops_only_that (void)
{
  g_autoptr (KrSecretTokenMemory) memory = kr_secret_token_memory_new ();
  g_autoptr (KrSecretToken) token = keep (memory, "a", "own-0000000000001", ACCESS, 0, FALSE);
  g_autoptr (KrSecretToken) key = keep (memory, "a", "own-0000000000002", WEBSOCKET, 0, FALSE);
  g_autoptr (KrSecretToken) other = keep (memory, "b", "own-0000000000001", ACCESS, 0, FALSE);

  kr_secret_token_memory_drop (memory, "a", "of nobody");
  assert_recalled (memory, "a", ACCESS, token);
  kr_secret_token_memory_drop (memory, "a", kr_secret_token_get_fingerprint (token));
  assert_recalled (memory, "a", ACCESS, NULL);
  assert_recalled (memory, "a", WEBSOCKET, key);
  assert_recalled (memory, "b", ACCESS, other);
  kr_secret_token_memory_drop (memory, "a", NULL);
  assert_recalled (memory, "a", WEBSOCKET, NULL);
  assert_recalled (memory, "b", ACCESS, other);
}

/* The keyring still has the previous token, which does not work. */
static void
test_younger_unstored_one_stays (void)
{
  g_autoptr (KrSecretTokenMemory) memory = kr_secret_token_memory_new ();
  g_autoptr (KrSecretToken) own = keep (memory, "a", "own-0000000000001", ACCESS, 10, FALSE);
  G_GNUC_UNUSED g_autoptr (KrSecretToken) old
      = keep (memory, "a", "old-0000000000001", ACCESS, 100, TRUE);

  assert_recalled (memory, "a", ACCESS, own);
}

/* Another program was able to store a token. */
static void
test_older_unstored_one_goes (void)
{
  g_autoptr (KrSecretTokenMemory) memory = kr_secret_token_memory_new ();
  G_GNUC_UNUSED g_autoptr (KrSecretToken) own
      = keep (memory, "a", "own-0000000000001", ACCESS, 100, FALSE);
  G_GNUC_UNUSED g_autoptr (KrSecretToken) younger
      = keep (memory, "a", "new-0000000000001", ACCESS, 10, TRUE);

  assert_recalled (memory, "a", ACCESS, NULL);
}

static gboolean
is_remembered (KrSecretTokenMemory *memory)
{
  g_autoptr (KrSecretToken) token = kr_secret_token_memory_recall_unstored (memory, "a", ACCESS);

  return token != NULL;
}

static void
test_expired_one_is_not_returned (void)
{
  g_autoptr (KrSecretTokenMemory) memory = kr_secret_token_memory_new ();
  g_autoptr (KrSecretToken) token = token_new ("own-0000000000001", ACCESS, 10, 2, FALSE);
  g_autoptr (KrSecretToken) old = token_new ("old-0000000000001", ACCESS, 100, 3600, TRUE);

  kr_secret_token_memory_keep (memory, "a", token, 0);
  g_assert_true (is_remembered (memory));
  test_wait_until (!is_remembered (memory));
  /* Seconds are rounded down, on either clock. */
  g_assert_cmpint (kr_secret_clock_now (), >=, kr_secret_token_get_expires_at (token) - 2);
  /* And it does not get in the way of others. */
  kr_secret_token_memory_keep (memory, "a", old, 0);
  assert_recalled (memory, "a", ACCESS, NULL);
}

typedef struct
{
  KrSecretTokenMemory *memory;
  KrSecretToken *token;
} Crowd;

static gpointer
use (gpointer data)
{
  Crowd *crowd = data;

  for (guint i = 0; i < 5000; i++)
    {
      g_autoptr (KrSecretToken) token = NULL;

      kr_secret_token_memory_keep (crowd->memory, "a", crowd->token, i);
      token = kr_secret_token_memory_recall_unstored (crowd->memory, "a", ACCESS);
      g_assert_true (token == NULL || token == crowd->token);
      kr_secret_token_memory_drop (crowd->memory, "a",
                                   kr_secret_token_get_fingerprint (crowd->token));
    }
  return NULL;
}

static void
test_any_thread_may_use_it (void)
{
  g_autoptr (KrSecretTokenMemory) memory = kr_secret_token_memory_new ();
  g_autoptr (KrSecretToken) token = token_new ("own-0000000000001", ACCESS, 0, 3600, FALSE);
  Crowd crowd = { memory, token };
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("use", use, &crowd);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  assert_recalled (memory, "a", ACCESS, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/memory/nothing-is-remembered-at-first", test_nothing_is_remembered_at_first);
  g_test_add_func ("/memory/stored-one-is-not-certain-without-a-bus",
                   test_stored_one_is_not_certain_without_a_bus);
  g_test_add_func ("/memory/unstored-one-is-kept-apart-from-stored-ones",
                   test_unstored_one_is_kept_apart_from_stored_ones);
  g_test_add_func ("/memory/drop-by-fingerprint-drops-only-that",
                   test_drop_by_fingerprint_drops_only_that);
  g_test_add_func ("/memory/younger-unstored-one-stays", test_younger_unstored_one_stays);
  g_test_add_func ("/memory/older-unstored-one-goes", test_older_unstored_one_goes);
  g_test_add_func ("/memory/expired-one-is-not-returned", test_expired_one_is_not_returned);
  g_test_add_func ("/memory/any-thread-may-use-it", test_any_thread_may_use_it);
  return g_test_run ();
}
