/* characters.h - classes of characters: XML 2.2 [2], XML 2.3 [3] to [4a]
 *
 * SPDX-License-Identifier: MIT */
#ifndef WEIR_CHARACTERS_H
#define WEIR_CHARACTERS_H

#include "../weir.h"

/* Bits of weir_class. All but WEIR_C_CHAR are of ASCII alone; `:` is neither a start nor part of a name here (NS 4
 * [4]). */
#define WEIR_C_SPACE 1u  /* XML 2.3 [3] */
#define WEIR_C_START 2u  /* XML 2.3 [4] without `:` */
#define WEIR_C_NAME 4u   /* XML 2.3 [4a] without `:` */
#define WEIR_C_TEXT 8u   /* plain in text: no `<`, `&`, `]`, CR */
#define WEIR_C_VALUE 16u /* plain in a value: no `<`, `&`, quote of either kind, nothing that 3.3.3 rewrites */
#define WEIR_C_CHAR 32u  /* XML 2.2 [2] */

extern const uint8_t weir_class[256];

bool weir_is_name_start(uint32_t c); /* XML 2.3 [4] without `:`, of any code point */
bool weir_is_name_char(uint32_t c);  /* XML 2.3 [4a] without `:`, of any code point */
bool weir_is_char(uint32_t c);       /* XML 2.2 [2] */

/* Writes the UTF-8 form of a Char; 1 to 4 bytes. */
uint32_t weir_utf8_write(uint32_t c, uint8_t *to);

static inline bool weir_is_space(uint32_t c)
{
    return c == 0x20 || c == 0x09 || c == 0x0a || c == 0x0d;
}

#endif
