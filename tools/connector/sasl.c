/* SPDX-License-Identifier: MIT */
#include "sasl.h"

#include <string.h>

static const char *const names[SASL_MECHANISM_COUNT] = {
    [SASL_SCRAM_SHA_256_PLUS] = "SCRAM-SHA-256-PLUS",
    [SASL_SCRAM_SHA_1_PLUS] = "SCRAM-SHA-1-PLUS",
    [SASL_SCRAM_SHA_256] = "SCRAM-SHA-256",
    [SASL_SCRAM_SHA_1] = "SCRAM-SHA-1",
    [SASL_EXTERNAL] = "EXTERNAL",
    [SASL_PLAIN] = "PLAIN",
    [SASL_ANONYMOUS] = "ANONYMOUS",
};

const char *sasl_mechanism_name(sasl_mechanism mechanism)
{
    return (unsigned)mechanism < SASL_MECHANISM_COUNT ? names[mechanism] : "";
}

const char *sasl_binding_name(sasl_binding binding)
{
    switch (binding) {
    case SASL_BINDING_TLS_UNIQUE: return "tls-unique";
    case SASL_BINDING_TLS_EXPORTER: return "tls-exporter";
    case SASL_BINDING_NONE: break;
    }
    return "";
}

sasl_mechanism sasl_mechanism_of(const char *name, size_t size)
{
    for (unsigned i = 0; i < SASL_MECHANISM_COUNT; i++)
        if (strlen(names[i]) == size && memcmp(names[i], name, size) == 0)
            return (sasl_mechanism)i;
    return SASL_MECHANISM_COUNT;
}
