/* negotiator_features.c - <stream:features/>, read and written (RFC 6120 4.3.2)
 *
 * SPDX-License-Identifier: MIT */
#include "negotiator_private.h"

#include <string.h>

/* ---- Read -------------------------------------------------------------------------------------------------------- */

static uint32_t feature_of(const weir_name *name)
{
    if (negotiator_name_is(name, NS_SASL, "mechanisms")) {
        return FEATURE_MECHANISMS;
    }
    if (negotiator_name_is(name, NS_BIND, "bind")) {
        return FEATURE_BIND;
    }
    if (negotiator_name_is(name, NS_CHANNEL_BINDING, "sasl-channel-binding")) {
        return FEATURE_CHANNEL_BINDING;
    }
    return FEATURE_OTHER;
}

static bool is_mechanism(const negotiator *n)
{
    return n->feature == FEATURE_MECHANISMS && negotiator_name_is(&n->xml.name, NS_SASL, "mechanism");
}

static bool is_channel_binding(const negotiator *n)
{
    return n->feature == FEATURE_CHANNEL_BINDING &&
           negotiator_name_is(&n->xml.name, NS_CHANNEL_BINDING, "channel-binding");
}

static void begin_piece(negotiator *n)
{
    const weir_event *xml = &n->xml;
    n->required = n->required || negotiator_slice_is(xml->name.local, "required");
    negotiator_collect_nothing(n);
    n->in_text = is_mechanism(n);
    if (is_channel_binding(n)) {
        n->xml.text = negotiator_attribute(xml, "type");
        negotiator_collect(n);
    }
}

static void note_binding(negotiator *n, weir_slice type)
{
    for (uint32_t i = SASL_BINDING_TLS_UNIQUE; i <= SASL_BINDING_TLS_EXPORTER; i++) {
        if (negotiator_slice_is(type, sasl_binding_name((sasl_binding)i))) {
            n->bindings |= 1u << i;
        }
    }
    n->bindings |= 1u << SASL_BINDING_NONE; /* there is a list */
}

/* RFC 4422 3.1, but for the length: what is no name could be read as one by others, and as another one. */
static bool is_mechanism_name(weir_slice text)
{
    bool is_name = text.size != 0;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        is_name = is_name && ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_');
    }
    return is_name;
}

static negotiator_event_type end_piece(negotiator *n, negotiator_event *event)
{
    weir_slice text = {n->text, n->text_size};
    n->in_text = false;
    if (is_mechanism(n)) {
        if (n->text_cut || !is_mechanism_name(text)) {
            negotiator_fail(n, NEGOTIATOR_REFUSED, "bad-format", "what is offered is no mechanism (RFC 4422 3.1)");
            return NEGOTIATOR_WAIT;
        }
        n->offered |= negotiator_mechanism_bit((const char *)text.data, text.size);
    } else if (is_channel_binding(n)) {
        note_binding(n, text);
    } else {
        return NEGOTIATOR_WAIT;
    }
    event->xml = &n->xml;
    event->name = n->xml.name;
    event->text = text;
    return NEGOTIATOR_FEATURE;
}

static negotiator_event_type end_feature(negotiator *n, negotiator_event *event)
{
    n->features |= n->feature;
    event->xml = &n->xml;
    event->name = n->xml.name;
    event->required = n->required;
    return NEGOTIATOR_FEATURE;
}

negotiator_event_type negotiator_read_feature(negotiator *n, negotiator_event *event)
{
    const weir_event *xml = &n->xml;
    if (xml->type == WEIR_TEXT) {
        if (n->in_text && xml->depth == 4) {
            negotiator_collect(n);
        }
        return NEGOTIATOR_WAIT;
    }
    bool start = xml->type == WEIR_ELEMENT_START;
    if (xml->depth == 3 && start) {
        n->feature = feature_of(&xml->name);
        n->required = false;
    } else if (xml->depth == 3) {
        return end_feature(n, event);
    } else if (xml->depth == 4 && start) {
        begin_piece(n);
    } else if (xml->depth == 4) {
        return end_piece(n, event);
    } else if (n->in_text) {
        n->text_cut = true; /* an element in a name */
    }
    return NEGOTIATOR_WAIT;
}

/* ---- What follows from them -------------------------------------------------------------------------------------- */

static void ask_starttls(negotiator *n)
{
    writer w = negotiator_writer(n);
    writer_literal(&w, "<starttls xmlns='" NS_TLS "'/>");
    negotiator_ask(n, &w);
    negotiator_enter(n, STATE_STARTTLS);
}

void negotiator_features_complete(negotiator *n)
{
    if (!n->secured) {
        ask_starttls(n); /* offered or not: an offer in clear is easily removed (RFC 7590 3.1, RFC 6120 13.9.4) */
    } else if (!n->authenticated && (n->features & FEATURE_MECHANISMS) == 0) {
        negotiator_give_up(n, NEGOTIATOR_NOT_AUTHENTICATED, "the server offers no authentication (RFC 6120 6.4.1)");
    } else if (!n->authenticated) {
        negotiator_authenticate(n);
    } else if (n->config.server) {
        negotiator_make_ready(n);
    } else if ((n->features & FEATURE_BIND) == 0) {
        negotiator_give_up(n, NEGOTIATOR_NOT_BOUND, "the server offers no resource binding (RFC 6120 7.3.1)");
    } else {
        negotiator_bind(n);
    }
}

/* ---- Written ----------------------------------------------------------------------------------------------------- */

uint32_t negotiator_offered(const negotiator *n)
{
    uint32_t offered = n->config.policy.allowed;
    if (n->tls.binding == SASL_BINDING_NONE) {
        offered &= ~SASL_ALLOWED_PLUS;
    }
    if (!n->tls.verified) {
        offered &= ~SASL_ALLOWED(SASL_EXTERNAL); /* 6.3.4 */
    }
    return n->secured ? offered : 0;
}

static void write_mechanism(writer *w, uint32_t offered, uint32_t mechanism)
{
    if ((offered & SASL_ALLOWED(mechanism)) != 0) {
        const char *name = sasl_mechanism_name((sasl_mechanism)mechanism);
        writer_literal(w, "<mechanism>");
        writer_text(w, name, strlen(name));
        writer_literal(w, "</mechanism>");
    }
}

static void write_mechanisms(const negotiator *n, writer *w)
{
    uint32_t offered = negotiator_offered(n);
    writer_literal(w, "<mechanisms xmlns='" NS_SASL "'>");
    write_mechanism(w, offered, SASL_EXTERNAL); /* first (6.3.4) */
    for (uint32_t i = 0; i < SASL_MECHANISM_COUNT; i++) {
        write_mechanism(w, offered & ~SASL_ALLOWED(SASL_EXTERNAL), i);
    }
    writer_literal(w, "</mechanisms>");
}

void negotiator_write_features(negotiator *n, writer *w)
{
    writer_literal(w, "<stream:features>");
    if (!n->secured) {
        writer_literal(w, "<starttls xmlns='" NS_TLS "'><required/></starttls>");
    } else if (!n->authenticated) {
        write_mechanisms(n, w);
    } else if (!n->config.server) {
        writer_literal(w, "<bind xmlns='" NS_BIND "'/>");
    }
    writer_literal(w, "</stream:features>");
}
