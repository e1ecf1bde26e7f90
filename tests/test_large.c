/* test_large.c - one chunk of more than 2^30 bytes, with no more memory than a few pages
 *
 * The pages of a small file are mapped over and over. Not under sanitizers: they keep a shadow of all of it.
 *
 * SPDX-License-Identifier: MIT */
#include "support/cmocka.h"
#include "support/session.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PIECE ((size_t)1 << 21)
#define PIECES 513

/* PIECES copies of a piece full of `byte`; NULL where this machine cannot. */
static uint8_t *map_many(char byte)
{
    static char piece[PIECE];
    memset(piece, byte, PIECE);
    int file = memfd_create("chunk", 0);
    if (file < 0 || write(file, piece, PIECE) != (ssize_t)PIECE)
        return NULL;
    uint8_t *area = mmap(NULL, PIECE * PIECES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    for (size_t i = 0; area != MAP_FAILED && i < PIECES; i++) {
        if (mmap(area + i * PIECE, PIECE, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0) == MAP_FAILED)
            return NULL;
    }
    close(file);
    return area != MAP_FAILED ? area : NULL;
}

static void a_chunk_may_pass_a_gigabyte(void **state)
{
    (void)state;
#ifdef WEIR_SANITIZED
    skip();
#endif
    uint8_t *area = sizeof(size_t) >= 8 ? map_many(' ') : NULL;
    if (area == NULL)
        skip();
    session s;
    session_begin(&s, WEIR_FRAMING_STREAM);
    assert_string_equal(give(&s, STREAM_HEADER), "O");
    uint64_t before = weir_offset(&s.decoder);
    assert_string_equal(give_bytes(&s, area, PIECE * PIECES), "_");
    assert_true(weir_offset(&s.decoder) == before + PIECE * PIECES);
    assert_string_equal(give(&s, "<a/></stream:stream>"), "<>C");
    assert_string_equal(give_bytes(&s, area, PIECE * PIECES), "");
    assert_true(weir_offset(&s.decoder) == before + 2 * PIECE * PIECES + 20);
    assert_int_equal(weir_finish(&s.decoder), WEIR_COMPLETE);
    session_end(&s);
    munmap(area, PIECE * PIECES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chunk_may_pass_a_gigabyte),
    };
    return cmocka_run_group_tests_name("large", tests, NULL, NULL);
}
