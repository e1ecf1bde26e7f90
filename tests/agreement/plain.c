/* plain.c - see plain.h
 *
 * SPDX-License-Identifier: MIT */
#include "plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define END_OF_STRING 0xff

void plain_init(plain *p)
{
    *p = (plain){.room = 1 << 14};
    p->bytes = malloc(p->room);
    if (p->bytes == NULL)
        abort();
    plain_clear(p);
}

void plain_free(plain *p)
{
    free(p->bytes);
    p->bytes = NULL;
}

void plain_clear(plain *p)
{
    p->size = 0;
    p->open = 0;
    p->text_at = SIZE_MAX;
}

static void put(plain *p, const void *bytes, size_t size)
{
    while (size > p->room - p->size) {
        p->room *= 2;
        p->bytes = realloc(p->bytes, p->room);
        if (p->bytes == NULL)
            abort();
    }
    if (size > 0)
        memcpy(p->bytes + p->size, bytes, size);
    p->size += size;
}

static void put_byte(plain *p, uint8_t byte)
{
    put(p, &byte, 1);
}

static void put_string(plain *p, plain_string s)
{
    put(p, s.bytes, s.size);
    put_byte(p, END_OF_STRING);
}

static void end_text(plain *p)
{
    if (p->text_at != SIZE_MAX)
        put_byte(p, END_OF_STRING);
    p->text_at = SIZE_MAX;
}

static void put_name(plain *p, char kind, plain_string namespace_name, plain_string prefix, plain_string local)
{
    end_text(p);
    put_byte(p, (uint8_t)kind);
    put_string(p, namespace_name);
    put_string(p, prefix);
    put_string(p, local);
}

void plain_add(plain *p, const plain *declarations)
{
    put(p, declarations->bytes, declarations->size);
}

void plain_start(plain *p, plain_string namespace_name, plain_string prefix, plain_string local)
{
    put_name(p, 'S', namespace_name, prefix, local);
    p->open++;
}

void plain_declaration(plain *p, plain_string prefix, plain_string namespace_name)
{
    put_byte(p, 'D');
    put_string(p, prefix);
    put_string(p, namespace_name);
}

void plain_attribute(plain *p, plain_string namespace_name, plain_string prefix, plain_string local, plain_string value)
{
    put_name(p, 'A', namespace_name, prefix, local);
    put_string(p, value);
}

void plain_end(plain *p, plain_string namespace_name, plain_string prefix, plain_string local)
{
    put_name(p, 'E', namespace_name, prefix, local);
    p->open--;
}

/* Outside the root there is no text for any parser. */
void plain_text(plain *p, plain_string text)
{
    if (text.size == 0 || p->open == 0)
        return;
    if (p->text_at == SIZE_MAX) {
        p->text_at = p->size;
        put_byte(p, 'T');
    }
    put(p, text.bytes, text.size);
}

bool plain_equal(const plain *a, const plain *b)
{
    return a->size == b->size && a->text_at == b->text_at && memcmp(a->bytes, b->bytes, a->size) == 0;
}

bool plain_equal_but_last_text(const plain *a, const plain *b)
{
    size_t a_size = a->text_at < a->size ? a->text_at : a->size;
    size_t b_size = b->text_at < b->size ? b->text_at : b->size;
    if (a_size != b_size || memcmp(a->bytes, b->bytes, a_size) != 0)
        return false;
    size_t common = a->size < b->size ? a->size : b->size;
    return memcmp(a->bytes, b->bytes, common) == 0;
}

bool plain_begins(const plain *whole, const plain *beginning)
{
    return beginning->size <= whole->size && memcmp(whole->bytes, beginning->bytes, beginning->size) == 0;
}

void plain_print(const plain *p)
{
    fputs("    ", stderr);
    for (size_t i = 0; i < p->size; i++) {
        uint8_t byte = p->bytes[i];
        if (byte == END_OF_STRING)
            fputc('|', stderr);
        else
            fprintf(stderr, byte >= 0x20 && byte < 0x7f ? "%c" : "\\x%02x", byte);
    }
    fputc('\n', stderr);
}
