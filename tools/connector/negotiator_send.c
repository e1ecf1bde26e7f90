/* negotiator_send.c - stanzas to send
 *
 * What the caller wants to send is decoded before it is sent, by a second decoder that was given our header and then
 * all that was sent: it sees what a strict peer sees. So a caller who puts text together carelessly gets an error, and
 * not a stream that says something else than was meant.
 *
 * SPDX-License-Identifier: MIT */
#include "negotiator_private.h"

#include <string.h>

/* The checker right after our header. */
static bool begin_checking(negotiator *n)
{
    char header[160];
    size_t size;
    writer w;
    weir_event event;
    weir_config config = {.framing = WEIR_FRAMING_STREAM,
                          .content = n->config.server ? WEIR_CONTENT_SERVER : WEIR_CONTENT_CLIENT,
                          .limits = n->config.after};
    writer_begin(&w, header, sizeof header);
    writer_literal(&w, "<stream:stream xmlns:stream='" NS_STREAMS "'");
    writer_attribute(&w, "xmlns", negotiator_content(n), strlen(negotiator_content(n)));
    writer_literal(&w, ">");
    bool written = writer_end(&w, &size);
    weir_slice input = {(const uint8_t *)header, size};
    n->checking = written &&
                  weir_init(&n->checker, &config, n->checker_memory, weir_workspace_size(&config.limits)) == WEIR_OK &&
                  weir_next(&n->checker, &input, &event) == WEIR_STREAM_OPENED;
    return n->checking;
}

void negotiator_make_ready(negotiator *n)
{
    n->checking = false;
    n->received_at = n->now;
    n->due |= DUE_READY;
    negotiator_enter(n, STATE_READY);
    n->ready = n->state == STATE_READY;
}

/* What belongs to the negotiation is not the caller's to say. */
bool negotiator_is_ours(const weir_event *event)
{
    static const char *const namespaces[] = {NS_STREAMS, NS_TLS, NS_SASL};
    for (size_t i = 0; i < sizeof namespaces / sizeof *namespaces; i++) {
        if (negotiator_slice_is(event->name.namespace_name, namespaces[i])) {
            return true;
        }
    }
    return false;
}

/* WEIR_OK: these bytes are exactly one first-level element. */
static weir_status check(negotiator *n, weir_slice *input)
{
    weir_event event;
    bool first = true;
    for (;;) {
        weir_status status = weir_next(&n->checker, input, &event);
        if (status < 0) {
            return status;
        }
        if (status == WEIR_NEED_MORE) {
            return WEIR_E_END;
        }
        if (first && status != WEIR_ELEMENT_START) {
            return WEIR_E_TEXT_OUTSIDE; /* white space, or the closing tag */
        }
        if (first && negotiator_is_ours(&event)) {
            return WEIR_E_STREAM_NAMESPACE;
        }
        first = false;
        if (status == WEIR_ELEMENT_END && event.depth == 2) {
            return input->size == 0 ? WEIR_OK : WEIR_E_MESSAGE;
        }
    }
}

static negotiator_send_result take_stanza(negotiator *n, const void *bytes, size_t size, weir_error *error)
{
    weir_slice input = {bytes, size};
    if (!n->checking && !begin_checking(n)) { /* limits that even our header breaks */
        *error = *weir_last_error(&n->checker);
        return NEGOTIATOR_SEND_INVALID;
    }
    uint64_t begin = weir_offset(&n->checker);
    weir_status status = check(n, &input);
    if (status == WEIR_OK) {
        return NEGOTIATOR_SEND_TAKEN;
    }
    const weir_error *found = weir_last_error(&n->checker);
    *error = (weir_error){status, (found->code == status ? found->offset : weir_offset(&n->checker)) - begin};
    n->checking = false; /* begins anew: nothing of this was sent */
    return NEGOTIATOR_SEND_INVALID;
}

negotiator_send_result negotiator_send(negotiator *n, const void *bytes, size_t size, weir_error *error, uint64_t now)
{
    weir_error ignored;
    error = error != NULL ? error : &ignored;
    *error = (weir_error){WEIR_OK, 0};
    negotiator_tick(n, now);
    if (n->state != STATE_READY) {
        return NEGOTIATOR_SEND_NOT_READY;
    }
    if (size > n->config.output - NEGOTIATOR_RESERVE) {
        return NEGOTIATOR_SEND_TOO_LARGE;
    }
    if (size > n->config.output - NEGOTIATOR_RESERVE - n->output_used) {
        return NEGOTIATOR_SEND_FULL;
    }
    negotiator_send_result result = take_stanza(n, bytes, size, error);
    if (result == NEGOTIATOR_SEND_TAKEN) {
        writer w = negotiator_writer(n);
        writer_markup(&w, bytes, size);
        negotiator_say(n, &w);
    }
    return result;
}
