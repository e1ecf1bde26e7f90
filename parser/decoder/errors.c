/* errors.c - the codes as text (weir.h; RFC 6120 4.9.3)
 *
 * SPDX-License-Identifier: MIT */
#include "internal.h"

typedef struct weir_error_entry {
    const char *name;
    const char *condition;
    const char *rule;
    const char *text;
} weir_error_entry;

/* By code, negated. */
static const weir_error_entry entries[WEIR_ERROR_COUNT + 1] = {
    {"", "", "", ""},
    {"SYNTAX", "not-well-formed", "XML 2.1 [1]", "not the grammar of XML"},
    {"NAME", "not-well-formed", "NS 4 [7]", "a character that cannot stand in a name here"},
    {"CHAR", "not-well-formed", "XML 2.2 [2]", "a character that XML does not have"},
    {"CHAR_REFERENCE", "not-well-formed", "XML 4.1 [66]", "a reference to a character that XML does not have"},
    {"AMPERSAND", "not-well-formed", "XML 2.4", "a bare ampersand"},
    {"LESS_THAN", "not-well-formed", "XML 3.1 [10]", "`<` in an attribute value"},
    {"CDATA_END", "not-well-formed", "XML 2.4 [14]", "`]]>` in text"},
    {"TAG_MISMATCH", "not-well-formed", "XML 3 (WFC: Element Type Match)",
     "the end tag does not match the open element"},
    {"DUPLICATE_ATTRIBUTE", "not-well-formed", "XML 3.1 (WFC: Unique Att Spec)", "the same attribute twice"},
    {"PROLOG", "not-well-formed", "XML 2.8 [22]", "text before the first tag"},
    {"END", "not-well-formed", "XML 2.1 [1]", "the input ended too early"},
    {"UNBOUND_PREFIX", "not-well-formed", "NS 5 (NSC: Prefix Declared)", "a prefix that is not declared"},
    {"EMPTY_BINDING", "not-well-formed", "NS 5 (NSC: No Prefix Undeclaring)", "a prefix bound to no namespace"},
    {"RESERVED_NAMESPACE", "not-well-formed", "NS 3 (NSC: Reserved Prefixes and Namespace Names)",
     "misuse of the reserved prefixes or namespaces xml and xmlns"},
    {"DUPLICATE_EXPANDED", "not-well-formed", "NS 6.3 (NSC: Attributes Unique)",
     "two attributes with the same namespace and local name"},
    {"COMMENT", "restricted-xml", "RFC 6120 11.1", "a comment"},
    {"PROCESSING_INSTRUCTION", "restricted-xml", "RFC 6120 11.1, XML 2.8 [23]", "a processing instruction"},
    {"DOCTYPE", "restricted-xml", "RFC 6120 11.1", "a document type declaration"},
    {"ENTITY", "restricted-xml", "RFC 6120 11.1, XML 4.6", "a reference to an entity that XMPP does not have"},
    {"STANDALONE", "restricted-xml", "RFC 6120 11.5", "a standalone declaration"},
    {"UTF8", "unsupported-encoding", "RFC 6120 11.6, RFC 3629 4", "malformed UTF-8"},
    {"ENCODING", "unsupported-encoding", "RFC 6120 11.6", "an encoding other than UTF-8"},
    {"XML_VERSION", "bad-format", "RFC 6120 11.8", "an XML version other than 1.0"},
    {"TEXT_OUTSIDE", "bad-format", "RFC 6120 11.7", "text between first-level elements"},
    {"ROOT_NAME", "bad-format", "RFC 6120 4.2, RFC 7395 3.3.1", "the root element has the wrong name"},
    {"NESTED_STREAM", "bad-format", "RFC 6120 4.3.3", "a stream header inside the stream"},
    {"AFTER_CLOSE", "bad-format", "RFC 6120 4.4", "data after the stream was closed"},
    {"MESSAGE", "bad-format", "RFC 7395 3.3.3", "the message is not exactly one element"},
    {"STREAM_NAMESPACE", "invalid-namespace", "RFC 6120 4.8.1, RFC 7395 3.3.2",
     "the root element is not in the stream namespace"},
    {"CONTENT_NAMESPACE", "invalid-namespace", "RFC 6120 4.8.2, 4.8.3",
     "a content namespace that is not accepted here"},
    {"HEADER_DECLARATION", "invalid-namespace", "RFC 6120 4.8.5",
     "the stream header declares the namespace of an extension"},
    {"STREAM_PREFIX", "bad-namespace-prefix", "RFC 6120 4.8.5", "the prefix of the stream header is not `stream`"},
    {"CONTENT_PREFIX", "bad-namespace-prefix", "RFC 6120 4.8.5", "a prefixed element of the content namespace"},
    {"STREAM_VERSION", "unsupported-version", "RFC 6120 4.7.5", "a stream version that is not supported"},
    {"LIMIT_DEPTH", "policy-violation", "RFC 6120 13.12", "elements nested too deeply"},
    {"LIMIT_ATTRIBUTES", "policy-violation", "RFC 6120 13.12", "too many attributes in a tag"},
    {"LIMIT_BINDINGS", "policy-violation", "RFC 6120 13.12", "too many namespace declarations in scope"},
    {"LIMIT_SCOPE", "policy-violation", "RFC 6120 13.12", "too many bytes of names in scope"},
    {"LIMIT_TAG", "policy-violation", "RFC 6120 13.12", "a tag too long"},
    {"LIMIT_ELEMENT", "policy-violation", "RFC 6120 13.12", "a first-level element too long"},
    {"LIMIT_ELEMENTS", "policy-violation", "RFC 6120 13.12", "too many elements in a first-level element"},
    {"MISUSE", "", "", "the call was refused"},
};

static const weir_error_entry *entry(weir_status code)
{
    bool error = code < WEIR_OK && code >= WEIR_E_MISUSE;
    return &entries[error ? -(int)code : 0];
}

const char *weir_error_name(weir_status code)
{
    return entry(code)->name;
}

const char *weir_error_condition(weir_status code)
{
    return entry(code)->condition;
}

const char *weir_error_rule(weir_status code)
{
    return entry(code)->rule;
}

const char *weir_error_text(weir_status code)
{
    return entry(code)->text;
}

/* RFC 6120 4.9.1, 4.9.2 */
#define WEIR_STREAM_ERROR(condition)                                                                                   \
    "<stream:error xmlns:stream='http://etherx.jabber.org/streams'><" condition                                        \
    " xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"

const char *weir_stream_error(weir_status code)
{
    if (code >= WEIR_OK || code <= WEIR_E_MISUSE)
        return "";
    if (code >= WEIR_E_DUPLICATE_EXPANDED)
        return WEIR_STREAM_ERROR("not-well-formed");
    if (code >= WEIR_E_STANDALONE)
        return WEIR_STREAM_ERROR("restricted-xml");
    if (code >= WEIR_E_ENCODING)
        return WEIR_STREAM_ERROR("unsupported-encoding");
    if (code >= WEIR_E_MESSAGE)
        return WEIR_STREAM_ERROR("bad-format");
    if (code >= WEIR_E_HEADER_DECLARATION)
        return WEIR_STREAM_ERROR("invalid-namespace");
    if (code >= WEIR_E_CONTENT_PREFIX)
        return WEIR_STREAM_ERROR("bad-namespace-prefix");
    if (code >= WEIR_E_STREAM_VERSION)
        return WEIR_STREAM_ERROR("unsupported-version");
    return WEIR_STREAM_ERROR("policy-violation");
}

const char *weir_kernel_name(weir_kernel kernel)
{
    switch (kernel) {
    case WEIR_KERNEL_AUTO: return "auto";
    case WEIR_KERNEL_PORTABLE: return "portable";
    case WEIR_KERNEL_SSE2: return "sse2";
    case WEIR_KERNEL_AVX2: return "avx2";
    case WEIR_KERNEL_NEON: return "neon";
    default: return "";
    }
}

const char *weir_version(void)
{
    return WEIR_VERSION;
}
