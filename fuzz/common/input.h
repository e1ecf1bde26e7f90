/* input.h - what a fuzz input says: a header of FUZZ_HEADER bytes, then the bytes to decode
 *
 * Every value of every byte of the header means something, so that no mutation is wasted; all zeros are stream framing,
 * default limits, any content, the best kernel, one chunk. Bytes of the header:
 *
 *     0      bits 0-1 framing (3: stream), 2-4 kernel (0: auto; then those of this machine), 5 park before each chunk,
 *            6 an empty chunk before each
 *     1      bits 0-3 content namespaces accepted (0: any); 4-7 free to a target (see it)
 *     2      restart: bits 0-1: 0 never, 1 at the sign that weir-decode takes, 2 at the n-th place, 3 at every n-th;
 *            2-4 n; 5 with limits doubled, 6 halved
 *     3, 4   how the bytes are split (enum fuzz_split), and its parameter
 *     5-11   limits in the order of weir_limits: 0 default, to 200 as it says, above in steps of 64
 *     12-15  gaps between the first splits, for FUZZ_SPLIT_GAPS
 *
 * In websocket framing a byte 0xff ends a message; it can stand in no UTF-8.
 *
 * SPDX-License-Identifier: MIT */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include "../../parser/reference/reference.h"

#define FUZZ_HEADER 16
#define FUZZ_SIZE_MAX 65536   /* bytes of an input; longer ones are not looked at */
#define FUZZ_MESSAGES_MAX 256 /* then a 0xff is a byte of the last */
#define FUZZ_DEPTH_MAX 4096   /* no limit of a header allows more */

enum fuzz_split {
    FUZZ_SPLIT_NOT,
    FUZZ_SPLIT_EACH,   /* chunks of `parameter` bytes */
    FUZZ_SPLIT_GAPS,   /* where the gaps say, then the rest */
    FUZZ_SPLIT_RANDOM, /* chunks of 1 to 16 bytes, by a hash of parameter and offset */
    FUZZ_SPLIT_MARKUP, /* before and after each byte that means something */
    FUZZ_SPLIT_ONCE,   /* after `parameter` bytes */
    FUZZ_SPLIT_LAST,   /* `parameter` bytes before the end */
    FUZZ_SPLIT_BYTES
};

enum fuzz_restart { FUZZ_RESTART_NEVER, FUZZ_RESTART_SIGN, FUZZ_RESTART_ONCE, FUZZ_RESTART_EACH };

typedef struct fuzz_input {
    weir_config config;
    weir_limits later; /* from the first restart on */
    uint32_t restart, restart_at;
    bool change_limits;
    bool park, empty_chunks;
    uint32_t split, parameter;
    uint8_t gaps[4];
    uint32_t spare; /* bits 4-7 of byte 1 */
    const uint8_t *bytes;
    size_t size;
    const size_t *message_ends; /* other framings: one, the size */
    size_t message_count;
} fuzz_input;

/* False: too short or too long. What `in` points to holds until the next call; `data` may go. */
bool fuzz_input_read(fuzz_input *in, const uint8_t *data, size_t size);

/* Where the chunk that begins at `begin` ends; `end` is that of its message. */
size_t fuzz_chunk_end(const fuzz_input *in, size_t begin, size_t end);

/* Places where a stream may be restarted, asked in order. `places` counts those asked so far. */
bool fuzz_restarts(const fuzz_input *in, size_t offset, const uint8_t *header, size_t header_size, uint32_t *places);

/* One line for people: what the header says. */
void fuzz_input_print(const fuzz_input *in);

#endif
