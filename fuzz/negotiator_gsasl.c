/* negotiator_gsasl.c - fuzz target: the negotiation of a stream, either end, SASL by GNU SASL
 *
 * As negotiator.c, with tools/connector/sasl_gnu.h in the stub's place. No fuzzer guesses a proof, so there is a
 * puppet: GNU SASL at the other end, with the same password, which hears all that is said. Where the peer's data is
 * `!`, it is replaced by what the puppet has to say; `!` and two bytes: the same with one character of it changed.
 * Watched besides what negotiator.c watches:
 *   - an exchange by password is complete only when all of it was the puppet's, unchanged, and then the puppet is
 *     content, too
 *   - an exchange in which nothing was changed is not refused
 *   - whoever is authenticated by password is juliet
 *
 * SPDX-License-Identifier: MIT */
#include "../tools/connector/sasl_gnu.h"
#include "common/negotiation.h"
#include "common/target.h"

#include <gsasl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PASSWORD "sing-canary-sing" /* the canary of negotiation_watch.c */

typedef struct said {
    char text[SASL_MESSAGE_MAX];
    size_t size;
    bool any; /* a message, if an empty one */
} said;

static sasl_gnu *ends[2][2]; /* by role of the end watched: that end, the puppet */
static sasl_gnu *own, *puppet;
static said puppet_says;
static sasl_result puppet_result;
static bool receiving, by_password, exact;
static negotiation whole, split;

/* ---- The same random bytes in each play ----------------------------------------------------------------------------
 * */

static uint8_t next_random;

int gsasl_nonce(char *data, size_t datalen)
{
    for (size_t i = 0; i < datalen; i++)
        data[i] = (char)(next_random = (uint8_t)(next_random * 5 + 113));
    return GSASL_OK;
}

int gsasl_random(char *data, size_t datalen)
{
    return gsasl_nonce(data, datalen);
}

/* ---- The puppet ----------------------------------------------------------------------------------------------------
 * */

static void require(bool holds, const negotiation *n, const char *what)
{
    if (!holds) {
        fprintf(stderr, "---- %s; puppet: %s\n", sasl_gnu_functions.reason(own), sasl_gnu_functions.reason(puppet));
        watch_fail(n, what);
    }
}

static void puppet_hears(const char *text, size_t size)
{
    puppet_says.any = false;
    puppet_result =
        sasl_gnu_functions.step(puppet, text, size, puppet_says.text, sizeof puppet_says.text, &puppet_says.size);
    puppet_says.any = puppet_result == SASL_CONTINUE || puppet_result == SASL_COMPLETE;
}

static void puppet_begins(sasl_mechanism mechanism, sasl_binding_use use, sasl_binding binding)
{
    /* The initiating end says what it was asked to; the receiving end chooses by what comes, which is the puppet's */
    if (receiving)
        use = sasl_mechanism_is_plus(mechanism) ? SASL_BINDING_USED
              : binding == SASL_BINDING_NONE    ? SASL_BINDING_NOT_OFFERED
                                                : SASL_BINDING_UNWANTED;
    else if (use == SASL_BINDING_NOT_OFFERED)
        binding = SASL_BINDING_NONE;
    puppet_says.any = false;
    puppet_result = SASL_BROKEN;
    if (sasl_gnu_functions.start(puppet, mechanism, use, binding) && receiving)
        puppet_hears(NULL, 0);
}

/* What the peer says in place of `input`. */
static said replace(const char *input, size_t size)
{
    said is = puppet_says;
    if (!is.any || input == NULL || size == 0 || *input != '!') {
        exact = false;
        is.size = size < sizeof is.text ? size : sizeof is.text;
        if (is.size > 0)
            memcpy(is.text, input, is.size);
        return is;
    }
    if (size >= 3 && is.size > 0) {
        size_t at = (uint8_t)input[1] % is.size;
        is.text[at] = (char)(is.text[at] ^ (input[2] & 0x1f));
    }
    exact = exact && is.size == puppet_says.size && memcmp(is.text, puppet_says.text, is.size) == 0;
    return is;
}

/* ---- In place of the stub ------------------------------------------------------------------------------------------
 * */

static bool start(void *context, sasl_mechanism mechanism, sasl_binding_use use, sasl_binding binding)
{
    static const uint8_t data[32] = {1, 2, 3};
    negotiation *n = context;
    sasl_gnu_functions.end(own);
    sasl_gnu_functions.end(puppet);
    require(sasl_gnu_bind(own, n->tls.binding, data, sizeof data), n, "a binding is taken");
    require(sasl_gnu_bind(puppet, n->tls.binding, data, sizeof data), n, "a binding is taken");
    exact = true;
    by_password = mechanism != SASL_EXTERNAL && mechanism != SASL_ANONYMOUS;
    if (!sasl_gnu_functions.start(own, mechanism, use, binding))
        return false;
    n->exchange = true;
    puppet_begins(mechanism, use, binding);
    return true;
}

static void judge(const negotiation *n, sasl_result result, bool first)
{
    if (result == SASL_COMPLETE && by_password && !(first && !receiving)) {
        require(exact, n, "complete, though something was changed");
        require(puppet_result == SASL_COMPLETE, n, "complete, though the other end is not");
        require(!receiving || strcmp(sasl_gnu_functions.username(own), "juliet") == 0, n,
                "another one is authenticated");
    }
    require(result != SASL_REFUSED || !exact || !by_password, n, "refused, though nothing was changed");
    require(result == SASL_COMPLETE || *sasl_gnu_functions.username(own) == 0, n, "a name without authentication");
}

static sasl_result step(void *context, const char *input, size_t input_size, char *output, size_t room, size_t *size)
{
    negotiation *n = context;
    bool first = input == NULL;
    said is = {.size = 0};
    if (!first)
        is = replace(input, input_size);
    sasl_result result = sasl_gnu_functions.step(own, first ? NULL : is.text, is.size, output, room, size);
    if ((result == SASL_CONTINUE || result == SASL_COMPLETE) && !(first && receiving) &&
        (*size > 0 || result == SASL_CONTINUE))
        puppet_hears(output, *size);
    judge(n, result, first);
    return result;
}

static void end(void *context)
{
    negotiation *n = context;
    n->exchange = false;
    sasl_gnu_functions.end(own);
    sasl_gnu_functions.end(puppet);
}

static const char *reason(void *context)
{
    (void)context;
    return sasl_gnu_functions.reason(own);
}

static const char *condition(void *context)
{
    (void)context;
    return sasl_gnu_functions.condition(own);
}

static const char *username(void *context)
{
    (void)context;
    return sasl_gnu_functions.username(own);
}

static const sasl_functions functions = {start, step, end, reason, condition, username};

/* ---- The target ----------------------------------------------------------------------------------------------------
 * */

static sasl_gnu *make(bool receives)
{
    const sasl_account account = {.username = "juliet", .password = PASSWORD, .hostname = "capulet.example"};
    sasl_gnu *s = sasl_gnu_new(receives, &account, 1);
    if (s == NULL || !sasl_gnu_certified(s, "capulet.example"))
        abort();
    sasl_gnu_iterations(s, SASL_GNU_ITERATIONS_MIN);
    return s;
}

/* Of the two the receiving entity serves any number of connections, the initiating entity one. */
static void set_up(void)
{
    sasl_gnu **initiates = &ends[receiving][receiving], **receives = &ends[receiving][!receiving];
    sasl_gnu_free(*initiates);
    *initiates = make(false);
    if (*receives == NULL)
        *receives = make(true);
    own = ends[receiving][0];
    puppet = ends[receiving][1];
}

static void play(negotiation *n, const fuzz_input *in, bool in_parts)
{
    set_up();
    next_random = 0;
    negotiation_play(n, in, in_parts);
    sasl_gnu_functions.end(own);
    sasl_gnu_functions.end(puppet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input in;
    whole.sasl = split.sasl = &functions;
    if (!negotiation_read(&whole, &in, data, size) || !negotiation_read(&split, &in, data, size))
        return 0;
    receiving = whole.config.role == NEGOTIATOR_RECEIVING;
    play(&whole, &in, false);
    play(&split, &in, true);
    if (whole.recorded != split.recorded || memcmp(whole.record, split.record, whole.recorded) != 0)
        watch_fail(&split, "other events when the bytes are split otherwise");
    if (whole.said != split.said || memcmp(whole.output, split.output, whole.said) != 0)
        watch_fail(&split, "other output when the bytes are split otherwise");
    return 0;
}
