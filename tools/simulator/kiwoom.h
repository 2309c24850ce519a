/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "broker.h"

extern const SimBroker sim_kiwoom;
