/* SPDX-License-Identifier: MIT */
#include "sasl_scram.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *after_commas(const char *message, unsigned commas)
{
    while (commas > 0 && *message)
        commas -= *message++ == ',';
    return message;
}

bool scram_y_first(scram_y *y, Gsasl_hash hash, char *message, size_t size)
{
    scram_y_end(y);
    if (size < 3 || message[0] != 'n' || strlen(message) != size)
        return false;
    message[0] = 'y'; /* RFC 5802 6 */
    const char *bare = after_commas(message, 2);
    y->hash = hash;
    y->gs2_header = strndup(message, (size_t)(bare - message));
    y->first_bare = strdup(bare);
    return y->gs2_header && y->first_bare;
}

typedef struct keys {
    char salted[GSASL_HASH_MAX_SIZE], client[GSASL_HASH_MAX_SIZE], server[GSASL_HASH_MAX_SIZE];
    char stored[GSASL_HASH_MAX_SIZE];
} keys;

static bool make_keys(Gsasl_hash hash, const char *salted, keys *k)
{
    char *bytes = NULL;
    size_t size = 0;
    bool right = salted && gsasl_hex_from(salted, &bytes, &size) == GSASL_OK && size == gsasl_hash_length(hash);
    if (right) {
        memcpy(k->salted, bytes, size);
        right = gsasl_scram_secrets_from_salted_password(hash, k->salted, k->client, k->server, k->stored) == GSASL_OK;
    }
    if (bytes)
        explicit_bzero(bytes, size);
    gsasl_free(bytes);
    return right;
}

static bool sign(Gsasl_hash hash, const char *key, const char *message, uint8_t *signature)
{
    const EVP_MD *md = hash == GSASL_HASH_SHA1 ? EVP_sha1() : EVP_sha256();
    return HMAC(md, key, (int)gsasl_hash_length(hash), (const unsigned char *)message, strlen(message), signature,
                NULL);
}

/* "c=…,r=…": what GNU SASL wrote with c of the header that says y, up to ",p=". NULL: no memory. */
static char *without_proof(const scram_y *y, const char *message, size_t size)
{
    char *binding = NULL, *text = NULL;
    const char *nonce = memchr(message, ',', size);
    const char *proof = nonce ? memmem(nonce, size - (size_t)(nonce - message), ",p=", 3) : NULL;
    if (proof && gsasl_base64_to(y->gs2_header, strlen(y->gs2_header), &binding, NULL) == GSASL_OK &&
        asprintf(&text, "c=%s%.*s", binding, (int)(proof - nonce), nonce) < 0)
        text = NULL;
    gsasl_free(binding);
    return text;
}

/* RFC 5802 3: ClientProof and ServerSignature over the AuthMessage. */
static char *with_proof(scram_y *y, const keys *k, const char *server_first, size_t server_first_size,
                        const char *without)
{
    uint8_t proof[GSASL_HASH_MAX_SIZE] = {0};
    char *auth_message = NULL, *text = NULL, *message = NULL;
    if (asprintf(&auth_message, "%s,%.*s,%s", y->first_bare, (int)server_first_size, server_first, without) < 0)
        return NULL;
    if (sign(y->hash, k->stored, auth_message, proof) && sign(y->hash, k->server, auth_message, y->signature)) {
        for (size_t i = 0; i < gsasl_hash_length(y->hash); i++)
            proof[i] ^= (uint8_t)k->client[i];
        y->expected = gsasl_base64_to((const char *)proof, gsasl_hash_length(y->hash), &text, NULL) == GSASL_OK;
    }
    if (text && asprintf(&message, "%s,p=%s", without, text) < 0)
        message = NULL;
    free(auth_message);
    gsasl_free(text);
    return message;
}

bool scram_y_final(scram_y *y, const char *salted, const char *server_first, size_t server_first_size, char **message,
                   size_t *size)
{
    keys k = {{0}, {0}, {0}, {0}};
    char *without = without_proof(y, *message, *size), *amended = NULL;
    if (without && make_keys(y->hash, salted, &k))
        amended = with_proof(y, &k, server_first, server_first_size, without);
    explicit_bzero(&k, sizeof k);
    free(without);
    if (!amended)
        return false;
    gsasl_free(*message);
    *message = amended;
    *size = strlen(amended);
    return true;
}

bool scram_y_verify(const scram_y *y, const char *server_final, size_t size)
{
    char *signature = NULL;
    size_t signature_size = 0, length = gsasl_hash_length(y->hash);
    if (!y->expected || size < 2 || memcmp(server_final, "v=", 2) != 0)
        return false;
    const char *end = memchr(server_final, ',', size);
    size_t text_size = (end ? (size_t)(end - server_final) : size) - 2;
    bool same = sasl_base64_decode(server_final + 2, text_size, &signature, &signature_size) &&
                signature_size == length && CRYPTO_memcmp(signature, y->signature, length) == 0;
    gsasl_free(signature);
    return same;
}

void scram_y_end(scram_y *y)
{
    free(y->gs2_header);
    free(y->first_bare);
    explicit_bzero(y, sizeof *y);
}
