/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The keyring's disk is full, broken or read-only: a token that was issued is still handed out, and
 * nothing that was there is lost. */
#include <glib/gstdio.h>
#include <string.h>

#include "checkup.h"
#include "daemon.h"
#include "test-files.h"
#include "test-keyring.h"
#include "victim.h"

#define PRELOAD "KR_TEST_FAILING_DISK"

static char *order_path;
static char *variable; /* of the preloaded module */

/* How a disk fails: a call, and the errno it ends with. */
static const char *const faults[] = {
  "open 30",  /* EROFS: read-only */
  "open 13",  /* EACCES: the directory, by its mode */
  "open 28",  /* ENOSPC: full, no inode left */
  "write 28", /* full */
  "write 5",  /* EIO */
  "fsync 5",  "rename 5",
};

static void
break_disk (const char *fault)
{
  test_file_write (order_path, fault, -1, 0600);
}

static void
mend_disk (void)
{
  g_assert_cmpint (g_remove (order_path), ==, 0);
}

static void
start_daemon (const char *program)
{
  g_setenv ("KR_TEST_KEYRING_DAEMON", program, TRUE);
  test_keyring_kill ();
  daemon_start ();
}

/* The daemon is restarted with the module; this was the one before. */
static char *
preload_daemon (void)
{
  char *daemon = g_strdup (g_getenv ("KR_TEST_KEYRING_DAEMON"));
  g_autofree char *script = g_build_filename (g_get_tmp_dir (), "daemon-on-failing-disk", NULL);
  g_autofree char *text
      = g_strdup_printf ("#!/bin/sh\nKR_TEST_DISK='%s' LD_PRELOAD='%s' exec '%s' \"$@\"\n",
                         variable, g_getenv (PRELOAD), daemon);

  test_file_write (script, text, -1, 0700);
  start_daemon (script);
  return daemon;
}

/* Issued, handed out, and not requested again within the broker's minute. */
static void
check_issue (World *world, guint n)
{
  g_autofree char *alias = g_strdup_printf ("a%u", n);

  add_unverified (world, "kis", n, alias);
  break_disk (faults[n]);
  {
    g_autoptr (TestRun) ran = tool (world, ANY_STATUS, "token", alias);

    if (ran->status != 0 || *ran->out == '\0' || *ran->err == '\0')
      test_fail ("'%s': token ended with %d: '%s', '%s'", faults[n], ran->status, ran->out,
                 ran->err);
    test_assert_lacks (ran->err, g_strchomp (ran->out));
  }
  tool_ends (world, 7, "token", alias);
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "issue"), ==, n + 1);
  mend_disk ();
  tool_ends (world, 7, "token", alias);
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "issue"), ==, n + 1);
}

static void
test_issue (World *world, gconstpointer data)
{
  g_autofree char *daemon = preload_daemon ();
  g_autoptr (Bystanders) bystanders = bystanders_new (world);

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_test_message ("%s", faults[i]);
      check_issue (world, i);
      bystanders_check (bystanders);
    }
  /* And on the disk. */
  start_daemon (daemon);
  bystanders_check (bystanders);
  g_assert_cmpuint (count_accounts (world), ==, G_N_ELEMENTS (faults) + 1);
}

/* Commands that change the keyring report the failure; whatever was there is unchanged. */
static void
check_changes (World *world, Victim *victim, const char *fault)
{
  g_autofree char *token = NULL;
  g_autofree char *still = NULL;
  g_autofree char *id = NULL;

  victim_add (victim);
  token = victim_ask (victim);
  id = victim_get_id (world, VICTIM);
  break_disk (fault);
  {
    g_autofree char *key = test_simulator_get_key_lines ("ls", 5);
    g_autoptr (TestRun) add = tool_fed (world, ANY_STATUS, key, "add", "ls", "new", "--env",
                                        "paper", "--no-verify", "--endpoint", "http://127.0.0.1:9");
    g_autoptr (TestRun) forget = tool (world, ANY_STATUS, "forget", VICTIM);
    g_autoptr (TestRun) revoke = tool (world, ANY_STATUS, "revoke", VICTIM);

    if (add->status == 0 || forget->status == 0 || revoke->status == 0)
      test_fail ("'%s': add %d, forget %d, revoke %d", fault, add->status, forget->status,
                 revoke->status);
  }
  /* Without the mark in the keyring, the broker is told nothing. */
  g_assert_cmpuint (test_simulator_count (world->simulator, victim->broker, "revoke"), ==, 0);
  mend_disk ();
  tool_ends (world, 3, "show", "new");
  still = victim_ask (victim);
  g_assert_cmpstr (still, ==, token);
  g_assert_cmpuint (test_keyring_count (id, NULL), ==, 2);
  /* Once the disk works, everything does. */
  tool_ends (world, 0, "revoke", VICTIM);
  tool_ends (world, 0, "remove", VICTIM, "-y");
}

static void
test_changes (World *world, gconstpointer data)
{
  g_autofree char *daemon = preload_daemon ();
  g_autoptr (Bystanders) bystanders = bystanders_new (world);
  g_autoptr (Victim) victim = victim_new (world, "kiwoom");

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_test_message ("%s", faults[i]);
      check_changes (world, victim, faults[i]);
      bystanders_check (bystanders);
    }
  start_daemon (daemon);
  bystanders_check (bystanders);
}

/* The daemon has stored it, but the directory cannot be synced: it may be lost after a power
 * cut. */
static void
test_directory (World *world, gconstpointer data)
{
  g_autofree char *token = NULL;
  g_autofree char *stored = NULL;

  if (g_getenv ("KR_TEST_SANITIZED") != NULL)
    {
      g_test_skip ("nothing can be preloaded into programs with a sanitizer");
      return;
    }
  add_unverified (world, "kis", 0, "a");
  world_setenv (world, "LD_PRELOAD", g_getenv (PRELOAD));
  world_setenv (world, "KR_TEST_DISK", variable);
  break_disk ("fsync 5");
  {
    g_autoptr (TestRun) ran = tool (world, 0, "token", "a");

    token = g_strchomp (g_strdup (ran->out));
    g_assert_cmpstr (token, !=, "");
    g_assert_cmpstr (ran->err, !=, "");
  }
  mend_disk ();
  stored = stored_token (world, "a");
  g_assert_cmpstr (stored, ==, token);
  g_assert_cmpuint (test_simulator_count (world->simulator, "kis", "issue"), ==, 1);
}

/* doctor reports it before a token is lost, and sees when it is over. */
static void
test_doctor (World *world, gconstpointer data)
{
  g_autofree char *daemon = preload_daemon ();

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_test_message ("%s", faults[i]);
      break_disk (faults[i]);
      {
        g_autoptr (JsonObject) whole = checkup (world, 1);

        finding (whole, "round-trip", "failure", "dummy item", "df -h");
        finding (whole, "lock", "ok", "", NULL);
      }
      mend_disk ();
      json_object_unref (checkup (world, 0));
    }
  start_daemon (daemon);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  order_path = g_build_filename (g_get_tmp_dir (), "disk", NULL);
  variable = g_strdup_printf ("%s:%s/keyrings", order_path, g_get_user_data_dir ());
  FAULT_TEST ("/disk/issue", NULL, test_issue);
  FAULT_TEST ("/disk/changes", NULL, test_changes);
  FAULT_TEST ("/disk/doctor", NULL, test_doctor);
  FAULT_TEST ("/disk/directory", NULL, test_directory);
  return g_test_run ();
}
