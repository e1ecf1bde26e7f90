/* namespaces.c - bindings, and what is judged at the `>` of a start tag
 *
 * SPDX-License-Identifier: MIT */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

/* ---- Declarations in scope --------------------------------------------------------------------------------------- */

/* NS 6.1, 6.2: the innermost declaration of the prefix (empty: the default namespace). */
static size_t binding_of(const reference_reader *r, weir_slice prefix)
{
    for (size_t i = r->binding_count; i > 0; i--) {
        if (reference_same(r->bindings[i - 1].prefix, prefix))
            return i - 1;
    }
    return REFERENCE_UNBOUND;
}

/* Choice 20: a name in the first-level element has its namespace from this binding. */
static void note_self_contained(reference_reader *r, size_t binding, weir_slice prefix)
{
    if (!reference_is(prefix, "xml") && (binding == REFERENCE_UNBOUND || binding < r->bindings_outside))
        r->self_contained = false;
}

/* The prefix that a declaration declares; empty: the default namespace (NS 3 [3]). */
static weir_slice declared_prefix(const reference_attribute *a)
{
    weir_slice none = {NULL, 0};
    return a->name.prefix.size > 0 ? a->name.local : none;
}

/* NS 3, choice 17: every declaration binds. design 6.9, choice 15: the element's name, then each declaration, are
 * added to what is in scope; the first that passes a limit is at fault. */
static void add_to_scope(reference_reader *r)
{
    r->scope += r->tag.name.raw.size;
    if (r->scope > r->limits.scope)
        reference_leave(r, WEIR_E_LIMIT_SCOPE, r->tag.name.begin);
    for (size_t i = 0; i < r->tag.attribute_count; i++) {
        const reference_attribute *a = &r->tag.attributes[i];
        if (!a->declares)
            continue;
        reference_binding binding = {declared_prefix(a), a->value};
        r->bindings =
            (reference_binding *)reference_grow(r->bindings, &r->binding_room, r->binding_count, sizeof binding);
        r->bindings[r->binding_count] = binding;
        r->binding_count++;
        if (r->binding_count - 1 > r->limits.bindings)
            reference_leave(r, WEIR_E_LIMIT_BINDINGS, a->name.begin);
        r->scope += binding.prefix.size + binding.namespace_name.size;
        if (r->scope > r->limits.scope)
            reference_leave(r, WEIR_E_LIMIT_SCOPE, a->name.begin);
    }
}

/* NS 5, 6: the element becomes the innermost open one, and the names of its tag get their namespaces. */
void reference_bind(reference_reader *r)
{
    if (r->tag.place == REFERENCE_FIRST_LEVEL) {
        r->bindings_outside = r->binding_count;
        r->self_contained = true;
    }
    reference_element element = {0};
    element.name = r->tag.name;
    element.begin = r->tag.begin;
    element.bindings_before = r->binding_count;
    element.scope_before = r->scope;
    add_to_scope(r);

    static const weir_slice none = {NULL, 0};
    size_t binding = binding_of(r, r->tag.name.prefix);
    r->tag.unbound = binding == REFERENCE_UNBOUND && r->tag.name.prefix.size > 0;
    r->tag.namespace_name = binding == REFERENCE_UNBOUND ? none : r->bindings[binding].namespace_name;
    note_self_contained(r, binding, r->tag.name.prefix);

    for (size_t i = 0; i < r->tag.attribute_count; i++) {
        reference_attribute *a = &r->tag.attributes[i];
        if (a->declares || a->name.prefix.size == 0) /* NS 6.2: no default namespace for attributes */
            continue;
        binding = binding_of(r, a->name.prefix);
        a->unbound = binding == REFERENCE_UNBOUND;
        a->namespace_name = a->unbound ? none : r->bindings[binding].namespace_name;
        note_self_contained(r, binding, a->name.prefix);
    }

    element.namespace_name = r->tag.namespace_name;
    r->elements = (reference_element *)reference_grow(r->elements, &r->element_room, r->element_count, sizeof element);
    r->elements[r->element_count] = element;
    r->element_count++;
}

/* ---- Names given twice ------------------------------------------------------------------------------------------- */

/* So that a tag of many attributes does not take their square, equal names are brought together by sorting, in the
 * order of the tag where they are equal; each but the first of them repeats. */

static int compare_slices(weir_slice a, weir_slice b)
{
    if (a.size != b.size)
        return a.size < b.size ? -1 : 1;
    return a.size == 0 ? 0 : memcmp(a.data, b.data, a.size);
}

static int compare_names(const reference_attribute *a, const reference_attribute *b)
{
    return compare_slices(a->name.raw, b->name.raw);
}

static int compare_expanded_names(const reference_attribute *a, const reference_attribute *b)
{
    int order = compare_slices(a->name.local, b->name.local);
    return order != 0 ? order : compare_slices(a->namespace_name, b->namespace_name);
}

static int by_name(const void *left, const void *right)
{
    const reference_attribute *a = *(const reference_attribute *const *)left;
    const reference_attribute *b = *(const reference_attribute *const *)right;
    int order = compare_names(a, b);
    return order != 0 ? order : (a > b) - (a < b);
}

static int by_expanded_name(const void *left, const void *right)
{
    const reference_attribute *a = *(const reference_attribute *const *)left;
    const reference_attribute *b = *(const reference_attribute *const *)right;
    int order = compare_expanded_names(a, b);
    return order != 0 ? order : (a > b) - (a < b);
}

static void find_repeated_names(reference_reader *r)
{
    size_t count = r->tag.attribute_count;
    if (count < 2)
        return;
    reference_attribute **sorted = (reference_attribute **)malloc(count * sizeof(reference_attribute *));
    if (sorted == NULL)
        abort();

    /* XML 3.1 (WFC: Unique Att Spec) */
    for (size_t i = 0; i < count; i++)
        sorted[i] = &r->tag.attributes[i];
    qsort(sorted, count, sizeof *sorted, by_name);
    for (size_t i = 1; i < count; i++)
        sorted[i]->repeats_name = compare_names(sorted[i - 1], sorted[i]) == 0;

    /* NS 6.3, choice 18: prefixed attributes with each other. Where the prefix is the same one too, repeats_name
     * is judged first. */
    size_t prefixed = 0;
    for (size_t i = 0; i < count; i++) {
        reference_attribute *a = &r->tag.attributes[i];
        if (!a->declares && a->name.prefix.size > 0)
            sorted[prefixed++] = a;
    }
    qsort(sorted, prefixed, sizeof *sorted, by_expanded_name);
    for (size_t i = 1; i < prefixed; i++)
        sorted[i]->repeats_expanded = compare_expanded_names(sorted[i - 1], sorted[i]) == 0;
    free(sorted);
}

/* ---- Whole-tag rules: design 6.8, in its order ------------------------------------------------------------------- */

/* NS 3 (NSC: Reserved Prefixes and Namespace Names) */
static bool declaration_is_reserved(const reference_attribute *a)
{
    weir_slice prefix = declared_prefix(a);
    if (reference_is(prefix, "xml"))
        return !reference_is(a->value, REFERENCE_XML_NAMESPACE);
    return reference_is(prefix, "xmlns") || reference_is(a->value, REFERENCE_XML_NAMESPACE) ||
           reference_is(a->value, REFERENCE_XMLNS_NAMESPACE);
}

static weir_status element_name_fault(const reference_reader *r)
{
    if (reference_is(r->tag.name.prefix, "xmlns")) /* NS 3, choice 17 */
        return WEIR_E_RESERVED_NAMESPACE;
    if (r->tag.unbound) /* NS 5 (NSC: Prefix Declared) */
        return WEIR_E_UNBOUND_PREFIX;
    weir_status fault = reference_element_fault(r);
    if (fault == WEIR_OK && r->tag.place == REFERENCE_HEADER)
        fault = reference_header_name_fault(r);
    return fault;
}

static weir_status attribute_fault(const reference_reader *r, const reference_attribute *a)
{
    if (a->declares && declaration_is_reserved(a))
        return WEIR_E_RESERVED_NAMESPACE;
    if (a->declares && a->name.prefix.size > 0 && a->value.size == 0) /* NS 5 (NSC: No Prefix Undeclaring) */
        return WEIR_E_EMPTY_BINDING;
    if (a->repeats_name)
        return WEIR_E_DUPLICATE_ATTRIBUTE;
    if (a->unbound)
        return WEIR_E_UNBOUND_PREFIX;
    if (a->repeats_expanded)
        return WEIR_E_DUPLICATE_EXPANDED;
    return r->tag.place == REFERENCE_HEADER ? reference_header_attribute_fault(r, a) : WEIR_OK;
}

/* The names of the tag, lowest offset first. */
void reference_whole_tag(reference_reader *r)
{
    weir_status fault = element_name_fault(r);
    if (fault != WEIR_OK)
        reference_leave(r, fault, r->tag.name.begin);
    find_repeated_names(r);
    for (size_t i = 0; i < r->tag.attribute_count; i++) {
        fault = attribute_fault(r, &r->tag.attributes[i]);
        if (fault != WEIR_OK)
            reference_leave(r, fault, r->tag.attributes[i].name.begin);
    }
}
