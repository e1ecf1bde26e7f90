/* names.c - expanded names of elements and attributes, and duplicates (NS 4 to 6, XML 3.1)
 *
 * SPDX-License-Identifier: MIT */
#include "internal.h"

/* ---- Expanded names ---------------------------------------------------------------------------------------------- */

/* Choice 20: a name that the element's own declarations do not give its namespace. */
static void uses(weir_decoder *d, uint32_t binding, const uint8_t *prefix, uint32_t size)
{
    if ((binding == WEIR_NONE || binding < d->outer_bindings) && !weir_is(prefix, size, "xml"))
        d->self_contained = false;
}

static void resolve_element(weir_decoder *d, weir_tag *t)
{
    weir_frame *f = t->frame;
    const uint8_t *name = t->bytes + 1;
    f->binding = f->prefix == 0 ? f->fallback : weir_find(d, name, f->prefix);
    uses(d, f->binding, name, f->prefix);
    if (f->prefix == 0)
        return;
    if (weir_is(name, f->prefix, "xmlns"))
        weir_note(t, 1, WEIR_R_RESERVED_NAMESPACE, WEIR_E_RESERVED_NAMESPACE); /* NS 3 */
    if (f->binding == WEIR_NONE)
        weir_note(t, 1, WEIR_R_UNBOUND_PREFIX, WEIR_E_UNBOUND_PREFIX); /* NS 5 (NSC: Prefix Declared) */
}

/* NS 6.2: without prefix an attribute is in no namespace. */
WEIR_INLINE void plain_attribute(const weir_decoder *d, const weir_tag *t, const weir_part *p, weir_attribute *a)
{
    const uint8_t *name = t->bytes + p->name;
    a->name.namespace_name = weir_slice_of(NULL, 0);
    a->name.prefix = weir_slice_of(NULL, 0);
    a->name.local = weir_slice_of(name, p->name_end - p->name);
    a->value = weir_slice_of(weir_value_of(d, t, p), p->value_end - p->value);
}

static void prefixed_attribute(weir_decoder *d, weir_tag *t, weir_part *p, weir_attribute *a)
{
    const uint8_t *name = t->bytes + p->name;
    uint32_t prefix = p->colon - p->name;
    p->binding = weir_find(d, name, prefix);
    uses(d, p->binding, name, prefix);
    if (p->binding == WEIR_NONE)
        weir_note(t, p->name, WEIR_R_UNBOUND_PREFIX, WEIR_E_UNBOUND_PREFIX); /* NS 5 (NSC: Prefix Declared) */
    a->name.namespace_name = weir_namespace_of(d, p->binding);
    a->name.prefix = weir_slice_of(name, prefix);
    a->name.local = weir_slice_of(t->bytes + p->colon + 1, p->name_end - p->colon - 1);
    a->value = weir_slice_of(weir_value_of(d, t, p), p->value_end - p->value);
}

static void declaration(const weir_decoder *d, weir_tag *t, weir_declaration *to)
{
    const weir_binding *b = weir_bindings(d) + t->frame->bindings + t->declared++;
    to->prefix = weir_slice_of(weir_scope(d) + b->prefix, b->prefix_size);
    to->namespace_name = weir_slice_of(weir_scope(d) + b->prefix + b->prefix_size, b->size);
}

/* One of 64 marks, by the size, the first and the last byte of the qualified name. */
WEIR_INLINE uint64_t name_mark(const weir_tag *t, const weir_part *p)
{
    uint32_t sum = t->bytes[p->name] + 3u * t->bytes[p->name_end - 1] + 7u * (p->name_end - p->name);
    return (uint64_t)1 << (sum & 63);
}

void weir_resolve(weir_decoder *d, weir_tag *t)
{
    weir_part *p = weir_parts(d);
    const weir_part *end = p + d->parts;
    weir_attribute *attributes = (weir_attribute *)(void *)(d->workspace + d->attributes_at);
    weir_declaration *declarations = (weir_declaration *)(void *)(d->workspace + d->declarations_at);
    uint64_t marks = 0;
    resolve_element(d, t);
    for (; p != end; p++) {
        uint64_t mark = name_mark(t, p);
        t->may_repeat |= (marks & mark) != 0;
        marks |= mark;
        if ((p->flags & WEIR_PART_DECLARES) != 0)
            declaration(d, t, declarations + t->declared);
        else if (p->colon != 0)
            prefixed_attribute(d, t, p, attributes + t->attributes++);
        else
            plain_attribute(d, t, p, attributes + t->attributes++);
    }
}

/* ---- Duplicates (XML 3.1 WFC: Unique Att Spec; NS 6.3) ----------------------------------------------------------- */

static int compare_bytes(const uint8_t *a, uint32_t a_size, const uint8_t *b, uint32_t b_size)
{
    if (a_size != b_size)
        return a_size < b_size ? -1 : 1;
    return memcmp(a, b, a_size);
}

/* By qualified name, or by local name and namespace name; 0 for duplicates. */
static int compare_names(const weir_decoder *d, const weir_tag *t, bool expanded, uint32_t i, uint32_t j)
{
    const weir_part *a = weir_parts(d) + i;
    const weir_part *b = weir_parts(d) + j;
    if (!expanded)
        return compare_bytes(t->bytes + a->name, a->name_end - a->name, t->bytes + b->name, b->name_end - b->name);
    uint32_t a_same = weir_bindings(d)[a->binding].same;
    uint32_t b_same = weir_bindings(d)[b->binding].same;
    if (a_same != b_same)
        return a_same < b_same ? -1 : 1;
    return compare_bytes(t->bytes + a->colon + 1, a->name_end - a->colon - 1, t->bytes + b->colon + 1,
                         b->name_end - b->colon - 1);
}

static bool comes_before(const weir_decoder *d, const weir_tag *t, bool expanded, uint32_t i, uint32_t j)
{
    int order = compare_names(d, t, expanded, i, j);
    return order != 0 ? order < 0 : i < j;
}

/* Heapsort: no recursion, and n log n comparisons whatever names the peer chose (invariant 4). */
static void sift(const weir_decoder *d, const weir_tag *t, bool expanded, uint32_t *order, uint32_t from,
                 uint32_t count)
{
    uint32_t moved = order[from];
    for (;;) {
        uint32_t child = 2 * from + 1;
        if (child >= count)
            break;
        if (child + 1 < count && comes_before(d, t, expanded, order[child], order[child + 1]))
            child++;
        if (!comes_before(d, t, expanded, moved, order[child]))
            break;
        order[from] = order[child];
        from = child;
    }
    order[from] = moved;
}

static void sort_names(const weir_decoder *d, const weir_tag *t, bool expanded, uint32_t *order, uint32_t count)
{
    for (uint32_t i = count / 2; i-- > 0;)
        sift(d, t, expanded, order, i, count);
    for (uint32_t last = count; last-- > 1;) {
        uint32_t top = order[0];
        order[0] = order[last];
        order[last] = top;
        sift(d, t, expanded, order, 0, last);
    }
}

/* Notes the later one of each pair of equal names. */
static void note_duplicates(weir_decoder *d, weir_tag *t, bool expanded, uint32_t count)
{
    uint32_t *order = (uint32_t *)(void *)(d->workspace + d->order_at);
    sort_names(d, t, expanded, order, count);
    for (uint32_t i = 1; i < count; i++) {
        if (compare_names(d, t, expanded, order[i - 1], order[i]) != 0)
            continue;
        uint32_t name = weir_parts(d)[order[i]].name;
        if (expanded)
            weir_note(t, name, WEIR_R_DUPLICATE_EXPANDED, WEIR_E_DUPLICATE_EXPANDED); /* NS 6.3 */
        else
            weir_note(t, name, WEIR_R_DUPLICATE_ATTRIBUTE, WEIR_E_DUPLICATE_ATTRIBUTE); /* XML 3.1 */
    }
}

void weir_duplicates(weir_decoder *d, weir_tag *t)
{
    const weir_part *parts = weir_parts(d);
    uint32_t *order = (uint32_t *)(void *)(d->workspace + d->order_at);
    if (t->may_repeat) { /* names with different marks are no duplicates, and usual tags end here */
        for (uint32_t i = 0; i < d->parts; i++)
            order[i] = i;
        note_duplicates(d, t, false, d->parts);
    }
    uint32_t prefixed = 0;
    for (uint32_t i = 0; i < d->parts; i++)
        if (parts[i].colon != 0 && (parts[i].flags & WEIR_PART_DECLARES) == 0 && parts[i].binding != WEIR_NONE)
            order[prefixed++] = i; /* choice 18 */
    if (prefixed > 1)
        note_duplicates(d, t, true, prefixed);
}
