/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"

/* kr-secret-tool, or another program, on a pseudo-terminal that is its controlling terminal. */
typedef struct
{
  int master;
  int slave;
  GSubprocess *process;
  GString *seen; /* everything that the terminal has shown */
  gsize read_to; /* as far as terminal_expect () came */
  int out;       /* its standard output if that is a pipe, or -1 */
} Terminal;

typedef enum
{
  TERMINAL_ALL,       /* all three descriptors are the terminal */
  TERMINAL_OUT_PIPED, /* standard output is not */
  TERMINAL_IN_NOT,    /* standard input is not, and is empty */
} TerminalKind;

Terminal *terminal_start_program (World *world, TerminalKind kind, const char *program, ...)
    G_GNUC_NULL_TERMINATED;
#define terminal_start(world, kind, ...)                                                           \
  terminal_start_program (world, kind, g_getenv ("KR_TEST_TOOL"), __VA_ARGS__)
/* Waits until the terminal shows @text, after the text expected before. */
void terminal_expect (Terminal *terminal, const char *text);
void terminal_type (Terminal *terminal, const char *text);
/* Waits until it no longer echoes. */
void terminal_wait_for_no_echo (Terminal *terminal);
gboolean terminal_echoes (Terminal *terminal);
/* Waits for the end; returns the exit status. */
int terminal_end (Terminal *terminal);
/* Everything that came through the pipe, once it has ended. */
char *terminal_piped (Terminal *terminal);
void terminal_free (Terminal *terminal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Terminal, terminal_free)
