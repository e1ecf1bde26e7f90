/* simdjson.cc - validation of UTF-8 and nothing else: the ceiling
 *
 * SPDX-License-Identifier: MIT */
#include "contender.h"

#if __has_include(<simdjson.h>)
#include <simdjson.h>

namespace
{

bool decode(const contender *, uint8_t *bytes, size_t size, size_t, work *w)
{
    bool valid = simdjson::validate_utf8(reinterpret_cast<const char *>(bytes), size);
    w->sum += valid;
    return valid;
}

} // namespace

#define DECODE decode
#else
#define DECODE nullptr
#endif

void contender_simdjson(contender *c)
{
    *c = contender();
    c->name = "utf8-only";
    c->package = "libsimdjson-dev";
    c->unchecked = "simdjson's validate_utf8: the ceiling; UTF-8 and nothing else";
    c->flags = CONTENDER_WHOLE | CONTENDER_NO_WORK;
    c->decode = DECODE;
}
