/* oracle.h - expat and libxml2, asked about one XML document: invariants 9 and 13
 *
 * Both are asked with namespaces, and told to pay no heed to a declared encoding.
 *
 * SPDX-License-Identifier: MIT */
#ifndef AGREEMENT_ORACLE_H
#define AGREEMENT_ORACLE_H

#include "plain.h"

typedef struct opinion {
    bool refused;
    int code;      /* of the parser's own, of its first error */
    size_t offset; /* expat: of the error */
    bool
        reported_uri; /* libxml2: it complained of a namespace name that is no absolute URI, which NS does not forbid */
    plain events;     /* before the error */
} opinion;

typedef struct oracle {
    const char *name; /* with its version */
    bool known;       /* the version that the differences of excused.c were found in */
    void *(*begin)(void);
    void (*end)(void *parser);
    /* `whole`: the bytes are a whole document; else they are its beginning. */
    void (*ask)(void *parser, const uint8_t *bytes, size_t size, bool whole, opinion *answer);
} oracle;

extern const oracle oracle_expat, oracle_libxml2;

#endif
