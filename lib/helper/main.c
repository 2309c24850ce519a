/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* kr-secret-helper: one process per job. Started by libkrsecret, not by people. */
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

/* The longest a job may take, in seconds: keyring, broker and keyring again, each with its own
 * deadline. It ends a plugin that loops, and that frees the account's lock. */
#define LIFE 40

/* In seconds. How long a prompt may stay. */
#define LIFE_OF_PROMPT (60 * 60)

int
main (int argc, char **argv)
{
  const struct rlimit none = { 0, 0 };
  sigset_t no_signals;

  /* No core dump and no debugger of the same user: the memory holds keys. */
  setrlimit (RLIMIT_CORE, &none);
  prctl (PR_SET_DUMPABLE, 0);
  /* What ends the application must not end the job: neither its terminal nor a closed pipe. */
  setsid ();
  sigemptyset (&no_signals);
  sigprocmask (SIG_SETMASK, &no_signals, NULL); /* the application's threads may block them all */
  signal (SIGPIPE, SIG_IGN);
  signal (SIGALRM, SIG_DFL);
  alarm (argc > 1 && strcmp (argv[1], KR_SECRET_ISSUER_UNLOCK) == 0 ? LIFE_OF_PROMPT : LIFE);
  setlocale (LC_ALL, "");
  /* HTTP/2 gains nothing for one request; before 3.4 libsoup cannot turn it off otherwise. */
  g_setenv ("SOUP_FORCE_HTTP1", "1", TRUE);
  g_unsetenv ("SSLKEYLOGFILE");
  return kr_secret_helper_main (argc, argv, transport_send);
}
