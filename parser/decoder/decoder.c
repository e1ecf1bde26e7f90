/* decoder.c - the calls of weir.h that drive the state machine, and its dispatcher
 *
 * SPDX-License-Identifier: MIT */
#include "internal.h"
#include "scan.h"

weir_status weir_fault(weir_decoder *d, weir_status code, uint64_t offset)
{
    d->error.code = code;
    d->error.offset = offset;
    d->state = WEIR_S_FAULT;
    return code;
}

/* ---- One character ----------------------------------------------------------------------------------------------- */

/* Unicode table 3-7: what may follow the first byte of a sequence. False: it begins none. */
static bool utf8_begins(weir_decoder *d, uint8_t first)
{
    if (first < 0xc2 || first > 0xf4)
        return false;
    d->utf8_left = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    d->utf8_low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    d->utf8_high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    d->code = first & (0x3fu >> d->utf8_left);
    d->utf8[0] = first;
    d->utf8_size = 1;
    return true;
}

/* Takes bytes up to the end of one character above U+007F. Positive: it is whole. Zero: the input ended inside it. */
static weir_status take_multibyte(weir_decoder *d, weir_cursor *c)
{
    if (d->utf8_left == 0) {
        d->char_begin = c->base + c->at;
        if (!utf8_begins(d, c->in[c->at])) /* RFC 6120 11.6, RFC 3629 4 */
            return weir_fault(d, WEIR_E_UTF8, d->char_begin);
        c->at++;
    }
    while (c->at < c->end) {
        uint8_t byte = c->in[c->at];
        if (byte < d->utf8_low || byte > d->utf8_high) {
            d->utf8_left = 0;
            return weir_fault(d, WEIR_E_UTF8, c->base + c->at); /* Unicode table 3-7 */
        }
        c->at++;
        d->utf8_low = 0x80;
        d->utf8_high = 0xbf;
        d->code = d->code << 6 | (byte & 0x3fu);
        d->utf8[d->utf8_size++] = byte;
        if (--d->utf8_left == 0) {
            if (!weir_is_char(d->code)) /* XML 2.2 [2]: U+FFFE, U+FFFF */
                return weir_fault(d, WEIR_E_CHAR, d->char_begin);
            return WEIR_TEXT;
        }
    }
    return WEIR_GO_ON;
}

/* Takes one character into d->code. Positive: it is whole. */
static weir_status take_character(weir_decoder *d, weir_cursor *c)
{
    uint8_t byte = c->in[c->at];
    if (byte >= 0x80 || d->utf8_left != 0)
        return take_multibyte(d, c);
    d->char_begin = c->base + c->at;
    if ((weir_class[byte] & WEIR_C_CHAR) == 0) {
        if (byte == 0 && d->char_begin - d->stream_begin < 2)
            return weir_fault(d, WEIR_E_ENCODING, d->char_begin); /* RFC 6120 11.6; design 6.14 */
        return weir_fault(d, WEIR_E_CHAR, d->char_begin);         /* XML 2.2 [2] */
    }
    c->at++;
    d->code = byte;
    d->utf8[0] = byte;
    d->utf8_size = 1;
    return WEIR_TEXT;
}

/* ---- The dispatcher ---------------------------------------------------------------------------------------------- */

WEIR_OUTLINE weir_status one_character(weir_decoder *d, weir_cursor *c, weir_event *e)
{
    weir_status status = take_character(d, c);
    uint32_t state = d->state;
    if (status <= 0)
        return status;
    if (state >= WEIR_S_END_NAME)
        return weir_on_end_tag(d, c, d->code, e);
    if (state >= WEIR_S_TAG_NAME)
        return weir_on_tag(d, c, d->code, e);
    if (state >= WEIR_S_REFERENCE)
        return weir_on_reference(d, d->code);
    if (state >= WEIR_S_CONTENT)
        return weir_on_content(d, c, d->code);
    if (state >= WEIR_S_DECL_XML)
        return weir_on_declaration(d, c, d->code);
    if (state >= WEIR_S_BETWEEN)
        return weir_on_outside(d, c, d->code);
    return weir_on_prolog(d, c, d->code);
}

/* Many plain bytes at once, where the state has a run. */
WEIR_OUTLINE weir_status run(weir_decoder *d, weir_cursor *c, weir_event *e)
{
    switch (d->state) {
    case WEIR_S_BETWEEN: return weir_space_run(d, c, e);
    case WEIR_S_CDATA: return weir_text_run(d, c, e);
    case WEIR_S_REFERENCE_DECIMAL:
    case WEIR_S_REFERENCE_HEX: return weir_zeros_run(d, c);
    case WEIR_S_TAG_NAME:
    case WEIR_S_TAG_AFTER:
    case WEIR_S_ATTRIBUTE_NAME:
    case WEIR_S_VALUE: return weir_tag_run(d, c, e);
    default: return WEIR_GO_ON;
    }
}

/* The last byte here is the first of a character: no run takes it, though one may have to deliver what waits. */
WEIR_INLINE bool cut_character(const weir_decoder *d, const weir_cursor *c)
{
    return c->in[c->at] >= 0x80 && c->end - c->at == 1 && d->text_used == 0;
}

WEIR_INLINE weir_status step(weir_decoder *d, weir_cursor *c, weir_event *e)
{
    uint32_t state = d->state;
    if (state >= WEIR_S_CDATA_1 && state <= WEIR_S_CR)
        return weir_bytes_that_wait(d, c, e);
    if (d->utf8_left == 0 && !cut_character(d, c)) {
        weir_status status = state == WEIR_S_CONTENT ? weir_text_run(d, c, e) : run(d, c, e);
        if (status != 0 || d->state != state || c->at == c->end)
            return status;
    }
    return one_character(d, c, e);
}

/* All of the window was taken: a limit was reached, or the input ended. Text waits only where its last byte was just
 * taken. */
WEIR_OUTLINE weir_status at_end(weir_decoder *d, weir_cursor *c, weir_event *e)
{
    uint64_t offset = c->base + c->at;
    bool limit = c->end < c->size;
    if (limit && d->state == WEIR_S_CR)
        weir_text_cr(d, offset); /* CONFORMANCE.md choice 10 */
    if (d->text_used != 0)
        return weir_text_waiting(d, e);
    if (limit) /* RFC 6120 13.12; design 6.9: element before tag */
        return weir_fault(d, offset == d->element_stop ? WEIR_E_LIMIT_ELEMENT : WEIR_E_LIMIT_TAG, offset);
    if (d->tag_open) {
        uint32_t from = d->carried != 0 ? 0 : 0u - c->tag;
        if (c->at > from)
            weir_copy(d->workspace + d->tag_at + d->carried, c->in + from, c->at - from);
        d->carried += c->at - from;
    }
    return WEIR_NEED_MORE;
}

/* Goes through one window of the input to the next event. Most calls find text or a tag whole, and need one run. */
WEIR_INLINE weir_status window(weir_decoder *d, weir_cursor *c, weir_event *e)
{
    for (;;) {
        weir_status status;
        if (d->state == WEIR_S_DUE_END)
            status = weir_element_ends(d, c, c->base + c->at, e);
        else if (c->at == c->end)
            return at_end(d, c, e);
        else
            status = step(d, c, e);
        if (status != 0)
            return status;
    }
}

/* After an error the offending byte is still the caller's, or all that was given when it came before that. */
static void give_back(weir_decoder *d, weir_slice *input, const uint8_t *data, uint64_t offset)
{
    uint64_t begin = d->error.offset > offset ? d->error.offset : offset;
    if (begin >= d->offset)
        return;
    input->data = data + (size_t)(begin - offset);
    input->size += (size_t)(d->offset - begin);
    d->offset = begin;
}

weir_status weir_any_event(weir_decoder *d, weir_slice *input, weir_event *event)
{
    weir_status status;
    if (d->state <= WEIR_S_FAULT)
        return d->error.code;
    const uint8_t *data = input->data;
    uint64_t offset = d->offset;
    do {
        weir_cursor c;
        c.in = input->data;
        c.base = d->offset;
        c.at = 0;
        c.size = input->size < WEIR_WINDOW_MAX ? (uint32_t)input->size : WEIR_WINDOW_MAX;
        c.tag = d->carried;
        weir_cut(d, &c);
        status = window(d, &c, event);
        d->offset += c.at;
        if (c.at != 0)
            input->data += c.at;
        input->size -= c.at;
    } while (status == WEIR_NEED_MORE && input->size != 0);
    if (status < 0)
        give_back(d, input, data, offset);
    return status;
}

/* ---- Beginning and ending ---------------------------------------------------------------------------------------- */

/* A stream, document or message sequence begins at the current offset. */
static void begin(weir_decoder *d, uint32_t state)
{
    d->state = state;
    d->stream_begin = d->offset;
    d->tag_begin = 0;
    d->tag_stop = WEIR_NEVER;
    d->element_stop = WEIR_NEVER;
    d->own_content = WEIR_NS_OTHER;
    d->depth = 0;
    d->elements = 0;
    d->parts = 0;
    d->carried = 0;
    d->text_used = 0;
    d->utf8_left = 0;
    d->brackets = 0;
    d->tag_open = false;
    d->in_value = false;
    d->in_cdata = false;
    d->closed = false;
    d->frame_open = false;
    d->self_contained = false;
    weir_names_reset(d);
}

void weir_refuse(weir_decoder *d)
{
    d->state = WEIR_S_REFUSED;
    d->error.code = WEIR_E_MISUSE;
    d->error.offset = 0;
    d->workspace = NULL;
    d->workspace_size = 0;
    d->offset = 0;
    d->text_used = 0; /* weir_next looks at both before the state */
    d->utf8_left = 0;
}

static uint32_t best_kernel(void)
{
#if defined(WEIR_HAVE_AVX2)
    /* Whoever emulates a processor may leave out any of the three that WEIR_AVX2 names. */
    bool wide = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    return wide ? WEIR_KERNEL_AVX2 : WEIR_KERNEL_SSE2;
#elif defined(WEIR_HAVE_SSE2)
    return WEIR_KERNEL_SSE2;
#elif defined(WEIR_HAVE_NEON)
    return WEIR_KERNEL_NEON; /* every AArch64 has it */
#else
    return WEIR_KERNEL_PORTABLE;
#endif
}

bool weir_kernel_available(weir_kernel kernel)
{
#ifdef WEIR_HAVE_NEON
    if (kernel == WEIR_KERNEL_SSE2 || kernel == WEIR_KERNEL_AVX2)
        return false;
#endif
    return (uint32_t)kernel <= best_kernel(); /* each other kernel's machines have those before it */
}

weir_status weir_init(weir_decoder *d, const weir_config *config, void *workspace, size_t size)
{
    if (d == NULL)
        return WEIR_E_MISUSE;
    weir_refuse(d);
    if (config == NULL || workspace == NULL || ((uintptr_t)workspace & (sizeof(uint64_t) - 1)) != 0 ||
        (uint32_t)config->framing > WEIR_FRAMING_DOCUMENT || config->content > WEIR_CONTENT_ANY ||
        !weir_kernel_available(config->kernel))
        return WEIR_E_MISUSE;
    d->workspace_size = size;
    if (!weir_layout(d, &config->limits)) {
        weir_refuse(d);
        return WEIR_E_MISUSE;
    }
    d->workspace = (uint8_t *)workspace;
    d->framing = (uint32_t)config->framing;
    d->accepted = config->content != 0 ? config->content : WEIR_CONTENT_ANY;
    d->kernel = config->kernel == WEIR_KERNEL_AUTO ? best_kernel() : (uint32_t)config->kernel;
    d->error.code = WEIR_OK;
    d->offset = 0;
    begin(d, WEIR_S_START);
    return WEIR_OK;
}

weir_status weir_restart(weir_decoder *d, const weir_limits *limits)
{
    if (d == NULL)
        return WEIR_E_MISUSE;
    if (d->state <= WEIR_S_FAULT)
        return d->error.code;
    if ((d->state != WEIR_S_BETWEEN && d->state != WEIR_S_START && d->state != WEIR_S_RESTARTED &&
         d->state != WEIR_S_PROLOG) ||
        d->closed || d->utf8_left != 0 || d->framing == WEIR_FRAMING_DOCUMENT ||
        (d->framing == WEIR_FRAMING_WEBSOCKET && d->state != WEIR_S_START))
        return WEIR_E_MISUSE; /* RFC 6120 4.3.3: between first-level elements, RFC 7395 3.4: between messages */
    if (limits != NULL && !weir_layout(d, limits))
        return WEIR_E_MISUSE;
    begin(d, d->framing == WEIR_FRAMING_STREAM ? WEIR_S_RESTARTED : WEIR_S_START);
    return WEIR_OK;
}

weir_status weir_finish(weir_decoder *d)
{
    if (d == NULL)
        return WEIR_E_MISUSE;
    if (d->state <= WEIR_S_FAULT)
        return d->error.code;
    if (d->state == WEIR_S_DUE_END)
        return WEIR_E_MISUSE;
    bool whole = d->utf8_left == 0;
    if (d->framing == WEIR_FRAMING_STREAM)
        return whole && d->state == WEIR_S_CLOSED ? WEIR_COMPLETE : WEIR_NEED_MORE; /* RFC 6120 4.4 */
    if (!whole || d->state != WEIR_S_MISC || d->frame_open)
        return weir_fault(d, WEIR_E_END, d->offset); /* XML 2.1 [1]; design 6.15 */
    if (d->framing == WEIR_FRAMING_WEBSOCKET) {
        d->state = WEIR_S_START; /* RFC 7395 3.3.3 */
        d->stream_begin = d->offset;
    }
    return WEIR_COMPLETE;
}

const weir_error *weir_last_error(const weir_decoder *d)
{
    static const weir_error misuse = {WEIR_E_MISUSE, 0};
    return d == NULL ? &misuse : &d->error;
}

uint64_t weir_offset(const weir_decoder *d)
{
    return d == NULL ? 0 : d->offset;
}
