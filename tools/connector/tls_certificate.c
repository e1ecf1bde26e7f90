/* SPDX-License-Identifier: MIT */
#include "tls_certificate.h"
#include "domain.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SERIAL_OCTETS 16         /* random (CA/Browser Forum 7.1: at least 64 bits); below the 20 of RFC 5280 4.1.2.2 */
#define BEFORE (-3600L)          /* clocks differ */
#define AFTER (7L * 24L * 3600L) /* nobody should come to rely on it */

struct tls_identity {
    X509 *certificate;
    EVP_PKEY *key;
    STACK_OF(X509) * chain;
};

/* ---- Whose a certificate is -------------------------------------------------------------------------------------- */

/* RFC 9525 6.3: the whole name, or * as the whole leftmost label; never the subject's common name (2). */
static bool has_dns_name(X509 *certificate, const char *domain)
{
    unsigned flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
    return X509_check_host(certificate, domain, strlen(domain), flags, NULL) == 1;
}

/* The text of an otherName of this kind; NULL: it is another. It may hold anything, and need not end in a NUL. */
static const ASN1_STRING *other_name(const GENERAL_NAME *name, int kind, int type)
{
    if (name->type != GEN_OTHERNAME || OBJ_obj2nid(name->d.otherName->type_id) != kind ||
        name->d.otherName->value->type != type)
        return NULL;
    return name->d.otherName->value->value.asn1_string;
}

/* Of `text`, after `prefix`, letter case aside, in U-labels or A-labels. */
static bool is_domain(const ASN1_STRING *text, const char *prefix, const char *domain)
{
    char name[DOMAIN_MAX * 4], ascii[DOMAIN_MAX];
    size_t size = (size_t)ASN1_STRING_length(text), begin = strlen(prefix);
    const char *bytes = (const char *)ASN1_STRING_get0_data(text);
    if (size <= begin || size >= sizeof name || memchr(bytes, 0, size) || strncasecmp(bytes, prefix, begin) != 0)
        return false;
    memcpy(name, bytes + begin, size - begin);
    name[size - begin] = 0;
    return domain_ascii(name, ascii) && strcmp(ascii, domain) == 0;
}

/* RFC 6120 13.7.1.4 (XmppAddr), 13.7.1.2.1 and RFC 4985 (SRVName); no wildcards in these. */
static bool has_other_name(X509 *certificate, const char *domain, bool server)
{
    const char *service = server ? "_xmpp-server." : "_xmpp-client.";
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    bool found = false;
    for (int i = 0; !found && i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        const ASN1_STRING *address = other_name(name, NID_XmppAddr, V_ASN1_UTF8STRING);
        const ASN1_STRING *srv = other_name(name, NID_SRVName, V_ASN1_IA5STRING);
        found = (address && is_domain(address, "", domain)) || (srv && is_domain(srv, service, domain));
    }
    GENERAL_NAMES_free(names);
    return found;
}

/* RFC 5280 4.2.1.10: OpenSSL holds dNSName and iPAddress against name constraints, but XmppAddr and SRVName against
 * none of dNSName, for they are of another form. An authority that is bound to evil.example could name any domain in
 * them. */
bool certificates_are_constrained(const STACK_OF(X509) * chain)
{
    bool constrained = !chain;
    for (int i = 0; !constrained && i < sk_X509_num(chain); i++)
        constrained = X509_get_ext_by_NID(sk_X509_value(chain, i), NID_name_constraints, -1) >= 0;
    return constrained;
}

bool certificate_is_for(X509 *certificate, const char *domain, bool server, bool constrained)
{
    if (domain_is_address(domain)) /* RFC 9525 6.4 */
        return X509_check_ip_asc(certificate, domain, 0) == 1;
    return has_dns_name(certificate, domain) || (!constrained && has_other_name(certificate, domain, server));
}

/* ---- As text ----------------------------------------------------------------------------------------------------- */

void certificate_escape(const uint8_t *bytes, size_t size, char *text, size_t room)
{
    size_t used = strlen(text);
    for (size_t i = 0; i < size; i++) {
        bool plain = bytes[i] > 0x20 && bytes[i] < 0x7f && bytes[i] != '\\' && bytes[i] != ',';
        size_t needed = plain ? 1 : 4;
        if (room - used <= needed)
            return;
        snprintf(text + used, room - used, plain ? "%c" : "\\x%02x", bytes[i]);
        used += needed;
    }
}

static void append_name(const GENERAL_NAME *name, char *text, size_t room)
{
    char address[INET6_ADDRSTRLEN] = "";
    const ASN1_STRING *value = other_name(name, NID_XmppAddr, V_ASN1_UTF8STRING);
    if (!value)
        value = other_name(name, NID_SRVName, V_ASN1_IA5STRING);
    if (name->type == GEN_DNS)
        value = name->d.dNSName;
    if (name->type == GEN_IPADD) {
        int size = ASN1_STRING_length(name->d.iPAddress);
        const unsigned char *bytes = ASN1_STRING_get0_data(name->d.iPAddress);
        if ((size != 4 && size != 16) || !inet_ntop(size == 4 ? AF_INET : AF_INET6, bytes, address, sizeof address))
            return;
    } else if (!value) {
        return;
    }
    if (*text && strlen(text) + 3 < room)
        strcat(text, ", ");
    if (value)
        certificate_escape(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value), text, room);
    else
        certificate_escape((const uint8_t *)address, strlen(address), text, room);
}

void certificate_names(X509 *certificate, char *text, size_t room)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    *text = 0;
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++)
        append_name(sk_GENERAL_NAME_value(names, i), text, room);
    GENERAL_NAMES_free(names);
}

void certificate_issuer(X509 *certificate, char *text, size_t room)
{
    BIO *memory = BIO_new(BIO_s_mem());
    *text = 0;
    /* RFC 2253 with what is not printable ASCII escaped */
    if (memory && X509_NAME_print_ex(memory, X509_get_issuer_name(certificate), 0, XN_FLAG_RFC2253) >= 0) {
        int count = BIO_read(memory, text, (int)room - 1);
        text[count > 0 ? count : 0] = 0;
    }
    BIO_free(memory);
}

void certificate_expiry(X509 *certificate, char *text, size_t room)
{
    struct tm time;
    *text = 0;
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &time) == 1)
        strftime(text, room, "%Y-%m-%dT%H:%M:%SZ", &time);
}

/* ---- Our own ----------------------------------------------------------------------------------------------------- */

static bool add_extension(X509 *certificate, int kind, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
    bool added = extension && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

static bool set_serial(X509 *certificate)
{
    unsigned char octets[SERIAL_OCTETS];
    if (RAND_bytes(octets, sizeof octets) != 1)
        return false;
    octets[0] &= 0x7f;
    BIGNUM *number = BN_bin2bn(octets, sizeof octets, NULL);
    bool set = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
    BN_free(number);
    return set;
}

/* `name` is from domain_ascii or inet_pton, so that the little language of extensions has nothing to find in it. */
static bool make_certificate(X509 *certificate, EVP_PKEY *key, const char *name, bool address)
{
    char alternative[DOMAIN_MAX + 8];
    snprintf(alternative, sizeof alternative, "%s:%s", address ? "IP" : "DNS", name);
    X509_NAME *subject = X509_get_subject_name(certificate);
    return X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate) &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), BEFORE) &&
           X509_gmtime_adj(X509_getm_notAfter(certificate), AFTER) &&
           X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)"Made on the spot", -1, -1,
                                      0) == 1 &&
           X509_set_issuer_name(certificate, subject) == 1 && X509_set_pubkey(certificate, key) == 1 &&
           add_extension(certificate, NID_subject_alt_name, alternative) &&
           add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
           add_extension(certificate, NID_ext_key_usage, "serverAuth,clientAuth") &&
           add_extension(certificate, NID_subject_key_identifier, "hash") &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

tls_identity *tls_identity_made(const char *domain, const char **why)
{
    char name[DOMAIN_MAX];
    bool address = domain_is_address(domain);
    if (address) {
        size_t bracket = *domain == '[';
        snprintf(name, sizeof name, "%.*s", (int)(strlen(domain) - 2 * bracket), domain + bracket);
    } else if (!domain_ascii(domain, name)) {
        *why = "the domain is no domain name";
        return NULL;
    }
    tls_identity *identity = calloc(1, sizeof *identity);
    if (identity) {
        identity->key = EVP_EC_gen("P-256");
        identity->certificate = X509_new();
    }
    if (!identity || !identity->key || !identity->certificate ||
        !make_certificate(identity->certificate, identity->key, name, address)) {
        tls_identity_free(identity);
        *why = "no certificate could be made";
        return NULL;
    }
    return identity;
}

/* An encrypted key is not asked for at the terminal. */
static int no_password(char *text, int size, int writing, void *user)
{
    (void)text, (void)size, (void)writing, (void)user;
    return -1;
}

static bool read_certificates(tls_identity *identity, const char *file)
{
    BIO *input = BIO_new_file(file, "r");
    X509 *next = NULL;
    identity->certificate = input ? PEM_read_bio_X509(input, NULL, no_password, NULL) : NULL;
    identity->chain = sk_X509_new_null();
    bool right = identity->certificate && identity->chain;
    while (right && (next = PEM_read_bio_X509(input, NULL, no_password, NULL)))
        right = sk_X509_push(identity->chain, next) > 0;
    BIO_free(input);
    ERR_clear_error(); /* the end of the file is one */
    return right;
}

tls_identity *tls_identity_read(const char *certificate_file, const char *key_file, const char **why)
{
    tls_identity *identity = calloc(1, sizeof *identity);
    BIO *input = BIO_new_file(key_file, "r");
    bool right = identity && read_certificates(identity, certificate_file);
    *why = "the certificate file cannot be read";
    if (right) {
        identity->key = input ? PEM_read_bio_PrivateKey(input, NULL, no_password, NULL) : NULL;
        *why = identity->key ? "the key is not the certificate's" : "the key file cannot be read";
        right = identity->key && X509_check_private_key(identity->certificate, identity->key) == 1;
    }
    BIO_free(input);
    ERR_clear_error();
    if (!right) {
        tls_identity_free(identity);
        return NULL;
    }
    return identity;
}

size_t tls_identity_pem(const tls_identity *identity, char *pem, size_t room)
{
    BIO *memory = BIO_new(BIO_s_mem());
    char *text = NULL;
    size_t size = 0;
    if (memory && PEM_write_bio_X509(memory, identity->certificate) == 1)
        size = (size_t)BIO_get_mem_data(memory, &text);
    if (size >= room)
        size = 0;
    if (size > 0)
        memcpy(pem, text, size);
    if (room > 0)
        pem[size] = 0;
    BIO_free(memory);
    return size;
}

void tls_identity_free(tls_identity *identity)
{
    if (!identity)
        return;
    X509_free(identity->certificate);
    EVP_PKEY_free(identity->key);
    sk_X509_pop_free(identity->chain, X509_free);
    free(identity);
}

bool identity_use(const tls_identity *identity, SSL_CTX *context)
{
    return SSL_CTX_use_cert_and_key(context, identity->certificate, identity->key, identity->chain, 1) == 1;
}
