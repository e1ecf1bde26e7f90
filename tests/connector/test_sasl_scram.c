/* test_sasl_scram.c - the syntax of SCRAM messages byte by byte, and the names of mechanisms
 *
 * Which messages are refused in an exchange, and why, is in test_sasl_gnu.c.
 *
 * SPDX-License-Identifier: MIT */
#include "../support/cmocka.h"

#include "../../tools/connector/sasl.h"
#include "../../tools/connector/sasl_scram.h"

#include <gsasl.h>
#include <stdlib.h>
#include <string.h>

#define NONCE "fyko+d2lbbFgONRv9qkxdawL"

/* In memory of its own size, so that a step past the end shows. */
static void messages_that_are_cut_short_are_refused(void **state)
{
    (void)state;
    static const char *const messages[] = {
        "p=tls-unique,a=us=2Cer,n=us=3Der,r=abc,x=y", "n,,n=user,r=abc", "r=" NONCE "x,s=QSXCR+Q6sek8bf92,i=4096,x=y",
        "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=", "c=biws,r=" NONCE "x,x=y,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="};
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++)
        for (size_t size = 0; size < strlen(messages[i]); size++) {
            char *copy = malloc(size ? size : 1);
            memcpy(copy, messages[i], size);
            char flag = *messages[i] == 'p' ? 'p' : 'n';
            bool right[] = {!scram_check_client_first(copy, size, flag, "tls-unique"),
                            !scram_check_server_first(copy, size, 1, 4096), !scram_check_server_final(copy, size),
                            !scram_check_client_final(copy, size)};
            /* right is only what has all attributes; the values of r, i, v and p may have been cut */
            const char *last = (const char *const[]){",r=", ",r=", ",i=", "v=", ",p="}[i];
            const char *at = strstr(messages[i], last);
            bool complete = size > (size_t)(at - messages[i]) + strlen(last);
            for (size_t j = 0; j < 4; j++)
                assert_true(complete || !right[j]);
            free(copy);
        }
}

static void mechanisms_have_names(void **state)
{
    (void)state;
    for (sasl_mechanism m = 0; m < SASL_MECHANISM_COUNT; m++) {
        const char *name = sasl_mechanism_name(m);
        assert_int_equal(sasl_mechanism_of(name, strlen(name)), m);
        assert_int_equal(sasl_mechanism_of(name, strlen(name) - 1), SASL_MECHANISM_COUNT);
        assert_true(gsasl_mechanism_name_p(name));
    }
    assert_int_equal(sasl_mechanism_of("DIGEST-MD5", 10), SASL_MECHANISM_COUNT);
    assert_string_equal(sasl_binding_name(SASL_BINDING_TLS_UNIQUE), "tls-unique");
    assert_string_equal(sasl_binding_name(SASL_BINDING_NONE), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_that_are_cut_short_are_refused),
        cmocka_unit_test(mechanisms_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
