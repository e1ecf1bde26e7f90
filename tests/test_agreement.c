/* test_agreement.c - the decoder and the reference decoder give one log
 *
 * Invariant 8, on the corpus and on what is near it: each case whole and in many splits, every beginning of it as an input of its
 * own, and copies of it with a few bytes changed. Changes come from a fixed seed, so that a failure comes again.
 *
 * SPDX-License-Identifier: MIT */
#include "support/cmocka.h"
#include "support/agree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef WEIR_SAMPLE
#define MUTANTS 3
#define BEGINNINGS_STEP 17
#define SPLIT_STEP 41
#define BYTE_STEP 31
#else
#define MUTANTS 100
#define BEGINNINGS_STEP 1
#define SPLIT_STEP 5
#define BYTE_STEP 1
#endif
#define SMALL 2048 /* inputs up to this size are cut and changed */

static const drive_plan whole_and_bytewise[] = {{.chunk = 0}, {.chunk = 1}};

static void agree_in_splits(const test_case *c)
{
    static const drive_plan plans[] = {{.chunk = 0},
                                       {.chunk = 1},
                                       {.chunk = 2},
                                       {.chunk = 3},
                                       {.chunk = 7},
                                       {.chunk = 64},
                                       {.chunk = 0, .kernel = WEIR_KERNEL_PORTABLE}};
    agree(c, plans, sizeof plans / sizeof plans[0]);
    if (c->size > SMALL)
        return;
    for (size_t split = 1 + c->size % SPLIT_STEP; split < c->size; split += SPLIT_STEP)
        agree(c, &(drive_plan){.split = split}, 1);
}

static void cut_at(test_case *c, size_t size)
{
    c->size = size;
    for (size_t i = 0; i < c->message_count; i++) {
        if (c->message_ends[i] >= size) {
            c->message_ends[i] = size;
            c->message_count = i + 1;
        }
    }
}

static test_case copy_of(const test_case *c)
{
    test_case copy;
    case_make(&copy, c->path, c->bytes, c->size);
    copy.options = c->options;
    free(copy.message_ends);
    copy.message_count = c->message_count;
    copy.message_ends = must_allocate(c->message_count * sizeof *copy.message_ends);
    if (c->message_count > 0)
        memcpy(copy.message_ends, c->message_ends, c->message_count * sizeof *copy.message_ends);
    return copy;
}

static void agree_on_beginnings(const test_case *c)
{
    test_case cut = copy_of(c);
    for (size_t less = 1; less <= c->size; less += BEGINNINGS_STEP) {
        cut_at(&cut, c->size - less);
        agree(&cut, whole_and_bytewise, 2);
    }
    case_free(&cut);
}

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Bytes that mean something, and some that cut characters. */
static const char provoking[] =
    "<<<>>>///===''\"\"&&;;]]!!??:: \t\r\n-x#0aA[]\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xff\x80\x01\xef\xbb\xbf";

static void mutate(test_case *c, uint64_t *random)
{
    unsigned changes = 1 + (unsigned)(next_random(random) % 3);
    while (changes-- > 0 && c->size > 0) {
        size_t at = next_random(random) % c->size, from = next_random(random) % c->size;
        uint8_t byte = (uint8_t)provoking[next_random(random) % (sizeof provoking - 1)];
        size_t count = 1 + next_random(random) % 12;
        switch (next_random(random) % 4) {
        case 0: c->bytes[at] = byte; break;
        case 1: c->bytes[at] = c->bytes[from]; break;
        case 2: /* a piece is put over another place */
            if (count > c->size - at)
                count = c->size - at;
            if (count > c->size - from)
                count = c->size - from;
            memmove(c->bytes + at, c->bytes + from, count);
            break;
        default: /* bytes move up, so that one is lost, and another comes in */
            memmove(c->bytes + at + 1, c->bytes + at, c->size - at - 1);
            c->bytes[at] = byte;
        }
    }
}

static void agree_on_mutants(const test_case *c)
{
    uint64_t random = 0x9e3779b97f4a7c15u + c->size;
    for (const char *p = c->path; *p != '\0'; p++)
        random = random * 31 + (uint8_t)*p;
    for (unsigned i = 0; i < MUTANTS; i++) {
        test_case mutant = copy_of(c);
        mutate(&mutant, &random);
        agree(&mutant, whole_and_bytewise, 2);
        case_free(&mutant);
    }
}

static void decoders_agree(void **state)
{
    const test_case *c = *state;
    agree_in_splits(c);
    if (c->size > SMALL || c->options.restart == DECODE_RESTART_AT)
        return;
    agree_on_beginnings(c);
    agree_on_mutants(c);
}

/* ---- Every byte in every place of a few inputs ---- */

static void agree_on_every_byte(const char *text, weir_framing framing)
{
    size_t size = strlen(text);
    for (size_t at = 0; at < size; at++) {
        for (unsigned byte = (unsigned)(at % BYTE_STEP); byte < 256; byte += BYTE_STEP) {
            test_case c;
            case_make(&c, "one byte changed", text, size);
            c.options.config.framing = framing;
            c.bytes[at] = (uint8_t)byte;
            agree(&c, whole_and_bytewise, 2);
            case_free(&c);
        }
    }
}

static void every_byte_in_every_place(void **state)
{
    (void)state;
    agree_on_every_byte("<?xml version='1.0' encoding='utf-8'?>\n<a b='c' xmlns:d='e'><d:f/>&amp;&#65;&#x41;</a >",
                        WEIR_FRAMING_DOCUMENT);
    agree_on_every_byte("<?xml version = \"1.0\" ?><a><![CDATA[]]]]>\r\n</a>\n", WEIR_FRAMING_DOCUMENT);
    agree_on_every_byte("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
                        "version='1.0' xml:lang='en'><iq/> <a:b xmlns:a='c'/></stream:stream>\n",
                        WEIR_FRAMING_STREAM);
    agree_on_every_byte("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' version='1.0'/>", WEIR_FRAMING_WEBSOCKET);
}

int main(void)
{
    const char *shared = getenv("WEIR_SHARED_DATA");
    const char *const directories[] = {"corpus/cases", "corpus/streams", "corpus/regress",
                                       shared != NULL ? shared : "../shared/data", NULL};
    size_t count;
    test_case *cases = case_load_all(directories, &count);
    if (count == 0) {
        fprintf(stderr, "no cases: to be run where corpus/ is\n");
        return 1;
    }
    struct CMUnitTest *tests = must_allocate((count + 1) * sizeof *tests);
    for (size_t i = 0; i < count; i++) {
        if (strstr(cases[i].path, "/xmlconf/") != NULL)
            cases[i].options.config.framing = WEIR_FRAMING_DOCUMENT;
        struct CMUnitTest test = {cases[i].path, decoders_agree, NULL, NULL, &cases[i]};
        memcpy(&tests[i], &test, sizeof test);
    }
    struct CMUnitTest bytes = cmocka_unit_test(every_byte_in_every_place);
    memcpy(&tests[count], &bytes, sizeof bytes);
    return _cmocka_run_group_tests("agreement", tests, count + 1, NULL, NULL);
}
