/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "test-files.h"
#include "tool.h"

/* Keys of nobody. Those of KIS have its usual lengths. */
#define KIS_KEY "PSnobodysRealAppKeyForKIS00000000001"
#define KIS_PAPER_KEY "PSnobodysPaperAppKeyForKIS0000000002"
#define KIWOOM_KEY "Kw7AppKeyOfNobody000000000000000000000003"
#define KIWOOM_SECRET "Kw8SecretKeyOfNobody000000000000000000000003"
char *kis_secret (guint n);

/* A home directory of the tool's own, with the files of a test in it. */
char *import_home_new (World *world);
/* Writes a file below it, and the folders on the way; its path. */
char *import_write (const char *home, const char *name, const char *text);
/* kis_devlp.yaml with two keys, and other settings. */
char *import_write_yaml (const char *home);
/* .env with Kiwoom's key. */
char *import_write_env (const char *home);

/* Runs the tool; nothing that it says has a secret in it. */
#define import(world, status, ...) import_checked (tool (world, status, "import", __VA_ARGS__))
#define import_ends(world, status, ...) test_run_free (import (world, status, __VA_ARGS__))
TestRun *import_checked (TestRun *ran);
void import_check_text (const char *text);

/* The keyring has the account, with this key and that secret. */
void import_check_stored (World *world, const char *alias, const char *appkey, const char *secret);
/* Whether the file is there, and if so, as it was. */
gboolean import_is_there (const char *path);
/* The member "result" of each account, in one text. */
char *import_results (JsonObject *whole);
