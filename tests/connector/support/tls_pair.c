/* SPDX-License-Identifier: MIT */
#include "../../support/cmocka.h"

#include "tls_pair.h"

#include <openssl/err.h>
#include <string.h>

static int believe(X509_STORE_CTX *store, void *context)
{
    (void)store, (void)context;
    return 1;
}

end end_bare(bool receiving, const certificate *c, int version)
{
    end e = {.context = SSL_CTX_new(receiving ? TLS_server_method() : TLS_client_method())};
    BIO *inside = NULL;
    assert_non_null(e.context);
    SSL_CTX_set_cert_verify_callback(e.context, believe, NULL);
    if (version) {
        SSL_CTX_set_min_proto_version(e.context, version);
        SSL_CTX_set_max_proto_version(e.context, version);
    }
    SSL_CTX_set_security_level(e.context, 0);
    if (c) {
        assert_int_equal(SSL_CTX_use_certificate(e.context, c->x509), 1);
        assert_int_equal(SSL_CTX_use_PrivateKey(e.context, c->key), 1);
        if (c->issuer)
            assert_int_equal(SSL_CTX_add1_chain_cert(e.context, c->issuer), 1);
    }
    e.bare = SSL_new(e.context);
    assert_int_equal(BIO_new_bio_pair(&inside, 1 << 20, &e.network, 1 << 20), 1);
    SSL_set_bio(e.bare, inside, inside);
    if (receiving)
        SSL_set_accept_state(e.bare);
    else
        SSL_set_connect_state(e.bare);
    return e;
}

end end_own(const tls_settings *settings)
{
    const char *why = NULL;
    end e = {.own = tls_new(settings, &why)};
    if (!e.own)
        fail_msg("%s", why);
    return e;
}

void end_free(end *e)
{
    tls_free(e->own);
    SSL_free(e->bare);
    SSL_CTX_free(e->context);
    BIO_free(e->network);
    *e = (end){0};
}

static size_t give(end *to, const uint8_t *bytes, size_t size)
{
    if (!to)
        return size;
    if (to->own)
        return tls_received(to->own, bytes, size);
    int count = BIO_write(to->network, bytes, (int)size);
    return count > 0 ? (size_t)count : 0;
}

size_t end_carry(end *from, end *to, size_t chunk)
{
    const uint8_t *bytes = NULL;
    char *data = NULL;
    size_t size = 0;
    if (from->own) {
        size = tls_output(from->own, &bytes);
    } else {
        int count = BIO_nread0(from->network, &data);
        bytes = (const uint8_t *)data;
        size = count > 0 ? (size_t)count : 0;
    }
    size = size > 0 ? give(to, bytes, chunk && chunk < size ? chunk : size) : 0;
    if (from->own)
        tls_sent(from->own, size);
    else if (size > 0)
        BIO_nread(from->network, &data, (int)size);
    return size;
}

static tls_status bare_status(const end *e, int result)
{
    switch (SSL_get_error(e->bare, result)) {
    case SSL_ERROR_WANT_READ: return TLS_WANT_INPUT;
    case SSL_ERROR_WANT_WRITE: return TLS_WANT_OUTPUT;
    case SSL_ERROR_ZERO_RETURN: return TLS_CLOSED;
    default: return TLS_FAILED;
    }
}

static void go_on(end *e)
{
    if (e->own) {
        e->status = tls_handshake(e->own);
    } else {
        ERR_clear_error();
        int result = SSL_do_handshake(e->bare);
        e->status = result == 1 ? TLS_OK : bare_status(e, result);
    }
}

void end_handshake(end *a, end *b, size_t chunk)
{
    size_t moved = 1;
    while (moved > 0) {
        go_on(a);
        go_on(b);
        moved = end_carry(a, b, chunk) + end_carry(b, a, chunk);
    }
}

void end_read(end *e)
{
    uint8_t plain[20000];
    size_t count = 0;
    e->read_size = 0;
    for (;;) {
        if (e->own) {
            e->status = tls_read(e->own, plain, sizeof plain, &count);
        } else {
            ERR_clear_error();
            int result = SSL_read_ex(e->bare, plain, sizeof plain, &count);
            e->status = result == 1 ? TLS_OK : bare_status(e, result);
        }
        if (e->status != TLS_OK)
            return;
        for (size_t i = 0; i < count; i++) {
            e->read_sum = e->read_sum * 31 + plain[i];
            if (e->read_size < sizeof e->read - 1)
                e->read[e->read_size++] = (char)plain[i];
        }
        e->read[e->read_size] = 0;
        e->read_total += count;
    }
}

size_t end_write(end *e, const char *bytes, size_t size)
{
    size_t count = 0;
    if (e->own)
        (void)tls_write(e->own, (const uint8_t *)bytes, size, &count);
    else if (SSL_write_ex(e->bare, bytes, size, &count) != 1)
        count = 0;
    return count;
}

bool end_is_done(const end *e)
{
    return e->own ? tls_handshake(e->own) == TLS_OK : SSL_is_init_finished(e->bare);
}

const char *end_failure(const end *e, tls_failure_kind kind)
{
    const char *text = NULL;
    assert_int_equal(tls_failure(e->own, &text), kind);
    return text;
}

tls_identity *pair_identity;
char pair_pem[4096];

int pair_make(void **state)
{
    (void)state;
    const char *why = NULL;
    pair_identity = tls_identity_made(PAIR_DOMAIN, &why);
    return pair_identity && tls_identity_pem(pair_identity, pair_pem, sizeof pair_pem) > 0 ? 0 : -1;
}

int pair_unmake(void **state)
{
    (void)state;
    tls_identity_free(pair_identity);
    return 0;
}

tls_settings pair_initiating(void)
{
    return (tls_settings){.domain = PAIR_DOMAIN, .ca_pem = pair_pem};
}

tls_settings pair_receiving(void)
{
    return (tls_settings){.receiving = true, .identity = pair_identity};
}

void pair_connect(end *a, end *b, const tls_settings *first, const tls_settings *second)
{
    *a = end_own(first);
    *b = end_own(second);
    end_handshake(a, b, 0);
    assert_int_equal(a->status, TLS_OK);
    assert_int_equal(b->status, TLS_OK);
}

void pair_send(end *from, end *to)
{
    while (end_carry(from, to, 0) > 0)
        ;
}

void pair_free(end *a, end *b)
{
    end_free(a);
    end_free(b);
}
