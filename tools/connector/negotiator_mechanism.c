/* negotiator_mechanism.c - which mechanism is tried: one, or none; never a weaker one after that
 *
 * An attacker who is part of the TLS connection, by a certificate that he got or made the user accept, can change what
 * is offered. Channel binding finds him out, if it cannot be talked away:
 *   - where a -PLUS mechanism is offered, only -PLUS is tried (`p`);
 *   - where none is, the client says that it could have (`y`), and a server that did offer one refuses (RFC 5802 6);
 *   - where -PLUS is offered, but none that we speak, nothing is tried: `y` would be untrue, and an honest server has
 *     to refuse it; `n` would let an attacker who leaves one -PLUS that nobody speaks, and takes away the others, go on
 *     without channel binding, and nobody would find him out;
 *   - `n`, no binding wanted, is said only where the user asked for it;
 *   - where SCRAM is offered, but of no hash that we speak, the password is not said in clear (PLAIN) instead.
 * All this holds where the policy allows SCRAM at all; a user who allowed nothing but EXTERNAL, PLAIN or ANONYMOUS gets
 * that.
 *
 * SPDX-License-Identifier: MIT */
#include "negotiator_private.h"

#include <string.h>

#define SCRAM SASL_ALLOWED_DEFAULT
#define OFFERED_PLUS (SASL_ALLOWED_PLUS | OFFERED_OTHER_PLUS)
#define REMEDY "; --no-channel-binding goes on without it"
#define REMEDY_TLS13 "; --tls-max=1.2 lets tls-unique be used, --no-channel-binding goes on without it"

uint32_t negotiator_mechanism_bit(const char *name, size_t size)
{
    static const char scram[] = "SCRAM-", plus[] = "-PLUS";
    const size_t begin = sizeof scram - 1, end = sizeof plus - 1;
    sasl_mechanism mechanism = sasl_mechanism_of(name, size);
    if (mechanism != SASL_MECHANISM_COUNT) {
        return SASL_ALLOWED(mechanism);
    }
    bool is_scram = size > begin && memcmp(name, scram, begin) == 0;
    bool is_plus = size > end && memcmp(name + size - end, plus, end) == 0;
    return (is_scram ? OFFERED_OTHER_SCRAM : 0) | (is_plus ? OFFERED_OTHER_PLUS : 0);
}

static bool strongest(uint32_t set, sasl_mechanism *mechanism)
{
    for (uint32_t i = 0; i < SASL_MECHANISM_COUNT; i++) {
        if ((set & SASL_ALLOWED(i)) != 0) {
            *mechanism = (sasl_mechanism)i;
            return true;
        }
    }
    return false;
}

/* A -PLUS mechanism is offered, and the policy allows SCRAM. */
static bool choose_plus(bool spoken, uint32_t usable, uint32_t bindings, const negotiator_tls *tls,
                        mechanism_choice *choice, const char **why)
{
    bool listed = bindings == 0 || (bindings & 1u << tls->binding) != 0;
    *choice = (mechanism_choice){SASL_MECHANISM_COUNT, SASL_BINDING_USED, tls->binding};
    if (!spoken) {
        *why = "channel binding is offered, but only with mechanisms that are not spoken here" REMEDY;
    } else if (tls->binding == SASL_BINDING_NONE) {
        *why = tls->tls13 ? "channel binding is offered, and none is available here" REMEDY
                          : "channel binding is offered, and none is available on TLS 1.2 without the extended master "
                            "secret (RFC 7627)" REMEDY;
    } else if (!listed) {
        *why = tls->tls13 ? "the server does not offer the channel binding tls-exporter of TLS 1.3" REMEDY_TLS13
                          : "the server does not offer the channel binding tls-unique of TLS 1.2" REMEDY;
    } else if (!strongest(usable & SASL_ALLOWED_PLUS, &choice->mechanism)) {
        *why = "channel binding is offered, and the mechanisms allowed are without" REMEDY;
    } else {
        return true;
    }
    return false;
}

bool negotiator_choose(uint32_t offered, uint32_t bindings, const sasl_policy *policy, const negotiator_tls *tls,
                       mechanism_choice *choice, const char **why)
{
    uint32_t usable = offered & policy->allowed;
    if (policy->no_channel_binding) {
        usable &= ~SASL_ALLOWED_PLUS;
    }
    if (!tls->verified) {
        usable &= ~SASL_ALLOWED(SASL_PLAIN);
    }
    *choice = (mechanism_choice){SASL_EXTERNAL, SASL_BINDING_UNWANTED, SASL_BINDING_NONE};
    if ((usable & SASL_ALLOWED(SASL_EXTERNAL)) != 0) {
        return true; /* first, where it is allowed (RFC 6120 6.3.4); TLS itself is what it proves */
    }
    bool scram = (policy->allowed & SCRAM) != 0;
    if (scram && !policy->no_channel_binding && (offered & OFFERED_PLUS) != 0) {
        return choose_plus((offered & SASL_ALLOWED_PLUS) != 0, usable, bindings, tls, choice, why);
    }
    bool unspoken = scram && (offered & OFFERED_OTHER_SCRAM) != 0;
    if (unspoken) {
        usable &= ~SASL_ALLOWED(SASL_PLAIN);
    }
    if (!strongest(usable, &choice->mechanism)) {
        *why = unspoken ? "the server offers no mechanism that is allowed here, and SCRAM of a hash that is not spoken "
                          "here, so that PLAIN is not tried; --mechanism=PLAIN tries it"
                        : "the server offers no mechanism that is allowed here";
        return false;
    }
    if ((SASL_ALLOWED(choice->mechanism) & SCRAM) != 0 && !policy->no_channel_binding) {
        choice->use = SASL_BINDING_NOT_OFFERED;
    }
    return true;
}
