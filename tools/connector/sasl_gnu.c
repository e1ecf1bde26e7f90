/* SPDX-License-Identifier: MIT */
#include "sasl_gnu.h"
#include "sasl_scram.h"

#include <gsasl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BINDING_MAX 64      /* octets: tls-exporter has 32 (RFC 9266), tls-unique at most 36 (RFC 5929) */
#define ANONYMOUS_OCTETS 16 /* of the name that the receiving entity makes up */

typedef struct account {
    char *username, *password, *authzid, *hostname;
} account;

struct sasl_gnu {
    Gsasl *library;
    bool receiving;
    account *accounts;
    size_t count;
    char *certified;
    uint32_t iterations;
    sasl_binding bound; /* of the connection; bytes as base64 */
    char *bound_data;

    Gsasl_session *session; /* of the exchange; NULL: none */
    sasl_mechanism mechanism;
    sasl_binding_use use;
    sasl_binding binding;
    unsigned steps;      /* that were made */
    const char *message; /* the peer's at hand */
    size_t message_size;
    scram_y y;  /* initiating: where y is said */
    bool asked; /* receiving: an empty challenge asked for the initial response */
    bool complete;
    const char *reason, *condition;
    char *username;
};

static void wipe_text(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
}

static void free_text(char **text)
{
    wipe_text(*text);
    free(*text);
    *text = NULL;
}

static bool copy_text(char **to, const char *from)
{
    *to = from ? strdup(from) : NULL;
    return *to || !from;
}

static void end_session(sasl_gnu *s)
{
    static const Gsasl_property secrets[] = {GSASL_PASSWORD, GSASL_SCRAM_SALTED_PASSWORD, GSASL_SCRAM_SERVERKEY,
                                             GSASL_SCRAM_STOREDKEY};
    if (!s->session)
        return;
    /* gsasl_finish frees its copies without wiping them */
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
        wipe_text((char *)gsasl_property_fast(s->session, secrets[i]));
    gsasl_finish(s->session);
    s->session = NULL;
    s->message = NULL;
    scram_y_end(&s->y);
}

/* Initiating: there is one exchange and no second try, so the password has no further use. */
static void forget_password(sasl_gnu *s)
{
    if (!s->receiving)
        free_text(&s->accounts[0].password);
}

static void give_up(sasl_gnu *s, const char *reason, const char *condition)
{
    end_session(s);
    s->reason = reason;
    s->condition = condition;
}

static sasl_result refuse(sasl_gnu *s, const char *reason, const char *condition)
{
    give_up(s, reason, condition);
    forget_password(s);
    return SASL_REFUSED;
}

static sasl_result broken(sasl_gnu *s, const char *reason)
{
    give_up(s, reason, "temporary-auth-failure"); /* RFC 6120 6.5.11 */
    return SASL_BROKEN;
}

/* ---- What GNU SASL asks for -------------------------------------------------------------------------------------- */

/* As SCRAM and PLAIN compare them: after SASLprep (RFC 5802 5.1, RFC 4616 2). */
static bool same_prepared(const char *a, const char *b, Gsasl_saslprep_flags flags)
{
    char *first = NULL, *second = NULL;
    bool same = gsasl_saslprep(a, flags, &first, NULL) == GSASL_OK &&
                gsasl_saslprep(b, flags, &second, NULL) == GSASL_OK && strlen(first) == strlen(second) &&
                CRYPTO_memcmp(first, second, strlen(first)) == 0; /* in constant time */
    wipe_text(first);
    wipe_text(second);
    gsasl_free(first);
    gsasl_free(second);
    return same;
}

/* GNU SASL 2.2.0 loses memory where it is given a password that it cannot prepare. */
static bool can_be_prepared(const char *text, Gsasl_saslprep_flags flags)
{
    char *prepared = NULL;
    bool can = text && gsasl_saslprep(text, flags, &prepared, NULL) == GSASL_OK;
    wipe_text(prepared);
    gsasl_free(prepared);
    return can;
}

static const account *find_account(const sasl_gnu *s)
{
    const char *name = gsasl_property_fast(s->session, GSASL_AUTHID);
    for (size_t i = 0; name && i < s->count; i++)
        if (s->accounts[i].username && same_prepared(name, s->accounts[i].username, GSASL_ALLOW_UNASSIGNED))
            return &s->accounts[i];
    return NULL;
}

/* RFC 6120 6.3.8: of a client, its own bare JID or nothing. */
static bool may_act_as(const account *a, const char *authzid, size_t size)
{
    size_t local = strlen(a->username), domain = a->hostname ? strlen(a->hostname) : 0;
    return size == 0 || (domain > 0 && size == local + 1 + domain && memcmp(authzid, a->username, local) == 0 &&
                         authzid[local] == '@' && memcmp(authzid + local + 1, a->hostname, domain) == 0);
}

/* PLAIN, receiving. */
static int validate_simple(const sasl_gnu *s)
{
    const account *a = find_account(s);
    const char *password = gsasl_property_fast(s->session, GSASL_PASSWORD);
    if (!a || !a->password || !password || !same_prepared(password, a->password, 0))
        return GSASL_AUTHENTICATION_ERROR;
    /* From the message: where it is empty there, GSASL_AUTHZID is what GSASL_AUTHID is */
    return may_act_as(a, s->message, strnlen(s->message, s->message_size)) ? GSASL_OK : GSASL_NO_AUTHZID;
}

/* EXTERNAL, receiving: RFC 6120 6.3.8, 13.7.2; nothing but a verified certificate authenticates. */
static int validate_external(const sasl_gnu *s)
{
    const char *authzid = gsasl_property_fast(s->session, GSASL_AUTHZID);
    if (!s->certified)
        return GSASL_AUTHENTICATION_ERROR;
    return !authzid || !*authzid || strcmp(authzid, s->certified) == 0 ? GSASL_OK : GSASL_NO_AUTHZID;
}

static int give(const sasl_gnu *s, Gsasl_property property, const char *value, int without)
{
    return value ? gsasl_property_set(s->session, property, value) : without;
}

static int give_password(const sasl_gnu *s)
{
    const account *a = s->receiving ? find_account(s) : &s->accounts[0];
    char unknown[17] = "";
    if (!s->receiving || (a && can_be_prepared(a->password, 0)))
        return give(s, GSASL_PASSWORD, a->password, GSASL_NO_PASSWORD);
    /* A name that does not exist costs what a wrong password costs (RFC 6120 6.5.10) */
    if (gsasl_nonce(unknown, sizeof unknown - 1) != GSASL_OK)
        return GSASL_CRYPTO_ERROR;
    for (size_t i = 0; i < sizeof unknown - 1; i++)
        unknown[i] = (char)('a' + (unsigned char)unknown[i] % 26);
    int status = gsasl_property_set(s->session, GSASL_PASSWORD, unknown);
    explicit_bzero(unknown, sizeof unknown);
    return status;
}

/* Only what is in force: so the library cannot choose another binding than the caller did. */
static int give_binding(const sasl_gnu *s, Gsasl_property property, sasl_binding binding)
{
    int without = binding == SASL_BINDING_TLS_UNIQUE ? GSASL_NO_CB_TLS_UNIQUE : GSASL_NO_CB_TLS_EXPORTER;
    if (s->binding != binding || (!s->receiving && s->use != SASL_BINDING_USED))
        return without;
    return give(s, property, s->bound_data, without);
}

static int give_iterations(const sasl_gnu *s)
{
    char text[16];
    snprintf(text, sizeof text, "%u", s->iterations);
    return s->receiving ? gsasl_property_set(s->session, GSASL_SCRAM_ITER, text) : GSASL_NO_CALLBACK;
}

static int callback(Gsasl *library, Gsasl_session *session, Gsasl_property property)
{
    (void)library;
    sasl_gnu *s = gsasl_session_hook_get(session);
    const account *own = s && !s->receiving ? &s->accounts[0] : NULL;
    if (!s || !s->session)
        return GSASL_NO_CALLBACK;
    switch (property) {
    case GSASL_AUTHID: return give(s, property, own ? own->username : NULL, GSASL_NO_AUTHID);
    case GSASL_AUTHZID: return give(s, property, own ? own->authzid : NULL, GSASL_NO_AUTHZID);
    case GSASL_PASSWORD: return give_password(s);
    case GSASL_CB_TLS_UNIQUE: return give_binding(s, property, SASL_BINDING_TLS_UNIQUE);
    case GSASL_CB_TLS_EXPORTER: return give_binding(s, property, SASL_BINDING_TLS_EXPORTER);
    case GSASL_ANONYMOUS_TOKEN: return give(s, property, "", GSASL_NO_ANONYMOUS_TOKEN); /* RFC 4505 4: no trace */
    case GSASL_SCRAM_ITER: return give_iterations(s);
    case GSASL_VALIDATE_SIMPLE: return validate_simple(s);
    case GSASL_VALIDATE_EXTERNAL: return validate_external(s);
    case GSASL_VALIDATE_ANONYMOUS: return GSASL_OK;
    default: return GSASL_NO_CALLBACK;
    }
}

/* ---- One exchange ------------------------------------------------------------------------------------------------ */

static bool is_scram(sasl_mechanism mechanism)
{
    return sasl_mechanism_is_plus(mechanism) || mechanism == SASL_SCRAM_SHA_256 || mechanism == SASL_SCRAM_SHA_1;
}

static char gs2_flag(const sasl_gnu *s)
{
    if (s->receiving) /* RFC 5802 6: y where -PLUS was offered is a downgrade */
        return sasl_mechanism_is_plus(s->mechanism) ? 'p' : s->binding != SASL_BINDING_NONE ? 'n' : 0;
    return s->use == SASL_BINDING_USED ? 'p' : s->use == SASL_BINDING_NOT_OFFERED ? 'y' : 'n';
}

static void end(void *context)
{
    end_session(context);
}

static bool cannot(sasl_gnu *s, const char *reason, const char *condition)
{
    give_up(s, reason, condition);
    return false;
}

static bool start(void *context, sasl_mechanism mechanism, sasl_binding_use use, sasl_binding binding)
{
    sasl_gnu *s = context;
    end_session(s);
    free_text(&s->username);
    s->mechanism = mechanism;
    s->use = use;
    s->binding = binding;
    s->steps = 0;
    s->asked = s->complete = false;
    s->reason = s->condition = "";
    if (binding != SASL_BINDING_NONE && (binding != s->bound || !s->bound_data))
        return cannot(s, "the connection has no such channel binding", "invalid-mechanism");
    if (sasl_mechanism_is_plus(mechanism) && binding == SASL_BINDING_NONE)
        return cannot(s, "a -PLUS mechanism without channel binding", "invalid-mechanism");
    if (!s->receiving && (sasl_mechanism_is_plus(mechanism) != (use == SASL_BINDING_USED)))
        return cannot(s, "channel binding and mechanism do not go together", "invalid-mechanism");
    if (!s->receiving && is_scram(mechanism)) {
        const account *own = &s->accounts[0];
        if (!own->username || !own->password)
            return cannot(s, "the account has no name or password", "not-authorized");
        if (!can_be_prepared(own->username, GSASL_ALLOW_UNASSIGNED) || !can_be_prepared(own->password, 0))
            return cannot(s, "the name or password cannot be prepared (SASLprep)", "not-authorized");
    }
    const char *name = sasl_mechanism_name(mechanism);
    int status = s->receiving ? gsasl_server_start(s->library, name, &s->session)
                              : gsasl_client_start(s->library, name, &s->session);
    if (status != GSASL_OK) {
        s->session = NULL;
        return cannot(s, "GNU SASL does not have this mechanism", "invalid-mechanism");
    }
    gsasl_session_hook_set(s->session, s);
    return true;
}

/* What has to be right in the peer's message before GNU SASL works on it. NULL: it is. */
static const char *check_input(const sasl_gnu *s, const char *data, size_t size)
{
    if (s->receiving && size == 0 && s->mechanism != SASL_EXTERNAL && s->mechanism != SASL_ANONYMOUS)
        return "the message is empty";
    if (!is_scram(s->mechanism))
        return NULL;
    if (s->receiving)
        return s->steps == 0 ? scram_check_client_first(data, size, gs2_flag(s), sasl_binding_name(s->binding))
                             : scram_check_client_final(data, size);
    if (s->steps == 1)
        return scram_check_server_first(data, size, SASL_GNU_ITERATIONS_MIN, SASL_GNU_ITERATIONS_MAX);
    return scram_check_server_final(data, size);
}

/* What GNU SASL said no to. */
static sasl_result failed(sasl_gnu *s, int status)
{
    switch (status) {
    case GSASL_MECHANISM_PARSE_ERROR:
    case GSASL_BASE64_ERROR: return refuse(s, "the message is malformed", "malformed-request"); /* RFC 6120 6.5.8 */
    case GSASL_NO_AUTHZID:                                                                      /* RFC 6120 6.5.6 */
        return refuse(s, "the authorization identity is not the account's own", "invalid-authzid");
    case GSASL_AUTHENTICATION_ERROR:
    case GSASL_INTEGRITY_ERROR:
        if (s->receiving) /* RFC 6120 6.5.10: one condition for every wrong credential */
            return refuse(s, "the credentials are wrong", "not-authorized");
        return refuse(s,
                      s->steps < 2 ? "the server's nonce does not begin with ours" : "the server's signature is wrong",
                      "not-authorized");
    case GSASL_SASLPREP_ERROR: return refuse(s, "the name or password cannot be prepared (SASLprep)", "not-authorized");
    case GSASL_NO_AUTHID:
    case GSASL_NO_PASSWORD:
        return s->receiving ? refuse(s, "the credentials are wrong", "not-authorized")
                            : refuse(s, "the account has no name or password", "not-authorized");
    default: return broken(s, "GNU SASL failed");
    }
}

static bool accept_peer(sasl_gnu *s, const char **wrong)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char made[ANONYMOUS_OCTETS];
    char name[2 * sizeof made + 1] = "";
    const account *a = find_account(s);
    const char *authzid = gsasl_property_fast(s->session, GSASL_AUTHZID);
    *wrong = NULL;
    switch (s->mechanism) {
    case SASL_EXTERNAL: return copy_text(&s->username, s->certified);
    case SASL_ANONYMOUS: /* RFC 4505 3, XEP-0175: a name that nobody can guess */
        if (gsasl_random((char *)made, sizeof made) != GSASL_OK)
            return false;
        for (size_t i = 0; i < sizeof made; i++) {
            name[2 * i] = digits[made[i] >> 4];
            name[2 * i + 1] = digits[made[i] & 15];
        }
        return copy_text(&s->username, name);
    default:
        if (!a)
            return false;
        if (s->mechanism != SASL_PLAIN && authzid && !may_act_as(a, authzid, strlen(authzid)))
            *wrong = "the authorization identity is not the account's own";
        return copy_text(&s->username, a->username);
    }
}

/* After a step of GNU SASL that went well. NEEDS_MORE or OK. */
static sasl_result went_on(sasl_gnu *s, int status, const char *data, size_t size)
{
    const char *wrong = NULL;
    s->steps++;
    if (!s->receiving && is_scram(s->mechanism)) {
        /* What goes out says p, y or n as was asked for (RFC 5802 6); OK comes only after the server's signature */
        if (s->steps == 1 && scram_check_client_first(data, size, gs2_flag(s), sasl_binding_name(s->binding)))
            return broken(s, "GNU SASL wrote another GS2 header than was asked for");
        if ((status == GSASL_OK) != (s->steps == 3))
            return broken(s, "GNU SASL ended SCRAM out of order");
    }
    if (status == GSASL_NEEDS_MORE)
        return SASL_CONTINUE;
    if (s->receiving && !accept_peer(s, &wrong))
        return broken(s, "no memory or random bytes");
    if (wrong) {
        free_text(&s->username);
        return refuse(s, wrong, "invalid-authzid"); /* RFC 6120 6.5.6 */
    }
    s->complete = true;
    forget_password(s);
    return SASL_COMPLETE;
}

static bool write_base64(const sasl_gnu *s, const char *data, size_t size, char *output, size_t room, size_t *written)
{
    char *text = NULL;
    size_t text_size = 0;
    if (size == 0 && (s->receiving || s->steps != 1))
        return true;
    if (size == 0) { /* RFC 6120 6.4.2 */
        text_size = 1;
    } else if (gsasl_base64_to(data, size, &text, &text_size) != GSASL_OK) {
        return false;
    }
    bool fits = text_size <= room;
    if (fits) {
        memcpy(output, text ? text : "=", text_size);
        *written = text_size;
    }
    if (text)
        explicit_bzero(text, text_size);
    gsasl_free(text);
    return fits;
}

/* GNU SASL 2.2.0 refuses its own message when it is to say y. So it is told to say n, and what it wrote is amended; see
 * sasl_scram.h. The last step, which compares signatures, is then not GNU SASL's. */
static int step_saying_y(sasl_gnu *s, char **out, size_t *out_size)
{
    Gsasl_hash hash = s->mechanism == SASL_SCRAM_SHA_1 ? GSASL_HASH_SHA1 : GSASL_HASH_SHA256;
    if (s->steps == 2)
        return scram_y_verify(&s->y, s->message, s->message_size) ? GSASL_OK : GSASL_AUTHENTICATION_ERROR;
    int status = gsasl_step(s->session, s->message, s->message_size, out, out_size);
    if (status != GSASL_NEEDS_MORE)
        return status;
    const char *salted = gsasl_property_fast(s->session, GSASL_SCRAM_SALTED_PASSWORD);
    bool said = s->steps == 0 ? scram_y_first(&s->y, hash, *out, *out_size)
                              : scram_y_final(&s->y, salted, s->message, s->message_size, out, out_size);
    return said ? GSASL_NEEDS_MORE : GSASL_CRYPTO_ERROR;
}

static sasl_result step_decoded(sasl_gnu *s, const char *data, size_t data_size, char *output, size_t room,
                                size_t *size)
{
    char *out = NULL;
    size_t out_size = 0;
    s->message = data;
    s->message_size = data_size;
    int status = GSASL_OK; /* RFC 4505 2: a trace may be empty, which GNU SASL refuses */
    if (!s->receiving && is_scram(s->mechanism) && s->use == SASL_BINDING_NOT_OFFERED)
        status = step_saying_y(s, &out, &out_size);
    else if (!s->receiving || s->mechanism != SASL_ANONYMOUS || data_size > 0)
        status = gsasl_step(s->session, data, data_size, &out, &out_size);
    if (status != GSASL_OK && status != GSASL_NEEDS_MORE) {
        gsasl_free(out); /* of a failure it has nothing secret */
        return failed(s, status);
    }
    sasl_result result = went_on(s, status, out, out_size);
    if ((result == SASL_CONTINUE || result == SASL_COMPLETE) && !write_base64(s, out, out_size, output, room, size)) {
        free_text(&s->username);
        result = broken(s, "no room for the message");
    }
    if (out)
        explicit_bzero(out, out_size);
    gsasl_free(out);
    return result;
}

static sasl_result step(void *context, const char *input, size_t input_size, char *output, size_t room, size_t *size)
{
    sasl_gnu *s = context;
    char *data = NULL;
    size_t data_size = 0;
    *size = 0;
    bool first = s->steps == 0 && !s->asked;
    if (!s->session || s->complete || (input ? first && !s->receiving : !first))
        return broken(s, "a step out of order");
    if (!input && s->receiving) { /* all mechanisms here begin with the client (RFC 4422 5, 2a) */
        s->asked = true;
        return SASL_CONTINUE;
    }
    if (input_size > SASL_MESSAGE_MAX)
        return refuse(s, "the message is too long", "malformed-request");
    /* RFC 6120 6.4.2: "=" is empty data in an initial response; also in <success/> (6.4.6), where SCRAM has none */
    bool empty = input_size == 0 || (first && input_size == 1 && *input == '=');
    if (input && !empty && !sasl_base64_decode(input, input_size, &data, &data_size))
        return refuse(s, "the message is not canonical base64", "incorrect-encoding"); /* RFC 6120 6.5.5, 13.9.1 */
    const char *wrong = input ? check_input(s, data ? data : "", data_size) : NULL;
    sasl_result result = wrong ? refuse(s, wrong, "malformed-request")
                               : step_decoded(s,
                                              data    ? data
                                              : input ? ""
                                                      : NULL,
                                              data_size, output, room, size);
    if (data)
        explicit_bzero(data, data_size);
    gsasl_free(data);
    return result;
}

static const char *reason(void *context)
{
    return ((const sasl_gnu *)context)->reason;
}

static const char *condition(void *context)
{
    return ((const sasl_gnu *)context)->condition;
}

static const char *username(void *context)
{
    const sasl_gnu *s = context;
    return s->complete && s->username ? s->username : "";
}

const sasl_functions sasl_gnu_functions = {start, step, end, reason, condition, username};

/* ---- One connection ---------------------------------------------------------------------------------------------- */

static bool copy_account(account *to, const sasl_account *from)
{
    return copy_text(&to->username, from->username) && copy_text(&to->password, from->password) &&
           copy_text(&to->authzid, from->authzid) && copy_text(&to->hostname, from->hostname);
}

sasl_gnu *sasl_gnu_new(bool receiving, const sasl_account *accounts, size_t count)
{
    sasl_gnu *s = count > 0 && (receiving || count == 1) ? calloc(1, sizeof *s) : NULL;
    if (!s)
        return NULL;
    s->receiving = receiving;
    s->iterations = SASL_GNU_ITERATIONS;
    s->reason = s->condition = "";
    s->accounts = calloc(count, sizeof *s->accounts);
    s->count = s->accounts ? count : 0;
    bool copied = s->accounts != NULL;
    for (size_t i = 0; copied && i < count; i++)
        copied = copy_account(&s->accounts[i], &accounts[i]);
    if (!copied || gsasl_init(&s->library) != GSASL_OK) {
        s->library = NULL;
        sasl_gnu_free(s);
        return NULL;
    }
    gsasl_callback_set(s->library, callback);
    return s;
}

void sasl_gnu_free(sasl_gnu *s)
{
    if (!s)
        return;
    end_session(s);
    if (s->library)
        gsasl_done(s->library);
    for (size_t i = 0; i < s->count; i++) {
        free_text(&s->accounts[i].username);
        free_text(&s->accounts[i].password);
        free_text(&s->accounts[i].authzid);
        free_text(&s->accounts[i].hostname);
    }
    free(s->accounts);
    free_text(&s->certified);
    free_text(&s->bound_data);
    free_text(&s->username);
    free(s);
}

bool sasl_gnu_bind(sasl_gnu *s, sasl_binding binding, const uint8_t *data, size_t size)
{
    char *text = NULL;
    if (s->session || size > BINDING_MAX || (binding != SASL_BINDING_NONE && size == 0))
        return false;
    if (binding != SASL_BINDING_NONE && gsasl_base64_to((const char *)data, size, &text, NULL) != GSASL_OK)
        return false;
    free_text(&s->bound_data);
    bool copied = copy_text(&s->bound_data, text);
    s->bound = copied ? binding : SASL_BINDING_NONE;
    wipe_text(text);
    gsasl_free(text);
    return copied;
}

bool sasl_gnu_certified(sasl_gnu *s, const char *identity)
{
    free_text(&s->certified);
    return copy_text(&s->certified, identity);
}

void sasl_gnu_iterations(sasl_gnu *s, uint32_t iterations)
{
    s->iterations = iterations;
}
