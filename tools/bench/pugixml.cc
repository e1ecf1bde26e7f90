/* pugixml.cc - pugixml: a tree built in place, then walked
 *
 * SPDX-License-Identifier: MIT */
#include "contender.h"

#if __has_include(<pugixml.hpp>)
#include <cstring>
#include <pugixml.hpp>

namespace
{

size_t touch_string(uint64_t *sum, const char *string)
{
    size_t size = strlen(string);
    *sum += touch(string, size);
    return size;
}

struct walker : pugi::xml_tree_walker {
    explicit walker(work *counts) : w(counts)
    {
    }

    bool for_each(pugi::xml_node &node) override
    {
        if (node.type() == pugi::node_element) {
            w->elements++;
            w->events += 2;
            uint64_t sum = 0;
            uint64_t count = 0;
            uint64_t value_bytes = 0;
            touch_string(&sum, node.name());
            for (pugi::xml_attribute attribute : node.attributes()) {
                count++;
                touch_string(&sum, attribute.name());
                value_bytes += touch_string(&sum, attribute.value());
            }
            w->attributes += count;
            w->value_bytes += value_bytes;
            w->sum += sum;
        } else {
            w->events++;
            w->text_bytes += touch_string(&w->sum, node.value());
        }
        return true;
    }

    work *w;
};

enum { WALKED, PARSED };

bool decode(const contender *self, uint8_t *bytes, size_t size, size_t, work *w)
{
    pugi::xml_document document;
    unsigned options = pugi::parse_default | pugi::parse_ws_pcdata;
    if (!document.load_buffer_inplace(bytes, size, options, pugi::encoding_utf8)) {
        return false;
    }
    if (self->variant == WALKED) {
        walker visitor(w);
        document.traverse(visitor);
    }
    return true;
}

} // namespace

#define DECODE decode
#else
#define DECODE nullptr
namespace
{
enum { WALKED, PARSED };
}
#endif

void contender_pugixml(contender *c)
{
    *c = contender();
    c->name = "pugixml";
    c->package = "libpugixml-dev";
    c->unchecked =
        "no namespaces, no UTF-8, no characters, no duplicate attributes, references unchecked; needs the whole "
        "input, builds a tree";
    c->flags = CONTENDER_WHOLE | CONTENDER_IN_PLACE;
    c->variant = WALKED;
    c->decode = DECODE;
}

void contender_pugixml_parse(contender *c)
{
    contender_pugixml(c);
    c->name = "pugixml-parse";
    c->flags |= CONTENDER_NO_WORK;
    c->variant = PARSED;
}
