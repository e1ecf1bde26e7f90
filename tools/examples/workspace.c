/* workspace.c - what limits cost: bytes of workspace for the sets of limits that parser/README.md names
 *
 *     cc -std=c11 -O2 workspace.c weir.c
 *
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include "weir.h"

typedef struct choice {
    const char *name;
    weir_limits limits; /* in the order of weir.h: depth, attributes, bindings, scope, tag, element, elements */
} choice;

static const choice choices[] = {
    {"before authentication", {8, 16, 16, 1024, 10000, 10000, 64}},
    {"constrained device", {16, 16, 16, 1024, 4096, 10000, 256}},
    {"client of a server", {64, 64, 64, 10000, 16384, 65536, 4096}},
    {"default",
     {WEIR_DEFAULT_DEPTH, WEIR_DEFAULT_ATTRIBUTES, WEIR_DEFAULT_BINDINGS, WEIR_DEFAULT_SCOPE, WEIR_DEFAULT_TAG,
      WEIR_DEFAULT_ELEMENT, WEIR_DEFAULT_ELEMENTS}},
    {"between servers", {256, 256, 256, 65536, 262144, 1048576, 65536}},
};

/* What the workspace grows by when one limit does; the default limits, where no limit makes another one moot. */
static void print_growth(void)
{
    weir_limits limits;
    weir_limits_default(&limits);
    size_t before = weir_workspace_size(&limits);
    uint32_t *const fields[] = {&limits.depth, &limits.attributes, &limits.bindings, &limits.scope,
                                &limits.tag,   &limits.element,    &limits.elements};
    printf("| one more than the default |");
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        ++*fields[i];
        printf(" +%zu |", weir_workspace_size(&limits) - before);
        --*fields[i];
    }
    printf(" |\n");
}

int main(void)
{
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
        const weir_limits *l = &choices[i].limits;
        printf("| %s | %u | %u | %u | %u | %u | %u | %u | %zu |\n", choices[i].name, l->depth, l->attributes,
               l->bindings, l->scope, l->tag, l->element, l->elements, weir_workspace_size(l));
    }
    print_growth();
    printf("| `sizeof(weir_decoder)` | | | | | | | | %zu |\n", sizeof(weir_decoder));
    return 0;
}
