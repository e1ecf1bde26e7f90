/* weir.h - a strict, streaming, namespace-aware decoder for the XML of XMPP
 *
 * Weir reads the bytes of an XMPP stream as they arrive and hands out events: stream opened, element start, text,
 * element end, stream closed. What is not a well-formed, namespace-well-formed stream of XMPP's restricted XML (RFC
 * 6120) is refused, with a typed error at an exact byte, the same however the bytes were split.
 *
 *     weir_limits limits;    weir_limits_default(&limits);
 *     weir_config config = {.framing = WEIR_FRAMING_STREAM, .limits = limits};
 *     size_t size = weir_workspace_size(&limits);
 *     void *workspace = malloc(size);
 *     weir_decoder decoder;
 *     weir_init(&decoder, &config, workspace, size);
 *     for each chunk:  weir_slice input = {bytes, count};
 *         while ((status = weir_next(&decoder, &input, &event)) > 0) ... one event ...
 *         if (status < 0) ... weir_last_error(&decoder) ...
 *     at end of input: weir_finish(&decoder)
 *
 * Memory. The caller owns all of it: the decoder, one workspace, the input bytes. Weir allocates nothing, recurses
 * nowhere, keeps no writable static data, does no I/O, and calls nothing but memcpy, memmove, memset and memcmp (weir_init
 * on x86-64 also reads what libgcc or compiler-rt found out about the processor; not so with -DWEIR_PORTABLE).
 * Stack: a call uses at most WEIR_STACK_MAX bytes of stack on 64-bit and 32-bit machines (built with -O1 or more).
 * Threads and signals: decoders share nothing; two threads may use two decoders, or one decoder in turn; a call made
 * from a signal handler is safe for a decoder that the interrupted code is not inside of.
 * Passwords pass through the workspace; weir_wipe clears it for good.
 *
 * Not in scope: JIDs, schemas, xml:lang inheritance, TLS, SASL. No option makes the decoder lax.
 *
 * Sections cited: "RFC 6120 4.8.5"; "XML" is XML 1.0 fifth edition, "NS" is Namespaces in XML 1.0 third edition. What
 * the specifications leave open is decided in CONFORMANCE.md, beside this file.
 *
 * SPDX-License-Identifier: MIT */
#ifndef WEIR_H
#define WEIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WEIR_VERSION "0.1.0"
#define WEIR_VERSION_MAJOR 0
#define WEIR_VERSION_MINOR 1
#define WEIR_VERSION_PATCH 0

/* Bytes of stack below a call of any function of this header: the sum over the deepest call path, checked by a test. */
#define WEIR_STACK_MAX 1536

/* ---- Status ------------------------------------------------------------------------------------------------------
 *
 * Negative: an error. Zero: nothing to report (need more input; done). Positive: an event, or for weir_finish
 * "complete". The negative codes are a closed list, in the order of the rows of CONFORMANCE.md; each has one
 * condition of RFC 6120 4.9.3 (weir_error_condition) and one citation (weir_error_rule). */
typedef enum weir_status {
    WEIR_OK = 0,        /* weir_init, weir_restart, weir_park, weir_unpark: done */
    WEIR_NEED_MORE = 0, /* weir_next: the input is used up; weir_finish: the stream was cut short */

    /* Events of weir_next */
    WEIR_STREAM_OPENED = 1, /* the stream header (websocket: the <open/> message) */
    WEIR_ELEMENT_START = 2, /* a start tag, or the first half of an empty-element tag */
    WEIR_ELEMENT_END = 3,   /* an end tag, or the second half of an empty-element tag */
    WEIR_TEXT = 4,          /* a piece of character data inside an element */
    WEIR_SPACE = 5,         /* white space between first-level elements (RFC 6120 11.7); stream framing only */
    WEIR_STREAM_CLOSED = 6, /* the closing tag of the stream (websocket: the <close/> message) */

    /* weir_finish: nothing is missing (RFC 6120 4.4: both header and closing tag were seen; websocket: the message is
     * whole; document: the root element is whole) */
    WEIR_COMPLETE = 7,

    /* 1. XML: not-well-formed */
    WEIR_E_SYNTAX = -1,              /* XML 2.1 [1]: grammar not named below */
    WEIR_E_NAME = -2,                /* NS 4 [7]: a name, or a part of one, has a character that cannot stand there */
    WEIR_E_CHAR = -3,                /* XML 2.2 [2]: a raw character outside Char */
    WEIR_E_CHAR_REFERENCE = -4,      /* XML 4.1 [66]: a character reference to no Char */
    WEIR_E_AMPERSAND = -5,           /* XML 2.4: a bare `&` */
    WEIR_E_LESS_THAN = -6,           /* XML 3.1 [10]: `<` in an attribute value */
    WEIR_E_CDATA_END = -7,           /* XML 2.4 [14]: `]]>` in text */
    WEIR_E_TAG_MISMATCH = -8,        /* XML 3 (WFC: Element Type Match) */
    WEIR_E_DUPLICATE_ATTRIBUTE = -9, /* XML 3.1 (WFC: Unique Att Spec): one qualified name twice in a tag */
    WEIR_E_PROLOG = -10,             /* XML 2.8 [22]: text before the first tag; U+FEFF is text there (RFC 6120 11.6) */
    WEIR_E_END = -11,                /* XML 2.1 [1]: the input ended inside (document and websocket framing) */
    /* 2. Namespaces: not-well-formed */
    WEIR_E_UNBOUND_PREFIX = -12,     /* NS 5 (NSC: Prefix Declared) */
    WEIR_E_EMPTY_BINDING = -13,      /* NS 5 (NSC: No Prefix Undeclaring): xmlns:p='' */
    WEIR_E_RESERVED_NAMESPACE = -14, /* NS 3 (NSC: Reserved Prefixes and Namespace Names) */
    WEIR_E_DUPLICATE_EXPANDED = -15, /* NS 6.3 (NSC: Attributes Unique): one expanded name twice in a tag */
    /* 3. Restricted XML: restricted-xml */
    WEIR_E_COMMENT = -16,                /* RFC 6120 11.1 */
    WEIR_E_PROCESSING_INSTRUCTION = -17, /* RFC 6120 11.1; a declaration anywhere but first, too (XML 2.8) */
    WEIR_E_DOCTYPE = -18,                /* RFC 6120 11.1 */
    WEIR_E_ENTITY = -19,                 /* RFC 6120 11.1: an entity other than the five of XML 4.6 */
    WEIR_E_STANDALONE = -20,             /* RFC 6120 11.5 */
    /* 4. Encoding: unsupported-encoding */
    WEIR_E_UTF8 = -21,     /* RFC 6120 11.6, RFC 3629 4: malformed UTF-8 */
    WEIR_E_ENCODING = -22, /* RFC 6120 11.6: another encoding declared; NUL as first or second byte (UTF-16, UTF-32) */
    /* 5. Framing: bad-format */
    WEIR_E_XML_VERSION = -23,   /* RFC 6120 11.8: an XML version other than 1.0 */
    WEIR_E_TEXT_OUTSIDE = -24,  /* RFC 6120 11.7: between first-level elements, anything but literal white space */
    WEIR_E_ROOT_NAME = -25,     /* RFC 6120 4.2, RFC 7395 3.3.1: the root is not `stream` (websocket: not `open`) */
    WEIR_E_NESTED_STREAM = -26, /* RFC 6120 4.3.3: a stream header inside the stream, without weir_restart */
    WEIR_E_AFTER_CLOSE = -27,   /* RFC 6120 4.4: anything but white space after the stream was closed */
    WEIR_E_MESSAGE = -28,       /* RFC 7395 3.3.3: a websocket message is not exactly one element */
    /* 6. Namespaces of XMPP: invalid-namespace */
    WEIR_E_STREAM_NAMESPACE = -29,   /* RFC 6120 4.8.1, RFC 7395 3.3.2 */
    WEIR_E_CONTENT_NAMESPACE = -30,  /* RFC 6120 4.8.2, 4.8.3 */
    WEIR_E_HEADER_DECLARATION = -31, /* RFC 6120 4.8.5: the header declares the namespace of an extension */
    /* 7. Prefixes: bad-namespace-prefix */
    WEIR_E_STREAM_PREFIX = -32,  /* RFC 6120 4.8.5: the prefix of the header is neither `stream` nor none */
    WEIR_E_CONTENT_PREFIX = -33, /* RFC 6120 4.8.5: a prefixed element of jabber:client or jabber:server */
    /* 8. Version: unsupported-version */
    WEIR_E_STREAM_VERSION = -34, /* RFC 6120 4.7.5 */
    /* 9. Limits: policy-violation (RFC 6120 13.12) */
    WEIR_E_LIMIT_DEPTH = -35,
    WEIR_E_LIMIT_ATTRIBUTES = -36,
    WEIR_E_LIMIT_BINDINGS = -37,
    WEIR_E_LIMIT_SCOPE = -38,
    WEIR_E_LIMIT_TAG = -39,
    WEIR_E_LIMIT_ELEMENT = -40,
    WEIR_E_LIMIT_ELEMENTS = -41,
    /* The caller's: no condition. The call was refused and changed nothing; see each function. */
    WEIR_E_MISUSE = -42
} weir_status;

#define WEIR_ERROR_COUNT 42 /* the codes are -1 to -WEIR_ERROR_COUNT */

/* An error: its code, and the 64-bit offset of the offending byte in the bytes given since weir_init. Which byte that
 * is does not depend on chunks: malformed UTF-8 at the first byte that cannot go on; another fault at the first byte
 * of the first character after which nothing could be accepted; a fault of a whole tag (namespaces, duplicates) at
 * the first byte of the name at fault; a byte limit at the first byte too many; END at the number of bytes given.
 * Complete characters of text before the offset have been delivered; of an unfinished tag nothing has. */
typedef struct weir_error {
    weir_status code; /* 0: no error so far */
    uint64_t offset;
} weir_error;

/* ---- Limits ------------------------------------------------------------------------------------------------------
 *
 * Inclusive: a stream at the limit passes, one past it is refused. Each may be 1 to 2^31-1. Inside the limits no
 * stream is refused for memory; weir_workspace_size is the proof. RFC 6120 13.12 forbids a deployed server to set
 * `element` below 10000. Give unauthenticated peers small ones, and raise them by weir_restart after authentication. */
typedef struct weir_limits {
    uint32_t depth;      /* open elements, the stream's own included */
    uint32_t attributes; /* attributes of one tag, namespace declarations included */
    uint32_t bindings;   /* namespace declarations in scope, each counted, the header's included. Beyond a few thousand
                          * the cost of a declaration grows with it */
    uint32_t scope;      /* bytes of open elements' qualified names, of prefixes and namespace names in scope */
    uint32_t tag;        /* bytes of one tag or XML declaration, `<` to `>` */
    uint32_t element;    /* bytes of one first-level element, from its `<` to the `>` of its end */
    uint32_t elements;   /* elements in one first-level element, itself included */
} weir_limits;

#define WEIR_LIMIT_MAX 0x7fffffffu /* so that every sum of two counters fits 32 bits */

/* Defaults, fit for a server after authentication. */
#define WEIR_DEFAULT_DEPTH 128u      /* the deepest recorded stanza has 82; clients seldom pass 10 */
#define WEIR_DEFAULT_ATTRIBUTES 64u  /* the widest recorded tag has 60; clients seldom pass 8 */
#define WEIR_DEFAULT_BINDINGS 128u   /* one a level of depth */
#define WEIR_DEFAULT_SCOPE 16384u    /* a legal stanza of 10000 bytes (13.12) may be one namespace name */
#define WEIR_DEFAULT_TAG 65536u      /* the longest recorded tag has above 40000; 13.12 asks for 10000 */
#define WEIR_DEFAULT_ELEMENT 262144u /* what the widespread servers allow an authenticated client */
#define WEIR_DEFAULT_ELEMENTS 16384u /* a roster of 5000 contacts in three groups each */

/* Sets the defaults. */
void weir_limits_default(weir_limits *limits);

/* Bytes of workspace that these limits need, on this machine; 0 when a limit is out of range or the sum does not fit a
 * size_t. The defaults need less than 112 KiB. */
size_t weir_workspace_size(const weir_limits *limits);

/* ---- Configuration ----------------------------------------------------------------------------------------------- */

typedef enum weir_framing {
    WEIR_FRAMING_STREAM = 0,    /* RFC 6120 over TCP: a header, first-level elements, a closing tag */
    WEIR_FRAMING_WEBSOCKET = 1, /* RFC 7395: one element a message, weir_finish after each */
    WEIR_FRAMING_DOCUMENT = 2   /* one element, nothing of XMPP's own: BOSH bodies, stored stanzas */
} weir_framing;

/* Content namespaces (RFC 6120 4.8.3, XEP-0114); a set of them is their sum. */
#define WEIR_CONTENT_CLIENT 1u            /* jabber:client */
#define WEIR_CONTENT_SERVER 2u            /* jabber:server */
#define WEIR_CONTENT_COMPONENT_ACCEPT 4u  /* jabber:component:accept */
#define WEIR_CONTENT_COMPONENT_CONNECT 8u /* jabber:component:connect */
#define WEIR_CONTENT_ANY 15u

/* A scanning kernel only skips bytes that are plain; verdicts do not depend on it. Which there are is the build's: SSE2 and
 * AVX2 on x86-64, NEON on little-endian AArch64, with gcc and clang, no flags needed; -DWEIR_PORTABLE leaves all but the
 * portable one out. */
typedef enum weir_kernel {
    WEIR_KERNEL_AUTO = 0, /* the best that this machine has */
    WEIR_KERNEL_PORTABLE = 1,
    WEIR_KERNEL_SSE2 = 2,
    WEIR_KERNEL_AVX2 = 3,
    WEIR_KERNEL_NEON = 4,
    WEIR_KERNEL_COUNT = 5
} weir_kernel;

typedef struct weir_config {
    weir_framing framing;
    /* The content namespaces accepted, of a header and of first-level elements in jabber:client and jabber:server; 0
     * means WEIR_CONTENT_ANY; not used in document framing. */
    uint32_t content;
    weir_limits limits;
    weir_kernel kernel;
} weir_config;

bool weir_kernel_available(weir_kernel kernel); /* built in, and this machine can run it */
/* "auto", "portable", "sse2", "avx2", "neon"; "" for a number that is none */
const char *weir_kernel_name(weir_kernel kernel);

/* ---- Events ------------------------------------------------------------------------------------------------------
 *
 * Slices are UTF-8 without a terminating NUL. They point into the input or the workspace and die at the next call
 * that takes the decoder, or when that memory is changed. An empty slice may have any pointer, NULL included. */
typedef struct weir_slice {
    const uint8_t *data;
    size_t size;
} weir_slice;

typedef struct weir_name {
    weir_slice namespace_name; /* empty: in no namespace */
    weir_slice prefix;         /* as written; empty: none */
    weir_slice local;
} weir_name;

typedef struct weir_attribute {
    weir_name name;   /* without prefix an attribute is in no namespace (NS 6.2) */
    weir_slice value; /* normalised (XML 3.3.3): references resolved, white space turned into spaces */
} weir_attribute;

typedef struct weir_declaration {
    weir_slice prefix;         /* empty: the default namespace */
    weir_slice namespace_name; /* empty: the default namespace undeclared */
} weir_declaration;

/* Bits of weir_header.present */
#define WEIR_HAS_TO 1u
#define WEIR_HAS_FROM 2u
#define WEIR_HAS_ID 4u
#define WEIR_HAS_VERSION 8u
#define WEIR_HAS_LANG 16u
#define WEIR_HAS_CONTENT 32u

/* The attributes of a stream header (RFC 6120 4.7). What is absent is an empty slice. */
typedef struct weir_header {
    uint32_t present;
    uint16_t version_major, version_minor; /* 0.9 when absent (4.7.5); a minor version above 65535 is given as 65535 */
    weir_slice to, from, id;
    weir_slice lang;    /* xml:lang */
    weir_slice content; /* the content namespace: the default namespace of a prefixed header, when it declares one */
} weir_header;

/* One event. `type`, `depth`, `begin` and `end` are set in every event; other fields only where their line says so,
 * and hold anything elsewhere. */
typedef struct weir_event {
    weir_status type;
    uint32_t depth; /* of the element, or of that around the text: 1 the stream, 2 a stanza; document: 1 the root */
    uint64_t begin; /* offset since weir_init (no restart resets it) of the source's first byte: the `<` of a tag */
    uint64_t end;   /* offset after its last byte. The end of an empty-element tag has begin = end = after the `>` */

    weir_name name; /* OPENED, START, END, and CLOSED */

    /* OPENED, START, and CLOSED in websocket framing (see-other-uri, RFC 7395 3.6.1); count 0 in any other CLOSED */
    const weir_attribute *attributes; /* in the order of the tag, declarations left out */
    const weir_declaration *declarations;
    uint32_t attribute_count;
    uint32_t declaration_count;

    uint64_t start; /* END, CLOSED: `begin` of the start tag. Raw bytes of the element: start to end */
    /* END at depth 2 (document: 1): every name in the element has its namespace from a declaration in it, or is of the
     * prefix xml. The raw bytes of one that is not change meaning in another stream. */
    bool self_contained;

    /* TEXT: whole code points, references resolved, line ends normalised (XML 2.11). Adjacent pieces, `end` of one
     * and `begin` of the next with only CDATA marks between, are one text; where they are cut means nothing. SPACE:
     * the bytes as received. */
    weir_slice text;

    weir_header header; /* OPENED */
} weir_event;

/* ---- The decoder ------------------------------------------------------------------------------------------------- */

/* The struct is at the end of this file: its size is public, its fields are not. */
typedef struct weir_decoder weir_decoder;

/* Begins. `workspace` is memory as from malloc, or an array of char aligned for uint64_t, of at least
 * weir_workspace_size(&config->limits) bytes; it stays the decoder's until the next weir_init or weir_unpark; the
 * decoder struct itself may be moved between calls.
 *
 * MISUSE: a null pointer, limits out of range, a workspace too small or misaligned, a framing, content or kernel that
 * does not exist here. The decoder then answers MISUSE to every call until a weir_init succeeds. */
weir_status weir_init(weir_decoder *decoder, const weir_config *config, void *workspace, size_t size);

/* Takes bytes from `*input` up to the end of the next event, fills in `*event`, and advances `*input` past what it
 * used: never past the last byte of the event. So what follows `<proceed/>` is still the caller's. (One exception:
 * of a CDATA section up to two `]` that wait may have been taken although they lie behind the end of the text.)
 *
 * WEIR_NEED_MORE: the input is used up, nothing points into it any more, `*event` means nothing. An empty input is
 * legal; it may still bring an event that was due.
 *
 * An error is final: every later call repeats it, until weir_init. `*input` then begins at the offending byte, or,
 * where an earlier chunk brought that, where it began. MISUSE: a null pointer (input->data may be NULL when
 * input->size is 0); nothing changes.
 *
 * A start tag is delivered at its `>`, whole, with its namespaces. An empty-element tag is two events. Text is
 * delivered as far as it is certain: a CR waits for the next byte, `]` in a CDATA section until it cannot be the end
 * mark, a reference for its `;`, a character for its last byte.
 *
 * White space before a header or root and after the close brings no event and has no limit: who keeps bytes up to the
 * next event must drop these, or a peer fills his memory. */
weir_status weir_next(weir_decoder *decoder, weir_slice *input, weir_event *event);

/* The input ended (websocket: the message ended; the next weir_next begins the next one). To be called after
 * weir_next returned WEIR_NEED_MORE with all input used; while an event is due it is MISUSE and changes nothing.
 *
 * Stream: WEIR_COMPLETE after the closing tag, else WEIR_NEED_MORE, the stream was cut short; nothing changes.
 * Websocket: WEIR_COMPLETE, or WEIR_E_END: the message lacks something. Document: WEIR_COMPLETE, or WEIR_E_END.
 * A character that was begun after the end and not finished is unfinished input in every framing. */
weir_status weir_finish(weir_decoder *decoder);

/* A new stream begins with the next byte (RFC 6120 4.3.3: after STARTTLS, after SASL): bindings and content namespace
 * are forgotten, offsets go on. `limits` may be NULL: as they are; others must fit the workspace. White space that
 * comes first belongs to the stream replaced and is skipped (11.7; stream framing).
 *
 * MISUSE, refused, nothing changed: inside an element, tag or declaration, while an event is due, after the stream was
 * closed, in document framing, in the middle of a websocket message, limits out of range or beyond the workspace.
 * After an error it repeats the error. */
weir_status weir_restart(weir_decoder *decoder, const weir_limits *limits);

/* The error that ended the decoding, or one with code 0. MISUSE that changed nothing is not recorded. Never NULL. */
const weir_error *weir_last_error(const weir_decoder *decoder);

/* Bytes taken since weir_init; 64 bits. */
uint64_t weir_offset(const weir_decoder *decoder);

/* Clears decoder and workspace so that no compiler leaves it out; the decoder then answers MISUSE until weir_init. */
void weir_wipe(weir_decoder *decoder);

/* ---- Parking -----------------------------------------------------------------------------------------------------
 *
 * Many idle connections, one workspace: between calls, a decoder can be copied into a compact form, and its workspace
 * used by another. The form is for this build on this machine, is trusted when it comes back, and holds what the
 * decoder held (wipe it too). Between stanzas of a usual stream it takes less than 1 KiB; inside a tag or element,
 * the bytes of the unfinished tag and what is in scope are added. */
size_t weir_parked_size(const weir_decoder *decoder); /* now, exactly; 0 for a decoder that weir_init refused */

/* Copies the decoder into its compact form. The decoder itself goes on unchanged; do not use it, nor wipe it, once its
 * workspace serves another. MISUSE, nothing
 * changed: a null pointer, a size other than weir_parked_size, a decoder that weir_init refused. */
weir_status weir_park(const weir_decoder *decoder, void *parked, size_t size);

/* Makes a decoder of the compact form. The workspace must be as large and aligned as for weir_init with the limits that
 * were in force. MISUSE: a null
 * pointer, a workspace too small or misaligned, a size that does not match; the decoder then answers MISUSE until
 * weir_init. */
weir_status weir_unpark(weir_decoder *decoder, const void *parked, size_t size, void *workspace, size_t workspace_size);

/* ---- Errors as text ----------------------------------------------------------------------------------------------
 *
 * Static strings, for every code above; "" for a status that is no error. */
const char *weir_error_name(weir_status code);      /* "UTF8" */
const char *weir_error_condition(weir_status code); /* "unsupported-encoding"; "" for MISUSE */
const char *weir_error_rule(weir_status code);      /* "RFC 6120 11.6, RFC 3629 4" */
const char *weir_error_text(weir_status code);      /* "malformed UTF-8" */

/* The `<stream:error>` element of RFC 6120 4.9.1 for an error, ready to send in any framing (it declares its own
 * prefix); "" for MISUSE. Before the stream header was sent, the header goes first (4.9.1.2). */
const char *weir_stream_error(weir_status code);

const char *weir_version(void); /* WEIR_VERSION of the library that was linked */

/* ---- Private -----------------------------------------------------------------------------------------------------
 *
 * Visible so that the caller can own the memory. Fields may change in any version. */
struct weir_decoder {
    uint64_t offset;       /* bytes taken since init */
    uint64_t tag_begin;    /* offset of the `<` of the tag at hand; stays there until the next */
    uint64_t tag_stop;     /* offset of the first byte past the tag limit; UINT64_MAX where it does not count */
    uint64_t element_stop; /* likewise for the first-level element */
    uint64_t char_begin;   /* offset of the first byte of the character at hand */
    uint64_t text_begin;   /* of the text that waits in the workspace */
    uint64_t text_end;
    uint64_t reference_begin;
    uint64_t stream_begin; /* of the stream, document or message; white space skipped after a restart left out */
    weir_error error;
    uint8_t *workspace;
    size_t workspace_size;
    /* Offsets of the parts of the workspace; the frames are at 0 */
    size_t attributes_at, declarations_at, bindings_at, parts_at, order_at;
    size_t by_prefix_at, by_name_at, scope_at, tag_at, text_at;
    weir_limits limits;
    uint32_t state, kernel, framing, accepted, own_content;
    uint32_t depth;          /* open elements */
    uint32_t elements;       /* in the first-level element at hand */
    uint32_t bindings;       /* in scope, the built-in one included */
    uint32_t sorted;         /* of those, with a prefix */
    uint32_t outer_bindings; /* of those, made outside the first-level element */
    uint32_t scope;          /* bytes of it in use */
    uint32_t parts;          /* attributes of the tag at hand */
    uint32_t tag_flags;
    uint32_t carried;              /* bytes of the tag at hand that earlier chunks brought */
    uint32_t name_end, name_colon; /* of the tag at hand, from its `<` */
    uint32_t matched;              /* bytes of a literal or of an end tag's name that were read */
    uint32_t code;                 /* of the character at hand, or of a character reference */
    uint32_t reference_code;
    uint32_t text_used; /* bytes of text that wait in the workspace */
    uint8_t utf8[4], utf8_size, utf8_left, utf8_low, utf8_high;
    uint8_t quote, brackets;
    bool tag_open; /* the bytes since tag_begin may belong to a start tag */
    bool in_value; /* the reference at hand is in a value */
    bool in_cdata, closed, self_contained;
    bool frame_open; /* an `open` or `close` of websocket framing is open */
};

#ifdef __cplusplus
}
#endif
#endif
