/* rapidxml.cc - rapidxml: a tree built in place, then walked
 *
 * SPDX-License-Identifier: MIT */
#include "contender.h"

#if __has_include(<rapidxml/rapidxml.hpp>)
#include <rapidxml/rapidxml.hpp>

namespace
{

inline void touch_element(work *w, const rapidxml::xml_node<> *node)
{
    w->elements++;
    w->events += 2;
    w->sum += touch(node->name(), node->name_size());
    for (auto *attribute = node->first_attribute(); attribute != nullptr; attribute = attribute->next_attribute()) {
        w->attributes++;
        w->value_bytes += attribute->value_size();
        w->sum += touch(attribute->name(), attribute->name_size());
        w->sum += touch(attribute->value(), attribute->value_size());
    }
}

inline void touch_node(work *w, const rapidxml::xml_node<> *node)
{
    if (node->type() == rapidxml::node_element) {
        touch_element(w, node);
    } else {
        w->events++;
        w->text_bytes += node->value_size();
        w->sum += touch(node->value(), node->value_size());
    }
}

void walk(work *total, const rapidxml::xml_node<> *root)
{
    work counts = *total;
    const rapidxml::xml_node<> *node = root->first_node();
    while (node != nullptr) {
        touch_node(&counts, node);
        if (node->first_node() != nullptr) {
            node = node->first_node();
            continue;
        }
        while (node != root && node->next_sibling() == nullptr) {
            node = node->parent();
        }
        node = node != root ? node->next_sibling() : nullptr;
    }
    *total = counts;
}

bool decode(const contender *, uint8_t *bytes, size_t, size_t, work *w)
{
    try {
        rapidxml::xml_document<> document;
        document.parse<rapidxml::parse_no_element_values>(reinterpret_cast<char *>(bytes));
        walk(w, &document);
    } catch (const rapidxml::parse_error &) {
        return false;
    }
    return true;
}

} // namespace

#define DECODE decode
#else
#define DECODE nullptr
#endif

void contender_rapidxml(contender *c)
{
    *c = contender();
    c->name = "rapidxml";
    c->package = "librapidxml-dev";
    c->unchecked = "no namespaces, no UTF-8, no characters, no duplicate attributes, end tags not compared, references "
                   "unchecked, line ends not normalised; needs the whole input, builds a tree";
    c->flags = CONTENDER_WHOLE | CONTENDER_IN_PLACE | CONTENDER_AS_WRITTEN;
    c->decode = DECODE;
}
