/* decode_report.c - a rejected or cut short input, shown to the reader in the style of a compiler
 *
 * SPDX-License-Identifier: MIT */
#include "decode_report.h"

#include <inttypes.h>
#include <langinfo.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#define BEFORE_MAX 60 /* cells shown before the place */
#define AFTER_MAX 40  /* and from it on */
#define CHARACTER_MAX 8
#define INDENT "    "

static const char RED[] = "\033[1;31m", GREEN[] = "\033[1;32m", BOLD[] = "\033[1m", PLAIN[] = "\033[0m";

/* ---- Characters ---- */

typedef struct shown {
    char text[CHARACTER_MAX];
    size_t text_size;
    size_t cells; /* of the terminal */
    size_t bytes; /* of the input */
} shown;

/* Whether bytes that are not ASCII are one character that this locale prints in cells of its own: no control, no mark
 * that turns the direction of text or sits on its neighbour. */
static bool show_wide(const uint8_t *bytes, size_t size, shown *character)
{
    mbstate_t state;
    wchar_t wide;
    size_t length;
    int cells;

    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0) {
        return false;
    }
    memset(&state, 0, sizeof state);
    length = mbrtowc(&wide, (const char *)bytes, size, &state);
    if (length == 0 || length > 4 || !iswprint((wint_t)wide)) {
        return false;
    }
    cells = wcwidth(wide);
    if (cells < 1) {
        return false;
    }
    memcpy(character->text, bytes, length);
    character->text_size = character->bytes = length;
    character->cells = (size_t)cells;
    return true;
}

static shown show(const uint8_t *bytes, size_t size)
{
    shown character = {.bytes = 1};
    int length;

    if (bytes[0] >= 0x80 && show_wide(bytes, size, &character)) {
        return character;
    }
    if (bytes[0] >= 0x20 && bytes[0] <= 0x7e) {
        length = snprintf(character.text, sizeof character.text, "%c", bytes[0]);
    } else if (bytes[0] == '\n' || bytes[0] == '\r' || bytes[0] == '\t') {
        length = snprintf(character.text, sizeof character.text, "\\%c",
                          bytes[0] == '\n'   ? 'n'
                          : bytes[0] == '\r' ? 'r'
                                             : 't');
    } else {
        length = snprintf(character.text, sizeof character.text, "\\x%02x", (unsigned)bytes[0]);
    }
    character.text_size = character.cells = (size_t)length;
    return character;
}

void put_visible(FILE *stream, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size;) {
        shown character = show((const uint8_t *)bytes + i, size - i);

        fwrite(character.text, 1, character.text_size, stream);
        i += character.bytes;
    }
}

static void put_colour(FILE *stream, const verdict_report *report, const char *colour)
{
    if (report->colour) {
        fputs(colour, stream);
    }
}

/* ---- The line ---- */

static size_t width(const uint8_t *bytes, size_t size)
{
    size_t cells = 0;

    for (size_t i = 0; i < size;) {
        shown character = show(bytes + i, size - i);

        cells += character.cells;
        i += character.bytes;
    }
    return cells;
}

/* Where to begin so that what comes before the place fits. */
static size_t line_from(const uint8_t *bytes, size_t place, bool *cut)
{
    size_t from = place, least = place > BEFORE_MAX * 4 ? place - BEFORE_MAX * 4 : 0;

    while (from > least && bytes[from - 1] != '\n') {
        from--;
    }
    while (from < place && width(bytes + from, place - from) > BEFORE_MAX) {
        from += show(bytes + from, place - from).bytes;
    }
    while (from < place && from > 0 && (bytes[from] & 0xc0) == 0x80 && bytes[from - 1] != '\n') {
        from++;
    }
    *cut = from > 0 && bytes[from - 1] != '\n';
    return from;
}

/* The cells of the character at the place. */
static size_t put_rest(FILE *stream, const uint8_t *bytes, size_t size)
{
    size_t first = 1, cells = 0;
    bool more = size > 0;

    for (size_t i = 0; more;) {
        shown character = show(bytes + i, size - i);

        if (i > 0 && (bytes[i] == '\n' || cells + character.cells > AFTER_MAX)) {
            fputs(bytes[i] == '\n' ? "" : "...", stream);
            break;
        }
        fwrite(character.text, 1, character.text_size, stream);
        first = i == 0 ? character.cells : first;
        cells += character.cells;
        more = bytes[i] != '\n' && i + character.bytes < size;
        i += character.bytes;
    }
    return first;
}

static void put_line(FILE *stream, const verdict_report *report)
{
    const recent_bytes *window = report->window;
    size_t place = (size_t)(report->result->position - window->begin);
    bool cut;
    size_t from = line_from(window->bytes, place, &cut);
    size_t before = width(window->bytes + from, place - from) + (cut ? 3 : 0);
    size_t at;

    fputs(cut ? INDENT "..." : INDENT, stream);
    put_visible(stream, (const char *)window->bytes + from, place - from);
    at = put_rest(stream, window->bytes + place, window->size - place);
    fputs("\n" INDENT, stream);
    for (size_t i = 0; i < before; i++) {
        fputc(' ', stream);
    }
    put_colour(stream, report, GREEN);
    fputc('^', stream);
    for (size_t i = 1; i < at; i++) {
        fputc('~', stream);
    }
    put_colour(stream, report, PLAIN);
    fputc('\n', stream);
}

/* ---- The report ---- */

static void put_facts(FILE *stream, const verdict_report *report)
{
    const decode_result *result = report->result;

    fprintf(stream, "  byte %" PRIu64, result->offset);
    if (result->position != result->offset) {
        fprintf(stream, " of the messages, %" PRIu64 " of the file", result->position);
    }
    if (result->code < 0) {
        fprintf(stream, ": %s, %s\n", weir_error_condition(result->code), weir_error_rule(result->code));
    } else {
        fputs(": end of input\n", stream);
    }
}

void report_verdict(FILE *stream, const verdict_report *report)
{
    weir_status code = report->result->code;
    uint64_t line, column;
    bool placed = window_place(report->window, report->result->position, &line, &column);
    char hint[HINT_MAX];

    put_colour(stream, report, BOLD);
    put_visible(stream, report->name, strlen(report->name));
    if (placed) {
        fprintf(stream, ":%" PRIu64 ":%" PRIu64, line, column);
    }
    fputs(": ", stream);
    put_colour(stream, report, RED);
    fputs("error: ", stream);
    put_colour(stream, report, PLAIN);
    put_colour(stream, report, BOLD);
    if (code < 0) {
        fprintf(stream, "%s [%s]", weir_error_text(code), weir_error_name(code));
    } else {
        fputs("the stream was cut short [cut-short]", stream);
    }
    put_colour(stream, report, PLAIN);
    fputc('\n', stream);
    if (placed && report->window->size > 0) {
        put_line(stream, report);
    }
    put_facts(stream, report);
    report_hint(report, hint);
    if (hint[0] != '\0') {
        fputs("  hint: ", stream);
        put_visible(stream, hint, strlen(hint));
        fputc('\n', stream);
    }
}
