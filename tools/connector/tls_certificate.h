/* tls_certificate.h - certificates: made, read, matched with a domain, described; part of tls.c, not for others
 *
 * SPDX-License-Identifier: MIT */
#ifndef TLS_CERTIFICATE_H
#define TLS_CERTIFICATE_H

#include "tls.h"

#include <openssl/ssl.h>

/* `domain` as domain_ascii writes it, or an address. `server`: which SRVName counts. `constrained`: whether an authority
 * of its chain is bound to names; otherNames do not count then. */
bool certificate_is_for(X509 *certificate, const char *domain, bool server, bool constrained);
bool certificates_are_constrained(const STACK_OF(X509) * chain); /* a chain that is not there is */

/* For tls_facts: printable ASCII, cut at `room`. */
void certificate_names(X509 *certificate, char *text, size_t room);
void certificate_issuer(X509 *certificate, char *text, size_t room);
void certificate_expiry(X509 *certificate, char *text, size_t room);
void certificate_escape(const uint8_t *bytes, size_t size, char *text, size_t room); /* appends to what is in `text` */

bool identity_use(const tls_identity *identity, SSL_CTX *context);

#endif
