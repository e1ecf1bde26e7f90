/* test_sasl_gnu.c - SASL by GNU SASL: the vectors of the RFCs, what goes out on the wire, and what is refused
 *
 * The random bytes of GNU SASL are replaced here where a vector wants its own: this program's gsasl_nonce and
 * gsasl_base64_to stand before the library's. gsasl_finish does, too, to see that nothing secret is left by then.
 *
 * SPDX-License-Identifier: MIT */
#include "../support/cmocka.h"

#include "../../tools/connector/sasl_gnu.h"

#include <dlfcn.h>
#include <gsasl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- In front of the library ------------------------------------------------------------------------------------- */

#define MARK 0xa5
#define NONCE_OCTETS 18 /* of which GNU SASL makes a nonce; it makes a salt of fewer */

static const char *planned_nonce, *planned_salt;
static unsigned finished, secrets_left;

static void *next(const char *name)
{
    void *function = dlsym(RTLD_NEXT, name);
    assert_non_null(function);
    return function;
}

static bool is_marked(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)bytes[i] != MARK)
            return false;
    return size > 0;
}

int gsasl_nonce(char *data, size_t size)
{
    int (*real)(char *, size_t);
    *(void **)&real = next("gsasl_nonce");
    if (size == NONCE_OCTETS ? !planned_nonce : !planned_salt)
        return real(data, size);
    memset(data, MARK, size);
    return GSASL_OK;
}

int gsasl_base64_to(const char *in, size_t in_size, char **out, size_t *out_size)
{
    int (*real)(const char *, size_t, char **, size_t *);
    *(void **)&real = next("gsasl_base64_to");
    const char *planned = in_size == NONCE_OCTETS ? planned_nonce : planned_salt;
    if (!planned || !is_marked(in, in_size))
        return real(in, in_size, out, out_size);
    *out = strdup(planned);
    if (out_size)
        *out_size = strlen(planned);
    return GSASL_OK;
}

void gsasl_finish(Gsasl_session *session)
{
    static const Gsasl_property secrets[] = {GSASL_PASSWORD, GSASL_SCRAM_SALTED_PASSWORD, GSASL_SCRAM_SERVERKEY,
                                             GSASL_SCRAM_STOREDKEY};
    void (*real)(Gsasl_session *);
    *(void **)&real = next("gsasl_finish");
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
        const char *secret = gsasl_property_fast(session, secrets[i]);
        secrets_left += secret && *secret;
    }
    finished++;
    real(session);
}

/* ---- Saying messages --------------------------------------------------------------------------------------------- */

static const uint8_t binding_data[32] = {1, 2, 3, 0, 250, 251, 252, 253};
static char output[SASL_MESSAGE_MAX];
static size_t output_size;
static char decoded[SASL_MESSAGE_MAX];

static void encode(const char *message, size_t size, char *text)
{
    char *out = NULL;
    size_t out_size = 0;
    assert_int_equal(gsasl_base64_to(message, size, &out, &out_size), GSASL_OK);
    assert_true(out_size < SASL_MESSAGE_MAX);
    memcpy(text, out, out_size + 1);
    gsasl_free(out);
}

/* What was written last, as text. */
static const char *said(void)
{
    char *out = NULL;
    size_t out_size = 0;
    assert_int_equal(gsasl_base64_from(output, output_size, &out, &out_size), GSASL_OK);
    memcpy(decoded, out, out_size);
    decoded[out_size] = 0;
    gsasl_free(out);
    return decoded;
}

static sasl_result step_raw(sasl_gnu *s, const char *text)
{
    return sasl_gnu_functions.step(s, text, text ? strlen(text) : 0, output, sizeof output, &output_size);
}

static sasl_result step_bytes(sasl_gnu *s, const char *message, size_t size)
{
    char text[SASL_MESSAGE_MAX];
    encode(message, size, text);
    return step_raw(s, text);
}

static sasl_result step(sasl_gnu *s, const char *message)
{
    return step_bytes(s, message, strlen(message));
}

static const char *reason(sasl_gnu *s)
{
    return sasl_gnu_functions.reason(s);
}

static bool start(sasl_gnu *s, sasl_mechanism mechanism, sasl_binding_use use, sasl_binding binding)
{
    return sasl_gnu_functions.start(s, mechanism, use, binding);
}

static sasl_gnu *one(bool receiving, const char *username, const char *password)
{
    sasl_gnu *s = sasl_gnu_new(receiving, &(sasl_account){username, password, NULL, "im.example.com"}, 1);
    assert_non_null(s);
    return s;
}

static void bind_to(sasl_gnu *s, sasl_binding binding)
{
    assert_true(sasl_gnu_bind(s, binding, binding_data, sizeof binding_data));
}

/* An initiating entity that has said its first message, with this nonce. */
static sasl_gnu *initiating(sasl_mechanism mechanism, sasl_binding_use use, sasl_binding binding)
{
    sasl_gnu *s = one(false, "user", "pencil");
    planned_nonce = "fyko+d2lbbFgONRv9qkxdawL";
    if (binding != SASL_BINDING_NONE)
        bind_to(s, binding);
    assert_true(start(s, mechanism, use, binding));
    assert_int_equal(step_raw(s, NULL), SASL_CONTINUE);
    planned_nonce = NULL;
    return s;
}

/* ---- The vectors ------------------------------------------------------------------------------------------------- */

typedef struct vector {
    sasl_mechanism mechanism;
    uint32_t iterations;
    const char *client_nonce, *server_nonce, *salt;
    const char *client_first, *server_first, *client_final, *server_final;
} vector;

static const vector vectors[] = {
    /* RFC 5802 5 */
    {SASL_SCRAM_SHA_1, 4096, "fyko+d2lbbFgONRv9qkxdawL", "3rfcNHYJY1ZVvWVs7j", "QSXCR+Q6sek8bf92",
     "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL", "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
     "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
     "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="},
    /* RFC 7677 3 */
    {SASL_SCRAM_SHA_256, 4096, "rOprNGfwEbeRWgbNEkqO", "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
     "W22ZaJ0SNY7soEsUEjb6gQ==", "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
     "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
     "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
     "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="},
};

static void initiating_entity_says_the_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        const vector *v = &vectors[i];
        sasl_gnu *s = one(false, "user", "pencil");
        planned_nonce = v->client_nonce;
        assert_true(start(s, v->mechanism, SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
        assert_int_equal(step_raw(s, NULL), SASL_CONTINUE);
        assert_string_equal(said(), v->client_first);
        assert_int_equal(step(s, v->server_first), SASL_CONTINUE);
        assert_string_equal(said(), v->client_final);
        assert_int_equal(step(s, v->server_final), SASL_COMPLETE);
        assert_int_equal(output_size, 0);
        planned_nonce = NULL;
        sasl_gnu_free(s);
    }
}

static void receiving_entity_says_the_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        const vector *v = &vectors[i];
        sasl_gnu *s = one(true, "user", "pencil");
        sasl_gnu_iterations(s, v->iterations);
        planned_nonce = v->server_nonce;
        planned_salt = v->salt;
        assert_true(start(s, v->mechanism, SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
        assert_int_equal(step(s, v->client_first), SASL_CONTINUE);
        assert_string_equal(said(), v->server_first);
        assert_int_equal(step(s, v->client_final), SASL_COMPLETE);
        assert_string_equal(said(), v->server_final);
        assert_string_equal(sasl_gnu_functions.username(s), "user");
        planned_nonce = planned_salt = NULL;
        sasl_gnu_free(s);
    }
}

/* ---- Channel binding on the wire --------------------------------------------------------------------------------- */

static void gs2_header_says_what_was_asked_for(void **state)
{
    (void)state;
    static const struct {
        sasl_mechanism mechanism;
        sasl_binding_use use;
        sasl_binding binding;
        const char *begin;
    } rows[] = {
        {SASL_SCRAM_SHA_256_PLUS, SASL_BINDING_USED, SASL_BINDING_TLS_EXPORTER, "p=tls-exporter,,n=user,r="},
        {SASL_SCRAM_SHA_256_PLUS, SASL_BINDING_USED, SASL_BINDING_TLS_UNIQUE, "p=tls-unique,,n=user,r="},
        {SASL_SCRAM_SHA_1_PLUS, SASL_BINDING_USED, SASL_BINDING_TLS_EXPORTER, "p=tls-exporter,,n=user,r="},
        {SASL_SCRAM_SHA_1_PLUS, SASL_BINDING_USED, SASL_BINDING_TLS_UNIQUE, "p=tls-unique,,n=user,r="},
        {SASL_SCRAM_SHA_256, SASL_BINDING_NOT_OFFERED, SASL_BINDING_TLS_EXPORTER, "y,,n=user,r="},
        {SASL_SCRAM_SHA_256, SASL_BINDING_NOT_OFFERED, SASL_BINDING_TLS_UNIQUE, "y,,n=user,r="},
        {SASL_SCRAM_SHA_1, SASL_BINDING_NOT_OFFERED, SASL_BINDING_NONE, "y,,n=user,r="},
        {SASL_SCRAM_SHA_256, SASL_BINDING_UNWANTED, SASL_BINDING_TLS_EXPORTER, "n,,n=user,r="},
        {SASL_SCRAM_SHA_1, SASL_BINDING_UNWANTED, SASL_BINDING_NONE, "n,,n=user,r="},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sasl_gnu *s = initiating(rows[i].mechanism, rows[i].use, rows[i].binding);
        assert_int_equal(strncmp(said(), rows[i].begin, strlen(rows[i].begin)), 0);
        assert_int_equal(step(s, vectors[0].server_first), SASL_CONTINUE);
        /* c: the GS2 header, and the data of the binding where it is used, and nowhere else */
        char expected[128], text[SASL_MESSAGE_MAX];
        size_t size = (size_t)snprintf(expected, sizeof expected, "%.*s",
                                       (int)(strstr(rows[i].begin, "n=user") - rows[i].begin), rows[i].begin);
        if (rows[i].use == SASL_BINDING_USED) {
            memcpy(expected + size, binding_data, sizeof binding_data);
            size += sizeof binding_data;
        }
        encode(expected, size, text);
        assert_int_equal(strncmp(said(), "c=", 2), 0);
        assert_int_equal(strncmp(said() + 2, text, strlen(text)), 0);
        assert_int_equal(said()[2 + strlen(text)], ',');
        sasl_gnu_free(s);
    }
}

static void no_start_where_binding_and_mechanism_do_not_fit(void **state)
{
    (void)state;
    sasl_gnu *s = one(false, "user", "pencil");
    assert_false(start(s, SASL_SCRAM_SHA_256_PLUS, SASL_BINDING_USED, SASL_BINDING_NONE));
    assert_false(start(s, SASL_SCRAM_SHA_256_PLUS, SASL_BINDING_USED, SASL_BINDING_TLS_EXPORTER)); /* none was given */
    bind_to(s, SASL_BINDING_TLS_UNIQUE);
    assert_false(start(s, SASL_SCRAM_SHA_256_PLUS, SASL_BINDING_USED, SASL_BINDING_TLS_EXPORTER));
    assert_false(start(s, SASL_SCRAM_SHA_256_PLUS, SASL_BINDING_NOT_OFFERED, SASL_BINDING_TLS_UNIQUE));
    assert_false(start(s, SASL_SCRAM_SHA_256, SASL_BINDING_USED, SASL_BINDING_TLS_UNIQUE));
    assert_string_equal(reason(s), "channel binding and mechanism do not go together");
    assert_int_equal(step_raw(s, NULL), SASL_BROKEN);
    assert_true(start(s, SASL_SCRAM_SHA_256_PLUS, SASL_BINDING_USED, SASL_BINDING_TLS_UNIQUE));
    assert_false(sasl_gnu_bind(s, SASL_BINDING_NONE, NULL, 0)); /* during an exchange */
    sasl_gnu_functions.end(s);
    uint8_t large[65] = {0};
    assert_false(sasl_gnu_bind(s, SASL_BINDING_TLS_UNIQUE, large, sizeof large));
    assert_false(sasl_gnu_bind(s, SASL_BINDING_TLS_UNIQUE, large, 0));
    assert_true(sasl_gnu_bind(s, SASL_BINDING_NONE, NULL, 0));
    assert_false(start(s, SASL_SCRAM_SHA_256_PLUS, SASL_BINDING_USED, SASL_BINDING_TLS_UNIQUE));
    sasl_gnu_free(s);
}

/* ---- Both ends --------------------------------------------------------------------------------------------------- */

/* Runs an exchange to its end; what the receiving entity came to. */
static sasl_result run(sasl_gnu *initiator, sasl_gnu *receiver)
{
    sasl_result ours = step_raw(initiator, NULL);
    for (int i = 0; i < 4; i++) {
        char message[SASL_MESSAGE_MAX + 1];
        assert_true(ours == SASL_CONTINUE || ours == SASL_COMPLETE);
        memcpy(message, output, output_size);
        message[output_size] = 0;
        sasl_result theirs = step_raw(receiver, message);
        if (theirs != SASL_CONTINUE && theirs != SASL_COMPLETE)
            return theirs;
        memcpy(message, output, output_size);
        message[output_size] = 0;
        if (theirs == SASL_COMPLETE && ours == SASL_COMPLETE) {
            assert_int_equal(output_size, 0);
            return theirs;
        }
        ours = step_raw(initiator, message);
        if (theirs == SASL_COMPLETE) {
            assert_int_equal(ours, SASL_COMPLETE);
            assert_int_equal(output_size, 0);
            return theirs;
        }
    }
    fail_msg("the exchange does not end");
    return SASL_BROKEN;
}

static void both_ends_agree_with_every_mechanism(void **state)
{
    (void)state;
    for (sasl_mechanism m = 0; m < SASL_MECHANISM_COUNT; m++)
        for (sasl_binding b = SASL_BINDING_NONE; b <= SASL_BINDING_TLS_EXPORTER; b++) {
            if (sasl_mechanism_is_plus(m) && b == SASL_BINDING_NONE)
                continue;
            sasl_gnu *initiator = one(false, "juliet", "r0m30"), *receiver = one(true, "juliet", "r0m30");
            bind_to(initiator, b);
            bind_to(receiver, b);
            assert_true(sasl_gnu_certified(receiver, "juliet@im.example.com"));
            sasl_binding_use use = sasl_mechanism_is_plus(m) ? SASL_BINDING_USED
                                   : b == SASL_BINDING_NONE  ? SASL_BINDING_NOT_OFFERED
                                                             : SASL_BINDING_UNWANTED;
            assert_true(start(initiator, m, use, b));
            assert_true(start(receiver, m, SASL_BINDING_UNWANTED, b));
            assert_string_equal(sasl_gnu_functions.username(receiver), "");
            assert_int_equal(run(initiator, receiver), SASL_COMPLETE);
            const char *name = sasl_gnu_functions.username(receiver);
            if (m == SASL_ANONYMOUS)
                assert_int_equal(strlen(name), 32);
            else
                assert_string_equal(name, m == SASL_EXTERNAL ? "juliet@im.example.com" : "juliet");
            sasl_gnu_free(initiator);
            sasl_gnu_free(receiver);
        }
}

/* U+00BD in SASLprep is 1, U+2044, 2; the other end has it prepared (RFC 5802 5.1). And a comma and an equals sign. */
static void names_and_passwords_are_prepared(void **state)
{
    (void)state;
    static const char name[] = "a,b=1\xe2\x81\x84\x32";
    for (int plain = 0; plain <= 1; plain++) {
        sasl_mechanism m = plain ? SASL_PLAIN : SASL_SCRAM_SHA_256;
        sasl_gnu *initiator = one(false, "a,b=\xc2\xbd", "p\xc2\xa0\xef\xac\x81");
        sasl_gnu *receiver = one(true, name, "p fi");
        assert_true(start(initiator, m, SASL_BINDING_NOT_OFFERED, SASL_BINDING_NONE));
        assert_true(start(receiver, m, SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
        assert_int_equal(run(initiator, receiver), SASL_COMPLETE);
        sasl_gnu_free(initiator);
        sasl_gnu_free(receiver);
    }
}

static void wrong_credentials_are_not_told_apart(void **state)
{
    (void)state;
    static const sasl_mechanism mechanisms[] = {SASL_SCRAM_SHA_256, SASL_SCRAM_SHA_1, SASL_PLAIN};
    static const char *const accounts[][2] = {{"juliet", "romeo"}, {"tybalt", "r0m30"}};
    char texts[2][128];
    for (size_t i = 0; i < sizeof mechanisms / sizeof mechanisms[0]; i++) {
        for (size_t j = 0; j < 2; j++) {
            sasl_gnu *initiator = one(false, accounts[j][0], accounts[j][1]), *receiver = one(true, "juliet", "r0m30");
            assert_true(start(initiator, mechanisms[i], SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
            assert_true(start(receiver, mechanisms[i], SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
            assert_int_equal(run(initiator, receiver), SASL_REFUSED);
            assert_string_equal(sasl_gnu_functions.condition(receiver), "not-authorized");
            assert_string_equal(sasl_gnu_functions.username(receiver), "");
            snprintf(texts[j], sizeof texts[j], "%s", reason(receiver));
            sasl_gnu_free(initiator);
            sasl_gnu_free(receiver);
        }
        assert_string_equal(texts[0], texts[1]);
    }
}

/* Whoever stands between has two connections, and so two bindings. */
static void another_connections_binding_is_refused(void **state)
{
    (void)state;
    for (sasl_binding b = SASL_BINDING_TLS_UNIQUE; b <= SASL_BINDING_TLS_EXPORTER; b++) {
        uint8_t other[sizeof binding_data];
        memcpy(other, binding_data, sizeof other);
        other[31] ^= 1;
        sasl_gnu *initiator = one(false, "juliet", "r0m30"), *receiver = one(true, "juliet", "r0m30");
        bind_to(initiator, b);
        assert_true(sasl_gnu_bind(receiver, b, other, sizeof other));
        assert_true(start(initiator, SASL_SCRAM_SHA_256_PLUS, SASL_BINDING_USED, b));
        assert_true(start(receiver, SASL_SCRAM_SHA_256_PLUS, SASL_BINDING_UNWANTED, b));
        assert_int_equal(run(initiator, receiver), SASL_REFUSED);
        assert_string_equal(sasl_gnu_functions.condition(receiver), "not-authorized");
        sasl_gnu_free(initiator);
        sasl_gnu_free(receiver);
    }
}

/* ---- What the initiating entity refuses -------------------------------------------------------------------------- */

#define NONCE "fyko+d2lbbFgONRv9qkxdawL"

static void server_first_messages_that_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *message, *reason;
    } rows[] = {
        {"r=" NONCE "x,s=QSXCR+Q6sek8bf92,i=4095", "the server asks for too few iterations"},
        {"r=" NONCE "x,s=QSXCR+Q6sek8bf92,i=1", "the server asks for too few iterations"},
        {"r=" NONCE "x,s=QSXCR+Q6sek8bf92,i=1000001", "the server asks for too many iterations"},
        {"r=" NONCE "x,s=QSXCR+Q6sek8bf92,i=4294971392", "the server asks for too many iterations"}, /* 2^32 + 4096 */
        {"r=" NONCE "x,s=QSXCR+Q6sek8bf92,i=18446744073709555712", "the server asks for too many iterations"},
        {"r=" NONCE "x,s=QSXCR+Q6sek8bf92,i=0", "the number of iterations is malformed"},
        {"r=" NONCE "x,s=QSXCR+Q6sek8bf92,i=04096", "the number of iterations is malformed"},
        {"r=" NONCE "x,s=QSXCR+Q6sek8bf92,i=-4096", "the number of iterations is malformed"},
        {"r=" NONCE "x,s=QSXCR+Q6sek8bf92,i=+4096", "the number of iterations is malformed"},
        {"r=" NONCE "x,s=QSXCR+Q6sek8bf92,i=4096 ", "the number of iterations is malformed"},
        {"r=" NONCE "x,s=QSXCR+Q6sek8bf9,i=4096", "the salt is not canonical base64"},
        {"r=" NONCE "x,s=QSXCR+Q6sek8bf9=,i=4096", "the salt is not canonical base64"},
        {"r=" NONCE "x,s=QSXCR-Q6sek8bf92,i=4096", "the salt is not canonical base64"},
        {"r=" NONCE "x,s=QQ==QQ==,i=4096", "the salt is not canonical base64"},
        {"r=" NONCE "x,s=QR==,i=4096", "the salt is not canonical base64"},
        {"r=" NONCE "x,s= QQ==,i=4096", "the salt is not canonical base64"},
        {"r=gyko+d2lbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92,i=4096", "the server's nonce does not begin with ours"},
        {"r=fyko,s=QSXCR+Q6sek8bf92,i=4096", "the server's nonce does not begin with ours"},
        {"m=a,r=" NONCE "x,s=QSXCR+Q6sek8bf92,i=4096", "the server asks for an extension of SCRAM that is not known"},
        {"r=" NONCE "x,s=QSXCR+Q6sek8bf92,i=4096,m=a", "the server's first message of SCRAM is malformed"},
        {"r=" NONCE "x,s=QSXCR+Q6sek8bf92,i=4096,", "the server's first message of SCRAM is malformed"},
        {"r=" NONCE "x,s=QSXCR+Q6sek8bf92,i=4096,x", "the server's first message of SCRAM is malformed"},
        {"r=" NONCE "x,s=QSXCR+Q6sek8bf92,i=4096,1=x", "the server's first message of SCRAM is malformed"},
        {"r=" NONCE "x,i=4096,s=QSXCR+Q6sek8bf92", "the server's first message of SCRAM is malformed"},
        {"r=" NONCE "x,s=,i=4096", "the server's first message of SCRAM is malformed"},
        {"r=" NONCE "x,s=QSXCR+Q6sek8bf92", "the server's first message of SCRAM is malformed"},
        {"r=" NONCE "\xc3\xa4,s=QSXCR+Q6sek8bf92,i=4096", "the server's first message of SCRAM is malformed"},
        {"r=" NONCE "\x7f,s=QSXCR+Q6sek8bf92,i=4096", "the server's first message of SCRAM is malformed"},
        {"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=", "the server's first message of SCRAM is malformed"},
        {"e=unknown-user", "the server's first message of SCRAM is malformed"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sasl_gnu *s = initiating(SASL_SCRAM_SHA_1, SASL_BINDING_UNWANTED, SASL_BINDING_NONE);
        assert_int_equal(step(s, rows[i].message), SASL_REFUSED);
        assert_int_equal(output_size, 0);
        assert_string_equal(reason(s), rows[i].reason);
        assert_int_equal(step(s, vectors[0].server_first), SASL_BROKEN); /* no second try */
        sasl_gnu_free(s);
    }
}

static void server_first_messages_at_the_bounds_are_taken(void **state)
{
    (void)state;
    static const char *const messages[] = {
        "r=" NONCE "x,s=QSXCR+Q6sek8bf92,i=4096",
        "r=" NONCE "x,s=QQ==,i=4097,x=unknown,y=extensions==",
        "r=" NONCE ",s=QSXCR+Q6sek8bf92,i=4096", /* RFC 5802 7: nonce = c-nonce [s-nonce] */
        "r=" NONCE "x,s=QQ==,i=1000000",
    };
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        sasl_gnu *s = initiating(SASL_SCRAM_SHA_1, SASL_BINDING_UNWANTED, SASL_BINDING_NONE);
        assert_int_equal(step(s, messages[i]), SASL_CONTINUE);
        sasl_gnu_free(s);
    }
}

static void server_signature_is_checked_before_success_is_believed(void **state)
{
    (void)state;
    static const struct {
        const char *message, *reason;
    } rows[] = {
        {"v=rmF9pqV8S7suAoZWja4dJRkFsKU=", "the server's signature is wrong"},
        {"v=rmF9pqV8S7suAoZWja4dJRkFsK==", "the server's signature is not canonical base64"},
        {"v=rmF9", "the server's signature is wrong"},
        {"v=", "the server's last message of SCRAM is malformed"},
        {"v=rmF9pqV8S7suAoZWja4dJRkFsKR=", "the server's signature is not canonical base64"},
        {"v=rmF9pqV8S7suAoZWja4dJRkFsKQ", "the server's signature is not canonical base64"},
        {"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=,", "the server's last message of SCRAM is malformed"},
        {"e=invalid-proof", "the server says: invalid-proof"},
        {"e=\x1b[31m", "the server says: other-error"},
        {"e=unknown-user,v=rmF9pqV8S7suAoZWja4dJRkFsKQ=", "the server says: unknown-user"},
        {"r=" NONCE "x,s=QSXCR+Q6sek8bf92,i=4096", "the server's last message of SCRAM is malformed"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (sasl_binding_use use = SASL_BINDING_NOT_OFFERED; use <= SASL_BINDING_UNWANTED; use++) { /* y and n */
            sasl_gnu *s = initiating(SASL_SCRAM_SHA_1, use, SASL_BINDING_NONE);
            assert_int_equal(step(s, vectors[0].server_first), SASL_CONTINUE);
            assert_int_equal(step(s, rows[i].message), SASL_REFUSED);
            assert_string_equal(reason(s), rows[i].reason);
            sasl_gnu_free(s);
        }
    }
    static const char *const nothing[] = {"", "="};
    for (size_t i = 0; i < 2; i++) {
        sasl_gnu *s = initiating(SASL_SCRAM_SHA_1, SASL_BINDING_UNWANTED, SASL_BINDING_NONE);
        assert_int_equal(step(s, vectors[0].server_first), SASL_CONTINUE);
        assert_int_equal(step_raw(s, nothing[i]), SASL_REFUSED);
        sasl_gnu_free(s);
    }
}

/* Of a server that was told y; RFC 5802 5.1, v: all of it, and nothing more. */
static void longer_signatures_are_refused(void **state)
{
    (void)state;
    char message[SASL_MESSAGE_MAX], last[64] = "v=";
    sasl_gnu *initiator = one(false, "user", "pencil"), *receiver = one(true, "user", "pencil");
    assert_true(start(initiator, SASL_SCRAM_SHA_1, SASL_BINDING_NOT_OFFERED, SASL_BINDING_NONE));
    assert_true(start(receiver, SASL_SCRAM_SHA_1, SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
    assert_int_equal(step_raw(initiator, NULL), SASL_CONTINUE);
    assert_int_equal(step(receiver, strcpy(message, said())), SASL_CONTINUE);
    assert_int_equal(step(initiator, strcpy(message, said())), SASL_CONTINUE);
    assert_int_equal(step(receiver, strcpy(message, said())), SASL_COMPLETE);
    memcpy(last + 2, said() + 2, 27); /* and instead of "=", which ends 20 octets, the rest of a 21st */
    strcpy(last + 29, "A");
    assert_int_equal(step(initiator, last), SASL_REFUSED);
    assert_string_equal(reason(initiator), "the server's signature is wrong");
    sasl_gnu_free(initiator);
    sasl_gnu_free(receiver);
}

static void base64_is_strict(void **state)
{
    (void)state;
    /* of "n,,n=user,r=a", which ends in "YQ==" */
    static const char *const texts[] = {
        "biwsbj11c2VyLHI9YQ",     /* no padding */
        "biwsbj11c2VyLHI9YR==",   /* bits that are not used */
        "biwsbj11c2VyLHI9YQ==\n", /* white space */
        " biwsbj11c2VyLHI9YQ==",  /* */
        "biws\nbj11c2VyLHI9YQ==", /* lines */
        "biwsbj11c2VyLHI9YQ==AAAA" /* after the padding */,
        "biwsbj11c2VyLHI9YQ==\xc2\xa0",
        "biwsbj11c2VyLHI9Y_==",
        "====",
        "==",
        "biwsbj11c2VyLHI9YQ==\x01\x02\x03\x04",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        sasl_gnu *s = one(true, "user", "pencil");
        assert_true(start(s, SASL_SCRAM_SHA_1, SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
        assert_int_equal(step_raw(s, texts[i]), SASL_REFUSED);
        assert_string_equal(sasl_gnu_functions.condition(s), "incorrect-encoding");
        sasl_gnu_free(s);
    }
    sasl_gnu *s = one(true, "user", "pencil");
    assert_true(start(s, SASL_SCRAM_SHA_1, SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
    assert_int_equal(step_raw(s, "biwsbj11c2VyLHI9YQ=="), SASL_CONTINUE);
    sasl_gnu_free(s);
}

/* ---- What the receiving entity refuses --------------------------------------------------------------------------- */

static void client_first_messages_that_are_refused(void **state)
{
    (void)state;
    static const struct {
        sasl_mechanism mechanism;
        sasl_binding offered;
        const char *message;
    } rows[] = {
        {SASL_SCRAM_SHA_1, SASL_BINDING_TLS_EXPORTER, "y,,n=user,r=abc"}, /* -PLUS was taken out of what was offered */
        {SASL_SCRAM_SHA_1, SASL_BINDING_TLS_EXPORTER, "p=tls-exporter,,n=user,r=abc"},
        {SASL_SCRAM_SHA_1, SASL_BINDING_NONE, "p=tls-exporter,,n=user,r=abc"},
        {SASL_SCRAM_SHA_1_PLUS, SASL_BINDING_TLS_EXPORTER, "p=tls-unique,,n=user,r=abc"},
        {SASL_SCRAM_SHA_1_PLUS, SASL_BINDING_TLS_EXPORTER, "p=tls-exporte,,n=user,r=abc"},
        {SASL_SCRAM_SHA_1_PLUS, SASL_BINDING_TLS_UNIQUE, "p=,,n=user,r=abc"},
        {SASL_SCRAM_SHA_1_PLUS, SASL_BINDING_TLS_UNIQUE, "p=tls-unique"},
        {SASL_SCRAM_SHA_1_PLUS, SASL_BINDING_TLS_UNIQUE, "n,,n=user,r=abc"},
        {SASL_SCRAM_SHA_1_PLUS, SASL_BINDING_TLS_UNIQUE, "y,,n=user,r=abc"},
        {SASL_SCRAM_SHA_1, SASL_BINDING_NONE, "n,,m=x,n=user,r=abc"},
        {SASL_SCRAM_SHA_1, SASL_BINDING_NONE, "n,,n=,r=abc"},
        {SASL_SCRAM_SHA_1, SASL_BINDING_NONE, "n,,n=user,r="},
        {SASL_SCRAM_SHA_1, SASL_BINDING_NONE, "n,,n=us=er,r=abc"}, /* RFC 5802 5.1: = only as =2C, =3D */
        {SASL_SCRAM_SHA_1, SASL_BINDING_NONE, "n,,n=\xff,r=abc"},
        {SASL_SCRAM_SHA_1, SASL_BINDING_NONE, "n,n=user,r=abc"},
        {SASL_SCRAM_SHA_1, SASL_BINDING_NONE, "n,a=,n=user,r=abc"},
        {SASL_SCRAM_SHA_1, SASL_BINDING_NONE, "n,,r=abc,n=user"},
        {SASL_SCRAM_SHA_1, SASL_BINDING_NONE, "F,n,,n=user,r=abc"},
        {SASL_SCRAM_SHA_1, SASL_BINDING_NONE, "n"},
        {SASL_SCRAM_SHA_1, SASL_BINDING_NONE, "n,,"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sasl_gnu *s = one(true, "user", "pencil");
        bind_to(s, rows[i].offered);
        assert_true(start(s, rows[i].mechanism, SASL_BINDING_UNWANTED, rows[i].offered));
        assert_int_equal(step(s, rows[i].message), SASL_REFUSED);
        sasl_gnu_free(s);
    }
    sasl_gnu *s = one(true, "user", "pencil");
    assert_true(start(s, SASL_SCRAM_SHA_1, SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
    assert_int_equal(step_bytes(s, "n,,n=us\0er,r=abc", 16), SASL_REFUSED);
    assert_true(start(s, SASL_SCRAM_SHA_1, SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
    assert_int_equal(step_raw(s, "="), SASL_REFUSED); /* an initial response that is empty */
    sasl_gnu_free(s);
}

static void client_final_messages_that_are_refused(void **state)
{
    (void)state;
    static const char *const messages[] = {
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Tt=", /* not canonical */
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Tw=", /* wrong */
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8",
        "c=eSws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", /* y,, */
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7k,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,m=x,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=,p=AAAA",
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j",
        "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,c=biws,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
    };
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        sasl_gnu *s = one(true, "user", "pencil");
        sasl_gnu_iterations(s, 4096);
        planned_nonce = vectors[0].server_nonce;
        planned_salt = vectors[0].salt;
        assert_true(start(s, SASL_SCRAM_SHA_1, SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
        assert_int_equal(step(s, vectors[0].client_first), SASL_CONTINUE);
        planned_nonce = planned_salt = NULL;
        assert_int_equal(step(s, messages[i]), SASL_REFUSED);
        assert_string_equal(sasl_gnu_functions.username(s), "");
        sasl_gnu_free(s);
    }
}

static sasl_result as(sasl_mechanism mechanism, const char *authzid, const char *certified, char condition[64])
{
    sasl_gnu *initiator = sasl_gnu_new(false, &(sasl_account){"juliet", "r0m30", authzid, "im.example.com"}, 1);
    sasl_gnu *receiver = one(true, "juliet", "r0m30");
    assert_true(sasl_gnu_certified(receiver, certified));
    assert_true(start(initiator, mechanism, SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
    assert_true(start(receiver, mechanism, SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
    sasl_result result = run(initiator, receiver);
    snprintf(condition, 64, "%s", sasl_gnu_functions.condition(receiver));
    sasl_gnu_free(initiator);
    sasl_gnu_free(receiver);
    return result;
}

static void nobody_acts_for_another(void **state)
{
    (void)state;
    static const sasl_mechanism mechanisms[] = {SASL_SCRAM_SHA_256, SASL_PLAIN};
    static const char *const foreign[] = {"romeo@im.example.com", "juliet@example.com",     "juliet", "juliet@",
                                          "julie@im.example.com", "juliet@im.example.com/x"};
    char condition[64];
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(as(mechanisms[i], "juliet@im.example.com", NULL, condition), SASL_COMPLETE);
        for (size_t j = 0; j < sizeof foreign / sizeof foreign[0]; j++) {
            assert_int_equal(as(mechanisms[i], foreign[j], NULL, condition), SASL_REFUSED);
            assert_string_equal(condition, "invalid-authzid");
        }
    }
    assert_int_equal(as(SASL_EXTERNAL, NULL, NULL, condition), SASL_REFUSED); /* no verified certificate */
    assert_string_equal(condition, "not-authorized");
    assert_int_equal(as(SASL_EXTERNAL, NULL, "example.net", condition), SASL_COMPLETE);
    assert_int_equal(as(SASL_EXTERNAL, "example.net", "example.net", condition), SASL_COMPLETE);
    assert_int_equal(as(SASL_EXTERNAL, "example.org", "example.net", condition), SASL_REFUSED);
    assert_string_equal(condition, "invalid-authzid");
}

/* ---- Life -------------------------------------------------------------------------------------------------------- */

static void response_without_initial_response(void **state)
{
    (void)state;
    static const sasl_mechanism mechanisms[] = {SASL_SCRAM_SHA_1, SASL_PLAIN, SASL_EXTERNAL};
    for (size_t i = 0; i < 3; i++) {
        sasl_gnu *initiator = one(false, "juliet", "r0m30"), *receiver = one(true, "juliet", "r0m30");
        assert_true(sasl_gnu_certified(receiver, "juliet@im.example.com"));
        assert_true(start(initiator, mechanisms[i], SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
        assert_true(start(receiver, mechanisms[i], SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
        assert_int_equal(step_raw(receiver, NULL), SASL_CONTINUE);
        assert_int_equal(output_size, 0);
        if (mechanisms[i] == SASL_EXTERNAL)
            assert_int_equal(step_raw(receiver, ""), SASL_COMPLETE);
        else
            assert_int_equal(run(initiator, receiver), SASL_COMPLETE);
        assert_true(start(receiver, mechanisms[i], SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
        assert_int_equal(step_raw(receiver, NULL), SASL_CONTINUE);
        assert_int_equal(step_raw(receiver, NULL), SASL_BROKEN); /* once is enough */
        sasl_gnu_free(initiator);
        sasl_gnu_free(receiver);
    }
}

static void mechanisms_without_challenge_say_their_response_at_once(void **state)
{
    (void)state;
    sasl_gnu *s = one(false, "juliet", "r0m30");
    assert_true(start(s, SASL_PLAIN, SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
    assert_int_equal(step_raw(s, NULL), SASL_COMPLETE);
    assert_memory_equal(output, "AGp1bGlldAByMG0zMA==", output_size); /* RFC 6120 6.4.2, RFC 4616 */
    assert_true(start(s, SASL_EXTERNAL, SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
    assert_int_equal(step_raw(s, NULL), SASL_COMPLETE);
    assert_int_equal(output_size, 1);
    assert_int_equal(output[0], '=');
    assert_true(start(s, SASL_ANONYMOUS, SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
    assert_int_equal(step_raw(s, NULL), SASL_COMPLETE);
    assert_int_equal(output_size, 1);
    assert_int_equal(output[0], '=');
    assert_int_equal(step_raw(s, ""), SASL_BROKEN); /* nothing more is expected */
    sasl_gnu_free(s);
    s = one(true, "juliet", "r0m30"); /* a trace is taken, and is nobody's name */
    assert_true(start(s, SASL_ANONYMOUS, SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
    assert_int_equal(step(s, "juliet"), SASL_COMPLETE);
    assert_int_equal(strlen(sasl_gnu_functions.username(s)), 32);
    sasl_gnu_free(s);
}

static void calls_out_of_order_do_no_harm(void **state)
{
    (void)state;
    sasl_gnu *s = one(false, "user", "pencil");
    assert_int_equal(step_raw(s, NULL), SASL_BROKEN);
    assert_true(start(s, SASL_SCRAM_SHA_1, SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
    assert_int_equal(step_raw(s, "AAAA"), SASL_BROKEN); /* the initiating entity begins */
    assert_true(start(s, SASL_SCRAM_SHA_1, SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
    assert_int_equal(sasl_gnu_functions.step(s, NULL, 0, output, 20, &output_size), SASL_BROKEN); /* no room */
    assert_int_equal(output_size, 0);
    assert_true(start(s, SASL_SCRAM_SHA_1, SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
    assert_true(start(s, SASL_SCRAM_SHA_256, SASL_BINDING_UNWANTED, SASL_BINDING_NONE)); /* instead */
    assert_int_equal(step_raw(s, NULL), SASL_CONTINUE);
    static char large[SASL_MESSAGE_MAX + 5];
    memset(large, 'A', sizeof large - 1);
    assert_int_equal(step_raw(s, large), SASL_REFUSED);
    sasl_gnu_functions.end(s);
    sasl_gnu_functions.end(s);
    assert_string_equal(reason(s), "the message is too long");
    sasl_gnu_free(s);
    sasl_gnu_free(NULL);
    assert_null(sasl_gnu_new(true, NULL, 0));
    s = one(false, NULL, NULL);
    assert_false(start(s, SASL_SCRAM_SHA_1, SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
    assert_string_equal(reason(s), "the account has no name or password");
    assert_true(start(s, SASL_PLAIN, SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
    assert_int_equal(step_raw(s, NULL), SASL_REFUSED);
    assert_string_equal(reason(s), "the account has no name or password");
    assert_false(start(s, SASL_MECHANISM_COUNT, SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
    sasl_gnu_free(s);
}

/* Private use is prohibited (RFC 4013 2.3). */
static void passwords_that_cannot_be_prepared(void **state)
{
    (void)state;
    sasl_gnu *s = one(false, "user", "\xee\x80\x80"), *receiver = one(true, "user", "\xee\x80\x80");
    assert_false(start(s, SASL_SCRAM_SHA_1, SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
    assert_string_equal(reason(s), "the name or password cannot be prepared (SASLprep)");
    sasl_gnu_free(s);
    s = one(false, "user", "pencil");
    assert_true(start(s, SASL_SCRAM_SHA_1, SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
    assert_true(start(receiver, SASL_SCRAM_SHA_1, SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
    assert_int_equal(run(s, receiver), SASL_REFUSED);
    assert_string_equal(sasl_gnu_functions.condition(receiver), "not-authorized");
    sasl_gnu_free(s);
    sasl_gnu_free(receiver);
}

/* Of every session of GNU SASL that this program had. */
static void no_secret_was_left_behind(void **state)
{
    (void)state;
    assert_true(finished > 50);
    assert_int_equal(secrets_left, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(initiating_entity_says_the_vectors),
        cmocka_unit_test(receiving_entity_says_the_vectors),
        cmocka_unit_test(gs2_header_says_what_was_asked_for),
        cmocka_unit_test(no_start_where_binding_and_mechanism_do_not_fit),
        cmocka_unit_test(both_ends_agree_with_every_mechanism),
        cmocka_unit_test(names_and_passwords_are_prepared),
        cmocka_unit_test(wrong_credentials_are_not_told_apart),
        cmocka_unit_test(another_connections_binding_is_refused),
        cmocka_unit_test(server_first_messages_that_are_refused),
        cmocka_unit_test(server_first_messages_at_the_bounds_are_taken),
        cmocka_unit_test(server_signature_is_checked_before_success_is_believed),
        cmocka_unit_test(longer_signatures_are_refused),
        cmocka_unit_test(base64_is_strict),
        cmocka_unit_test(client_first_messages_that_are_refused),
        cmocka_unit_test(client_final_messages_that_are_refused),
        cmocka_unit_test(nobody_acts_for_another),
        cmocka_unit_test(response_without_initial_response),
        cmocka_unit_test(mechanisms_without_challenge_say_their_response_at_once),
        cmocka_unit_test(calls_out_of_order_do_no_harm),
        cmocka_unit_test(passwords_that_cannot_be_prepared),
        cmocka_unit_test(no_secret_was_left_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
