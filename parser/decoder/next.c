/* next.c - weir_next, and the usual event, when all of it lies in the input
 *
 * Most events are of a few kinds: a start tag whose attributes have no prefix but that of xml:lang, and which makes
 * at most one declaration; its end; text. Such a one is read here in one go, straight into the event. Whatever else
 * there is, faults above all, is left to the state machine, which alone judges: nothing is refused here, and before the
 * event was found usual as a whole nothing changes but what no tag has a claim on yet: the event's attributes, and the
 * room for the bytes of a tag.
 *
 * SPDX-License-Identifier: MIT */
#include "block.h"

#define WEIR_SHORT 16u /* bytes of a chunk that are looked at one by one */
#define WEIR_FEW 16u   /* attributes that are compared each with each; of more, duplicates are looked for by sorting */

/* The qualified name of an element. Places are indices in the input. */
typedef struct weir_qualified {
    uint32_t end;
    uint32_t colon; /* 0: none */
} weir_qualified;

/* A start tag that was read. */
typedef struct weir_usual {
    weir_qualified name;
    uint32_t end;        /* of the tag */
    uint32_t attributes; /* how many */
    uint64_t marks;      /* of their names */
    bool declares;       /* a namespace: */
    weir_slice prefix;   /* for which prefix; the default one has none */
    uint32_t known;      /* which */
    uint32_t binding;    /* of the element's prefix */
    weir_slice declaration;
} weir_usual;

/* Whether the last attribute's name is that of an earlier one. */
WEIR_OUTLINE bool repeats(const weir_attribute *first, const weir_attribute *last)
{
    for (const weir_attribute *a = first; a != last; a++)
        if (a->name.local.size == last->name.local.size &&
            weir_equal(a->name.local.data, last->name.local.data, (uint32_t)last->name.local.size))
            return true;
    return false;
}

WEIR_INLINE bool is_xmlns(const uint8_t *name, size_t size)
{
    static const uint8_t xmlns[5] = {'x', 'm', 'l', 'n', 's'};
    return size == 5 && weir_equal(name, xmlns, 5);
}

WEIR_INLINE bool is_xml_lang(const uint8_t *name)
{
    static const uint8_t xml_lang[8] = {'x', 'm', 'l', ':', 'l', 'a', 'n', 'g'};
    return weir_equal(name, xml_lang, 8);
}

/* `xml` is always bound, and binding 0 (NS 3). */
WEIR_OUTLINE void prefix_with_xml(const weir_decoder *d, weir_attribute *a)
{
    a->name.namespace_name = weir_namespace_of(d, 0);
    a->name.prefix = weir_slice_of(a->name.local.data, 3);
    a->name.local = weir_slice_of(a->name.local.data + 4, 4);
}

/* One of 64 marks, by the first and the last byte of a name. */
WEIR_INLINE uint32_t mark_of(const uint8_t *name, size_t size)
{
    return (name[size - 1] * 5u + name[0]) & 63;
}

/* The bytes of a reference, or of white space. 0: of neither. */
WEIR_INLINE uint32_t rewritten(const uint8_t *p, uint32_t n, bool *rewrite)
{
    uint32_t code;
    *rewrite = true;
    return weir_is_space(*p) ? 1 : *p == '&' ? weir_scan_reference(p, n, &code) : 0;
}

/* Goes on where a scan of a value stopped at what is not the closing quote: the other quote, a multi-byte character, or
 * what is rewritten (XML 3.3.3). The place of the closing quote; 0: it is not here, or the value is not usual. */
WEIR_OUTLINE size_t odd_value(const weir_decoder *d, const uint8_t *in, size_t end, weir_block b, size_t at,
                              weir_attribute *a)
{
    size_t begin = (size_t)(a->value.data - in);
    uint8_t quote = in[begin - 1];
    bool rewrite = false;
    while (at >= end || in[at] != quote) {
        uint32_t size;
        uint32_t left = (uint32_t)(end - at);
        if (left != 0 && (in[at] == '\'' || in[at] == '"'))
            size = 1;
        else if (left != 0 && in[at] < 0x80)
            size = rewritten(in + at, left, &rewrite);
        else
            size = weir_scan_multibyte(in + at, left);
        if (size == 0)
            return 0;
        at = weir_block_value(d->kernel, in, end, &b, at + size);
    }
    a->value.size = at - begin;
    if (rewrite) {
        uint8_t *to = d->workspace + d->tag_at + begin;
        a->value = weir_slice_of(to, weir_normalise(in + begin, (uint32_t)(at - begin), to));
    }
    return at;
}

/* Reads the value whose opening quote is at `at`, with another byte behind it, of an attribute; its name
 * is given as one part. The place of the closing quote; 0: it is not usual. */
WEIR_INLINE size_t read_value(uint32_t kernel, const weir_decoder *d, const uint8_t *in, size_t end, weir_block *b,
                              weir_slice name, size_t at, weir_attribute *a)
{
    uint8_t quote = in[at];
    if (quote != '\'' && quote != '"')
        return 0;
    size_t value = at + 1;
    size_t close = weir_block_value(kernel, in, end, b, value);
    memset(a, 0, offsetof(weir_attribute, name.local)); /* no prefix, no namespace: NS 6.2 */
    a->name.local = name;
    a->value = weir_slice_of(in + value, close - value);
    return close < end && in[close] == quote ? close : odd_value(d, in, end, *b, close, a);
}

/* Reads the rest of an attribute from the end of its name on. As read_value. */
WEIR_INLINE size_t read_attribute(uint32_t kernel, const weir_decoder *d, const uint8_t *in, size_t end, weir_block *b,
                                  size_t name, size_t at, weir_attribute *a)
{
    if (at - name == 3 && end - at >= 8 && is_xml_lang(in + name))
        at += 5;
    if (end - at < 3 || in[at] != '=')
        return 0;
    return read_value(kernel, d, in, end, b, weir_slice_of(in + name, at - name), at + 1, a);
}

/* The attribute that was read is one of the element, unless it declares. False: the tag is not usual. */
WEIR_INLINE bool keep_attribute(const weir_decoder *d, weir_usual *u, weir_attribute *first)
{
    weir_attribute *a = first + u->attributes;
    const uint8_t *name = a->name.local.data;
    size_t size = a->name.local.size;
    if (is_xmlns(name, size)) {
        u->prefix = weir_slice_of(name, 0);
        u->declaration = a->value;
        u->declares = !u->declares; /* twice is a fault (XML 3.1 WFC: Unique Att Spec) */
        return u->declares;
    }
    uint32_t mark = mark_of(name, size);
    if (size == 8 && name[3] == ':')
        prefix_with_xml(d, a);
    if ((u->marks >> mark & 1) != 0 && (u->attributes >= WEIR_FEW || repeats(first, a)))
        return false;
    u->marks |= (uint64_t)1 << mark;
    u->attributes++;
    return true;
}

/* Goes on with an element's name that is not of ASCII alone. With no end: it is not usual. */
WEIR_OUTLINE weir_qualified odd_name(const uint8_t *in, uint32_t end, weir_qualified name)
{
    static const weir_qualified none = {0, 0};
    if (in[name.end] != ':') {
        uint32_t start = name.end == 1 ? weir_name_start(in + 1, end - 1) : 0;
        if (name.end == 1 && start == 0)
            return none;
        name.end = weir_name_bytes(in, name.end + start, end);
    }
    if (name.colon == 0 && end - name.end >= 2 && in[name.end] == ':') {
        uint32_t start = weir_name_start(in + name.end + 1, end - name.end - 1);
        if (start == 0)
            return none;
        name.colon = name.end;
        name.end = weir_name_bytes(in, name.end + 1 + start, end);
    }
    return name;
}

/* The white space, `=` and white space at `at`, after a name (XML 3.1 [41], 2.8 [25]). The place of what comes then, with
 * another byte behind it; 0: it is not here, or not so. */
WEIR_INLINE size_t odd_equals(const uint8_t *in, uint32_t end, uint32_t at)
{
    at += weir_scan_space(in + at, end - at);
    if (at == end || in[at] != '=')
        return 0;
    at += 1 + weir_scan_space(in + at + 1, end - at - 1);
    return end - at >= 2 ? at : 0;
}

/* Reads the attribute whose name, beyond ASCII or not, begins at `name`. As read_value. */
WEIR_INLINE size_t odd_attribute(const weir_decoder *d, const uint8_t *in, uint32_t end, weir_block *b, uint32_t name,
                                 weir_attribute *a)
{
    uint32_t start = weir_name_start(in + name, end - name);
    uint32_t at = start != 0 ? weir_name_bytes(in, name + start, end) : end;
    if (at == end || in[at] == '=' || in[at] == ':')
        return read_attribute(d->kernel, d, in, end, b, name, at, a);
    size_t quote = odd_equals(in, end, at);
    return quote != 0 ? read_value(d->kernel, d, in, end, b, weir_slice_of(in + name, at - name), quote, a) : 0;
}

/* Reads the declaration of the prefix at `prefix` (NS 3). As read_value. */
WEIR_INLINE size_t odd_declaration(const weir_decoder *d, const uint8_t *in, uint32_t end, weir_block *b,
                                   uint32_t prefix, weir_usual *u)
{
    weir_attribute a;
    if (prefix == end || in[prefix] == 'x' || u->declares || u->name.colon != 0)
        return 0; /* perhaps `xml` or `xmlns`; or what the element's prefix is may depend on it */
    size_t close = odd_attribute(d, in, end, b, prefix, &a);
    if (close == 0 || a.value.size == 0) /* NS 5 */
        return 0;
    u->declares = true;
    u->prefix = a.name.local;
    u->declaration = a.value;
    return close;
}

/* Goes on at `at`, where the attributes are not of the most usual form: names beyond ASCII, a declared prefix, other white space.
 * The place of what ends it, `>` or `/` if it is usual; 0: that is not here, or it is not usual. */
WEIR_OUTLINE size_t odd_tag(const weir_decoder *d, const uint8_t *in, uint32_t end, size_t at, weir_block b,
                            weir_usual *u)
{
    weir_attribute *first = (weir_attribute *)(void *)(d->workspace + d->attributes_at);
    while (at < end && weir_is_space(in[at])) {
        uint32_t name = (uint32_t)at;
        name += weir_scan_space(in + name, end - name);
        at = name;
        if (name == end || in[name] == '>' || in[name] == '/')
            break;
        if (u->attributes + u->declares >= d->limits.attributes)
            return 0;
        if (end - name >= 6 && is_xmlns(in + name, 5) && in[name + 5] == ':') {
            at = odd_declaration(d, in, end, &b, name + 6, u);
        } else {
            at = odd_attribute(d, in, end, &b, name, first + u->attributes);
            if (at != 0 && !keep_attribute(d, u, first))
                at = 0;
        }
        if (at == 0)
            return 0;
        at++;
    }
    return at < end ? at : 0;
}

/* Reads the tag that begins at in[0], not past `end`, which is 3 or more. False: it is not usual, or not whole. */
WEIR_INLINE bool read_tag(uint32_t kernel, const weir_decoder *d, const uint8_t *in, size_t end, weir_usual *u)
{
    weir_attribute *first = (weir_attribute *)(void *)(d->workspace + d->attributes_at);
    uint32_t left = d->limits.attributes;
    weir_block b = {{0, 0}, (size_t)1 - 64}; /* no byte was classified */
    size_t at = in[1] < 0x80 ? weir_block_name(kernel, in, end, &b, 1) : 1;
    u->name.colon = 0;
    u->binding = WEIR_NONE;
    if (end - at >= 3 && in[at] == ':' && (weir_class[in[at + 1]] & WEIR_C_START) != 0) {
        u->name.colon = (uint32_t)at;
        at = weir_block_name(kernel, in, end, &b, at + 1);
    }
    u->name.end = (uint32_t)at;
    if (at < end && (in[at] >= 0x80 || in[at] == ':')) {
        u->name = odd_name(in, (uint32_t)end, u->name);
        at = u->name.end;
        if (at == 0)
            return false;
    }
    u->attributes = 0;
    u->marks = 0;
    u->declares = false;
    while (end - at >= 5 && in[at] == ' ' && (weir_class[in[at + 1]] & WEIR_C_START) != 0 && left-- != 0) {
        size_t name_end = weir_block_name(kernel, in, end, &b, at + 1);
        size_t close = read_attribute(kernel, d, in, end, &b, at + 1, name_end, first + u->attributes);
        if (close == 0 && name_end < end && in[name_end] != '=' && (in[name_end] != ':' || name_end - at == 6))
            break; /* by the name, beyond ASCII or perhaps `xmlns:`, or white space after it */
        if (close == 0 || !keep_attribute(d, u, first))
            return false;
        at = close + 1;
    }
    if (at >= end)
        return false;
    if (in[at] != '>' && in[at] != '/') {
        weir_usual odd = *u; /* whose address is taken: what the usual tag needs stays in registers */
        at = odd_tag(d, in, (uint32_t)end, at, b, &odd);
        *u = odd;
    }
    at += at != 0 && end - at >= 2 && in[at] == '/' ? 1 : 0;
    u->end = (uint32_t)at + 1;
    return at != 0 && in[at] == '>';
}

WEIR_INLINE bool is_stream(const uint8_t *local, uint32_t size)
{
    static const uint8_t stream[6] = {'s', 't', 'r', 'e', 'a', 'm'};
    return size == 6 && weir_equal(local, stream, 6);
}

/* Whether an element inside the root whose name has this namespace has no rule to keep, at this depth; those of
 * weir_judge_element, which is asked in streams alone. False also where its name or declaration is at fault (NS 3, 5). */
WEIR_INLINE bool no_rule(const weir_decoder *d, const uint8_t *in, uint32_t depth, uint32_t known, const weir_usual *u)
{
    uint32_t colon = u->name.colon;
    if (known == WEIR_NS_EMPTY || known == WEIR_NS_XML || known == WEIR_NS_XMLNS)
        return colon != 0 ? known == WEIR_NS_XML : known == WEIR_NS_EMPTY;
    if (d->framing == WEIR_FRAMING_DOCUMENT)
        return true;
    if (known == WEIR_NS_CLIENT || known == WEIR_NS_SERVER)
        return colon == 0 && (depth > 2 || known == d->own_content); /* RFC 6120 4.8.5, 4.8.3 */
    if (known != WEIR_NS_STREAM)
        return true;
    uint32_t local = colon != 0 ? colon + 1 : 1;
    return !is_stream(in + local, u->name.end - local); /* RFC 6120 4.3.3 */
}

/* Makes the declaration; there is room for it. */
WEIR_INLINE void declare(weir_decoder *d, const weir_usual *u)
{
    weir_binding *b = weir_bindings(d) + d->bindings;
    weir_declaration *to = (weir_declaration *)(void *)(d->workspace + d->declarations_at);
    uint8_t *prefix = weir_scope(d) + d->scope;
    uint32_t prefix_size = (uint32_t)u->prefix.size;
    uint32_t size = (uint32_t)u->declaration.size;
    weir_copy(prefix, u->prefix.data, prefix_size);
    weir_copy(prefix + prefix_size, u->declaration.data, size);
    b->prefix = d->scope;
    b->prefix_size = prefix_size;
    b->size = size;
    b->known = u->known;
    to->prefix = weir_slice_of(prefix, prefix_size);
    to->namespace_name = weir_slice_of(prefix + prefix_size, size);
    if (prefix_size != 0)
        weir_enter(d, b);
    d->scope += prefix_size + size;
    d->bindings++;
}

/* Makes the frame, the binding and the event of a start tag that was found usual. */
WEIR_INLINE void take_start_tag(weir_decoder *d, const uint8_t *in, const weir_usual *u, weir_event *e)
{
    uint32_t size = u->name.end - 1;
    uint64_t begin = d->offset;
    weir_frame *f = weir_frames(d) + d->depth;
    uint32_t fallback = f[-1].fallback;
    uint8_t *name = weir_scope(d) + d->scope;
    weir_copy(name, in + 1, size);
    f->begin = begin;
    f->name = d->scope;
    f->size = size;
    f->prefix = u->name.colon != 0 ? u->name.colon - 1 : 0;
    f->bindings = d->bindings;
    d->scope += size;
    d->depth++;
    d->brackets = 0;
    if (u->declares) {
        if (u->prefix.size == 0)
            fallback = d->bindings;
        declare(d, u);
    }
    f->binding = u->name.colon != 0 ? u->binding : fallback;
    f->fallback = fallback;
    if (f->binding == WEIR_NONE || f->binding - 1 < d->outer_bindings - 1) /* that of `xml` is 0 */
        d->self_contained = false;                                         /* choice 20 */
    e->type = WEIR_ELEMENT_START;
    e->depth = d->depth;
    e->begin = begin;
    e->end = begin + u->end;
    e->attributes = (const weir_attribute *)(const void *)(d->workspace + d->attributes_at);
    e->declarations = (const weir_declaration *)(const void *)(d->workspace + d->declarations_at);
    e->attribute_count = u->attributes;
    e->declaration_count = u->declares ? 1 : 0;
    weir_event_name(d, f, e);
}

/* The namespace of the element. Also what leaves it to the state machine: WEIR_NS_EMPTY where its prefix is not bound, or
 * where it is prefixed and declares a default namespace that may need judging; that of `xml` or `xmlns` where a prefix is
 * declared for it. */
WEIR_INLINE uint32_t known_namespace(const weir_decoder *d, const uint8_t *in, weir_usual *u)
{
    uint32_t own = WEIR_NS_EMPTY;
    if (u->declares)
        own = weir_known(u->declaration.data, (uint32_t)u->declaration.size);
    u->known = own;
    if (u->name.colon == 0) {
        bool inherits = !u->declares || (u->prefix.size != 0 && own != WEIR_NS_XML && own != WEIR_NS_XMLNS); /* NS 3 */
        return inherits ? weir_known_of(d, weir_top(d)->fallback) : own;
    }
    u->binding = weir_find(d, in + 1, u->name.colon - 1);
    uint32_t known = weir_known_of(d, u->binding);
    if (known == WEIR_NS_XML)
        u->binding = 0; /* its prefix is `xml`, declared or not (NS 3) */
    return own == WEIR_NS_OTHER || own == WEIR_NS_EMPTY ? known : (uint32_t)WEIR_NS_EMPTY;
}

/* The input of one call, as far as the limits leave it. */
WEIR_INLINE uint32_t whole(const weir_decoder *d, const weir_slice *input)
{
    uint64_t stop = d->element_stop - d->offset;
    uint32_t end = input->size < WEIR_WINDOW_MAX ? (uint32_t)input->size : WEIR_WINDOW_MAX;
    return stop < end ? (uint32_t)stop : end;
}

WEIR_INLINE weir_status advance(weir_decoder *d, weir_slice *input, uint32_t size, weir_status type)
{
    d->offset += size;
    input->data += size;
    input->size -= size;
    return type;
}

WEIR_OUTLINE weir_status start_tag(weir_decoder *d, weir_slice *input, weir_event *e)
{
    weir_usual u;
    const uint8_t *in = input->data;
    uint32_t depth = d->depth + 1;
    bool first = d->state == WEIR_S_BETWEEN; /* in other framings such a tag is not usual */
    uint32_t elements = first ? 0 : d->elements;
    uint32_t end = first && d->limits.element < d->limits.tag ? d->limits.element : d->limits.tag;
    uint32_t there = whole(d, input);
    if (there < end)
        end = there;
    if (end < 3 || depth > d->limits.depth || elements >= d->limits.elements || !read_tag(d->kernel, d, in, end, &u))
        return weir_any_event(d, input, e);
    if (!no_rule(d, in, depth, known_namespace(d, in, &u), &u) || (u.declares && d->bindings > d->limits.bindings) ||
        d->limits.scope + WEIR_XML_SCOPE - d->scope < u.end)
        return weir_any_event(d, input, e);
    if (first) {
        d->element_stop = d->offset + d->limits.element; /* choices 12, 13 */
        d->self_contained = true;
        d->outer_bindings = d->bindings;
    }
    d->elements = elements + 1;
    d->state = in[u.end - 2] == '/' ? WEIR_S_DUE_END : WEIR_S_CONTENT;
    take_start_tag(d, in, &u, e);
    return advance(d, input, u.end, WEIR_ELEMENT_START);
}

/* The end of an element inside the stream, whose tag has so many bytes: none for that of an empty-element tag. */
WEIR_INLINE void take_end_tag(weir_decoder *d, const weir_frame *f, uint32_t size, weir_event *e)
{
    bool first = d->depth == weir_first_level(d);
    e->type = WEIR_ELEMENT_END;
    e->depth = d->depth;
    e->begin = d->offset;
    e->end = d->offset + size;
    e->start = f->begin;
    e->attribute_count = 0;
    e->declaration_count = 0;
    e->self_contained = first && d->self_contained;
    weir_event_name(d, f, e);
    d->state = first ? WEIR_S_BETWEEN : WEIR_S_CONTENT;
    if (first)
        d->element_stop = WEIR_NEVER;
    if (d->bindings != f->bindings) {
        if (d->bindings == f->bindings + 1 && weir_bindings(d)[f->bindings].prefix_size == 0)
            d->bindings--; /* a default namespace is in no order */
        else
            weir_leave_bindings(d, f->bindings);
    }
    d->scope = f->name;
    d->depth--;
    d->brackets = 0;
}

/* In a first-level element, or its own end in stream framing: where an end has no rules but to match its start. */
WEIR_INLINE bool inside_first_level(const weir_decoder *d)
{
    uint32_t first = weir_first_level(d);
    return d->depth > first || (d->depth == first && d->framing == WEIR_FRAMING_STREAM);
}

WEIR_OUTLINE weir_status due_end(weir_decoder *d, weir_slice *input, weir_event *e)
{
    if (!inside_first_level(d))
        return weir_any_event(d, input, e);
    take_end_tag(d, weir_top(d), 0, e);
    return WEIR_ELEMENT_END;
}

/* An end tag whose name ends at `at`, and white space follows (XML 3.1 [42]). */
WEIR_OUTLINE weir_status spaced_end_tag(weir_decoder *d, weir_slice *input, uint32_t at, weir_event *e)
{
    uint32_t end = whole(d, input);
    if (end > d->limits.tag)
        end = d->limits.tag;
    at += weir_scan_space(input->data + at, end - at);
    if (at == end || input->data[at] != '>')
        return weir_any_event(d, input, e);
    take_end_tag(d, weir_top(d), at + 1, e);
    return advance(d, input, at + 1, WEIR_ELEMENT_END);
}

WEIR_OUTLINE weir_status end_tag(weir_decoder *d, weir_slice *input, weir_event *e)
{
    const uint8_t *in = input->data;
    const weir_frame *f = weir_top(d);
    uint32_t size = f->size;
    if (!inside_first_level(d) || size + 3 > d->limits.tag || size + 3 > d->element_stop - d->offset ||
        size + 3 > input->size || !weir_equal(in + 2, weir_scope(d) + f->name, size))
        return weir_any_event(d, input, e);
    if (in[size + 2] != '>')
        return spaced_end_tag(d, input, size + 2, e);
    take_end_tag(d, f, size + 3, e);
    return advance(d, input, size + 3, WEIR_ELEMENT_END);
}

/* Text that has more in it than what is delivered as it lies here; `known` bytes of it were found plain. */
WEIR_INLINE weir_status mixed_text(weir_decoder *d, weir_slice *input, uint32_t end, uint32_t known, weir_event *e)
{
    weir_cursor c = {input->data, d->offset, 0, end, end, 0};
    weir_status status =
        input->data[0] == 0x0d ? weir_text_gather(d, &c, e) : weir_text_from(d, &c, known, e); /* the first is sooner */
    return status == WEIR_GO_ON ? weir_any_event(d, input, e) : advance(d, input, c.at, status);
}

/* The end of the plain text that begins here; a `]` is plain where another byte than `]` follows it. */
WEIR_INLINE uint32_t usual_text(uint32_t kernel, const uint8_t *in, uint32_t end)
{
    uint32_t at = weir_scan_text(kernel, in, end);
    while (end - at >= 2 && in[at] == ']' && in[at + 1] != ']')
        at += 1 + weir_scan_text(kernel, in + at + 1, end - at - 1);
    return at;
}

/* Text up to a tag, or all of the input. */
WEIR_OUTLINE weir_status text(weir_decoder *d, weir_slice *input, weir_event *e)
{
    const uint8_t *in = input->data;
    uint32_t end = whole(d, input);
    uint32_t size = d->brackets == 0 && in[0] != 0x0d ? usual_text(d->kernel, in, end) : 0;
    if (size == 0 && end < WEIR_SHORT) /* a cut character most of the time */
        return weir_any_event(d, input, e);
    if (size == 0 || (size != end && in[size] != '<'))
        return mixed_text(d, input, end, size, e);
    e->type = WEIR_TEXT;
    e->depth = d->depth;
    e->begin = d->offset;
    e->end = d->offset + size;
    e->text = weir_slice_of(in, size);
    return advance(d, input, size, WEIR_TEXT);
}

/* How many bytes are left to the nearest limit of a tag that earlier chunks began. */
WEIR_INLINE uint64_t left_in_tag(const weir_decoder *d)
{
    return (d->tag_stop < d->element_stop ? d->tag_stop : d->element_stop) - d->offset;
}

/* A few plain bytes of a name or a value in such a tag: they join those. */
WEIR_OUTLINE weir_status carry(weir_decoder *d, weir_slice *input, weir_event *e)
{
    const uint8_t *in = input->data;
    size_t size = input->size;
    uint32_t carried = d->carried;
    uint8_t plain = d->state == WEIR_S_VALUE ? WEIR_C_VALUE : WEIR_C_NAME;
    uint8_t *to = d->workspace + d->tag_at + carried;
    if (left_in_tag(d) < size)
        return weir_any_event(d, input, e);
    for (size_t i = 0; i < size; i++) {
        if ((weir_class[in[i]] & plain) == 0)
            return weir_any_event(d, input, e);
        to[i] = in[i];
    }
    d->carried = carried + (uint32_t)size;
    return advance(d, input, (uint32_t)size, WEIR_NEED_MORE);
}

/* A few bytes of an end tag's name that earlier chunks began, up to the end of a character. */
WEIR_OUTLINE weir_status match(weir_decoder *d, weir_slice *input, weir_event *e)
{
    const weir_frame *f = weir_top(d);
    const uint8_t *name = weir_scope(d) + f->name + d->matched;
    uint32_t left = f->size - d->matched;
    uint32_t size = (uint32_t)input->size;
    if (left_in_tag(d) < size || left < size || !weir_equal(input->data, name, size) ||
        (left != size && (name[size] & 0xc0) == 0x80))
        return weir_any_event(d, input, e);
    d->matched += size;
    return advance(d, input, size, WEIR_NEED_MORE);
}

WEIR_INLINE bool in_name_or_value(const weir_decoder *d)
{
    return d->state == WEIR_S_VALUE || d->state == WEIR_S_ATTRIBUTE_NAME || d->state == WEIR_S_TAG_NAME;
}

/* Where the start of an element, its end or text may come. */
WEIR_INLINE weir_status next_inside(weir_decoder *d, weir_slice *input, weir_event *e)
{
    const uint8_t *in = input->data;
    if (in[0] != '<')
        return d->state == WEIR_S_CONTENT ? text(d, input, e) : weir_any_event(d, input, e);
    if (input->size >= 4 && in[1] == '/')
        return end_tag(d, input, e);
    if (input->size < 4 || ((weir_class[in[1]] & WEIR_C_START) == 0 && in[1] < 0x80))
        return weir_any_event(d, input, e);
    return start_tag(d, input, e);
}

weir_status weir_next(weir_decoder *d, weir_slice *input, weir_event *event)
{
    if (d == NULL || input == NULL || event == NULL || (input->data == NULL && input->size != 0))
        return WEIR_E_MISUSE;
    if (d->state == WEIR_S_DUE_END)
        return due_end(d, input, event);
    if (input->size == 0 || (d->utf8_left | d->text_used) != 0)
        return weir_any_event(d, input, event);
    if (d->state == WEIR_S_CONTENT || d->state == WEIR_S_BETWEEN)
        return next_inside(d, input, event);
    if (input->size >= WEIR_SHORT)
        return weir_any_event(d, input, event);
    if (in_name_or_value(d))
        return carry(d, input, event);
    return d->state == WEIR_S_END_NAME ? match(d, input, event) : weir_any_event(d, input, event);
}
