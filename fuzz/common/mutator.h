/* mutator.h - changes of fuzz inputs that keep them near to XML
 *
 * SPDX-License-Identifier: MIT */
#ifndef FUZZ_MUTATOR_H
#define FUZZ_MUTATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes of an input after its header, in a room of `max`. */
typedef struct fuzz_text {
    uint8_t *bytes;
    size_t size, max;
    uint64_t random;
} fuzz_text;

uint32_t fuzz_random(fuzz_text *t, uint32_t below);

/* Puts `size` bytes in place of the `cut` at `at`. False: no room. */
bool fuzz_replace(fuzz_text *t, size_t at, size_t cut, const void *bytes, size_t size);

/* mutator_xml.c */
void fuzz_mutate_xml(fuzz_text *t);
void fuzz_repair(fuzz_text *t, uint32_t framing); /* a header where there is none; end tags for what is open */

/* A whole element of `bytes`, by chance; false: there is none. */
bool fuzz_pick_element(fuzz_text *t, const uint8_t *bytes, size_t size, size_t *begin, size_t *end);

/* A place outside tags. */
size_t fuzz_pick_place(fuzz_text *t);

/* Of the input as it is: the largest tag, first-level element, depth and so on, by the order of limits in the header.
 */
void fuzz_measure(const fuzz_text *t, uint32_t measures[7]);

#endif
