/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "doctor/findings.h"

/* The checks, in the order they run. */
void doctor_keyring_check_bus (Doctor *doctor);
void doctor_keyring_check_service (Doctor *doctor);
void doctor_keyring_check_lock (Doctor *doctor);
void doctor_second_daemon_check (Doctor *doctor);
void doctor_files_check_password (Doctor *doctor);
void doctor_files_check (Doctor *doctor);
void doctor_keyring_check_round_trip (Doctor *doctor);
void doctor_plugins_check (Doctor *doctor);
void doctor_accounts_check (Doctor *doctor);
void doctor_clock_check (Doctor *doctor);
void doctor_plain_files_check (Doctor *doctor);
