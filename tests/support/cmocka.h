/* cmocka.h - cmocka, with what it wants before it
 *
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_CMOCKA_H
#define TESTS_CMOCKA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
