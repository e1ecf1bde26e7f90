/* names.c - namespaces: declarations, bindings, expanded names, duplicates (NS 3 to 6)
 *
 * The scope is a stack of bytes: for each open element its qualified name, then for each of its declarations prefix and namespace
 * name. Bindings are a stack beside it. Below both lies the built-in declaration of `xml`.
 *
 * SPDX-License-Identifier: MIT */
#include "internal.h"

static const char xml_declaration[] = "xmlhttp://www.w3.org/XML/1998/namespace";

typedef struct weir_known_name {
    const char *name;
    uint32_t size;
} weir_known_name;

#define WEIR_KNOWN(literal) {literal, sizeof literal - 1}

/* By enum weir_known, from WEIR_NS_EMPTY on. */
static const weir_known_name known_names[] = {
    WEIR_KNOWN(""),
    WEIR_KNOWN("http://www.w3.org/XML/1998/namespace"), /* NS 3 */
    WEIR_KNOWN("http://www.w3.org/2000/xmlns/"),        /* NS 3 */
    WEIR_KNOWN("http://etherx.jabber.org/streams"),     /* RFC 6120 4.8.1 */
    WEIR_KNOWN("urn:ietf:params:xml:ns:xmpp-framing"),  /* RFC 7395 3.3.2 */
    WEIR_KNOWN("jabber:client"),                        /* RFC 6120 4.8.3 */
    WEIR_KNOWN("jabber:server"),                        /* RFC 6120 4.8.3 */
    WEIR_KNOWN("jabber:component:accept"),              /* XEP-0114 */
    WEIR_KNOWN("jabber:component:connect"),             /* XEP-0114 */
    WEIR_KNOWN("jabber:server:dialback")                /* RFC 6120 4.8.5, XEP-0220 */
};

static uint32_t known_of(const uint8_t *name, uint32_t size)
{
    for (uint32_t i = 0; i < sizeof known_names / sizeof known_names[0]; i++)
        if (known_names[i].size == size && (size == 0 || memcmp(known_names[i].name, name, size) == 0))
            return WEIR_NS_EMPTY + i;
    return WEIR_NS_OTHER;
}

bool weir_is(const uint8_t *bytes, uint32_t size, const char *literal)
{
    for (uint32_t i = 0; i < size; i++)
        if (literal[i] == 0 || bytes[i] != (uint8_t)literal[i])
            return false;
    return literal[size] == 0;
}

/* Size and first bytes of a prefix: what differs here differs; up to three bytes, what is equal here is equal. */
static uint32_t prefix_key(const uint8_t *prefix, uint32_t size)
{
    uint32_t key = (size < 255 ? size : 255u) << 24;
    for (uint32_t i = 0; i < size && i < 3; i++)
        key |= (uint32_t)prefix[i] << (8 * i);
    return key;
}

void weir_names_reset(weir_decoder *d)
{
    uint8_t *scope = weir_scope(d);
    weir_binding *b = weir_bindings(d);
    for (uint32_t i = 0; i < WEIR_XML_SCOPE; i++)
        scope[i] = (uint8_t)xml_declaration[i];
    b->key = prefix_key(scope, 3);
    b->prefix = 0;
    b->prefix_size = 3;
    b->size = WEIR_XML_SCOPE - 3;
    b->same = 0;
    b->known = WEIR_NS_XML;
    d->scope = WEIR_XML_SCOPE;
    d->bindings = 1;
    d->outer_bindings = 1;
}

uint32_t weir_known_of(const weir_decoder *d, uint32_t binding)
{
    return binding == WEIR_NONE ? (uint32_t)WEIR_NS_EMPTY : weir_bindings(d)[binding].known;
}

weir_slice weir_namespace_of(const weir_decoder *d, uint32_t binding)
{
    if (binding == WEIR_NONE)
        return weir_slice_of(NULL, 0);
    const weir_binding *b = weir_bindings(d) + binding;
    return weir_slice_of(weir_scope(d) + b->prefix + b->prefix_size, b->size);
}

/* The innermost binding of a prefix; WEIR_NONE: unbound. At most limits.bindings steps of a comparison. */
static uint32_t find(const weir_decoder *d, const uint8_t *prefix, uint32_t size)
{
    const weir_binding *bindings = weir_bindings(d);
    uint32_t key = prefix_key(prefix, size);
    for (uint32_t i = d->bindings; i-- > 0;) {
        if (bindings[i].key == key &&
            (size <= 3 || (bindings[i].prefix_size == size &&
                           memcmp(weir_scope(d) + bindings[i].prefix, prefix, size) == 0)))
            return i;
    }
    return WEIR_NONE;
}

/* ---- Declarations ----------------------------------------------------------------------------------------------------- */

/* Where a part's value lies: in the tag, or in the workspace, where it was rewritten. */
static const uint8_t *value_of(const weir_decoder *d, const weir_tag *t, const weir_part *p)
{
    return ((p->flags & WEIR_PART_MOVED) != 0 ? d->workspace + d->tag_at : t->bytes) + p->value;
}

/* The first binding with the namespace name of `b`, so that equal names compare as equal numbers later. */
static uint32_t same_as(const weir_decoder *d, const weir_binding *b)
{
    const weir_binding *bindings = weir_bindings(d);
    const uint8_t *name = weir_scope(d) + b->prefix + b->prefix_size;
    for (uint32_t i = 0; i < d->bindings; i++) {
        const uint8_t *other = weir_scope(d) + bindings[i].prefix + bindings[i].prefix_size;
        if (bindings[i].size == b->size && bindings[i].same == i && weir_equal(other, name, b->size))
            return i;
    }
    return d->bindings;
}

/* NS 3 (Reserved Prefixes and Namespace Names), NS 5 (No Prefix Undeclaring) */
static void judge_declaration(weir_tag *t, const weir_part *p, const weir_binding *b, const uint8_t *prefix)
{
    bool xml = weir_is(prefix, b->prefix_size, "xml");
    if (xml != (b->known == WEIR_NS_XML) || b->known == WEIR_NS_XMLNS || weir_is(prefix, b->prefix_size, "xmlns"))
        weir_note(t, p->name, WEIR_R_RESERVED_NAMESPACE, WEIR_E_RESERVED_NAMESPACE); /* NS 3 */
    else if (b->prefix_size != 0 && b->size == 0)
        weir_note(t, p->name, WEIR_R_EMPTY_BINDING, WEIR_E_EMPTY_BINDING); /* NS 5 */
}

static weir_status push_binding(weir_decoder *d, weir_tag *t, const weir_part *p)
{
    const uint8_t *prefix = p->colon != 0 ? t->bytes + p->colon + 1 : t->bytes;
    uint32_t prefix_size = p->colon != 0 ? p->name_end - p->colon - 1 : 0;
    uint32_t size = p->value_end - p->value;
    if (d->bindings > d->limits.bindings) /* the built-in one does not count: choice 15 */
        return weir_fault(d, WEIR_E_LIMIT_BINDINGS, d->tag_begin + p->name); /* RFC 6120 13.12 */
    if (d->limits.scope + WEIR_XML_SCOPE - d->scope < prefix_size + size)
        return weir_fault(d, WEIR_E_LIMIT_SCOPE, d->tag_begin + p->name); /* RFC 6120 13.12 */
    weir_binding *b = weir_bindings(d) + d->bindings;
    uint8_t *to = weir_scope(d) + d->scope;
    if (prefix_size != 0)
        memcpy(to, prefix, prefix_size);
    if (size != 0)
        memcpy(to + prefix_size, value_of(d, t, p), size);
    b->key = prefix_key(to, prefix_size);
    b->prefix = d->scope;
    b->prefix_size = prefix_size;
    b->size = size;
    b->known = known_of(to + prefix_size, size);
    b->same = same_as(d, b);
    judge_declaration(t, p, b, to);
    if (prefix_size == 0)
        t->frame->fallback = d->bindings;
    d->scope += prefix_size + size;
    d->bindings++;
    return WEIR_GO_ON;
}

/* NS 3: an attribute declares when its name is `xmlns` or has that prefix. */
static bool declares(const uint8_t *bytes, const weir_part *p)
{
    uint32_t end = p->colon != 0 ? p->colon : p->name_end;
    return bytes[p->name] == 'x' && end - p->name == 5 && memcmp(bytes + p->name, "xmlns", 5) == 0;
}

weir_status weir_declare(weir_decoder *d, weir_tag *t)
{
    weir_part *parts = weir_parts(d);
    for (uint32_t i = 0; i < d->parts; i++) {
        if (!declares(t->bytes, parts + i))
            continue;
        weir_status status = push_binding(d, t, parts + i);
        if (status != 0)
            return status;
        parts[i].flags |= WEIR_PART_DECLARES;
        t->declarations++;
    }
    return WEIR_GO_ON;
}

/* ---- Expanded names --------------------------------------------------------------------------------------------------- */

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
    f->binding = f->prefix == 0 ? f->fallback : find(d, name, f->prefix);
    uses(d, f->binding, name, f->prefix);
    if (f->prefix == 0)
        return;
    if (weir_is(name, f->prefix, "xmlns"))
        weir_note(t, 1, WEIR_R_RESERVED_NAMESPACE, WEIR_E_RESERVED_NAMESPACE); /* NS 3 */
    if (f->binding == WEIR_NONE)
        weir_note(t, 1, WEIR_R_UNBOUND_PREFIX, WEIR_E_UNBOUND_PREFIX); /* NS 5 (NSC: Prefix Declared) */
}

static void resolve_attribute(weir_decoder *d, weir_tag *t, weir_part *p, weir_attribute *a)
{
    const uint8_t *name = t->bytes + p->name;
    uint32_t prefix = p->colon != 0 ? p->colon - p->name : 0;
    uint32_t local = p->colon != 0 ? p->colon + 1 : p->name;
    p->binding = WEIR_NONE; /* NS 6.2: the default namespace is not for attributes */
    if (prefix != 0) {
        p->binding = find(d, name, prefix);
        uses(d, p->binding, name, prefix);
        if (p->binding == WEIR_NONE)
            weir_note(t, p->name, WEIR_R_UNBOUND_PREFIX, WEIR_E_UNBOUND_PREFIX); /* NS 5 (NSC: Prefix Declared) */
    }
    a->name.namespace_name = weir_namespace_of(d, p->binding);
    a->name.prefix = weir_slice_of(name, prefix);
    a->name.local = weir_slice_of(t->bytes + local, p->name_end - local);
    a->value = weir_slice_of(value_of(d, t, p), p->value_end - p->value);
}

void weir_resolve(weir_decoder *d, weir_tag *t)
{
    weir_part *parts = weir_parts(d);
    weir_attribute *attributes = (weir_attribute *)(void *)(d->workspace + d->attributes_at);
    weir_declaration *declarations = (weir_declaration *)(void *)(d->workspace + d->declarations_at);
    uint32_t declared = 0;
    resolve_element(d, t);
    for (uint32_t i = 0; i < d->parts; i++) {
        if ((parts[i].flags & WEIR_PART_DECLARES) != 0) {
            const weir_binding *b = weir_bindings(d) + t->frame->bindings + declared;
            declarations[declared].prefix = weir_slice_of(weir_scope(d) + b->prefix, b->prefix_size);
            declarations[declared].namespace_name = weir_slice_of(weir_scope(d) + b->prefix + b->prefix_size, b->size);
            declared++;
        } else {
            resolve_attribute(d, t, parts + i, attributes + t->attributes);
            t->attributes++;
        }
    }
}

/* ---- Duplicates (XML 3.1 WFC: Unique Att Spec; NS 6.3) ---------------------------------------------------------------- */

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
static void sift(const weir_decoder *d, const weir_tag *t, bool expanded, uint32_t *order, uint32_t from, uint32_t count)
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

/* A set of name sizes, first and last bytes: attributes that differ there are no duplicates, and usual tags end here. */
static bool may_repeat(const weir_decoder *d, const weir_tag *t)
{
    const weir_part *parts = weir_parts(d);
    uint64_t seen = 0;
    for (uint32_t i = 0; i < d->parts; i++) {
        uint32_t mark = t->bytes[parts[i].name] + 3u * t->bytes[parts[i].name_end - 1] +
                        7u * (parts[i].name_end - parts[i].name);
        uint64_t bit = (uint64_t)1 << (mark & 63);
        if ((seen & bit) != 0)
            return true;
        seen |= bit;
    }
    return false;
}

void weir_duplicates(weir_decoder *d, weir_tag *t)
{
    const weir_part *parts = weir_parts(d);
    uint32_t *order = (uint32_t *)(void *)(d->workspace + d->order_at);
    if (d->parts > 1 && may_repeat(d, t)) {
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
