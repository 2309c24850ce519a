/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

void add_program_tests (void);
void add_broker_tests (void);
void add_fault_tests (void);
void add_fault_order_tests (void);
