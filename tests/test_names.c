/* test_names.c - names in scope: prefixes and namespace names of every length, and elements nested at random
 *
 * Both decoders must say the same (invariant 8), here where prefixes are declared anew, undeclared and shadowed, names are
 * alike but for their end or their length, and attributes meet. From a fixed seed.
 *
 * SPDX-License-Identifier: MIT */
#include "support/agree.h"
#include "support/cmocka.h"
#include "support/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef WEIR_SAMPLE
#define DOCUMENTS 1500
#define LENGTHS_STEP 3
#else
#define DOCUMENTS 30000
#define LENGTHS_STEP 1
#endif

static const drive_plan plans[] = {{.chunk = 0}, {.chunk = 1}, {.chunk = 13}};

static void agree_on(const char *name, const char *text, size_t size, weir_framing framing)
{
    test_case c;
    case_make(&c, name, text, size);
    c.options.config.framing = framing;
    agree(&c, plans, sizeof plans / sizeof plans[0]);
    case_free(&c);
}

/* ---- Lengths ---- */

static const size_t lengths[] = {1,  2,   3,   4,   5,   8,   15,  16,  17,  31,  32,
                                 33, 127, 128, 253, 254, 255, 256, 257, 300, 511, 512};
#define LENGTHS (sizeof lengths / sizeof lengths[0])

static void put_times(FILE *out, char byte, size_t times)
{
    while (times-- > 0)
        fputc(byte, out);
}

/* Prefixes of m and n bytes for namespace names of n and m, alike to the last byte but one. */
static void lengths_are_told_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTHS; i += LENGTHS_STEP) {
        for (size_t k = 0; k < 2 * LENGTHS; k++) {
            size_t m = lengths[i], n = lengths[k / 2];
            char last = k % 2 == 0 ? 'p' : 'q', *text = NULL;
            size_t size = 0;
            FILE *out = open_memstream(&text, &size);
            fputs("<a xmlns:", out);
            put_times(out, 'p', m);
            fputs("='", out);
            put_times(out, 'u', n);
            fputs("' xmlns:", out);
            put_times(out, 'p', n - 1);
            fprintf(out, "%c='", last);
            put_times(out, 'u', m);
            fputs("'><", out);
            put_times(out, 'p', m);
            fputs(":b ", out);
            put_times(out, 'p', m);
            fputs(":c='' ", out);
            put_times(out, 'p', n - 1);
            fprintf(out, "%c:c=''/></a>", last);
            fclose(out);
            agree_on("lengths", text, size, WEIR_FRAMING_DOCUMENT);
            free(text);
        }
    }
}

/* ---- At random ---- */

typedef struct writer {
    FILE *out;
    uint64_t random;
    char open[16][64]; /* names of the open elements */
    unsigned depth;
} writer;

static unsigned pick(writer *w, unsigned below)
{
    w->random ^= w->random << 13;
    w->random ^= w->random >> 7;
    w->random ^= w->random << 17;
    return (unsigned)(w->random >> 33) % below;
}

static const char *const prefixes[] = {"a", "b", "ab", "aa", "a1", "abcd", "abce", "stream", "xml", "xmlns"};
static const char *const namespaces[] = {
    "u",
    "v",
    "uu",
    "",
    "jabber:client",
    "jabber:server",
    "http://etherx.jabber.org/streams",
    "http://www.w3.org/XML/1998/namespace",
    "http://www.w3.org/2000/xmlns/",
    "urn:ietf:params:xml:ns:xmpp-framing",
    "a-namespace-name-that-is-longer-than-the-registers-of-a-kernel-and-ends-in-1",
    "a-namespace-name-that-is-longer-than-the-registers-of-a-kernel-and-ends-in-2",
};
static const char *const locals[] = {"x", "y", "stream", "xx", "message"};
#define PICK(w, list) (list)[pick((w), sizeof(list) / sizeof((list)[0]))]

/* Mostly what is well formed: the rare faults are to be found deep inside, too. */
static const char *some_prefix(writer *w)
{
    return pick(w, 20) == 0 ? PICK(w, prefixes) : prefixes[pick(w, 7)];
}

static const char *some_namespace(writer *w)
{
    unsigned usual[] = {0, 1, 2, 10, 11};
    return pick(w, 12) == 0 ? PICK(w, namespaces) : namespaces[usual[pick(w, 5)]];
}

/* Neighbours in the list differ, so that most tags have no attribute twice. */
static void put_attributes(writer *w)
{
    unsigned at = pick(w, 7);
    for (unsigned n = pick(w, 4); n > 0; n--, at++) {
        const char *prefix = pick(w, 40) == 0 ? PICK(w, prefixes) : prefixes[at % 7];
        switch (pick(w, 8)) {
        case 0: fprintf(w->out, " xmlns='%s'", some_namespace(w)); break;
        case 1:
        case 2:
        case 3: fprintf(w->out, " xmlns:%s='%s'", prefix, some_namespace(w)); break;
        case 4: fprintf(w->out, " %s=''", PICK(w, locals)); break;
        default: fprintf(w->out, " %s:%s='1'", prefix, pick(w, 4) == 0 ? "y" : "x");
        }
    }
}

static void put_element(writer *w)
{
    char *name = w->open[w->depth];
    if (pick(w, 2) == 0)
        snprintf(name, sizeof w->open[0], "%s", PICK(w, locals));
    else
        snprintf(name, sizeof w->open[0], "%s:%s", some_prefix(w), PICK(w, locals));
    fprintf(w->out, "<%s", name);
    put_attributes(w);
    if (w->depth == 15 || pick(w, 3) == 0) {
        fputs("/>", w->out);
    } else {
        fputc('>', w->out);
        w->depth++;
    }
}

static void put_document(writer *w, unsigned steps, unsigned bottom)
{
    while (steps-- > 0) {
        if (w->depth > bottom && pick(w, 3) == 0)
            fprintf(w->out, "</%s>", w->open[--w->depth]);
        else
            put_element(w);
    }
    while (w->depth > bottom)
        fprintf(w->out, "</%s>", w->open[--w->depth]);
}

/* Every usual prefix is declared around it, so that most of what comes is in order. */
static void put_around(writer *w, weir_framing framing)
{
    if (framing == WEIR_FRAMING_STREAM)
        fputs(STREAM_HEADER, w->out);
    fputs("<r xmlns:a='u' xmlns:b='v' xmlns:ab='u' xmlns:aa='uu' xmlns:a1='w' xmlns:abcd='u1' xmlns:abce='u2'>",
          w->out);
    put_document(w, 1 + pick(w, 12), 0);
    fputs(framing == WEIR_FRAMING_STREAM ? "</r></stream:stream>" : "</r>", w->out);
}

static void names_are_resolved_alike(void **state)
{
    (void)state;
    writer w = {.random = 0x2545f4914f6cdd1du};
    for (unsigned i = 0; i < DOCUMENTS; i++) {
        char *text = NULL;
        size_t size = 0;
        weir_framing framing = i % 2 == 0 ? WEIR_FRAMING_STREAM : WEIR_FRAMING_DOCUMENT;
        w.out = open_memstream(&text, &size);
        w.depth = 0;
        put_around(&w, framing);
        fclose(w.out);
        agree_on("names at random", text, size, framing);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_are_told_apart),
        cmocka_unit_test(names_are_resolved_alike),
    };
    return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
