/* usual_tag.c - a usual start tag
 *
 * Its most usual form is read by read_tag: names of ASCII, ` name='value'`, no prefix but those of the element and of
 * xml:lang. What starts with odd_ goes on where that ends.
 *
 * SPDX-License-Identifier: MIT */
#include "block.h"
#include "usual.h"

#define WEIR_FEW 16u  /* attributes that are compared each with each; of more, duplicates are looked for by sorting */
#define WEIR_MANY 32u /* likewise, where mostly their namespaces are compared */

/* The qualified name of an element. Places are indices in the input. */
typedef struct weir_qualified {
    uint32_t end;
    uint32_t colon; /* 0: none */
} weir_qualified;

/* A start tag that was read. */
typedef struct weir_usual {
    weir_qualified name;
    uint32_t end;         /* of the tag */
    bool empty;           /* an empty-element tag */
    uint32_t binding;     /* of the element's namespace */
    uint32_t fallback;    /* of the default namespace inside the element */
    weir_attribute *next; /* behind its attributes */
    uint64_t marks;       /* of their names */
    bool prefixes;        /* its name or an attribute has a prefix, not that of xml:lang, or one is declared */
    bool alike;           /* two attributes with prefixes may have one local name */
    bool declares;        /* a namespace: */
    uint32_t known;       /* which */
    weir_slice prefix;    /* for which prefix; the default one has none */
    weir_slice declaration;
} weir_usual;

WEIR_INLINE weir_attribute *attributes_of(const weir_decoder *d)
{
    return (weir_attribute *)(void *)(d->workspace + d->attributes_at);
}

/* One of 64 marks, in its lowest bits, by the first and the last byte of a name. */
WEIR_INLINE uint32_t mark_of(const uint8_t *name, size_t size)
{
    return name[size - 1] * 5u + name[0];
}

/* An attribute whose prefix is to be given its namespace; that of `xml` in xml:lang has its own. */
WEIR_INLINE bool has_prefix(const weir_attribute *a)
{
    return a->name.prefix.size != 0 && a->name.namespace_name.data == NULL;
}

/* Whether the last attribute's name, of no prefix but that of xml:lang, is that of an earlier one. */
WEIR_OUTLINE bool repeats(const weir_attribute *first, const weir_attribute *last)
{
    for (const weir_attribute *a = first; a != last; a++)
        if (a->name.local.size == last->name.local.size && !has_prefix(a) &&
            a->name.namespace_name.data == last->name.namespace_name.data &&
            weir_equal(a->name.local.data, last->name.local.data, (uint32_t)last->name.local.size))
            return true;
    return false;
}

/* Whether the last attribute, whose name has this mark, has a new name. False: perhaps not. */
WEIR_INLINE bool is_new(const weir_decoder *d, const weir_attribute *last, uint32_t mark, uint64_t *marks)
{
    if ((*marks >> (mark & 63) & 1) != 0 &&
        ((size_t)(last - attributes_of(d)) >= WEIR_FEW || repeats(attributes_of(d), last)))
        return false;
    *marks |= (uint64_t)1 << (mark & 63);
    return true;
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

/* The bytes of a reference, or of white space. 0: of neither. */
WEIR_INLINE uint32_t rewritten(const uint8_t *p, uint32_t n, bool *rewrite)
{
    uint32_t code;
    *rewrite = true;
    return weir_is_space(*p) ? 1 : *p == '&' ? weir_scan_reference(p, n, &code) : 0;
}

/* Goes on where a scan of a value stopped at what is not the closing quote: the other quote, a multi-byte character, or
 * what is rewritten (XML 3.3.3). The place of the closing quote; NULL: it is not here, or the value is not usual. */
WEIR_OUTLINE const uint8_t *odd_value(const weir_decoder *d, const uint8_t *in, const uint8_t *last, weir_block b,
                                      const uint8_t *p, weir_attribute *a)
{
    const uint8_t *value = a->value.data;
    bool rewrite = false;
    while (*p != value[-1]) {
        uint32_t size;
        uint32_t left = (uint32_t)(last - p); /* the last byte is none of a value */
        if (left != 0 && (*p == '\'' || *p == '"'))
            size = 1;
        else if (left != 0 && *p < 0x80)
            size = rewritten(p, left, &rewrite);
        else
            size = weir_scan_multibyte(p, left);
        if (size == 0)
            return NULL;
        p = weir_block_value(d->kernel, p + size, last, &b);
    }
    a->value.size = (size_t)(p - value);
    if (rewrite) {
        uint8_t *to = d->workspace + d->tag_at + (value - in);
        a->value = weir_slice_of(to, weir_normalise(value, (uint32_t)(p - value), to));
    }
    return p;
}

/* Reads the value whose opening quote is at `p`, before the last byte, of the attribute of this name. The place of the
 * closing quote; NULL: it is not usual. */
WEIR_INLINE const uint8_t *read_value(uint32_t kernel, const weir_decoder *d, const uint8_t *in, const uint8_t *last,
                                      weir_block *b, const uint8_t *name, size_t size, const uint8_t *p,
                                      weir_attribute *a)
{
    uint8_t quote = *p++;
    if (quote != '\'' && quote != '"')
        return NULL;
    const uint8_t *close = weir_block_value(kernel, p, last, b);
    memset(a, 0, offsetof(weir_attribute, name.local)); /* no prefix, no namespace: NS 6.2 */
    a->name.local = weir_slice_of(name, size);
    a->value = weir_slice_of(p, (size_t)(close - p));
    return *close == quote ? close : odd_value(d, in, last, *b, close, a);
}

/* The attribute that was read, at `a`, of no prefix but that of xml:lang, is one of the element, unless it declares.
 * The place for the next one; NULL: the tag is not usual. */
WEIR_INLINE weir_attribute *keep_attribute(const weir_decoder *d, weir_usual *u, weir_attribute *a, uint64_t *marks)
{
    const uint8_t *name = a->name.local.data;
    size_t size = a->name.local.size;
    if (name[0] == 'x') {
        if (weir_is_xmlns(name, size)) {
            u->prefix = weir_slice_of(name, 0);
            u->declaration = a->value;
            u->declares = !u->declares; /* twice is a fault (XML 3.1 WFC: Unique Att Spec) */
            return u->declares ? a : NULL;
        }
        if (size == 8 && name[3] == ':') {
            prefix_with_xml(d, a);
            name += 4;
            size = 4;
        }
    }
    return is_new(d, a, mark_of(name, size), marks) ? a + 1 : NULL;
}

/* The end of the name without colon at `at`, which is before `last`; 0: none is there. */
WEIR_INLINE uint32_t odd_part(const uint8_t *in, uint32_t last, uint32_t at)
{
    uint32_t start = weir_name_start(in + at, last - at);
    return start != 0 ? weir_name_bytes(in, at + start, last) : 0;
}

/* Goes on with the qualified name at `begin` from name.end on, where it may be not of ASCII alone. With no end: it is
 * not usual. */
WEIR_INLINE weir_qualified odd_name(const uint8_t *in, uint32_t last, uint32_t begin, weir_qualified name)
{
    if (name.end == begin)
        name.end = odd_part(in, last, begin);
    else
        name.end = weir_name_bytes(in, name.end, last);
    if (name.end != 0 && name.colon == 0 && last - name.end >= 2 && in[name.end] == ':') {
        name.colon = name.end;
        name.end = odd_part(in, last, name.colon + 1);
    }
    return name;
}

/* The white space, `=` and white space at `at`, after a name (XML 3.1 [41], 2.8 [25]). The place of what comes then,
 * before the last byte; 0: it is not here, or not so. */
WEIR_INLINE uint32_t odd_equals(const uint8_t *in, uint32_t last, uint32_t at)
{
    at += weir_scan_space(in + at, last - at);
    if (at == last || in[at] != '=')
        return 0;
    at += 1 + weir_scan_space(in + at + 1, last - at - 1);
    return at < last ? at : 0;
}

/* Reads the value of the attribute of this name, from in[at] on, behind its name. As read_value. */
WEIR_INLINE const uint8_t *odd_rest(const weir_decoder *d, const uint8_t *in, uint32_t last, weir_block *b,
                                    uint32_t name, uint32_t at, weir_attribute *a)
{
    uint32_t quote = at != 0 ? odd_equals(in, last, at) : 0;
    return quote != 0 ? read_value(d->kernel, d, in, in + last, b, in + name, at - name, in + quote, a) : NULL;
}

/* Reads the attribute at `begin`. As read_value. */
WEIR_INLINE const uint8_t *odd_attribute(const weir_decoder *d, const uint8_t *in, uint32_t last, weir_block *b,
                                         uint32_t begin, weir_usual *u)
{
    weir_attribute *a = u->next;
    weir_qualified name = {begin, 0};
    name = odd_name(in, last, begin, name);
    const uint8_t *close = odd_rest(d, in, last, b, begin, name.end, a);
    if (close == NULL)
        return NULL;
    if (name.colon == 0 || (name.end - begin == 8 && is_xml_lang(in + begin))) {
        u->next = keep_attribute(d, u, a, &u->marks);
        return u->next != NULL ? close : NULL;
    }
    a->name.prefix = weir_slice_of(in + begin, name.colon - begin);
    a->name.local = weir_slice_of(in + name.colon + 1, name.end - name.colon - 1);
    uint64_t mark = (uint64_t)1 << (mark_of(a->name.local.data, a->name.local.size) & 63);
    u->alike |= (u->marks & mark) != 0;
    u->marks |= mark;
    u->prefixes = true;
    u->next++;
    return close;
}

/* Reads the declaration of the prefix at `prefix` (NS 3). As read_value. */
WEIR_INLINE const uint8_t *odd_declaration(const weir_decoder *d, const uint8_t *in, uint32_t last, weir_block *b,
                                           uint32_t prefix, weir_usual *u)
{
    weir_attribute a;
    if (prefix >= last || u->declares)
        return NULL;
    const uint8_t *close = odd_rest(d, in, last, b, prefix, odd_part(in, last, prefix), &a);
    if (close == NULL || a.value.size == 0) /* NS 5 */
        return NULL;
    if (weir_is(a.name.local.data, (uint32_t)a.name.local.size, "xml") ||
        weir_is_xmlns(a.name.local.data, a.name.local.size)) /* NS 3 */
        return NULL;
    u->prefixes = true;
    u->declares = true;
    u->prefix = a.name.local;
    u->declaration = a.value;
    return close;
}

/* Goes on at `at`, where the attributes are not of the most usual form: names beyond ASCII, prefixes, other white
 * space. The place of what ends it, `>` or `/` if it is usual; 0: that is not here, or it is not usual. */
WEIR_OUTLINE uint32_t odd_tag(const weir_decoder *d, const uint8_t *in, uint32_t last, uint32_t at, weir_block b,
                              weir_usual *u)
{
    while (at < last && weir_is_space(in[at])) {
        at += weir_scan_space(in + at, last - at);
        if (in[at] == '>' || in[at] == '/')
            break;
        if (at == last || (size_t)(u->next - attributes_of(d)) + u->declares >= d->limits.attributes)
            return 0;
        const uint8_t *close = last - at >= 6 && weir_is_xmlns(in + at, 5) && in[at + 5] == ':'
                                   ? odd_declaration(d, in, last, &b, at + 6, u)
                                   : odd_attribute(d, in, last, &b, at, u);
        if (close == NULL)
            return 0;
        at = (uint32_t)(close - in) + 1;
    }
    return at;
}

/* Goes on at `at`, likewise. Whether the tag ends there, or behind such attributes. */
WEIR_OUTLINE bool odd_end(const weir_decoder *d, const uint8_t *in, uint32_t last, uint32_t at, weir_block b,
                          weir_usual *u)
{
    at = odd_tag(d, in, last, at, b, u);
    u->empty = at < last && in[at] == '/';
    at += u->empty;
    u->end = at + 1;
    return at != 0 && at <= last && in[at] == '>';
}

/* Reads the tag that begins at in[0]; `last`, in + 2 or more, is the last byte there, so that every place up to it can
 * be looked at. False: the tag is not usual, or not whole. */
WEIR_INLINE bool read_tag(uint32_t kernel, const weir_decoder *d, const uint8_t *in, const uint8_t *last, weir_usual *u)
{
    weir_attribute *next = attributes_of(d);
    /* The place for one too many: a limit that is higher than a tag has bytes for is not reached. */
    const weir_attribute *full = (const weir_attribute *)(const void *)(d->workspace + d->declarations_at);
    uint64_t marks = 0;
    weir_block b = {0, in + 1, 0};
    weir_block_begin(kernel, in + 1, last, &b);
    const uint8_t *p = weir_block_name(kernel, in + 1, last, &b);
    u->name.colon = 0;
    u->alike = false;
    u->prefixes = false;
    u->declares = false;
    if (*p == ':' && last - p >= 2 && (weir_class[p[1]] & WEIR_C_START) != 0) {
        u->name.colon = (uint32_t)(p - in);
        u->prefixes = true;
        p = weir_block_name(kernel, p + 1, last, &b);
    }
    u->name.end = (uint32_t)(p - in);
    if (*p >= 0x80 || *p == ':') {
        u->name = odd_name(in, (uint32_t)(last - in), 1, u->name);
        u->prefixes = u->name.colon != 0;
        p = in + u->name.end;
        if (p == in)
            return false;
    }
    while (p < last && *p == ' ' && (weir_class[p[1]] & WEIR_C_START) != 0 && next != full) {
        const uint8_t *end = weir_block_name(kernel, p + 1, last, &b);
        if (*end == ':' && last - p >= 9 && is_xml_lang(p + 1))
            end = p + 9;
        if (*end != '=' || end + 1 >= last)
            break;
        const uint8_t *close = read_value(kernel, d, in, last, &b, p + 1, (size_t)(end - (p + 1)), end + 1, next);
        weir_attribute *kept = close != NULL ? keep_attribute(d, u, next, &marks) : NULL;
        if (kept == NULL)
            return false;
        full -= kept == next; /* it declares */
        next = kept;
        p = close + 1;
    }
    if (p > last)
        return false;
    u->next = next;
    u->empty = *p == '/' && p != last;
    p += u->empty;
    u->end = (uint32_t)(p - in) + 1;
    if (*p == '>' || u->empty)
        return *p == '>';
    u->marks = marks;
    return odd_end(d, in, (uint32_t)(last - in), (uint32_t)(p - in), b, u);
}

/* Whether the element, which is inside the root, has no rule to keep at this depth; those of weir_judge_element, which
 * is asked in streams alone. False also where its name is at fault (NS 3). */
WEIR_INLINE bool no_rule(const weir_decoder *d, const uint8_t *in, uint32_t depth, const weir_usual *u)
{
    bool here = u->declares && u->binding == d->bindings;
    uint32_t known = here ? u->known : weir_known_of(d, u->binding);
    uint32_t colon = u->name.colon;
    if (known == WEIR_NS_OTHER)
        return true;
    if (known == WEIR_NS_EMPTY || known == WEIR_NS_XML || known == WEIR_NS_XMLNS)
        return colon != 0 ? known == WEIR_NS_XML : known == WEIR_NS_EMPTY;
    if (d->framing == WEIR_FRAMING_DOCUMENT)
        return true;
    if (known == WEIR_NS_CLIENT || known == WEIR_NS_SERVER)
        return colon == 0 && (depth > 2 || known == d->own_content); /* RFC 6120 4.8.5, 4.8.3 */
    if (known != WEIR_NS_STREAM)
        return true;
    uint32_t local = colon != 0 ? colon + 1 : 1;
    return !weir_is(in + local, u->name.end - local, "stream"); /* RFC 6120 4.3.3 */
}

/* Makes the declaration, for a prefix of so many bytes; there is room for it. */
WEIR_INLINE void declare(weir_decoder *d, const weir_usual *u, uint32_t prefix_size)
{
    weir_binding *b = weir_bindings(d) + d->bindings;
    weir_declaration *to = (weir_declaration *)(void *)(d->workspace + d->declarations_at);
    uint32_t scope = d->scope;
    uint8_t *prefix = weir_scope(d) + scope;
    uint32_t size = (uint32_t)u->declaration.size;
    b->prefix = scope;
    b->prefix_size = prefix_size;
    b->size = size;
    b->known = u->known;
    to->prefix = weir_slice_of(prefix, prefix_size);
    to->namespace_name = weir_slice_of(prefix + prefix_size, size);
    weir_copy(prefix, u->prefix.data, prefix_size);
    weir_copy(prefix + prefix_size, u->declaration.data, size);
    if (prefix_size != 0)
        weir_enter(d, b);
    d->scope = scope + prefix_size + size;
    d->bindings++;
}

/* Makes what the tag's prefixes need. */
WEIR_OUTLINE void make_prefixes(weir_decoder *d, const weir_usual *u)
{
    if (u->declares)
        declare(d, u, (uint32_t)u->prefix.size);
    for (weir_attribute *a = attributes_of(d); a != u->next; a++) {
        if (!has_prefix(a))
            continue;
        uint32_t binding = (uint32_t)a->name.namespace_name.size;
        a->name.namespace_name = weir_namespace_of(d, binding);
        if (binding - 1 < d->outer_bindings - 1) /* that of `xml` is 0 */
            d->self_contained = false;           /* choice 20 */
    }
}

/* Makes the frame, the binding and the event of a start tag that was found usual. */
WEIR_INLINE void take_start_tag(weir_decoder *d, const uint8_t *in, uint32_t there, const weir_usual *u, weir_event *e)
{
    uint32_t depth = d->depth;
    uint32_t scope = d->scope;
    uint32_t size = u->name.end - 1;
    uint64_t begin = d->offset;
    weir_frame *f = weir_frames(d) + depth;
    uint8_t *name = weir_scope(d) + scope;
    f->begin = begin;
    f->name = scope;
    f->size = size;
    f->prefix = u->name.colon != 0 ? u->name.colon - 1 : 0;
    f->binding = u->binding;
    f->fallback = u->fallback;
    f->bindings = d->bindings;
    if (size <= WEIR_SPARE && there > WEIR_SPARE)
        memcpy(name, in + 1, WEIR_SPARE);
    else
        weir_copy(name, in + 1, size);
    d->scope = scope + size;
    d->depth = depth + 1;
    d->brackets = 0;
    if (u->prefixes)
        make_prefixes(d, u);
    else if (u->declares)
        declare(d, u, 0);
    if (u->binding == WEIR_NONE || u->binding - 1 < d->outer_bindings - 1) /* that of `xml` is 0 */
        d->self_contained = false;                                         /* choice 20 */
    e->type = WEIR_ELEMENT_START;
    e->depth = depth + 1;
    e->begin = begin;
    e->end = begin + u->end;
    e->attributes = attributes_of(d);
    e->declarations = (const weir_declaration *)(const void *)(d->workspace + d->declarations_at);
    e->attribute_count = (uint32_t)(u->next - attributes_of(d));
    e->declaration_count = u->declares;
    uint32_t skip = u->name.colon;
    e->name.namespace_name = weir_namespace_of(d, u->binding);
    e->name.prefix = weir_slice_of(name, skip != 0 ? skip - 1 : 0);
    e->name.local = weir_slice_of(name + skip, size - skip);
}

/* The binding of a prefix: perhaps of that which the tag declares, whose binding will be on top. */
static uint32_t binding_of(const weir_decoder *d, const weir_usual *u, const uint8_t *prefix, uint32_t size)
{
    if (u->declares && u->prefix.size == size && weir_equal(u->prefix.data, prefix, size))
        return d->bindings;
    uint32_t binding = weir_find(d, prefix, size);
    return weir_known_of(d, binding) == WEIR_NS_XML ? 0 : binding; /* its prefix is `xml`, declared or not (NS 3) */
}

/* Sees to a declaration, for whose names the scope has this room. False: it may be at fault, or reach a limit. */
WEIR_INLINE bool note_declaration(const weir_decoder *d, uint32_t room, weir_usual *u)
{
    if (room < u->prefix.size + u->declaration.size)
        return false;
    u->known = weir_known(u->declaration.data, (uint32_t)u->declaration.size);
    if (u->prefix.size == 0)
        u->fallback = d->bindings;
    return u->known != WEIR_NS_XML && u->known != WEIR_NS_XMLNS && d->bindings <= d->limits.bindings; /* NS 3 */
}

/* Whether two bindings are of different namespaces; d->bindings is that which the tag declares. */
static bool apart(const weir_decoder *d, const weir_usual *u, uint32_t one, uint32_t other)
{
    if (one == d->bindings || other == d->bindings) {
        weir_slice name = one == other ? u->declaration : weir_namespace_of(d, one == d->bindings ? other : one);
        return name.size != u->declaration.size || !weir_equal(name.data, u->declaration.data, (uint32_t)name.size);
    }
    return weir_bindings(d)[one].same != weir_bindings(d)[other].same;
}

/* Whether no two attributes with prefixes are one (NS 6.3). False: perhaps. */
static bool all_apart(const weir_decoder *d, const weir_usual *u)
{
    const weir_attribute *first = attributes_of(d);
    if ((size_t)(u->next - first) > WEIR_MANY)
        return false;
    for (const weir_attribute *a = first; a != u->next; a++)
        for (const weir_attribute *b = first; has_prefix(a) && b != a; b++)
            if (has_prefix(b) && a->name.local.size == b->name.local.size &&
                !apart(d, u, (uint32_t)a->name.namespace_name.size, (uint32_t)b->name.namespace_name.size) &&
                weir_equal(a->name.local.data, b->name.local.data, (uint32_t)a->name.local.size))
                return false;
    return true;
}

/* Sees to prefixes, perhaps to that of a declaration, and finds their bindings. False: likewise. */
WEIR_OUTLINE bool note_prefixes(const weir_decoder *d, const uint8_t *in, uint32_t room, weir_usual *u)
{
    if (u->declares && !note_declaration(d, room, u))
        return false;
    u->binding = u->fallback;
    if (u->name.colon != 0) {
        u->binding = binding_of(d, u, in + 1, u->name.colon - 1);
        if (u->binding == WEIR_NONE)
            return false; /* NS 5 */
    }
    for (weir_attribute *a = attributes_of(d); a != u->next; a++) {
        if (!has_prefix(a))
            continue;
        a->name.namespace_name.size = binding_of(d, u, a->name.prefix.data, (uint32_t)a->name.prefix.size);
        if (a->name.namespace_name.size == WEIR_NONE)
            return false; /* NS 5 */
    }
    return !u->alike || all_apart(d, u);
}

/* Finds the binding of the element's name. False: its names may be at fault, or reach a limit. */
WEIR_INLINE bool note_names(const weir_decoder *d, const uint8_t *in, weir_usual *u)
{
    uint32_t room = d->limits.scope + WEIR_XML_SCOPE - d->scope;
    uint32_t size = u->name.end - 1;
    if (room < size)
        return false;
    u->fallback = weir_top(d)->fallback;
    if (u->prefixes)
        return note_prefixes(d, in, room - size, u);
    if (u->declares && !note_declaration(d, room - size, u))
        return false;
    u->binding = u->fallback;
    return true;
}

weir_status weir_usual_start_tag(weir_decoder *d, weir_slice *input, weir_event *e)
{
    weir_usual u;
    const uint8_t *in = input->data;
    uint32_t end = input->size < d->limits.tag ? (uint32_t)input->size : d->limits.tag;
    if (end < 3 || !read_tag(d->kernel, d, in, in + end - 1, &u))
        return weir_any_event(d, input, e);
    if (!note_names(d, in, &u) || !no_rule(d, in, d->depth + 1, &u) || d->depth >= d->limits.depth)
        return weir_any_event(d, input, e);
    if (d->state == WEIR_S_BETWEEN) { /* in other framings such a tag is not usual */
        if (u.end > d->limits.element)
            return weir_any_event(d, input, e);
        d->element_stop = d->offset + d->limits.element; /* choices 12, 13 */
        d->self_contained = true;
        d->outer_bindings = d->bindings;
        d->elements = 0;
    }
    if (u.end > d->element_stop - d->offset || d->elements == d->limits.elements)
        return weir_any_event(d, input, e);
    d->elements++;
    d->state = u.empty ? WEIR_S_DUE_END : WEIR_S_CONTENT;
    take_start_tag(d, in, end, &u, e);
    return weir_advance(d, input, u.end, WEIR_ELEMENT_START);
}
