/* contenders.c - who takes part
 *
 * SPDX-License-Identifier: MIT */
#include "contender.h"

size_t contenders_list(contender list[CONTENDERS_MAX])
{
    static void (*const others[])(contender *) = {contender_libxml2,      contender_pugixml,      contender_rapidxml,
                                                  contender_simdjson,     contender_expat_silent, contender_expat_eager,
                                                  contender_pugixml_parse};
    enum { OTHERS = sizeof others / sizeof others[0] };
    contender_expat(&list[0]);
    size_t count = 1 + contenders_weir(&list[1], CONTENDERS_MAX - 1 - OTHERS);
    for (size_t i = 0; i < OTHERS; i++) {
        others[i](&list[count++]);
    }
    return count;
}
