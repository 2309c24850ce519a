/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "client/kr-secret-follower-private.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/kr-secret-clock-private.h"
#include "base/kr-secret-deadline-private.h"
#include "client/kr-secret-reload-private.h"
#include "issue/kr-secret-pace-private.h"
#include "keyring/kr-secret-connection-private.h"
#include "plugin/kr-secret-broker-private.h"
#include "values/kr-secret-account-private.h"
#include "values/kr-secret-token-private.h"

/* One thread for a client that follows the keyring or holds accounts. It sleeps until the keyring
 * changes, a token is due, or the clock is set; then it reads the accounts again if they may have
 * changed, and looks at each token. Renewals, which may wait for a broker, run in threads of their
 * own. All work with the engine and leave the client alone. */

/* Moments are in milliseconds of the boot-time clock, which counts sleep. */
#define NEVER G_MAXINT64

/* Look now and then even if nothing happens: not every change of a clock is reported. */
#define LONGEST_SLEEP (10 * 60 * 1000)

#define RELOAD_TIMEOUT (10 * 1000)

/* After failures; doubled each time from the first to the last. */
#define BACK_OFF_MIN 1000
#define BACK_OFF_MAX (5 * 60 * 1000)

/* For what a person must mend, and no change of the keyring would show. */
#define BACK_OFF_PERSON (60 * 60 * 1000)

/* How many failures in a row are worth telling while the token is still good. */
#define PATIENCE 3

#define MAX_RENEWALS 8

typedef struct
{
  guint count;
  gboolean busy;
  guint failures; /* in a row */
  int failure;    /* the last one's code; 0: none */
  guint told;     /* codes told since the last success, a bit each */
  gint64 not_before;
} Hold;

struct _KrSecretFollower
{
  gatomicrefcount refs;
  KrSecretEngine *engine;
  KrSecretAccounts *accounts; /* the engine's */
  GThreadPool *renewals;
  int wake;  /* event descriptor */
  int timer; /* fires at a moment */
  int clock; /* fires when the clock is set */
  gint stop; /* atomic */

  GMutex mutex;
  GHashTable *holds; /* id -> Hold */

  /* Only in the thread. */
  GHashTable *marks; /* id -> Mark */
  gboolean loaded;
  guint generation; /* as of the last load */
  guint revision;   /* of the accounts, before they were loaded */
  guint failures;
  int told;
  gint64 reload_at;
};

/* What was told about the state of an account's token. */
typedef struct
{
  guint64 tag;
  KrSecretTokenState state;
} Mark;

typedef struct
{
  KrSecretFollower *follower;
  KrSecretAccount *account;
  guint min_validity;
} Renewal;

static void
follower_unref (KrSecretFollower *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  /* Its last thread may be the one we are in. */
  g_thread_pool_free (self->renewals, FALSE, FALSE);
  kr_secret_engine_unref (self->engine);
  g_hash_table_unref (self->holds);
  g_hash_table_unref (self->marks);
  g_mutex_clear (&self->mutex);
  close (self->wake);
  close (self->timer);
  close (self->clock);
  g_free (self);
}

static void
wake (KrSecretFollower *self)
{
  eventfd_write (self->wake, 1);
}

/* How long to wait after so many failures; random, so that programs do not retry together. */
static gint64
get_back_off (guint failures)
{
  gint64 wait = MIN ((gint64) BACK_OFF_MIN << MIN (failures - 1, 20), BACK_OFF_MAX);

  return wait + g_random_int_range (0, (gint32) (wait / 4) + 1);
}

/* When to try again after a failure. */
static gint64
get_next_try (const GError *error, guint failures)
{
  gint64 wait;

  switch ((KrSecretError) error->code)
    {
    case KR_SECRET_ERROR_RATE_LIMITED:
      wait = MAX (kr_secret_error_get_retry_after (error), 1) * 1000;
      break;
    case KR_SECRET_ERROR_REFUSED:
    case KR_SECRET_ERROR_NOT_FOUND:
      wait = BACK_OFF_PERSON;
      break;
    default:
      wait = get_back_off (failures);
    }
  return kr_secret_clock_boottime_ms () + wait;
}

/* Whether a failure will not pass by itself. */
static gboolean
needs_person (int code)
{
  switch ((KrSecretError) code)
    {
    case KR_SECRET_ERROR_REFUSED:
    case KR_SECRET_ERROR_LOCKED:
    case KR_SECRET_ERROR_NO_KEYRING:
    case KR_SECRET_ERROR_PLUGIN:
    case KR_SECRET_ERROR_DAMAGED:
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
is_valid (KrSecretAccount *account)
{
  KrSecretTokenState state = kr_secret_account_get_token_state (account);

  return state == KR_SECRET_TOKEN_STATE_VALID || state == KR_SECRET_TOKEN_STATE_EXPIRING;
}

static guint
to_bit (int code)
{
  return 1u << (code % 32);
}

/* Whether a failure was not told yet. A rate limit after another failure is part of that one. */
static gboolean
is_news (const Hold *hold, int code)
{
  if (code == KR_SECRET_ERROR_NOT_FOUND
      || (code == KR_SECRET_ERROR_RATE_LIMITED && hold->told != 0))
    return FALSE;
  return (hold->told & to_bit (code)) == 0;
}

/* Notes the outcome of a renewal. Returns whether it is worth telling. */
static gboolean
note_outcome (KrSecretFollower *self, KrSecretAccount *account, const GError *error)
{
  gboolean tell = FALSE;
  Hold *hold;

  g_mutex_lock (&self->mutex);
  hold = g_hash_table_lookup (self->holds, kr_secret_account_get_id (account));
  if (hold != NULL)
    {
      hold->busy = FALSE;
      hold->failure = error != NULL ? error->code : 0;
      hold->failures = error != NULL ? hold->failures + 1 : 0;
      hold->not_before = error != NULL ? get_next_try (error, hold->failures)
                                       : kr_secret_clock_boottime_ms () + BACK_OFF_MIN;
      if (error == NULL)
        hold->told = 0;
      else if (is_news (hold, error->code)
               && (needs_person (error->code) || hold->failures >= PATIENCE || !is_valid (account)))
        {
          hold->told |= to_bit (error->code);
          tell = TRUE;
        }
    }
  g_mutex_unlock (&self->mutex);
  return tell;
}

/* In a thread of the pool. */
static void
renew (gpointer data, gpointer user_data)
{
  Renewal *renewal = data;
  KrSecretFollower *self = renewal->follower;
  g_autoptr (KrSecretToken) token = NULL;
  g_autoptr (GError) error = NULL;

  if (g_atomic_int_get (&self->stop) == 0)
    {
      const KrSecretWish wish = { renewal->account, KR_SECRET_TOKEN_ACCESS, renewal->min_validity,
                                  KR_SECRET_TOKEN_STRICT };

      token = kr_secret_engine_get_token (
          self->engine, &wish, kr_secret_engine_get_deadline (self->engine, NULL), &error);
      /* It is the old one, or nobody else can find it. */
      if (token != NULL && kr_secret_token_get_warning (token) != NULL)
        kr_secret_error_set (&error,
                             kr_secret_token_is_stored (token) ? KR_SECRET_ERROR_DEADLINE
                                                               : KR_SECRET_ERROR_FAILED,
                             0, NULL, "%s", kr_secret_token_get_warning (token));
      if (note_outcome (self, renewal->account, error))
        kr_secret_accounts_note (self->accounts, renewal->account, 0, error);
    }
  wake (self);
  g_object_unref (renewal->account);
  g_free (renewal);
  follower_unref (self);
}

static void
start_renewal (KrSecretFollower *self, KrSecretAccount *account, gint64 left)
{
  Renewal *renewal = g_new0 (Renewal, 1);

  g_atomic_ref_count_inc (&self->refs);
  renewal->follower = self;
  renewal->account = g_object_ref (account);
  /* Longer than what is left, so that the due token will not do. */
  renewal->min_validity = (guint) CLAMP (left + 1, KR_SECRET_MIN_VALIDITY, G_MAXINT);
  g_thread_pool_push (self->renewals, renewal, NULL);
}

/* When a held account's token is due, by the wall clock; 0: at once. The plugin was loaded when the
 * account was held: this thread loads only one that was missing then. */
static gint64
get_due (KrSecretAccount *account)
{
  g_autoptr (KrSecretBroker) broker
      = kr_secret_broker_find_installed (kr_secret_account_get_broker_id (account), NULL);
  gint64 issued_at, expires_at, due;

  if (kr_secret_account_get_token_times (account, &issued_at, &expires_at) == 0 || broker == NULL)
    return 0;
  due = kr_secret_pace_get_renewal (kr_secret_broker_get_traits (broker), issued_at, expires_at);
  /* If nothing better comes before its end, wait until that has certainly passed. */
  return due < expires_at ? due : expires_at + 1;
}

static gint64
to_moment (gint64 time)
{
  return kr_secret_clock_boottime_ms () + (time - kr_secret_clock_now ()) * 1000;
}

/* Renews a held account's token if it is due. Returns when to look again. */
static gint64
tend_hold (KrSecretFollower *self, KrSecretAccount *account)
{
  gint64 now_ms = kr_secret_clock_boottime_ms ();
  gint64 moment = NEVER;
  gboolean start = FALSE;
  Hold *hold;

  g_mutex_lock (&self->mutex);
  hold = g_hash_table_lookup (self->holds, kr_secret_account_get_id (account));
  if (hold != NULL && !hold->busy)
    {
      moment = MAX (to_moment (get_due (account)), hold->not_before);
      start = hold->busy = moment <= now_ms;
    }
  g_mutex_unlock (&self->mutex);
  if (!start)
    return moment;
  start_renewal (self, account,
                 kr_secret_account_get_token_expires_at (account) - kr_secret_clock_now ());
  return NEVER;
}

/* Notes when time has changed a token's state. Returns when to look again. */
static gint64
tend_state (KrSecretFollower *self, KrSecretAccount *account)
{
  const char *id = kr_secret_account_get_id (account);
  KrSecretTokenState state = kr_secret_account_get_token_state (account);
  gint64 issued_at, expires_at;
  guint64 tag = kr_secret_account_get_token_times (account, &issued_at, &expires_at);
  Mark *mark = g_hash_table_lookup (self->marks, id);

  if (mark == NULL)
    {
      mark = g_new0 (Mark, 1);
      g_hash_table_insert (self->marks, g_strdup (id), mark);
    }
  if (state == KR_SECRET_TOKEN_STATE_EXPIRING && (mark->tag != tag || mark->state != state))
    kr_secret_accounts_note (self->accounts, account,
                             KR_SECRET_NEWS_EXPIRING | KR_SECRET_NEWS_STATE, NULL);
  else if (mark->tag == tag && mark->state != state)
    kr_secret_accounts_note (self->accounts, account, KR_SECRET_NEWS_STATE, NULL);
  mark->tag = tag;
  mark->state = state;
  if (state == KR_SECRET_TOKEN_STATE_VALID)
    return to_moment (expires_at - MIN (KR_SECRET_MIN_VALIDITY, (expires_at - issued_at) / 2) + 1);
  return state == KR_SECRET_TOKEN_STATE_EXPIRING ? to_moment (expires_at) : NEVER;
}

/* The keyring has changed: what failed because of it, or of a key, may work now. */
static void
forgive (KrSecretFollower *self)
{
  GHashTableIter iter;
  gpointer value;

  g_mutex_lock (&self->mutex);
  g_hash_table_iter_init (&iter, self->holds);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Hold *hold = value;

      if (needs_person (hold->failure) || hold->failure == KR_SECRET_ERROR_NOT_FOUND)
        hold->not_before = 0;
    }
  g_mutex_unlock (&self->mutex);
}

/* Reads the accounts. */
static void
reload (KrSecretFollower *self)
{
  g_autoptr (GError) error = NULL;

  self->revision = kr_secret_accounts_get_revision (self->accounts);
  if (kr_secret_reload (self->engine, &self->generation,
                        kr_secret_deadline_in (RELOAD_TIMEOUT, NULL), &error))
    {
      self->loaded = TRUE;
      self->failures = 0;
      self->told = 0;
      forgive (self);
      return;
    }
  /* Read again after a while, or when there is news of the keyring. */
  self->loaded = FALSE;
  self->failures++;
  self->reload_at = kr_secret_clock_boottime_ms () + get_back_off (self->failures);
  if (self->told == error->code || (!needs_person (error->code) && self->failures < PATIENCE))
    return;
  self->told = error->code;
  kr_secret_accounts_note (self->accounts, NULL, 0, error);
}

/* One look at everything. Returns when to look again. */
static gint64
look (KrSecretFollower *self)
{
  g_autoptr (GPtrArray) accounts = NULL;
  gint64 next = NEVER;

  /* A verb of this client may have replaced newer accounts by older ones. */
  if (self->generation != kr_secret_connection_get_generation ()
      || (self->loaded && self->revision != kr_secret_accounts_get_revision (self->accounts))
      || (!self->loaded && self->reload_at <= kr_secret_clock_boottime_ms ()))
    reload (self);
  if (!self->loaded)
    next = self->reload_at;

  accounts = kr_secret_accounts_dup (self->accounts);
  for (guint i = 0; i < accounts->len; i++)
    {
      KrSecretAccount *account = g_ptr_array_index (accounts, i);

      next = MIN (next, tend_hold (self, account));
      next = MIN (next, tend_state (self, account));
    }
  return next;
}

static void
drain (int fd)
{
  eventfd_t ignored;

  while (read (fd, &ignored, sizeof ignored) < 0 && errno == EINTR)
    ;
}

/* Asks to be woken when the clock is set. */
static void
watch_clock (KrSecretFollower *self)
{
  const struct itimerspec far = { .it_value.tv_sec = (time_t) 1 << 50 };

  timerfd_settime (self->clock, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &far, NULL);
}

static void
sleep_till (KrSecretFollower *self, gint64 moment)
{
  gint64 left = moment - kr_secret_clock_boottime_ms ();
  struct itimerspec spec = { 0 };
  struct pollfd fds[] = {
    { .fd = self->wake, .events = POLLIN },
    { .fd = self->timer, .events = POLLIN },
    { .fd = self->clock, .events = POLLIN },
  };

  /* Not by poll alone: its clock stands still while the machine sleeps. */
  left = CLAMP (left, 1, LONGEST_SLEEP);
  spec.it_value.tv_sec = left / 1000;
  spec.it_value.tv_nsec = left % 1000 * 1000000;
  timerfd_settime (self->timer, 0, &spec, NULL);
  while (poll (fds, G_N_ELEMENTS (fds), (int) left) < 0 && errno == EINTR)
    ;
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    if (fds[i].revents != 0)
      drain (fds[i].fd);
  if (fds[2].revents != 0)
    {
      /* The time left to tokens has changed. */
      self->loaded = FALSE;
      self->reload_at = 0;
      watch_clock (self);
    }
}

static gpointer
run (gpointer data)
{
  KrSecretFollower *self = data;

  watch_clock (self);
  while (g_atomic_int_get (&self->stop) == 0)
    sleep_till (self, look (self));
  kr_secret_accounts_set_waker (self->accounts, -1);
  kr_secret_connection_remove_listener (self->wake);
  follower_unref (self);
  return NULL;
}

KrSecretFollower *
kr_secret_follower_start (KrSecretEngine *engine)
{
  KrSecretFollower *self = g_new0 (KrSecretFollower, 1);

  g_atomic_ref_count_init (&self->refs);
  self->engine = kr_secret_engine_ref (engine);
  self->accounts = engine->accounts;
  g_mutex_init (&self->mutex);
  self->renewals = g_thread_pool_new (renew, NULL, MAX_RENEWALS, FALSE, NULL);
  self->holds = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->marks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->wake = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  self->timer = timerfd_create (CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  self->clock = timerfd_create (CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  kr_secret_connection_add_listener (self->wake);
  kr_secret_accounts_set_waker (self->accounts, self->wake);
  g_atomic_ref_count_inc (&self->refs);
  g_thread_unref (g_thread_new ("krsecret-follow", run, self));
  return self;
}

/* Returns at once; the thread, and a renewal under way, end by themselves. */
void
kr_secret_follower_stop (KrSecretFollower *self)
{
  g_atomic_int_set (&self->stop, 1);
  wake (self);
  follower_unref (self);
}

void
kr_secret_follower_hold (KrSecretFollower *self, const char *id)
{
  Hold *hold;

  g_mutex_lock (&self->mutex);
  hold = g_hash_table_lookup (self->holds, id);
  if (hold == NULL)
    {
      hold = g_new0 (Hold, 1);
      g_hash_table_insert (self->holds, g_strdup (id), hold);
    }
  hold->count++;
  g_mutex_unlock (&self->mutex);
  wake (self);
}

void
kr_secret_follower_release (KrSecretFollower *self, const char *id)
{
  Hold *hold;

  g_mutex_lock (&self->mutex);
  hold = g_hash_table_lookup (self->holds, id);
  if (hold != NULL && --hold->count == 0)
    g_hash_table_remove (self->holds, id);
  g_mutex_unlock (&self->mutex);
}
