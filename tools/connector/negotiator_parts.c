/* negotiator_parts.c - which first-level element may come in which state, and what may be in it
 *
 * SPDX-License-Identifier: MIT */
#include "negotiator_private.h"

#include <string.h>

bool negotiator_slice_is(weir_slice slice, const char *text)
{
    return slice.size == strlen(text) && memcmp(slice.data, text, slice.size) == 0;
}

bool negotiator_name_is(const weir_name *name, const char *namespace_name, const char *local)
{
    return negotiator_slice_is(name->local, local) && negotiator_slice_is(name->namespace_name, namespace_name);
}

weir_slice negotiator_attribute(const weir_event *xml, const char *local)
{
    for (uint32_t i = 0; i < xml->attribute_count; i++) {
        const weir_attribute *attribute = &xml->attributes[i];
        if (attribute->name.namespace_name.size == 0 && negotiator_slice_is(attribute->name.local, local)) {
            /* An empty value may have any pointer, NULL included; here NULL means something. */
            return attribute->value.size != 0 ? attribute->value : (weir_slice){(const uint8_t *)"", 0};
        }
    }
    return (weir_slice){NULL, 0};
}

/* ---- Text -------------------------------------------------------------------------------------------------------- */

void negotiator_collect_nothing(negotiator *n)
{
    writer_clear(n->text, n->text_size);
    n->text_size = 0;
    n->in_text = false;
    n->text_cut = false;
}

/* Pieces are whole code points, so what is kept of a text too long is text. */
void negotiator_collect(negotiator *n)
{
    weir_slice piece = n->xml.text;
    if (piece.size > sizeof n->text - n->text_size || n->text_cut) {
        n->text_cut = true;
        return;
    }
    for (size_t i = 0; i < piece.size; i++) { /* an empty piece may be NULL */
        n->text[n->text_size++] = piece.data[i];
    }
}

/* ---- Which element may come -------------------------------------------------------------------------------------- */

static bool is(const negotiator *n, const char *namespace_name, const char *local)
{
    return negotiator_name_is(&n->xml.name, namespace_name, local);
}

/* 4.9.3.24; of stanzas before the negotiation is complete 4.9.3.12, 4.3.5. */
static void refuse_element(negotiator *n, const char *detail)
{
    bool stanza = negotiator_slice_is(n->xml.name.namespace_name, negotiator_content(n));
    negotiator_fail(n, NEGOTIATOR_REFUSED, stanza ? "not-authorized" : "unsupported-stanza-type", detail);
}

static uint32_t begin_features(negotiator *n)
{
    if (!is(n, NS_STREAMS, "features")) {
        refuse_element(n, "another element where <stream:features/> has to come (RFC 6120 4.3.2)");
        return PART_IGNORED;
    }
    n->offered = 0;
    n->bindings = 0;
    n->features = 0;
    return PART_FEATURES;
}

static uint32_t begin_starttls_answer(negotiator *n)
{
    if (is(n, NS_TLS, "proceed")) {
        return PART_PROCEED;
    }
    if (is(n, NS_TLS, "failure")) {
        return PART_TLS_FAILURE;
    }
    refuse_element(n, "neither <proceed/> nor <failure/> after <starttls/> (RFC 6120 5.4.2)");
    return PART_IGNORED;
}

static uint32_t begin_sasl_answer(negotiator *n)
{
    if (is(n, NS_SASL, "challenge")) {
        return PART_CHALLENGE;
    }
    if (is(n, NS_SASL, "success")) {
        return PART_SUCCESS;
    }
    if (is(n, NS_SASL, "failure")) {
        return PART_SASL_FAILURE;
    }
    refuse_element(n, "neither <challenge/> nor <success/> nor <failure/> in the exchange of SASL (RFC 6120 6.4)");
    return PART_IGNORED;
}

static uint32_t begin_bind_answer(negotiator *n)
{
    weir_slice type = negotiator_attribute(&n->xml, "type");
    bool ours = is(n, negotiator_content(n), "iq") && negotiator_slice_is(negotiator_attribute(&n->xml, "id"), n->id);
    n->jid[0] = 0;
    if (ours && negotiator_slice_is(type, "result")) {
        return PART_BOUND;
    }
    if (ours && negotiator_slice_is(type, "error")) {
        return PART_STANZA_ERROR;
    }
    refuse_element(n, "another element where the answer to the binding request has to come (RFC 6120 7.6)");
    return PART_IGNORED;
}

static uint32_t begin_request(negotiator *n)
{
    if (!n->authenticated && is(n, NS_SASL, "auth")) {
        n->mechanism = SASL_MECHANISM_COUNT;
        weir_slice name = negotiator_attribute(&n->xml, "mechanism");
        if (name.data != NULL) {
            n->mechanism = sasl_mechanism_of((const char *)name.data, name.size);
        }
        return PART_AUTH;
    }
    if (!n->secured && is(n, NS_TLS, "starttls")) {
        return PART_STARTTLS;
    }
    if (n->exchange && is(n, NS_SASL, "response")) {
        return PART_RESPONSE;
    }
    if (n->exchange && is(n, NS_SASL, "abort")) {
        return PART_ABORT;
    }
    if (n->authenticated && negotiator_is_bind_request(n)) {
        return PART_BIND;
    }
    refuse_element(n, "an element that was not offered (RFC 6120 4.3.5)");
    return PART_IGNORED;
}

/* RFC 7622 3.2: what is before the first slash, and of that what is after the first @. */
static weir_slice domain_of(weir_slice address)
{
    const uint8_t *slash = memchr(address.data, '/', address.size);
    address.size = slash != NULL ? (size_t)(slash - address.data) : address.size;
    const uint8_t *at = memchr(address.data, '@', address.size);
    size_t before = at != NULL ? (size_t)(at - address.data) + 1 : 0;
    return (weir_slice){address.data + before, address.size - before};
}

/* 8.1.2.2: a server speaks for the domain that it authenticated as, and for no other. After our closing tag what is
 * wrong is dropped: nothing can be said of it (4.4). */
static bool has_senders_address(negotiator *n)
{
    const char *condition = "invalid-from";
    const char *detail = "the `from` of a stanza is not of the domain that authenticated (RFC 6120 8.1.2.2)";
    weir_slice from = negotiator_attribute(&n->xml, "from");
    if (!negotiator_slice_is(n->xml.name.namespace_name, negotiator_content(n))) {
        return true; /* no stanza (4.8.4) */
    }
    if (from.data != NULL && negotiator_same(domain_of(from), n->jid)) {
        return true;
    }
    if (from.data == NULL) {
        condition = "improper-addressing";
        detail = "a stanza of a server without `from` (RFC 6120 8.1.2.2)";
    }
    if (n->state == STATE_READY) {
        negotiator_fail(n, NEGOTIATOR_REFUSED, condition, detail);
    }
    return false;
}

/* After the negotiation: all that is not of the negotiation itself (4.3.5, 4.8.4), also after our closing tag (4.4). */
static uint32_t begin_stanza(negotiator *n)
{
    bool ours = negotiator_is_ours(&n->xml);
    if (ours && n->state == STATE_READY) {
        refuse_element(n, "an element of the negotiation after its completion (RFC 6120 4.3.5)");
    }
    bool stanza = n->ready && !ours;
    if (stanza && n->config.server && n->config.role == NEGOTIATOR_RECEIVING) {
        stanza = has_senders_address(n);
    }
    return stanza ? PART_STANZA : PART_IGNORED;
}

/* Who answers a question that was not handed to the transport yet did not read it: somebody else's bytes, or a peer
 * that does not negotiate (5.4.3.1, 13.9.4). */
static bool answers_nothing(const negotiator *n)
{
    return n->config.role == NEGOTIATOR_INITIATING && n->sent < n->asked && n->state < STATE_READY &&
           n->state != STATE_FEATURES;
}

void negotiator_begin(negotiator *n)
{
    n->part = PART_IGNORED;
    if (is(n, NS_STREAMS, "error")) {
        n->part = n->has_condition ? PART_IGNORED : PART_STREAM_ERROR;
    } else if (answers_nothing(n)) {
        negotiator_fail(n, NEGOTIATOR_REFUSED, "policy-violation", "an answer before the question was sent");
        return;
    } else if (n->fault != NULL) {
        negotiator_fail(n, NEGOTIATOR_REFUSED, n->fault_condition, n->fault);
        return;
    }
    if (n->part != PART_STREAM_ERROR && !n->has_condition) {
        negotiator_collect_nothing(n);
    }
    if (n->part == PART_STREAM_ERROR) {
        negotiator_collect_nothing(n);
        n->condition[0] = 0;
        return;
    }
    switch ((enum negotiator_state)n->state) {
    case STATE_FEATURES: n->part = begin_features(n); break;
    case STATE_STARTTLS: n->part = begin_starttls_answer(n); break;
    case STATE_SASL: n->part = begin_sasl_answer(n); break;
    case STATE_BIND: n->part = begin_bind_answer(n); break;
    case STATE_REQUEST: n->part = begin_request(n); break;
    default: n->part = begin_stanza(n); break;
    }
}

/* ---- What may be in it ------------------------------------------------------------------------------------------- */

static const char *const stream_conditions[] = {"bad-format",
                                                "bad-namespace-prefix",
                                                "conflict",
                                                "connection-timeout",
                                                "host-gone",
                                                "host-unknown",
                                                "improper-addressing",
                                                "internal-server-error",
                                                "invalid-from",
                                                "invalid-namespace",
                                                "invalid-xml",
                                                "not-authorized",
                                                "not-well-formed",
                                                "policy-violation",
                                                "remote-connection-failed",
                                                "reset",
                                                "resource-constraint",
                                                "restricted-xml",
                                                "see-other-host",
                                                "system-shutdown",
                                                "undefined-condition",
                                                "unsupported-encoding",
                                                "unsupported-feature",
                                                "unsupported-stanza-type",
                                                "unsupported-version",
                                                NULL}; /* 4.9.3 */

static const char *const sasl_conditions[] = {"aborted",
                                              "account-disabled",
                                              "credentials-expired",
                                              "encryption-required",
                                              "incorrect-encoding",
                                              "invalid-authzid",
                                              "invalid-mechanism",
                                              "malformed-request",
                                              "mechanism-too-weak",
                                              "not-authorized",
                                              "temporary-auth-failure",
                                              NULL}; /* 6.5 */

static const char *const stanza_conditions[] = {"bad-request",
                                                "conflict",
                                                "feature-not-implemented",
                                                "forbidden",
                                                "gone",
                                                "internal-server-error",
                                                "item-not-found",
                                                "jid-malformed",
                                                "not-acceptable",
                                                "not-allowed",
                                                "not-authorized",
                                                "policy-violation",
                                                "recipient-unavailable",
                                                "redirect",
                                                "registration-required",
                                                "remote-server-not-found",
                                                "remote-server-timeout",
                                                "resource-constraint",
                                                "service-unavailable",
                                                "subscription-required",
                                                "undefined-condition",
                                                "unexpected-request",
                                                NULL}; /* 8.3.3 */

typedef struct error_form {
    const char *namespace_name;
    const char *const *conditions;
    uint32_t depth;      /* of the condition */
    const char *unknown; /* what a condition that is not understood means */
} error_form;

static const error_form stream_error = {NS_STREAM_ERRORS, stream_conditions, 3, "undefined-condition"};
static const error_form sasl_failure = {NS_SASL, sasl_conditions, 3, "not-authorized"};
static const error_form stanza_error = {NS_STANZA_ERRORS, stanza_conditions, 4, "undefined-condition"};

static void read_condition(negotiator *n, const error_form *form)
{
    const char *const *condition = form->conditions;
    while (*condition != NULL && !negotiator_slice_is(n->xml.name.local, *condition)) {
        condition++;
    }
    const char *name = *condition != NULL ? *condition : form->unknown;
    memcpy(n->condition, name, strlen(name) + 1);
}

static void read_error(negotiator *n, const error_form *form)
{
    const weir_event *xml = &n->xml;
    bool here = xml->depth == form->depth;
    if (xml->type == WEIR_TEXT && here && n->in_text) {
        negotiator_collect(n);
    } else if (xml->type == WEIR_ELEMENT_END && here) {
        n->in_text = false;
    } else if (xml->type == WEIR_ELEMENT_START && here && is(n, form->namespace_name, "text")) {
        n->in_text = true;
    } else if (xml->type == WEIR_ELEMENT_START && here && n->condition[0] == 0 &&
               negotiator_slice_is(xml->name.namespace_name, form->namespace_name)) {
        read_condition(n, form);
    }
}

/* Of an element that may hold nothing. */
static void read_nothing(negotiator *n)
{
    negotiator_fail(n, NEGOTIATOR_REFUSED, "bad-format", "content in an element that has none");
}

/* Of an element that holds base64, and no elements (6.3.5). */
static void read_data(negotiator *n)
{
    if (n->xml.type == WEIR_TEXT) {
        negotiator_collect(n);
    } else {
        negotiator_fail(n, NEGOTIATOR_REFUSED, "bad-format", "an element in data of SASL (RFC 6120 6.3.5)");
    }
}

negotiator_event_type negotiator_inside(negotiator *n, negotiator_event *event)
{
    switch ((enum negotiator_part)n->part) {
    case PART_FEATURES: return negotiator_read_feature(n, event);
    case PART_STREAM_ERROR: read_error(n, &stream_error); break;
    case PART_SASL_FAILURE: read_error(n, &sasl_failure); break;
    case PART_STANZA_ERROR: read_error(n, &stanza_error); break;
    case PART_CHALLENGE:
    case PART_SUCCESS:
    case PART_AUTH:
    case PART_RESPONSE: read_data(n); break;
    case PART_PROCEED:
    case PART_STARTTLS:
    case PART_ABORT: read_nothing(n); break;
    case PART_BOUND:
    case PART_BIND: negotiator_read_binding(n); break;
    case PART_TLS_FAILURE:
    case PART_STANZA:
    case PART_IGNORED: break;
    }
    return NEGOTIATOR_WAIT;
}

void negotiator_complete(negotiator *n)
{
    enum negotiator_part part = (enum negotiator_part)n->part;
    n->part = PART_IGNORED;
    switch (part) {
    case PART_FEATURES: negotiator_features_complete(n); break;
    case PART_STREAM_ERROR: negotiator_stream_error(n); break;
    case PART_PROCEED: negotiator_begin_tls(n); break;
    case PART_TLS_FAILURE:
        negotiator_give_up(n, NEGOTIATOR_TLS_FAILED, "<failure/> in answer to <starttls/> (RFC 6120 5.4.2.2)");
        break;
    case PART_CHALLENGE: negotiator_challenge(n); break;
    case PART_SUCCESS: negotiator_success(n); break;
    case PART_SASL_FAILURE: negotiator_sasl_failure(n); break;
    case PART_BOUND: negotiator_bound(n); break;
    case PART_STANZA_ERROR: negotiator_not_bound(n); break;
    case PART_STARTTLS: negotiator_starttls(n); break;
    case PART_AUTH: negotiator_auth(n); break;
    case PART_RESPONSE: negotiator_response(n); break;
    case PART_ABORT: negotiator_abort(n); break;
    case PART_BIND: negotiator_bind_request(n); break;
    default: break; /* ignored; a stanza is given to the caller as it comes */
    }
}
