/* test_tls.c - TLS over memory: both ends of tls.h, and each against bare OpenSSL
 *
 * SPDX-License-Identifier: MIT */
#include "../support/cmocka.h"

#include "support/tls_pair.h"

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- What goes well ---------------------------------------------------------------------------------------------- */

static void bindings_agree(const end *a, const end *b, int version)
{
    uint8_t first_binding[TLS_BINDING_MAX], second_binding[TLS_BINDING_MAX];
    size_t size = 0, second_size = 0;
    assert_int_equal(tls_binding(a->own, first_binding, sizeof first_binding, &size),
                     version == 12 ? SASL_BINDING_TLS_UNIQUE : SASL_BINDING_TLS_EXPORTER);
    assert_int_equal(tls_binding(b->own, second_binding, sizeof second_binding, &second_size),
                     version == 12 ? SASL_BINDING_TLS_UNIQUE : SASL_BINDING_TLS_EXPORTER);
    assert_int_equal(size, second_size);
    assert_int_equal(size, version == 12 ? 12 : 32);
    assert_memory_equal(first_binding, second_binding, size);
    assert_int_equal(tls_binding(a->own, first_binding, 8, &size), SASL_BINDING_NONE);
    assert_int_equal(size, 0);
}

static void both_ends_agree(int version, bool direct, bool server, size_t chunk)
{
    tls_settings first = pair_initiating(), second = pair_receiving();
    first.min_version = first.max_version = version;
    first.direct = second.direct = direct;
    first.server = second.server = server;
    second.ca_pem = pair_pem;
    end a = end_own(&first), b = end_own(&second);
    end_handshake(&a, &b, chunk);
    assert_true(end_is_done(&a));
    assert_true(end_is_done(&b));
    const tls_facts *facts = tls_facts_of(a.own);
    assert_string_equal(facts->version, version == 12 ? "TLSv1.2" : "TLSv1.3");
    assert_string_equal(facts->alpn, !direct ? "" : server ? "xmpp-server" : "xmpp-client");
    assert_string_equal(facts->names, PAIR_DOMAIN);
    assert_string_equal(facts->issuer, "CN=Made on the spot");
    assert_int_equal(strlen(facts->expiry), 20);
    assert_true(facts->verified);
    assert_true(facts->extended_master_secret);
    assert_true(*facts->cipher != 0);
    assert_string_equal(tls_facts_of(b.own)->names, "");
    assert_false(tls_facts_of(b.own)->verified);

    bindings_agree(&a, &b, version);
    assert_int_equal(end_write(&a, "juliet", 6), 6);
    assert_int_equal(end_write(&b, "romeo", 5), 5);
    while (end_carry(&a, &b, chunk) + end_carry(&b, &a, chunk) > 0)
        ;
    end_read(&a);
    end_read(&b);
    assert_string_equal(a.read, "romeo");
    assert_string_equal(b.read, "juliet");

    tls_close(a.own);
    tls_close(a.own);
    assert_true(tls_closed(a.own));
    pair_send(&a, &b);
    end_read(&b);
    assert_int_equal(b.status, TLS_CLOSED);
    end_read(&a);
    assert_int_equal(a.status, TLS_WANT_INPUT); /* ours is not theirs */
    tls_close(b.own);
    pair_send(&b, &a);
    tls_ended(a.own);
    end_read(&a);
    assert_int_equal(a.status, TLS_CLOSED);
    (void)end_failure(&a, TLS_FAILURE_NONE);
    (void)end_failure(&b, TLS_FAILURE_NONE);
    pair_free(&a, &b);
}

static void both_ends_agree_in_every_way(void **state)
{
    (void)state;
    static const size_t chunks[] = {0, 1, 7};
    for (int version = 12; version <= 13; version++)
        for (int way = 0; way < 4; way++)
            for (size_t i = 0; i < 3; i++)
                both_ends_agree(version, way & 1, way & 2, chunks[i]);
}

static void newest_version_is_taken(void **state)
{
    (void)state;
    tls_settings first = pair_initiating(), second = pair_receiving();
    end a, b;
    pair_connect(&a, &b, &first, &second);
    assert_string_equal(tls_facts_of(a.own)->version, "TLSv1.3");
    pair_free(&a, &b);
    second.max_version = 12;
    pair_connect(&a, &b, &first, &second);
    assert_string_equal(tls_facts_of(a.own)->version, "TLSv1.2");
    pair_free(&a, &b);
}

/* More than all buffers hold, with a reader that is slow: nothing is lost, and nobody takes more than TLS_BUFFER. */
static void buffers_are_bounded(void **state)
{
    (void)state;
    static char bytes[1000000];
    uint64_t sum = 0;
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (char)(i * 7 >> 3);
        sum = sum * 31 + (uint8_t)bytes[i];
    }
    for (int version = 12; version <= 13; version++) {
        tls_settings first = pair_initiating(), second = pair_receiving();
        second.max_version = version;
        end a, b;
        pair_connect(&a, &b, &first, &second);
        size_t written = 0, count = 0, waiting = 0;
        while ((count = end_write(&a, bytes + written, sizeof bytes - written)) > 0)
            written += count;
        assert_true(written > 16384 && written < TLS_BUFFER);
        while ((count = end_carry(&a, &b, 0)) > 0)
            waiting += count;
        while ((count = end_write(&a, bytes + written, sizeof bytes - written)) > 0)
            written += count;
        while ((count = end_carry(&a, &b, 0)) > 0)
            waiting += count;
        assert_true(waiting <= TLS_BUFFER);
        while (b.read_total < sizeof bytes) {
            written += end_write(&a, bytes + written, sizeof bytes - written);
            end_carry(&a, &b, 0);
            end_read(&b);
            assert_int_equal(b.status, TLS_WANT_INPUT);
        }
        assert_true(b.read_sum == sum);
        pair_free(&a, &b);
    }
}

static void identity_may_go_before_its_sessions(void **state)
{
    (void)state;
    const char *why = NULL;
    char pem[4096];
    tls_identity *identity = tls_identity_made("b\xc3\xbc"
                                               "cher.example.",
                                               &why);
    assert_non_null(identity);
    assert_true(tls_identity_pem(identity, pem, sizeof pem) > 0);
    assert_int_equal(tls_identity_pem(identity, pem, 20), 0);
    assert_true(tls_identity_pem(identity, pem, sizeof pem) > 0);
    assert_null(strstr(pem, "PRIVATE"));
    tls_settings first = {.domain = "B\xc3\x9c"
                                    "CHER.example",
                          .ca_pem = pem};
    tls_settings second = {.receiving = true, .identity = identity};
    end a = end_own(&first), b = end_own(&second);
    tls_identity_free(identity);
    end_handshake(&a, &b, 0);
    assert_int_equal(a.status, TLS_OK);
    assert_string_equal(tls_facts_of(a.own)->names, "xn--bcher-kva.example");
    pair_free(&a, &b);
}

static void addresses_are_domains_too(void **state)
{
    (void)state;
    static const char *const addresses[] = {"127.0.0.1", "::1", "[::1]"};
    for (size_t i = 0; i < 3; i++) {
        const char *why = NULL;
        char pem[4096];
        tls_identity *identity = tls_identity_made(addresses[i], &why);
        assert_non_null(identity);
        assert_true(tls_identity_pem(identity, pem, sizeof pem) > 0);
        tls_settings first = {.domain = addresses[i], .ca_pem = pem},
                     second = {.receiving = true, .identity = identity};
        end a, b;
        pair_connect(&a, &b, &first, &second);
        assert_string_equal(tls_facts_of(a.own)->names, i == 0 ? "127.0.0.1" : "::1");
        pair_free(&a, &b);
        first.domain = "127.0.0.2";
        a = end_own(&first);
        b = end_own(&second);
        end_handshake(&a, &b, 0);
        (void)end_failure(&a, TLS_FAILURE_CERTIFICATE);
        pair_free(&a, &b);
        tls_identity_free(identity);
    }
}

/* ---- Channel binding --------------------------------------------------------------------------------------------- */

/* By what bare OpenSSL says of the same connection; another connection has another one. */
static void bindings_are_what_the_rfcs_say(void **state)
{
    (void)state;
    uint8_t before[TLS_BINDING_MAX] = {0};
    certificate_wish wish = {.common_name = "peer", .names = "DNS:" PAIR_DOMAIN};
    certificate c = certificate_make(&wish);
    char pem[4096];
    certificate_pem(&c, pem, sizeof pem);
    for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++)
        for (int i = 0; i < 4; i++) {
            bool own_receives = i & 1;
            tls_settings settings = own_receives ? pair_receiving() : pair_initiating();
            settings.ca_pem = pem;
            end a = end_own(&settings), b = end_bare(!own_receives, own_receives ? NULL : &c, version);
            uint8_t binding[TLS_BINDING_MAX], expected[TLS_BINDING_MAX];
            size_t size = 0, expected_size = 32;
            assert_int_equal(tls_binding(a.own, binding, sizeof binding, &size), SASL_BINDING_NONE); /* too early */
            end_handshake(&a, &b, 0);
            sasl_binding kind = tls_binding(a.own, binding, sizeof binding, &size);
            if (version == TLS1_3_VERSION) {
                assert_int_equal(kind, SASL_BINDING_TLS_EXPORTER);
                assert_int_equal(SSL_export_keying_material(b.bare, expected, 32, "EXPORTER-Channel-Binding", 24,
                                                            (const unsigned char *)"", 0, 1),
                                 1);
            } else {
                assert_int_equal(kind, SASL_BINDING_TLS_UNIQUE);
                expected_size = own_receives ? SSL_get_finished(b.bare, expected, sizeof expected)
                                             : SSL_get_peer_finished(b.bare, expected, sizeof expected);
            }
            assert_int_equal(size, expected_size);
            assert_memory_equal(binding, expected, size);
            assert_memory_not_equal(binding, before, size);
            memcpy(before, binding, size);
            pair_free(&a, &b);
        }
    certificate_free(&c);
}

static void no_tls_unique_without_extended_master_secret(void **state)
{
    (void)state;
    certificate_wish wish = {.common_name = "peer", .names = "DNS:" PAIR_DOMAIN};
    certificate c = certificate_make(&wish);
    char pem[4096];
    uint8_t binding[TLS_BINDING_MAX];
    size_t size = 1;
    certificate_pem(&c, pem, sizeof pem);
    tls_settings settings = pair_initiating();
    settings.ca_pem = pem;
    end a = end_own(&settings), b = end_bare(true, &c, TLS1_2_VERSION);
    SSL_set_options(b.bare, SSL_OP_NO_EXTENDED_MASTER_SECRET);
    end_handshake(&a, &b, 0);
    assert_int_equal(a.status, TLS_OK);
    assert_false(tls_facts_of(a.own)->extended_master_secret);
    assert_int_equal(tls_binding(a.own, binding, sizeof binding, &size), SASL_BINDING_NONE);
    assert_int_equal(size, 0);
    pair_free(&a, &b);
    certificate_free(&c);
}

/* ---- What goes wrong --------------------------------------------------------------------------------------------- */

static void no_common_version(void **state)
{
    (void)state;
    tls_settings first = pair_initiating(), second = pair_receiving();
    first.min_version = 13;
    second.max_version = 12;
    end a = end_own(&first), b = end_own(&second);
    end_handshake(&a, &b, 0);
    assert_string_equal(end_failure(&a, TLS_FAILURE_ALERT), "the peer's alert: protocol version");
    assert_string_equal(end_failure(&b, TLS_FAILURE_HANDSHAKE), "unsupported protocol");
    pair_free(&a, &b);
    static const int versions[] = {TLS1_VERSION, TLS1_1_VERSION};
    for (size_t i = 0; i < 2; i++) {
        second.max_version = 0;
        a = end_bare(false, NULL, versions[i]);
        b = end_own(&second);
        end_handshake(&a, &b, 0);
        (void)end_failure(&b, TLS_FAILURE_HANDSHAKE);
        assert_int_equal(a.status, TLS_FAILED);
        pair_free(&a, &b);
    }
    const char *why = NULL;
    first.max_version = 12;
    assert_null(tls_new(&first, &why));
    assert_string_equal(why, "no TLS version is left");
}

static void peers_that_do_not_speak_tls(void **state)
{
    (void)state;
    static const char *const texts[] = {"HTTP/1.1 400 Bad Request\r\n\r\n", "<stream:stream xmlns='jabber:client'>",
                                        "\x16\x03\x01\xff\xff\xff\xff\xff\xff\xff", "SSH-2.0-OpenSSH_9.2p1\r\n"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        for (int side = 0; side < 2; side++) {
            tls_settings settings = side ? pair_receiving() : pair_initiating();
            end a = end_own(&settings);
            assert_true(tls_handshake(a.own) == TLS_WANT_INPUT);
            assert_int_equal(tls_received(a.own, (const uint8_t *)texts[i], strlen(texts[i])), strlen(texts[i]));
            assert_int_equal(tls_handshake(a.own), TLS_FAILED);
            assert_true(strlen(end_failure(&a, TLS_FAILURE_HANDSHAKE)) > 0);
            end_free(&a);
        }
}

/* A receiving entity says "romeo" and closes; the network ends after `cut` bytes of what it sends. How many came. */
static size_t end_after(size_t cut, int version)
{
    tls_settings first = pair_initiating(), second = pair_receiving();
    second.max_version = version;
    end a = end_own(&first), b = end_own(&second);
    size_t came = 0, moved = 1;
    bool written = false;
    while (moved > 0 && came < cut) {
        (void)tls_handshake(a.own);
        (void)tls_handshake(b.own);
        if (end_is_done(&b) && !written) {
            assert_int_equal(end_write(&b, "romeo", 5), 5);
            tls_close(b.own);
            written = true;
        }
        moved = end_carry(&b, &a, cut - came);
        came += moved;
        moved += end_carry(&a, &b, 0);
    }
    tls_ended(a.own);
    bool done = tls_handshake(a.own) == TLS_OK;
    end_read(&a);
    if (!done)
        assert_string_equal(end_failure(&a, TLS_FAILURE_HANDSHAKE), "the connection ended during the handshake");
    else if (a.status == TLS_FAILED)
        assert_string_equal(end_failure(&a, TLS_FAILURE_TRUNCATED), "the connection ended without close_notify");
    else
        assert_int_equal(a.status, TLS_CLOSED);
    assert_true(a.read_total == 0 || strcmp(a.read, "romeo") == 0);
    bool closed = a.status == TLS_CLOSED;
    pair_free(&a, &b);
    return closed ? came : 0;
}

/* In the handshake that is a failure of it; after it the stream is truncated, however little of close_notify lacks. */
static void the_network_ends_at_every_byte(void **state)
{
    (void)state;
    for (int version = 12; version <= 13; version++) {
        size_t total = end_after(SIZE_MAX, version);
        assert_true(total > 200);
        /* Signatures differ in length by a few bytes */
        for (size_t cut = 0; cut < total - 12; cut += cut + 150 < total ? 37 : 1)
            assert_int_equal(end_after(cut, version), 0);
    }
}

static void damaged_records_are_refused(void **state)
{
    (void)state;
    for (int version = 12; version <= 13; version++)
        for (size_t at = 0; at < 26; at += 5) {
            tls_settings first = pair_initiating(), second = pair_receiving();
            second.max_version = version;
            end a, b;
            pair_connect(&a, &b, &first, &second);
            uint8_t record[256];
            const uint8_t *bytes = NULL;
            assert_int_equal(end_write(&b, "romeo", 5), 5);
            size_t size = tls_output(b.own, &bytes);
            assert_true(size > 26 && size < sizeof record);
            memcpy(record, bytes, size);
            record[at] ^= 0x40;
            assert_int_equal(tls_received(a.own, record, size), size);
            end_read(&a);
            if (a.status == TLS_WANT_INPUT) { /* a larger length: the rest never comes */
                tls_ended(a.own);
                end_read(&a);
                (void)end_failure(&a, TLS_FAILURE_TRUNCATED);
            } else {
                (void)end_failure(&a, TLS_FAILURE_RECORD);
                pair_send(&a, &b); /* the alert */
                end_read(&b);
                (void)end_failure(&b, TLS_FAILURE_ALERT);
            }
            assert_int_equal(a.read_total, 0);
            end_read(&a);
            assert_int_equal(a.status, TLS_FAILED); /* for good */
            assert_int_equal(end_write(&a, "x", 1), 0);
            pair_free(&a, &b);
        }
}

/* RFC 8446 6.1: what the peer sends after our close_notify is still read, whatever records come between. */
static void reading_goes_on_after_close(void **state)
{
    (void)state;
    certificate_wish wish = {.common_name = "x", .names = "DNS:" PAIR_DOMAIN};
    certificate c = certificate_make(&wish);
    char pem[4096];
    certificate_pem(&c, pem, sizeof pem);
    for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++)
        for (int ended = 0; ended < 2; ended++) {
            tls_settings settings = pair_initiating();
            settings.ca_pem = pem;
            end a = end_own(&settings), b = end_bare(true, &c, version);
            size_t count = 0;
            end_handshake(&a, &b, 0);
            tls_close(a.own);
            assert_int_equal(tls_write(a.own, (const uint8_t *)"x", 1, &count), TLS_CLOSED);
            for (int i = 0; i < 20; i++) {
                if (version == TLS1_3_VERSION)
                    assert_int_equal(SSL_key_update(b.bare, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
                assert_int_equal(end_write(&b, "</stream:stream>", 16), 16);
            }
            SSL_shutdown(b.bare);
            pair_send(&b, &a);
            if (ended)
                tls_ended(a.own);
            end_read(&a);
            assert_int_equal(a.read_total, 20 * 16);
            assert_int_equal(a.status, TLS_CLOSED);
            assert_int_equal(tls_received(a.own, (const uint8_t *)"clear", 5), 5); /* and dropped */
            end_read(&a);
            assert_int_equal(a.read_size, 0);
            pair_free(&a, &b);
        }
    certificate_free(&c);
}

static void close_waits_for_room(void **state)
{
    (void)state;
    tls_settings first = pair_initiating(), second = pair_receiving();
    end a = end_own(&first), b = end_own(&second);
    tls_close(a.own); /* before there is anything to close */
    assert_false(tls_closed(a.own));
    end_handshake(&a, &b, 0);
    assert_int_equal(a.status, TLS_OK);
    static const char bytes[16384];
    size_t count = 0, total = 0;
    tls_status status = TLS_OK;
    while ((status = tls_write(a.own, (const uint8_t *)bytes, sizeof bytes, &count)) == TLS_OK)
        total += count;
    assert_int_equal(status, TLS_WANT_OUTPUT);
    tls_close(a.own);
    while (!tls_closed(a.own)) {
        assert_true(end_carry(&a, &b, 0) > 0);
        end_read(&b);
    }
    pair_send(&a, &b);
    end_read(&b);
    assert_int_equal(b.status, TLS_CLOSED);
    assert_int_equal(b.read_total, total);
    pair_free(&a, &b);
}

/* A peer that asks for an answer to each of very many key updates, and takes none of the answers. */
static void answers_that_nobody_takes_are_bounded(void **state)
{
    (void)state;
    tls_settings second = pair_receiving();
    end a = end_bare(false, NULL, TLS1_3_VERSION), b = end_own(&second);
    end_handshake(&a, &b, 0);
    assert_true(end_is_done(&b));
    size_t asked = 0, moved = 1;
    while (moved > 0 && asked < 10000) {
        assert_int_equal(SSL_key_update(a.bare, SSL_KEY_UPDATE_REQUESTED), 1);
        assert_int_equal(end_write(&a, "x", 1), 1);
        asked++;
        moved = end_carry(&a, &b, 0);
        end_read(&b);
    }
    assert_true(asked < 10000); /* the answers are full, so the questions are no longer taken */
    assert_int_equal(b.status, TLS_WANT_OUTPUT);
    size_t count = 0;
    assert_int_equal(tls_write(b.own, (const uint8_t *)"y", 1, &count), TLS_WANT_OUTPUT);
    for (moved = 1; moved > 0; end_read(&b))
        moved = end_carry(&b, &a, 0) + end_carry(&a, &b, 0);
    assert_int_equal(b.status, TLS_WANT_INPUT);
    assert_int_equal(b.read_total, asked);
    pair_free(&a, &b);
}

/* ---- What is never done ------------------------------------------------------------------------------------------ */

static unsigned tickets;

static int on_session(SSL *ssl, SSL_SESSION *session)
{
    (void)ssl;
    tickets += SSL_SESSION_is_resumable(session) == 1;
    return 0;
}

static void nothing_is_resumed(void **state)
{
    (void)state;
    for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++) {
        tls_settings second = pair_receiving();
        end a = end_bare(false, NULL, version), b = end_own(&second);
        tickets = 0;
        SSL_CTX_set_session_cache_mode(a.context, SSL_SESS_CACHE_CLIENT);
        SSL_CTX_sess_set_new_cb(a.context, on_session);
        end_handshake(&a, &b, 0);
        assert_true(end_is_done(&b));
        end_write(&b, "x", 1);
        pair_send(&b, &a);
        end_read(&a);
        assert_string_equal(a.read, "x");
        assert_int_equal(tickets, 0);
        SSL_SESSION *session = SSL_get1_session(a.bare);
        assert_int_equal(SSL_SESSION_is_resumable(session), 0);
        SSL_SESSION_free(session);
        pair_free(&a, &b);
    }
}

static void nothing_is_renegotiated(void **state)
{
    (void)state;
    tls_settings second = pair_receiving();
    end a = end_bare(false, NULL, TLS1_2_VERSION), b = end_own(&second);
    end_handshake(&a, &b, 0);
    assert_true(end_is_done(&b));
    assert_int_equal(SSL_renegotiate(a.bare), 1);
    (void)SSL_do_handshake(a.bare);
    pair_send(&a, &b);
    end_read(&b);
    pair_send(&b, &a);
    end_read(&a);
    assert_int_equal(a.status, TLS_FAILED);
    pair_free(&a, &b);
}

static void nothing_is_renegotiated_by_the_receiving_entity(void **state)
{
    (void)state;
    certificate_wish wish = {.common_name = "x", .names = "DNS:" PAIR_DOMAIN};
    certificate c = certificate_make(&wish);
    char pem[4096];
    const uint8_t *bytes = NULL;
    certificate_pem(&c, pem, sizeof pem);
    tls_settings first = pair_initiating();
    first.ca_pem = pem;
    end a = end_own(&first), b = end_bare(true, &c, TLS1_2_VERSION);
    end_handshake(&a, &b, 0);
    assert_int_equal(a.status, TLS_OK);
    assert_int_equal(SSL_renegotiate(b.bare), 1);
    (void)SSL_do_handshake(b.bare);
    pair_send(&b, &a);
    end_read(&a);
    assert_int_equal(a.status, TLS_WANT_INPUT);
    assert_true(tls_output(a.own, &bytes) < 64); /* an alert, no handshake */
    pair_send(&a, &b);
    end_read(&b);
    assert_int_equal(b.status, TLS_FAILED);
    pair_free(&a, &b);
    certificate_free(&c);
}

static char seen_name[256];

static int on_name(SSL *ssl, int *alert, void *context)
{
    (void)alert, (void)context;
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    snprintf(seen_name, sizeof seen_name, "%s", name ? name : "");
    return SSL_TLSEXT_ERR_OK;
}

static void server_name_is_the_domain(void **state)
{
    (void)state;
    static const struct {
        const char *domain, *seen;
    } rows[] = {{"im.Example.com.", "im.example.com"},
                {"b\xc3\xbc"
                 "cher.example",
                 "xn--bcher-kva.example"},
                {"127.0.0.1", ""},
                {"[::1]", ""}};
    certificate_wish wish = {.common_name = "x", .names = "DNS:x"};
    certificate c = certificate_make(&wish);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tls_settings first = pair_initiating();
        first.domain = rows[i].domain;
        end a = end_own(&first), b = end_bare(true, &c, 0);
        snprintf(seen_name, sizeof seen_name, "not called");
        SSL_CTX_set_tlsext_servername_callback(b.context, on_name);
        end_handshake(&a, &b, 0);
        assert_string_equal(seen_name, rows[i].seen);
        pair_free(&a, &b);
    }
    certificate_free(&c);
    const char *why = NULL;
    static const char *const wrong[] = {"", ".", "a..b", "a b", "im.example.com/x", "im.example.com\r\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        tls_settings first = pair_initiating();
        first.domain = wrong[i];
        assert_null(tls_new(&first, &why));
        assert_string_equal(why, "the domain is no domain name");
        assert_null(tls_identity_made(wrong[i], &why));
    }
    tls_settings none = {.receiving = true};
    assert_null(tls_new(&none, &why));
    assert_string_equal(why, "the receiving entity has no certificate");
}

static int select_other(SSL *ssl, const unsigned char **out, unsigned char *size, const unsigned char *in,
                        unsigned in_size, void *context)
{
    (void)ssl, (void)in, (void)in_size, (void)context;
    *out = (const unsigned char *)"http/1.1";
    *size = 8;
    return SSL_TLSEXT_ERR_OK;
}

static void protocols_of_alpn(void **state)
{
    (void)state;
    certificate_wish wish = {.common_name = "x", .names = "DNS:" PAIR_DOMAIN};
    certificate c = certificate_make(&wish);
    char pem[4096];
    certificate_pem(&c, pem, sizeof pem);
    tls_settings first = pair_initiating(), second = pair_receiving();
    first.ca_pem = pem;
    first.direct = second.direct = true;
    end a = end_own(&first), b = end_bare(true, &c, 0); /* one that knows nothing of ALPN, as Prosody */
    end_handshake(&a, &b, 0);
    assert_int_equal(a.status, TLS_OK);
    assert_string_equal(tls_facts_of(a.own)->alpn, "");
    pair_free(&a, &b);

    a = end_own(&first);
    b = end_bare(true, &c, 0);
    SSL_CTX_set_alpn_select_cb(b.context, select_other, NULL);
    end_handshake(&a, &b, 0);
    assert_int_equal(a.status, TLS_FAILED);
    (void)end_failure(&a, TLS_FAILURE_HANDSHAKE);
    pair_free(&a, &b);

    static const struct {
        const char *offered;
        bool right;
    } rows[] = {{"\x08http/1.1", false},
                {"\x0bxmpp-server", false},
                {"\x08http/1.1\x0bxmpp-client", true},
                {"\x01x\x0axmpp-clien", false},
                {NULL, true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        a = end_bare(false, NULL, 0);
        b = end_own(&second);
        if (rows[i].offered)
            SSL_set_alpn_protos(a.bare, (const unsigned char *)rows[i].offered, (unsigned)strlen(rows[i].offered));
        end_handshake(&a, &b, 0);
        assert_int_equal(b.status, rows[i].right ? TLS_OK : TLS_FAILED);
        assert_int_equal(a.status, rows[i].right ? TLS_OK : TLS_FAILED);
        pair_free(&a, &b);
    }
    certificate_free(&c);
}

static void alerts_are_told(void **state)
{
    (void)state;
    tls_settings first = pair_initiating(), second = pair_receiving();
    first.domain = "example.org";
    end a = end_own(&first), b = end_own(&second);
    end_handshake(&a, &b, 0);
    assert_string_equal(end_failure(&a, TLS_FAILURE_CERTIFICATE),
                        "the certificate is for " PAIR_DOMAIN ", not for example.org");
    if (tls_handshake(b.own) == TLS_OK)
        end_read(&b);
    assert_string_equal(end_failure(&b, TLS_FAILURE_ALERT), "the peer's alert: bad certificate");
    pair_free(&a, &b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ends_agree_in_every_way),
        cmocka_unit_test(newest_version_is_taken),
        cmocka_unit_test(buffers_are_bounded),
        cmocka_unit_test(identity_may_go_before_its_sessions),
        cmocka_unit_test(addresses_are_domains_too),
        cmocka_unit_test(bindings_are_what_the_rfcs_say),
        cmocka_unit_test(no_tls_unique_without_extended_master_secret),
        cmocka_unit_test(no_common_version),
        cmocka_unit_test(peers_that_do_not_speak_tls),
        cmocka_unit_test(the_network_ends_at_every_byte),
        cmocka_unit_test(damaged_records_are_refused),
        cmocka_unit_test(reading_goes_on_after_close),
        cmocka_unit_test(close_waits_for_room),
        cmocka_unit_test(answers_that_nobody_takes_are_bounded),
        cmocka_unit_test(nothing_is_resumed),
        cmocka_unit_test(nothing_is_renegotiated),
        cmocka_unit_test(nothing_is_renegotiated_by_the_receiving_entity),
        cmocka_unit_test(server_name_is_the_domain),
        cmocka_unit_test(protocols_of_alpn),
        cmocka_unit_test(alerts_are_told),
    };
    return cmocka_run_group_tests(tests, pair_make, pair_unmake);
}
