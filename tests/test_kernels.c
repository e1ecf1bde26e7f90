/* test_kernels.c - what a scan skips, and where it stops
 *
 * Invariant 2. Every scanned place (text, CDATA, values of both quotes, names, white space) holds a run of plain bytes, of each length
 * around the widths of kernels, then bytes that stop a scan or might, then plain bytes again: each kernel, byte by byte and
 * whole, must say what the reference decoder says.
 *
 * SPDX-License-Identifier: MIT */
#include "support/agree.h"
#include "support/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef WEIR_SAMPLE
#define STEP 5
#else
#define STEP 1
#endif
#define LONGEST 36
#define BEHIND 19

/* Each byte by itself is tried as well. */
/* clang-format off */
static const char *const stops[] = {
    "]]>", "]]", "]>", "]]]>", "\r\n", "\r\r", "\n\r", "&lt;", "&gt;", "&amp;", "&quot;", "&apos;", "&lx;", "&ltx", "&lt", "&qu",
    "&quo;", "&quox;", "&quotx", "&quit;", "&qxot;", "&apo;", "&apox;", "&aposx", "&axos;", "&apxs;", "&am;", "&amx;", "&ampx",
    "&#65;", "&#x41;", "&#xA;", "&#0;", "&#x110000;", "&#55296;", "&#", "&#x", "&#65", "&#6a;", "&#X41;", "&#9;", "&#12;",
    "&#x9;", "&#999;", "&#xfffe;", "&#xFFFD;", "<", "</", "<!", "<!-", "<![CDATA[", "<![CDATA[]]>", "<?", "<b/>", "<b></b>",
    "</a>", "</a >", "'>", "\">", "'/>", " b='", "=''", " xmlns=''", ":", ":b", "::", ":1", "-", ".",
    "\xc2\x80", "\xc3\xa9", "\xdf\xbf", "\xc1\xbf", "\xc3(", "\xe0\xa0\x80", "\xe0\x9f\xbf", "\xe2\x82\xac", "\xe2\x82(",
    "\xe2(\xa1", "\xed\x9f\xbf", "\xed\xa0\x80", "\xee\x80\x80", "\xef\xbb\xbf", "\xef\xbf\xbd", "\xef\xbf\xbe",
    "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf0\x8f\xbf\xbf", "\xf0\x9f\x98\x80", "\xf0\x9f\x98(", "\xf0\x9f(\x80",
    "\xf0(\x98\x80", "\xf3\xa0\x80\x80", "\xf3\xb0\x80\x80", "\xf4\x8f\xbf\xbd", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
    "\xf8\x88\x80\x80\x80", "\xcc\x80", "\xcd\xbe", "\xe2\x80\xbf", "\xe3\x80\x80", "\xef\xb7\x90",
};
/* clang-format on */

static const struct {
    const char *before, *plain, *after;
} places[] = {
    {"<a>", "x", "</a>"},
    {"<a>&lt;", "y", "</a>"},
    {"<a>", "\xc3\xa9", "</a>"},
    {"<a><![CDATA[", "x", "]]></a>"},
    {"<a b='", "x", "'/>"},
    {"<a b=\"", "'", "\"/>"},
    {"<a b='", "\xe2\x82\xac", "' c=''/>"},
    {"<a xmlns='", "x", "'/>"},
    {"<a", "x", "/>"},
    {"<a:", "x", " xmlns:a='b'/>"},
    {"<a ", "x", "=''/>"},
    {"<a b:", "x", "='' xmlns:b='c'/>"},
    {"<a", " ", "b=''/>"},
    {"<a b='' ", "\t", "c=''/>"},
    {"<a></a", " ", ">"},
    {"<a/>", "\n", ""},
    {"<a><abcdefghijklmnopqrstuvwxyz></abcdefghijklmnopqrstuvwxyz", "", "></a>"},
};

static size_t put(char *to, const char *text, size_t times)
{
    size_t size = strlen(text);
    for (size_t i = 0; i < times; i++)
        memcpy(to + i * size, text, size);
    return size * times;
}

static void try_run(size_t place, size_t plain, const char *stop, size_t stop_size, size_t behind)
{
    static const drive_plan plans[] = {
        {.chunk = 0, .kernel = WEIR_KERNEL_PORTABLE}, {.chunk = 0}, {.chunk = 17}, {.chunk = 1}};
    char text[1024], name[64];
    size_t size = put(text, places[place].before, 1);
    size += put(text + size, places[place].plain, plain);
    memcpy(text + size, stop, stop_size);
    size += stop_size;
    size += put(text + size, places[place].plain, behind);
    size += put(text + size, places[place].after, 1);
    snprintf(name, sizeof name, "place %zu, a run of %zu", place, plain);
    test_case c;
    case_make(&c, name, text, size);
    c.options.config.framing = WEIR_FRAMING_DOCUMENT;
    agree(&c, plans, sizeof plans / sizeof plans[0]);
    case_free(&c);
}

static void scans_stop_where_they_must(void **state)
{
    (void)state;
    for (size_t place = 0; place < sizeof places / sizeof places[0]; place++) {
        for (size_t plain = 0; plain <= LONGEST; plain += STEP) {
            for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++)
                try_run(place, plain, stops[i], strlen(stops[i]), BEHIND);
        }
    }
}

static void every_byte_is_judged_in_every_place(void **state)
{
    (void)state;
    for (size_t place = 0; place < sizeof places / sizeof places[0]; place++) {
        for (size_t plain = 0; plain <= LONGEST; plain += 3 * STEP) {
            for (unsigned byte = 0; byte < 256; byte++) {
                char text = (char)byte;
                try_run(place, plain, &text, 1, BEHIND);
            }
        }
    }
}

/* Long text goes by many vectors at once: a stop at each place among them. */
static void stops_are_found_in_long_text(void **state)
{
    (void)state;
    static const char telling[] = {0, 8, '\t', '\n', '\r', 0x1f, ' ', '&', '<', ']', 0x7f, '\x80', '\xc3', '\xff'};
    for (size_t plain = 0; plain <= 340; plain += STEP) {
        for (size_t i = 0; i < sizeof telling; i++)
            try_run(0, plain, &telling[i], 1, 360 - plain);
    }
}

/* Text waits in the workspace while it is short; here it is not. */
static void long_runs_pass_through_what_waits(void **state)
{
    (void)state;
    static const char *const units[] = {"]", "\r", "\n",  "\r\n",  "&lt;",    "&#x1F600;",
                                        "x", "]x", "x\r", "x&lt;", "\xc3\xa9"};
    static const char *const around[][2] = {
        {"<a>", "</a>"}, {"<a>x]]", "</a>"}, {"<a><![CDATA[", "]]></a>"}, {"<a b='", "'/>"}};
    static const drive_plan plans[] = {
        {.chunk = 0}, {.chunk = 0, .kernel = WEIR_KERNEL_PORTABLE}, {.chunk = 1}, {.chunk = 250}};
    for (size_t i = 0; i < sizeof around / sizeof around[0]; i++) {
        for (size_t k = 0; k < sizeof units / sizeof units[0]; k++) {
            for (size_t times = 225; times < 530; times += times < 262 ? STEP : 61) {
                char text[8192];
                size_t size = put(text, around[i][0], 1);
                size += put(text + size, units[k], times);
                size += put(text + size, around[i][1], 1);
                test_case c;
                case_make(&c, "a long run", text, size);
                c.options.config.framing = WEIR_FRAMING_DOCUMENT;
                agree(&c, plans, sizeof plans / sizeof plans[0]);
                case_free(&c);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scans_stop_where_they_must),
        cmocka_unit_test(every_byte_is_judged_in_every_place),
        cmocka_unit_test(stops_are_found_in_long_text),
        cmocka_unit_test(long_runs_pass_through_what_waits),
    };
    return cmocka_run_group_tests_name("kernels", tests, NULL, NULL);
}
