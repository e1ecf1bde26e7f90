/* writer.h - writes XML into a buffer of fixed size, and escapes what it is given
 *
 * Markup comes from literals of the source (writer_literal takes nothing else), all else through writer_text and
 * writer_attribute, which escape it and refuse what is not XML 2.2 [2] in UTF-8: so no value can become markup. What
 * does not fit, or is refused, makes the whole message fail: writer_end says so, and nothing of the message is in the
 * buffer.
 *
 *     writer_begin(&w, buffer, room);
 *     writer_literal(&w, "<resource>");
 *     writer_text(&w, resource, strlen(resource));
 *     writer_literal(&w, "</resource>");
 *     if (writer_end(&w, &size)) ... buffer holds size bytes ...
 *
 * SPDX-License-Identifier: MIT */
#ifndef WRITER_H
#define WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct writer {
    uint8_t *bytes;
    size_t room, size;
    bool failed;
} writer;

void writer_begin(writer *w, void *buffer, size_t room);

/* Only a string literal passes: it is glued to another one. */
#define writer_literal(w, literal) writer_markup((w), "" literal "", sizeof(literal) - 1)
void writer_markup(writer *w, const char *markup, size_t size);

/* Character data: `&`, `<`, `>`, quotes and CR become references; good in text and in quoted values. */
void writer_text(writer *w, const void *text, size_t size);

/* ` name='value'`; tab and line feed become references too, as the peer normalises values (XML 3.3.3). The name is a
 * literal. */
#define writer_attribute(w, name, value, size) writer_value((w), " " name "='", sizeof(name) + 2, (value), (size))
void writer_value(writer *w, const char *begin, size_t begin_size, const void *value, size_t size);

/* False: it did not fit, or something was refused; the buffer is cleared. */
bool writer_end(writer *w, size_t *size);

/* Is it UTF-8 (RFC 3629 4) of nothing but XML's characters? */
bool writer_is_text(const void *text, size_t size);

/* Overwrites, in a way that no compiler leaves out. */
void writer_clear(void *bytes, size_t size);

#endif
