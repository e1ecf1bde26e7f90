/* jid.c - see jid.h
 *
 * SPDX-License-Identifier: MIT */
#include "jid.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* White space, control characters, and the eight of RFC 7622 3.3.1. Resources may have more (3.4). */
static bool printable(const char *text, const char *forbidden)
{
    for (; *text != '\0'; text++) {
        uint8_t byte = (uint8_t)*text;

        if (byte < 0x20 || byte == 0x7f || strchr(forbidden, byte) != NULL) {
            return false;
        }
    }
    return true;
}

static bool copy(char part[JID_PART_MAX + 1], const char *text, size_t size)
{
    if (size == 0 || size > JID_PART_MAX) {
        return false;
    }
    memcpy(part, text, size);
    part[size] = '\0';
    return true;
}

bool jid_read(jid *address, const char *text, const char **why)
{
    /* RFC 7622 3.1: the resource begins after the first slash, the domain after the first @ before that. */
    const char *slash = strchr(text, '/');
    const char *end = slash != NULL ? slash : text + strlen(text);
    const char *at = memchr(text, '@', (size_t)(end - text));

    *address = (jid){.local = ""};
    if (slash != NULL && !copy(address->resource, slash + 1, strlen(slash + 1))) {
        *why = "the resource after '/' is empty or longer than 1023 bytes";
        return false;
    }
    if (at != NULL && !copy(address->local, text, (size_t)(at - text))) {
        *why = "the local part before '@' is empty or longer than 1023 bytes";
        return false;
    }
    text = at != NULL ? at + 1 : text;
    if (!copy(address->domain, text, (size_t)(end - text))) {
        *why = "the domain is empty or longer than 1023 bytes";
        return false;
    }
    if (!printable(address->local, " \"&'/:<>@") || !printable(address->domain, " \"&'/<>@") ||
        !printable(address->resource, "")) {
        *why = "it has a character that no address has";
        return false;
    }
    snprintf(address->bare, sizeof address->bare, "%s%s%s", address->local, at != NULL ? "@" : "", address->domain);
    return true;
}
