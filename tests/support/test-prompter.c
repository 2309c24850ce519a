/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-prompter.h"

#include <gcrypt.h>
#include <string.h>

#include "test-bus.h"
#include "test-keyring.h"
#include "test-process.h"

#define NAME "org.gnome.keyring.SystemPrompter"
#define IFACE "org.gnome.keyring.internal.Prompter"

/* The password goes over the bus as in gcr's "sx-aes-1": a Diffie-Hellman exchange in the group of
 * RFC 2409 with 1536 bits (RFC 3526), a key derived by HKDF without salt and info, and AES. */
#define PROTOCOL "sx-aes-1"
#define PRIME_BYTES 192
#define BLOCK 16
#define HASH 32

static const char prime_hex[] = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC7402"
                                "0BBEA63B139B22514A08798E3404DD"
                                "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F4"
                                "4C42E9A637ED6B0BFF5CB6F406B7ED"
                                "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598"
                                "DA48361C55D39A69163FA8FD24CF5F"
                                "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1"
                                "746C08CA237327FFFFFFFFFFFFFFFF";

struct _TestPrompter
{
  GDBusConnection *connection;
  guint filter;
  gcry_mpi_t exponent; /* the same for all: a prompt keeps its first key */
  GMutex mutex;
  GDBusMessage *left_alone; /* guarded by it */
  gint mood;                /* atomic, as the others */
  gint begun;
  gint performed;
  gint stopped;
};

static void
hmac (const guchar *key, gsize key_length, const guchar *data, gsize length, guchar *out)
{
  gsize out_length = HASH;
  GHmac *state = g_hmac_new (G_CHECKSUM_SHA256, key, key_length);

  g_hmac_update (state, data, (gssize) length);
  g_hmac_get_digest (state, out, &out_length);
  g_hmac_unref (state);
}

/* Without leading zeros, as in gcr, for both numbers. */
static gsize
print (gcry_mpi_t number, guchar *out)
{
  gsize length;

  g_assert_cmpint (gcry_mpi_print (GCRYMPI_FMT_USG, out, PRIME_BYTES, &length, number), ==, 0);
  return length;
}

static gcry_mpi_t
scan (const guchar *data, gsize length)
{
  gcry_mpi_t number;

  g_assert_cmpint (gcry_mpi_scan (&number, GCRYMPI_FMT_USG, data, length, NULL), ==, 0);
  return number;
}

/* Makes our public number and returns its length, and the key that results from the other
 * side's. */
static gsize
agree (gcry_mpi_t exponent, const guchar *theirs, gsize length, guchar *out_public, guchar *out_key)
{
  const guchar one = 1, zeros[HASH] = { 0 };
  guchar secret[PRIME_BYTES], extracted[HASH], expanded[HASH];
  gcry_mpi_t prime, base = gcry_mpi_set_ui (NULL, 2), peer = scan (theirs, length);
  gcry_mpi_t result = gcry_mpi_new (0);
  gsize public_length;

  g_assert_cmpint (gcry_mpi_scan (&prime, GCRYMPI_FMT_HEX, prime_hex, 0, NULL), ==, 0);
  gcry_mpi_powm (result, base, exponent, prime);
  public_length = print (result, out_public);
  gcry_mpi_powm (result, peer, exponent, prime);
  hmac (zeros, HASH, secret, print (result, secret), extracted);
  hmac (extracted, HASH, &one, 1, expanded);
  memcpy (out_key, expanded, BLOCK);
  gcry_mpi_release (prime);
  gcry_mpi_release (base);
  gcry_mpi_release (peer);
  gcry_mpi_release (result);
  return public_length;
}

static void
set_base64 (GKeyFile *file, const char *key, const guchar *data, gsize length)
{
  g_autofree char *text = g_base64_encode (data, length);

  g_key_file_set_value (file, PROTOCOL, key, text);
}

static void
encrypt (GKeyFile *reply, const guchar *key, const char *password)
{
  gsize length = strlen (password), padded = (length / BLOCK + 1) * BLOCK;
  g_autofree guchar *text = g_malloc (padded);
  guchar iv[BLOCK];
  gcry_cipher_hd_t cipher;

  memcpy (text, password, length);
  memset (text + length, (int) (padded - length), padded - length);
  gcry_create_nonce (iv, BLOCK);
  g_assert_cmpint (gcry_cipher_open (&cipher, GCRY_CIPHER_AES128, GCRY_CIPHER_MODE_CBC, 0), ==, 0);
  g_assert_cmpint (gcry_cipher_setkey (cipher, key, BLOCK), ==, 0);
  g_assert_cmpint (gcry_cipher_setiv (cipher, iv, BLOCK), ==, 0);
  g_assert_cmpint (gcry_cipher_encrypt (cipher, text, padded, NULL, 0), ==, 0);
  gcry_cipher_close (cipher);
  set_base64 (reply, "secret", text, padded);
  set_base64 (reply, "iv", iv, BLOCK);
}

/* Answers an exchange that the other side has begun. */
static char *
seal (TestPrompter *self, const char *exchange, const char *password)
{
  g_autoptr (GKeyFile) begun = g_key_file_new ();
  g_autoptr (GKeyFile) reply = g_key_file_new ();
  g_autofree char *theirs = NULL;
  guchar own[PRIME_BYTES], key[BLOCK];
  gsize length, own_length;

  g_assert_true (g_key_file_load_from_data (begun, exchange, strlen (exchange), 0, NULL));
  theirs = g_key_file_get_value (begun, PROTOCOL, "public", NULL);
  g_assert_nonnull (theirs);
  g_base64_decode_inplace (theirs, &length);
  own_length = agree (self->exponent, (const guchar *) theirs, length, own, key);
  set_base64 (reply, "public", own, own_length);
  if (password != NULL)
    encrypt (reply, key, password);
  return g_key_file_to_data (reply, NULL, NULL);
}

static void
send (GDBusConnection *connection, GDBusMessage *message)
{
  g_autoptr (GDBusMessage) sent = message;

  g_dbus_connection_send_message (connection, sent, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
}

static void
say_ready (GDBusConnection *connection,
           GDBusMessage *call,
           const char *callback,
           const char *reply,
           const char *exchange)
{
  GDBusMessage *ready = g_dbus_message_new_method_call (g_dbus_message_get_sender (call), callback,
                                                        IFACE ".Callback", "PromptReady");

  g_dbus_message_set_body (ready, g_variant_new ("(sa{sv}s)", reply, NULL, exchange));
  g_dbus_message_set_flags (ready, G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED);
  send (connection, ready);
}

static void
begin (TestPrompter *self, GDBusConnection *connection, GDBusMessage *call)
{
  const char *callback;

  g_variant_get (g_dbus_message_get_body (call), "(&o)", &callback);
  say_ready (connection, call, callback, "", "");
  g_atomic_int_inc (&self->begun);
}

static void
react (TestPrompter *self, GDBusConnection *connection, GDBusMessage *call, TestPrompterMood mood)
{
  const char *password = mood == TEST_PROMPTER_ANSWERS ? g_getenv ("KR_TEST_KEYRING_PASSWORD")
                         : mood == TEST_PROMPTER_ERRS  ? "another"
                                                       : NULL;
  const char *callback, *type, *exchange;
  g_autofree char *sealed = NULL;

  g_variant_get (g_dbus_message_get_body (call), "(&o&s@a{sv}&s)", &callback, &type, NULL,
                 &exchange);
  g_assert_cmpstr (type, ==, "password");
  sealed = seal (self, exchange, password);
  say_ready (connection, call, callback, password != NULL ? "yes" : "no", sealed);
}

static void
perform (TestPrompter *self, GDBusConnection *connection, GDBusMessage *call)
{
  TestPrompterMood mood = (TestPrompterMood) g_atomic_int_get (&self->mood);

  if (mood == TEST_PROMPTER_ERRS)
    g_atomic_int_set (&self->mood, TEST_PROMPTER_ANSWERS);
  if (mood == TEST_PROMPTER_SILENT)
    {
      g_mutex_lock (&self->mutex);
      g_set_object (&self->left_alone, call);
      g_mutex_unlock (&self->mutex);
    }
  else
    react (self, connection, call, mood);
  g_atomic_int_inc (&self->performed);
}

/* In GDBus's own thread. */
static GDBusMessage *
on_message (GDBusConnection *connection, GDBusMessage *message, gboolean incoming, gpointer data)
{
  TestPrompter *self = data;
  const char *method = g_dbus_message_get_member (message);

  if (!incoming || g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL
      || g_strcmp0 (g_dbus_message_get_interface (message), IFACE) != 0)
    return message;
  send (connection, g_dbus_message_new_method_reply (message));
  if (g_str_equal (method, "BeginPrompting"))
    begin (self, connection, message);
  else if (g_str_equal (method, "PerformPrompt"))
    perform (self, connection, message);
  else
    g_atomic_int_inc (&self->stopped);
  g_object_unref (message);
  return NULL;
}

static void
prompter_free (gpointer data)
{
  TestPrompter *self = data;

  g_clear_object (&self->left_alone);
  g_mutex_clear (&self->mutex);
  gcry_mpi_release (self->exponent);
  g_free (self);
}

static GVariant *
call (GDBusConnection *bus,
      const char *name,
      const char *path,
      const char *interface,
      const char *method,
      GVariant *parameters)
{
  g_autoptr (GError) error = NULL;
  GVariant *reply = g_dbus_connection_call_sync (bus, name, path, interface, method, parameters,
                                                 NULL, G_DBUS_CALL_FLAGS_NONE, 10000, NULL, &error);

  g_assert_no_error (error);
  return reply;
}

TestPrompter *
test_prompter_start (TestPrompterMood mood)
{
  TestPrompter *self = g_new0 (TestPrompter, 1);
  g_autoptr (GVariant) owned = NULL;
  guint32 owner;

  gcry_check_version (NULL);
  self->mood = (gint) mood;
  g_mutex_init (&self->mutex);
  self->exponent = gcry_mpi_new (0);
  gcry_mpi_randomize (self->exponent, 256, GCRY_WEAK_RANDOM);
  self->connection = test_bus_connect ();
  self->filter = g_dbus_connection_add_filter (self->connection, on_message, self, prompter_free);
  owned = call (self->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                "org.freedesktop.DBus", "RequestName", g_variant_new ("(su)", NAME, 0));
  g_variant_get (owned, "(u)", &owner);
  g_assert_cmpuint (owner, ==, 1);
  return self;
}

void
test_prompter_set (TestPrompter *self, TestPrompterMood mood)
{
  g_atomic_int_set (&self->mood, (gint) mood);
}

gboolean
test_prompter_wake (TestPrompter *self, TestPrompterMood mood)
{
  g_autoptr (GDBusMessage) call = NULL;

  g_mutex_lock (&self->mutex);
  call = g_steal_pointer (&self->left_alone);
  g_mutex_unlock (&self->mutex);
  if (call != NULL)
    react (self, self->connection, call, mood);
  return call != NULL;
}

guint
test_prompter_count_begun (TestPrompter *self)
{
  return (guint) g_atomic_int_get (&self->begun);
}

guint
test_prompter_count_performed (TestPrompter *self)
{
  return (guint) g_atomic_int_get (&self->performed);
}

guint
test_prompter_count_stopped (TestPrompter *self)
{
  return (guint) g_atomic_int_get (&self->stopped);
}

void
test_prompter_stop (TestPrompter *self)
{
  g_autoptr (GDBusConnection) connection = self->connection;

  g_dbus_connection_close_sync (connection, NULL, NULL);
  /* The filter may still be running: it is freed with it. */
  g_dbus_connection_remove_filter (connection, self->filter);
}

GDBusConnection *
test_prompter_ask (TestPrompter *self)
{
  const char *const login[] = { TEST_KEYRING_LOGIN, NULL };
  guint before = test_prompter_count_performed (self);
  GDBusConnection *asker = test_bus_connect ();
  g_autoptr (GVariant) unlock
      = call (asker, "org.freedesktop.secrets", "/org/freedesktop/secrets",
              "org.freedesktop.Secret.Service", "Unlock", g_variant_new ("(^ao)", login));
  G_GNUC_UNUSED g_autoptr (GVariant) shown = NULL;
  const char *prompt;

  g_variant_get (unlock, "(@ao&o)", NULL, &prompt);
  g_assert_cmpstr (prompt, !=, "/");
  shown = call (asker, "org.freedesktop.secrets", prompt, "org.freedesktop.Secret.Prompt", "Prompt",
                g_variant_new ("(s)", ""));
  test_wait_until (test_prompter_count_performed (self) > before);
  return asker;
}
