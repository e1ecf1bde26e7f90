/* decode_hints.c - what is probably meant by bytes that were refused
 *
 * SPDX-License-Identifier: MIT */
#include "decode_report.h"

#include <inttypes.h>
#include <string.h>

static void take_start(open_elements *elements, const weir_event *event)
{
    const weir_slice colon = {(const uint8_t *)":", event->name.prefix.size > 0 ? 1 : 0};
    const weir_slice parts[] = {event->name.prefix, colon, event->name.local};
    size_t size = 0;

    elements->header = true;
    elements->depth = event->depth;
    if (event->depth < 1 || event->depth > OPEN_ELEMENTS_MAX) {
        return;
    }
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t part = parts[i].size < OPEN_NAME_MAX - size ? parts[i].size : OPEN_NAME_MAX - size;

        if (part > 0) {
            memcpy(elements->open[event->depth - 1].name + size, parts[i].data, part);
        }
        size += part;
    }
    elements->open[event->depth - 1].size = size;
    elements->open[event->depth - 1].begin = event->begin;
}

void open_elements_take(open_elements *elements, const weir_event *event)
{
    elements->settled = event->end;
    if (event->type == WEIR_STREAM_OPENED || event->type == WEIR_ELEMENT_START) {
        take_start(elements, event);
    } else if (event->type == WEIR_ELEMENT_END) {
        elements->depth = event->depth - 1;
    } else if (event->type == WEIR_STREAM_CLOSED) {
        elements->depth = 0;
        elements->closed = true;
    }
}

/* ---- The bytes around the place ---- */

static const uint8_t *around(const verdict_report *report, int from, size_t *size)
{
    const recent_bytes *window = report->window;
    uint64_t place = report->result->position + (uint64_t)(int64_t)from;

    if (place < window->begin || place - window->begin > window->size) {
        *size = 0;
        return NULL;
    }
    *size = window->size - (size_t)(place - window->begin);
    return window->bytes + (place - window->begin);
}

static bool has(const verdict_report *report, int from, const char *bytes, size_t length)
{
    size_t size;
    const uint8_t *place = around(report, from, &size);

    return size >= length && memcmp(place, bytes, length) == 0;
}

static int byte_at(const verdict_report *report, int from)
{
    size_t size;
    const uint8_t *place = around(report, from, &size);

    return size > 0 ? *place : -1;
}

/* Whether the text stands between the place and the next `>`. */
static bool tag_has(const verdict_report *report, const char *text, size_t length)
{
    size_t size;
    const uint8_t *place = around(report, 0, &size);
    const uint8_t *end = size > 0 ? memchr(place, '>', size) : NULL;

    size = end != NULL ? (size_t)(end - place) : size;
    for (size_t i = 0; i + length <= size; i++) {
        if (memcmp(place + i, text, length) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- Hints that are the same every time ---- */

typedef enum place { ANYWHERE, HERE, BEFORE, IN_TAG } place; /* BEFORE: the bytes end where the place begins */

#define STREAM (1 << WEIR_FRAMING_STREAM)
#define WEBSOCKET (1 << WEIR_FRAMING_WEBSOCKET)
#define DOCUMENT (1 << WEIR_FRAMING_DOCUMENT)
#define EVERY (STREAM | WEBSOCKET | DOCUMENT)
#define NOTHING "", 0
#define BYTES(literal) literal, sizeof(literal) - 1

#define MARK "U+FEFF, a byte order mark, is text here; RFC 6120 11.6 says not to send it"
#define HEADER "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
#define TLS                                                                                                            \
    "bytes of a TLS record (0x16 0x03 and the like): this was recorded before decryption, or STARTTLS was missed"
#define UTF_16 "UTF-16 or UTF-32; XMPP is UTF-8 alone"
#define RESTART "a new stream begins here; --restart=auto expects one"
#define ZLIB "this looks like zlib data: the stream was compressed (XEP-0138)"

/* The first that fits is given. */
static const struct rule {
    weir_status code;
    int framings;
    place place;
    const char *bytes;
    size_t size;
    const char *text;
} RULES[] = {
    {WEIR_E_PROLOG, EVERY, HERE, BYTES("\xef\xbb\xbf"), MARK},
    {WEIR_E_MESSAGE, EVERY, HERE, BYTES("\xef\xbb\xbf"), MARK},
    {WEIR_E_TEXT_OUTSIDE, EVERY, HERE, BYTES("\xef\xbb\xbf"), MARK},
    {WEIR_E_PROLOG, EVERY, HERE, BYTES("HTTP/"), "this is an HTTP response"},
    {WEIR_E_PROLOG, EVERY, HERE, BYTES("GET /"), "this is an HTTP request"},
    {WEIR_E_PROLOG, EVERY, HERE, BYTES("POST /"), "this is an HTTP request"},
    {WEIR_E_TEXT_OUTSIDE, STREAM, HERE, BYTES("\x78\x9c"), ZLIB},
    {WEIR_E_TEXT_OUTSIDE, STREAM, HERE, BYTES("\x78\xda"), ZLIB},
    {WEIR_E_TEXT_OUTSIDE, STREAM, HERE, BYTES("\x78\x01"), ZLIB},
    {WEIR_E_CHAR, EVERY, HERE, BYTES("\x14\x03"), TLS},
    {WEIR_E_CHAR, EVERY, HERE, BYTES("\x15\x03"), TLS},
    {WEIR_E_CHAR, EVERY, HERE, BYTES("\x16\x03"), TLS},
    {WEIR_E_CHAR, EVERY, HERE, BYTES("\x17\x03"), TLS},
    {WEIR_E_CHAR, EVERY, ANYWHERE, NOTHING, "XML 1.0 has no such character, not even as a reference"},
    {WEIR_E_CHAR_REFERENCE, EVERY, ANYWHERE, NOTHING, "XML 1.0 has no such character, not even as a reference"},
    {WEIR_E_UTF8, EVERY, HERE, BYTES("\xff\xfe"), UTF_16},
    {WEIR_E_UTF8, EVERY, HERE, BYTES("\xfe\xff"), UTF_16},
    {WEIR_E_ENCODING, EVERY, HERE, BYTES("\0"), UTF_16},
    {WEIR_E_ENCODING, EVERY, ANYWHERE, NOTHING,
     "XMPP is UTF-8 alone; write encoding='UTF-8', or leave the encoding out"},
    {WEIR_E_STANDALONE, EVERY, ANYWHERE, NOTHING, "leave standalone out of the XML declaration"},
    {WEIR_E_XML_VERSION, EVERY, ANYWHERE, NOTHING, "XMPP is XML 1.0 alone; write version='1.0'"},
    {WEIR_E_COMMENT, EVERY, ANYWHERE, NOTHING, "XMPP has no comments; leave this one out"},
    {WEIR_E_DOCTYPE, EVERY, ANYWHERE, NOTHING, "XMPP has no document type declarations; leave this one out"},
    {WEIR_E_LESS_THAN, EVERY, ANYWHERE, NOTHING,
     "in the value of an attribute write &lt;, or a closing quote is missing"},
    {WEIR_E_CDATA_END, EVERY, ANYWHERE, NOTHING, "in text write ]]&gt;"},
    {WEIR_E_SYNTAX, EVERY, BEFORE, BYTES("="), "the value of an attribute stands in quotes"},
    {WEIR_E_EMPTY_BINDING, EVERY, ANYWHERE, NOTHING, "only the default namespace can be undeclared, by xmlns=''"},
    {WEIR_E_UNBOUND_PREFIX, STREAM, HERE, BYTES("stream:"), "missing: xmlns:stream='http://etherx.jabber.org/streams'"},
    {WEIR_E_UNBOUND_PREFIX, EVERY, ANYWHERE, NOTHING, "missing: xmlns: with this prefix, here or in an open element"},
    {WEIR_E_STREAM_NAMESPACE, EVERY, IN_TAG, BYTES("https://etherx.jabber.org/streams"),
     "the stream namespace is http://etherx.jabber.org/streams, with http: and not https:"},
    {WEIR_E_STREAM_NAMESPACE, STREAM, IN_TAG, BYTES("urn:ietf:params:xml:ns:xmpp-framing"),
     "this is XMPP over WebSocket (RFC 7395): put the messages into a WebSocket file and use --framing=websocket"},
    {WEIR_E_STREAM_NAMESPACE, WEBSOCKET, IN_TAG, BYTES("http://etherx.jabber.org/streams"),
     "over WebSocket the header is <open xmlns='urn:ietf:params:xml:ns:xmpp-framing' .../> (RFC 7395 3.4)"},
    {WEIR_E_STREAM_NAMESPACE, STREAM, HERE, BYTES("stream:stream"),
     "the prefix stream is bound to another namespace; it is xmlns:stream='http://etherx.jabber.org/streams'"},
    {WEIR_E_STREAM_NAMESPACE, STREAM, IN_TAG, BYTES("xmlns:stream="), "the name lacks its prefix: <stream:stream"},
    {WEIR_E_STREAM_NAMESPACE, STREAM, HERE, BYTES("stream"), "a stream begins with " HEADER},
    {WEIR_E_STREAM_NAMESPACE, STREAM, ANYWHERE, NOTHING,
     "a stream begins with " HEADER "; for a single element use --framing=document"},
    {WEIR_E_STREAM_NAMESPACE, WEBSOCKET, ANYWHERE, NOTHING,
     "the first message is <open xmlns='urn:ietf:params:xml:ns:xmpp-framing' .../> (RFC 7395 3.4)"},
    {WEIR_E_ROOT_NAME, STREAM, ANYWHERE, NOTHING, "a stream begins with " HEADER},
    {WEIR_E_ROOT_NAME, WEBSOCKET, ANYWHERE, NOTHING, "the first message is <open .../> (RFC 7395 3.4)"},
    {WEIR_E_STREAM_PREFIX, EVERY, ANYWHERE, NOTHING, "the prefix of a stream header is stream, or there is none"},
    {WEIR_E_CONTENT_PREFIX, EVERY, ANYWHERE, NOTHING,
     "elements of jabber:client and jabber:server have no prefix; declare the default namespace"},
    {WEIR_E_HEADER_DECLARATION, EVERY, ANYWHERE, NOTHING, "declare this namespace in the stanzas that use it"},
    {WEIR_E_NESTED_STREAM, STREAM, ANYWHERE, NOTHING, RESTART},
    {WEIR_E_MESSAGE, WEBSOCKET, HERE, BYTES("open"), RESTART},
    {WEIR_E_MESSAGE, WEBSOCKET, ANYWHERE, NOTHING, "a message is one element, from its first byte to its last"},
    {WEIR_E_STREAM_VERSION, EVERY, ANYWHERE, NOTHING, "write version='1.0'"},
    {WEIR_E_TEXT_OUTSIDE, STREAM, ANYWHERE, NOTHING, "between first-level elements there is white space at most"},
    {WEIR_E_AFTER_CLOSE, STREAM, ANYWHERE, NOTHING, "the stream ended with its closing tag; a new one is a new file"},
};

static bool fits(const verdict_report *report, const struct rule *rule)
{
    if (rule->code != report->result->code || (rule->framings & 1 << report->options->config.framing) == 0) {
        return false;
    }
    switch (rule->place) {
    case HERE: return has(report, 0, rule->bytes, rule->size);
    case BEFORE: return has(report, -(int)rule->size, rule->bytes, rule->size);
    case IN_TAG: return tag_has(report, rule->bytes, rule->size);
    case ANYWHERE: break;
    }
    return true;
}

/* ---- Hints with something of the input in them ---- */

static void hint_limit(const verdict_report *report, char *hint)
{
    const weir_limits *limits = &report->options->config.limits;
    const struct {
        const char *name;
        weir_status code;
        uint32_t value;
    } rows[] = {{"depth", WEIR_E_LIMIT_DEPTH, limits->depth},
                {"attributes", WEIR_E_LIMIT_ATTRIBUTES, limits->attributes},
                {"bindings", WEIR_E_LIMIT_BINDINGS, limits->bindings},
                {"scope", WEIR_E_LIMIT_SCOPE, limits->scope},
                {"tag", WEIR_E_LIMIT_TAG, limits->tag},
                {"element", WEIR_E_LIMIT_ELEMENT, limits->element},
                {"elements", WEIR_E_LIMIT_ELEMENTS, limits->elements}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].code == report->result->code) {
            snprintf(hint, HINT_MAX, "the limit is %" PRIu32 "; --limits=%s=N raises it", rows[i].value, rows[i].name);
        }
    }
}

static void hint_utf8(const verdict_report *report, char *hint)
{
    int before = byte_at(report, -1), byte = byte_at(report, 0), after = byte_at(report, 1);
    const char *text = "probably ISO-8859-1 or Windows-1252; XMPP is UTF-8 alone";

    if (((byte == 0xc0 || byte == 0xc1) && after >= 0x80 && after < 0xc0) ||
        (before == 0xe0 && byte >= 0x80 && byte < 0xa0) || (before == 0xf0 && byte >= 0x80 && byte < 0x90)) {
        text = "an overlong form: each character has one encoding, the shortest";
    } else if (before == 0xed && byte >= 0xa0 && byte < 0xc0) {
        text = "a surrogate: UTF-8 encodes characters, not the halves that UTF-16 makes of them";
    } else if (before == 0xf4 && byte >= 0x90 && byte < 0xc0) {
        text = "no character lies beyond U+10FFFF";
    } else if (before >= 0x80 && byte < 0x80) {
        text = "ISO-8859-1, Windows-1252, or a character cut off before its last byte; XMPP is UTF-8 alone";
    }
    snprintf(hint, HINT_MAX, "%s", text);
}

/* The name after the `&` before the place; entities of HTML are what people mean. */
static void hint_reference(const verdict_report *report, char *hint)
{
    static const struct {
        const char *name;
        unsigned point;
    } html[] = {{"nbsp", 160},   {"copy", 169},   {"reg", 174},    {"laquo", 171},  {"raquo", 187},  {"ndash", 8211},
                {"mdash", 8212}, {"lsquo", 8216}, {"rsquo", 8217}, {"ldquo", 8220}, {"rdquo", 8221}, {"hellip", 8230},
                {"euro", 8364},  {"auml", 228},   {"ouml", 246},   {"uuml", 252},   {"szlig", 223},  {"eacute", 233},
                {"egrave", 232}, {"agrave", 224}, {"aacute", 225}, {"ccedil", 231}, {"ntilde", 241}, {"times", 215},
                {"middot", 183}, {"bull", 8226},  {"trade", 8482}, {"deg", 176},    {"shy", 173},    {"zwnj", 8204}};
    int from = 0;

    snprintf(hint, HINT_MAX, "%s",
             report->result->code == WEIR_E_AMPERSAND
                 ? "for the character & write &amp;"
                 : "XMPP has the entities lt, gt, amp, apos and quot alone; for others write the character itself");
    while (from > -16 && byte_at(report, from) != '&') {
        from--;
    }
    for (size_t i = 0; byte_at(report, from) == '&' && i < sizeof html / sizeof *html; i++) {
        size_t length = strlen(html[i].name);

        if (has(report, from + 1, html[i].name, length) && byte_at(report, from + 1 + (int)length) == ';') {
            snprintf(hint, HINT_MAX, "%s is an entity of HTML; write &#%u; or the character itself", html[i].name,
                     html[i].point);
        }
    }
}

static void hint_instruction(const verdict_report *report, char *hint)
{
    bool xml = has(report, 0, "?xml", 4) && strchr(" \t\r\n", byte_at(report, 4)) != NULL;

    if (xml && !report->elements->header) {
        snprintf(hint, HINT_MAX, "an XML declaration comes first of all, with no white space before it");
    } else if (xml && report->elements->depth == 1 && report->options->config.framing == WEIR_FRAMING_STREAM) {
        snprintf(hint, HINT_MAX, "%s", RESTART);
    } else {
        snprintf(hint, HINT_MAX, "XMPP has no processing instructions; leave this one out");
    }
}

static void hint_mismatch(const verdict_report *report, char *hint)
{
    uint32_t depth = report->elements->depth;

    if (depth >= 1 && depth <= OPEN_ELEMENTS_MAX) {
        snprintf(hint, HINT_MAX, "the open element is <%.*s>, begun at byte %" PRIu64,
                 (int)report->elements->open[depth - 1].size, (const char *)report->elements->open[depth - 1].name,
                 report->elements->open[depth - 1].begin);
    }
}

static void hint_prolog(const verdict_report *report, char *hint)
{
    int digits = 0;

    while (digits < 20 && byte_at(report, digits) >= '0' && byte_at(report, digits) <= '9') {
        digits++;
    }
    if (digits > 0 && has(report, digits, "\n<", 2)) {
        snprintf(hint, HINT_MAX, "this looks like a WebSocket file; use --framing=websocket");
    }
}

/* Whether the input ends inside a character: its first byte says how many should follow. */
static bool ends_inside_character(const verdict_report *report)
{
    for (int back = 1; back <= 3; back++) {
        int byte = byte_at(report, -back);
        if (byte >= 0xc0) {
            return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back;
        }
        if (byte < 0x80) {
            return false;
        }
    }
    return false;
}

static void hint_end(const verdict_report *report, char *hint)
{
    const open_elements *elements = report->elements;
    uint32_t depth = elements->depth < OPEN_ELEMENTS_MAX ? elements->depth : OPEN_ELEMENTS_MAX;
    size_t size = 0;
    uint64_t rest = report->result->offset - elements->settled;
    bool websocket = report->options->config.framing == WEIR_FRAMING_WEBSOCKET;

    if (report->result->offset == 0) {
        snprintf(hint, HINT_MAX, "there is no input");
        return;
    }
    if (ends_inside_character(report)) {
        snprintf(hint, HINT_MAX, "the last character is not whole");
        return;
    }
    if (!elements->header || (depth == 0 && !websocket)) {
        snprintf(hint, HINT_MAX, "the first tag is not whole");
        return;
    }
    if (websocket && depth < 2) {
        snprintf(hint, HINT_MAX, "the message holds no whole tag");
        return;
    }
    if (rest > 0 && rest < INT32_MAX && byte_at(report, -(int)rest) == '<') {
        size += (size_t)snprintf(hint, HINT_MAX, "what begins at byte %" PRIu64 " is not whole; ", elements->settled);
    }
    size += (size_t)snprintf(hint + size, HINT_MAX - size, "missing:%s", elements->depth > depth ? " ..." : "");
    for (; depth > (websocket ? 1 : 0) && size + OPEN_NAME_MAX + 16 < HINT_MAX; depth--) {
        size += (size_t)snprintf(hint + size, HINT_MAX - size, " </%.*s>", (int)elements->open[depth - 1].size,
                                 (const char *)elements->open[depth - 1].name);
    }
    if (depth > (websocket ? 1 : 0)) {
        snprintf(hint + size, HINT_MAX - size, " ...");
    }
}

static void hint_content(const verdict_report *report, char *hint)
{
    uint32_t content = report->options->config.content;

    if (content != 0 && content != WEIR_CONTENT_ANY) {
        snprintf(hint, HINT_MAX, "--content narrows what is accepted");
    } else {
        snprintf(hint, HINT_MAX,
                 "a stream has one content namespace: jabber:client, jabber:server, "
                 "jabber:component:accept or jabber:component:connect");
    }
}

void report_hint(const verdict_report *report, char hint[HINT_MAX])
{
    hint[0] = '\0';
    for (size_t i = 0; i < sizeof RULES / sizeof *RULES; i++) {
        if (fits(report, &RULES[i])) {
            snprintf(hint, HINT_MAX, "%s", RULES[i].text);
            return;
        }
    }
    switch (report->result->code) {
    case WEIR_E_UTF8: hint_utf8(report, hint); break;
    case WEIR_E_AMPERSAND:
    case WEIR_E_ENTITY: hint_reference(report, hint); break;
    case WEIR_E_PROCESSING_INSTRUCTION: hint_instruction(report, hint); break;
    case WEIR_E_PROLOG: hint_prolog(report, hint); break;
    case WEIR_E_TAG_MISMATCH: hint_mismatch(report, hint); break;
    case WEIR_E_CONTENT_NAMESPACE: hint_content(report, hint); break;
    case WEIR_E_END:
    case WEIR_NEED_MORE: hint_end(report, hint); break;
    default: hint_limit(report, hint); break;
    }
}
