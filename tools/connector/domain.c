/* SPDX-License-Identifier: MIT */
#include "domain.h"

#include <arpa/inet.h>
#include <idn2.h>
#include <string.h>

bool domain_is_address(const char *domain)
{
    unsigned char address[sizeof(struct in6_addr)];
    char bare[INET6_ADDRSTRLEN];
    size_t size = strlen(domain);
    if (inet_pton(AF_INET, domain, address) == 1 || inet_pton(AF_INET6, domain, address) == 1)
        return true;
    if (size < 3 || size - 2 >= sizeof bare || domain[0] != '[' || domain[size - 1] != ']')
        return false;
    memcpy(bare, domain + 1, size - 2);
    bare[size - 2] = 0;
    return inet_pton(AF_INET6, bare, address) == 1;
}

/* Letters, digits and hyphens are all that a server's name has (RFC 5890 2.3.1), and the underscore of some: nothing
 * else goes to DNS, SNI and certificates. */
static bool is_plain(const char *name)
{
    size_t label = 0;
    for (const char *c = name; *c; c++) {
        bool dot = *c == '.';
        if (!dot && (*c < 'a' || *c > 'z') && (*c < '0' || *c > '9') && *c != '-' && *c != '_')
            return false;
        if (dot && label == 0)
            return false;
        label = dot ? 0 : label + 1;
    }
    return label > 0;
}

bool domain_ascii(const char *domain, char ascii[DOMAIN_MAX])
{
    char *name = NULL;
    if (domain_is_address(domain) || idn2_to_ascii_8z(domain, &name, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
        return false;
    size_t size = strlen(name);
    if (size > 0 && name[size - 1] == '.') /* RFC 7622 3.2: the final dot is not part of it */
        name[--size] = 0;
    bool right = size > 0 && size < DOMAIN_MAX - 2 && is_plain(name);
    if (right)
        memcpy(ascii, name, size + 1);
    idn2_free(name);
    return right;
}
