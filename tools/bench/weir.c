/* weir.c - the decoder of this project, once for each scanning kernel of this machine
 *
 * SPDX-License-Identifier: MIT */
#include "decode_weir.h"

#include <stdlib.h>

static inline void touch_slice(work *w, weir_slice slice)
{
    w->sum += touch(slice.data, slice.size);
}

static inline void touch_attributes(work *w, const weir_event *event)
{
    for (uint32_t i = 0; i < event->attribute_count; i++) {
        const weir_attribute *a = &event->attributes[i];
        touch_slice(w, a->name.namespace_name);
        touch_slice(w, a->name.local);
        touch_slice(w, a->value);
        w->value_bytes += a->value.size;
    }
    for (uint32_t i = 0; i < event->declaration_count; i++) {
        const weir_declaration *d = &event->declarations[i];
        touch_slice(w, d->prefix);
        touch_slice(w, d->namespace_name);
        w->value_bytes += d->namespace_name.size;
    }
    w->attributes += event->attribute_count + event->declaration_count;
}

static inline void touch_event(work *w, const weir_event *event)
{
    w->events++;
    switch (event->type) {
    case WEIR_STREAM_OPENED:
    case WEIR_ELEMENT_START:
        w->elements++;
        touch_slice(w, event->name.namespace_name);
        touch_slice(w, event->name.local);
        touch_attributes(w, event);
        break;
    case WEIR_TEXT:
    case WEIR_SPACE:
        w->text_bytes += event->text.size;
        touch_slice(w, event->text);
        break;
    default:
        touch_slice(w, event->name.namespace_name);
        touch_slice(w, event->name.local);
        break;
    }
}

static bool decode_chunks(weir_decoder *decoder, const uint8_t *bytes, size_t size, size_t chunk, work *total)
{
    weir_event event;
    work counts = *total;
    for (size_t at = 0; at < size; at += chunk) {
        weir_slice input = {bytes + at, size - at < chunk ? size - at : chunk};
        weir_status status;
        while ((status = weir_next(decoder, &input, &event)) > 0) {
            touch_event(&counts, &event);
        }
        if (status < 0) {
            return false;
        }
    }
    *total = counts;
    return weir_finish(decoder) == WEIR_COMPLETE;
}

bool decode_weir(const weir_config *config, const uint8_t *bytes, size_t size, size_t chunk, work *w)
{
    size_t room = weir_workspace_size(&config->limits);
    void *workspace = malloc(room);
    weir_decoder decoder;
    bool accepted = workspace != NULL && weir_init(&decoder, config, workspace, room) == WEIR_OK &&
                    decode_chunks(&decoder, bytes, size, chunk, w);
    free(workspace);
    return accepted;
}

static bool decode(const contender *self, uint8_t *bytes, size_t size, size_t chunk, work *w)
{
    weir_config config = {.framing = WEIR_FRAMING_STREAM, .kernel = (weir_kernel)self->variant};
    weir_limits_default(&config.limits);
    return decode_weir(&config, bytes, size, chunk, w);
}

size_t contenders_weir(contender list[], size_t room)
{
    static const char *const names[WEIR_KERNEL_COUNT] = {
        [WEIR_KERNEL_PORTABLE] = "weir-portable",
        [WEIR_KERNEL_SSE2] = "weir-sse2",
        [WEIR_KERNEL_AVX2] = "weir-avx2",
        [WEIR_KERNEL_NEON] = "weir-neon",
    };
    size_t count = 0;
    for (int kernel = WEIR_KERNEL_COUNT - 1; kernel > WEIR_KERNEL_AUTO && count < room; kernel--) {
        if (weir_kernel_available((weir_kernel)kernel)) {
            list[count++] =
                (contender){.name = names[kernel], .package = "", .unchecked = "", .variant = kernel, .decode = decode};
        }
    }
    return count;
}
