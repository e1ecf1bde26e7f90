/* layout.c - limits, and where things lie in the workspace
 *
 * SPDX-License-Identifier: MIT */
#include "internal.h"

void weir_limits_default(weir_limits *limits)
{
    if (limits == NULL)
        return;
    limits->depth = WEIR_DEFAULT_DEPTH;
    limits->attributes = WEIR_DEFAULT_ATTRIBUTES;
    limits->bindings = WEIR_DEFAULT_BINDINGS;
    limits->scope = WEIR_DEFAULT_SCOPE;
    limits->tag = WEIR_DEFAULT_TAG;
    limits->element = WEIR_DEFAULT_ELEMENT;
    limits->elements = WEIR_DEFAULT_ELEMENTS;
}

static bool in_range(uint32_t limit)
{
    return limit >= 1 && limit <= WEIR_LIMIT_MAX;
}

static bool all_in_range(const weir_limits *l)
{
    return in_range(l->depth) && in_range(l->attributes) && in_range(l->bindings) && in_range(l->scope) &&
           in_range(l->tag) && in_range(l->element) && in_range(l->elements);
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Parts of the workspace in their order, those of the strictest alignment first. */
typedef struct weir_plan {
    uint64_t attributes, declarations, bindings, parts, order, by_prefix, by_name, scope, tag, text, total;
} weir_plan;

/* Every factor is below 2^32 and every size below 2^7, so that no sum of eleven passes 2^43. */
static void plan(weir_plan *p, const weir_limits *l)
{
    /* An attribute takes 5 bytes of its tag at least (` a=''`), the last one perhaps only one; an open element 3
     * bytes (`<a>`) of the element, or is the stream's, and 1 of the scope; one more frame stands for the stream of
     * websocket framing. */
    uint64_t attributes = least(l->attributes, (uint64_t)l->tag / 5 + 1);
    uint64_t frames = least(l->depth, least((uint64_t)l->scope, (uint64_t)l->element / 3 + 1)) + 1;
    /* A declaration takes 9 bytes (` xmlns=''`) of the header or of the element. */
    uint64_t bindings = least(l->bindings, ((uint64_t)l->tag + l->element) / 9) + 1;

    p->attributes = frames * sizeof(weir_frame);
    p->declarations = p->attributes + attributes * sizeof(weir_attribute);
    p->bindings = p->declarations + attributes * sizeof(weir_declaration);
    p->parts = p->bindings + bindings * sizeof(weir_binding);
    p->order = p->parts + attributes * sizeof(weir_part);
    p->by_prefix = p->order + 2 * attributes * sizeof(uint32_t);
    p->by_name = p->by_prefix + bindings * sizeof(uint32_t);
    p->scope = p->by_name + bindings * sizeof(uint32_t);
    p->tag = p->scope + WEIR_XML_SCOPE + l->scope + WEIR_SPARE;
    p->text = p->tag + l->tag;
    p->total = p->text + WEIR_TEXT_ROOM;
}

size_t weir_workspace_size(const weir_limits *limits)
{
    weir_plan p;
    if (limits == NULL || !all_in_range(limits))
        return 0;
    plan(&p, limits);
    return p.total <= SIZE_MAX / 2 ? (size_t)p.total : 0; /* no object may be larger (PTRDIFF_MAX) */
}

bool weir_layout(weir_decoder *d, const weir_limits *limits)
{
    weir_plan p;
    size_t size = weir_workspace_size(limits);
    if (size == 0 || size > d->workspace_size)
        return false;
    plan(&p, limits);
    d->limits.depth = limits->depth;
    d->limits.attributes = limits->attributes;
    d->limits.bindings = limits->bindings;
    d->limits.scope = limits->scope;
    d->limits.tag = limits->tag;
    d->limits.element = limits->element;
    d->limits.elements = limits->elements;
    d->attributes_at = (size_t)p.attributes;
    d->declarations_at = (size_t)p.declarations;
    d->bindings_at = (size_t)p.bindings;
    d->parts_at = (size_t)p.parts;
    d->order_at = (size_t)p.order;
    d->by_prefix_at = (size_t)p.by_prefix;
    d->by_name_at = (size_t)p.by_name;
    d->scope_at = (size_t)p.scope;
    d->tag_at = (size_t)p.tag;
    d->text_at = (size_t)p.text;
    return true;
}
