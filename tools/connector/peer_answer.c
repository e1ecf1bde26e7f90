/* peer_answer.c - see peer_answer.h
 *
 * SPDX-License-Identifier: MIT */
#include "peer_answer.h"

#include <stdio.h>
#include <string.h>

void peer_answer_init(peer_answer *answer, bool server)
{
    *answer = (peer_answer){.server = server};
    stanza_text_init(&answer->text);
}

void peer_answer_free(peer_answer *answer)
{
    stanza_text_free(&answer->text);
}

static bool equal(weir_slice slice, const char *text)
{
    return slice.size == strlen(text) && (slice.size == 0 || memcmp(slice.data, text, slice.size) == 0);
}

static weir_slice attribute(const weir_event *event, const char *name)
{
    for (uint32_t i = 0; i < event->attribute_count; i++) {
        if (event->attributes[i].name.namespace_name.size == 0 && equal(event->attributes[i].name.local, name)) {
            return event->attributes[i].value;
        }
    }
    return (weir_slice){(const uint8_t *)"", 0};
}

/* What does not fit is left out: no address and no id that a stanza of ours carries is longer. */
static void keep(char *text, size_t room, weir_slice value)
{
    size_t size = value.size < room ? value.size : 0;

    if (size > 0) {
        memcpy(text, value.data, size);
    }
    text[size] = '\0';
}

static weir_slice slice_of(const char *text)
{
    return (weir_slice){(const uint8_t *)text, strlen(text)};
}

static void begin(peer_answer *a, const weir_event *event, const char *sender, const char *domain)
{
    const char *content = a->server ? "jabber:server" : "jabber:client";
    weir_slice type = attribute(event, "type"), to = attribute(event, "to");
    bool plain = type.size == 0;

    a->kind[0] = '\0';
    a->request = a->ping = false;
    if (!equal(event->name.namespace_name, content)) {
        return;
    }
    keep(a->id, sizeof a->id, attribute(event, "id"));
    keep(a->from, sizeof a->from, to.size > 0 ? to : slice_of(domain));
    keep(a->to, sizeof a->to, a->server ? attribute(event, "from") : slice_of(sender));
    a->request = equal(event->name.local, "iq") && (equal(type, "get") || equal(type, "set"));
    /* Errors and answers are not answered (RFC 6120 8.3.1); of presence, only what is no subscription. */
    if (a->request || (equal(event->name.local, "message") && !equal(type, "error")) ||
        (equal(event->name.local, "presence") && (plain || equal(type, "unavailable")))) {
        keep(a->kind, sizeof a->kind, event->name.local);
    }
    a->text.from = a->from;
    a->text.to = a->to;
}

/* <KIND type='TYPE' id='…' from='…' to='…' */
static void put_head(peer_answer *a, const char *type)
{
    stanza_text_begin(&a->text);
    stanza_text_put(&a->text, "<");
    stanza_text_put(&a->text, a->kind);
    stanza_text_put(&a->text, a->server ? " xmlns='jabber:server'" : " xmlns='jabber:client'");
    stanza_text_put(&a->text, " type='");
    stanza_text_put(&a->text, type);
    stanza_text_put(&a->text, "' id='");
    stanza_text_escape(&a->text, slice_of(a->id));
    stanza_text_put(&a->text, "' from='");
    stanza_text_escape(&a->text, slice_of(a->from));
    stanza_text_put(&a->text, "' to='");
    stanza_text_escape(&a->text, slice_of(a->to));
    stanza_text_put(&a->text, "'");
}

static void put_error(peer_answer *a, const char *type, const char *condition)
{
    put_head(a, "error");
    stanza_text_put(&a->text, "><error type='");
    stanza_text_put(&a->text, type);
    stanza_text_put(&a->text, "'><");
    stanza_text_put(&a->text, condition);
    stanza_text_put(&a->text, " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></");
    stanza_text_put(&a->text, a->kind);
    stanza_text_put(&a->text, ">");
}

bool peer_answer_add(peer_answer *a, const weir_event *event, const char *sender, const char *domain)
{
    if (event->type == WEIR_ELEMENT_START && event->depth == 2) {
        begin(a, event, sender, domain);
    }
    if (a->kind[0] == '\0') {
        return false;
    }
    if (!a->request) {
        return stanza_text_add(&a->text, event);
    }
    if (event->type == WEIR_ELEMENT_START && event->depth == 3) {
        a->ping = equal(event->name.namespace_name, "urn:xmpp:ping") && equal(event->name.local, "ping");
    }
    if (event->type != WEIR_ELEMENT_END || event->depth != 2) {
        return false;
    }
    if (a->ping) {
        put_head(a, "result");
        stanza_text_put(&a->text, "/>");
    } else {
        put_error(a, "cancel", "service-unavailable");
    }
    return true;
}

weir_slice peer_answer_text(const peer_answer *a)
{
    return stanza_text_whole(&a->text);
}

void peer_answer_refuse(peer_answer *a)
{
    put_error(a, "modify", "policy-violation");
}
