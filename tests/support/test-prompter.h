/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* The desktop's password prompt, as gnome-keyring talks to it, with nobody in front of it but the
 * test. */
typedef struct _TestPrompter TestPrompter;

typedef enum
{
  TEST_PROMPTER_SILENT,   /* the window is open, and nobody types */
  TEST_PROMPTER_ANSWERS,  /* with the keyring's password */
  TEST_PROMPTER_ERRS,     /* with another one first, and then with that */
  TEST_PROMPTER_DISMISSES /* Cancel */
} TestPrompterMood;

/* Takes the prompter's name on the bus. */
TestPrompter *test_prompter_start (TestPrompterMood mood);
/* For the prompts that are begun from now on. */
void test_prompter_set (TestPrompter *self, TestPrompterMood mood);
/* Now somebody types after all, into the window that was left alone; FALSE: there is none. */
gboolean test_prompter_wake (TestPrompter *self, TestPrompterMood mood);
/* How many windows were opened, how often one asked for a password, and how many were closed by
 * who had asked for them. */
guint test_prompter_count_begun (TestPrompter *self);
guint test_prompter_count_performed (TestPrompter *self);
guint test_prompter_count_stopped (TestPrompter *self);
/* Goes without a word. */
void test_prompter_stop (TestPrompter *self);
/* Another program, which has asked for the keyring to be unlocked and waits for the prompt, on a
 * connection of its own. */
GDBusConnection *test_prompter_ask (TestPrompter *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestPrompter, test_prompter_stop)
