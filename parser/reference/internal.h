/* internal.h - what the files of the reference decoder share
 *
 * Read characters.c first, then text.c, markup.c, namespaces.c, xmpp.c, events.c and stream.c: each builds on
 * those before it.
 *
 * A function that finds a fault does not return: it leaves by longjmp for reference_decode. The same holds at the
 * end of the input (of the message). So each function reads as the production that it cites, and what it returns
 * is well-formed so far.
 *
 * "design N" is a section of the project's design contract, "choice N" one of CONFORMANCE.md, "XML" is XML 1.0
 * fifth edition, "NS" is Namespaces in XML 1.0 third edition.
 *
 * SPDX-License-Identifier: MIT */
#ifndef WEIR_REFERENCE_INTERNAL_H
#define WEIR_REFERENCE_INTERNAL_H

#include "reference.h"

#include <setjmp.h>

#define REFERENCE_XML_NAMESPACE "http://www.w3.org/XML/1998/namespace"
#define REFERENCE_XMLNS_NAMESPACE "http://www.w3.org/2000/xmlns/"
#define REFERENCE_STREAM_NAMESPACE "http://etherx.jabber.org/streams"
#define REFERENCE_FRAMING_NAMESPACE "urn:ietf:params:xml:ns:xmpp-framing"

#define REFERENCE_NO_STOP UINT64_MAX /* a byte limit that is not running */
#define REFERENCE_UNBOUND SIZE_MAX   /* no binding */

/* Where a `<` stands. */
typedef enum reference_place {
    REFERENCE_HEADER,      /* where the stream header is to come */
    REFERENCE_FIRST_LEVEL, /* where a first-level element may come; in document framing: where the root is to come */
    REFERENCE_INNER,       /* inside a first-level element */
    REFERENCE_NO_TAG       /* where no start tag may begin (choice 1) */
} reference_place;

/* NS 4 [7] QName */
typedef struct reference_qname {
    size_t begin; /* the offset of its first byte */
    weir_slice raw, prefix, local;
} reference_qname;

/* XML 3.1 [41] Attribute; NS 3 [1] NSAttName among them */
typedef struct reference_attribute {
    reference_qname name;
    weir_slice value;          /* normalised (XML 3.3.3) */
    bool declares;             /* it is a namespace declaration */
    bool unbound;              /* its prefix is not declared */
    bool repeats_name;         /* an attribute before it has the same qualified name */
    bool repeats_expanded;     /* an attribute before it has the same expanded name */
    weir_slice namespace_name; /* unless it declares */
} reference_attribute;

/* The start tag that was read last. */
typedef struct reference_tag {
    reference_place place;
    size_t begin, end;
    uint32_t depth; /* of its element */
    bool empty;     /* XML 3.1 [44] EmptyElemTag */
    reference_qname name;
    bool unbound; /* the prefix of the element is not declared */
    weir_slice namespace_name;
    reference_attribute *attributes;
    size_t attribute_count, attribute_room;
} reference_tag;

/* A namespace declaration in scope. */
typedef struct reference_binding {
    weir_slice prefix; /* empty: the default namespace */
    weir_slice namespace_name;
} reference_binding;

/* An open element. */
typedef struct reference_element {
    reference_qname name;
    weir_slice namespace_name;
    size_t begin;
    size_t bindings_before; /* the bindings in scope around it */
    uint64_t scope_before;  /* the scope bytes around it */
} reference_element;

typedef struct reference_reader {
    const reference_input *input;
    const reference_callbacks *callbacks;
    weir_framing framing;
    uint32_t accepted; /* content namespaces */
    weir_limits limits;

    jmp_buf out;
    reference_verdict verdict;

    /* The input, of which nothing behind `end` is looked at: the end of the message, or of all */
    const uint8_t *bytes;
    size_t position, end;
    size_t width;      /* bytes of the character at `position`, once reference_peek has read it */
    size_t first;      /* where the stream, document or message begins (choice 4) */
    uint64_t tag_stop; /* the first byte that the tag limit forbids */
    uint64_t element_stop;

    /* Normalised values and text, written one after the other and never moved. No character is longer than its
     * source, so that as many bytes as the input has are room enough for all. */
    uint8_t *written;
    size_t written_size;

    /* Text that is certain and not yet delivered */
    weir_slice text;
    size_t text_begin, text_end;

    reference_tag tag;
    size_t tag_begin; /* the `<` that was read last */

    reference_element *elements;
    size_t element_count, element_room;
    uint32_t depth_outside; /* depth around the first of `elements`: 1 in websocket messages after the header */

    reference_binding *bindings; /* the first is that of `xml` (NS 3), which the limit does not count */
    size_t binding_count, binding_room;
    uint64_t scope;

    /* Of the stream */
    bool opened, closed;
    weir_slice header;  /* the qualified name of its header */
    weir_slice content; /* its content namespace (choice 21); empty: not settled */

    /* Of the first-level element */
    uint32_t elements_within; /* itself included */
    size_t bindings_outside;
    bool self_contained;

    /* For events */
    weir_attribute *event_attributes;
    size_t event_attribute_room;
    weir_declaration *event_declarations;
    size_t event_declaration_room;
} reference_reader;

/* characters.c */
_Noreturn void reference_leave(reference_reader *r, weir_status code, size_t offset);
_Noreturn void reference_unfinished(reference_reader *r);
uint32_t reference_peek(reference_reader *r);
void reference_skip(reference_reader *r);
void reference_skip_space(reference_reader *r);
uint8_t reference_byte_at(reference_reader *r, size_t offset);
bool reference_within_limits(const reference_reader *r, size_t offset);
void reference_write(reference_reader *r, uint32_t character);
void *reference_grow(void *array, size_t *room, size_t count, size_t item);
bool reference_is_char(uint32_t c);
bool reference_is_space(uint32_t c);
bool reference_is_name_start(uint32_t c);
bool reference_is_name_char(uint32_t c);
bool reference_is_digit(uint32_t c);
bool reference_is_letter(uint32_t c);
bool reference_same(weir_slice a, weir_slice b);
bool reference_is(weir_slice a, const char *text);

/* text.c */
void reference_char_data(reference_reader *r);
void reference_cdata_section(reference_reader *r);
weir_slice reference_attribute_value(reference_reader *r, uint32_t quote);

/* markup.c */
void reference_begin_markup(reference_reader *r, reference_place place);
void reference_declaration(reference_reader *r);
void reference_start_tag(reference_reader *r, reference_place place);
void reference_end_tag(reference_reader *r, weir_slice open_name);
void reference_cdata_start(reference_reader *r);
_Noreturn void reference_markup_outside(reference_reader *r, weir_status section);

/* namespaces.c */
void reference_bind(reference_reader *r);
void reference_whole_tag(reference_reader *r);

/* xmpp.c */
weir_status reference_element_fault(const reference_reader *r);
weir_status reference_header_name_fault(const reference_reader *r);
weir_status reference_header_attribute_fault(const reference_reader *r, const reference_attribute *attribute);
weir_header reference_header(const reference_reader *r);
bool reference_is_framing_element(weir_slice namespace_name, weir_slice local, const char *wanted);
bool reference_is_stanza_namespace(weir_slice namespace_name);

/* events.c */
void reference_deliver_text(reference_reader *r);
void reference_deliver_space(reference_reader *r);
void reference_deliver_opened(reference_reader *r);
void reference_deliver_start(reference_reader *r);
void reference_deliver_end(reference_reader *r, size_t begin, size_t end);
void reference_deliver_closed(reference_reader *r, size_t begin, size_t end);
void reference_deliver_close_message(reference_reader *r);

#endif
