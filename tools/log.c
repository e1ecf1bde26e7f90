/* log.c - the event log of corpus/README.md, as text or as JSON Lines
 *
 * SPDX-License-Identifier: MIT */
#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(event_log *log, const void *bytes, size_t size)
{
    if (size > 0 && !log->failed) {
        log->write(log->context, bytes, size);
    }
}

static void put_literal(event_log *log, const char *text)
{
    put(log, text, strlen(text));
}

static void put_number(event_log *log, uint64_t number)
{
    char digits[20]; /* snprintf takes most of the time of a log */
    size_t begin = sizeof digits;

    do {
        digits[--begin] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    put(log, digits + begin, sizeof digits - begin);
}

/* ---- Text ---- */

static bool text_plain(uint8_t byte)
{
    return byte >= 0x20 && byte <= 0x7e && byte != '"' && byte != '\\';
}

static void text_escape(event_log *log, uint8_t byte)
{
    static const char digits[] = "0123456789abcdef";
    const char hexadecimal[] = {'\\', 'x', digits[byte >> 4], digits[byte & 15]};

    switch (byte) {
    case '"': put_literal(log, "\\\""); break;
    case '\\': put_literal(log, "\\\\"); break;
    case '\n': put_literal(log, "\\n"); break;
    case '\r': put_literal(log, "\\r"); break;
    case '\t': put_literal(log, "\\t"); break;
    default: put(log, hexadecimal, sizeof hexadecimal); break;
    }
}

static void text_characters(event_log *log, weir_slice slice)
{
    size_t done = 0;

    while (done < slice.size) {
        size_t plain = done;

        while (plain < slice.size && text_plain(slice.data[plain])) {
            plain++;
        }
        if (plain > done) {
            put(log, slice.data + done, plain - done);
        }
        if (plain < slice.size) {
            text_escape(log, slice.data[plain++]);
        }
        done = plain;
    }
}

static void text_string(event_log *log, weir_slice slice)
{
    put_literal(log, "\"");
    text_characters(log, slice);
    put_literal(log, "\"");
}

static void text_namespace(event_log *log, weir_slice namespace_name)
{
    put_literal(log, "{");
    text_string(log, namespace_name);
    put_literal(log, "}");
}

static void text_qualified(event_log *log, const weir_name *name)
{
    if (name->prefix.size > 0) {
        text_characters(log, name->prefix);
        put_literal(log, ":");
    }
    text_characters(log, name->local);
}

static void text_field(event_log *log, const char *key, bool present, weir_slice value)
{
    if (present) {
        put_literal(log, key);
        text_string(log, value);
    }
}

static void text_header(event_log *log, const weir_header *header)
{
    if (header->present & WEIR_HAS_VERSION) {
        put_literal(log, " version=");
        put_number(log, header->version_major);
        put_literal(log, ".");
        put_number(log, header->version_minor);
    }
    text_field(log, " to=", header->present & WEIR_HAS_TO, header->to);
    text_field(log, " from=", header->present & WEIR_HAS_FROM, header->from);
    text_field(log, " id=", header->present & WEIR_HAS_ID, header->id);
    text_field(log, " lang=", header->present & WEIR_HAS_LANG, header->lang);
    text_field(log, " content=", header->present & WEIR_HAS_CONTENT, header->content);
}

static void text_lists(event_log *log, const weir_event *event)
{
    for (uint32_t i = 0; i < event->declaration_count; i++) {
        const weir_declaration *declaration = &event->declarations[i];

        put_literal(log, declaration->prefix.size > 0 ? " xmlns:" : " xmlns");
        text_characters(log, declaration->prefix);
        put_literal(log, "=");
        text_string(log, declaration->namespace_name);
    }
    for (uint32_t i = 0; i < event->attribute_count; i++) {
        const weir_attribute *attribute = &event->attributes[i];

        put_literal(log, " @");
        text_qualified(log, &attribute->name);
        if (attribute->name.prefix.size > 0) {
            text_namespace(log, attribute->name.namespace_name);
        }
        put_literal(log, "=");
        text_string(log, attribute->value);
    }
}

static void text_begin(event_log *log, uint64_t begin, uint64_t end, uint32_t depth, const char *what)
{
    put_number(log, begin);
    put_literal(log, " ");
    put_number(log, end);
    put_literal(log, " ");
    put_number(log, depth);
    put_literal(log, " ");
    put_literal(log, what);
}

static void text_tag(event_log *log, const weir_event *event, const char *what)
{
    text_begin(log, event->begin, event->end, event->depth, what);
    put_literal(log, " ");
    text_qualified(log, &event->name);
    put_literal(log, " ");
    text_namespace(log, event->name.namespace_name);
    if (event->type == WEIR_STREAM_OPENED) {
        text_header(log, &event->header);
    }
    if (event->type == WEIR_ELEMENT_END || event->type == WEIR_STREAM_CLOSED) {
        put_literal(log, " start=");
        put_number(log, event->start);
    }
}

/* ---- JSON Lines ----
 *
 * Pure ASCII, so that no terminal and no reader can take a byte of it for anything else. */

/* The code point at the beginning of the slice; what is not UTF-8 is U+FFFD, a byte at a time. Such bytes come in names
 * of files; no event holds them, unless a decoder is wrong. */
static uint32_t code_point(const uint8_t *data, size_t size, size_t *length)
{
    size_t more = data[0] < 0xc2 ? 0 : data[0] < 0xe0 ? 1 : data[0] < 0xf0 ? 2 : data[0] < 0xf5 ? 3 : 0;
    uint32_t point = more == 0 ? data[0] : data[0] & (0x3fu >> more);

    *length = 1;
    if (more == 0 || size <= more) {
        return data[0] < 0x80 ? data[0] : 0xfffd;
    }
    for (size_t i = 1; i <= more; i++) {
        if ((data[i] & 0xc0) != 0x80) {
            return 0xfffd;
        }
        point = point << 6 | (data[i] & 0x3fu);
    }
    *length = more + 1;
    return point;
}

static void json_escape(event_log *log, uint32_t point)
{
    char text[16];

    if (point == '"' || point == '\\') {
        snprintf(text, sizeof text, "\\%c", (int)point);
    } else if (point == '\n') {
        snprintf(text, sizeof text, "\\n");
    } else if (point > 0xffff) {
        uint32_t rest = point - 0x10000;

        snprintf(text, sizeof text, "\\u%04x\\u%04x", (unsigned)(0xd800 + (rest >> 10 & 0x3ff)),
                 (unsigned)(0xdc00 + (rest & 0x3ff)));
    } else {
        snprintf(text, sizeof text, "\\u%04x", (unsigned)point);
    }
    put_literal(log, text);
}

static void json_characters(event_log *log, weir_slice slice)
{
    size_t done = 0;

    while (done < slice.size) {
        size_t plain = done;

        while (plain < slice.size && text_plain(slice.data[plain])) {
            plain++;
        }
        if (plain > done) {
            put(log, slice.data + done, plain - done);
        }
        if (plain < slice.size) {
            size_t length;

            json_escape(log, code_point(slice.data + plain, slice.size - plain, &length));
            plain += length;
        }
        done = plain;
    }
}

static void json_string(event_log *log, const char *key, weir_slice value)
{
    put_literal(log, key);
    put_literal(log, "\"");
    json_characters(log, value);
    put_literal(log, "\"");
}

static void json_number(event_log *log, const char *key, uint64_t number)
{
    put_literal(log, key);
    put_number(log, number);
}

static void json_field(event_log *log, const char *key, bool present, weir_slice value)
{
    if (present) {
        json_string(log, key, value);
    }
}

static void json_header(event_log *log, const weir_header *header)
{
    if (header->present & WEIR_HAS_VERSION) {
        json_number(log, ",\"version_major\":", header->version_major);
        json_number(log, ",\"version_minor\":", header->version_minor);
    }
    json_field(log, ",\"to\":", header->present & WEIR_HAS_TO, header->to);
    json_field(log, ",\"from\":", header->present & WEIR_HAS_FROM, header->from);
    json_field(log, ",\"id\":", header->present & WEIR_HAS_ID, header->id);
    json_field(log, ",\"lang\":", header->present & WEIR_HAS_LANG, header->lang);
    json_field(log, ",\"content\":", header->present & WEIR_HAS_CONTENT, header->content);
}

static void json_lists(event_log *log, const weir_event *event)
{
    put_literal(log, ",\"declarations\":[");
    for (uint32_t i = 0; i < event->declaration_count; i++) {
        json_string(log, i > 0 ? ",{\"prefix\":" : "{\"prefix\":", event->declarations[i].prefix);
        json_string(log, ",\"namespace\":", event->declarations[i].namespace_name);
        put_literal(log, "}");
    }
    put_literal(log, "],\"attributes\":[");
    for (uint32_t i = 0; i < event->attribute_count; i++) {
        const weir_attribute *attribute = &event->attributes[i];

        json_string(log, i > 0 ? ",{\"prefix\":" : "{\"prefix\":", attribute->name.prefix);
        json_string(log, ",\"local\":", attribute->name.local);
        json_string(log, ",\"namespace\":", attribute->name.namespace_name);
        json_string(log, ",\"value\":", attribute->value);
        put_literal(log, "}");
    }
    put_literal(log, "]");
}

static void json_begin(event_log *log, uint64_t begin, uint64_t end, uint32_t depth, const char *what)
{
    put_literal(log, "{\"event\":\"");
    put_literal(log, what);
    json_number(log, "\",\"begin\":", begin);
    json_number(log, ",\"end\":", end);
    json_number(log, ",\"depth\":", depth);
}

static void json_tag(event_log *log, const weir_event *event, const char *what)
{
    json_begin(log, event->begin, event->end, event->depth, what);
    json_string(log, ",\"prefix\":", event->name.prefix);
    json_string(log, ",\"local\":", event->name.local);
    json_string(log, ",\"namespace\":", event->name.namespace_name);
    if (event->type == WEIR_STREAM_OPENED) {
        json_header(log, &event->header);
    }
    if (event->type == WEIR_ELEMENT_END || event->type == WEIR_STREAM_CLOSED) {
        json_number(log, ",\"start\":", event->start);
    }
}

/* ---- Both ---- */

static void hold(event_log *log, const weir_event *event)
{
    if (log->held != 0 && log->held != event->type) {
        log_flush(log);
    }
    if (event->text.size > log->text_room - log->text_size) {
        size_t room = log->text_room > SIZE_MAX / 2 ? SIZE_MAX : log->text_room * 2 + 256;
        uint8_t *text;

        if (event->text.size > SIZE_MAX - log->text_size) {
            log->failed = true;
            return;
        }
        if (room < log->text_size + event->text.size) {
            room = log->text_size + event->text.size;
        }
        text = realloc(log->text, room);
        if (text == NULL) {
            log->failed = true;
            return;
        }
        log->text = text;
        log->text_room = room;
    }
    if (event->text.size > 0) {
        memcpy(log->text + log->text_size, event->text.data, event->text.size);
        log->text_size += event->text.size;
    }
    if (log->held == 0) {
        log->held = event->type;
        log->held_depth = event->depth;
        log->held_begin = event->begin;
    }
    log->held_end = event->end;
}

static void tag(event_log *log, const weir_event *event)
{
    bool json = log->format == LOG_JSON;
    const char *what = event->type == WEIR_STREAM_OPENED   ? "open"
                       : event->type == WEIR_ELEMENT_START ? "start"
                       : event->type == WEIR_ELEMENT_END   ? "end"
                                                           : "close";

    bool first_level;

    log_flush(log);
    if (event->type == WEIR_ELEMENT_START && event->depth == 1) {
        log->document = true;
    }
    first_level = event->depth == (log->document ? 1 : 2);
    if (json) {
        json_tag(log, event, what);
    } else {
        text_tag(log, event, what);
    }
    if (event->type != WEIR_ELEMENT_END && json) {
        json_lists(log, event);
    } else if (event->type != WEIR_ELEMENT_END) {
        text_lists(log, event);
    } else if (first_level && event->self_contained) {
        put_literal(log, json ? ",\"self_contained\":true" : " self-contained");
    } else if (json && first_level) {
        put_literal(log, ",\"self_contained\":false");
    }
    put_literal(log, json ? "}\n" : "\n");
}

void log_init(event_log *log, log_format format, void (*write)(void *, const char *, size_t), void *context)
{
    *log = (event_log){.format = format, .write = write, .context = context};
}

void log_file(event_log *log, const char *name)
{
    weir_slice slice = {(const uint8_t *)name, strlen(name)};

    if (log->format == LOG_JSON) {
        json_string(log, "{\"event\":\"file\",\"name\":", slice);
        put_literal(log, "}\n");
    } else if (log->format == LOG_TEXT) {
        put_literal(log, "# file: ");
        text_string(log, slice);
        put_literal(log, "\n");
    }
}

void log_event(event_log *log, const weir_event *event)
{
    if (log->format == LOG_NONE || log->failed) {
        return;
    }
    if (event->type == WEIR_TEXT || event->type == WEIR_SPACE) {
        hold(log, event);
    } else {
        tag(log, event);
    }
}

void log_restart(event_log *log, uint64_t offset)
{
    if (log->format == LOG_NONE || log->failed) {
        return;
    }
    log_flush(log);
    if (log->format == LOG_JSON) {
        json_begin(log, offset, offset, 0, "restart");
        put_literal(log, "}\n");
    } else {
        text_begin(log, offset, offset, 0, "restart");
        put_literal(log, "\n");
    }
}

void log_flush(event_log *log)
{
    weir_slice text = {log->text, log->text_size};
    const char *what = log->held == WEIR_SPACE ? "space" : "text";

    if (log->held == 0 || log->failed) {
        return;
    }
    if (log->format == LOG_JSON) {
        json_begin(log, log->held_begin, log->held_end, log->held_depth, what);
        json_string(log, ",\"text\":", text);
        put_literal(log, "}\n");
    } else {
        text_begin(log, log->held_begin, log->held_end, log->held_depth, what);
        put_literal(log, " ");
        text_string(log, text);
        put_literal(log, "\n");
    }
    log->held = (weir_status)0;
    log->text_size = 0;
}

void log_verdict(event_log *log, weir_status code, uint64_t offset)
{
    bool json = log->format == LOG_JSON;
    const char *what = code == WEIR_COMPLETE ? "complete" : code == WEIR_NEED_MORE ? "cut-short" : "rejected";

    if (log->format == LOG_NONE || log->failed) {
        return;
    }
    log_flush(log);
    put_literal(log, json ? "{\"event\":\"" : "");
    put_literal(log, what);
    put_literal(log, json ? "\"" : "");
    if (code < 0) {
        put_literal(log, json ? ",\"code\":\"" : " ");
        put_literal(log, weir_error_name(code));
        put_literal(log, json ? "\",\"condition\":\"" : " ");
        put_literal(log, weir_error_condition(code));
        put_literal(log, json ? "\"" : "");
    }
    put_literal(log, json ? ",\"offset\":" : " ");
    put_number(log, offset);
    put_literal(log, json ? "}\n" : "\n");
}

void log_free(event_log *log)
{
    free(log->text);
    log->text = NULL;
    log->text_size = log->text_room = 0;
    log->held = (weir_status)0;
}
