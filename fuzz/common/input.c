/* input.c - see input.h
 *
 * SPDX-License-Identifier: MIT */
#include "input.h"

#include <stdio.h>
#include <string.h>

static uint32_t limit_of(uint8_t code, uint32_t otherwise)
{
    if (code == 0)
        return otherwise;
    return code <= 200 ? code : 200 + (code - 200u) * 64;
}

static void read_limits(weir_limits *limits, const uint8_t *codes)
{
    weir_limits_default(limits);
    limits->depth = limit_of(codes[0], limits->depth);
    limits->attributes = limit_of(codes[1], limits->attributes);
    limits->bindings = limit_of(codes[2], limits->bindings);
    limits->scope = limit_of(codes[3], limits->scope);
    limits->tag = limit_of(codes[4], limits->tag);
    limits->element = limit_of(codes[5], limits->element);
    limits->elements = limit_of(codes[6], limits->elements);
}

static uint32_t scaled(uint32_t limit, uint8_t restart)
{
    if ((restart & 0x20) != 0)
        return limit * 2;
    if ((restart & 0x40) != 0)
        return limit / 2 + (limit == 1);
    return limit;
}

static void scale_limits(weir_limits *to, const weir_limits *from, uint8_t restart)
{
    to->depth = scaled(from->depth, restart);
    to->attributes = scaled(from->attributes, restart);
    to->bindings = scaled(from->bindings, restart);
    to->scope = scaled(from->scope, restart);
    to->tag = scaled(from->tag, restart);
    to->element = scaled(from->element, restart);
    to->elements = scaled(from->elements, restart);
}

static weir_kernel kernel_of(uint32_t number)
{
    weir_kernel available[WEIR_KERNEL_COUNT];
    uint32_t count = 0;
    for (weir_kernel k = WEIR_KERNEL_AUTO; k < WEIR_KERNEL_COUNT; k++) {
        if (weir_kernel_available(k))
            available[count++] = k;
    }
    return available[number % count];
}

/* The messages, one after the other, without what parts them. */
static void read_messages(fuzz_input *in, const uint8_t *data, size_t size)
{
    static uint8_t bytes[FUZZ_SIZE_MAX];
    static size_t ends[FUZZ_MESSAGES_MAX];
    bool websocket = in->config.framing == WEIR_FRAMING_WEBSOCKET;
    size_t used = 0;
    in->message_count = 0;
    if (!websocket) {
        memcpy(bytes, data, size);
        used = size;
    }
    for (size_t i = 0; websocket && i < size; i++) {
        if (data[i] == 0xff && in->message_count + 1 < FUZZ_MESSAGES_MAX)
            ends[in->message_count++] = used;
        else
            bytes[used++] = data[i];
    }
    if (!websocket || in->message_count == 0 || used > ends[in->message_count - 1])
        ends[in->message_count++] = used;
    in->bytes = bytes;
    in->size = used;
    in->message_ends = ends;
}

bool fuzz_input_read(fuzz_input *in, const uint8_t *data, size_t size)
{
    if (size < FUZZ_HEADER || size > FUZZ_SIZE_MAX)
        return false;
    uint32_t framing = data[0] & 3u;
    in->config.framing = framing == 3 ? WEIR_FRAMING_STREAM : (weir_framing)framing;
    in->config.kernel = kernel_of(data[0] >> 2 & 7u);
    in->config.content = data[1] & WEIR_CONTENT_ANY;
    read_limits(&in->config.limits, data + 5);
    in->spare = data[1] >> 4;
    in->park = (data[0] & 0x20) != 0;
    in->empty_chunks = (data[0] & 0x40) != 0;
    in->restart = data[2] & 3;
    in->restart_at = data[2] >> 2 & 7;
    in->change_limits = (data[2] & 0x60) != 0;
    scale_limits(&in->later, &in->config.limits, data[2]);
    in->split = data[3] & 7;
    in->parameter = data[4];
    memcpy(in->gaps, data + 12, sizeof in->gaps);
    read_messages(in, data + FUZZ_HEADER, size - FUZZ_HEADER);
    return true;
}

/* ---- Splits ---- */

static bool means_something(uint8_t byte)
{
    return byte >= 0x80 || (byte < 0x40 && memchr("<>&;\r\n'\"!?/=:# \t", byte, 17) != NULL) || byte == ']' ||
           byte == '[';
}

static size_t markup_end(const fuzz_input *in, size_t begin, size_t end)
{
    size_t i = begin + 1;
    while (i < end && !means_something(in->bytes[i - 1]) && !means_something(in->bytes[i]))
        i++;
    return i;
}

static size_t gaps_end(const fuzz_input *in, size_t begin, size_t end)
{
    size_t at = 0;
    for (size_t i = 0; i < sizeof in->gaps; i++) {
        at += in->gaps[i];
        if (at > begin)
            return at;
    }
    return end;
}

size_t fuzz_chunk_end(const fuzz_input *in, size_t begin, size_t end)
{
    size_t at = end;
    if (end - begin > FUZZ_SIZE_MAX)
        end = begin + FUZZ_SIZE_MAX; /* the most that the arena holds */
    switch (in->split) {
    case FUZZ_SPLIT_EACH: at = begin + in->parameter + (in->parameter == 0); break;
    case FUZZ_SPLIT_GAPS: at = gaps_end(in, begin, end); break;
    case FUZZ_SPLIT_RANDOM: at = begin + 1 + (((uint32_t)begin + in->parameter) * 2654435761u >> 28); break;
    case FUZZ_SPLIT_MARKUP: at = markup_end(in, begin, end); break;
    case FUZZ_SPLIT_ONCE: at = in->parameter > begin ? in->parameter : end; break;
    case FUZZ_SPLIT_LAST: at = in->size > begin + in->parameter ? in->size - in->parameter : end; break;
    case FUZZ_SPLIT_BYTES: at = begin + 1; break;
    default: break;
    }
    return at < end ? at : end;
}

/* ---- Restarts ---- */

static bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static bool sign(const uint8_t *bytes, size_t size, const uint8_t *header, size_t header_size)
{
    if (size >= 6 && memcmp(bytes, "<?xml", 5) == 0)
        return is_space(bytes[5]);
    if (header_size == 0 || size < header_size + 2 || memcmp(bytes + 1, header, header_size) != 0)
        return false;
    uint8_t next = bytes[1 + header_size];
    return is_space(next) || next == '/' || next == '>';
}

bool fuzz_restarts(const fuzz_input *in, size_t offset, const uint8_t *header, size_t header_size, uint32_t *places)
{
    if (in->restart == FUZZ_RESTART_NEVER || in->bytes[offset] != '<')
        return false;
    if (in->restart == FUZZ_RESTART_SIGN)
        return sign(in->bytes + offset, in->size - offset, header, header_size);
    uint32_t place = (*places)++;
    return in->restart == FUZZ_RESTART_ONCE ? place == in->restart_at : place % 8 == in->restart_at;
}

void fuzz_input_print(const fuzz_input *in)
{
    static const char *const framings[] = {"stream", "websocket", "document"};
    static const char *const splits[] = {"not", "each", "gaps", "random", "markup", "once", "last", "bytes"};
    const weir_limits *l = &in->config.limits;
    fprintf(stderr,
            "input: framing=%s kernel=%s content=%u split=%s,%u gaps=%u,%u,%u,%u%s%s restart=%u,%u%s spare=%u\n",
            framings[in->config.framing], weir_kernel_name(in->config.kernel), in->config.content, splits[in->split],
            in->parameter, in->gaps[0], in->gaps[1], in->gaps[2], in->gaps[3], in->park ? " park" : "",
            in->empty_chunks ? " empty-chunks" : "", in->restart, in->restart_at, in->change_limits ? ",limits" : "",
            in->spare);
    fprintf(stderr, "limits: depth=%u,attributes=%u,bindings=%u,scope=%u,tag=%u,element=%u,elements=%u\n", l->depth,
            l->attributes, l->bindings, l->scope, l->tag, l->element, l->elements);
    size_t message = 0;
    fprintf(stderr, "bytes (%zu): ", in->size);
    for (size_t i = 0; i < in->size; i++) {
        for (; in->message_count > 1 && message < in->message_count && in->message_ends[message] == i; message++)
            fputs("\n  message: ", stderr);
        fprintf(stderr, in->bytes[i] >= 0x20 && in->bytes[i] < 0x7f && in->bytes[i] != '\\' ? "%c" : "\\x%02x",
                in->bytes[i]);
    }
    fputc('\n', stderr);
}
