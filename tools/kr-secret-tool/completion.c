/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>

#include "commands.h"
#include "completion/candidates.h"
#include "completion-scripts.h"
#include "terminal/options.h"
#include "terminal/output.h"
#include "terminal/report.h"

/* completion: prints a shell's script, and the candidates that the script asks for. The scripts in
 * data/completions are also installed. */

static struct
{
  char *at;
} given;

/* Internal. The position is an option's value and the words come after "--", so that none of them
 * is taken for our option. */
static const GOptionEntry options[] = {
  { "words", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME, &given.at, NULL, "N" },
  { NULL },
};

static const struct
{
  const char *shell;
  const char *file;
} scripts[] = {
  { "bash", "/krsecret/completions/kr-secret-tool.bash" },
  { "zsh", "/krsecret/completions/_kr-secret-tool" },
  { "fish", "/krsecret/completions/kr-secret-tool.fish" },
};

static int
print_script (Tool *tool, const char *file)
{
  g_autoptr (GBytes) bytes = NULL;
  const char *text;
  gsize length;

  /* Registered here instead of in a constructor: only this command needs it. */
  completion_scripts_register_resource ();
  bytes = g_resources_lookup_data (file, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_assert (bytes != NULL);
  text = g_bytes_get_data (bytes, &length);
  output_bytes (text, length);
  return report_finish (tool);
}

static int
run (Tool *tool, char **args)
{
  guint64 at;
  int status;

  if (given.at != NULL && g_ascii_string_to_unsigned (given.at, 10, 0, G_MAXUINT, &at, NULL))
    {
      candidates_print (tool, args, (guint) at);
      output_flush (NULL);
      return 0;
    }
  if (!options_count (tool, args, 1, 1, &status))
    return status;
  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    if (g_str_equal (args[0], scripts[i].shell))
      return print_script (tool, scripts[i].file);
  return report_usage (tool, _ ("'bash', 'zsh' or 'fish' is expected"), NULL,
                       _ ("no completion for this shell"));
}

const Command completion_command = {
  "completion",
  "bash|zsh|fish",
  N_ ("Print the script that completes this command in a shell"),
  options,
  run,
};
