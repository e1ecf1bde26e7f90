/* SPDX-License-Identifier: MIT */
#include "../../support/cmocka.h"

#include "certificate.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

static void extend(X509 *x509, X509 *issuer, int kind, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, x509, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(x509, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static void name_raw(X509 *x509, const char *bytes, size_t size)
{
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_IA5STRING *text = ASN1_IA5STRING_new();
    assert_int_equal(ASN1_STRING_set(text, bytes, (int)size), 1);
    GENERAL_NAME_set0_value(name, GEN_DNS, text);
    sk_GENERAL_NAME_push(names, name);
    assert_int_equal(X509_add1_ext_i2d(x509, NID_subject_alt_name, names, 0, 0), 1);
    GENERAL_NAMES_free(names);
}

certificate certificate_make(const certificate_wish *wish)
{
    static long serial = 1;
    certificate c = {X509_new(), wish->rsa_bits ? EVP_RSA_gen(wish->rsa_bits) : EVP_EC_gen("P-256"), NULL};
    assert_non_null(c.x509);
    assert_non_null(c.key);
    bool dated = wish->from || wish->until;
    X509 *issuer = wish->issuer ? wish->issuer->x509 : c.x509;
    X509_set_version(c.x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(c.x509), serial++);
    X509_gmtime_adj(X509_getm_notBefore(c.x509), dated ? wish->from : -3600);
    X509_gmtime_adj(X509_getm_notAfter(c.x509), dated ? wish->until : 3600);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(c.x509), "CN", MBSTRING_UTF8,
                               (const unsigned char *)wish->common_name, -1, -1, 0);
    X509_set_issuer_name(c.x509, X509_get_subject_name(issuer));
    X509_set_pubkey(c.x509, c.key);
    extend(c.x509, issuer, NID_basic_constraints, wish->authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    extend(c.x509, issuer, NID_subject_key_identifier, "hash");
    extend(c.x509, issuer, NID_key_usage, wish->authority ? "critical,keyCertSign" : "critical,digitalSignature");
    if (!wish->authority)
        extend(c.x509, issuer, NID_ext_key_usage, wish->usage ? wish->usage : "serverAuth,clientAuth");
    if (wish->constraints)
        extend(c.x509, issuer, NID_name_constraints, wish->constraints);
    if (wish->raw_name)
        name_raw(c.x509, wish->raw_name, wish->raw_size);
    else if (wish->names)
        extend(c.x509, issuer, NID_subject_alt_name, wish->names);
    assert_true(X509_sign(c.x509, wish->issuer ? wish->issuer->key : c.key, EVP_sha256()) > 0);
    return c;
}

void certificate_free(certificate *c)
{
    X509_free(c->x509);
    EVP_PKEY_free(c->key);
    *c = (certificate){NULL, NULL, NULL};
}

void certificate_pem(const certificate *c, char *pem, size_t room)
{
    BIO *memory = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_X509(memory, c->x509), 1);
    int size = BIO_read(memory, pem, (int)room - 1);
    assert_true(size > 0 && (size_t)size < room - 1);
    pem[size] = 0;
    BIO_free(memory);
}

void certificate_write(const certificate *c, const certificate *next, const char *file)
{
    BIO *output = BIO_new_file(file, "w");
    assert_non_null(output);
    assert_int_equal(PEM_write_bio_X509(output, c->x509), 1);
    if (next)
        assert_int_equal(PEM_write_bio_X509(output, next->x509), 1);
    BIO_free(output);
}

void certificate_write_key(const certificate *c, const char *password, const char *file)
{
    BIO *output = BIO_new_file(file, "w");
    assert_non_null(output);
    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(output, c->key, password ? EVP_aes_256_cbc() : NULL, password,
                                                   password ? (int)strlen(password) : 0, NULL, NULL),
                     1);
    BIO_free(output);
}
