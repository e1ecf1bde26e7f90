/* small_scope.c - all sequences of pieces up to a length, at places of every framing
 *
 * Invariants 1, 2 and 8 by exhaustion: what goes wrong at all goes wrong on something small.
 *
 *     small_scope [--long] [--oracles] [--only=ALPHABET] [--part=N/M]
 *
 * Part N of M is from 0 to M - 1. With --oracles expat and libxml2 are asked too (judge.h).
 *
 * SPDX-License-Identifier: MIT */
#include "alphabets.h"
#include "compare.h"
#include "judge.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define INPUT_MAX 1024
#define MARKS_MAX 64

typedef struct walk {
    const alphabet *alphabet;
    const place *place;
    unsigned all, most;
    comparison comparison;
    judge judge;
    uint8_t bytes[INPUT_MAX];
    size_t message_ends[MARKS_MAX], restarts[MARKS_MAX];
    input input;
    size_t from; /* where the message at hand begins */
    char what[64];
} walk;

static struct {
    uint64_t inputs, differences;
    time_t begun, told;
    judge judge;
} total;

static struct {
    bool long_run, judge;
    const char *only;
    unsigned part, parts; /* of the places, every so many-th */
} options = {.parts = 1};

/* ---- Inputs ---- */

static void append(walk *w, piece p, bool raw)
{
    input *in = &w->input;
    for (size_t i = 0; i < p.size; i++) {
        char byte = p.bytes[i];
        if (!raw && byte == MESSAGE_END[0])
            w->message_ends[in->message_count++] = w->from = in->size;
        else if (raw || byte != RESTART[0])
            w->bytes[in->size++] = (uint8_t)byte;
        else if (in->restart_count == 0 || w->restarts[in->restart_count - 1] < in->size)
            w->restarts[in->restart_count++] = in->size;
    }
}

static void append_piece(walk *w, size_t index)
{
    char byte = (char)index;
    piece p = {&byte, 1};
    append(w, w->alphabet->pieces != NULL ? w->alphabet->pieces[index] : p, w->alphabet->pieces == NULL);
}

typedef struct mark {
    size_t size, message_count, restart_count, from;
} mark;

static mark mark_of(const walk *w)
{
    return (mark){w->input.size, w->input.message_count, w->input.restart_count, w->from};
}

static void back_to(walk *w, mark m)
{
    w->input.size = m.size;
    w->input.message_count = m.message_count;
    w->input.restart_count = m.restart_count;
    w->from = m.from;
}

/* In websocket framing what is open is a message that ends with the input. */
static void end_last_message(walk *w)
{
    input *in = &w->input;
    if (w->place->framing == WEIR_FRAMING_WEBSOCKET && (in->size > w->from || in->message_count == 0))
        w->message_ends[in->message_count++] = in->size;
}

/* Whether more bytes cannot change the verdict. The end of the input is no fault of what came. */
static bool refused(const walk *w, bool message_open)
{
    const record *r = &w->comparison.reference;
    if (r->code >= 0)
        return false;
    return r->code != WEIR_E_END || r->offset < w->input.size ||
           (w->place->framing == WEIR_FRAMING_WEBSOCKET && !message_open);
}

static void try_one(walk *w)
{
    bool agreed = compare(&w->comparison, &w->input, w->what);
    if (agreed && options.judge)
        judge_input(&w->judge, &w->input, w->what);
}

/* The input at hand, without and with what stands after it at this place. Answers whether it is refused without. */
static bool try_input(walk *w)
{
    mark here = mark_of(w);
    bool open = w->input.size > w->from;
    end_last_message(w);
    try_one(w);
    bool is_refused = refused(w, open);
    back_to(w, here);
    if (w->place->after.size > 0) {
        append(w, w->place->after, false);
        end_last_message(w);
        try_one(w);
        back_to(w, here);
    }
    return is_refused;
}

/* ---- Progress ---- */

static void tell(const walk *w)
{
    time_t now = time(NULL);
    bool terminal = isatty(STDERR_FILENO);
    if (now - total.told < (terminal ? 1 : 30))
        return;
    total.told = now;
    fprintf(stderr,
            terminal ? "\r%s: %" PRIu64 " inputs, %" PRIu64 " differences, %ld s "
                     : "%s: %" PRIu64 " inputs, %" PRIu64 " differences, %ld s\n",
            w->what, total.inputs + w->comparison.inputs, total.differences + w->comparison.differences,
            (long)(now - total.begun));
}

/* ---- All sequences ---- */

/* Every sequence that goes on from the input at hand, which has `length` pieces; `refused_for` of them came after a
 * refusal. */
static void go_on(walk *w, unsigned length, unsigned refused_for)
{
    if (length >= w->most || (length >= w->all && refused_for > 1))
        return;
    for (size_t i = 0; i < w->alphabet->piece_count; i++) {
        mark here = mark_of(w);
        append_piece(w, i);
        bool is_refused = try_input(w);
        go_on(w, length + 1, is_refused ? refused_for + 1 : 0);
        back_to(w, here);
    }
    if (options.long_run && (w->comparison.inputs & 0x3ff) < 32)
        tell(w);
}

static void walk_place(const alphabet *a, size_t index)
{
    static walk w;
    weir_config config = {.framing = a->places[index].framing, .content = a->places[index].content};
    config.limits = a->places[index].limits;
    if (config.limits.depth == 0)
        weir_limits_default(&config.limits);
    w.alphabet = a;
    w.place = &a->places[index];
    w.all = a->all[options.long_run];
    w.most = a->most[options.long_run];
    snprintf(w.what, sizeof w.what, "%s, place %zu of %zu", a->name, index + 1, a->place_count);
    comparison_begin(&w.comparison, &config);
    judge_begin(&w.judge, &config);
    w.input = (input){.bytes = w.bytes, .message_ends = w.message_ends, .restarts = w.restarts};
    w.from = 0;
    append(&w, w.place->before, false);
    go_on(&w, 0, try_input(&w));
    total.inputs += w.comparison.inputs;
    total.differences += w.comparison.differences;
    comparison_end(&w.comparison);
    judge_add(&total.judge, &w.judge);
    judge_end(&w.judge);
}

static void walk_alphabet(const alphabet *a)
{
    uint64_t before = total.inputs;
    time_t begun = time(NULL);
    for (size_t i = 0; i < a->place_count; i++) {
        if (i % options.parts == options.part)
            walk_place(a, i);
    }
    printf("%-20s %2zu places, %3zu pieces, all up to %u, most up to %u: %9" PRIu64 " inputs, %ld s\n", a->name,
           a->place_count, a->piece_count, a->all[options.long_run], a->most[options.long_run], total.inputs - before,
           (long)(time(NULL) - begun));
    fflush(stdout);
}

static bool read_options(int argc, char **argv)
{
    static const struct option known[] = {{"long", no_argument, NULL, 'l'},
                                          {"oracles", no_argument, NULL, 'j'},
                                          {"only", required_argument, NULL, 'o'},
                                          {"part", required_argument, NULL, 'p'},
                                          {NULL, 0, NULL, 0}};
    for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        switch (option) {
        case 'l': options.long_run = true; break;
        case 'j': options.judge = true; break;
        case 'o': options.only = optarg; break;
        case 'p':
            if (sscanf(optarg, "%u/%u", &options.part, &options.parts) != 2 || options.part >= options.parts)
                return false;
            break;
        default: return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    if (!read_options(argc, argv))
        return 2;
    total.begun = total.told = time(NULL);
    for (size_t i = 0; i < alphabet_count; i++) {
        if (options.only == NULL || strcmp(options.only, alphabets[i].name) == 0)
            walk_alphabet(&alphabets[i]);
    }
    if (options.judge)
        judge_print_counts(&total.judge);
    printf("%" PRIu64 " inputs compared, %" PRIu64 " differences\n", total.inputs, total.differences);
    return total.differences > 0 || total.judge.differences > 0 || total.inputs == 0;
}
