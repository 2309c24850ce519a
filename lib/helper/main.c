/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kr-secret-helper: one process per issue, revoke, clock or unlock. Started by libkrsecret, not by
 * people. */
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <gio/gio.h>

#include "helper/kr-secret-helper-private.h"
#include "helper/transport.h"
#include "issue/kr-secret-issuer-protocol-private.h"

/* The longest a job may take, in seconds: keyring, broker and keyring again, each within a deadline
 * of its own. A plugin that loops is ended by it, and the account's lock is free. */
#define LIFE 40

/* As long a person may look at a prompt. */
#define LIFE_OF_PROMPT (60 * 60)

int
main (int argc, char **argv)
{
  const struct rlimit none = { 0, 0 };
  sigset_t no_signals;

  /* No core dump and no debugger of the same user: the memory holds keys. */
  setrlimit (RLIMIT_CORE, &none);
  prctl (PR_SET_DUMPABLE, 0);
  /* What ends the application must not end the job half-way: not its terminal, not its closed pipe.
   */
  setsid ();
  sigemptyset (&no_signals);
  sigprocmask (SIG_SETMASK, &no_signals, NULL); /* the application's threads may block them all */
  signal (SIGPIPE, SIG_IGN);
  signal (SIGALRM, SIG_DFL);
  alarm (argc > 1 && strcmp (argv[1], KR_SECRET_ISSUER_UNLOCK) == 0 ? LIFE_OF_PROMPT : LIFE);
  setlocale (LC_ALL, "");
  /* HTTP/2 brings nothing for one request. libsoup before 3.4 knows no other way to turn it off. */
  g_setenv ("SOUP_FORCE_HTTP1", "1", TRUE);
  g_unsetenv ("SSLKEYLOGFILE");
  return kr_secret_helper_main (argc, argv, transport_send);
}
