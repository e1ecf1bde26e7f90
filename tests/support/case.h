/* case.h - one case of the corpus: bytes, options, and the log that every decoder must give for them
 *
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_CASE_H
#define TESTS_CASE_H

#include "../../tools/decode_options.h"

typedef struct test_case {
    char *path;
    uint8_t *bytes; /* websocket: the messages one after the other */
    size_t size;
    uint8_t *file; /* as it lies there */
    size_t file_size;
    size_t *message_ends; /* other framings: one message, the whole */
    size_t message_count;
    char *expected; /* the log without its `#` lines; NULL: the case has none */
    decode_options options;
} test_case;

/* Reads a file of bytes and the .log beside it. False, with a line on standard error, when it cannot be read. */
bool case_load(test_case *c, const char *path);

/* A case from memory: stream framing, default limits, no expected log. `bytes` are copied. */
void case_make(test_case *c, const char *name, const void *bytes, size_t size);

void case_free(test_case *c);

/* All cases below the directories, sorted by path; *count is 0 when there are none. For the whole run: never freed. */
test_case *case_load_all(const char *const *directories, size_t *count);

/* Is this a place where a recorded stream starts over? `header` is the qualified name of its stream header. */
bool case_restarts_at(const test_case *c, size_t offset, const char *header, size_t header_size);

/* The whole of a file, with a NUL after it that does not count; NULL when it cannot be read. */
uint8_t *read_file(const char *path, size_t *size);

void *must_allocate(size_t size);

#endif
