/* domain.h - a domain as DNS and certificates write it, by libidn2
 *
 * SPDX-License-Identifier: MIT */
#ifndef DOMAIN_H
#define DOMAIN_H

#include <stdbool.h>

#define DOMAIN_MAX 256 /* 253 characters (RFC 1035 2.3.4), a NUL */

/* A-labels in lower case, without the final dot (IDNA 2008, RFC 5891 5). An address is refused: it is no domain. */
bool domain_ascii(const char *domain, char ascii[DOMAIN_MAX]);

/* An IPv4 or IPv6 address as inet_pton reads it; IPv6 may be in brackets. */
bool domain_is_address(const char *domain);

#endif
