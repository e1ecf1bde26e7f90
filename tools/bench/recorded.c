/* recorded.c - recorded streams as a trace
 *
 * SPDX-License-Identifier: MIT */
#include "trace.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_file(buffer *b, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    char bytes[65536];
    for (size_t count = sizeof bytes; count == sizeof bytes;) {
        count = fread(bytes, 1, sizeof bytes, file);
        buffer_add(b, bytes, count);
    }
    bool whole = ferror(file) == 0;
    fclose(file);
    return whole;
}

static size_t find(const buffer *b, size_t from, const char *text)
{
    const uint8_t *found = memmem(b->bytes + from, b->size - from, text, strlen(text));
    return found != NULL ? (size_t)(found - b->bytes) : b->size;
}

static bool begins_at(const buffer *b, size_t at, const char *text)
{
    size_t size = strlen(text);
    return b->size - at >= size && memcmp(b->bytes + at, text, size) == 0;
}

/* The start tag of a header begins with `opening`, its raw name and the `<`. */
static bool header_at(const buffer *b, size_t at, const char *opening)
{
    size_t end = at + strlen(opening);
    return begins_at(b, at, opening) && end < b->size && strchr(" \t\r\n/>", b->bytes[end]) != NULL;
}

/* `<` and the raw name of the header of the stream that begins at or after `at`. False: there is no header. */
static bool header_opening(const buffer *b, size_t at, char opening[64])
{
    size_t begin = find(b, at, "<");
    if (begins_at(b, begin, "<?xml")) {
        begin = find(b, begin + 1, "<");
    }
    size_t size = 0;
    while (begin + size < b->size && size < 63 && strchr(" \t\r\n/>", b->bytes[begin + size]) == NULL) {
        opening[size] = (char)b->bytes[begin + size];
        size++;
    }
    opening[size] = '\0';
    return size > 1;
}

/* Where the stream that begins at `at` ends: at the next header or declaration. A `<` is data in CDATA alone. */
static size_t stream_end(const buffer *b, size_t at, const char *opening)
{
    size_t next = find(b, at, opening) + 1;
    while ((next = next < b->size ? find(b, next, "<") : b->size) < b->size) {
        if (begins_at(b, next, "<![CDATA[")) {
            next = find(b, next, "]]>");
        } else if (begins_at(b, next, "<?xml") || header_at(b, next, opening)) {
            break;
        } else {
            next++;
        }
    }
    return next;
}

/* White space after a stream that another one replaces is left out. */
static size_t trimmed_end(const buffer *b, size_t begin, size_t end)
{
    while (end > begin && strchr(" \t\r\n", b->bytes[end - 1]) != NULL) {
        end--;
    }
    return end;
}

static void add_streams(trace *t, const buffer *b, const char *name, trace_accepts *accepts, void *context)
{
    char opening[64];
    char closing[sizeof opening + 4];
    for (size_t begin = 0; begin < b->size && header_opening(b, begin, opening);) {
        size_t end = stream_end(b, begin, opening);
        size_t trimmed = trimmed_end(b, begin, end);
        size_t size = (size_t)snprintf(closing, sizeof closing, "</%s>", opening + 1);
        buffer stream = {0};
        buffer_add(&stream, b->bytes + begin, trimmed - begin);
        if (stream.size < size || memcmp(stream.bytes + stream.size - size, closing, size) != 0) {
            buffer_add(&stream, closing, size);
        }
        buffer_add(&stream, "", 1);
        if (accepts(context, name, stream.bytes, stream.size - 1)) {
            trace_add_stream(t, stream.bytes, stream.size - 1);
        }
        free(stream.bytes);
        begin = end;
    }
}

/* A prime as step takes every stream once before any twice, and mixes the connections where few are wanted. */
static void repeat(trace *t, const trace *once, size_t size)
{
    for (size_t i = 0; t->total < size; i = (i + 7919) % once->stream_count) {
        trace_add_stream(t, once->bytes + once->streams[i].begin, once->streams[i].size);
    }
}

bool trace_load_recorded(trace *t, const char *folder, size_t size, trace_accepts *accepts, void *context)
{
    char pattern[4096];
    glob_t files = {0};
    snprintf(pattern, sizeof pattern, "%s/*.xml", folder);
    glob(pattern, 0, NULL, &files);
    snprintf(pattern, sizeof pattern, "%s/*/*.xml", folder);
    glob(pattern, GLOB_APPEND, NULL, &files);
    trace once = {.name = "recorded"};
    for (size_t i = 0; i < files.gl_pathc; i++) {
        buffer b = {0};
        if (read_file(&b, files.gl_pathv[i])) {
            add_streams(&once, &b, files.gl_pathv[i], accepts, context);
        }
        free(b.bytes);
    }
    globfree(&files);
    *t = (trace){.name = "recorded"};
    bool some = once.stream_count > 0;
    if (some) {
        repeat(t, &once, size);
    }
    trace_free(&once);
    return some;
}
