/* decode_restart.c - the sign by which weir-decode sees that a recorded stream was restarted
 *
 * SPDX-License-Identifier: MIT */
#include "decode_restart.h"

#include <string.h>

void restart_mark_set(restart_mark *mark, weir_slice prefix, weir_slice local)
{
    size_t colon = prefix.size > 0 ? 1 : 0;

    mark->size = 0;
    if (prefix.size > RESTART_MARK_MAX || local.size > RESTART_MARK_MAX ||
        1 + prefix.size + colon + local.size > RESTART_MARK_MAX) {
        return;
    }
    mark->bytes[mark->size++] = '<';
    if (colon > 0) {
        memcpy(mark->bytes + mark->size, prefix.data, prefix.size);
        mark->size += prefix.size;
        mark->bytes[mark->size++] = ':';
    }
    if (local.size > 0) {
        memcpy(mark->bytes + mark->size, local.data, local.size);
        mark->size += local.size;
    }
}

static restart_sign compare(const uint8_t *bytes, size_t size, const uint8_t *word, size_t word_size, const char *after)
{
    size_t common = size < word_size ? size : word_size;

    if (memcmp(bytes, word, common) != 0) {
        return RESTART_NO;
    }
    if (size <= word_size) {
        return RESTART_MAYBE;
    }
    return bytes[word_size] != '\0' && strchr(after, bytes[word_size]) != NULL ? RESTART_YES : RESTART_NO;
}

restart_sign restart_sign_of(const restart_mark *mark, bool declaration, const uint8_t *bytes, size_t size)
{
    static const uint8_t xml[] = {'<', '?', 'x', 'm', 'l'};
    restart_sign sign = RESTART_NO;

    if (mark->size > 0 && size > 0) {
        sign = compare(bytes, size, mark->bytes, mark->size, " \t\r\n/>");
    }
    if (mark->size > 0 && size > 0 && declaration && sign == RESTART_NO) {
        sign = compare(bytes, size, xml, sizeof xml, " \t\r\n");
    }
    return sign;
}
