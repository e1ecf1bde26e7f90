/* judge.c - see judge.h
 *
 * SPDX-License-Identifier: MIT */
#include "judge.h"

#include "compare.h"
#include "tables.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PRINTED 8
#define ENDING_MAX 512

static const char *const differences[] = {"expat refuses what Weir accepts", "expat has other events",
                                          "libxml2 refuses what Weir accepts", "libxml2 has other events",
                                          "expat and libxml2 accept what Weir refuses"};

void judge_begin(judge *j, const weir_config *config)
{
    *j = (judge){.documents = 0};
    trial_begin(&j->trial, config);
    j->expat = oracle_expat.begin();
    j->libxml2 = oracle_libxml2.begin();
    plain_init(&j->document.events);
    plain_init(&j->document.expat.events);
    plain_init(&j->document.libxml2.events);
}

void judge_end(judge *j)
{
    trial_end(&j->trial);
    oracle_expat.end(j->expat);
    oracle_libxml2.end(j->libxml2);
    free(j->longer);
    plain_free(&j->document.events);
    plain_free(&j->document.expat.events);
    plain_free(&j->document.libxml2.events);
}

void judge_add(judge *to, const judge *from)
{
    to->documents += from->documents;
    to->refusals += from->refusals;
    to->differences += from->differences;
    for (size_t i = 0; i < excuse_count; i++)
        to->excused[i] += from->excused[i];
}

void judge_print_counts(const judge *j)
{
    printf("%s, %s: ", oracle_expat.name, oracle_libxml2.name);
    printf("%" PRIu64 " documents accepted and %" PRIu64 " refused by Weir compared, %" PRIu64 " differences\n",
           j->documents, j->refusals, j->differences);
    for (size_t i = 0; i < excuse_count; i++) {
        if (j->excused[i] > 0)
            printf("  excused %" PRIu64 " times: %s\n", j->excused[i], excuses[i].name);
    }
}

/* ---- Differences ---- */

static void print_opinion(const char *name, const opinion *o)
{
    if (o->refused)
        fprintf(stderr, "  %s refuses: its error %d, offset %zu\n", name, o->code, o->offset);
    else
        fprintf(stderr, "  %s accepts\n", name);
    plain_print(&o->events);
}

static void print_difference(const judge *j, difference what)
{
    const document *d = &j->document;
    input shown = {.bytes = d->bytes, .size = d->size};
    fprintf(stderr, "\n%s: %s\n", j->what, differences[what]);
    print_input(&j->trial.config, j->input);
    fprintf(stderr, "  the document, %s:", d->whole ? "whole" : "as far as it goes");
    print_input(&j->trial.config, &shown);
    fprintf(stderr, "  Weir: %s, offset %zu\n", d->code < 0 ? weir_error_name(d->code) : "accepted", d->offset);
    plain_print(&d->events);
    print_opinion(oracle_expat.name, &d->expat);
    print_opinion(oracle_libxml2.name, &d->libxml2);
}

static void note(judge *j, difference what)
{
    j->last = what;
    for (size_t i = 0; i < excuse_count && !j->no_excuse; i++) {
        if (excuses[i].what == what && excuses[i].applies(&j->document)) {
            j->excused[i]++;
            return;
        }
    }
    j->differences++;
    if (!j->no_excuse && j->differences <= PRINTED)
        print_difference(j, what);
}

/* ---- What Weir accepts ---- */

static void judge_accepted(judge *j)
{
    document *d = &j->document;
    j->documents++;
    oracle_expat.ask(j->expat, d->bytes, d->size, d->whole, &d->expat);
    oracle_libxml2.ask(j->libxml2, d->bytes, d->size, d->whole, &d->libxml2);
    if (d->expat.refused)
        note(j, EXPAT_REFUSES);
    else if (d->whole ? !plain_equal(&d->events, &d->expat.events)
                      : !plain_equal_but_last_text(&d->events, &d->expat.events))
        note(j, EXPAT_DIFFERS);
    if (d->libxml2.refused)
        note(j, LIBXML2_REFUSES);
    else if (d->whole ? !plain_equal(&d->events, &d->libxml2.events) : !plain_begins(&d->events, &d->libxml2.events))
        note(j, LIBXML2_DIFFERS);
}

/* ---- What Weir refuses ---- */

static const char *const endings[] = {"", ">", "/>", "'>", "\">", "=''>", ";", ";'>", "]]>", "?>", "<a/>", "a>"};

/* The end tags of what is open at the end of these events; the size, or 0 where there is no room. */
static size_t end_tags(const plain *events, uint8_t *to, size_t room)
{
    plain_string open[64][2];
    size_t count = 0, size = 0;
    for (const uint8_t *at = events->bytes, *end = at + events->size; at < end;) {
        char kind = (char)*at++;
        const uint8_t *strings[4] = {at};
        size_t of_kind = kind == 'T' ? 1 : kind == 'D' ? 2 : kind == 'A' ? 4 : 3;
        size_t sizes[4];
        for (size_t i = 0; i < of_kind; i++) {
            const uint8_t *stop = memchr(at, 0xff, (size_t)(end - at));
            strings[i] = at;
            sizes[i] = (size_t)((stop != NULL ? stop : end) - at);
            at = stop != NULL ? stop + 1 : end;
        }
        if (kind == 'S' && count < 64) {
            open[count][0] = (plain_string){strings[1], sizes[1]};
            open[count++][1] = (plain_string){strings[2], sizes[2]};
        } else if (kind == 'E') {
            count--;
        }
    }
    while (count > 0) {
        const plain_string *name = open[--count];
        if (name[0].size + name[1].size + 4 > room - size)
            return 0;
        size += (size_t)sprintf((char *)to + size, "</%.*s%s%.*s>", (int)name[0].size, (const char *)name[0].bytes,
                                name[0].size > 0 ? ":" : "", (int)name[1].size, (const char *)name[1].bytes);
    }
    return size;
}

static uint8_t *room_for(judge *j, size_t size)
{
    if (j->longer_room < size) {
        free(j->longer);
        j->longer_room = size;
        j->longer = malloc(size);
        if (j->longer == NULL)
            abort();
    }
    return j->longer;
}

/* The document with an ending, and then with the end tags that are missing by what expat saw. */
static bool acceptable_with(judge *j, const char *ending)
{
    document *d = &j->document;
    uint8_t *longer = room_for(j, d->size + ENDING_MAX);
    size_t size = d->size + strlen(ending);
    memcpy(longer, d->bytes, d->size);
    memcpy(longer + d->size, ending, strlen(ending) + 1);
    oracle_expat.ask(j->expat, longer, size, false, &d->expat);
    if (d->expat.refused)
        return false;
    size += end_tags(&d->expat.events, longer + size, ENDING_MAX - strlen(ending));
    oracle_expat.ask(j->expat, longer, size, true, &d->expat);
    if (!d->expat.refused)
        oracle_libxml2.ask(j->libxml2, longer, size, true, &d->libxml2);
    return !d->expat.refused && !d->libxml2.refused;
}

/* Parsers differ in how soon they refuse a character of which some bytes are missing; Weir waits for the last
 * (design 6.1). */
static size_t without_unfinished_character(const uint8_t *bytes, size_t size)
{
    for (size_t back = 1; back < 4 && back <= size; back++) {
        uint32_t character;
        size_t bad;
        if ((bytes[size - back] & 0xc0) != 0x80) {
            bool unfinished = table_utf8(bytes + size - back, back, &character, &bad) == 0 && bad == back;
            return unfinished ? size - back : size;
        }
    }
    return size;
}

/* What ended too early is a beginning so far. */
static void judge_unfinished(judge *j)
{
    document *d = &j->document;
    size_t size = d->size;
    d->size = without_unfinished_character(d->bytes, d->size);
    if (!j->frame_open && d->size > 0)
        judge_accepted(j);
    d->size = size;
    oracle_expat.ask(j->expat, d->bytes, d->size, true, &d->expat);
    oracle_libxml2.ask(j->libxml2, d->bytes, d->size, true, &d->libxml2);
    if (!d->expat.refused && !d->libxml2.refused)
        note(j, BOTH_ACCEPT);
}

static void judge_refused(judge *j)
{
    document *d = &j->document;
    j->refusals++;
    oracle_expat.ask(j->expat, d->bytes, d->size, false, &d->expat);
    if (d->expat.refused)
        return;
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        if (acceptable_with(j, endings[i])) {
            note(j, BOTH_ACCEPT);
            return;
        }
    }
}

/* Rows 1, 2 and 4 of the design's section 5. */
static bool is_of_xml(weir_status code)
{
    return (code <= WEIR_E_SYNTAX && code >= WEIR_E_DUPLICATE_EXPANDED) || code == WEIR_E_UTF8 ||
           code == WEIR_E_ENCODING;
}

/* ---- Documents ---- */

/* The document at hand ends here. */
static void judge_document(judge *j, size_t end, bool whole, weir_status code, uint64_t offset)
{
    document *d = &j->document;
    d->bytes = j->input->bytes + j->begin;
    d->size = end - j->begin;
    d->whole = whole;
    if (!whole && code >= 0)
        d->size = without_unfinished_character(d->bytes, d->size);
    d->code = code;
    d->offset = code < 0 ? (size_t)offset - j->begin : d->size;
    if (d->size == 0)
        return;
    if (code >= 0)
        judge_accepted(j);
    else if (code == WEIR_E_END)
        judge_unfinished(j);
    else if (is_of_xml(code))
        judge_refused(j);
}

static void begin_document(judge *j, size_t begin)
{
    j->begin = begin;
    j->frame_open = false;
    plain_clear(&j->document.events);
}

/* Messages that end before the offset, or at it where it is not at fault, are whole. */
static void end_messages(judge *j, uint64_t offset)
{
    const input *in = j->input;
    while (j->message < in->message_count && in->message_ends[j->message] <= offset) {
        judge_document(j, in->message_ends[j->message], true, WEIR_OK, 0);
        begin_document(j, in->message_ends[j->message]);
        j->message++;
    }
}

static plain_string plain_of(weir_slice slice)
{
    return (plain_string){slice.data, slice.size};
}

static void start(plain *events, const weir_event *event)
{
    const weir_name *n = &event->name;
    plain_start(events, plain_of(n->namespace_name), plain_of(n->prefix), plain_of(n->local));
    for (uint32_t i = 0; i < event->declaration_count; i++) {
        const weir_declaration *d = &event->declarations[i];
        plain_declaration(events, plain_of(d->prefix), plain_of(d->namespace_name));
    }
    for (uint32_t i = 0; i < event->attribute_count; i++) {
        const weir_attribute *a = &event->attributes[i];
        plain_attribute(events, plain_of(a->name.namespace_name), plain_of(a->name.prefix), plain_of(a->name.local),
                        plain_of(a->value));
    }
}

/* White space between first-level elements comes as received (choice 11); other parsers take it for text of the
 * root. */
static void space(judge *j, const weir_event *event)
{
    for (size_t i = 0; i < event->text.size; i++) {
        uint8_t byte = event->text.data[i];
        uint64_t at = event->begin + i;
        bool after_cr = at > 0 && j->input->bytes[at - 1] == '\r';
        if (byte != '\n' || !after_cr)
            plain_text(&j->document.events, (plain_string){byte == '\r' ? (const uint8_t *)"\n" : &byte, 1});
    }
}

static void on_event(void *context, const weir_event *event)
{
    judge *j = context;
    plain *events = &j->document.events;
    const weir_name *n = &event->name;
    bool websocket = j->trial.config.framing == WEIR_FRAMING_WEBSOCKET;
    if (websocket) /* the end of an empty element begins where the message ends */
        end_messages(j, event->type == WEIR_ELEMENT_END ? event->begin - 1 : event->begin);
    if (event->type == WEIR_TEXT) {
        plain_text(events, plain_of(event->text));
        return;
    }
    if (event->type == WEIR_SPACE) {
        space(j, event);
        return;
    }
    bool framing = event->type == WEIR_STREAM_OPENED || event->type == WEIR_STREAM_CLOSED;
    if (event->type == WEIR_ELEMENT_START || event->type == WEIR_STREAM_OPENED || (websocket && framing))
        start(events, event);
    if (event->type == WEIR_ELEMENT_END || event->type == WEIR_STREAM_CLOSED || (websocket && framing))
        plain_end(events, plain_of(n->namespace_name), plain_of(n->prefix), plain_of(n->local));
    j->frame_open = websocket && framing;
}

/* White space after a restart belongs to the stream before it (RFC 6120 11.7). */
static void on_restart(void *context, uint64_t offset)
{
    judge *j = context;
    const input *in = j->input;
    if (j->trial.config.framing == WEIR_FRAMING_WEBSOCKET)
        return;
    judge_document(j, (size_t)offset, false, WEIR_OK, 0);
    while (offset < in->size && strchr(" \t\r\n", in->bytes[offset]) != NULL && in->bytes[offset] != 0)
        offset++;
    begin_document(j, (size_t)offset);
}

static void on_verdict(void *context, weir_status code, uint64_t offset)
{
    judge *j = context;
    const input *in = j->input;
    size_t end = in->size;
    if (j->trial.config.framing == WEIR_FRAMING_WEBSOCKET) {
        if (offset > 0)
            end_messages(j, code == WEIR_E_END ? offset - 1 : offset);
        if (j->message == in->message_count)
            return;
        end = in->message_ends[j->message];
        /* Which of the two lacks something? An empty message is no document anyway. */
        if (j->message + 1 < in->message_count && in->message_ends[j->message + 1] == end)
            return;
    }
    judge_document(j, end, code == WEIR_COMPLETE, code < 0 ? code : WEIR_OK, offset);
}

bool judge_input(judge *j, const input *in, const char *what)
{
    uint64_t before = j->differences;
    sink out = {on_event, on_restart, on_verdict, j};
    j->input = in;
    j->what = what;
    j->message = 0;
    begin_document(j, 0);
    trial_decode(&j->trial, in, &(plan){.chunk = 0}, &out);
    return j->differences == before;
}
