/* kernels.c - fuzz target: every kernel of this machine against the portable one (invariant 2)
 *
 * So that most bytes of an input meet a scan, `spare` may put them where one runs: in text, in a value of either quote,
 * in a CDATA section, in names; behind as many plain bytes as the header's first gap says and before as many as the
 * fourth, so that they come at every place of a vector; inside another element where the third gap is odd, for the root
 * is not read by blocks. Where bit 3 of `spare` is set, nothing is left to chance: the byte at the place that the second
 * gap says becomes each of the 256, one after another, so that a table that is wrong about one is found; or, where bit 1
 * of the third gap is set as well, the bytes come at each of 64 places.
 *
 * SPDX-License-Identifier: MIT */
#include "common/run.h"
#include "common/target.h"

#include <string.h>

#define EACH 8u       /* of `spare` */
#define EACH_MOST 100 /* bytes of an input: longer ones take too long */

typedef struct frame {
    const char *before, *after;
} frame;

static const frame frames[] = {
    {"", ""},     {"<a>", "</a>"},   {"<a b='", "'/>"}, {"<a b=\"", "\"/>"}, {"<a><![CDATA[", "]]></a>"},
    {"<a", "/>"}, {"<a b", "=''/>"}, {"<a>]", "</a>"},
};

static size_t put(uint8_t *to, size_t used, const char *text)
{
    size_t size = strlen(text);
    memcpy(to + used, text, size);
    return used + size;
}

uint8_t fuzz_costly = EACH << 4;

static void compare(fuzz_input *in)
{
    static fuzz_record portable, other;
    in->config.kernel = WEIR_KERNEL_PORTABLE;
    (void)fuzz_decode(in, &(fuzz_sink){.record = &portable});
    for (weir_kernel k = WEIR_KERNEL_PORTABLE + 1; k < WEIR_KERNEL_COUNT; k++) {
        fuzz_input with = *in;
        with.config.kernel = k;
        if (!weir_kernel_available(k))
            continue;
        (void)fuzz_decode(&with, &(fuzz_sink){.record = &other});
        if (!fuzz_record_equal(&portable, &other))
            fuzz_broken("2 (kernel invariance)", "a kernel and the portable one differ", in, &with);
    }
}

/* Puts the bytes into `framed`, behind so many plain ones; the place where they begin. */
static uint8_t *put_framed(fuzz_input *in, const fuzz_input *bare, uint8_t *framed, size_t plain)
{
    const frame *f = &frames[bare->spare % (sizeof frames / sizeof frames[0])];
    bool inside = (bare->gaps[2] & 1) != 0;
    size_t used = put(framed, 0, inside ? "<r>" : "");
    used = put(framed, used, f->before);
    memset(framed + used, 'x', plain);
    uint8_t *place = framed + used + plain;
    memcpy(place, bare->bytes, bare->size);
    used += plain + bare->size;
    memset(framed + used, 'x', bare->gaps[3]);
    used = put(framed, used + bare->gaps[3], f->after);
    in->size = put(framed, used, inside ? "</r>" : "");
    in->bytes = framed;
    in->config.framing = WEIR_FRAMING_DOCUMENT;
    in->message_ends = &in->size;
    in->message_count = 1;
    return place;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t framed[FUZZ_SIZE_MAX + 1024];
    static fuzz_input in, bare;
    if (size > FUZZ_SIZE_MAX - 1024 || !fuzz_input_read(&bare, data, size))
        return 0;
    in = bare;
    bool framing = bare.spare % (sizeof frames / sizeof frames[0]) != 0;
    bool each = framing && (bare.spare & EACH) != 0 && bare.size != 0 && bare.size <= EACH_MOST;
    if (!framing) {
        compare(&in);
    } else if (each && (bare.gaps[2] & 2) != 0) {
        for (size_t plain = 0; plain < 64; plain++) {
            (void)put_framed(&in, &bare, framed, plain);
            compare(&in);
        }
    } else {
        uint8_t *place = put_framed(&in, &bare, framed, bare.gaps[0]) + (each ? bare.gaps[1] % bare.size : 0);
        for (unsigned byte = 0; byte < (each ? 256u : 1u); byte++) {
            *place = each ? (uint8_t)byte : *place;
            compare(&in);
        }
    }
    return 0;
}
