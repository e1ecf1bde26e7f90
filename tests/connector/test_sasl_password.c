/* test_sasl_password.c - how long the initiating entity keeps its password
 *
 * SPDX-License-Identifier: MIT */
#include "../support/cmocka.h"

#include "../../tools/connector/sasl_gnu.h"

#include <string.h>

static const sasl_functions *const f = &sasl_gnu_functions;
static const sasl_account account = {"juliet", "r0m30", NULL, "im.example.com"};

static sasl_gnu *begin(sasl_mechanism mechanism)
{
    sasl_gnu *s = sasl_gnu_new(false, &account, 1);
    assert_non_null(s);
    assert_true(f->start(s, mechanism, SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
    return s;
}

static sasl_result step(sasl_gnu *s, const char *input)
{
    char output[SASL_MESSAGE_MAX];
    size_t size;
    return f->step(s, input, input ? strlen(input) : 0, output, sizeof output, &size);
}

static void assert_kept(sasl_gnu *s, bool kept)
{
    assert_int_equal(f->start(s, SASL_SCRAM_SHA_256, SASL_BINDING_UNWANTED, SASL_BINDING_NONE), kept);
    if (!kept)
        assert_string_equal(f->reason(s), "the account has no name or password");
    sasl_gnu_free(s);
}

static void a_complete_exchange_has_no_use_for_it(void **state)
{
    (void)state;
    sasl_gnu *s = begin(SASL_PLAIN);
    assert_int_equal(step(s, NULL), SASL_COMPLETE);
    assert_kept(s, false);
}

static void nor_has_one_that_was_refused(void **state)
{
    static const char *const challenges[] = {"", "eA==", "not base64"};
    (void)state;
    for (size_t i = 0; i < sizeof challenges / sizeof challenges[0]; i++) {
        sasl_gnu *s = begin(SASL_SCRAM_SHA_256);
        assert_int_equal(step(s, NULL), SASL_CONTINUE);
        assert_int_equal(step(s, challenges[i]), SASL_REFUSED);
        assert_string_not_equal(f->reason(s), "");
        assert_kept(s, false);
    }
}

static void until_then_it_is_kept(void **state)
{
    (void)state;
    sasl_gnu *s = begin(SASL_SCRAM_SHA_256);
    assert_int_equal(step(s, NULL), SASL_CONTINUE);
    assert_kept(s, true);
}

/* Of a receiving entity there are more tries. */
static void accounts_are_kept(void **state)
{
    (void)state;
    sasl_gnu *s = sasl_gnu_new(true, &account, 1);
    assert_non_null(s);
    for (int i = 0; i < 2; i++) {
        assert_true(f->start(s, SASL_PLAIN, SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
        assert_int_equal(step(s, "AGp1bGlldAB3cm9uZw=="), SASL_REFUSED);
        assert_true(f->start(s, SASL_PLAIN, SASL_BINDING_UNWANTED, SASL_BINDING_NONE));
        assert_int_equal(step(s, "AGp1bGlldAByMG0zMA=="), SASL_COMPLETE);
    }
    sasl_gnu_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_complete_exchange_has_no_use_for_it),
        cmocka_unit_test(nor_has_one_that_was_refused),
        cmocka_unit_test(until_then_it_is_kept),
        cmocka_unit_test(accounts_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
