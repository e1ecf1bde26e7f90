/* foreign.c - fuzz target: expat and libxml2 as oracles (invariants 9 and 13)
 *
 * What Weir takes before the end or its fault, both must take, with the same events. What Weir refuses as grammar,
 * character, encoding form or namespace error, one of them must refuse. Streams are seen as one document, without
 * restarts; websocket framing is left out. Differences that are excused have a function each, whose name begins with
 * `excused`; README.md has their samples.
 *
 * SPDX-License-Identifier: MIT */
#include "common/run.h"
#include "common/target.h"

#include <expat.h>
#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <stdlib.h>
#include <string.h>

#define SEPARATOR '\xff' /* in no UTF-8 */
#define ATTRIBUTES_MAX 512

/* What one of the parsers said. */
typedef struct opinion {
    fuzz_record *events;
    uint32_t depth;
    bool refused;
    bool too_many; /* attributes: no opinion */
    int code;
    size_t at; /* expat: of the fault */
} opinion;

static weir_slice slice_of(const void *bytes, size_t size)
{
    return (weir_slice){bytes, size};
}

static weir_slice text_of(const void *text)
{
    return slice_of(text, text != NULL ? strlen(text) : 0);
}

static void note_text(opinion *o, const void *bytes, size_t size)
{
    weir_event event = {.type = WEIR_TEXT, .depth = o->depth, .text = slice_of(bytes, size)};
    if (size > 0 && o->depth > 0)
        fuzz_record_event(o->events, &event);
}

static void note_tag(opinion *o, weir_status type, weir_name name, const weir_attribute *attributes, uint32_t count)
{
    weir_event event = {.type = type, .name = name, .attributes = attributes, .attribute_count = count};
    o->depth += type == WEIR_ELEMENT_START;
    event.depth = o->depth;
    o->depth -= type == WEIR_ELEMENT_END;
    fuzz_record_event(o->events, &event);
}

/* ---- expat ----------------------------------------------------------------------------------- */

/* `namespace SEP local SEP prefix`, `namespace SEP local` or `local` */
static weir_name name_of(const char *triplet)
{
    const char *local = strchr(triplet, SEPARATOR);
    if (local == NULL)
        return (weir_name){.local = text_of(triplet)};
    weir_name name = {.namespace_name = slice_of(triplet, (size_t)(local - triplet))};
    const char *prefix = strchr(local + 1, SEPARATOR);
    name.local = prefix != NULL ? slice_of(local + 1, (size_t)(prefix - local - 1)) : text_of(local + 1);
    name.prefix = prefix != NULL ? text_of(prefix + 1) : text_of(NULL);
    return name;
}

static void XMLCALL expat_start(void *context, const XML_Char *name, const XML_Char **pairs)
{
    static weir_attribute attributes[ATTRIBUTES_MAX];
    opinion *o = context;
    uint32_t count = 0;
    for (; pairs[2 * count] != NULL && count < ATTRIBUTES_MAX; count++)
        attributes[count] = (weir_attribute){name_of(pairs[2 * count]), text_of(pairs[2 * count + 1])};
    o->too_many |= count == ATTRIBUTES_MAX;
    note_tag(o, WEIR_ELEMENT_START, name_of(name), attributes, count);
}

static void XMLCALL expat_end(void *context, const XML_Char *name)
{
    note_tag(context, WEIR_ELEMENT_END, name_of(name), NULL, 0);
}

static void XMLCALL expat_text(void *context, const XML_Char *text, int size)
{
    note_text(context, text, (size_t)size);
}

static opinion ask_expat(const uint8_t *bytes, size_t size, bool whole)
{
    static fuzz_record record = {.no_offsets = true};
    opinion o = {.events = &record};
    XML_Parser parser = XML_ParserCreateNS("UTF-8", SEPARATOR);
    if (parser == NULL)
        abort();
    fuzz_record_clear(&record);
    XML_SetHashSalt(parser, 1);
    XML_SetReturnNSTriplet(parser, 1);
    XML_SetUserData(parser, &o);
    XML_SetElementHandler(parser, expat_start, expat_end);
    XML_SetCharacterDataHandler(parser, expat_text);
    if (XML_Parse(parser, (const char *)bytes, (int)size, whole) != XML_STATUS_OK) {
        o.refused = true;
        o.code = (int)XML_GetErrorCode(parser);
        o.at = (size_t)XML_GetCurrentByteIndex(parser);
    }
    XML_ParserFree(parser);
    return o;
}

/* ---- libxml2 --------------------------------------------------------------------------------- */

static void libxml2_start(void *context, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri,
                          int declarations, const xmlChar **declared, int count, int defaulted, const xmlChar **parts)
{
    static weir_attribute attributes[ATTRIBUTES_MAX];
    opinion *o = context;
    uint32_t used = 0;
    (void)declarations, (void)declared, (void)defaulted;
    for (; used < (uint32_t)count && used < ATTRIBUTES_MAX; used++, parts += 5) {
        weir_name name = {text_of(parts[2]), text_of(parts[1]), text_of(parts[0])};
        attributes[used] = (weir_attribute){name, slice_of(parts[3], (size_t)(parts[4] - parts[3]))};
    }
    o->too_many |= used == ATTRIBUTES_MAX;
    note_tag(o, WEIR_ELEMENT_START, (weir_name){text_of(uri), text_of(prefix), text_of(local)}, attributes, used);
}

static void libxml2_end(void *context, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    note_tag(context, WEIR_ELEMENT_END, (weir_name){text_of(uri), text_of(prefix), text_of(local)}, NULL, 0);
}

static void libxml2_text(void *context, const xmlChar *text, int size)
{
    note_text(context, text, (size_t)size);
}

/* Namespace names that are no URI references are legal names to Weir: NS 2 deprecates, and forbids nothing. */
static bool excused_no_uri(int code)
{
    return code == XML_WAR_NS_URI || code == XML_WAR_NS_URI_RELATIVE;
}

static void libxml2_error(void *context, xmlErrorPtr error)
{
    opinion *o = context;
    if (error->level < XML_ERR_ERROR || excused_no_uri(error->code) || o->refused)
        return;
    o->refused = true;
    o->code = error->code;
}

static opinion ask_libxml2(const uint8_t *bytes, size_t size, bool whole)
{
    static fuzz_record record = {.no_offsets = true};
    opinion o = {.events = &record};
    xmlSAXHandler handler = {.initialized = XML_SAX2_MAGIC,
                             .startElementNs = libxml2_start,
                             .endElementNs = libxml2_end,
                             .characters = libxml2_text,
                             .ignorableWhitespace = libxml2_text,
                             .cdataBlock = libxml2_text,
                             .serror = libxml2_error};
    fuzz_record_clear(&record);
    xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(&handler, &o, NULL, 0, NULL);
    if (parser == NULL)
        abort();
    xmlCtxtUseOptions(parser, XML_PARSE_HUGE | XML_PARSE_NONET | XML_PARSE_NOENT);
    (void)xmlParseChunk(parser, (const char *)bytes, (int)size, 0);
    if (whole)
        (void)xmlParseChunk(parser, NULL, 0, 1);
    if (parser->myDoc != NULL)
        xmlFreeDoc(parser->myDoc);
    xmlFreeParserCtxt(parser);
    return o;
}

/* ---- Weir ------------------------------------------------------------------------------------ */

/* The white space between first-level elements, as character data (XML 2.11). */
static void note_space(opinion *o, weir_slice space, bool *after_cr)
{
    for (size_t i = 0; i < space.size; i++) {
        uint8_t byte = space.data[i];
        uint8_t character = byte == '\r' ? '\n' : byte;
        if (byte != '\n' || !*after_cr)
            note_text(o, &character, 1);
        *after_cr = byte == '\r';
    }
}

typedef struct weir_opinion {
    opinion o;
    bool after_cr;
} weir_opinion;

static void on_event(void *context, const weir_event *event)
{
    weir_opinion *w = context;
    if (event->type == WEIR_SPACE) {
        note_space(&w->o, event->text, &w->after_cr);
        return;
    }
    w->after_cr = false;
    if (event->type == WEIR_TEXT)
        note_text(&w->o, event->text.data, event->text.size);
    else if (event->type == WEIR_STREAM_OPENED || event->type == WEIR_ELEMENT_START)
        note_tag(&w->o, WEIR_ELEMENT_START, event->name, event->attributes, event->attribute_count);
    else
        note_tag(&w->o, WEIR_ELEMENT_END, event->name, NULL, 0);
}

/* ---- What must agree ------------------------------------------------------------------------- */

static bool grammar_row(weir_status code)
{
    bool xml = code <= WEIR_E_SYNTAX && code >= WEIR_E_END;
    bool namespaces = code <= WEIR_E_UNBOUND_PREFIX && code >= WEIR_E_DUPLICATE_EXPANDED;
    return xml || namespaces || code == WEIR_E_UTF8;
}

/* expat has the names of the fourth edition. */
static bool excused_name(const opinion *expat, const fuzz_input *in)
{
    return expat->code == XML_ERROR_INVALID_TOKEN && expat->at < in->size && in->bytes[expat->at] >= 0x80;
}

static size_t certain_size(const fuzz_record *r, bool whole)
{
    return !whole && r->kind != 0 ? r->held : r->size;
}

/* What is not over may be text that one has given out and the other not; a parser that lags (`late`) may lack more. */
static bool same_events(const fuzz_record *a, const fuzz_record *b, bool whole, bool late)
{
    size_t a_size = certain_size(a, whole), b_size = certain_size(b, whole);
    return (a_size == b_size || (late && !whole && b_size < a_size)) &&
           (b_size == 0 || memcmp(a->bytes, b->bytes, b_size) == 0);
}

/* libxml2's push parser leaves the line ends in CDATA sections as they are. */
static bool excused_lines(const fuzz_input *in)
{
    return memchr(in->bytes, '\r', in->size) != NULL && memmem(in->bytes, in->size, "<![CDATA[", 9) != NULL;
}

static void soundness(const fuzz_input *in, const fuzz_record *events, size_t size, bool whole)
{
    opinion expat = ask_expat(in->bytes, size, whole);
    bool excused = expat.refused && excused_name(&expat, in);
    if (expat.refused && !excused)
        fuzz_broken("9 (soundness)", XML_ErrorString((enum XML_Error)expat.code), in, NULL);
    if (!expat.refused && !expat.too_many && !same_events(events, expat.events, whole, false))
        fuzz_broken("9 (soundness)", "expat has other events", in, NULL);
    opinion libxml2 = ask_libxml2(in->bytes, size, whole);
    if (libxml2.refused)
        fuzz_broken("9 (soundness)", "libxml2 refuses", in, NULL);
    if (!libxml2.too_many && !excused_lines(in) && !same_events(events, libxml2.events, whole, true))
        fuzz_broken("9 (soundness)", "libxml2 has other events", in, NULL);
}

/* U+FEFF at the beginning is a mark of the encoding to them, and text to XMPP (RFC 6120 11.6); the forms of UTF-16
 * likewise. */
static bool excused_mark(const fuzz_input *in)
{
    static const uint8_t marks[][2] = {{0xef, 0xbb}, {0xfe, 0xff}, {0xff, 0xfe}};
    for (size_t i = 0; in->size >= 2 && i < sizeof marks / sizeof marks[0]; i++) {
        if (memcmp(in->bytes, marks[i], 2) == 0)
            return true;
    }
    return in->size >= 2 && (in->bytes[0] == 0 || in->bytes[1] == 0);
}

/* Both read the values of the XML declaration loosely: `1.` is a version to them. */
static bool excused_declaration(const fuzz_input *in, uint64_t offset)
{
    return in->size > 5 && memcmp(in->bytes, "<?xml", 5) == 0 && memchr(in->bytes, '>', (size_t)offset) == NULL;
}

static void completeness(const fuzz_input *in, uint64_t offset)
{
    if (!excused_mark(in) && !excused_declaration(in, offset) && !ask_expat(in->bytes, in->size, true).refused &&
        !ask_libxml2(in->bytes, in->size, true).refused)
        fuzz_broken("13 (completeness)", "neither expat nor libxml2 refuses it", in, NULL);
}

/* Without the character that is not whole: libxml2 takes its bytes for a fault, whatever comes next. */
static size_t whole_characters(const uint8_t *bytes, size_t size)
{
    for (size_t back = 1; back <= 3 && back <= size; back++) {
        uint8_t byte = bytes[size - back];
        if (byte >= 0xc0)
            return back < (byte < 0xe0 ? 2u : byte < 0xf0 ? 3u : 4u) ? size - back : size;
    }
    return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fuzz_record events = {.no_offsets = true};
    fuzz_input in;
    if (!fuzz_input_read(&in, data, size) || in.config.framing == WEIR_FRAMING_WEBSOCKET)
        return 0;
    in.restart = FUZZ_RESTART_NEVER;
    weir_opinion weir = {.o = {.events = &events}};
    fuzz_record_clear(&events);
    fuzz_verdict verdict = fuzz_decode(&in, &(fuzz_sink){.event = on_event, .context = &weir});
    size_t taken = verdict.code < 0 ? (size_t)verdict.offset : in.size;
    taken = whole_characters(in.bytes, taken);
    if (!weir.o.too_many && taken > 0)
        soundness(&in, &events, taken, verdict.code == WEIR_COMPLETE);
    if (grammar_row(verdict.code))
        completeness(&in, verdict.offset);
    return 0;
}
