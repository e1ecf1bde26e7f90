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
static void plain_attribute(const weir_decoder *d, const weir_tag *t, const weir_part *p, weir_attribute *a)
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

/* What can be equal to another name of the tag: a prefixed attribute's local name beside its namespace (NS 6.3), any
 * other part's qualified name, declarations included (XML 3.1). Equal qualified names have equal prefixes, and so one
 * namespace. */
static uint32_t comparable(const weir_decoder *d, const weir_part *p, uint32_t *group)
{
    bool prefixed = p->colon != 0 && (p->flags & WEIR_PART_DECLARES) == 0;
    *group = 0;
    if (prefixed) /* unbound ones are at fault already, at lower names than their repetition */
        *group = p->binding == WEIR_NONE ? WEIR_NONE : weir_bindings(d)[p->binding].same + 1;
    return prefixed ? p->colon + 1 : p->name;
}

/* One of 64 marks, by what is comparable: its namespace, size, first and last byte. */
static uint64_t name_mark(const weir_decoder *d, const weir_tag *t, const weir_part *p)
{
    uint32_t group;
    uint32_t name = comparable(d, p, &group);
    uint32_t sum = t->bytes[name] + 4u * t->bytes[p->name_end - 1] + 7u * (p->name_end - name) + 31u * group;
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
        if ((p->flags & WEIR_PART_DECLARES) != 0)
            declaration(d, t, declarations + t->declared);
        else if (p->colon != 0)
            prefixed_attribute(d, t, p, attributes + t->attributes++);
        else
            plain_attribute(d, t, p, attributes + t->attributes++);
        uint64_t mark = name_mark(d, t, p);
        t->may_repeat |= (marks & mark) != 0;
        marks |= mark;
    }
}

/* ---- Duplicates (XML 3.1 WFC: Unique Att Spec; NS 6.3) ----------------------------------------------------------- */

/* Any total order of parts in which duplicates are equal; most differ in their group or key already. */
static int compare_parts(const weir_tag *t, const weir_part *a, const weir_part *b)
{
    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    uint32_t size = a->name_end - a->compared;
    if (size != b->name_end - b->compared)
        return size < b->name_end - b->compared ? -1 : 1;
    return weir_compare(t->bytes + a->compared, t->bytes + b->compared, size);
}

/* Merges two sorted runs, the second one from `middle`; of equals the earlier part stays first. */
static void merge(const weir_decoder *d, const weir_tag *t, const uint32_t *from, uint32_t middle, uint32_t end,
                  uint32_t *to)
{
    const weir_part *parts = weir_parts(d);
    uint32_t left = 0;
    uint32_t right = middle;
    for (uint32_t i = 0; i < end; i++) {
        bool take_left =
            right == end || (left < middle && compare_parts(t, parts + from[left], parts + from[right]) <= 0);
        to[i] = take_left ? from[left++] : from[right++];
    }
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Merge sort from the bottom up: no recursion, and n log n comparisons whatever names the peer chose (invariant 4). */
static const uint32_t *sorted_parts(const weir_decoder *d, const weir_tag *t)
{
    uint32_t count = d->parts;
    uint32_t *from = (uint32_t *)(void *)(d->workspace + d->order_at);
    uint32_t *to = from + count;
    for (uint32_t i = 0; i < count; i++)
        from[i] = i;
    for (uint32_t width = 1; width < count; width *= 2) {
        for (uint32_t i = 0; i < count; i += 2 * width)
            merge(d, t, from + i, least(width, count - i), least(2 * width, count - i), to + i);
        uint32_t *other = from;
        from = to;
        to = other;
    }
    return from;
}

/* Names with different marks are no duplicates, so that usual tags do not come here. Notes the later one of each
 * pair. */
void weir_duplicates(weir_decoder *d, weir_tag *t)
{
    weir_part *parts = weir_parts(d);
    for (uint32_t i = 0; i < d->parts; i++) {
        weir_part *p = parts + i;
        p->compared = comparable(d, p, &p->group);
        p->key = weir_key(t->bytes + p->compared, p->name_end - p->compared);
    }
    const uint32_t *order = sorted_parts(d, t);
    for (uint32_t i = 1; i < d->parts; i++) {
        const weir_part *a = parts + order[i - 1];
        const weir_part *b = parts + order[i];
        if (compare_parts(t, a, b) != 0)
            continue;
        uint32_t size = b->name_end - b->name;
        bool raw = size == a->name_end - a->name && weir_equal(t->bytes + a->name, t->bytes + b->name, size);
        if (raw)
            weir_note(t, b->name, WEIR_R_DUPLICATE_ATTRIBUTE, WEIR_E_DUPLICATE_ATTRIBUTE); /* XML 3.1 */
        else
            weir_note(t, b->name, WEIR_R_DUPLICATE_EXPANDED, WEIR_E_DUPLICATE_EXPANDED); /* NS 6.3; choice 18 */
    }
}
