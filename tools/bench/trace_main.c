/* trace_main.c - a generated trace on standard output
 *
 *     trace chat > chat.xml        --size=BYTES: a shorter or longer one; --hash: hashes of all traces instead
 *
 * SPDX-License-Identifier: MIT */
#include "trace.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static int usage(FILE *out, int status)
{
    fputs("usage: trace [--size=BYTES] NAME > FILE\n       trace --hash\nnames:", out);
    for (const char *const *name = trace_names; *name != NULL; name++) {
        fprintf(out, " %s", *name);
    }
    fputs("\n", out);
    return status;
}

static int print_hashes(void)
{
    for (const char *const *name = trace_names; *name != NULL; name++) {
        trace t;
        bool known = trace_generate(&t, *name, TRACE_BYTES);
        printf("{\"%s\", 0x%016" PRIx64 "u}, %zu bytes%s\n", *name, trace_hash(&t), t.total,
               known ? "" : ", not as known");
        trace_free(&t);
    }
    return 0;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"size", required_argument, NULL, 's'},
                                            {"hash", no_argument, NULL, 'x'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    size_t size = TRACE_BYTES;
    for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        switch (option) {
        case 's': size = (size_t)strtoull(optarg, NULL, 10); break;
        case 'x': return print_hashes();
        case 'h': return usage(stdout, 0);
        default: return usage(stderr, 2);
        }
    }
    if (optind + 1 != argc || stanzas_kind(argv[optind]) == NULL) {
        return usage(stderr, 2);
    }
    trace t;
    if (!trace_generate(&t, argv[optind], size)) {
        fputs("trace: the generator has changed: other bytes than its hash was taken of\n", stderr);
        return 1;
    }
    bool written = fwrite(t.bytes, 1, t.size, stdout) == t.size && fflush(stdout) == 0;
    trace_free(&t);
    return written ? 0 : 2;
}
