/* usual_text.c - usual text: up to a tag, or all of the input
 *
 * SPDX-License-Identifier: MIT */
#include "scan.h"
#include "usual.h"

/* Text that has more in it than what is delivered as it lies here; `known` bytes of it were found plain. */
WEIR_INLINE weir_status mixed_text(weir_decoder *d, weir_slice *input, uint32_t end, uint32_t known, weir_event *e)
{
    weir_cursor c = {input->data, d->offset, 0, end, end, 0};
    weir_status status =
        input->data[0] == 0x0d ? weir_text_gather(d, &c, e) : weir_text_from(d, &c, known, e); /* the first is sooner */
    return status == WEIR_GO_ON ? weir_any_event(d, input, e) : weir_advance(d, input, c.at, status);
}

/* The end of the plain text that goes on at `at`; a `]` is plain where another byte than `]` follows it. */
WEIR_INLINE uint32_t usual_text(uint32_t kernel, const uint8_t *in, uint32_t at, uint32_t end)
{
    at += weir_scan_text(kernel, in + at, end - at);
    while (end - at >= 2 && in[at] == ']' && in[at + 1] != ']')
        at += 1 + weir_scan_text(kernel, in + at + 1, end - at - 1);
    return at;
}

/* Text as it lies here. */
WEIR_INLINE weir_status take_text(weir_decoder *d, weir_slice *input, uint32_t size, weir_event *e)
{
    e->type = WEIR_TEXT;
    e->depth = d->depth;
    e->begin = d->offset;
    e->end = d->offset + size;
    e->text = weir_slice_of(input->data, size);
    return weir_advance(d, input, size, WEIR_TEXT);
}

/* Whether a tag begins within the first 16 bytes, or those that are there. */
WEIR_INLINE bool tag_is_near(uint32_t kernel, const uint8_t *in, uint32_t end)
{
    uint32_t i = 0;
#ifdef WEIR_HAVE_VECTORS
    if (kernel != WEIR_KERNEL_PORTABLE && end >= 16)
        return weir_holds(weir_load(in), '<');
#endif
    (void)kernel;
    while (i < end && i < 16 && in[i] != '<')
        i++;
    return i < end && i < 16;
}

/* Text of which `known` bytes are plain, and what follows them is no tag. */
WEIR_OUTLINE weir_status long_text(weir_decoder *d, weir_slice *input, uint32_t end, uint32_t known, weir_event *e)
{
    const uint8_t *in = input->data;
    uint32_t size = d->brackets == 0 && in[0] != 0x0d ? usual_text(d->kernel, in, known, end) : 0;
    if (size == 0 && end < WEIR_SHORT) /* a cut character most of the time */
        return weir_any_event(d, input, e);
    if (size == 0 || (size != end && in[size] != '<'))
        return mixed_text(d, input, end, size, e);
    return take_text(d, input, size, e);
}

/* Gathers the text up to a tag, which is near, at `*next`. The bytes before that; 0: a fault may be among them. */
WEIR_INLINE uint32_t gather(const uint8_t *in, uint32_t end, uint8_t **next)
{
    uint8_t *to = *next;
    uint32_t at = 0;
    uint32_t brackets = 0; /* in a row */
    while (in[at] != '<') {
        uint32_t size = 1;
        uint32_t code = in[at];
        uint32_t before = code == ']' ? brackets + 1 : 0;
        if (code >= 0x80) {
            size = weir_scan_multibyte(in + at, end - at);
            if (size == 0)
                return 0;
            weir_copy(to, in + at, size);
            to += size;
        } else {
            if (code == 0x0d) {
                size = in[at + 1] == 0x0a ? 2 : 1;
                code = 0x0a; /* XML 2.11 */
            } else if (code == '&') {
                size = weir_scan_reference(in + at, end - at, &code);
                if (size == 0)
                    return 0;
            } else if (((weir_class[code] & WEIR_C_TEXT) == 0 && code != ']') || (code == '>' && brackets >= 2)) {
                return 0; /* XML 2.2 [2], 2.4 [14] */
            }
            *to = (uint8_t)code;
            to += code < 0x80 ? 1 : weir_utf8_write(code, to);
        }
        brackets = before;
        at += size;
    }
    *next = to;
    return at;
}

/* Text that a tag follows soon: it is gathered byte by byte. */
WEIR_OUTLINE weir_status short_text(weir_decoder *d, weir_slice *input, uint32_t end, uint32_t known, weir_event *e)
{
    uint8_t *to = d->workspace + d->text_at;
    uint8_t *next = to;
    uint32_t size = gather(input->data, end, &next);
    if (size == 0)
        return long_text(d, input, end, known, e);
    (void)take_text(d, input, size, e);
    e->text = weir_slice_of(to, (size_t)(next - to));
    return WEIR_TEXT;
}

weir_status weir_usual_text(weir_decoder *d, weir_slice *input, weir_event *e)
{
    const uint8_t *in = input->data;
    uint32_t end = weir_whole(d, input);
    uint32_t known = 0;
    if (d->brackets != 0)
        return long_text(d, input, end, 0, e);
    if ((weir_class[in[0]] & WEIR_C_TEXT) != 0) {
        known = weir_scan_short_text(d->kernel, in, end);
        if (known != 0 && (known == end || in[known] == '<'))
            return take_text(d, input, known, e);
    }
    return tag_is_near(d->kernel, in, end) ? short_text(d, input, end, known, e) : long_text(d, input, end, known, e);
}
