/* xmpp.c - what RFC 6120 and RFC 7395 ask of the names and namespaces of a tag
 *
 * SPDX-License-Identifier: MIT */
#include "internal.h"

/* RFC 6120 4.8.3, XEP-0114: the bit of weir_config.content; 0: no content namespace. */
static uint32_t content_bit(weir_slice namespace_name)
{
    if (reference_is(namespace_name, "jabber:client"))
        return WEIR_CONTENT_CLIENT;
    if (reference_is(namespace_name, "jabber:server"))
        return WEIR_CONTENT_SERVER;
    if (reference_is(namespace_name, "jabber:component:accept"))
        return WEIR_CONTENT_COMPONENT_ACCEPT;
    if (reference_is(namespace_name, "jabber:component:connect"))
        return WEIR_CONTENT_COMPONENT_CONNECT;
    return 0;
}

/* RFC 6120 4.8.5: the two whose elements have no prefix. */
bool reference_is_stanza_namespace(weir_slice namespace_name)
{
    return reference_is(namespace_name, "jabber:client") || reference_is(namespace_name, "jabber:server");
}

/* RFC 7395 3.3.2 */
bool reference_is_framing_element(weir_slice namespace_name, weir_slice local, const char *wanted)
{
    return reference_is(namespace_name, REFERENCE_FRAMING_NAMESPACE) && reference_is(local, wanted);
}

/* RFC 6120 4.8.2, 4.8.3, choice 21: a first-level element in one of the two must be in the stream's own. */
static bool is_foreign_stanza(const reference_reader *r)
{
    weir_slice namespace_name = r->tag.namespace_name;
    if (!reference_is_stanza_namespace(namespace_name))
        return false;
    if (r->content.size > 0)
        return !reference_same(namespace_name, r->content);
    return (content_bit(namespace_name) & r->accepted) == 0;
}

/* design 6.8: from CONTENT_PREFIX on, at the name of any element. */
weir_status reference_element_fault(const reference_reader *r)
{
    if (r->framing == WEIR_FRAMING_DOCUMENT)
        return WEIR_OK;
    weir_slice namespace_name = r->tag.namespace_name, local = r->tag.name.local;
    if (r->tag.name.prefix.size > 0 && reference_is_stanza_namespace(namespace_name)) /* RFC 6120 4.8.5 */
        return WEIR_E_CONTENT_PREFIX;
    if (r->tag.place == REFERENCE_HEADER)
        return WEIR_OK;
    if (reference_is(namespace_name, REFERENCE_STREAM_NAMESPACE) && reference_is(local, "stream")) /* RFC 6120 4.3.3 */
        return WEIR_E_NESTED_STREAM;
    if (r->tag.place != REFERENCE_FIRST_LEVEL)
        return WEIR_OK;
    if (is_foreign_stanza(r)) /* RFC 6120 4.8.3 */
        return WEIR_E_CONTENT_NAMESPACE;
    bool websocket = r->framing == WEIR_FRAMING_WEBSOCKET;
    if (websocket && reference_is_framing_element(namespace_name, local, "open")) /* choice 24 */
        return WEIR_E_MESSAGE;
    return WEIR_OK;
}

/* What is wrong with the name of the header, in the order of design 6.8; choice 23. */
weir_status reference_header_name_fault(const reference_reader *r)
{
    const reference_qname *name = &r->tag.name;
    bool websocket = r->framing == WEIR_FRAMING_WEBSOCKET;
    /* RFC 6120 4.8.1, RFC 7395 3.3.2 */
    if (!reference_is(r->tag.namespace_name, websocket ? REFERENCE_FRAMING_NAMESPACE : REFERENCE_STREAM_NAMESPACE))
        return WEIR_E_STREAM_NAMESPACE;
    /* RFC 6120 4.2, RFC 7395 3.3.1, 3.4 */
    if (websocket ? !reference_is(name->local, "open") && !reference_is(name->local, "close")
                  : !reference_is(name->local, "stream"))
        return WEIR_E_ROOT_NAME;
    if (name->prefix.size > 0 && !reference_is(name->prefix, "stream")) /* RFC 6120 4.8.5 */
        return WEIR_E_STREAM_PREFIX;
    return WEIR_OK;
}

/* RFC 6120 4.8.5, choice 22: whether the header may bind a prefix to this. */
static bool header_may_declare(const reference_reader *r, weir_slice namespace_name)
{
    return reference_is(namespace_name, REFERENCE_STREAM_NAMESPACE) || content_bit(namespace_name) != 0 ||
           (r->framing == WEIR_FRAMING_WEBSOCKET && reference_is(namespace_name, REFERENCE_FRAMING_NAMESPACE)) ||
           reference_is(namespace_name, "jabber:server:dialback");
}

/* The number in some digits, or 65536 if it is above 65535; leading zeros are nothing (RFC 6120 4.7.5). */
static uint32_t number(weir_slice digits)
{
    uint32_t value = 0;
    for (size_t i = 0; i < digits.size; i++) {
        value = value * 10 + (digits.data[i] - (uint32_t)'0');
        if (value > UINT16_MAX)
            return UINT16_MAX + 1u;
    }
    return value;
}

/* RFC 6120 4.7.5, choice 27: digits, dot, digits. */
static bool parse_version(weir_slice text, uint32_t *major, uint32_t *minor)
{
    size_t dot = 0;
    while (dot < text.size && reference_is_digit(text.data[dot]))
        dot++;
    size_t after = dot < text.size && text.data[dot] == '.' ? dot + 1 : dot;
    weir_slice before_dot = {text.data, dot}, after_dot = {text.data + after, text.size - after};
    if (dot == 0 || after == dot || after_dot.size == 0)
        return false;
    for (size_t i = 0; i < after_dot.size; i++) {
        if (!reference_is_digit(after_dot.data[i]))
            return false;
    }
    *major = number(before_dot);
    *minor = number(after_dot);
    return true;
}

/* What is wrong with an attribute of the header, design 6.8. Of a `close` in its place only the name is judged (choice
 * 23). */
weir_status reference_header_attribute_fault(const reference_reader *r, const reference_attribute *a)
{
    if (reference_is_framing_element(r->tag.namespace_name, r->tag.name.local, "close"))
        return WEIR_OK;
    if (a->declares && a->name.prefix.size == 0) {                            /* RFC 6120 4.8.2 */
        bool may_differ = r->tag.name.prefix.size == 0 || a->value.size == 0; /* not a content namespace, or none */
        return may_differ || (content_bit(a->value) & r->accepted) != 0 ? WEIR_OK : WEIR_E_CONTENT_NAMESPACE;
    }
    if (a->declares) /* RFC 6120 4.8.5; `xmlns:xml`, where it is not right, was refused before */
        return reference_is(a->name.local, "xml") || header_may_declare(r, a->value) ? WEIR_OK
                                                                                     : WEIR_E_HEADER_DECLARATION;
    uint32_t major, minor; /* RFC 6120 4.7.5, 4.9.3.25 */
    if (reference_is(a->name.raw, "version") && (!parse_version(a->value, &major, &minor) || major > 1))
        return WEIR_E_STREAM_VERSION;
    return WEIR_OK;
}

/* RFC 6120 4.7: the attributes of the header that was read. */
weir_header reference_header(const reference_reader *r)
{
    weir_header header = {0};
    header.version_minor = 9; /* RFC 6120 4.7.5: absent means 0.9 */
    for (size_t i = 0; i < r->tag.attribute_count; i++) {
        const reference_attribute *a = &r->tag.attributes[i];
        if (reference_is(a->name.raw, "to")) {
            header.present |= WEIR_HAS_TO;
            header.to = a->value;
        } else if (reference_is(a->name.raw, "from")) {
            header.present |= WEIR_HAS_FROM;
            header.from = a->value;
        } else if (reference_is(a->name.raw, "id")) {
            header.present |= WEIR_HAS_ID;
            header.id = a->value;
        } else if (reference_is(a->name.raw, "xml:lang")) {
            header.present |= WEIR_HAS_LANG;
            header.lang = a->value;
        } else if (reference_is(a->name.raw, "version")) {
            uint32_t major = 0, minor = 0;
            parse_version(a->value, &major, &minor);
            header.present |= WEIR_HAS_VERSION;
            header.version_major = (uint16_t)major;
            header.version_minor = (uint16_t)(minor > UINT16_MAX ? UINT16_MAX : minor);
        } else if (reference_is(a->name.raw, "xmlns") && r->tag.name.prefix.size > 0 && a->value.size > 0) {
            header.present |= WEIR_HAS_CONTENT; /* choice 21 */
            header.content = a->value;
        }
    }
    return header;
}
