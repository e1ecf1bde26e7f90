/* writer.c - see writer.h
 *
 * SPDX-License-Identifier: MIT */
#include "writer.h"

#include <string.h>

/* Called through a pointer that may have changed since, so that it cannot be left out. */
static void *(*const volatile clear)(void *, int, size_t) = memset;

void writer_clear(void *bytes, size_t size)
{
    if (size != 0) { /* nothing may be NULL */
        clear(bytes, 0, size);
    }
}

void writer_begin(writer *w, void *buffer, size_t room)
{
    *w = (writer){.bytes = buffer, .room = room};
}

void writer_markup(writer *w, const char *markup, size_t size)
{
    if (w->failed || size > w->room - w->size) {
        w->failed = true;
        return;
    }
    memcpy(w->bytes + w->size, markup, size);
    w->size += size;
}

/* Bytes of the character that begins at `text`, of which `left` are there; 0: malformed (RFC 3629 4). */
static size_t character(const uint8_t *text, size_t left, uint32_t *code)
{
    uint32_t first = text[0];
    size_t size = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    if (size == 0 || size > left) {
        return 0;
    }
    *code = size == 1 ? first : first & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        if ((text[i] & 0xc0u) != 0x80) {
            return 0;
        }
        *code = *code << 6 | (text[i] & 0x3fu);
    }
    bool overlong = (size == 3 && *code < 0x800) || (size == 4 && *code < 0x10000);
    return overlong || *code > 0x10ffff ? 0 : size;
}

/* XML 2.2 [2]. */
static bool is_char(uint32_t code)
{
    return code == 0x9 || code == 0xa || code == 0xd || (code >= 0x20 && code <= 0xd7ff) ||
           (code >= 0xe000 && code <= 0xfffd) || code >= 0x10000;
}

bool writer_is_text(const void *text, size_t size)
{
    const uint8_t *byte = text;
    for (size_t at = 0; at < size;) {
        uint32_t code;
        size_t count = character(byte + at, size - at, &code);
        if (count == 0 || !is_char(code)) {
            return false;
        }
        at += count;
    }
    return true;
}

static void write_special(writer *w, uint8_t byte, bool value)
{
    switch (byte) {
    case '&': writer_literal(w, "&amp;"); break;
    case '<': writer_literal(w, "&lt;"); break;
    case '>': writer_literal(w, "&gt;"); break;
    case '\'': writer_literal(w, "&apos;"); break;
    case '"': writer_literal(w, "&quot;"); break;
    case '\r': writer_literal(w, "&#xD;"); break;
    case '\t': writer_markup(w, value ? "&#x9;" : "\t", value ? 5 : 1); break;
    default: writer_markup(w, value ? "&#xA;" : "\n", value ? 5 : 1); break;
    }
}

static bool is_special(uint8_t byte)
{
    return byte == '&' || byte == '<' || byte == '>' || byte == '\'' || byte == '"' || byte == '\r' || byte == '\t' ||
           byte == '\n';
}

static void write_escaped(writer *w, const uint8_t *text, size_t size, bool value)
{
    if (!writer_is_text(text, size)) {
        w->failed = true;
    }
    for (size_t at = 0, end; at < size && !w->failed; at = end) {
        for (end = at; end < size && !is_special(text[end]);) {
            end++;
        }
        if (end != at) {
            writer_markup(w, (const char *)text + at, end - at);
        } else {
            write_special(w, text[end++], value);
        }
    }
}

void writer_text(writer *w, const void *text, size_t size)
{
    write_escaped(w, text, size, false);
}

void writer_value(writer *w, const char *begin, size_t begin_size, const void *value, size_t size)
{
    writer_markup(w, begin, begin_size);
    write_escaped(w, value, size, true);
    writer_literal(w, "'");
}

bool writer_end(writer *w, size_t *size)
{
    if (w->failed) {
        writer_clear(w->bytes, w->room);
        w->size = 0;
    }
    *size = w->size;
    return !w->failed;
}
