/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* The desktop's password prompt, as gnome-keyring talks to it; the test takes the user's place. */
typedef struct _TestPrompter TestPrompter;

typedef enum
{
  TEST_PROMPTER_SILENT,   /* the window is open, and nothing is typed */
  TEST_PROMPTER_ANSWERS,  /* with the keyring's password */
  TEST_PROMPTER_ERRS,     /* with a wrong one first, and then with the right one */
  TEST_PROMPTER_DISMISSES /* Cancel */
} TestPrompterMood;

/* Takes the prompter's name on the bus. */
TestPrompter *test_prompter_start (TestPrompterMood mood);
/* Applies to prompts that begin from now on. */
void test_prompter_set (TestPrompter *self, TestPrompterMood mood);
/* Answers the window that was left alone after all; FALSE: there is none. */
gboolean test_prompter_wake (TestPrompter *self, TestPrompterMood mood);
/* How many windows were opened, how often one asked for a password, and how many were closed by the
 * program that had asked. */
guint test_prompter_count_begun (TestPrompter *self);
guint test_prompter_count_performed (TestPrompter *self);
guint test_prompter_count_stopped (TestPrompter *self);
/* Disappears without a word. */
void test_prompter_stop (TestPrompter *self);
/* Another program, which has asked to unlock the keyring and waits for the prompt, on a connection
 * of its own. */
GDBusConnection *test_prompter_ask (TestPrompter *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestPrompter, test_prompter_stop)
