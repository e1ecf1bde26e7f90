/* report.c - see report.h
 *
 * SPDX-License-Identifier: MIT */
#include "report.h"

#include <inttypes.h>
#include <string.h>

const char *chunk_name(size_t chunk, char name[24])
{
    if (chunk == CHUNK_WHOLE) {
        return "whole";
    }
    snprintf(name, 24, "%zu", chunk);
    return name;
}

size_t plan_find(const plan *p, const char *name)
{
    size_t i = 0;
    while (i < p->contender_count && (p->contenders[i].decode == NULL || strcmp(p->contenders[i].name, name) != 0)) {
        i++;
    }
    return i;
}

static size_t find_chunk(const plan *p, size_t chunk)
{
    size_t i = 0;
    while (i < p->chunk_count && p->chunks[i] != chunk) {
        i++;
    }
    return i;
}

void report_contenders(FILE *out, const plan *p)
{
    fputs("What each leaves unchecked of what a stream of XMPP must be:\n", out);
    for (size_t i = 0; i < p->contender_count; i++) {
        const contender *c = &p->contenders[i];
        if (c->decode == NULL) {
            fprintf(out, "  %-14s left out: %s was not there at build time\n", c->name, c->package);
        } else {
            fprintf(out, "  %-14s %s\n", c->name, c->unchecked[0] != '\0' ? c->unchecked : "nothing");
        }
    }
    fprintf(out,
            "Cells: MB/s, times the speed of %s on the same bytes in the same round, half the distance of the\n"
            "quartiles of that ratio; medians of the rounds.\n",
            p->contenders[0].name);
}

/* Six places, whatever the size. */
static const char *ratio_name(double ratio, char name[24])
{
    snprintf(name, 24, ratio < 100 ? "%6.2f" : "%6.0f", ratio);
    return name;
}

static double half_width(spread s)
{
    return s.median > 0 ? 50 * (s.high - s.low) / s.median : 0;
}

void report_sheet(FILE *out, const plan *p, const sheet *s)
{
    char name[24];
    fprintf(out,
            "\n%s: %zu bytes, %zu stream%s, %" PRIu64 " elements, %" PRIu64 " attributes, %" PRIu64
            " bytes of text; %u rounds\n%-14s",
            s->name, s->bytes[0], s->streams, s->streams == 1 ? "" : "s", s->counts.elements, s->counts.attributes,
            s->counts.text_bytes, s->rounds, "");
    for (size_t i = 0; i < p->chunk_count; i++) {
        fprintf(out, " %18s", chunk_name(p->chunks[i], name));
    }
    for (size_t j = 0; j < p->contender_count; j++) {
        if (p->contenders[j].decode == NULL) {
            continue;
        }
        fprintf(out, "\n%-14s", p->contenders[j].name);
        for (size_t i = 0; i < p->chunk_count; i++) {
            spread speed = sheet_speed(s, i, j);
            spread ratio = sheet_ratio(s, i, j, i, 0);
            if (!(speed.median > 0)) {
                fprintf(out, " %18s", "-");
            } else if (!(ratio.median > 0)) {
                fprintf(out, " %6.0f            ", speed.median);
            } else {
                fprintf(out, " %6.0f %s \xc2\xb1%2.0f%%", speed.median, ratio_name(ratio.median, name),
                        half_width(ratio));
            }
        }
    }
    fputs("\n", out);
}

/* ---- Aims -------------------------------------------------------------------------------------------------------- */

static const struct aim {
    const char *title;
    size_t chunk, other_chunk;
    const char *other; /* NULL: the same contender */
} aims[] = {
    {"4096 / expat", 4096, 4096, "expat"},
    {"1460 / expat", 1460, 1460, "expat"},
    {"1 / expat", 1, 1, "expat"},
    {"whole / pugixml", CHUNK_WHOLE, CHUNK_WHOLE, "pugixml"},
    {"4096 / whole", 4096, CHUNK_WHOLE, NULL},
    {"1460 / whole", 1460, CHUNK_WHOLE, NULL},
    {"whole / utf8", CHUNK_WHOLE, CHUNK_WHOLE, "utf8-only"},
};
enum { AIMS = sizeof aims / sizeof aims[0] };

static spread aim_ratio(const plan *p, const sheet *s, const struct aim *a, size_t who)
{
    size_t chunk = find_chunk(p, a->chunk);
    size_t other_chunk = find_chunk(p, a->other_chunk);
    size_t other = a->other != NULL ? plan_find(p, a->other) : who;
    if (chunk == p->chunk_count || other_chunk == p->chunk_count || other == p->contender_count) {
        return (spread){0};
    }
    return sheet_ratio(s, chunk, who, other_chunk, other);
}

void report_aims(FILE *out, const plan *p, const sheet *sheets, size_t count)
{
    size_t who = 0;
    while (who < p->contender_count && strncmp(p->contenders[who].name, "weir-", 5) != 0) {
        who++;
    }
    if (who == p->contender_count) {
        return;
    }
    fprintf(out, "\n%s, chunk size / other: median of the ratios (quartiles)\n%-12s", p->contenders[who].name, "");
    for (size_t i = 0; i < AIMS; i++) {
        fprintf(out, " %21s", aims[i].title);
    }
    for (size_t j = 0; j < count; j++) {
        fprintf(out, "\n%-12s", sheets[j].name);
        for (size_t i = 0; i < AIMS; i++) {
            char cell[64] = "-";
            spread ratio = aim_ratio(p, &sheets[j], &aims[i], who);
            if (ratio.median > 0) {
                snprintf(cell, sizeof cell, "%.3g (%.2g-%.2g)", ratio.median, ratio.low, ratio.high);
            }
            fprintf(out, " %21s", cell);
        }
    }
    fputs("\n", out);
}

/* ---- Tab-separated values ----------------------------------------------------------------------------------------------- */

void report_tsv_header(FILE *out)
{
    fputs("trace\tchunk\tdecoder\tbytes\trounds\tmbps_q1\tmbps\tmbps_q3\tratio_q1\tratio\tratio_q3\n", out);
}

void report_tsv(FILE *out, const plan *p, const sheet *s)
{
    char name[24];
    for (size_t i = 0; i < p->chunk_count; i++) {
        for (size_t j = 0; j < p->contender_count; j++) {
            spread speed = sheet_speed(s, i, j);
            spread ratio = sheet_ratio(s, i, j, i, 0);
            if (speed.median > 0) {
                fprintf(out, "%s\t%s\t%s\t%zu\t%u\t%.2f\t%.2f\t%.2f\t%.4f\t%.4f\t%.4f\n", s->name,
                        chunk_name(p->chunks[i], name), p->contenders[j].name, s->bytes[i], s->rounds, speed.low,
                        speed.median, speed.high, ratio.low, ratio.median, ratio.high);
            }
        }
    }
}
