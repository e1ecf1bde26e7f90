/* stream.c - the three framings, and the entry
 *
 * SPDX-License-Identifier: MIT */
#include "internal.h"

#include <stdlib.h>

/* ---- Elements ---------------------------------------------------------------------------------------------------- */

static void forget_bindings(reference_reader *r, size_t count, uint64_t scope)
{
    r->binding_count = count;
    r->scope = scope;
}

/* NS 6.1: the end of the innermost open element is the end of its declarations' scope. */
static void leave_element(reference_reader *r)
{
    r->element_count--;
    const reference_element *element = &r->elements[r->element_count];
    forget_bindings(r, element->bindings_before, element->scope_before);
}

/* XML 3 [39] element, of the start tag that was read. */
static void element_started(reference_reader *r)
{
    reference_deliver_start(r);
    if (r->tag.empty) { /* design 6.13 */
        reference_deliver_end(r, r->tag.end, r->tag.end);
        leave_element(r);
    }
}

/* XML 3.1 [43] content, and the end tag after it, of the first-level element whose start tag was read; and the
 * same of each element in it, for which r->elements stands in the place of recursion. */
static void first_level_element(reference_reader *r)
{
    size_t outside = r->element_count - 1;
    element_started(r);
    while (r->element_count > outside) {
        if (reference_peek(r) != '<') {
            reference_char_data(r);
            continue;
        }
        reference_begin_markup(r, REFERENCE_INNER);
        uint32_t c = reference_peek(r);
        if (c == '/') {
            reference_end_tag(r, r->elements[r->element_count - 1].name.raw);
            reference_deliver_end(r, r->tag_begin, r->position);
            leave_element(r);
        } else if (c == '!') {
            reference_cdata_start(r);
            reference_cdata_section(r);
        } else if (c == '?') { /* RFC 6120 11.1, design 6.5 */
            reference_leave(r, WEIR_E_PROCESSING_INSTRUCTION, r->position);
        } else {
            reference_start_tag(r, REFERENCE_INNER);
            element_started(r);
        }
    }
    r->element_stop = REFERENCE_NO_STOP;
}

/* XML 2.8 [22] prolog, and the `<` of the root; design 6.4, 6.5, choices 2, 3, 5. */
static void prolog(reference_reader *r, reference_place place)
{
    bool websocket = r->framing == WEIR_FRAMING_WEBSOCKET;
    weir_status text = websocket ? WEIR_E_MESSAGE : WEIR_E_PROLOG;
    bool declared = false;
    r->first = r->position;
    for (;;) {
        bool first = r->position == r->first;
        uint32_t c = reference_peek(r);
        if (reference_is_space(c) && (!websocket || declared)) { /* RFC 7395 3.3.3: a message begins with `<` */
            reference_skip(r);
            continue;
        }
        if (c != '<') /* choice 2 */
            reference_leave(r, text, r->position);
        reference_begin_markup(r, place);
        c = reference_peek(r);
        if (c == '!')
            reference_markup_outside(r, text);
        if (c == '/') /* no element is open that XML 3.1 [42] ETag could end */
            reference_leave(r, WEIR_E_SYNTAX, r->position);
        if (c != '?')
            return;
        if (!first) /* design 6.5 */
            reference_leave(r, WEIR_E_PROCESSING_INSTRUCTION, r->position);
        reference_declaration(r);
        declared = true;
    }
}

/* Choice 1: at a character that may not stand where no start tag may begin. A `<` is not at fault yet; returns the
 * character after it, unless that is at fault for a reason of its own. */
static uint32_t where_no_tag_begins(reference_reader *r, weir_status text)
{
    if (reference_peek(r) != '<')
        reference_leave(r, text, r->position);
    reference_begin_markup(r, REFERENCE_NO_TAG);
    uint32_t c = reference_peek(r);
    if (c == '!')
        reference_markup_outside(r, text);
    if (c == '?') /* RFC 6120 11.1 */
        reference_leave(r, WEIR_E_PROCESSING_INSTRUCTION, r->position);
    return c;
}

/* XML 2.1 [1]: Misc* after the root element, of which white space is what is left; choices 1, 3. */
static void after_root(reference_reader *r)
{
    weir_status text = r->framing == WEIR_FRAMING_DOCUMENT ? WEIR_E_SYNTAX : WEIR_E_MESSAGE;
    while (r->position < r->end) {
        if (!reference_is_space(reference_peek(r))) {
            where_no_tag_begins(r, text);
            reference_leave(r, text, r->position);
        }
        reference_skip(r);
    }
}

/* ---- Document framing -------------------------------------------------------------------------------------------- */

/* XML 2.1 [1] document */
static void document(reference_reader *r)
{
    prolog(r, REFERENCE_FIRST_LEVEL);
    reference_start_tag(r, REFERENCE_FIRST_LEVEL);
    first_level_element(r);
    after_root(r);
}

/* ---- Streams ----------------------------------------------------------------------------------------------------- */

static bool limit_is_acceptable(uint32_t limit)
{
    return limit >= 1 && limit <= WEIR_LIMIT_MAX;
}

static bool limits_are_acceptable(const weir_limits *limits)
{
    return limit_is_acceptable(limits->depth) && limit_is_acceptable(limits->attributes) &&
           limit_is_acceptable(limits->bindings) && limit_is_acceptable(limits->scope) &&
           limit_is_acceptable(limits->tag) && limit_is_acceptable(limits->element) &&
           limit_is_acceptable(limits->elements);
}

/* Whether the caller restarts the stream here (weir_restart). */
static bool restarted(reference_reader *r)
{
    weir_limits limits = r->limits;
    if (r->callbacks->restart == NULL || !r->callbacks->restart(r->callbacks->context, r->position, r->header, &limits))
        return false;
    if (!limits_are_acceptable(&limits))
        reference_leave(r, WEIR_E_MISUSE, r->position);
    r->limits = limits;
    static const weir_slice none = {NULL, 0};
    r->opened = false;
    r->header = r->content = none;
    r->element_count = 0;
    forget_bindings(r, 1, 0);
    return true;
}

/* RFC 6120 4.8.2, 4.8.3, choice 21: the content namespace of the stream is that of its header, or settled by a
 * stanza. */
static void settle_content(reference_reader *r)
{
    if (r->tag.place == REFERENCE_HEADER)
        r->content = reference_header(r).content;
    else if (r->content.size == 0 && reference_is_stanza_namespace(r->tag.namespace_name))
        r->content = r->tag.namespace_name;
}

/* RFC 6120 4.2: the header. Whether the stream stays open: XML allows the header to be an empty-element tag. */
static bool stream_header(reference_reader *r)
{
    prolog(r, REFERENCE_HEADER);
    reference_start_tag(r, REFERENCE_HEADER);
    settle_content(r);
    r->header = r->tag.name.raw;
    reference_deliver_opened(r);
    if (r->tag.empty) /* design 6.13 */
        reference_deliver_closed(r, r->tag.end, r->tag.end);
    return !r->tag.empty;
}

/* RFC 6120 4.2, 11.7: white space and first-level elements up to the closing tag. Whether the stream was restarted. */
static bool between_header_and_closing_tag(reference_reader *r)
{
    for (;;) {
        if (r->position < r->end && restarted(r))
            return true;
        uint32_t c = reference_peek(r);
        if (reference_is_space(c)) {
            reference_deliver_space(r);
            reference_skip(r);
            continue;
        }
        if (c != '<') /* RFC 6120 11.7 */
            reference_leave(r, WEIR_E_TEXT_OUTSIDE, r->position);
        reference_begin_markup(r, REFERENCE_FIRST_LEVEL);
        c = reference_peek(r);
        if (c == '/')
            break;
        if (c == '!')
            reference_markup_outside(r, WEIR_E_TEXT_OUTSIDE);
        if (c == '?') /* RFC 6120 11.1 */
            reference_leave(r, WEIR_E_PROCESSING_INSTRUCTION, r->position);
        reference_start_tag(r, REFERENCE_FIRST_LEVEL);
        settle_content(r);
        first_level_element(r);
    }
    r->element_stop = REFERENCE_NO_STOP; /* choice 12: it is an end tag */
    reference_end_tag(r, r->header);
    reference_deliver_closed(r, r->tag_begin, r->position);
    return false;
}

/* RFC 6120 4.2, 4.3.3, 4.4 */
static void stream(reference_reader *r)
{
    while (stream_header(r) && between_header_and_closing_tag(r)) {
        /* RFC 6120 11.7, choice 4: white space here belongs to the stream that was replaced. */
        r->first = r->position;
        while (reference_is_space(reference_peek(r))) {
            reference_skip(r);
            r->first = r->position;
        }
    }
    while (r->position < r->end) {
        if (!reference_is_space(reference_peek(r))) /* RFC 6120 4.4, choice 25 */
            reference_leave(r, WEIR_E_AFTER_CLOSE, r->position);
        reference_skip(r);
    }
}

/* ---- WebSocket --------------------------------------------------------------------------------------------------- */

/* RFC 7395 3.3.1, choices 1, 24: `open` and `close` have no content. */
static void open_or_close(reference_reader *r)
{
    if (!r->tag.empty) {
        if (where_no_tag_begins(r, WEIR_E_MESSAGE) != '/')
            reference_leave(r, WEIR_E_MESSAGE, r->position);
        reference_end_tag(r, r->tag.name.raw);
    }
    leave_element(r);
    r->element_stop = REFERENCE_NO_STOP;
}

/* RFC 7395 3.3.3: a message is one element; 3.4, 3.6: `open` begins and `close` ends. */
static void message(reference_reader *r)
{
    if (r->closed) { /* RFC 7395 3.6, choice 25 */
        r->first = r->position;
        bool space = reference_is_space(reference_peek(r));
        reference_leave(r, space ? WEIR_E_MESSAGE : WEIR_E_AFTER_CLOSE, r->position);
    }
    reference_place place = r->opened ? REFERENCE_FIRST_LEVEL : REFERENCE_HEADER;
    r->depth_outside = r->opened ? 1 : 0; /* choice 16 */
    prolog(r, place);
    reference_start_tag(r, place);
    if (reference_is_framing_element(r->tag.namespace_name, r->tag.name.local, "close")) {
        reference_deliver_close_message(r);
        r->closed = true;
        open_or_close(r);
    } else if (place == REFERENCE_HEADER) {
        settle_content(r);
        r->header = r->tag.name.raw;
        reference_deliver_opened(r);
        r->opened = true;
        open_or_close(r);
    } else {
        settle_content(r);
        first_level_element(r);
    }
    after_root(r);
}

static void messages(reference_reader *r)
{
    for (size_t i = 0; i < r->input->message_count; i++) {
        r->end = r->input->message_ends[i];
        if (i > 0 && r->position < r->end && !r->closed)
            restarted(r);
        message(r);
    }
}

/* ---- Entry ------------------------------------------------------------------------------------------------------- */

static bool message_ends_are_acceptable(const reference_input *input)
{
    size_t end = 0;
    for (size_t i = 0; i < input->message_count; i++) {
        if (input->message_ends[i] < end)
            return false;
        end = input->message_ends[i];
    }
    return end == input->size;
}

static bool is_acceptable(const weir_config *config, const reference_input *input)
{
    if (config->content > WEIR_CONTENT_ANY || !limits_are_acceptable(&config->limits))
        return false;
    if (config->framing == WEIR_FRAMING_WEBSOCKET)
        return message_ends_are_acceptable(input);
    return config->framing == WEIR_FRAMING_STREAM || config->framing == WEIR_FRAMING_DOCUMENT;
}

/* NS 3: `xml` is bound from the beginning. */
static void bind_xml(reference_reader *r)
{
    static const char prefix[] = "xml", namespace_name[] = REFERENCE_XML_NAMESPACE;
    reference_binding xml = {{(const uint8_t *)prefix, sizeof prefix - 1},
                             {(const uint8_t *)namespace_name, sizeof namespace_name - 1}};
    r->bindings = (reference_binding *)reference_grow(r->bindings, &r->binding_room, 0, sizeof xml);
    r->bindings[0] = xml;
    forget_bindings(r, 1, 0);
}

/* Returns at a fault or at the end; the verdict is in r. */
static void decode(reference_reader *r)
{
    if (setjmp(r->out) != 0)
        return;
    if (r->framing == WEIR_FRAMING_DOCUMENT)
        document(r);
    else if (r->framing == WEIR_FRAMING_WEBSOCKET)
        messages(r);
    else
        stream(r);
    r->verdict.code = WEIR_COMPLETE;
    r->verdict.offset = r->input->size;
}

reference_verdict reference_decode(const weir_config *config, const reference_input *input,
                                   const reference_callbacks *callbacks)
{
    reference_reader r = {0};
    r.verdict.code = WEIR_E_MISUSE;
    if (!is_acceptable(config, input))
        return r.verdict;
    r.input = input;
    r.callbacks = callbacks;
    r.framing = config->framing;
    r.accepted = config->content == 0 ? WEIR_CONTENT_ANY : config->content;
    r.limits = config->limits;
    r.bytes = input->bytes;
    r.end = input->size;
    r.tag_stop = r.element_stop = REFERENCE_NO_STOP;
    r.written = (uint8_t *)malloc(input->size + 1);
    if (r.written == NULL)
        abort();
    bind_xml(&r);

    decode(&r);
    reference_deliver_text(&r); /* design 6.11: what was certain before the offset */

    free(r.written);
    free(r.tag.attributes);
    free(r.elements);
    free(r.bindings);
    free(r.event_attributes);
    free(r.event_declarations);
    return r.verdict;
}
