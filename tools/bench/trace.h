/* trace.h - the inputs of the bench: traffic made by a generator, and recorded streams
 *
 * The generator gives the same bytes on every machine; trace.c knows their hashes. Every stream of a trace is whole:
 * header, first-level elements, closing tag, inside the default limits of weir.h.
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_TRACE_H
#define BENCH_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRACE_BYTES 8000000u /* a trace ends with the first stanza that reaches this */

/* A recorded direction of a connection holds several streams, one after the other; each is decoded on its own. */
typedef struct trace_stream {
    size_t begin;
    size_t size;
} trace_stream;

typedef struct trace {
    const char *name;
    uint8_t *bytes; /* each stream is followed by a NUL, which some parsers want */
    size_t size;    /* of `bytes`, without the last NUL */
    size_t total;   /* bytes of all streams */
    trace_stream *streams;
    size_t stream_count;
} trace;

/* Growing bytes; running out of memory ends the program. */
typedef struct buffer {
    uint8_t *bytes;
    size_t size, room;
} buffer;

void buffer_add(buffer *b, const void *bytes, size_t size);

/* Names of the generated traces, in order, up to NULL. */
extern const char *const trace_names[];

/* False: there is no such trace, or (sizes of TRACE_BYTES) its bytes are not those that its hash was taken of. */
bool trace_generate(trace *t, const char *name, size_t size);

/* Is the stream good for every parser that is compared? `name` says where it comes from. */
typedef bool trace_accepts(void *context, const char *name, uint8_t *bytes, size_t size);

/* The recorded streams of a folder and of the folders in it (`*.xml`, in the order of their names), those that `accepts`
 * takes, repeated up to `size` bytes; where they are more than that, a mixture of them. A stream that was cut short gets
 * the end tag that it lacks. False: there are none. */
bool trace_load_recorded(trace *t, const char *folder, size_t size, trace_accepts *accepts, void *context);

void trace_add_stream(trace *t, const uint8_t *bytes, size_t size);
void trace_free(trace *t);
uint64_t trace_hash(const trace *t);

/* Writes the stanzas of one generated trace, without header and closing tag; see stanzas.c. */
typedef struct trace_kind trace_kind;
const trace_kind *stanzas_kind(const char *name);
void stanzas_write(buffer *b, const trace_kind *kind, size_t size);

#endif
