/* SPDX-License-Identifier: LGPL-2.1-or-later
 * fuzz.h: what every fuzz target defines
 *
 * Here: the entry point that libFuzzer and replay.c call.
 * Not here: any target.
 */
#pragma once

#include <glib.h>

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);
