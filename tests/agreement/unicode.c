/* unicode.c - every code point at every kind of place, and every short sequence of bytes
 *
 * Decoder and reference decoder against each other, and both against the tables of tables.c: verdict, offset, and
 * what is delivered. With --oracles expat and libxml2 are asked too.
 *
 *     unicode [--long] [--oracles] [--jobs=N]
 *
 * The long run has a line of progress.
 *
 * SPDX-License-Identifier: MIT */
#include "compare.h"
#include "judge.h"
#include "tables.h"
#include "workers.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LAST 0x10ffffu   /* of Unicode */
#define BEYOND 0x1fffffu /* what four bytes could encode */

typedef enum place { IN_TEXT, IN_VALUE, AT_NAME, IN_NAME, PLACES } place;

static const char *const before[PLACES] = {"<a>", "<a x='", "<", "<a"};
static const char *const after[PLACES] = {"</a>", "'/>", "/>", "/>"};
static const char *const names[PLACES] = {"in text", "in a value", "at the start of a name", "inside a name"};

/* What must come. `known` false: the tables do not say. */
typedef struct expectation {
    bool known;
    weir_status code;
    size_t offset;
    uint8_t text[64]; /* where it is complete: the text, value, or local name */
    size_t text_size;
} expectation;

/* So that a scan by vectors begins before what is tried, or can go past it. Where it is put, only what is not ASCII
 * is expected to do what the tables say: the rest changes what the padding is. */
#define PADDING "aaaaaaaaaaaaaaaaa"
#define PADDED (sizeof PADDING - 1)

/* Of the part at hand, but for the options. */
static struct {
    comparison comparison;
    judge judge;
    bool long_run, oracles;
    uint64_t wrong, told, told_differences;
    char what[96];
} run;

/* ---- Against the expectation ---- */

typedef struct delivered {
    place where;
    weir_status code;
    uint64_t offset;
    uint8_t text[64];
    size_t text_size;
} delivered;

static void keep(delivered *d, weir_slice slice)
{
    if (slice.size > 0 && slice.size <= sizeof d->text - d->text_size) {
        memcpy(d->text + d->text_size, slice.data, slice.size);
        d->text_size += slice.size;
    }
}

static void on_event(void *context, const weir_event *event)
{
    delivered *d = context;
    if (event->type == WEIR_TEXT && d->where == IN_TEXT)
        keep(d, event->text);
    if (event->type == WEIR_ELEMENT_START && d->where == IN_VALUE && event->attribute_count == 1)
        keep(d, event->attributes[0].value);
    if (event->type == WEIR_ELEMENT_START && (d->where == AT_NAME || d->where == IN_NAME))
        keep(d, event->name.local);
}

static void on_restart(void *context, uint64_t offset)
{
    (void)context;
    (void)offset;
}

static void on_verdict(void *context, weir_status code, uint64_t offset)
{
    delivered *d = context;
    d->code = code;
    d->offset = offset;
}

static void expect(const input *in, place where, const expectation *e)
{
    delivered d = {.where = where};
    sink out = {on_event, on_restart, on_verdict, &d};
    trial_decode(&run.comparison.trial, in, &(plan){.chunk = 0}, &out);
    bool right = d.code == e->code && d.offset == e->offset;
    if (right && d.code == WEIR_COMPLETE)
        right = d.text_size == e->text_size && memcmp(d.text, e->text, e->text_size) == 0;
    if (right)
        return;
    run.wrong++;
    if (run.wrong <= 10) {
        fprintf(stderr, "\n%s: expected %s at %zu\n", run.what, e->code < 0 ? weir_error_name(e->code) : "complete",
                e->offset);
        print_input(&run.comparison.trial.config, in);
        print_log(&run.comparison.trial.config, in, &(plan){.chunk = 0});
    }
}

/* ---- Inputs ---- */

static void tell(void)
{
    uint64_t differences = run.comparison.differences + run.wrong;
    workers_tell(run.comparison.inputs - run.told, differences - run.told_differences);
    run.told = run.comparison.inputs;
    run.told_differences = differences;
}

typedef struct padding {
    bool before, after;
} padding;

static void append(input *in, uint8_t *bytes, const void *more, size_t size)
{
    memcpy(bytes + in->size, more, size);
    in->size += size;
}

static void try_bytes(place where, padding pad, const void *middle, size_t size, const expectation *e, bool oracles)
{
    uint8_t bytes[128];
    input in = {.bytes = bytes};
    append(&in, bytes, before[where], strlen(before[where]));
    append(&in, bytes, PADDING, pad.before ? PADDED : 0);
    append(&in, bytes, middle, size);
    append(&in, bytes, PADDING, pad.after ? PADDED : 0);
    append(&in, bytes, after[where], strlen(after[where]));
    if (!compare(&run.comparison, &in, run.what))
        return;
    if (e->known)
        expect(&in, where, e);
    if (oracles && run.oracles)
        judge_input(&run.judge, &in, run.what);
    if (run.comparison.inputs - run.told > 1000)
        tell();
}

/* ---- Raw code points ---- */

static void expect_code(expectation *e, weir_status code, size_t offset)
{
    e->code = code;
    e->offset = offset;
}

/* A character that has a meaning at its place. False: it stands for itself. */
static bool meant(place where, uint32_t c, size_t at, expectation *e)
{
    bool space = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    bool name = (where == AT_NAME ? table_is_name_start(c) : table_is_name(c)) && c != ':';
    size_t next = at + 1;
    if (where == IN_TEXT && (c == '<' || c == '&'))
        expect_code(e, c == '<' ? WEIR_E_NAME : WEIR_E_AMPERSAND, next);
    else if (where == IN_VALUE && (c == '<' || c == '&' || c == '\''))
        expect_code(e, c == '<' ? WEIR_E_LESS_THAN : c == '&' ? WEIR_E_AMPERSAND : WEIR_E_SYNTAX, c == '<' ? at : next);
    else if (where == IN_TEXT || where == IN_VALUE || name)
        return false;
    else if (where == AT_NAME && c == '?')
        expect_code(e, WEIR_E_PROCESSING_INSTRUCTION, next);
    else if (where == AT_NAME && (c == '!' || c == '/'))
        expect_code(e, WEIR_E_SYNTAX, c == '!' ? next : at);
    else if (where == IN_NAME && c == '/')
        expect_code(e, WEIR_E_SYNTAX, next);
    else if (where == IN_NAME && c == '>')
        expect_code(e, WEIR_E_END, at + 3);
    else if (where == IN_NAME && c == ':')
        expect_code(e, WEIR_E_NAME, next);
    else if (where == IN_NAME && (c == '=' || c == '<' || c == '"' || c == '\''))
        expect_code(e, WEIR_E_SYNTAX, at);
    else if (where == AT_NAME || !space)
        expect_code(e, WEIR_E_NAME, at);
    else
        e->known = e->known && e->text_size == 1; /* the name `a` alone */
    return true;
}

/* What the character is where it stands for itself. */
static void expect_text(expectation *e, place where, uint32_t c, const uint8_t *bytes, size_t size)
{
    memcpy(e->text + e->text_size, bytes, size);
    if (where == IN_TEXT && c == '\r')
        e->text[e->text_size] = '\n';
    if (where == IN_VALUE && (c == '\t' || c == '\n' || c == '\r'))
        e->text[e->text_size] = ' ';
    e->text_size += size;
}

static void try_raw_at(uint32_t c, place where, padding pad)
{
    uint8_t bytes[4];
    size_t size = table_encode(c, bytes), bad, padded = pad.before ? PADDED : 0, at = strlen(before[where]) + padded;
    size_t all = at + size + (pad.after ? PADDED : 0) + strlen(after[where]);
    uint32_t character;
    bool well_formed = table_utf8(bytes, size, &character, &bad) == size && character == c;
    expectation e = {.known = c >= 0x80 || !(pad.before || pad.after), .code = WEIR_COMPLETE, .offset = all};
    snprintf((char *)e.text, sizeof e.text, "%s%s", where == IN_NAME ? "a" : "", pad.before ? PADDING : "");
    e.text_size = (where == IN_NAME ? 1 : 0) + padded;
    if (!well_formed) {
        expect_code(&e, WEIR_E_UTF8, at + bad);
    } else if (!table_is_char(c)) {
        expect_code(&e, c == 0 && at < 2 ? WEIR_E_ENCODING : WEIR_E_CHAR, at);
    } else if (!meant(where, c, at, &e)) {
        expect_text(&e, where, c, bytes, size);
        if (pad.after)
            expect_text(&e, where, 'a', (const uint8_t *)PADDING, PADDED);
    }
    snprintf(run.what, sizeof run.what, "U+%04X %s", (unsigned)c, names[where]);
    try_bytes(where, pad, bytes, size, &e, true);
}

static void try_raw(uint32_t c)
{
    for (place where = 0; where < PLACES; where++) {
        try_raw_at(c, where, (padding){false, false});
        try_raw_at(c, where, (padding){where != AT_NAME, true});
    }
}

/* ---- References ---- */

/* The offset of the digit that passes U+10FFFF, or of the `;`. */
static size_t fault_of_reference(const char *digits, unsigned base)
{
    uint32_t value = 0;
    size_t i = 0;
    for (; digits[i] != ';'; i++) {
        value = value * base + (uint32_t)(digits[i] <= '9' ? digits[i] - '0' : (digits[i] | 0x20) - 'a' + 10);
        if (value > LAST)
            return i;
    }
    return i;
}

static void try_reference(uint32_t c, const char *format)
{
    char reference[24];
    bool hexadecimal = format[2] == 'x';
    size_t size = (size_t)snprintf(reference, sizeof reference, format, (unsigned)c);
    for (place where = 0; where < PLACES; where++) {
        size_t at = strlen(before[where]), digits = hexadecimal ? 3 : 2;
        expectation e = {.known = true, .code = WEIR_COMPLETE, .offset = at + size + strlen(after[where])};
        if (where == AT_NAME || where == IN_NAME)
            expect_code(&e, WEIR_E_NAME, at);
        else if (!table_is_char(c))
            expect_code(&e, WEIR_E_CHAR_REFERENCE,
                        at + digits + fault_of_reference(reference + digits, hexadecimal ? 16 : 10));
        else
            e.text_size = table_encode(c, e.text);
        snprintf(run.what, sizeof run.what, "U+%04X as %s %s", (unsigned)c, reference, names[where]);
        try_bytes(where, (padding){false, false}, reference, size, &e, false);
    }
}

/* In the short run, and beyond Unicode: what is near a border of a set, and a sample. */
static bool near_a_border(uint32_t c)
{
    bool c_is[3] = {table_is_char(c), table_is_name_start(c), table_is_name(c)};
    for (uint32_t near = c < 2 ? 0 : c - 2; near <= c + 2; near++) {
        if (table_is_char(near) != c_is[0] || table_is_name_start(near) != c_is[1] || table_is_name(near) != c_is[2])
            return true;
    }
    return c < 0x100 || (c & 0xffff) < 2 || (c & 0xffff) > 0xfffc || c % 509 == 0;
}

#define BLOCK 0x1000u

static void code_points(uint32_t first)
{
    for (uint32_t c = first; c < first + BLOCK; c++) {
        if ((!run.long_run || c > LAST) && !near_a_border(c))
            continue;
        try_raw(c);
        try_reference(c, "&#%u;");
        try_reference(c, c & 1 ? "&#x%x;" : "&#x%X;");
    }
}

/* ---- Sequences of bytes, in text ---- */

static expectation expected_of_sequence(const uint8_t *bytes, size_t size, bool padded)
{
    size_t padding_size = padded ? PADDED : 0;
    expectation e = {.known = true, .code = WEIR_COMPLETE, .offset = 3 + size + padding_size + 4};
    for (size_t at = 0; at < size;) {
        uint32_t c;
        size_t bad, length = table_utf8(bytes + at, size - at, &c, &bad);
        if (length == 0 || !table_is_char(c)) {
            expect_code(&e, length == 0 ? WEIR_E_UTF8 : WEIR_E_CHAR, 3 + at + (length == 0 ? bad : 0));
            return e;
        }
        e.known = c != '<' && c != '&' && !(c == '>' && at >= 2);
        if (!e.known)
            return e;
        if (c != '\n' || at == 0 || bytes[at - 1] != '\r')
            expect_text(&e, IN_TEXT, c, bytes + at, length);
        at += length;
    }
    expect_text(&e, IN_TEXT, 'a', (const uint8_t *)PADDING, padding_size);
    return e;
}

static void try_sequence(const uint8_t *bytes, size_t size, bool padded, bool oracles)
{
    expectation e = expected_of_sequence(bytes, size, padded);
    try_bytes(IN_TEXT, (padding){false, padded}, bytes, size, &e, oracles);
}

/* All with this last byte. */
static void all_of(size_t size, uint8_t last)
{
    uint8_t bytes[4];
    snprintf(run.what, sizeof run.what, "all sequences of %zu bytes", size);
    for (uint32_t i = 0; i >> 8 * (size - 1) == 0; i++) {
        for (size_t k = 0; k + 1 < size; k++)
            bytes[k] = (uint8_t)(i >> 8 * k);
        bytes[size - 1] = last;
        if (size < 3)
            try_sequence(bytes, size, false, true);
        try_sequence(bytes, size, true, size < 3);
    }
}

/* First and last of each column of table 3-7, and bytes that mean something. */
static const uint8_t classes[] = {0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0,
                                  0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff,
                                  0x00, 0x7f, 'a',  '\r', '\n', '<',  '&',  ']',  '>'};

static void classes_of(size_t size, size_t count)
{
    uint8_t bytes[4];
    size_t all = 1;
    snprintf(run.what, sizeof run.what, "sequences of %zu bytes, by classes", size);
    for (size_t k = 0; k < size; k++)
        all *= count;
    for (size_t i = 0; i < all; i++) {
        size_t rest = i;
        for (size_t k = 0; k < size; k++) {
            bytes[k] = classes[rest % count];
            rest /= count;
        }
        try_sequence(bytes, size, true, true);
    }
}

static void sequences(uint8_t last)
{
    all_of(1, last);
    all_of(2, last);
    if (run.long_run)
        all_of(3, last);
}

static void sequences_by_classes(void)
{
    if (!run.long_run)
        classes_of(3, sizeof classes);
    classes_of(4, run.long_run ? sizeof classes : 21);
}

/* ---- Parts ---- */

#define BLOCKS ((BEYOND + 1) / BLOCK)
#define PARTS (BLOCKS + 256 + 1)

typedef struct tally {
    uint64_t code_points, sequences, differences, wrong; /* the first two: inputs */
    judge judge;                                         /* its counts */
} tally;

static void work(size_t part, void *to)
{
    tally *t = to;
    weir_config config = {.framing = WEIR_FRAMING_DOCUMENT};
    weir_limits_default(&config.limits);
    comparison_begin(&run.comparison, &config);
    judge_begin(&run.judge, &config);
    run.wrong = run.told = run.told_differences = 0;
    if (part < BLOCKS)
        code_points((uint32_t)part * BLOCK);
    else if (part < BLOCKS + 256)
        sequences((uint8_t)(part - BLOCKS));
    else
        sequences_by_classes();
    tell();
    *(part < BLOCKS ? &t->code_points : &t->sequences) += run.comparison.inputs;
    t->differences += run.comparison.differences;
    t->wrong += run.wrong;
    judge_add(&t->judge, &run.judge);
    judge_end(&run.judge);
    comparison_end(&run.comparison);
}

static void add(void *to, const void *from)
{
    tally *total = to;
    const tally *t = from;
    total->code_points += t->code_points;
    total->sequences += t->sequences;
    total->differences += t->differences;
    total->wrong += t->wrong;
    judge_add(&total->judge, &t->judge);
}

int main(int argc, char **argv)
{
    static const struct option known[] = {{"long", no_argument, NULL, 'l'},
                                          {"oracles", no_argument, NULL, 'j'},
                                          {"jobs", required_argument, NULL, 'n'},
                                          {NULL, 0, NULL, 0}};
    unsigned long jobs = 1;
    for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        if (option == 'n')
            jobs = strtoul(optarg, NULL, 10);
        if (option == '?' || jobs < 1 || jobs > 1024)
            return 2;
        run.long_run = run.long_run || option == 'l';
        run.oracles = run.oracles || option == 'j';
    }
    static tally total;
    bool good = workers_run((unsigned)jobs, PARTS, !run.long_run, work, add, &total, sizeof total);
    printf("code points: %" PRIu64 " inputs, sequences of bytes: %" PRIu64 "\n", total.code_points, total.sequences);
    if (run.oracles)
        judge_print_counts(&total.judge);
    printf("%" PRIu64 " inputs compared, %" PRIu64 " differences; %" PRIu64 " differences from the tables\n",
           total.code_points + total.sequences, total.differences, total.wrong);
    good = good && total.differences == 0 && total.judge.differences == 0 && total.wrong == 0;
    return !good || total.code_points == 0;
}
