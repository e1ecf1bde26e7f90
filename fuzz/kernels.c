/* kernels.c - fuzz target: every kernel of this machine against the portable one (invariant 2)
 *
 * So that most bytes of an input meet a scan, `spare` may put them where one runs: in text, in a value of either quote,
 * in a CDATA section, in names; behind as many plain bytes as the header's first gap says, so that they come at every
 * place of a vector.
 *
 * SPDX-License-Identifier: MIT */
#include "common/run.h"
#include "common/target.h"

#include <string.h>

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t framed[FUZZ_SIZE_MAX + 512];
    static fuzz_record portable, other;
    fuzz_input in;
    if (size > FUZZ_SIZE_MAX - 512 || !fuzz_input_read(&in, data, size))
        return 0;
    const frame *f = &frames[in.spare % (sizeof frames / sizeof frames[0])];
    if (f->before[0] != '\0') {
        size_t used = put(framed, 0, f->before);
        memset(framed + used, 'x', in.gaps[0]);
        used += in.gaps[0];
        memcpy(framed + used, in.bytes, in.size);
        in.size = put(framed, used + in.size, f->after);
        in.bytes = framed;
        in.config.framing = WEIR_FRAMING_DOCUMENT;
        in.message_ends = &in.size;
        in.message_count = 1;
    }
    in.config.kernel = WEIR_KERNEL_PORTABLE;
    (void)fuzz_decode(&in, &(fuzz_sink){.record = &portable});
    for (weir_kernel k = WEIR_KERNEL_PORTABLE + 1; k < WEIR_KERNEL_COUNT; k++) {
        fuzz_input with = in;
        with.config.kernel = k;
        if (!weir_kernel_available(k))
            continue;
        (void)fuzz_decode(&with, &(fuzz_sink){.record = &other});
        if (!fuzz_record_equal(&portable, &other))
            fuzz_broken("2 (kernel invariance)", "a kernel and the portable one differ", &in, &with);
    }
    return 0;
}
