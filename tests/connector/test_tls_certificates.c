/* test_tls_certificates.c - which certificates TLS takes, and for whom
 *
 * SPDX-License-Identifier: MIT */
#include "../support/cmocka.h"

#include "support/tls_pair.h"

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Certificates ------------------------------------------------------------------------------------------------ */

/* An initiating entity for `domain` that trusts `authority` meets `c`; the text of the failure, or NULL. */
static const char *meet(const certificate *c, const certificate *authority, const char *domain, bool server)
{
    static char text[2000];
    char pem[8192];
    certificate_pem(authority, pem, sizeof pem);
    for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++) {
        tls_settings settings = {.domain = domain, .ca_pem = pem, .server = server};
        end a = end_own(&settings), b = end_bare(true, c, version);
        end_handshake(&a, &b, 0);
        const char *why = NULL;
        tls_failure_kind kind = tls_failure(a.own, &why);
        bool right = a.status == TLS_OK;
        snprintf(text, sizeof text, "%s", why);
        assert_int_equal(kind, right ? TLS_FAILURE_NONE : TLS_FAILURE_CERTIFICATE);
        assert_int_equal(tls_facts_of(a.own)->verified, right);
        if (!right) { /* nothing goes on, and the other end is told why */
            uint8_t binding[TLS_BINDING_MAX];
            size_t size = 0, count = 0;
            assert_int_equal(tls_write(a.own, (const uint8_t *)"x", 1, &count), TLS_FAILED);
            assert_int_equal(tls_read(a.own, binding, sizeof binding, &count), TLS_FAILED);
            assert_int_equal(tls_handshake(a.own), TLS_FAILED);
            assert_int_equal(tls_binding(a.own, binding, sizeof binding, &size), SASL_BINDING_NONE);
            assert_int_equal(b.status == TLS_OK ? (end_read(&b), b.status) : b.status, TLS_FAILED);
        }
        pair_free(&a, &b);
        if (right && version == TLS1_3_VERSION)
            return NULL;
        assert_true(right || version == TLS1_2_VERSION);
        if (!right)
            return text;
    }
    return NULL;
}

#define XMPP_ADDR(text) "otherName:1.3.6.1.5.5.7.8.5;UTF8:" text
#define SRV_NAME(text) "otherName:1.3.6.1.5.5.7.8.7;IA5:" text

static void names_of_certificates(void **state)
{
    (void)state;
    static const struct {
        const char *names, *domain;
        bool server, right;
    } rows[] = {
        {"DNS:im.example.com", "im.example.com", false, true},
        {"DNS:IM.Example.Com", "im.example.COM.", false, true},
        {"DNS:example.org, DNS:im.example.com", "im.example.com", false, true},
        {"DNS:*.example.com", "im.example.com", false, true},
        {"DNS:*.example.com", "example.com", false, false},
        {"DNS:*.example.com", "a.im.example.com", false, false},
        {"DNS:i*.example.com", "im.example.com", false, false},
        {"DNS:*", "localhost", false, false},
        {"DNS:im.*.com", "im.example.com", false, false},
        {"DNS:xmpp.hosting.example", "im.example.com", false, false}, /* the SRV target */
        {"DNS:example.com", "im.example.com", false, false},
        {"DNS:im.example.com.attacker.example", "im.example.com", false, false},
        {"DNS:xn--bcher-kva.example",
         "b\xc3\xbc"
         "cher.example",
         false, true},
        {"DNS:xn--bcher-kva.example", "xn--bcher-kva.example", false, true},
        {XMPP_ADDR("im.example.com"), "im.example.com", false, true},
        {XMPP_ADDR("IM.example.com"), "im.example.com", false, true},
        {XMPP_ADDR("b\xfc"
                   "cher.example"),
         "xn--bcher-kva.example", false, true}, /* OpenSSL makes UTF-8 of it */
        {XMPP_ADDR("im.example.org"), "im.example.com", false, false},
        {XMPP_ADDR("juliet@im.example.com"), "im.example.com", false, false},
        {XMPP_ADDR("*.example.com"), "im.example.com", false, false},
        {SRV_NAME("_xmpp-client.im.example.com"), "im.example.com", false, true},
        {SRV_NAME("_xmpp-client.im.example.com"), "im.example.com", true, false},
        {SRV_NAME("_xmpp-server.im.example.com"), "im.example.com", true, true},
        {SRV_NAME("_xmpp-server.im.example.com"), "im.example.com", false, false},
        {SRV_NAME("_imap.im.example.com"), "im.example.com", false, false},
        {SRV_NAME("_xmpp-client."), "im.example.com", false, false},
        {"email:im.example.com@example.com", "im.example.com", false, false},
        {"URI:xmpp:im.example.com", "im.example.com", false, false},
        {"IP:127.0.0.1", "127.0.0.1", false, true},
        {"DNS:127.0.0.1", "127.0.0.1", false, false},
        {NULL, "im.example.com", false, false}, /* the common name alone */
    };
    certificate_wish authority_wish = {.common_name = "Authority", .authority = true};
    certificate authority = certificate_make(&authority_wish);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        certificate_wish wish = {.common_name = rows[i].domain, .names = rows[i].names, .issuer = &authority};
        certificate c = certificate_make(&wish);
        const char *text = meet(&c, &authority, rows[i].domain, rows[i].server);
        if ((text == NULL) != rows[i].right)
            fail_msg("%s for %s: %s", rows[i].names ? rows[i].names : "(none)", rows[i].domain, text ? text : "taken");
        if (text)
            assert_int_equal(strncmp(text, "the certificate is for ", 23), 0);
        certificate_free(&c);
    }
    certificate_free(&authority);
}

static void names_are_shown_escaped(void **state)
{
    (void)state;
    static const char raw[] = "im.example.com\0.attacker.example, \x1b[31m\xff";
    certificate_wish authority_wish = {.common_name = "A\x1b[31m\xc3\xa4", .authority = true};
    certificate authority = certificate_make(&authority_wish);
    certificate_wish wish = {.common_name = "x", .raw_name = raw, .raw_size = sizeof raw - 1, .issuer = &authority};
    certificate c = certificate_make(&wish);
    assert_string_equal(
        meet(&c, &authority, PAIR_DOMAIN, false),
        "the certificate is for im.example.com\\x00.attacker.example\\x2c\\x20\\x1b[31m\\xff, not for " PAIR_DOMAIN);
    char pem[8192];
    certificate_pem(&authority, pem, sizeof pem);
    tls_settings settings = {.domain = PAIR_DOMAIN, .ca_pem = pem};
    end a = end_own(&settings), b = end_bare(true, &c, 0);
    end_handshake(&a, &b, 0);
    const tls_facts *facts = tls_facts_of(a.own); /* of one that was refused, too */
    assert_string_equal(facts->names, "im.example.com\\x00.attacker.example\\x2c\\x20\\x1b[31m\\xff");
    for (const char *at = facts->issuer; *at; at++)
        assert_true(*at >= 0x20 && *at < 0x7f);
    assert_int_equal(strncmp(facts->issuer, "CN=A\\1B[31m", 11), 0);
    pair_free(&a, &b);
    certificate_free(&c);
    certificate_free(&authority);
}

static void certificates_that_are_refused(void **state)
{
    (void)state;
    certificate_wish authority_wish = {.common_name = "Authority", .authority = true};
    certificate_wish other_wish = {.common_name = "Authority", .authority = true};
    certificate authority = certificate_make(&authority_wish), other = certificate_make(&other_wish);
    const struct {
        certificate_wish wish;
        const char *text;
    } rows[] = {
        {{.from = -7200, .until = -60, .issuer = &authority}, "certificate has expired"},
        {{.from = 600, .until = 7200, .issuer = &authority}, "certificate is not yet valid"},
        {{.issuer = NULL}, "self-signed certificate"},
        {{.issuer = &other}, "certificate signature failure"}, /* the same name, another key */
        {{.usage = "clientAuth", .issuer = &authority}, "unsuitable certificate purpose"},
        {{.usage = "emailProtection", .issuer = &authority}, "unsuitable certificate purpose"},
        {{.rsa_bits = 1024, .issuer = &authority}, "EE certificate key too weak"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        certificate_wish wish = rows[i].wish;
        wish.common_name = PAIR_DOMAIN;
        wish.names = "DNS:" PAIR_DOMAIN;
        certificate c = certificate_make(&wish);
        const char *text = meet(&c, &authority, PAIR_DOMAIN, false);
        if (!text || !strstr(text, rows[i].text))
            fail_msg("%s instead of %s", text ? text : "taken", rows[i].text);
        certificate_free(&c);
    }
    certificate_free(&authority);
    certificate_free(&other);
}

/* RFC 5280 4.2.1.10: an authority bound to evil.example speaks for nobody else, in whatever form of name. */
static void names_outside_constraints(void **state)
{
    (void)state;
    static const struct {
        const char *constraints, *names;
        const char *text; /* NULL: taken */
    } rows[] = {
        {"critical,permitted;DNS:evil.example", "DNS:" PAIR_DOMAIN, "permitted subtree violation"},
        {"critical,permitted;DNS:evil.example", "DNS:evil.example, " XMPP_ADDR(PAIR_DOMAIN), "has name constraints"},
        {"critical,permitted;DNS:evil.example", "DNS:evil.example, " SRV_NAME("_xmpp-client." PAIR_DOMAIN),
         "has name constraints"},
        {"permitted;DNS:evil.example", XMPP_ADDR(PAIR_DOMAIN), "has name constraints"},
        {"critical,excluded;DNS:" PAIR_DOMAIN, XMPP_ADDR(PAIR_DOMAIN), "has name constraints"},
        {"critical,permitted;DNS:example.com", "DNS:" PAIR_DOMAIN ", " XMPP_ADDR(PAIR_DOMAIN), NULL},
        {NULL, XMPP_ADDR(PAIR_DOMAIN), NULL},
    };
    certificate_wish authority_wish = {.common_name = "Authority", .authority = true};
    certificate authority = certificate_make(&authority_wish);
    for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) { /* bound at the root, and between */
        const char *constraints = rows[i / 2].constraints;
        certificate_wish root_wish = {.common_name = "Root", .authority = true, .constraints = constraints};
        certificate_wish between_wish = root_wish;
        between_wish.common_name = "Between";
        between_wish.issuer = &authority;
        certificate between = certificate_make(i % 2 ? &between_wish : &root_wish);
        certificate_wish wish = {.common_name = "x", .names = rows[i / 2].names, .issuer = &between};
        certificate c = certificate_make(&wish);
        c.issuer = i % 2 ? between.x509 : NULL;
        const char *text = meet(&c, i % 2 ? &authority : &between, PAIR_DOMAIN, false);
        if ((text == NULL) != (rows[i / 2].text == NULL) || (text && !strstr(text, rows[i / 2].text)))
            fail_msg("%s for %s: %s", constraints ? constraints : "(free)", wish.names, text ? text : "taken");
        certificate_free(&c);
        certificate_free(&between);
    }
    certificate_free(&authority);
}

static void self_signed_is_taken_where_it_is_trusted(void **state)
{
    (void)state;
    certificate_wish wish = {.common_name = "x", .names = "DNS:" PAIR_DOMAIN};
    certificate c = certificate_make(&wish);
    assert_null(meet(&c, &c, PAIR_DOMAIN, false));
    assert_non_null(meet(&c, &c, "example.com", false));
    certificate_free(&c);
}

/* Of the system's certificates nothing is known but that none is the authority of this test. */
static void without_a_choice_the_system_is_trusted(void **state)
{
    (void)state;
    tls_settings first = {.domain = PAIR_DOMAIN}, second = pair_receiving();
    end a = end_own(&first), b = end_own(&second);
    end_handshake(&a, &b, 0);
    assert_string_equal(end_failure(&a, TLS_FAILURE_CERTIFICATE),
                        "the certificate was refused: self-signed certificate");
    pair_free(&a, &b);
}

/* ---- s2s, EXTERNAL ----------------------------------------------------------------------------------------------- */

static char directory[] = "test_tls.XXXXXX";

static const char *path(const char *name)
{
    static char texts[4][64];
    static unsigned next;
    char *text = texts[next++ % 4];
    snprintf(text, sizeof texts[0], "%s/%s", directory, name);
    return text;
}

static void files_that_are_refused(void)
{
    const char *why = NULL;
    assert_null(tls_identity_read(path("none.pem"), path("c.key"), &why));
    assert_string_equal(why, "the certificate file cannot be read");
    assert_null(tls_identity_read(path("c.pem"), path("none.key"), &why));
    assert_string_equal(why, "the key file cannot be read");
    assert_null(tls_identity_read(path("c.pem"), path("locked.key"), &why)); /* nobody is asked */
    assert_string_equal(why, "the key file cannot be read");
    assert_null(tls_identity_read(path("c.pem"), path("other.key"), &why));
    assert_string_equal(why, "the key is not the certificate's");
    tls_settings no_file = pair_initiating();
    no_file.ca_pem = NULL;
    no_file.ca_file = path("none.pem");
    assert_null(tls_new(&no_file, &why));
    assert_string_equal(why, "the CA file cannot be read, or has no certificate");
    no_file.ca_file = NULL;
    no_file.ca_pem = "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n";
    assert_null(tls_new(&no_file, &why));
    assert_string_equal(why, "the CA text has no certificate");
}

static void client_certificates(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(directory));
    certificate_wish authority_wish = {.common_name = "Authority", .authority = true};
    certificate authority = certificate_make(&authority_wish);
    certificate_wish between_wish = {.common_name = "Between", .authority = true, .issuer = &authority};
    certificate between = certificate_make(&between_wish);
    certificate_wish wish = {.common_name = "x", .names = "DNS:example.net", .issuer = &between};
    certificate c = certificate_make(&wish);
    const char *why = NULL;
    certificate_write(&c, &between, path("c.pem"));
    certificate_write_key(&c, NULL, path("c.key"));
    certificate_write_key(&c, "secret", path("locked.key"));
    certificate_write_key(&authority, NULL, path("other.key"));
    certificate_write(&authority, NULL, path("ca.pem"));
    files_that_are_refused();
    tls_identity *identity = tls_identity_read(path("c.pem"), path("c.key"), &why);
    assert_non_null(identity);

    for (int trusted = 0; trusted <= 1; trusted++)
        for (int version = 12; version <= 13; version++) {
            tls_settings first = pair_initiating(), second = pair_receiving();
            first.identity = identity;
            first.server = second.server = true;
            second.max_version = version;
            second.ca_pem = trusted ? NULL : pair_pem;
            second.ca_file = trusted ? path("ca.pem") : NULL;
            end a, b;
            pair_connect(&a, &b, &first, &second); /* not trusted is no failure: EXTERNAL is not offered then */
            assert_int_equal(tls_facts_of(b.own)->verified, trusted);
            assert_string_equal(tls_facts_of(b.own)->names, "example.net");
            assert_int_equal(tls_peer_is(b.own, "example.net"), trusted);
            assert_int_equal(tls_peer_is(b.own, "EXAMPLE.net."), trusted);
            assert_false(tls_peer_is(b.own, "example.org"));
            assert_false(tls_peer_is(b.own, ""));
            pair_free(&a, &b);
            first.identity = NULL;
            pair_connect(&a, &b, &first, &second);
            assert_false(tls_peer_is(b.own, "example.net"));
            pair_free(&a, &b);
            second.server = false; /* c2s: nobody is asked */
            first.identity = identity;
            pair_connect(&a, &b, &first, &second);
            assert_string_equal(tls_facts_of(b.own)->names, "");
            pair_free(&a, &b);
        }
    static const char *const files[] = {"c.pem", "c.key", "locked.key", "other.key", "ca.pem"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        unlink(path(files[i]));
    rmdir(directory);
    tls_identity_free(identity);
    certificate_free(&c);
    certificate_free(&between);
    certificate_free(&authority);
}

/* The same of the peer's certificate, for EXTERNAL. */
static void a_client_outside_constraints(void **state)
{
    (void)state;
    certificate_wish authority_wish = {.common_name = "Authority", .authority = true};
    certificate authority = certificate_make(&authority_wish);
    char pem[8192];
    certificate_pem(&authority, pem, sizeof pem);
    for (int bound = 0; bound <= 1; bound++) {
        certificate_wish between_wish = {.common_name = "Between",
                                         .authority = true,
                                         .constraints = bound ? "critical,permitted;DNS:evil.example" : NULL,
                                         .issuer = &authority};
        certificate between = certificate_make(&between_wish);
        certificate_wish wish = {
            .common_name = "x",
            .names = "DNS:evil.example, " XMPP_ADDR("a.example") ", " SRV_NAME("_xmpp-server.b.example"),
            .issuer = &between};
        certificate c = certificate_make(&wish);
        c.issuer = between.x509;
        tls_settings settings = pair_receiving();
        settings.server = true;
        settings.ca_pem = pem;
        end a = end_bare(false, &c, 0), b = end_own(&settings);
        end_handshake(&a, &b, 0);
        assert_true(tls_facts_of(b.own)->verified);
        assert_true(tls_peer_is(b.own, "evil.example"));
        assert_int_equal(tls_peer_is(b.own, "a.example"), !bound);
        assert_int_equal(tls_peer_is(b.own, "b.example"), !bound);
        pair_free(&a, &b);
        certificate_free(&c);
        certificate_free(&between);
    }
    certificate_free(&authority);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_certificates),
        cmocka_unit_test(names_are_shown_escaped),
        cmocka_unit_test(certificates_that_are_refused),
        cmocka_unit_test(names_outside_constraints),
        cmocka_unit_test(a_client_outside_constraints),
        cmocka_unit_test(self_signed_is_taken_where_it_is_trusted),
        cmocka_unit_test(without_a_choice_the_system_is_trusted),
        cmocka_unit_test(client_certificates),
    };
    return cmocka_run_group_tests(tests, pair_make, pair_unmake);
}
