/* target.h - what every fuzz target defines; libFuzzer, AFL++'s driver and replay.c call it
 *
 * SPDX-License-Identifier: MIT */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Bits of the header's byte 1 that make an input slow, where a target defines this; the mutator mostly takes them off
 * again. */
extern uint8_t fuzz_costly;

#endif
