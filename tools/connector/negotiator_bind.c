/* negotiator_bind.c - resource binding of both ends (RFC 6120 7)
 *
 * SPDX-License-Identifier: MIT */
#include "negotiator_private.h"

#include <stdio.h>
#include <string.h>

/* ---- What is in <iq><bind/></iq> --------------------------------------------------------------------------------- */

/* <jid/> of the answer, <resource/> of the request. */
void negotiator_read_binding(negotiator *n)
{
    const weir_event *xml = &n->xml;
    const char *local = n->part == PART_BOUND ? "jid" : "resource";
    if (xml->type == WEIR_TEXT) {
        if (n->in_text && xml->depth == 4) {
            negotiator_collect(n);
        }
        return;
    }
    bool start = xml->type == WEIR_ELEMENT_START;
    if (xml->depth == 3 && start) {
        n->feature = negotiator_name_is(&xml->name, NS_BIND, "bind") ? FEATURE_BIND : FEATURE_OTHER;
        n->features |= n->feature;
    } else if (xml->depth == 4) {
        n->in_text = start && n->feature == FEATURE_BIND && negotiator_name_is(&xml->name, NS_BIND, local);
        n->text_cut = n->text_cut || (n->in_text && (n->features & FEATURE_BOUND) != 0); /* two are none */
        n->features |= n->in_text ? (uint32_t)FEATURE_BOUND : 0;
    }
}

/* An address or a resource: not empty, not too long, no white space or control characters (RFC 7622 3.3, 3.4,
 * simplified to what keeps lines and attributes whole). */
static bool is_address(const negotiator *n, size_t max)
{
    for (uint32_t i = 0; i < n->text_size; i++) {
        if (n->text[i] < ' ' || n->text[i] == 0x7f) {
            return false;
        }
    }
    return n->text_size != 0 && n->text_size <= max && !n->text_cut;
}

/* ---- Initiating -------------------------------------------------------------------------------------------------- */

void negotiator_bind(negotiator *n)
{
    if (!negotiator_random_base64(n, n->id, 6)) {
        negotiator_break_off(n, NEGOTIATOR_INTERNAL, "no random bytes");
        return;
    }
    writer w = negotiator_writer(n);
    writer_literal(&w, "<iq");
    writer_attribute(&w, "id", n->id, strlen(n->id));
    writer_literal(&w, " type='set'><bind xmlns='" NS_BIND "'");
    if (n->config.resource != NULL) {
        writer_literal(&w, "><resource>");
        writer_text(&w, n->config.resource, strlen(n->config.resource));
        writer_literal(&w, "</resource></bind></iq>");
    } else {
        writer_literal(&w, "/></iq>");
    }
    negotiator_ask(n, &w);
    n->features = 0;
    negotiator_enter(n, STATE_BIND);
}

/* 7.6.1: the full JID, whatever the server made of the resource. */
void negotiator_bound(negotiator *n)
{
    const uint8_t *slash = memchr(n->text, '/', n->text_size);
    bool full = slash != NULL && slash != n->text && slash != n->text + n->text_size - 1 && n->text[0] != ' ';
    if (!full || !is_address(n, NEGOTIATOR_JID_MAX)) {
        negotiator_give_up(n, NEGOTIATOR_NOT_BOUND,
                           "no full JID in the answer to the binding request (RFC 6120 7.6.1)");
        return;
    }
    memcpy(n->jid, n->text, n->text_size);
    n->jid[n->text_size] = 0;
    n->due |= DUE_BOUND;
    negotiator_make_ready(n);
}

void negotiator_not_bound(negotiator *n)
{
    if (n->condition[0] == 0) {
        memcpy(n->condition, "undefined-condition", sizeof "undefined-condition");
    }
    n->has_condition = true;
    negotiator_give_up(n, NEGOTIATOR_NOT_BOUND, "an error in answer to the binding request (RFC 6120 7.6.2)");
}

/* ---- Receiving --------------------------------------------------------------------------------------------------- */

/* At its start tag: an <iq type='set'/> with an id. That <bind/> is in it shows later. */
bool negotiator_is_bind_request(negotiator *n)
{
    weir_slice id = negotiator_attribute(&n->xml, "id");
    bool request = negotiator_name_is(&n->xml.name, negotiator_content(n), "iq") && id.size != 0 &&
                   id.size < sizeof n->id && negotiator_slice_is(negotiator_attribute(&n->xml, "type"), "set");
    n->features = 0;
    if (request) {
        memcpy(n->id, id.data, id.size);
        n->id[id.size] = 0;
    }
    return request;
}

static void say_bad_request(negotiator *n)
{
    writer w = negotiator_writer(n);
    writer_literal(&w, "<iq");
    writer_attribute(&w, "id", n->id, strlen(n->id));
    writer_literal(&w, " type='error'><error type='modify'><bad-request xmlns='" NS_STANZA_ERRORS "'/></error></iq>");
    negotiator_say(n, &w);
    negotiator_enter(n, STATE_REQUEST);
    if (++n->failures >= NEGOTIATOR_FAILURES_MAX) {
        negotiator_fail(n, NEGOTIATOR_NOT_BOUND, "policy-violation", "too many wrong binding requests");
    }
}

static bool make_jid(negotiator *n)
{
    char user[sizeof n->jid], resource[40];
    int size = snprintf(user, sizeof user, "%s", n->jid);
    bool whole = memchr(user, '@', (size_t)size) != NULL; /* EXTERNAL proves an address, not a local part */
    const char *at = whole ? "" : "@", *domain = whole ? "" : n->config.local;
    const char *chosen = (const char *)n->text;
    if (n->text_size == 0) {
        if (!negotiator_random_base64(n, resource, 12)) {
            return false;
        }
        memcpy(n->text, resource, strlen(resource));
        n->text_size = (uint32_t)strlen(resource);
    }
    size = snprintf(n->jid, sizeof n->jid, "%s%s%s/%.*s", user, at, domain, (int)n->text_size, chosen);
    return (size_t)size < sizeof n->jid;
}

void negotiator_bind_request(negotiator *n)
{
    if ((n->features & FEATURE_BIND) == 0) { /* a stanza before binding (7.1) */
        negotiator_fail(n, NEGOTIATOR_REFUSED, "not-authorized", "a stanza before resource binding (RFC 6120 7.1)");
        return;
    }
    bool chosen = n->text_size != 0 || n->text_cut;
    if (chosen && !is_address(n, 1023)) {
        say_bad_request(n);
        return;
    }
    if (!make_jid(n)) {
        negotiator_break_off(n, NEGOTIATOR_INTERNAL, "no random bytes, or an address too long");
        return;
    }
    writer w = negotiator_writer(n);
    writer_literal(&w, "<iq");
    writer_attribute(&w, "id", n->id, strlen(n->id));
    writer_literal(&w, " type='result'><bind xmlns='" NS_BIND "'><jid>");
    writer_text(&w, n->jid, strlen(n->jid));
    writer_literal(&w, "</jid></bind></iq>");
    negotiator_say(n, &w);
    n->due |= DUE_BOUND;
    negotiator_make_ready(n);
}
