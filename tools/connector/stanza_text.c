/* stanza_text.c - see stanza_text.h
 *
 * SPDX-License-Identifier: MIT */
#include "stanza_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool grow(char **bytes, size_t *room, size_t size, size_t more)
{
    if (more > *room - size) {
        size_t larger = 2 * *room + more;
        char *moved = realloc(*bytes, larger);

        if (moved == NULL) {
            return false;
        }
        *bytes = moved;
        *room = larger;
    }
    return true;
}

static void put(stanza_text *t, const void *bytes, size_t size)
{
    if (!grow(&t->text, &t->room, t->size, size + 1)) {
        t->failed = true;
    }
    if (!t->failed && size > 0) {
        memcpy(t->text + t->size, bytes, size);
        t->size += size;
    }
}

void stanza_text_put(stanza_text *t, const char *markup)
{
    put(t, markup, strlen(markup));
}

/* Line and paragraph separator, and what turns the direction of text: a terminal may show a line as what it is not. */
static bool misleads(const uint8_t *bytes, size_t size)
{
    return size >= 3 && bytes[0] == 0xe2 &&
           ((bytes[1] == 0x80 && (bytes[2] == 0x8e || bytes[2] == 0x8f || (bytes[2] >= 0xa8 && bytes[2] <= 0xae))) ||
            (bytes[1] == 0x81 && bytes[2] >= 0xa6 && bytes[2] <= 0xaf));
}

/* The reference that stands for what begins at `at`, and how many bytes it stands for; 0: nothing, it is itself. C1
 * controls are of two bytes in UTF-8; a terminal may obey them as it does C0. */
static size_t reference(weir_slice value, size_t at, char text[16])
{
    uint8_t byte = value.data[at], next = at + 1 < value.size ? value.data[at + 1] : 0;

    if (misleads(value.data + at, value.size - at)) {
        snprintf(text, 16, "&#%d;", 0x2000 + (next - 0x80) * 64 + (value.data[at + 2] - 0x80));
        return 3;
    }

    if (byte < 0x20 || byte == 0x7f) {
        snprintf(text, 16, "&#%u;", byte);
        return 1;
    }
    if (byte == 0xd8 && next == 0x9c) { /* the Arabic letter mark turns the direction, too */
        snprintf(text, 16, "&#%d;", 0x61c);
        return 2;
    }
    if (byte == 0xc2 && next >= 0x80 && next < 0xa0) {
        snprintf(text, 16, "&#%u;", next);
        return 2;
    }
    switch (byte) {
    case '&': memcpy(text, "&amp;", 6); return 1;
    case '<': memcpy(text, "&lt;", 5); return 1;
    case '>': memcpy(text, "&gt;", 5); return 1;
    case '\'': memcpy(text, "&apos;", 7); return 1;
    default: return 0;
    }
}

void stanza_text_escape(stanza_text *t, weir_slice value)
{
    size_t plain = 0;
    char text[16];

    for (size_t i = 0; i < value.size;) {
        size_t count = reference(value, i, text);

        if (count > 0) {
            put(t, value.data + plain, i - plain);
            stanza_text_put(t, text);
            plain = i + count;
        }
        i += count > 0 ? count : 1;
    }
    if (plain < value.size) {
        put(t, value.data + plain, value.size - plain);
    }
}

static void put_value(stanza_text *t, weir_slice value)
{
    stanza_text_put(t, "='");
    stanza_text_escape(t, value);
    stanza_text_put(t, "'");
}

/* The namespace of the innermost open element; empty outside. */
static weir_slice innermost(const stanza_text *t)
{
    size_t begin = t->open_size;

    if (begin == 0) {
        return (weir_slice){(const uint8_t *)"", 0};
    }
    begin--;
    while (begin > 0 && t->open[begin - 1] != '\0') {
        begin--;
    }
    return (weir_slice){(const uint8_t *)t->open + begin, t->open_size - 1 - begin};
}

static bool same(weir_slice a, weir_slice b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static void open_element(stanza_text *t, weir_slice name)
{
    if (!grow(&t->open, &t->open_room, t->open_size, name.size + 1)) {
        t->failed = true;
        return;
    }
    if (name.size > 0) {
        memcpy(t->open + t->open_size, name.data, name.size);
    }
    t->open_size += name.size;
    t->open[t->open_size++] = '\0';
}

/* A prefix is kept as written; two attributes of one prefix have one namespace, as it was bound in that tag. */
static void put_attribute(stanza_text *t, const weir_event *event, uint32_t index)
{
    const weir_attribute *attribute = &event->attributes[index];
    weir_slice prefix = attribute->name.prefix;
    bool declared = prefix.size == 3 && memcmp(prefix.data, "xml", 3) == 0;

    for (uint32_t i = 0; i < index && !declared; i++) {
        declared = same(event->attributes[i].name.prefix, prefix);
    }
    if (prefix.size > 0 && !declared) {
        stanza_text_put(t, " xmlns:");
        put(t, prefix.data, prefix.size);
        put_value(t, attribute->name.namespace_name);
    }
    stanza_text_put(t, " ");
    if (prefix.size > 0) {
        put(t, prefix.data, prefix.size);
        stanza_text_put(t, ":");
    }
    put(t, attribute->name.local.data, attribute->name.local.size);
    put_value(t, attribute->value);
}

static bool is(const weir_name *name, const char *local)
{
    return name->prefix.size == 0 && name->local.size == strlen(local) &&
           memcmp(name->local.data, local, name->local.size) == 0;
}

static void put_address(stanza_text *t, const char *name, const char *value)
{
    stanza_text_put(t, " ");
    stanza_text_put(t, name);
    put_value(t, (weir_slice){(const uint8_t *)value, strlen(value)});
}

static void put_start(stanza_text *t, const weir_event *event)
{
    bool first = event->depth == 2;

    stanza_text_put(t, "<");
    put(t, event->name.local.data, event->name.local.size);
    if (first || !same(innermost(t), event->name.namespace_name)) {
        stanza_text_put(t, " xmlns");
        put_value(t, event->name.namespace_name);
    }
    open_element(t, event->name.namespace_name);
    if (first && t->from != NULL) {
        put_address(t, "from", t->from);
    }
    if (first && t->to != NULL) {
        put_address(t, "to", t->to);
    }
    for (uint32_t i = 0; i < event->attribute_count; i++) {
        const weir_name *name = &event->attributes[i].name;

        if (!(first && ((t->from != NULL && is(name, "from")) || (t->to != NULL && is(name, "to"))))) {
            put_attribute(t, event, i);
        }
    }
    t->tag = true;
}

static void end_tag(stanza_text *t)
{
    if (t->tag) {
        stanza_text_put(t, ">");
        t->tag = false;
    }
}

static void put_end(stanza_text *t, const weir_event *event)
{
    if (t->tag) {
        stanza_text_put(t, "/>");
        t->tag = false;
    } else {
        stanza_text_put(t, "</");
        put(t, event->name.local.data, event->name.local.size);
        stanza_text_put(t, ">");
    }
    t->open_size -= t->open_size > 0 ? innermost(t).size + 1 : 0;
}

void stanza_text_begin(stanza_text *t)
{
    t->size = 0;
    t->open_size = 0;
    t->tag = false;
    t->failed = false;
}

bool stanza_text_add(stanza_text *t, const weir_event *event)
{
    if (event->depth < 2) {
        return false;
    }
    switch (event->type) {
    case WEIR_ELEMENT_START:
        if (event->depth == 2) {
            stanza_text_begin(t);
        }
        end_tag(t);
        put_start(t, event);
        return false;
    case WEIR_TEXT:
        end_tag(t);
        stanza_text_escape(t, event->text);
        return false;
    case WEIR_ELEMENT_END: put_end(t, event); return event->depth == 2;
    default: return false;
    }
}

weir_slice stanza_text_whole(const stanza_text *t)
{
    return (weir_slice){(const uint8_t *)t->text, t->failed ? 0 : t->size};
}

void stanza_text_init(stanza_text *t)
{
    *t = (stanza_text){.failed = false};
}

void stanza_text_free(stanza_text *t)
{
    free(t->text);
    free(t->open);
    *t = (stanza_text){.failed = false};
}
