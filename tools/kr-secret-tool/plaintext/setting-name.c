/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plaintext/setting-name.h"

#include <string.h>

#include "common/kr-sensitive.h"

/* Setting names: KIS_PAPER_APP_KEY, kiwoom.secretKey, APPKEY_MOCK. They are read as words in any
 * order: one for the broker, one for the environment, some that form a field. The rest tells two
 * keys of the same broker apart. */

#define MAX_NAME 128

typedef struct
{
  const char *word;
  const char *means;
} Word;

/* Names of brokers besides their ids. */
static const Word broker_words[] = {
  { "kis", "kis" },
  { "pykis", "kis" },
  { "hantu", "kis" },
  { "koreainvestment", "kis" },
  { "한투", "kis" },
  { "한국투자", "kis" },
  { "한국투자증권", "kis" },
  { "kiwoom", "kiwoom" },
  { "키움", "kiwoom" },
  { "키움증권", "kiwoom" },
  { "ls", "ls" },
  { "lssec", "ls" },
  { "ebest", "ls" },
  { "ls증권", "ls" },
};

static const char *const paper_words[]
    = { "paper", "virtual", "mock", "vps", "vts", "모의", "모의투자", NULL };

static const char *const real_words[] = { "real", "실전", "실전투자", NULL };

/* Ambiguous, since software has tests too: they count only beside a broker or a word for
 * trading. */
static const char *const vague_paper_words[] = { "demo", "sandbox", "test", "simulation", NULL };

static const char *const vague_real_words[] = { "prod", "production", "live", NULL };

static const char *const trading_words[] = { "trading", "투자", NULL };

/* Starts of Korean words that are written together: 모의투자앱키. Longer ones first. */
static const char *const korean_starts[] = { "한국투자증권", "한국투자", "한투", "키움증권", "키움",
                                             "모의투자",     "실전투자", "모의", "실전" };

/* Fields, in all spellings. */
static const Word field_words[] = {
  { "appkey", "appkey" },          { "apikey", "appkey" },
  { "clientid", "appkey" },        { "앱키", "appkey" },
  { "appsecret", "appsecret" },    { "appsecretkey", "appsecret" },
  { "secretkey", "appsecret" },    { "apisecret", "appsecret" },
  { "apisecretkey", "appsecret" }, { "clientsecret", "appsecret" },
  { "앱시크릿", "appsecret" },     { "시크릿키", "appsecret" },
};

/* Fields only beside nothing but broker and environment: an "approval key" and a "token secret" are
 * different. */
static const Word short_field_words[] = { { "key", "appkey" }, { "secret", "appsecret" } };

/* Beside a field, these mean that the value is not the field itself. */
static const char *const about_words[]
    = { "file", "path", "dir", "url", "uri", "length", "hash", "name", "account", "token", NULL };

/* Words of settings that choose the environment. */
static const char *const choice_words[]
    = { "env",  "environment", "mode", "market", "svr",  "server",   "is",       "use",  "trading",
        "type", "환경",        "모드", "여부",   "구분", "투자환경", "투자모드", "투자", NULL };

/* The settings of kis_devlp.yaml. */
static const struct
{
  const char *name;
  const char *field;
  gboolean paper;
} kis_names[] = {
  { "my_app", "appkey", FALSE },
  { "my_sec", "appsecret", FALSE },
  { "paper_app", "appkey", TRUE },
  { "paper_sec", "appsecret", TRUE },
};

static const char *
find_meaning (const char *word, const Word *words, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (g_str_equal (word, words[i].word))
      return words[i].means;
  return NULL;
}

#define FIND_MEANING(word, words) find_meaning (word, words, G_N_ELEMENTS (words))

static gboolean
begins_word (gunichar before, gunichar c, gunichar after)
{
  if (!g_unichar_isupper (c))
    return FALSE;
  return !g_unichar_isupper (before) || g_unichar_islower (after);
}

/* Adds a word, or the words it is composed of. */
static void
add_word (GPtrArray *words, const char *word)
{
  gsize length = strlen (word);

  for (gsize i = 0; i < G_N_ELEMENTS (korean_starts); i++)
    if (g_str_has_prefix (word, korean_starts[i]))
      {
        length = strlen (korean_starts[i]);
        break;
      }
  g_ptr_array_add (words, g_strndup (word, length));
  if (word[length] != '\0')
    add_word (words, word + length);
}

/* Into lowercase words: appKey, APP_KEY and KISAppKey have the same. */
static GPtrArray *
split (const char *name)
{
  /* The text may have been a key. */
  GPtrArray *words = g_ptr_array_new_with_free_func (kr_sensitive_free);
  g_autoptr (GString) word = g_string_sized_new (MAX_NAME * 4);
  gunichar before = 0;

  for (const char *p = name;; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      gboolean letter = g_unichar_isalnum (c);

      if (word->len > 0
          && (!letter || begins_word (before, c, g_utf8_get_char (g_utf8_next_char (p)))))
        {
          add_word (words, word->str);
          g_string_truncate (word, 0);
        }
      if (c == 0)
        {
          explicit_bzero (word->str, word->allocated_len);
          return words;
        }
      if (letter)
        g_string_append_unichar (word, g_unichar_tolower (c));
      before = c;
    }
}

static const char *
find_broker (const char *word, const PlaintextBroker *brokers)
{
  for (; brokers->id != NULL; brokers++)
    if (g_str_equal (word, brokers->id))
      return brokers->id;
  return FIND_MEANING (word, broker_words);
}

/* Takes the broker out of the words. kis2 becomes kis and the word 2. */
static const char *
take_broker (GPtrArray *words, const PlaintextBroker *brokers)
{
  for (guint i = 0; i < words->len; i++)
    {
      const char *word = words->pdata[i];
      gsize length = strlen (word);
      g_autofree char *start = NULL;
      const char *id = find_broker (word, brokers);

      while (length > 0 && g_ascii_isdigit (word[length - 1]))
        length--;
      start = g_strndup (word, length);
      if (id == NULL)
        id = find_broker (start, brokers);
      else
        length = strlen (word);
      if (id == NULL)
        continue;
      if (word[length] != '\0')
        g_ptr_array_insert (words, (int) i + 1, g_strdup (word + length));
      g_ptr_array_remove_index (words, i);
      return id;
    }
  return NULL;
}

static gboolean
take_any (GPtrArray *words, const char *const *which)
{
  gboolean taken = FALSE;

  for (guint i = words->len; i > 0; i--)
    if (g_strv_contains (which, words->pdata[i - 1]))
      {
        g_ptr_array_remove_index (words, i - 1);
        taken = TRUE;
      }
  return taken;
}

/* Finds a field by the broker's own name for it. */
static const char *
find_own_field (const char *name, const char *broker_id, const PlaintextBroker *brokers)
{
  for (; brokers->id != NULL; brokers++)
    {
      if (g_strcmp0 (brokers->id, broker_id) != 0)
        continue;
      for (const KrSecretField *field = brokers->fields; field->name != NULL; field++)
        if (g_ascii_strcasecmp (name, field->name) == 0
            || (field->broker_name != NULL && g_ascii_strcasecmp (name, field->broker_name) == 0))
          return field->name;
    }
  return NULL;
}

static const char *
find_field (const char *joined,
            gboolean alone,
            const char *broker_id,
            const PlaintextBroker *brokers)
{
  const char *field = find_own_field (joined, broker_id, brokers);

  if (field == NULL)
    field = FIND_MEANING (joined, field_words);
  if (field == NULL && alone && broker_id != NULL)
    field = FIND_MEANING (joined, short_field_words);
  return field;
}

/* Takes the field out of the words: the longest sequence that is one. */
static const char *
take_field (GPtrArray *words,
            const char *broker_id,
            const PlaintextBroker *brokers,
            gboolean *out_certain)
{
  for (guint n = MIN (words->len, 3); n > 0; n--)
    for (guint i = 0; i + n <= words->len; i++)
      {
        g_autoptr (GString) joined = g_string_new (NULL);
        const char *field;

        for (guint j = i; j < i + n; j++)
          g_string_append (joined, words->pdata[j]);
        field = find_field (joined->str, n == words->len, broker_id, brokers);
        if (field == NULL)
          continue;
        *out_certain
            = g_str_has_prefix (joined->str, "app") || g_str_has_prefix (joined->str, "앱");
        g_ptr_array_remove_range (words, i, n);
        return field;
      }
  return NULL;
}

static gboolean
all_are_choices (GPtrArray *words)
{
  for (guint i = 0; i < words->len; i++)
    if (!g_strv_contains (choice_words, words->pdata[i]))
      return FALSE;
  return TRUE;
}

static gboolean
parse_kis_name (const char *name, SettingName *out_name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kis_names); i++)
    if (g_str_equal (name, kis_names[i].name))
      {
        out_name->broker_id = "kis";
        out_name->field = kis_names[i].field;
        out_name->paper = kis_names[i].paper;
        out_name->real = !kis_names[i].paper;
        out_name->plain = TRUE;
        out_name->tag = g_strdup ("");
        return TRUE;
      }
  return FALSE;
}

static void
take_environment (GPtrArray *words, SettingName *out_name)
{
  gboolean clear_paper = take_any (words, paper_words);
  gboolean clear_real = take_any (words, real_words);
  gboolean trading = FALSE;

  for (guint i = 0; i < words->len; i++)
    trading = trading || g_strv_contains (trading_words, words->pdata[i]);
  out_name->paper = take_any (words, vague_paper_words) || clear_paper;
  out_name->real = take_any (words, vague_real_words) || clear_real;
  out_name->vague = !clear_paper && !clear_real && !trading && (out_name->paper || out_name->real);
}

static void
parse (const char *name, const PlaintextBroker *brokers, SettingName *out_name)
{
  g_autoptr (GPtrArray) words = NULL;

  memset (out_name, 0, sizeof *out_name);
  if (strlen (name) > MAX_NAME || parse_kis_name (name, out_name))
    return;
  words = split (name);
  out_name->broker_id = take_broker (words, brokers);
  take_environment (words, out_name);
  take_any (words, (const char *const[]){ "my", "용", NULL });
  out_name->field = take_field (words, out_name->broker_id, brokers, &out_name->certain);
  for (guint i = 0; i < words->len; i++)
    if (g_strv_contains (about_words, words->pdata[i]))
      out_name->field = NULL;
  out_name->plain = out_name->field != NULL ? words->len == 0 : all_are_choices (words);
  g_ptr_array_add (words, NULL);
  out_name->tag = g_strjoinv ("-", (char **) words->pdata);
}

void
setting_name_parse (const FoundKeys *found, const char *label, SettingName *out_name)
{
  parse (label, found->brokers, out_name);
  if (out_name->broker_id == NULL && found->format == PLAINTEXT_PYKIS
      && (out_name->field == NULL || out_name->plain))
    out_name->broker_id = "kis";
}

gboolean
setting_name_is_field (const SettingName *self)
{
  return self->field != NULL && (self->broker_id != NULL || self->certain);
}

gboolean
setting_name_means_field (const FoundKeys *found, const char *label)
{
  g_auto (SettingName) name = { 0 };

  setting_name_parse (found, label, &name);
  return setting_name_is_field (&name);
}

void
setting_name_clear (SettingName *self)
{
  g_clear_pointer (&self->tag, kr_sensitive_free);
}

#define NO_CHOICE 0U
#define REAL_CHOICE SETTING_CHOICE (KR_SECRET_ENVIRONMENT_REAL)
#define PAPER_CHOICE SETTING_CHOICE (KR_SECRET_ENVIRONMENT_PAPER)

/* The environment that a value names; with vague, also by ambiguous words. */
static guint
read_environment (const char *word, gboolean vague)
{
  if (g_strv_contains (paper_words, word) || g_str_has_prefix (word, "모의")
      || (vague && g_strv_contains (vague_paper_words, word)))
    return PAPER_CHOICE;
  if (g_strv_contains (real_words, word) || g_str_has_prefix (word, "실전")
      || (vague && g_strv_contains (vague_real_words, word)))
    return REAL_CHOICE;
  return NO_CHOICE;
}

/* For a setting that is named after an environment. */
static guint
read_answer (const char *word, gboolean paper)
{
  if (g_strv_contains ((const char *const[]){ "true", "yes", "on", "y", "1", NULL }, word))
    return paper ? PAPER_CHOICE : REAL_CHOICE;
  if (g_strv_contains ((const char *const[]){ "false", "no", "off", "n", "0", NULL }, word))
    return paper ? REAL_CHOICE : PAPER_CHOICE;
  return NO_CHOICE;
}

/* The environment that a setting other than a field chooses: KIS_ENV=vps, "virtual": true. Without
 * a broker in its name it must be unambiguous. */
guint
setting_name_choose (const SettingName *name, const char *value, gsize length)
{
  g_autoptr (KrSensitiveText) text = g_strndup (value, MIN (length, 32));
  g_autoptr (KrSensitiveText) valid = g_utf8_make_valid (text, -1);
  g_autoptr (KrSensitiveText) word = g_utf8_strdown (g_strstrip (valid), -1);
  const gboolean named = name->paper || name->real;
  guint choice = NO_CHOICE;

  if (name->field == NULL && name->plain && !(name->paper && name->real)
      && (named || *name->tag != '\0') && (name->broker_id != NULL || !name->vague))
    {
      choice = read_environment (word, name->broker_id != NULL);
      if (choice == NO_CHOICE && named)
        choice = read_answer (word, name->paper);
    }
  return choice;
}
