/* bindings.c - namespace declarations and what is in scope (NS 3, 5, 6.1)
 *
 * The scope is a stack of bytes: for each open element its qualified name, then for each of its declarations
 * prefix and namespace name. Bindings are a stack beside it. Below both lies the built-in declaration of `xml`.
 * Prefixed bindings are also kept in two orders, by prefix and by namespace name, so that a look-up takes few steps
 * whatever prefixes a peer chose (invariant 4).
 *
 * SPDX-License-Identifier: MIT */
#include "internal.h"

static const char xml_declaration[] = "xmlhttp://www.w3.org/XML/1998/namespace";

typedef struct weir_known_name {
    const char *name;
    uint32_t size;
} weir_known_name;

#define WEIR_KNOWN(literal) {literal, sizeof literal - 1}

/* By enum weir_known_namespace, from WEIR_NS_EMPTY on. */
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

/* Sizes of those: other sizes, and so most names, need no comparison. */
#define WEIR_KNOWN_SIZES                                                                                               \
    ((uint64_t)1 | (uint64_t)1 << 36 | (uint64_t)1 << 29 | (uint64_t)1 << 32 | (uint64_t)1 << 35 | (uint64_t)1 << 13 | \
     (uint64_t)1 << 23 | (uint64_t)1 << 24 | (uint64_t)1 << 22)

WEIR_OUTLINE uint32_t known_by_name(const uint8_t *name, uint32_t size)
{
    for (uint32_t i = 0; i < sizeof known_names / sizeof known_names[0]; i++)
        if (known_names[i].size == size &&
            (size == 0 || weir_compare((const uint8_t *)known_names[i].name, name, size) == 0))
            return WEIR_NS_EMPTY + i;
    return WEIR_NS_OTHER;
}

uint32_t weir_known(const uint8_t *name, uint32_t size)
{
    return size > 63 || (WEIR_KNOWN_SIZES >> size & 1) == 0 ? (uint32_t)WEIR_NS_OTHER : known_by_name(name, size);
}

bool weir_is(const uint8_t *bytes, uint32_t size, const char *literal)
{
    for (uint32_t i = 0; i < size; i++)
        if (literal[i] == 0 || bytes[i] != (uint8_t)literal[i])
            return false;
    return literal[size] == 0;
}

/* ---- Prefixed bindings in order ---------------------------------------------------------------------------------- */

static uint32_t *by_prefix(const weir_decoder *d)
{
    return (uint32_t *)(void *)(d->workspace + d->by_prefix_at);
}

static uint32_t *by_name(const weir_decoder *d)
{
    return (uint32_t *)(void *)(d->workspace + d->by_name_at);
}

/* A prefix or a namespace name that is looked for. */
typedef struct weir_sought {
    const uint8_t *bytes;
    uint32_t size, key;
} weir_sought;

static weir_sought sought(const uint8_t *bytes, uint32_t size)
{
    weir_sought s;
    s.bytes = bytes;
    s.size = size;
    s.key = weir_key(bytes, size);
    return s;
}

/* Any total order in which equal runs are equal. */
WEIR_INLINE int compare(const weir_decoder *d, const weir_sought *s, const weir_binding *b, bool prefix)
{
    uint32_t other_key = prefix ? b->key : b->name_key;
    uint32_t other_size = prefix ? b->prefix_size : b->size;
    if (s->key != other_key)
        return s->key < other_key ? -1 : 1;
    if (s->size != other_size)
        return s->size < other_size ? -1 : 1;
    return s->size <= 3 ? 0
                        : weir_compare(s->bytes, weir_scope(d) + b->prefix + (prefix ? 0 : b->prefix_size), s->size);
}

/* The number of bindings in `order` that do not come after what is sought: behind its equals, of which the innermost is
 * the last. */
WEIR_INLINE uint32_t position(const weir_decoder *d, const uint32_t *order, const weir_sought *s, bool prefix)
{
    uint32_t low = 0;
    uint32_t high = d->sorted;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare(d, s, weir_bindings(d) + order[middle], prefix) < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* The last binding before `at` in `order`, if it equals what is sought. */
WEIR_INLINE uint32_t equal_before(const weir_decoder *d, const uint32_t *order, uint32_t at, const weir_sought *s,
                                  bool prefix)
{
    if (at == 0 || compare(d, s, weir_bindings(d) + order[at - 1], prefix) != 0)
        return WEIR_NONE;
    return order[at - 1];
}

uint32_t weir_find(const weir_decoder *d, const uint8_t *prefix, uint32_t size)
{
    const uint32_t *order = by_prefix(d);
    weir_sought s = sought(prefix, size);
    return equal_before(d, order, position(d, order, &s, true), &s, true);
}

static void insert(uint32_t *order, uint32_t count, uint32_t at, uint32_t binding)
{
    if (count > at)
        memmove(order + at + 1, order + at, (count - at) * sizeof *order);
    order[at] = binding;
}

static void erase(uint32_t *order, uint32_t count, uint32_t at)
{
    if (count > at + 1)
        memmove(order + at, order + at + 1, (count - at - 1) * sizeof *order);
}

/* The new binding, on top of the stack, enters both orders; bindings of one namespace name share a number. */
void weir_enter(weir_decoder *d, weir_binding *b)
{
    const uint8_t *bytes = weir_scope(d) + b->prefix;
    weir_sought prefix = sought(bytes, b->prefix_size);
    weir_sought name = sought(bytes + b->prefix_size, b->size);
    b->key = prefix.key;
    b->name_key = name.key;
    b->at_prefix = position(d, by_prefix(d), &prefix, true);
    b->at_name = position(d, by_name(d), &name, false);
    uint32_t same = equal_before(d, by_name(d), b->at_name, &name, false);
    b->same = same == WEIR_NONE ? d->bindings : weir_bindings(d)[same].same;
    insert(by_name(d), d->sorted, b->at_name, d->bindings);
    insert(by_prefix(d), d->sorted, b->at_prefix, d->bindings);
    d->sorted++;
}

/* The innermost prefixed binding leaves: what came after it has left, so that it is where it entered. */
static void leave(weir_decoder *d, const weir_binding *b)
{
    erase(by_name(d), d->sorted, b->at_name);
    erase(by_prefix(d), d->sorted, b->at_prefix);
    d->sorted--;
}

void weir_leave_bindings(weir_decoder *d, uint32_t bindings)
{
    while (d->bindings > bindings) {
        const weir_binding *b = weir_bindings(d) + --d->bindings;
        if (b->prefix_size != 0)
            leave(d, b);
    }
}

void weir_names_reset(weir_decoder *d)
{
    uint8_t *scope = weir_scope(d);
    weir_binding *b = weir_bindings(d);
    for (uint32_t i = 0; i < WEIR_XML_SCOPE; i++)
        scope[i] = (uint8_t)xml_declaration[i];
    b->prefix = 0;
    b->prefix_size = 3;
    b->size = WEIR_XML_SCOPE - 3;
    b->known = WEIR_NS_XML;
    d->scope = WEIR_XML_SCOPE;
    d->bindings = 0;
    d->sorted = 0;
    weir_enter(d, b);
    d->bindings = 1;
    d->outer_bindings = 1;
}

/* ---- Declarations ------------------------------------------------------------------------------------------------ */

/* NS 3 (Reserved Prefixes and Namespace Names), NS 5 (No Prefix Undeclaring) */
static void judge_declaration(weir_tag *t, const weir_part *p, const weir_binding *b, const uint8_t *prefix)
{
    bool reserved = b->known == WEIR_NS_XML || b->known == WEIR_NS_XMLNS;
    if (!reserved && (b->prefix_size == 0 || (prefix[0] != 'x' && b->size != 0)))
        return;
    bool xml = weir_is(prefix, b->prefix_size, "xml");
    if (xml != (b->known == WEIR_NS_XML) || b->known == WEIR_NS_XMLNS || weir_is(prefix, b->prefix_size, "xmlns"))
        weir_note(t, p->name, WEIR_R_RESERVED_NAMESPACE, WEIR_E_RESERVED_NAMESPACE); /* NS 3 */
    else if (b->size == 0)
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
    weir_copy(to, prefix, prefix_size);
    weir_copy(to + prefix_size, weir_value_of(d, t, p), size);
    b->prefix = d->scope;
    b->prefix_size = prefix_size;
    b->size = size;
    b->known = weir_known(to + prefix_size, size);
    judge_declaration(t, p, b, to);
    if (prefix_size == 0)
        t->frame->fallback = d->bindings;
    else
        weir_enter(d, b);
    d->scope += prefix_size + size;
    d->bindings++;
    return WEIR_GO_ON;
}

/* NS 3: an attribute declares when its name is `xmlns` or has that prefix. */
static bool declares(const uint8_t *bytes, const weir_part *p)
{
    uint32_t end = p->colon != 0 ? p->colon : p->name_end;
    return bytes[p->name] == 'x' && weir_is_xmlns(bytes + p->name, end - p->name);
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
    }
    return WEIR_GO_ON;
}
