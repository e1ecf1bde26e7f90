/* small_scope.c - all sequences of pieces up to a length, at places of every framing
 *
 * Invariants 1, 2 and 8 by exhaustion: what goes wrong at all goes wrong on something small.
 *
 *     small_scope [--long] [--oracles] [--only=ALPHABET] [--jobs=N]
 *
 * With --oracles expat and libxml2 are asked too (judge.h). The long run has a line of progress.
 *
 * SPDX-License-Identifier: MIT */
#include "alphabets.h"
#include "compare.h"
#include "judge.h"
#include "workers.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define INPUT_MAX 1024
#define MARKS_MAX 64
#define ALPHABETS_MAX 32
#define FRAMINGS 3

typedef struct walk {
    const alphabet *alphabet;
    const place *place;
    size_t first; /* piece: one part of the sequences of a place are those that begin with it */
    unsigned all, most;
    comparison comparison;
    judge judge;
    uint8_t bytes[INPUT_MAX];
    size_t message_ends[MARKS_MAX], restarts[MARKS_MAX];
    input input;
    size_t from; /* where the message at hand begins */
    uint64_t told, told_differences;
    char what[64];
} walk;

typedef struct tally {
    uint64_t inputs[ALPHABETS_MAX][FRAMINGS], differences;
    clock_t time[ALPHABETS_MAX];
    judge judge; /* its counts */
} tally;

static struct {
    bool long_run, judge;
    const char *only;
    unsigned jobs;
} options = {.jobs = 1};

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

/* ---- All sequences ---- */

static void tell(walk *w)
{
    const comparison *c = &w->comparison;
    workers_tell(c->inputs - w->told, c->differences - w->told_differences);
    w->told = c->inputs;
    w->told_differences = c->differences;
}

/* Every sequence that goes on from the input at hand, which has `length` pieces; `refused_for` of them came after a
 * refusal. */
static void go_on(walk *w, unsigned length, unsigned refused_for)
{
    if (length >= w->most || (length >= w->all && refused_for > w->alphabet->behind))
        return;
    for (size_t i = 0; i < w->alphabet->piece_count; i++) {
        if (length == 0 && i != w->first)
            continue;
        mark here = mark_of(w);
        append_piece(w, i);
        bool is_refused = try_input(w);
        go_on(w, length + 1, is_refused ? refused_for + 1 : 0);
        back_to(w, here);
    }
    if (w->comparison.inputs - w->told > 1000)
        tell(w);
}

static void walk_from(const alphabet *a, size_t place_index, size_t first, tally *t)
{
    static walk w;
    const place *p = &a->places[place_index];
    weir_config config = {.framing = p->framing, .content = p->content, .limits = p->limits};
    clock_t begun = clock();
    if (config.limits.depth == 0)
        weir_limits_default(&config.limits);
    w.alphabet = a;
    w.place = p;
    w.first = first;
    w.all = a->all[options.long_run];
    w.most = a->most[options.long_run];
    w.told = w.told_differences = 0;
    snprintf(w.what, sizeof w.what, "%s, place %zu of %zu", a->name, place_index + 1, a->place_count);
    comparison_begin(&w.comparison, &config);
    judge_begin(&w.judge, &config);
    w.input = (input){.bytes = w.bytes, .message_ends = w.message_ends, .restarts = w.restarts};
    w.from = 0;
    append(&w, p->before, false);
    if (first == 0)
        try_input(&w);
    go_on(&w, 0, 0);
    tell(&w);
    t->inputs[a - alphabets][p->framing] += w.comparison.inputs;
    t->differences += w.comparison.differences;
    t->time[a - alphabets] += clock() - begun;
    comparison_end(&w.comparison);
    judge_add(&t->judge, &w.judge);
    judge_end(&w.judge);
}

/* ---- Parts ---- */

static bool chosen(const alphabet *a)
{
    return options.only == NULL || strcmp(options.only, a->name) == 0;
}

/* A part is a place of an alphabet and the first piece. */
static size_t parts_of(const alphabet *a)
{
    return chosen(a) ? a->place_count * a->piece_count : 0;
}

static void work(size_t part, void *to)
{
    const alphabet *a = alphabets;
    for (; part >= parts_of(a); a++)
        part -= parts_of(a);
    walk_from(a, part / a->piece_count, part % a->piece_count, to);
}

static void add(void *to, const void *from)
{
    tally *total = to;
    const tally *t = from;
    for (size_t i = 0; i < ALPHABETS_MAX; i++) {
        for (size_t k = 0; k < FRAMINGS; k++)
            total->inputs[i][k] += t->inputs[i][k];
        total->time[i] += t->time[i];
    }
    total->differences += t->differences;
    judge_add(&total->judge, &t->judge);
}

/* ---- Figures ---- */

static void print_row(const char *name, const uint64_t inputs[FRAMINGS], double time)
{
    printf(" %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %7.1f s  %s\n", inputs[WEIR_FRAMING_STREAM],
           inputs[WEIR_FRAMING_WEBSOCKET], inputs[WEIR_FRAMING_DOCUMENT], time, name);
}

static uint64_t print_figures(const tally *t)
{
    uint64_t sums[FRAMINGS] = {0};
    double time = 0;
    printf("%26s %9s %9s %9s\n", "inputs, framing: stream", "websocket", "document", "CPU time");
    for (size_t i = 0; i < alphabet_count; i++) {
        const alphabet *a = &alphabets[i];
        double own = (double)t->time[i] / CLOCKS_PER_SEC;
        char name[128];
        if (!chosen(a))
            continue;
        snprintf(name, sizeof name, "%s: %zu pieces, all up to %u, most up to %u, %zu places", a->name, a->piece_count,
                 a->all[options.long_run], a->most[options.long_run], a->place_count);
        print_row(name, t->inputs[i], own);
        for (size_t k = 0; k < FRAMINGS; k++)
            sums[k] += t->inputs[i][k];
        time += own;
    }
    print_row("together", sums, time);
    return sums[0] + sums[1] + sums[2];
}

static bool read_options(int argc, char **argv)
{
    static const struct option known[] = {{"long", no_argument, NULL, 'l'},
                                          {"oracles", no_argument, NULL, 'j'},
                                          {"only", required_argument, NULL, 'o'},
                                          {"jobs", required_argument, NULL, 'n'},
                                          {NULL, 0, NULL, 0}};
    for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        switch (option) {
        case 'l': options.long_run = true; break;
        case 'j': options.judge = true; break;
        case 'o': options.only = optarg; break;
        case 'n':
            options.jobs = (unsigned)strtoul(optarg, NULL, 10);
            if (options.jobs < 1 || options.jobs > 1024)
                return false;
            break;
        default: return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    if (!read_options(argc, argv) || alphabet_count > ALPHABETS_MAX)
        return 2;
    static tally total;
    size_t parts = 0;
    for (size_t i = 0; i < alphabet_count; i++)
        parts += parts_of(&alphabets[i]);
    bool good = workers_run(options.jobs, parts, !options.long_run, work, add, &total, sizeof total);
    uint64_t inputs = print_figures(&total);
    if (options.judge)
        judge_print_counts(&total.judge);
    printf("%" PRIu64 " inputs compared, %" PRIu64 " differences\n", inputs, total.differences);
    return !good || total.differences > 0 || total.judge.differences > 0 || inputs == 0;
}
