/* contender.h - what the bench measures: one interface over parsers of different kinds
 *
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_CONTENDER_H
#define BENCH_CONTENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The visible work of every contender: each name, namespace name, value and text that it hands out is touched, so that
 * none can be left out by a compiler or put off by a lazy parser. The counts must agree between contenders. Where its
 * interface lets it, an adapter counts in variables of its own: a sum in memory is a store that each touch waits for. */
typedef struct work {
    uint64_t elements;
    uint64_t attributes;  /* namespace declarations included */
    uint64_t value_bytes; /* of the attributes */
    uint64_t text_bytes;  /* white space between first-level elements included */
    uint64_t events;      /* tags (an empty-element tag is two) and pieces of text */
    uint64_t sum;         /* of what was touched; means nothing, but must be computed */
} work;

static inline uint64_t touch(const void *string, size_t size)
{
    const uint8_t *bytes = (const uint8_t *)string;
    return size > 0 ? size + bytes[0] + bytes[size - 1] : 0;
}

enum {
    /* takes whole documents only */
    CONTENDER_WHOLE = 1,
    /* overwrites its input: is given a fresh copy each time, made outside of the measured time */
    CONTENDER_IN_PLACE = 2,
    /* hands out nothing to be touched; its counts are not compared */
    CONTENDER_NO_WORK = 4,
    /* normalises no line ends and drops text that is only white space; bytes of values and text are not compared */
    CONTENDER_AS_WRITTEN = 8,
    /* takes part only when asked for by name */
    CONTENDER_ASIDE = 16
};

typedef struct contender contender;
struct contender {
    const char *name;
    const char *package;   /* Debian's name of what is missing when `decode` is NULL */
    const char *unchecked; /* what it does not check of what an XMPP stream must be */
    unsigned flags;
    int variant; /* one adapter may serve several contenders */

    /* One stream from its creation to its release, in chunks of `chunk` bytes. `bytes[size]` is NUL. False: refused. */
    bool (*decode)(const contender *self, uint8_t *bytes, size_t size, size_t chunk, work *w);
};

enum { CONTENDERS_MAX = 16 };

/* All contenders, left-out ones too, the yardstick first. */
size_t contenders_list(contender list[CONTENDERS_MAX]);

/* Adapters. Each fills in one contender; `decode` stays NULL where the library was not there at build time. */
void contender_expat(contender *c);
void contender_expat_silent(contender *c); /* with handlers that touch nothing: what the visible work itself costs */
void contender_expat_eager(contender *c);  /* each event at its last byte; by default expat puts off short chunks */
void contender_libxml2(contender *c);
void contender_pugixml(contender *c);
void contender_pugixml_parse(contender *c); /* the tree is not walked */
void contender_rapidxml(contender *c);
void contender_simdjson(contender *c);
size_t contenders_weir(contender list[], size_t room); /* one for each kernel of this machine */

#ifdef __cplusplus
}
#endif
#endif
