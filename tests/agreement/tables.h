/* tables.h - the sets of characters of XML, and the well-formed sequences of UTF-8, written down once more for the
 * tests
 *
 * From the texts of XML 1.0 fifth edition and of the Unicode standard, table 3-7; of no decoder's source.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AGREEMENT_TABLES_H
#define AGREEMENT_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool table_is_char(uint32_t c);       /* XML 2.2 [2] */
bool table_is_name_start(uint32_t c); /* XML 2.3 [4]; `:` among them */
bool table_is_name(uint32_t c);       /* XML 2.3 [4a] */

/* Table 3-7 on the sequence at the beginning of `bytes`: its length where it is well-formed, and its character. 0
 * where it is not: `*bad` is the first byte that cannot go on, or `size` where the sequence only lacks bytes. */
size_t table_utf8(const uint8_t *bytes, size_t size, uint32_t *character, size_t *bad);

/* UTF-8 of any number of up to 21 bits, also of those that it must not encode: by the pattern of bits alone. */
size_t table_encode(uint32_t c, uint8_t to[4]);

#endif
