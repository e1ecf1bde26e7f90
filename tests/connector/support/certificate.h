/* certificate.h - certificates for tests, as good or as bad as asked for; made anew in each run
 *
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_CERTIFICATE_H
#define TESTS_CERTIFICATE_H

#include <openssl/ssl.h>
#include <stdbool.h>

typedef struct certificate {
    X509 *x509;
    EVP_PKEY *key;
    X509 *issuer; /* sent with it, where set; not its own */
} certificate;

typedef struct certificate_wish {
    const char *common_name;
    const char *names;    /* subjectAltName as OpenSSL's configuration has it: "DNS:im.example.com"; NULL: none */
    const char *raw_name; /* one dNSName with any bytes, instead */
    size_t raw_size;
    const char *usage; /* extended key usage; NULL: serverAuth,clientAuth */
    bool authority;
    const char *constraints;   /* of names, as OpenSSL's configuration has them: "permitted;DNS:example.com" */
    long from, until;          /* seconds from now; both 0: an hour each way */
    unsigned rsa_bits;         /* 0: ECDSA P-256 */
    const certificate *issuer; /* NULL: itself */
} certificate_wish;

certificate certificate_make(const certificate_wish *wish); /* fails the test when it cannot */
void certificate_free(certificate *c);
void certificate_pem(const certificate *c, char *pem, size_t room);
void certificate_write(const certificate *c, const certificate *next,
                       const char *file); /* PEM, and of the next in the chain */
void certificate_write_key(const certificate *c, const char *password, const char *file);

#endif
