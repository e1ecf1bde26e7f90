/* negotiation.c - see negotiation.h
 *
 * SPDX-License-Identifier: MIT */
#include "negotiation.h"

#include "arena.h"

#include <string.h>

enum happening {
    HAPPENS_SENT,      /* all output is handed over */
    HAPPENS_SENT_PART, /* some */
    HAPPENS_SECURED,   /* TLS: bit 0 verified, 1-2 channel binding, 3 TLS 1.3 */
    HAPPENS_TRANSPORT, /* it ends, in one of four ways */
    HAPPENS_TIME,
    HAPPENS_DEADLINE,
    HAPPENS_CLOSE,
    HAPPENS_SEND, /* one of the samples */
    HAPPENS_REFUSE,
    HAPPENS_NOTHING,
    HAPPENS_TIME_BACK,
    HAPPENS_NO_RANDOM,
    HAPPENS_SASL, /* the result of the next step */
    HAPPENS_OPEN,
    HAPPENS_TIME_FAR,
    HAPPENS_OUTPUT_MIN
};

static const char *const samples[16] = {"<presence/>",
                                        "<message to='a@b'><body>a</body></message>",
                                        "<iq id='a' type='get'><query xmlns='jabber:iq:roster'/></iq>",
                                        " ",
                                        "</stream:stream>",
                                        "<presence/><presence/>",
                                        "<presence",
                                        "<r xmlns='urn:xmpp:sm:3'/>",
                                        "<stream:error/>",
                                        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
                                        "<message xmlns='jabber:server'/>",
                                        "<message xmlns='jabber:client'/>",
                                        "<a:b/>",
                                        "<?xml version='1.0'?>",
                                        "",
                                        "<stream:stream xmlns='jabber:client'>"};

/* ---- The input --------------------------------------------------------------------------------------------------- */

static uint32_t mechanisms_of(uint8_t code)
{
    static const uint32_t sets[16] = {SASL_ALLOWED_DEFAULT,
                                      SASL_ALLOWED_DEFAULT | SASL_ALLOWED(SASL_PLAIN),
                                      (1u << SASL_MECHANISM_COUNT) - 1,
                                      SASL_ALLOWED(SASL_PLAIN),
                                      SASL_ALLOWED(SASL_EXTERNAL),
                                      SASL_ALLOWED(SASL_ANONYMOUS),
                                      SASL_ALLOWED(SASL_SCRAM_SHA_1),
                                      SASL_ALLOWED_PLUS};
    return code < 8 ? sets[code] : 1u << (code - 8) % SASL_MECHANISM_COUNT;
}

static void read_limits(negotiator_config *config, const uint8_t *codes, const weir_limits *read)
{
    weir_limits *limits = &config->before;
    limits->scope = 2048; /* small is fast */
    limits->tag = 4096;
    uint32_t *const to[7] = {&limits->depth, &limits->attributes, &limits->bindings, &limits->scope,
                             &limits->tag,   &limits->element,    &limits->elements};
    const uint32_t from[7] = {read->depth, read->attributes, read->bindings, read->scope,
                              read->tag,   read->element,    read->elements};
    for (size_t i = 0; i < 7; i++) {
        if (codes[i] != 0)
            *to[i] = from[i];
    }
    config->after = (weir_limits){24, 32, 32, 2048, 4096, 20000, 200};
}

static bool random_bytes(void *context, uint8_t *bytes, size_t size)
{
    negotiation *n = context;
    for (size_t i = 0; i < size; i++)
        bytes[i] = n->random++;
    return !n->no_random;
}

static void read_config(negotiation *n, const uint8_t *data, const weir_limits *limits)
{
    negotiator_config *c = &n->config;
    bool receiving = (data[0] & 4) != 0;
    negotiator_config_default(c, receiving ? NEGOTIATOR_RECEIVING : NEGOTIATOR_INITIATING);
    c->server = (data[0] & 8) != 0;
    c->probe = (data[0] & 16) != 0;
    c->security = (data[0] & 32) != 0 ? NEGOTIATOR_DIRECT_TLS : NEGOTIATOR_STARTTLS;
    c->local = receiving ? "capulet.example" : (data[1] & 128) != 0 ? NULL : "juliet@capulet.example";
    c->remote = receiving ? NULL : "capulet.example";
    c->resource = (data[1] & 32) != 0 ? NULL : "balcony";
    c->lang = "en";
    c->output = NEGOTIATOR_OUTPUT_MIN;
    c->policy = (sasl_policy){mechanisms_of(data[1] & 15), (data[1] & 16) != 0};
    c->times = (negotiator_times){.tls = 1000, .step = 2000, .close = 500};
    if ((data[1] & 64) != 0) {
        c->times.keepalive = 3000;
        c->times.idle = 4000;
    }
    c->sasl = n->sasl != NULL ? *n->sasl : negotiation_stub;
    c->sasl_context = n;
    c->random = random_bytes;
    c->random_context = n;
    read_limits(c, data + 5, limits);
}

bool negotiation_read(negotiation *n, fuzz_input *in, const uint8_t *data, size_t size)
{
    if (!fuzz_input_read(in, data, size))
        return false;
    in->bytes = data + FUZZ_HEADER; /* 0xff parts nothing here */
    in->size = size - FUZZ_HEADER;
    n->input = in->bytes;
    n->size = in->size;
    n->by_hand = (data[0] & 128) != 0;
    n->stays_open = (data[2] & 8) != 0;
    n->tls = (negotiator_tls){
        .verified = (data[0] & 64) == 0, .binding = (sasl_binding)((data[2] & 3) % 3), .tls13 = (data[2] & 4) != 0};
    read_config(n, data, &in->config.limits);
    return negotiator_workspace_size(&n->config) != 0;
}

/* ---- What happens ------------------------------------------------------------------------------------------------ */

/* All that the bytes at hand and what is due bring. */
static void go_on(negotiation *n)
{
    negotiator_event event;
    uint8_t *chunk = fuzz_chunk(n->carry, n->carried);
    weir_slice input = {chunk, n->carried};
    do {
        negotiator_next(&n->negotiator, &input, n->now, &event);
        watch_output(n); /* first: what was said before what was told */
        watch_event(n, &event);
    } while (event.type != NEGOTIATOR_WAIT && !n->ended);
    if (input.size != 0 && input.data != chunk + (n->carried - input.size))
        watch_fail(n, "bytes were left that are not the last ones");
    memmove(n->carry, n->carry + (n->carried - input.size), input.size);
    n->carried = n->ended ? 0 : input.size;
    fuzz_chunk_gone();
}

static void give(negotiation *n, const uint8_t *bytes, size_t size)
{
    if (size > sizeof n->carry - n->carried)
        return;
    memcpy(n->carry + n->carried, bytes, size);
    n->carried += size;
    go_on(n);
}

static void hand_over(negotiation *n, size_t most)
{
    weir_slice output = negotiator_output(&n->negotiator);
    size_t count = output.size < most ? output.size : most;
    size_t kept = count < sizeof n->output - n->said ? count : sizeof n->output - n->said;
    if (kept != 0)
        memcpy(n->output + n->said, output.data, kept);
    n->said += kept;
    n->handed += count;
    negotiator_sent(&n->negotiator, count, n->now);
}

static void secure(negotiation *n, const negotiator_tls *tls)
{
    if (negotiator_secured(&n->negotiator, tls, n->now)) {
        if (!n->start_tls)
            watch_fail(n, "TLS was taken without having been asked for");
        watch_secrets(n);
        n->tls = *tls;
        n->secured = true;
        n->start_tls = false;
        n->carried = 0; /* what lies there was TLS's */
        watch_output(n);
    }
}

static void happens_to_time(negotiation *n, uint32_t what, uint32_t argument)
{
    uint64_t deadline = negotiator_deadline(&n->negotiator);
    if (what == HAPPENS_TIME) {
        n->now += argument * 200;
    } else if (what == HAPPENS_TIME_FAR) {
        n->now += (uint64_t)argument << (argument * 4);
    } else if (what == HAPPENS_TIME_BACK) {
        n->now -= n->now < argument * 100 ? 0 : argument * 100;
    } else if (deadline != UINT64_MAX && deadline > n->now) {
        n->now = deadline;
    }
}

static void happens(negotiation *n, uint32_t what, uint32_t argument)
{
    negotiator *negotiator = &n->negotiator;
    const char *sample = samples[argument];
    switch ((enum happening)what) {
    case HAPPENS_SENT: hand_over(n, SIZE_MAX); break;
    case HAPPENS_SENT_PART: hand_over(n, argument + 1); break;
    case HAPPENS_SECURED:
        secure(n, &(negotiator_tls){(argument & 1) != 0, (sasl_binding)((argument >> 1 & 3) % 3), (argument & 8) != 0});
        break;
    case HAPPENS_TRANSPORT:
        negotiator_transport(negotiator, (negotiator_transport_end)(argument & 3), NULL, n->now);
        break;
    case HAPPENS_CLOSE: negotiator_close(negotiator, n->now); break;
    case HAPPENS_SEND: negotiator_send(negotiator, sample, strlen(sample), NULL, n->now); break;
    case HAPPENS_REFUSE: negotiator_refuse(negotiator, "conflict", "another one came", n->now); break;
    case HAPPENS_NO_RANDOM: n->no_random = !n->no_random; break;
    case HAPPENS_SASL: n->forced = argument & 7; break;
    case HAPPENS_OPEN: negotiator_open(negotiator, n->now); break;
    case HAPPENS_OUTPUT_MIN:
    case HAPPENS_NOTHING: break;
    default: happens_to_time(n, what, argument); break;
    }
    watch_output(n);
    go_on(n);
}

/* ---- The play ---------------------------------------------------------------------------------------------------- */

static void give_segment(negotiation *n, const fuzz_input *in, size_t begin, size_t end, bool split)
{
    while (begin < end && !n->ended) {
        size_t at = split ? fuzz_chunk_end(in, begin, end) : end;
        at = at > begin && at < end ? at : end;
        give(n, n->input + begin, at - begin);
        begin = at;
    }
    if (!n->by_hand && (n->start_tls || negotiator_output(&n->negotiator).size != 0)) {
        hand_over(n, SIZE_MAX);
        if (n->start_tls)
            secure(n, &n->tls);
        hand_over(n, SIZE_MAX);
        go_on(n);
    }
}

static size_t segment_end(const negotiation *n, size_t begin)
{
    const uint8_t *bytes = n->input + begin;
    size_t size = n->size - begin;
    const uint8_t *mark = memchr(bytes, 0xfe, size);
    size = mark != NULL ? (size_t)(mark - bytes) : size;
    bool whole = n->by_hand || n->ready; /* then nobody waits for an answer */
    const uint8_t *tag = whole ? NULL : memchr(bytes, '>', size);
    return begin + (tag != NULL ? (size_t)(tag - bytes) + 1 : size);
}

/* Nothing comes any more: time alone must end it. */
static void let_end(negotiation *n)
{
    n->now = n->now > n->negotiator.now ? n->now : n->negotiator.now; /* the clock may have gone back */
    uint64_t begin = n->now;
    bool closed = n->stays_open && n->config.times.idle != 0;
    for (int i = 0; i < 12 && !n->ended; i++) {
        uint64_t deadline = negotiator_deadline(&n->negotiator);
        if (!closed || deadline == UINT64_MAX) {
            negotiator_close(&n->negotiator, n->now);
            closed = true;
        } else if (deadline > n->now) {
            n->now = deadline;
        }
        watch_output(n);
        go_on(n);
    }
    if (!n->ended)
        watch_fail(n, "it does not end");
    if (n->now > begin + 10000)
        watch_fail(n, "it ends too late");
}

void negotiation_play(negotiation *n, const fuzz_input *in, bool split)
{
    size_t workspace = negotiator_workspace_size(&n->config);
    watch_begin(n);
    if (!negotiator_init(&n->negotiator, &n->config, fuzz_workspace(0, workspace), workspace))
        watch_fail(n, "init refused a sound config");
    negotiator_open(&n->negotiator, n->now);
    watch_output(n);
    go_on(n);
    give_segment(n, in, 0, 0, false);
    for (size_t at = 0; at < n->size && !n->ended;) {
        if (n->input[at] == 0xfe && at + 1 < n->size) {
            happens(n, n->input[at + 1] & 15, n->input[at + 1] >> 4);
            at += 2;
        } else {
            size_t end = segment_end(n, at);
            end = end > at ? end : at + 1; /* a last 0xfe */
            give_segment(n, in, at, end, split);
            at = end;
        }
    }
    let_end(n);
    go_on(n); /* the end stays the end */
    watch_secrets(n);
    if (split) {
        negotiator_wipe(&n->negotiator);
        fuzz_workspace_gone(0);
        fuzz_workspace_gone(1);
    }
}
