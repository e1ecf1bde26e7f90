/* negotiator.c - the loop, time, and the functions of negotiator.h that are about neither sending nor closing
 *
 * SPDX-License-Identifier: MIT */
#include "negotiator_private.h"

#include <string.h>

void negotiator_config_default(negotiator_config *config, negotiator_role role)
{
    *config = (negotiator_config){.role = role, .output = NEGOTIATOR_OUTPUT_DEFAULT};
    config->times = (negotiator_times){.tls = NEGOTIATOR_DEFAULT_TLS,
                                       .step = NEGOTIATOR_DEFAULT_STEP,
                                       .keepalive = NEGOTIATOR_DEFAULT_KEEPALIVE,
                                       .idle = NEGOTIATOR_DEFAULT_IDLE,
                                       .close = NEGOTIATOR_DEFAULT_CLOSE};
    config->policy.allowed = SASL_ALLOWED_DEFAULT;
    weir_limits_default(&config->after);
    /* Of a peer that proved nothing yet: what the features of a large server take several times over (13.12). */
    config->before = (weir_limits){
        .depth = 16, .attributes = 32, .bindings = 32, .scope = 4096, .tag = 8192, .element = 16384, .elements = 512};
}

static size_t rounded(size_t size)
{
    return (size + 15) & ~(size_t)15;
}

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* Of a workspace that serves before and after. */
static size_t decoder_size(const negotiator_config *config)
{
    const weir_limits *a = &config->before, *b = &config->after;
    weir_limits both = {.depth = larger(a->depth, b->depth),
                        .attributes = larger(a->attributes, b->attributes),
                        .bindings = larger(a->bindings, b->bindings),
                        .scope = larger(a->scope, b->scope),
                        .tag = larger(a->tag, b->tag),
                        .element = larger(a->element, b->element),
                        .elements = larger(a->elements, b->elements)};
    bool sound = weir_workspace_size(a) != 0 && weir_workspace_size(b) != 0;
    return sound ? rounded(weir_workspace_size(&both)) : 0;
}

size_t negotiator_workspace_size(const negotiator_config *config)
{
    size_t decoder = decoder_size(config);
    size_t checker = rounded(weir_workspace_size(&config->after));
    bool sound = decoder != 0 && config->output >= NEGOTIATOR_OUTPUT_MIN && config->output <= WEIR_LIMIT_MAX;
    if (!sound || decoder > SIZE_MAX - checker || decoder + checker > SIZE_MAX - config->output) {
        return 0;
    }
    return decoder + checker + config->output;
}

/* Of an address without resource, or a language: nothing that has to be escaped (RFC 7622 3.3.1), so that its length is
 * known. */
static bool is_plain(const char *text, size_t max)
{
    size_t size = strlen(text);
    return size <= max && text[strcspn(text, " \"&'<>")] == 0 && writer_is_text(text, size);
}

static bool config_is_sound(const negotiator_config *config)
{
    bool initiating = config->role == NEGOTIATOR_INITIATING;
    const char *needed = initiating ? config->remote : config->local;
    const sasl_functions *sasl = &config->sasl;
    return needed != NULL && *needed != 0 && is_plain(needed, 1023) &&
           (config->local == NULL || is_plain(config->local, 2047)) &&
           (config->lang == NULL || is_plain(config->lang, 64)) &&
           (config->resource == NULL ||
            (strlen(config->resource) <= 1023 && writer_is_text(config->resource, strlen(config->resource)))) &&
           config->random != NULL && sasl->start != NULL && sasl->step != NULL && sasl->end != NULL &&
           sasl->reason != NULL && sasl->condition != NULL && sasl->username != NULL;
}

static bool start_decoder(negotiator *n)
{
    weir_config config = {.framing = WEIR_FRAMING_STREAM,
                          .content = n->config.server ? WEIR_CONTENT_SERVER : WEIR_CONTENT_CLIENT,
                          .limits = n->config.before};
    return weir_init(&n->decoder, &config, n->memory, n->memory_size) == WEIR_OK;
}

bool negotiator_init(negotiator *n, const negotiator_config *config, void *workspace, size_t size)
{
    size_t needed = negotiator_workspace_size(config);
    memset(n, 0, sizeof *n);
    n->state = STATE_ENDED;
    n->outcome = NEGOTIATOR_INTERNAL;
    if (needed == 0 || workspace == NULL || size < needed || !config_is_sound(config)) {
        return false;
    }
    n->config = *config;
    n->config.times.step = config->times.step != 0 ? config->times.step : NEGOTIATOR_DEFAULT_STEP;
    n->config.times.close = config->times.close != 0 ? config->times.close : NEGOTIATOR_DEFAULT_CLOSE;
    n->memory = workspace;
    n->memory_size = decoder_size(config);
    n->checker_memory = n->memory + n->memory_size;
    n->output = n->checker_memory + rounded(weir_workspace_size(&config->after));
    if (!start_decoder(n)) {
        return false;
    }
    n->state = STATE_NEW;
    return true;
}

void negotiator_wipe(negotiator *n)
{
    if (n->exchange) {
        n->config.sasl.end(n->config.sasl_context);
    }
    if (n->memory != NULL) {
        writer_clear(n->memory, (size_t)(n->output - n->memory) + n->config.output);
    }
    writer_clear(n, sizeof *n);
    n->state = STATE_ENDED;
    n->outcome = NEGOTIATOR_INTERNAL;
}

/* ---- Time -------------------------------------------------------------------------------------------------------- */

void negotiator_enter(negotiator *n, enum negotiator_state state)
{
    if (n->state != STATE_ENDED) { /* an answer that could not be written ended it */
        n->state = (uint32_t)state;
        n->step_at = n->now;
    }
}

void negotiator_tick(negotiator *n, uint64_t now)
{
    n->now = now > n->now ? now : n->now;
}

static uint64_t after(uint64_t begin, uint32_t time)
{
    bool never = time == 0 || begin > UINT64_MAX - time;
    return never ? UINT64_MAX : begin + time;
}

static uint64_t keepalive_at(const negotiator *n)
{
    return n->output_used != 0 ? UINT64_MAX : after(n->sent_at, n->config.times.keepalive);
}

uint64_t negotiator_deadline(const negotiator *n)
{
    const negotiator_times *times = &n->config.times;
    if (n->due != 0 && n->state != STATE_ENDED) {
        return n->now;
    }
    switch ((enum negotiator_state)n->state) {
    case STATE_NEW:
    case STATE_ENDED: return UINT64_MAX;
    case STATE_TLS: return after(n->step_at, times->tls);
    case STATE_CLOSING:
    case STATE_TRANSPORT: return after(n->step_at, times->close);
    case STATE_READY: {
        uint64_t idle = after(n->received_at, times->idle), keepalive = keepalive_at(n);
        return idle < keepalive ? idle : keepalive;
    }
    default: return after(n->step_at, times->step);
    }
}

/* 4.6.1; between first-level elements, as only whole ones enter the output. */
static void keep_alive(negotiator *n)
{
    writer w = negotiator_writer(n);
    writer_literal(&w, " ");
    negotiator_say(n, &w);
}

static void deadline_came(negotiator *n)
{
    if (n->state == STATE_READY && n->now < after(n->received_at, n->config.times.idle)) {
        keep_alive(n);
    } else {
        negotiator_time_out(n);
    }
}

/* ---- Output ------------------------------------------------------------------------------------------------------ */

const char *negotiator_content(const negotiator *n)
{
    return n->config.server ? "jabber:server" : "jabber:client";
}

writer negotiator_writer(negotiator *n)
{
    writer w;
    writer_begin(&w, n->output + n->output_used, n->config.output - n->output_used);
    return w;
}

void negotiator_say(negotiator *n, writer *w)
{
    size_t size;
    if (!writer_end(w, &size)) {
        negotiator_break_off(n, NEGOTIATOR_INTERNAL, "an answer does not fit the output, or is no text");
        return;
    }
    n->output_used += size;
    n->queued += size;
    n->sent_at = n->now;
}

void negotiator_ask(negotiator *n, writer *w)
{
    negotiator_say(n, w);
    n->asked = n->queued;
}

static bool negotiating(const negotiator *n)
{
    return n->state >= STATE_HEADER && n->state <= STATE_REQUEST;
}

weir_slice negotiator_output(const negotiator *n)
{
    return (weir_slice){n->output, n->output_used};
}

void negotiator_sent(negotiator *n, size_t count, uint64_t now)
{
    negotiator_tick(n, now);
    size_t taken = count < n->output_used ? count : n->output_used;
    size_t left = n->output_used - taken;
    if (taken != 0) {
        memmove(n->output, n->output + taken, left);
        writer_clear(n->output + left, taken); /* what SASL said has no business here any more */
        n->output_used = left;
        bool asks = n->sent < n->asked && n->sent + taken >= n->asked;
        n->sent += taken;
        n->sent_at = n->now;
        if (asks && negotiating(n)) { /* what our own work took, PBKDF2 for instance, is not the peer's delay */
            n->step_at = n->now;
        }
    }
}

/* ---- The loop ---------------------------------------------------------------------------------------------------- */

void negotiator_open(negotiator *n, uint64_t now)
{
    negotiator_tick(n, now);
    if (n->state != STATE_NEW) {
        return;
    }
    n->sent_at = n->now;
    if (n->config.security == NEGOTIATOR_DIRECT_TLS) {
        negotiator_begin_tls(n);
    } else if (n->config.role == NEGOTIATOR_INITIATING) {
        negotiator_send_header(n);
    } else {
        negotiator_enter(n, STATE_HEADER);
    }
}

static negotiator_event_type say_due(negotiator *n, negotiator_event *event)
{
    uint32_t due = n->due & (~n->due + 1);
    n->due &= ~due;
    switch ((enum negotiator_due)due) {
    case DUE_START_TLS: return NEGOTIATOR_START_TLS;
    case DUE_MECHANISM:
        event->mechanism = n->mechanism;
        event->use = n->use;
        event->binding = n->binding;
        return NEGOTIATOR_MECHANISM;
    case DUE_AUTHENTICATED:
        event->text = (weir_slice){(const uint8_t *)n->jid, strlen(n->jid)};
        return NEGOTIATOR_AUTHENTICATED;
    case DUE_BOUND: event->text = (weir_slice){(const uint8_t *)n->jid, strlen(n->jid)}; return NEGOTIATOR_BOUND;
    case DUE_READY: return NEGOTIATOR_READY;
    case DUE_CLOSE_TRANSPORT: break;
    }
    return NEGOTIATOR_CLOSE_TRANSPORT;
}

static void describe_end(const negotiator *n, negotiator_event *event)
{
    event->outcome = n->outcome;
    event->error = n->error;
    event->condition = n->has_condition || n->sent_error ? n->condition : "";
    event->detail = n->detail;
    event->ready = n->ready;
    event->sent_error = n->sent_error;
    event->after_close = n->after_close;
    if (n->has_condition) {
        event->text = (weir_slice){n->text, n->text_size};
    }
}

/* After the peer's closing tag there is no stream (4.4), but real peers send line feeds, and worse: noted, no more. */
static void discard(negotiator *n, weir_slice *input)
{
    for (size_t i = 0; i < input->size; i++) {
        uint8_t byte = input->data[i];
        bool space = byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
        n->after_close = n->after_close || (n->closing_seen && !space);
    }
    *input = (weir_slice){NULL, 0};
}

static negotiator_event_type take_event(negotiator *n, negotiator_event *event)
{
    const weir_event *xml = &n->xml;
    switch (xml->type) {
    case WEIR_STREAM_OPENED: return negotiator_header(n, event);
    case WEIR_STREAM_CLOSED: negotiator_peer_closed(n); return NEGOTIATOR_WAIT;
    case WEIR_SPACE: return NEGOTIATOR_WAIT;
    default: break;
    }
    if (xml->depth == 2 && xml->type == WEIR_ELEMENT_START) {
        negotiator_begin(n);
    }
    if (n->part == PART_STANZA) {
        event->xml = xml;
        return NEGOTIATOR_STANZA;
    }
    if (xml->depth == 2 && xml->type == WEIR_ELEMENT_END) {
        negotiator_complete(n);
        return NEGOTIATOR_WAIT;
    }
    return xml->depth == 2 && xml->type == WEIR_ELEMENT_START ? NEGOTIATOR_WAIT : negotiator_inside(n, event);
}

/* False: nothing more can be done with this input. */
static bool take(negotiator *n, weir_slice *input, negotiator_event *event)
{
    if (n->state == STATE_NEW || (negotiating(n) && n->config.output - n->output_used < NEGOTIATOR_ROOM)) {
        return false;
    }
    if (n->state == STATE_TRANSPORT) {
        discard(n, input);
        return false;
    }
    size_t size = input->size;
    weir_status status = weir_next(&n->decoder, input, &n->xml);
    if (input->size != size) {
        n->received_at = n->now;
    }
    if (status > 0) {
        event->type = take_event(n, event);
    } else if (status < 0) {
        negotiator_invalid_xml(n);
    }
    return status != WEIR_NEED_MORE;
}

negotiator_event_type negotiator_next(negotiator *n, weir_slice *input, uint64_t now, negotiator_event *event)
{
    weir_slice none = {NULL, 0};
    input = input != NULL ? input : &none;
    negotiator_tick(n, now);
    *event = (negotiator_event){.type = NEGOTIATOR_WAIT, .condition = "", .detail = ""};
    do {
        if (n->state == STATE_TLS) {
            negotiator_tls_input(n, input);
        }
        if (n->state == STATE_ENDED) {
            event->type = NEGOTIATOR_ENDED;
        } else if (n->due != 0) {
            event->type = say_due(n, event);
        } else if (n->now >= negotiator_deadline(n)) {
            deadline_came(n);
            continue;
        } else if (n->state == STATE_TLS || !take(n, input, event)) {
            break;
        }
    } while (event->type == NEGOTIATOR_WAIT);
    if (event->type == NEGOTIATOR_ENDED || event->type == NEGOTIATOR_CLOSE_TRANSPORT) {
        describe_end(n, event);
    }
    return event->type;
}

bool negotiator_ready(const negotiator *n)
{
    return n->state == STATE_READY;
}

const char *negotiator_jid(const negotiator *n)
{
    bool bound = n->ready && !n->config.server;
    return bound ? n->jid : "";
}
