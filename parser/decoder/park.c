/* park.c - decoders that wait without a workspace, and wiping
 *
 * The parked form is the struct, then what is in use of each part of the workspace.
 *
 * SPDX-License-Identifier: MIT */
#include "internal.h"

/* Frames in use: those of open elements, one whose end is due included. */
static size_t frames_used(const weir_decoder *d)
{
    return d->depth * sizeof(weir_frame);
}

static size_t bindings_used(const weir_decoder *d)
{
    return d->bindings * sizeof(weir_binding);
}

static size_t sorted_used(const weir_decoder *d)
{
    return d->sorted * sizeof(uint32_t);
}

/* The attributes of an unfinished start tag, the one at hand included. */
static size_t parts_used(const weir_decoder *d)
{
    bool at_hand = d->parts < d->limits.attributes && d->parts <= d->limits.tag / 5;
    return d->tag_open ? (d->parts + (at_hand ? 1u : 0u)) * sizeof(weir_part) : 0;
}

static size_t tag_used(const weir_decoder *d)
{
    return d->tag_open ? d->carried : 0;
}

size_t weir_parked_size(const weir_decoder *d)
{
    if (d == NULL || d->state == WEIR_S_REFUSED)
        return 0;
    return sizeof *d + frames_used(d) + bindings_used(d) + 2 * sorted_used(d) + parts_used(d) + d->scope + tag_used(d) +
           d->text_used;
}

static uint8_t *put(uint8_t *to, const void *from, size_t size)
{
    if (size != 0)
        memcpy(to, from, size);
    return to + size;
}

static const uint8_t *take(void *to, const uint8_t *from, size_t size)
{
    if (size != 0)
        memcpy(to, from, size);
    return from + size;
}

weir_status weir_park(const weir_decoder *d, void *parked, size_t size)
{
    if (d == NULL || parked == NULL || d->state == WEIR_S_REFUSED || size != weir_parked_size(d))
        return WEIR_E_MISUSE;
    uint8_t *to = put((uint8_t *)parked, d, sizeof *d);
    to = put(to, weir_frames(d), frames_used(d));
    to = put(to, weir_bindings(d), bindings_used(d));
    to = put(to, weir_parts(d), parts_used(d));
    to = put(to, d->workspace + d->by_prefix_at, sorted_used(d));
    to = put(to, d->workspace + d->by_name_at, sorted_used(d));
    to = put(to, weir_scope(d), d->scope);
    to = put(to, d->workspace + d->tag_at, tag_used(d));
    (void)put(to, d->workspace + d->text_at, d->text_used);
    return WEIR_OK;
}

weir_status weir_unpark(weir_decoder *d, const void *parked, size_t size, void *workspace, size_t workspace_size)
{
    if (d == NULL)
        return WEIR_E_MISUSE;
    weir_refuse(d);
    if (parked == NULL || workspace == NULL || ((uintptr_t)workspace & (sizeof(uint64_t) - 1)) != 0 || size < sizeof *d)
        return WEIR_E_MISUSE;
    const uint8_t *from = take(d, (const uint8_t *)parked, sizeof *d);
    if (size != weir_parked_size(d) || workspace_size < weir_workspace_size(&d->limits)) {
        weir_refuse(d);
        return WEIR_E_MISUSE;
    }
    d->workspace = (uint8_t *)workspace;
    d->workspace_size = workspace_size;
    from = take(weir_frames(d), from, frames_used(d));
    from = take(weir_bindings(d), from, bindings_used(d));
    from = take(weir_parts(d), from, parts_used(d));
    from = take(d->workspace + d->by_prefix_at, from, sorted_used(d));
    from = take(d->workspace + d->by_name_at, from, sorted_used(d));
    from = take(weir_scope(d), from, d->scope);
    from = take(d->workspace + d->tag_at, from, tag_used(d));
    (void)take(d->workspace + d->text_at, from, d->text_used);
    return WEIR_OK;
}

void weir_wipe(weir_decoder *d)
{
    if (d == NULL)
        return;
    volatile uint8_t *bytes = d->workspace; /* volatile: a store that nobody reads is still made */
    for (size_t i = 0; i < d->workspace_size; i++)
        bytes[i] = 0;
    bytes = (volatile uint8_t *)d;
    for (size_t i = 0; i < sizeof *d; i++)
        bytes[i] = 0;
    d->error.code = WEIR_E_MISUSE;
}
