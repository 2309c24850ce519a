/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kept-environment.h"

#include <dlfcn.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_VARIABLES 256

static char kept[2][4096];

__attribute__ ((constructor)) static void
keep (void)
{
  const char *preload = getenv ("LD_PRELOAD"), *own = getenv (kept_variable);

  if (preload == NULL || own == NULL)
    return;
  snprintf (kept[0], sizeof kept[0], "LD_PRELOAD=%s", preload);
  snprintf (kept[1], sizeof kept[1], "%s=%s", kept_variable, own);
}

static int
is_kept (const char *variable)
{
  for (int i = 0; i < 2; i++)
    if (strncmp (variable, kept[i], strcspn (kept[i], "=") + 1) == 0)
      return 1;
  return 0;
}

/* Nothing may be allocated between fork and exec. */
static void
merge (char **merged, char *const *envp)
{
  int n = 0;

  for (; envp != NULL && *envp != NULL && n < MAX_VARIABLES; envp++)
    if (!is_kept (*envp))
      merged[n++] = *envp;
  for (int i = 0; i < 2; i++)
    if (kept[i][0] != '\0')
      merged[n++] = kept[i];
  merged[n] = NULL;
}

__attribute__ ((visibility ("default"))) int
execve (const char *path, char *const *argv, char *const *envp)
{
  int (*real) (const char *, char *const *, char *const *) = dlsym (RTLD_NEXT, "execve");
  char *merged[MAX_VARIABLES + 3];

  merge (merged, envp);
  return real (path, argv, merged);
}

__attribute__ ((visibility ("default"))) int
posix_spawn (pid_t *pid,
             const char *path,
             const posix_spawn_file_actions_t *actions,
             const posix_spawnattr_t *attributes,
             char *const *argv,
             char *const *envp)
{
  int (*real) (pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
               char *const *, char *const *)
      = dlsym (RTLD_NEXT, "posix_spawn");
  char *merged[MAX_VARIABLES + 3];

  merge (merged, envp);
  return real (pid, path, actions, attributes, argv, merged);
}
