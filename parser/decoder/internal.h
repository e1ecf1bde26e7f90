/* internal.h - what the files of the decoder share
 *
 * The shape: one resumable state machine. Each state has a handler that takes one complete character; some states
 * have a run as well, which takes many plain bytes at once and leaves everything else to the handler. `step`
 * (decoder.c) only dispatches. A chunk's end saves nothing but the state, the bytes of an unfinished start tag and
 * those of an unfinished character; the machine looks at no byte twice because of it. Before it, what is usual is tried
 * to be read in one go (usual.h): a tag that a chunk cuts, or that is not usual, is read from its start once more.
 *
 * A start tag's parts are kept as offsets from its `<`, so they are true wherever the tag's bytes lie: in the
 * input, or, once a chunk ended inside it, in the workspace.
 *
 * Handlers return WEIR_GO_ON, a positive event, or a negative error.
 *
 * SPDX-License-Identifier: MIT */
#ifndef WEIR_INTERNAL_H
#define WEIR_INTERNAL_H

#include <string.h>

#include "../weir.h"
#include "characters.h"

/* What every tag passes through is inlined also where the compiler would not, and what few do is kept out of its way.
 */
#if defined(__GNUC__) && !defined(__FRAMAC__) && !defined(__OPTIMIZE_SIZE__)
#define WEIR_INLINE static inline __attribute__((always_inline))
#define WEIR_OUTLINE static __attribute__((noinline))
#else
#define WEIR_INLINE static inline
#define WEIR_OUTLINE static
#endif

#define WEIR_GO_ON WEIR_OK
#define WEIR_NONE 0xffffffffu       /* no binding */
#define WEIR_NEVER UINT64_MAX       /* a limit that does not count here */
#define WEIR_WINDOW_MAX 0x40000000u /* bytes of one chunk handled at once, so that indices fit 32 bits with room */
#define WEIR_TEXT_ROOM 256u         /* text that waits: enough to make events rarer than references and CRs by far */
#define WEIR_TEXT_SHORT 16u /* a run of text this short goes with what waits, rather than be an event of its own */
#define WEIR_SPARE 16u      /* bytes behind the scope, so that a short name can be copied as a whole vector */
#define WEIR_XML_SCOPE 39u  /* bytes of the built-in declaration of `xml` at the start of the scope */

enum weir_state {
    WEIR_S_REFUSED, /* init did not succeed */
    WEIR_S_FAULT,   /* an error was found, and all text before it delivered */
    /* outside the root */
    WEIR_S_RESTARTED, /* white space still belongs to the stream replaced */
    WEIR_S_START,     /* at the first byte of a stream, document or message: a declaration may come */
    WEIR_S_START_LT,  /* after a `<` there */
    WEIR_S_PROLOG,
    WEIR_S_PROLOG_LT,
    WEIR_S_PROLOG_BANG, /* after `<!` */
    WEIR_S_BETWEEN,     /* stream framing, between first-level elements */
    WEIR_S_BETWEEN_LT,
    WEIR_S_BETWEEN_BANG,
    WEIR_S_CLOSED, /* the stream was closed */
    WEIR_S_MISC,   /* CONFORMANCE.md choice 1: no tag may begin */
    WEIR_S_MISC_LT,
    WEIR_S_MISC_BANG,
    /* the XML declaration */
    WEIR_S_DECL_XML, /* the literal `xml` after `<?` */
    WEIR_S_DECL_SPACE,
    WEIR_S_DECL_FIRST,   /* before `version` */
    WEIR_S_DECL_VERSION, /* inside the literal */
    WEIR_S_DECL_ENCODING,
    WEIR_S_DECL_VERSION_EQ,
    WEIR_S_DECL_ENCODING_EQ,
    WEIR_S_DECL_VERSION_QUOTE,
    WEIR_S_DECL_ENCODING_QUOTE,
    WEIR_S_DECL_VERSION_VALUE,
    WEIR_S_DECL_ENCODING_VALUE,
    WEIR_S_DECL_AFTER_VERSION, /* after the closing quote */
    WEIR_S_DECL_AFTER_ENCODING,
    WEIR_S_DECL_SECOND, /* white space after the version */
    WEIR_S_DECL_THIRD,  /* white space after the encoding */
    WEIR_S_DECL_END,    /* after the `?` */
    /* inside elements */
    WEIR_S_CONTENT,
    WEIR_S_CONTENT_LT,
    WEIR_S_CONTENT_BANG,
    WEIR_S_CDATA_OPEN, /* inside the literal `CDATA[` */
    WEIR_S_CDATA,
    WEIR_S_CDATA_1, /* after `]` */
    WEIR_S_CDATA_2, /* after `]]` */
    WEIR_S_CR,      /* after a CR of text */
    WEIR_S_REFERENCE,
    WEIR_S_REFERENCE_NUMBER, /* after `&#` */
    WEIR_S_REFERENCE_DECIMAL,
    WEIR_S_REFERENCE_HEX_FIRST,
    WEIR_S_REFERENCE_HEX,
    /* inside a start tag */
    WEIR_S_TAG_NAME,
    WEIR_S_TAG_LOCAL, /* after the colon */
    WEIR_S_TAG_AFTER, /* after the element's name or a closing quote */
    WEIR_S_TAG_SPACE,
    WEIR_S_ATTRIBUTE_NAME,
    WEIR_S_ATTRIBUTE_LOCAL,
    WEIR_S_ATTRIBUTE_EQ,
    WEIR_S_ATTRIBUTE_QUOTE,
    WEIR_S_VALUE,
    WEIR_S_TAG_SLASH,
    /* inside an end tag */
    WEIR_S_END_NAME,
    WEIR_S_END_SPACE,
    WEIR_S_DUE_END /* the end of an empty-element tag is due, without another byte */
};

/* Namespaces that rules name */
enum weir_known_namespace {
    WEIR_NS_OTHER,
    WEIR_NS_EMPTY,
    WEIR_NS_XML,
    WEIR_NS_XMLNS,
    WEIR_NS_STREAM,
    WEIR_NS_FRAMING,
    WEIR_NS_CLIENT,
    WEIR_NS_SERVER,
    WEIR_NS_COMPONENT_ACCEPT,
    WEIR_NS_COMPONENT_CONNECT,
    WEIR_NS_DIALBACK
};

typedef struct weir_frame {
    uint64_t begin;    /* offset of the start tag's `<` */
    uint32_t name;     /* of the qualified name in the scope; the scope above it is this element's */
    uint32_t size;     /* of the qualified name */
    uint32_t prefix;   /* bytes of it before the colon; 0: none */
    uint32_t binding;  /* of its namespace; WEIR_NONE: in none */
    uint32_t fallback; /* binding of the default namespace inside it; WEIR_NONE: never declared */
    uint32_t bindings; /* in scope outside it */
} weir_frame;

typedef struct weir_binding {
    uint32_t key;         /* of the prefix: its size and first bytes */
    uint32_t name_key;    /* of the namespace name */
    uint32_t prefix;      /* in the scope; the namespace name follows it there */
    uint32_t prefix_size; /* 0: default namespace */
    uint32_t size;        /* of the namespace name */
    uint32_t same;        /* prefixed: equal in those, and only those, of one namespace name */
    uint32_t at_prefix;   /* prefixed: its place in the order by prefix when it entered, and when it leaves */
    uint32_t at_name;     /* likewise by namespace name */
    uint32_t known;       /* enum weir_known_namespace */
} weir_binding;

/* An attribute as written, in offsets from the tag's `<`. */
typedef struct weir_part {
    uint32_t name, name_end;
    uint32_t colon; /* 0: none */
    uint32_t value, value_end;
    uint32_t flags;                /* bits WEIR_PART_… */
    uint32_t binding;              /* of its prefix, once resolved */
    uint32_t group, key, compared; /* where names are compared: see weir_duplicates */
} weir_part;

/* Bits of weir_decoder.tag_flags: what is nowhere in the tag need not be looked for in it. */
#define WEIR_TAG_REWRITE 1u /* a value to normalise */
#define WEIR_TAG_XMLNS 2u   /* an attribute that begins with `x` */

#define WEIR_PART_REWRITE 1u  /* the value has references or white space to normalise (XML 3.3.3) */
#define WEIR_PART_MOVED 2u    /* the value was rewritten and lies in the workspace's tag */
#define WEIR_PART_DECLARES 4u /* a namespace declaration */

/* The input of one call, cut at the nearest byte limit. */
typedef struct weir_cursor {
    const uint8_t *in;
    uint64_t base; /* offset of in[0] */
    uint32_t at;
    uint32_t end;  /* handled up to here … */
    uint32_t size; /* … of this many: where end < size, the byte at `end` is one too many */
    uint32_t tag;  /* index + tag = offset from the `<` of the tag at hand, modulo 2^32 */
} weir_cursor;

static inline weir_frame *weir_frames(const weir_decoder *d)
{
    return (weir_frame *)(void *)d->workspace;
}

static inline weir_binding *weir_bindings(const weir_decoder *d)
{
    return (weir_binding *)(void *)(d->workspace + d->bindings_at);
}

static inline weir_part *weir_parts(const weir_decoder *d)
{
    return (weir_part *)(void *)(d->workspace + d->parts_at);
}

static inline uint8_t *weir_scope(const weir_decoder *d)
{
    return d->workspace + d->scope_at;
}

/* The frame of the element that is open; depth is at least 1. */
static inline weir_frame *weir_top(const weir_decoder *d)
{
    return weir_frames(d) + (d->depth - 1);
}

/* Depth of a first-level element: 2, or in document framing 1 (CONFORMANCE.md choice 13). */
static inline uint32_t weir_first_level(const weir_decoder *d)
{
    return d->framing == WEIR_FRAMING_DOCUMENT ? 1 : 2;
}

static inline weir_slice weir_slice_of(const uint8_t *data, size_t size)
{
    weir_slice slice;
    slice.data = data;
    slice.size = size;
    return slice;
}

static inline uint64_t weir_load8(const uint8_t *p)
{
    uint64_t word;
    memcpy(&word, p, 8);
    return word;
}

static inline uint32_t weir_load4(const uint8_t *p)
{
    uint32_t word;
    memcpy(&word, p, 4);
    return word;
}

/* Whether two runs are equal; reads nothing past them. Names are short: two words that overlap cover most of them. */
static inline bool weir_equal(const uint8_t *a, const uint8_t *b, uint32_t size)
{
    if (size > 16)
        return memcmp(a, b, size) == 0;
    if (size >= 8)
        return ((weir_load8(a) ^ weir_load8(b)) | (weir_load8(a + size - 8) ^ weir_load8(b + size - 8))) == 0;
    if (size >= 4)
        return ((weir_load4(a) ^ weir_load4(b)) | (weir_load4(a + size - 4) ^ weir_load4(b + size - 4))) == 0;
    for (uint32_t i = 0; i < size; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

/* NS 3 */
WEIR_INLINE bool weir_is_xmlns(const uint8_t *name, size_t size)
{
    static const uint8_t xmlns[5] = {'x', 'm', 'l', 'n', 's'};
    return size == 5 && weir_equal(name, xmlns, 5);
}

/* Less than, equal to or greater than 0. */
static inline int weir_compare(const uint8_t *a, const uint8_t *b, uint32_t size)
{
    return memcmp(a, b, size);
}

/* Size and first bytes of a run: what differs here differs; up to three bytes, what is equal here is equal. */
static inline uint32_t weir_key(const uint8_t *bytes, uint32_t size)
{
    uint32_t key = (size < 255 ? size : 255u) << 24;
    if (size != 0)
        key |= bytes[0];
    if (size > 1)
        key |= (uint32_t)bytes[1] << 8;
    if (size > 2)
        key |= (uint32_t)bytes[2] << 16;
    return key;
}

/* Copies a run to another place; likewise for short ones. */
static inline void weir_copy(uint8_t *to, const uint8_t *from, uint32_t size)
{
    if (size > 16) {
        memcpy(to, from, size);
    } else if (size >= 8) {
        uint64_t last = weir_load8(from + size - 8);
        memcpy(to, from, 8);
        memcpy(to + size - 8, &last, 8);
    } else if (size >= 4) {
        uint32_t last = weir_load4(from + size - 4);
        memcpy(to, from, 4);
        memcpy(to + size - 4, &last, 4);
    } else {
        for (uint32_t i = 0; i < size; i++)
            to[i] = from[i];
    }
}

/* A start tag that is whole, while it is judged. */
typedef struct weir_tag {
    const uint8_t *bytes; /* from its `<` */
    weir_frame *frame;    /* of its element */
    uint64_t worst;       /* the place and the rank of the fault found at the lowest name so far (design 6.8) */
    weir_status code;     /* of that fault; 0: none */
    uint32_t attributes, declared; /* of each, so far */
    bool may_repeat;               /* two of its names may be equal */
} weir_tag;

/* Ranks of faults at one name (design 6.8), in their order. */
enum weir_rank {
    WEIR_R_RESERVED_NAMESPACE,
    WEIR_R_EMPTY_BINDING,
    WEIR_R_DUPLICATE_ATTRIBUTE,
    WEIR_R_UNBOUND_PREFIX,
    WEIR_R_DUPLICATE_EXPANDED,
    WEIR_R_CONTENT_PREFIX,
    WEIR_R_NESTED_STREAM,
    WEIR_R_CONTENT_NAMESPACE,
    WEIR_R_MESSAGE,
    WEIR_R_STREAM_NAMESPACE,
    WEIR_R_ROOT_NAME,
    WEIR_R_STREAM_PREFIX,
    WEIR_R_HEADER
};

static inline void weir_note(weir_tag *t, uint32_t name, enum weir_rank rank, weir_status code)
{
    uint64_t place = (uint64_t)name << 8 | (uint64_t)rank;
    if (t->code == 0 || place < t->worst) {
        t->worst = place;
        t->code = code;
    }
}

/* Where a part's value lies: in the tag, or in the workspace, where it was rewritten. */
static inline const uint8_t *weir_value_of(const weir_decoder *d, const weir_tag *t, const weir_part *p)
{
    return ((p->flags & WEIR_PART_MOVED) != 0 ? d->workspace + d->tag_at : t->bytes) + p->value;
}

static inline uint32_t weir_known_of(const weir_decoder *d, uint32_t binding)
{
    return binding == WEIR_NONE ? (uint32_t)WEIR_NS_EMPTY : weir_bindings(d)[binding].known;
}

static inline weir_slice weir_namespace_of(const weir_decoder *d, uint32_t binding)
{
    if (binding == WEIR_NONE)
        return weir_slice_of(NULL, 0);
    const weir_binding *b = weir_bindings(d) + binding;
    return weir_slice_of(weir_scope(d) + b->prefix + b->prefix_size, b->size);
}

/* Sets the end of the window by the byte limits. */
WEIR_INLINE void weir_cut(const weir_decoder *d, weir_cursor *c)
{
    uint64_t stop = d->tag_stop < d->element_stop ? d->tag_stop : d->element_stop;
    c->end = stop - c->base < c->size ? (uint32_t)(stop - c->base) : c->size;
}

WEIR_INLINE void weir_event_name(const weir_decoder *d, const weir_frame *f, weir_event *e)
{
    const uint8_t *name = weir_scope(d) + f->name;
    uint32_t skip = f->prefix != 0 ? f->prefix + 1 : 0;
    e->name.namespace_name = weir_namespace_of(d, f->binding);
    e->name.prefix = weir_slice_of(name, f->prefix);
    e->name.local = weir_slice_of(name + skip, f->size - skip);
}

/* layout.c */
bool weir_layout(weir_decoder *d,
                 const weir_limits *limits); /* sets limits and the parts' places; false: out of range */

/* decoder.c */
void weir_refuse(weir_decoder *d); /* every call answers MISUSE until weir_init */
weir_status weir_fault(weir_decoder *d, weir_status code, uint64_t offset);
weir_status weir_any_event(weir_decoder *d, weir_slice *input, weir_event *event); /* weir_next, of usual arguments */

/* prolog.c: each handler takes the character `code`, at d->char_begin */
weir_status weir_on_prolog(weir_decoder *d, weir_cursor *c, uint32_t code);
weir_status weir_on_declaration(weir_decoder *d, weir_cursor *c, uint32_t code);

/* content.c */
weir_status weir_text_run(weir_decoder *d, weir_cursor *c, weir_event *e);
/* What waits takes the text at c->at along, plain or to be rewritten; 0: nothing waits, and none is whole there. */
weir_status weir_text_gather(weir_decoder *d, weir_cursor *c, weir_event *e);
/* Text that begins at c->at, of which `known` bytes were found plain; 0: none is whole there. */
weir_status weir_text_from(weir_decoder *d, weir_cursor *c, uint32_t known, weir_event *e);
weir_status weir_bytes_that_wait(weir_decoder *d, weir_cursor *c, weir_event *e); /* states CR, CDATA_1, CDATA_2 */
weir_status weir_on_content(weir_decoder *d, weir_cursor *c, uint32_t code);
void weir_reference_begins(weir_decoder *d, bool in_value); /* the `&` at d->char_begin was taken */
weir_status weir_on_reference(weir_decoder *d, uint32_t code);
weir_status weir_zeros_run(const weir_decoder *d, weir_cursor *c); /* leading ones of a number */
weir_status weir_text_waiting(weir_decoder *d, weir_event *e);     /* the event of the text that waits */
void weir_text_cr(weir_decoder *d, uint64_t end);                  /* the CR is certain; its source ends at `end` */

/* tag.c */
uint32_t weir_wide_name_bytes(const uint8_t *in, uint32_t at, uint32_t end); /* weir_name_bytes, where in[at] is wide */
uint32_t weir_wide_name_start(const uint8_t *p, uint32_t n);                 /* weir_name_start, beyond ASCII */
void weir_open_tag(weir_decoder *d, weir_cursor *c, uint32_t state);         /* the `<` at c->at - 1 was taken */
weir_status weir_tag_opens(weir_decoder *d, weir_cursor *c, uint32_t state,
                           weir_event *e);                    /* the `<` at c->at: a run */
weir_status weir_name_begins(weir_decoder *d, uint32_t code); /* the character after the `<` of a start tag */
weir_status weir_tag_run(weir_decoder *d, weir_cursor *c, weir_event *e);
weir_status weir_on_tag(weir_decoder *d, weir_cursor *c, uint32_t code, weir_event *e);
void weir_end_tag_begins(weir_decoder *d); /* after `</` */
weir_status weir_on_end_tag(weir_decoder *d, weir_cursor *c, uint32_t code, weir_event *e);

/* start_tag.c */
uint32_t weir_normalise(const uint8_t *from, uint32_t size, uint8_t *to); /* a value (XML 3.3.3); the new size */
/* the `>` was taken */
weir_status weir_start_tag(weir_decoder *d, weir_cursor *c, bool empty, weir_event *e);

/* bindings.c */
void weir_names_reset(weir_decoder *d);
weir_status weir_declare(weir_decoder *d, weir_tag *t);
void weir_enter(weir_decoder *d, weir_binding *b); /* the prefixed binding on top of the stack, not yet counted */
uint32_t weir_find(const weir_decoder *d, const uint8_t *prefix, uint32_t size); /* the innermost binding; WEIR_NONE */
void weir_leave_bindings(weir_decoder *d, uint32_t bindings);                    /* back to so many */
bool weir_is(const uint8_t *bytes, uint32_t size, const char *literal);
uint32_t weir_known(const uint8_t *name, uint32_t size); /* of a namespace name */

/* names.c */
void weir_resolve(weir_decoder *d, weir_tag *t);
void weir_duplicates(weir_decoder *d, weir_tag *t);

/* stream.c */
weir_status weir_space_run(weir_decoder *d, weir_cursor *c, weir_event *e);
weir_status weir_on_outside(weir_decoder *d, weir_cursor *c, uint32_t code);
void weir_judge_element(weir_decoder *d, weir_tag *t);
void weir_header_event(const weir_decoder *d, const weir_tag *t, weir_event *e);
weir_status weir_element_ends(weir_decoder *d, weir_cursor *c, uint64_t begin, weir_event *e);

#endif
