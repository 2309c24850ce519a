/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "test-files.h"
#include "tool.h"

/* Invented keys. Those of KIS have its usual lengths. */
#define KIS_KEY "PSnobodysRealAppKeyForKIS00000000001"
#define KIS_PAPER_KEY "PSnobodysPaperAppKeyForKIS0000000002"
#define KIWOOM_KEY "Kw7AppKeyOfNobody000000000000000000000003"
#define KIWOOM_SECRET "Kw8SecretKeyOfNobody000000000000000000000003"
char *kis_secret (guint n);

/* The tool's own home directory, with the files of a test in it. */
char *import_home_new (World *world);
/* Writes a file below it, creating folders on the way; returns its path. */
char *import_write (const char *home, const char *name, const char *text);
/* kis_devlp.yaml with two keys, and other settings. */
char *import_write_yaml (const char *home);
/* .env with Kiwoom's key. */
char *import_write_env (const char *home);

/* Runs the tool; its output must not contain a secret. */
#define import(world, status, ...) import_checked (tool (world, status, "import", __VA_ARGS__))
#define import_ends(world, status, ...) test_run_free (import (world, status, __VA_ARGS__))
TestRun *import_checked (TestRun *ran);
void import_check_text (const char *text);

/* Checks that the keyring has the account, with this key and this secret. */
void import_check_stored (World *world, const char *alias, const char *appkey, const char *secret);
/* Whether the file exists; if so, it has to be unchanged. */
gboolean import_is_there (const char *path);
/* The member "result" of each account, joined in one text. */
char *import_results (JsonObject *whole);
