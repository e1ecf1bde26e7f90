/* SPDX-License-Identifier: MIT */
#include "sasl_scram.h"

#include <gsasl.h>
#include <string.h>

#define ITERATION_DIGITS 10 /* of the largest uint32_t */

bool sasl_base64_decode(const char *text, size_t text_size, char **data, size_t *size)
{
    char *again = NULL;
    size_t again_size = 0;
    *data = NULL;
    if (gsasl_base64_from(text, text_size, data, size) != GSASL_OK)
        return false;
    /* RFC 4648 3.5: what is canonical comes out of the encoder again */
    bool canonical = gsasl_base64_to(*data, *size, &again, &again_size) == GSASL_OK && again_size == text_size &&
                     memcmp(again, text, text_size) == 0;
    if (again)
        explicit_bzero(again, again_size);
    gsasl_free(again);
    if (!canonical) {
        explicit_bzero(*data, *size);
        gsasl_free(*data);
        *data = NULL;
    }
    return canonical;
}

/* What is left of a message. */
typedef struct cursor {
    const char *at, *end;
} cursor;

typedef struct value {
    const char *at;
    size_t size;
} value;

/* attr-val: ALPHA "=" value, and the comma after it, which something has to follow. */
static bool attribute(cursor *c, char letter, value *v)
{
    if (c->end - c->at < 3 || c->at[0] != letter || c->at[1] != '=')
        return false;
    const char *begin = c->at + 2;
    const char *comma = memchr(begin, ',', (size_t)(c->end - begin));
    *v = (value){begin, (size_t)((comma ? comma : c->end) - begin)};
    if (v->size == 0 || (comma && comma + 1 == c->end))
        return false;
    c->at = comma ? comma + 1 : c->end;
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* RFC 5802 5.1: unknown optional extensions are ignored, and m is never optional. p is the proof's, which is last. */
static bool extensions(cursor *c)
{
    value ignored;
    while (c->at != c->end)
        if (!is_letter(*c->at) || *c->at == 'm' || *c->at == 'p' || !attribute(c, *c->at, &ignored))
            return false;
    return true;
}

/* saslname: "=" only as =2C and =3D (RFC 5802 5.1) */
static bool is_saslname(value v)
{
    for (size_t i = 0; i < v.size; i++)
        if (v.at[i] == '=' && (v.size - i < 3 || (memcmp(v.at + i, "=2C", 3) != 0 && memcmp(v.at + i, "=3D", 3) != 0)))
            return false;
    return true;
}

static bool is_printable(value v)
{
    for (size_t i = 0; i < v.size; i++)
        if (v.at[i] < 0x21 || v.at[i] > 0x7e)
            return false;
    return true;
}

static bool is_base64(value v)
{
    char *data = NULL;
    size_t size = 0;
    if (!sasl_base64_decode(v.at, v.size, &data, &size))
        return false;
    explicit_bzero(data, size);
    gsasl_free(data);
    return true;
}

/* posit-number; 0 is none, UINT32_MAX anything that is larger. */
static uint32_t number(value v)
{
    uint64_t n = 0;
    for (size_t i = 0; i < v.size; i++) {
        if (v.at[i] < (i == 0 ? '1' : '0') || v.at[i] > '9')
            return 0;
        if (i < ITERATION_DIGITS)
            n = n * 10 + (uint64_t)(v.at[i] - '0');
    }
    return v.size > ITERATION_DIGITS || n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

/* RFC 5802 7: no value contains a NUL. GNU SASL's parser would stop at one. */
static bool begin(cursor *c, const char *message, size_t size)
{
    *c = (cursor){message, message + size};
    return size > 0 && !memchr(message, 0, size);
}

const char *scram_check_server_first(const char *message, size_t size, uint32_t iterations_min, uint32_t iterations_max)
{
    cursor c;
    value nonce, salt, iterations;
    if (!begin(&c, message, size))
        return "the server's first message of SCRAM is empty, or has a NUL";
    if (*message == 'm') /* RFC 5802 5.1 */
        return "the server asks for an extension of SCRAM that is not known";
    if (!attribute(&c, 'r', &nonce) || !is_printable(nonce) || !attribute(&c, 's', &salt) ||
        !attribute(&c, 'i', &iterations) || !extensions(&c))
        return "the server's first message of SCRAM is malformed";
    if (!is_base64(salt))
        return "the salt is not canonical base64";
    uint32_t count = number(iterations);
    if (count == 0)
        return "the number of iterations is malformed";
    if (count < iterations_min) /* RFC 7677 4: a password that is too cheap to guess; RFC 5802 9 */
        return "the server asks for too few iterations";
    if (count > iterations_max)
        return "the server asks for too many iterations";
    return NULL;
}

static const char *server_error(value v)
{
    static const struct {
        const char *name, *text;
    } errors[] = {
        {"invalid-encoding", "the server says: invalid-encoding"},
        {"extensions-not-supported", "the server says: extensions-not-supported"},
        {"invalid-proof", "the server says: invalid-proof"},
        {"channel-bindings-dont-match", "the server says: channel-bindings-dont-match"},
        {"server-does-support-channel-binding", "the server says: server-does-support-channel-binding"},
        {"channel-binding-not-supported", "the server says: channel-binding-not-supported"},
        {"unsupported-channel-binding-type", "the server says: unsupported-channel-binding-type"},
        {"unknown-user", "the server says: unknown-user"},
        {"invalid-username-encoding", "the server says: invalid-username-encoding"},
        {"no-resources", "the server says: no-resources"},
    };
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (strlen(errors[i].name) == v.size && memcmp(errors[i].name, v.at, v.size) == 0)
            return errors[i].text;
    return "the server says: other-error"; /* RFC 5802 7 */
}

const char *scram_check_server_final(const char *message, size_t size)
{
    cursor c;
    value v;
    if (!begin(&c, message, size))
        return "the server's signature is missing";
    if (attribute(&c, 'e', &v) && extensions(&c))
        return server_error(v);
    if (!attribute(&c, 'v', &v) || !extensions(&c))
        return "the server's last message of SCRAM is malformed";
    return is_base64(v) ? NULL : "the server's signature is not canonical base64";
}

/* gs2-cbind-flag "," [authzid] "," */
static const char *gs2_header(cursor *c, char flag, const char *binding)
{
    value name, authzid;
    char is = *c->at;
    if (is == 'p' ? flag != 'p' : flag == 'p' || (flag != 0 && is != flag)) /* RFC 5802 6 */
        return is == 'y' ? "the peer believes that no channel binding was offered (downgrade)"
                         : "the message says something else of channel binding than the mechanism";
    if (is == 'p') {
        if (!attribute(c, 'p', &name))
            return "the GS2 header is malformed";
        if (strlen(binding) != name.size || memcmp(binding, name.at, name.size) != 0)
            return "the channel binding is of another type than the connection has";
    } else if ((is != 'n' && is != 'y') || c->end - c->at < 3 || c->at[1] != ',') {
        return "the GS2 header is malformed";
    } else {
        c->at += 2;
    }
    if (c->at != c->end && *c->at == ',') {
        c->at++;
        return NULL;
    }
    return attribute(c, 'a', &authzid) && is_saslname(authzid) ? NULL : "the GS2 header is malformed";
}

const char *scram_check_client_first(const char *message, size_t size, char flag, const char *binding)
{
    cursor c;
    value username, nonce;
    if (!begin(&c, message, size))
        return "the client's first message of SCRAM is empty, or has a NUL";
    const char *wrong = gs2_header(&c, flag, binding);
    if (wrong)
        return wrong;
    if (c.at != c.end && *c.at == 'm') /* RFC 5802 5.1 */
        return "the client asks for an extension of SCRAM that is not known";
    if (!attribute(&c, 'n', &username) || !is_saslname(username) || !attribute(&c, 'r', &nonce) ||
        !is_printable(nonce) || !extensions(&c))
        return "the client's first message of SCRAM is malformed";
    return NULL;
}

const char *scram_check_client_final(const char *message, size_t size)
{
    cursor c;
    value binding, nonce, other, proof = {NULL, 0};
    if (!begin(&c, message, size))
        return "the client's last message of SCRAM is empty, or has a NUL";
    if (!attribute(&c, 'c', &binding) || !attribute(&c, 'r', &nonce))
        return "the client's last message of SCRAM is malformed";
    while (c.at != c.end && *c.at != 'p')
        if (!is_letter(*c.at) || *c.at == 'm' || !attribute(&c, *c.at, &other))
            return "the client's last message of SCRAM is malformed";
    if (!attribute(&c, 'p', &proof) || c.at != c.end)
        return "the client's last message of SCRAM is malformed";
    return is_base64(binding) && is_base64(proof) ? NULL : "an attribute of SCRAM is not canonical base64";
}
