/* negotiator_sasl.c - SASL of both ends (RFC 6120 6)
 *
 * SPDX-License-Identifier: MIT */
#include "negotiator_private.h"

#include <stdio.h>
#include <string.h>

/* As 9.1.2 writes them. */
#define SASL_BEGIN(name) "<" name " xmlns=\"" NS_SASL "\""
#define SASL_NAMED(name) "<" name " xmlns='" NS_SASL "'"

void negotiator_end_exchange(negotiator *n)
{
    if (n->exchange) {
        n->exchange = false;
        n->config.sasl.end(n->config.sasl_context);
    }
    writer_clear(n->reply, sizeof n->reply);
}

static bool start_exchange(negotiator *n, sasl_binding binding)
{
    n->rounds = 0;
    n->complete = false;
    n->exchange = true;
    return n->config.sasl.start(n->config.sasl_context, n->mechanism, n->use, binding);
}

static sasl_result step(negotiator *n, bool with_input, size_t *size)
{
    const char *input = with_input ? (const char *)n->text : NULL;
    size_t input_size = with_input ? n->text_size : 0;
    *size = 0;
    sasl_result result =
        n->config.sasl.step(n->config.sasl_context, input, input_size, (char *)n->reply, sizeof n->reply, size);
    n->complete = result == SASL_COMPLETE;
    negotiator_collect_nothing(n);
    return result;
}

static void write_data(writer *w, const negotiator *n, size_t size, const char *end_tag)
{
    if (size == 0) {
        writer_literal(w, "/>");
        return;
    }
    writer_literal(w, ">");
    writer_text(w, n->reply, size);
    writer_markup(w, end_tag, strlen(end_tag));
}

static bool failed(sasl_result result)
{
    return result != SASL_CONTINUE && result != SASL_COMPLETE;
}

/* ---- Initiating -------------------------------------------------------------------------------------------------- */

static void not_authenticated(negotiator *n, sasl_result result)
{
    const char *reason = n->config.sasl.reason(n->config.sasl_context);
    negotiator_give_up(n, result == SASL_BROKEN ? NEGOTIATOR_INTERNAL : NEGOTIATOR_NOT_AUTHENTICATED, reason);
}

static void ask_auth(negotiator *n, size_t size)
{
    const char *name = sasl_mechanism_name(n->mechanism);
    writer w = negotiator_writer(n);
    writer_literal(&w, SASL_BEGIN("auth") " mechanism=\"");
    writer_text(&w, name, strlen(name));
    writer_literal(&w, "\"");
    write_data(&w, n, size, "</auth>");
    writer_clear(n->reply, sizeof n->reply);
    negotiator_ask(n, &w);
    negotiator_enter(n, STATE_SASL);
}

void negotiator_authenticate(negotiator *n)
{
    mechanism_choice choice;
    const char *why = "";
    bool chosen = negotiator_choose(n->offered, n->bindings, &n->config.policy, &n->tls, &choice, &why);
    if (n->config.probe) {
        negotiator_give_up(n, NEGOTIATOR_CLOSED, why);
        return;
    }
    if (!chosen) {
        negotiator_give_up(n, NEGOTIATOR_NOT_AUTHENTICATED, why);
        return;
    }
    n->mechanism = choice.mechanism;
    n->use = choice.use;
    n->binding = choice.binding;
    if (!start_exchange(n, choice.binding)) {
        not_authenticated(n, SASL_REFUSED);
        return;
    }
    size_t size;
    sasl_result result = step(n, false, &size);
    if (failed(result)) {
        not_authenticated(n, result);
        return;
    }
    n->due |= DUE_MECHANISM;
    ask_auth(n, size);
}

void negotiator_challenge(negotiator *n)
{
    size_t size;
    if (n->complete || n->text_cut || ++n->rounds > NEGOTIATOR_ROUNDS_MAX) {
        negotiator_give_up(n, NEGOTIATOR_NOT_AUTHENTICATED, "a <challenge/> too long or too many (RFC 6120 6.4.3)");
        return;
    }
    sasl_result result = step(n, true, &size);
    if (failed(result)) {
        not_authenticated(n, result);
        return;
    }
    writer w = negotiator_writer(n);
    writer_literal(&w, SASL_BEGIN("response"));
    write_data(&w, n, size, "</response>");
    writer_clear(n->reply, sizeof n->reply);
    negotiator_ask(n, &w);
    negotiator_enter(n, STATE_SASL);
}

/* Success is believed only when the mechanism has verified what it verifies of the server: the data of <success/> is
 * one more step. */
static bool believe(negotiator *n)
{
    bool data = n->text_size != 0 && !(n->complete && n->text_size == 1 && n->text[0] == '=');
    if (n->text_cut || n->complete == data) {
        negotiator_give_up(n, NEGOTIATOR_NOT_AUTHENTICATED,
                           n->complete ? "data in <success/> where the mechanism has none (RFC 6120 6.4.6)"
                                       : "<success/> before the server proved itself (RFC 5802 5)");
        return false;
    }
    size_t size = 0;
    sasl_result result = data ? step(n, true, &size) : SASL_COMPLETE;
    if (failed(result)) {
        not_authenticated(n, result);
        return false;
    }
    if (result != SASL_COMPLETE || size != 0) {
        negotiator_give_up(n, NEGOTIATOR_NOT_AUTHENTICATED,
                           "<success/> before the exchange was complete (RFC 6120 6.4.6)");
        return false;
    }
    return true;
}

void negotiator_success(negotiator *n)
{
    if (!believe(n)) {
        return;
    }
    negotiator_end_exchange(n);
    n->authenticated = true;
    n->due |= DUE_AUTHENTICATED;
    negotiator_restart(n, &n->config.after); /* 6.4.6 */
}

void negotiator_sasl_failure(negotiator *n)
{
    char detail[NEGOTIATOR_DETAIL_MAX];
    const char *remedy = "";
    if (n->condition[0] == 0) {
        memcpy(n->condition, "not-authorized", sizeof "not-authorized"); /* 6.5 */
    }
    /* All that a server says of a wrong password and of a wrong binding alike (6.5.10, RFC 5802 7). Nobody should be
     * led to do without channel binding where it did what it is for. */
    bool credentials = strcmp(n->condition, "not-authorized") == 0;
    if (n->use == SASL_BINDING_USED && credentials) {
        remedy = n->binding == SASL_BINDING_TLS_EXPORTER
                     ? ": a wrong password, somebody in between, or a server that cannot do tls-exporter; for the "
                       "last alone: --tls-max=1.2 or --no-channel-binding"
                     : ": a wrong password, somebody in between, or a server that cannot do tls-unique; for the last "
                       "alone: --no-channel-binding";
    }
    n->has_condition = true;
    snprintf(detail, sizeof detail, "<failure/> in answer to %s (RFC 6120 6.4.5)%s", sasl_mechanism_name(n->mechanism),
             remedy);
    negotiator_give_up(n, NEGOTIATOR_NOT_AUTHENTICATED, detail);
}

/* ---- Receiving --------------------------------------------------------------------------------------------------- */

static void say_failure(negotiator *n, const char *condition)
{
    negotiator_end_exchange(n);
    writer w = negotiator_writer(n);
    writer_literal(&w, SASL_NAMED("failure") "><");
    writer_text(&w, condition, strlen(condition));
    writer_literal(&w, "/></failure>");
    negotiator_say(n, &w);
    negotiator_enter(n, STATE_REQUEST);
    if (++n->failures >= NEGOTIATOR_FAILURES_MAX) {
        negotiator_fail(n, NEGOTIATOR_NOT_AUTHENTICATED, "policy-violation", "too many failures (RFC 6120 6.4.5)");
    }
}

/* The address that was proved, against that of the header under TLS, before (6.4.6) and after the restart (4.9.3.9). */
bool negotiator_is_authenticated(const negotiator *n)
{
    char address[sizeof n->jid];
    const char *user = n->jid;
    bool whole = n->config.server || strchr(user, '@') != NULL; /* EXTERNAL proves an address */
    int size = snprintf(address, sizeof address, "%s%s%s", user, whole ? "" : "@", whole ? "" : n->config.local);
    return size > 0 && (size_t)size < sizeof address &&
           negotiator_same((weir_slice){(const uint8_t *)n->from, strlen(n->from)}, address);
}

static void say_success(negotiator *n, size_t size)
{
    snprintf(n->jid, sizeof n->jid, "%s", n->config.sasl.username(n->config.sasl_context));
    if (n->from[0] != 0 && !negotiator_is_authenticated(n)) {
        say_failure(n, "invalid-authzid");
        return;
    }
    writer w = negotiator_writer(n);
    writer_literal(&w, SASL_NAMED("success"));
    write_data(&w, n, size, "</success>");
    negotiator_end_exchange(n);
    n->authenticated = true;
    negotiator_say(n, &w);
    n->failures = 0;
    n->due |= DUE_AUTHENTICATED;
    negotiator_restart(n, &n->config.after);
}

static void go_on(negotiator *n, bool with_input)
{
    size_t size;
    sasl_result result = n->text_cut || ++n->rounds > NEGOTIATOR_ROUNDS_MAX ? SASL_REFUSED : step(n, with_input, &size);
    if (n->text_cut || n->rounds > NEGOTIATOR_ROUNDS_MAX) {
        say_failure(n, "malformed-request");
    } else if (failed(result)) {
        say_failure(n, n->config.sasl.condition(n->config.sasl_context));
    } else if (result == SASL_COMPLETE) {
        say_success(n, size);
    } else {
        writer w = negotiator_writer(n);
        writer_literal(&w, SASL_BEGIN("challenge"));
        write_data(&w, n, size, "</challenge>");
        negotiator_say(n, &w);
        negotiator_enter(n, STATE_REQUEST);
    }
}

/* As far as it can be told from what the peer chose; `y` or `n` is in its first message. */
static sasl_binding_use use_of(sasl_mechanism mechanism, bool plus_offered)
{
    if (sasl_mechanism_is_plus(mechanism)) {
        return SASL_BINDING_USED;
    }
    bool scram = (SASL_ALLOWED(mechanism) & SASL_ALLOWED_DEFAULT) != 0;
    return scram && !plus_offered ? SASL_BINDING_NOT_OFFERED : SASL_BINDING_UNWANTED;
}

void negotiator_auth(negotiator *n)
{
    uint32_t offered = negotiator_offered(n);
    negotiator_end_exchange(n); /* 6.4.2: another <auth/> replaces it */
    if (!n->secured) {
        say_failure(n, "encryption-required"); /* 6.5.4 */
        return;
    }
    if (n->mechanism == SASL_MECHANISM_COUNT || (offered & SASL_ALLOWED(n->mechanism)) == 0) {
        say_failure(n, "invalid-mechanism"); /* 6.5.7 */
        return;
    }
    bool plus = (offered & SASL_ALLOWED_PLUS) != 0;
    n->use = use_of(n->mechanism, plus);
    n->binding = n->use == SASL_BINDING_USED ? n->tls.binding : SASL_BINDING_NONE;
    n->due |= DUE_MECHANISM;
    if (start_exchange(n, plus ? n->tls.binding : SASL_BINDING_NONE)) {
        go_on(n, n->text_size != 0);
    } else {
        say_failure(n, "temporary-auth-failure");
    }
}

void negotiator_response(negotiator *n)
{
    go_on(n, true);
}

void negotiator_abort(negotiator *n)
{
    say_failure(n, "aborted"); /* 6.4.4 */
}
