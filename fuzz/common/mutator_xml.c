/* mutator_xml.c - changes of the kinds that XML and XMPP know
 *
 * Tags are found as `<` up to the next `>`: good enough for inputs that are wrong on purpose.
 *
 * SPDX-License-Identifier: MIT */
#include "mutator.h"

#include <string.h>

#define TAGS_MAX 512
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const elements[] = {
    "<a/>",
    "<a></a>",
    "<a>t</a>",
    "<p:a xmlns:p='u'/>",
    "<message xmlns='jabber:client'><body>hi</body></message>",
    "<message to='x'/>",
    "<iq type='get'/>",
    "<a xmlns='u'><b/></a>",
    "<a xmlns:p='u' p:b='1' b='2'/>",
    "<![CDATA[]]>",
    "<![CDATA[x]]]]>",
    "<![CDATA[x>&<]]>",
    "<?xml version='1.0'?>",
    "<!--",
    "<!DOCTYPE a>",
    "<?pi ?>",
    "</stream:stream>",
    "<db:result xmlns:db='jabber:server:dialback'/>",
    "<c:a xmlns:c='jabber:client'/>",
    "<s:a xmlns:s='jabber:server'/>",
    "<a xmlns='jabber:server'/>",
    "<a xml:lang='en'/>",
    "<stream:features/>",
    "<stream:stream/>",
    "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>",
    "\xff",
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>",
    "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' version='1.0'/>\xff",
};

static const char *const attributes[] = {
    " b='1'",
    " b=\"2\"",
    " xmlns='u'",
    " xmlns=''",
    " xmlns:p='u'",
    " xmlns:q='u'",
    " xmlns:p=''",
    " p:b='1'",
    " db:b='1'",
    " stream:b='1'",
    " q:b='1'",
    " xml:lang='en'",
    " xmlns:xml='http://www.w3.org/XML/1998/namespace'",
    " xmlns:xml='u'",
    " xmlns:p='http://www.w3.org/2000/xmlns/'",
    " xmlns:xmlns='u'",
    " xmlns='jabber:client'",
    " xmlns='jabber:server'",
    " xmlns:c='jabber:client'",
    " xmlns='http://www.w3.org/XML/1998/namespace'",
    " version='1.0'",
    " version='1.1'",
    " version='2.0'",
    " version='01.007'",
    " version='1'",
    " version='1.65536'",
    " version='1.4294967296'",
    " version='4294967297.0'",
    " to='t'",
    " from='f'",
    " id='i'",
    " b ='1'",
    " b= '1'",
    "\tb='1'",
    " b='1' ",
    "b='1'",
    " b",
    " b=",
    " b='<'",
    " xmlns:db='jabber:server:dialback'",
    " xmlns:stream='http://etherx.jabber.org/streams'",
    " p:b:c='1'",
    " :b='1'",
    " xmlns:='u'",
    " xmlnsp='u'",
};

static const char *const texts[] = {
    "&lt;",
    "&gt;",
    "&amp;",
    "&apos;",
    "&quot;",
    "&ltx;",
    "&am;",
    "&ampx",
    "&#0;",
    "&#x0;",
    "&#9;",
    "&#10;",
    "&#13;",
    "&#x85;",
    "&#55296;",
    "&#xD800;",
    "&#xDFFF;",
    "&#xFFFE;",
    "&#xFFFD;",
    "&#x10FFFF;",
    "&#x110000;",
    "&#4294967361;",
    "&#x100000041;",
    "&#00000000000065;",
    "&#x;",
    "&#;",
    "&#X41;",
    "&",
    "&;",
    "&x;",
    "]]>",
    "]]",
    "]",
    "]]]>",
    "]>",
    "]x",
    "\r\n",
    "\r",
    "\n",
    "\t",
    "\r\r\n",
    " ",
    "\xc3\xa9",
    "\xe2\x82\xac",
    "\xf0\x9f\x98\x80",
    "\xef\xbf\xbe",
    "\xef\xbf\xbf",
    "\xef\xbb\xbf",
    "\xef\xbf\xbd",
    "\xed\x9f\xbf",
    "\xed\xa0\x80",
    "\xed\xbf\xbf",
    "\xee\x80\x80",
    "\xc0\x80",
    "\xc1\xbf",
    "\xc2\x80",
    "\xe0\x80\x80",
    "\xe0\x9f\xbf",
    "\xe0\xa0\x80",
    "\xf0\x80\x80\x80",
    "\xf0\x8f\xbf\xbf",
    "\xf0\x90\x80\x80",
    "\xf4\x8f\xbf\xbf",
    "\xf4\x90\x80\x80",
    "\xf5\x80\x80\x80",
    "\xc3",
    "\xe2\x82",
    "\xf0\x9f\x98",
    "\x80",
    "\xc3(",
    "\xe2(\xa1",
    "\xe2\x82(",
    "\xf0(\x8c\xbc",
    "\xf0\x90(\xbc",
    "\xf0\x28\x8c\x28",
    "\x7f",
    "\xc2\x85",
    "\x01",
    "\x08",
    "\x0b",
    "\x0c",
    "\x1f",
    "<",
    ">",
    "'",
    "\"",
    "=",
    "/",
    ":",
    "\xcd\xb0",
    "\xc2\xb7",
    "\xc3\x97",
    "0123456789abcde",
    "0123456789abcdef",
    "0123456789abcdefg",
    "abcdefghijklmnopqrstuvwxyz0123456",
};

static const char *const declarations[] = {
    "<?xml version='1.0'?>",
    "<?xml version=\"1.0\" encoding='UTF-8'?>",
    "<?xml version='1.0' encoding='utf-8' ?>",
    "<?xml version='1.1'?>",
    "<?xml version='1.0' standalone='yes'?>",
    "<?xml encoding='UTF-8'?>",
    "<?xml version = '1.0'?>\n",
    "<?xml version='1.0' encoding='UTF-16'?>",
    "<?xml version='1.0' encoding='UTF-8' standalone='no'?>",
    "<?xml  version='1.0'?>",
};

/* ---- What is there --------------------------------------------------------------------------- */

typedef struct markup {
    size_t begin, end; /* `<` up to behind `>` */
    bool ends, empty;
} markup;

static size_t find_tags(const uint8_t *bytes, size_t size, markup *tags)
{
    size_t count = 0;
    for (size_t i = 0; i < size && count < TAGS_MAX; i++) {
        if (bytes[i] != '<')
            continue;
        const uint8_t *close = memchr(bytes + i, '>', size - i);
        if (close == NULL)
            break;
        size_t end = (size_t)(close - bytes) + 1;
        if (end - i > 2 && bytes[i + 1] != '?' && bytes[i + 1] != '!')
            tags[count++] = (markup){i, end, bytes[i + 1] == '/', bytes[end - 2] == '/'};
        i = end - 1;
    }
    return count;
}

static size_t name_size(const uint8_t *bytes, size_t begin, size_t end)
{
    size_t i = begin;
    while (i < end && bytes[i] > ' ' && bytes[i] != '/' && bytes[i] != '>' && bytes[i] != '=')
        i++;
    return i - begin;
}

/* The number of the tag that ends the element of tag `i`; itself for an empty one; `count` for none. */
static size_t end_of_element(const markup *tags, size_t count, size_t i)
{
    size_t depth = 0;
    for (size_t j = i; j < count; j++) {
        if (tags[j].ends)
            depth--;
        else if (!tags[j].empty)
            depth++;
        if (depth == 0 || depth > TAGS_MAX)
            return j;
    }
    return count;
}

bool fuzz_pick_element(fuzz_text *t, const uint8_t *bytes, size_t size, size_t *begin, size_t *end)
{
    static markup tags[TAGS_MAX];
    size_t count = find_tags(bytes, size, tags);
    for (unsigned tries = 0; tries < 8 && count > 0; tries++) {
        size_t i = fuzz_random(t, (uint32_t)count);
        size_t last = tags[i].ends ? count : end_of_element(tags, count, i);
        if (last < count) {
            *begin = tags[i].begin;
            *end = tags[last].end;
            return true;
        }
    }
    return false;
}

size_t fuzz_pick_place(fuzz_text *t)
{
    static markup tags[TAGS_MAX];
    size_t count = find_tags(t->bytes, t->size, tags);
    if (count == 0)
        return fuzz_random(t, (uint32_t)t->size + 1);
    const markup *tag = &tags[fuzz_random(t, (uint32_t)count)];
    return fuzz_random(t, 4) == 0 ? tag->begin : tag->end;
}

static uint32_t attributes_of(const uint8_t *bytes, const markup *tag)
{
    uint32_t count = 0;
    for (size_t i = tag->begin; i < tag->end; i++)
        count += bytes[i] == '=';
    return count;
}

static void at_least(uint32_t *measure, size_t value)
{
    if (*measure < value)
        *measure = (uint32_t)value;
}

/* What the declarations from `p` on put into the scope: prefixes and namespace names. */
static uint32_t declared(const uint8_t *p, const uint8_t *end, uint32_t *bindings)
{
    uint32_t size = 0;
    while ((p = memmem(p, (size_t)(end - p), "xmlns", 5)) != NULL) {
        p += 5;
        ++*bindings;
        const uint8_t *open = memchr(p, '\'', (size_t)(end - p));
        const uint8_t *close = open != NULL ? memchr(open + 1, '\'', (size_t)(end - open - 1)) : NULL;
        if (close == NULL)
            break;
        size += (uint32_t)(close - open - 1) + (open - p > 2 ? (uint32_t)(open - p - 2) : 0);
        p = close;
    }
    return size;
}

void fuzz_measure(const fuzz_text *t, uint32_t measures[7])
{
    static markup tags[TAGS_MAX];
    static uint32_t scopes[TAGS_MAX + 1], bindings[TAGS_MAX + 1]; /* by depth */
    size_t count = find_tags(t->bytes, t->size, tags), first = 0;
    uint32_t depth = 0, within = 0;
    memset(measures, 0, 7 * sizeof *measures);
    for (size_t i = 0; i < count; i++) {
        const markup *tag = &tags[i];
        at_least(&measures[4], tag->end - tag->begin);
        if (tag->ends) {
            depth -= depth > 0;
        } else {
            within = depth <= 1 ? 1 : within + 1;
            first = depth <= 1 ? tag->begin : first;
            depth++;
            bindings[depth] = bindings[depth - 1];
            scopes[depth] = scopes[depth - 1] + (uint32_t)name_size(t->bytes, tag->begin + 1, tag->end) +
                            declared(t->bytes + tag->begin, t->bytes + tag->end, &bindings[depth]);
            at_least(&measures[0], depth);
            at_least(&measures[2], bindings[depth]);
            at_least(&measures[3], scopes[depth]);
            at_least(&measures[1], attributes_of(t->bytes, tag));
            at_least(&measures[6], within);
            depth -= tag->empty;
        }
        at_least(&measures[5], tag->end - first);
    }
}

/* ---- Changes --------------------------------------------------------------------------------- */

static void insert(fuzz_text *t, size_t at, const char *text)
{
    (void)fuzz_replace(t, at, 0, text, strlen(text));
}

#define PICK(t, array) ((array)[fuzz_random(t, COUNT(array))])

/* The size of the attribute at `at`, up to behind the quote that ends its value; 0: it has none. */
static size_t attribute_size(const fuzz_text *t, size_t at, size_t end)
{
    const uint8_t *equals = memchr(t->bytes + at, '=', end - at);
    size_t open = equals != NULL ? (size_t)(equals - t->bytes) + 1 : end;
    if (open >= end || (t->bytes[open] != '\'' && t->bytes[open] != '"'))
        return 0;
    const uint8_t *close = memchr(t->bytes + open + 1, t->bytes[open], end - open - 1);
    return close != NULL ? (size_t)(close - t->bytes) + 1 - at : 0;
}

/* An attribute; mostly in place of that of its name, for two of one name hide what the value would do. */
static void insert_attribute(fuzz_text *t, const markup *tag)
{
    const char *text = PICK(t, attributes);
    const char *equals = strchr(text, '=');
    size_t at = tag->end - 1 - (tag->empty ? 1u : 0u), cut = 0;
    if (fuzz_random(t, 4) == 0)
        at = tag->begin + 1 + name_size(t->bytes, tag->begin + 1, tag->end);
    const uint8_t *same = equals != NULL && fuzz_random(t, 4) != 0
                              ? memmem(t->bytes + tag->begin, tag->end - tag->begin, text, (size_t)(equals - text) + 1)
                              : NULL;
    if (same != NULL) {
        at = (size_t)(same - t->bytes);
        cut = attribute_size(t, at, tag->end);
    }
    (void)fuzz_replace(t, at, cut, text, strlen(text));
}

/* A value, by chance: the place of its `=`; 0: there is none. */
static size_t pick_value(fuzz_text *t, const markup *tag)
{
    size_t picked = 0;
    uint32_t count = 0;
    for (size_t i = tag->begin; i < tag->end; i++) {
        size_t size = t->bytes[i] == '=' ? attribute_size(t, i, tag->end) : 0;
        if (size > 3 && fuzz_random(t, ++count) == 0)
            picked = i;
    }
    return picked;
}

/* A value that ends early, lacks its begin, is other in one byte, longer or empty. */
static void spoil_value(fuzz_text *t, const markup *tag)
{
    size_t at = pick_value(t, tag);
    if (at == 0)
        return;
    size_t size = attribute_size(t, at, tag->end) - 3; /* without `=` and quotes */
    at += 2;
    uint32_t place = fuzz_random(t, (uint32_t)size);
    uint8_t other = (uint8_t)(t->bytes[at + place] ^ (fuzz_random(t, 2) != 0 ? 0x20 : 1u << fuzz_random(t, 4)));
    switch (fuzz_random(t, 6)) {
    case 0: (void)fuzz_replace(t, at + place, size - place, "", 0); break;
    case 1: (void)fuzz_replace(t, at + size - 1, 1, "", 0); break;
    case 2: (void)fuzz_replace(t, at, place, "", 0); break;
    case 3: (void)fuzz_replace(t, at + place, 1, &other, 1); break;
    case 4: (void)fuzz_replace(t, at + place, 0, &other, 1); break;
    default: (void)fuzz_replace(t, at, size, "", 0); break;
    }
}

/* A place inside a tag behind a quote, or inside text. */
static void insert_text(fuzz_text *t, const markup *tag)
{
    size_t at = fuzz_random(t, 2) != 0 ? tag->end : tag->begin;
    if (fuzz_random(t, 3) == 0) {
        const uint8_t *quote =
            memchr(t->bytes + tag->begin, fuzz_random(t, 4) == 0 ? '"' : '\'', tag->end - tag->begin);
        if (quote != NULL)
            at = (size_t)(quote - t->bytes) + 1;
    }
    uint32_t times = 1 + (fuzz_random(t, 8) == 0 ? fuzz_random(t, 40) : fuzz_random(t, 2));
    const char *text = PICK(t, texts);
    while (times-- > 0)
        insert(t, at, text);
}

/* Of tag `i`, mostly with the tag that ends its element. */
static void rename_to(fuzz_text *t, const markup *tags, size_t count, size_t i, const void *name, size_t size)
{
    size_t last = tags[i].ends ? count : end_of_element(tags, count, i);
    if (last < count && last != i && fuzz_random(t, 4) != 0) {
        size_t begin = tags[last].begin + 2;
        (void)fuzz_replace(t, begin, name_size(t->bytes, begin, tags[last].end), name, size);
    }
    size_t begin = tags[i].begin + 1 + (tags[i].ends ? 1u : 0u);
    (void)fuzz_replace(t, begin, name_size(t->bytes, begin, tags[i].end), name, size);
}

static void rename_element(fuzz_text *t, const markup *tags, size_t count, size_t i)
{
    static const char *const names[] = {"a",
                                        "b",
                                        "p:a",
                                        "q:a",
                                        "xml:a",
                                        "xmlns:a",
                                        "message",
                                        "stream:stream",
                                        "stream:features",
                                        "open",
                                        "close",
                                        "ab",
                                        "c:message",
                                        "\xc3\xa9",
                                        "stream",
                                        "a:b:c",
                                        "x",
                                        "aaaaaaaaaaaaaaaa"};
    const char *name = PICK(t, names);
    rename_to(t, tags, count, i, name, strlen(name));
}

/* A name becomes longer, shorter, or other in one byte. */
static void spoil_name(fuzz_text *t, const markup *tag, size_t begin)
{
    static const char beside[] =
        "x y0A-._:/@[]^`{|}~;=,'\"<>&?!*+\x1f\x7f\x80"; /* what names have, and its neighbours */
    size_t size = name_size(t->bytes, begin, tag->end);
    size_t at = begin + fuzz_random(t, (uint32_t)size + 1);
    const char *byte = beside + fuzz_random(t, sizeof beside - 1);
    switch (fuzz_random(t, 4)) {
    case 0: (void)fuzz_replace(t, at, 0, byte, 1); break;
    case 1: (void)fuzz_replace(t, begin + size - (size > 0), size > 0, "", 0); break;
    case 2: (void)fuzz_replace(t, at, at < begin + size, byte, 1); break;
    default: (void)fuzz_replace(t, at, at < begin + size, "y", 1); break;
    }
}

static void wrap_element(fuzz_text *t, const markup *tags, size_t count, size_t i)
{
    static const char *const around[][2] = {{"<w>", "</w>"},
                                            {"<p:w xmlns:p='v'>", "</p:w>"},
                                            {"<w xmlns='v'>", "</w>"},
                                            {"<w xmlns='' xmlns:q='u'>", "</w>"}};
    const char *const *pair = around[fuzz_random(t, COUNT(around))];
    size_t last = tags[i].ends ? count : end_of_element(tags, count, i);
    if (last == count)
        return;
    insert(t, tags[last].end, pair[1]);
    insert(t, tags[i].begin, pair[0]);
}

/* A piece again, or in another place. */
static void copy_piece(fuzz_text *t, size_t begin, size_t end, size_t at)
{
    static uint8_t piece[4096];
    size_t size = end - begin;
    if (size > sizeof piece)
        return;
    memcpy(piece, t->bytes + begin, size);
    (void)fuzz_replace(t, at, 0, piece, size);
}

/* The place of the blank before one of a tag's attributes; 0: none. */
static size_t pick_attribute(fuzz_text *t, const markup *tag)
{
    size_t starts[64], count = 0;
    for (size_t i = tag->begin; i < tag->end && count < COUNT(starts); i++) {
        if (t->bytes[i] == ' ')
            starts[count++] = i;
    }
    return count == 0 ? 0 : starts[fuzz_random(t, (uint32_t)count)];
}

/* An element, new or renamed, with a prefix that a tag before it declares, or has to declare from now on. */
static void use_prefix(fuzz_text *t, const markup *tags, size_t count, size_t i, size_t j)
{
    static const char *const known[] = {" xmlns:p='u'",
                                        " xmlns:c='jabber:client'",
                                        " xmlns:s='jabber:server'",
                                        " xmlns:db='jabber:server:dialback'",
                                        " xmlns:t='http://etherx.jabber.org/streams'",
                                        " xmlns:xml='http://www.w3.org/XML/1998/namespace'"};
    uint8_t element[64] = "<";
    const markup *from = &tags[i < j ? i : j];
    size_t begin = pick_attribute(t, from) + 1, size = name_size(t->bytes, begin, from->end);
    const uint8_t *declaration = t->bytes + begin;
    const char *added = size > 6 && memcmp(declaration, "xmlns:", 6) == 0 ? NULL : PICK(t, known);
    if (added != NULL) {
        declaration = (const uint8_t *)added + 1;
        size = name_size(declaration, 0, strlen(added) - 1);
    }
    size -= 6; /* of the prefix */
    if (size > sizeof element - 5)
        return;
    memcpy(element + 1, declaration + 6, size);
    memcpy(element + 1 + size, ":a/>", 4);
    size_t to = i > j ? i : j;
    if (i == j || fuzz_random(t, 2) != 0)
        (void)fuzz_replace(t, tags[to].end, 0, element, size + 5);
    else
        rename_to(t, tags, count, to, element + 1, size + 2);
    if (added != NULL)
        insert(t, from->end - 1 - (from->empty ? 1u : 0u), added);
}

static void replace_space(fuzz_text *t, size_t at)
{
    static const char *const spaces[] = {"\t", "\n", "\r", "  ", "\r\n"};
    const char *space = PICK(t, spaces);
    if (t->bytes[at] == ' ')
        (void)fuzz_replace(t, at, 1, space, strlen(space));
}

static void spoil_attribute(fuzz_text *t, const markup *tag)
{
    size_t begin = pick_attribute(t, tag);
    if (begin != 0 && fuzz_random(t, 4) == 0)
        replace_space(t, begin);
    else if (begin != 0)
        spoil_name(t, tag, begin + 1);
}

/* So many attributes that they are looked at in other ways than a few. */
static void insert_attributes(fuzz_text *t, const markup *tag)
{
    uint32_t first = fuzz_random(t, 28), count = fuzz_random(t, 72);
    for (uint32_t i = first; i < first + count; i++) {
        char text[] = " a00=''";
        text[2] = (char)('0' + i / 10);
        text[3] = (char)('0' + i % 10);
        insert(t, tag->end - 1 - (tag->empty ? 1u : 0u), text);
    }
}

/* Plain bytes, in a text, a value or an attribute's name, so that what follows is met at another place of a vector. */
static void pad(fuzz_text *t, const markup *tag)
{
    uint8_t plain[72];
    size_t at = tag->end;
    uint32_t where = fuzz_random(t, 4);
    if (where != 0) {
        at = pick_attribute(t, tag);
        const uint8_t *quote = where > 1 ? memchr(t->bytes + at, '\'', tag->end - at) : NULL;
        at = quote != NULL ? (size_t)(quote - t->bytes) + 1 : at + (at != 0) * (1 + fuzz_random(t, 3));
    }
    memset(plain, 'x', sizeof plain);
    if (at != 0 && at <= t->size)
        (void)fuzz_replace(t, at, 0, plain, 1 + fuzz_random(t, fuzz_random(t, 2) != 0 ? 4 : sizeof plain));
}

/* An attribute, ` name='value'`, once more in the same tag or another. */
static void copy_attribute(fuzz_text *t, const markup *from, const markup *to)
{
    size_t begin = pick_attribute(t, from);
    size_t size = begin != 0 ? attribute_size(t, begin, from->end) : 0;
    size_t at = to->end - 1 - (to->empty ? 1u : 0u);
    if (size == 0)
        return;
    copy_piece(t, begin, begin + size, at);
    if (fuzz_random(t, 3) == 0)
        replace_space(t, at);
}

/* Attributes with a prefix, and the prefix's declaration, once more with another prefix: one expanded name twice. */
static void twin_attributes(fuzz_text *t, const markup *tag)
{
    uint8_t other = (uint8_t)('p' + fuzz_random(t, 3));
    size_t to = tag->end - 1 - (tag->empty ? 1u : 0u), added = to;
    for (size_t i = tag->begin; i < to; i++) {
        size_t size = t->bytes[i] == ' ' ? attribute_size(t, i, to) : 0;
        size_t name = size != 0 ? name_size(t->bytes, i + 1, to) : 0;
        const uint8_t *colon = memchr(t->bytes + i + 1, ':', name);
        if (colon == NULL || fuzz_random(t, 8) == 0)
            continue;
        bool declares = name > 6 && memcmp(t->bytes + i + 1, "xmlns:", 6) == 0;
        size_t last = declares ? name : (size_t)(colon - t->bytes) - i - 1; /* of the prefix, behind the blank */
        size_t before = t->size;
        copy_piece(t, i, i + size, added);
        if (t->size == before)
            break;
        t->bytes[added + last] = other;
        added += size;
        i += size - 1;
    }
}

static void mutate_tags(fuzz_text *t, const markup *tags, size_t count)
{
    size_t i = fuzz_random(t, (uint32_t)count), j = fuzz_random(t, (uint32_t)count);
    size_t last = tags[i].ends ? count : end_of_element(tags, count, i);
    switch (fuzz_random(t, 24)) {
    case 0: (void)fuzz_replace(t, tags[i].begin, tags[i].end - tags[i].begin, "", 0); break;
    case 1: copy_piece(t, tags[i].begin, tags[last < count ? last : i].end, tags[j].end); break;
    case 2: wrap_element(t, tags, count, i); break;
    case 3: /* fall through */
    case 4: rename_element(t, tags, count, i); break;
    case 5: spoil_name(t, &tags[i], tags[i].begin + 1 + (tags[i].ends ? 1u : 0u)); break;
    case 6: copy_attribute(t, &tags[i], &tags[fuzz_random(t, 2) != 0 ? i : j]); break;
    case 7: t->size = fuzz_random(t, 8) == 0 ? tags[i].end : t->size; break;
    case 8: /* fall through */
    case 9: /* fall through */
    case 10: insert_attribute(t, &tags[i]); break;
    case 11: /* fall through */
    case 12: insert(t, tags[i].end, PICK(t, elements)); break;
    case 13: /* a new stream: what begins this one, again */ copy_piece(t, 0, tags[0].end, tags[i].end); break;
    case 14: spoil_attribute(t, &tags[i]); break;
    case 15: insert_attributes(t, &tags[i]); break;
    case 16: /* fall through */
    case 17: pad(t, &tags[i]); break;
    case 18: twin_attributes(t, &tags[i]); break;
    case 19: spoil_value(t, &tags[i]); break;
    case 20: use_prefix(t, tags, count, i, fuzz_random(t, 2) != 0 ? 0 : j); break;
    default: insert_text(t, &tags[i]); break;
    }
}

static void mutate_declaration(fuzz_text *t, size_t end)
{
    const markup declaration = {0, end, false, true};
    switch (fuzz_random(t, 3)) {
    case 0: spoil_attribute(t, &declaration); break;
    case 1: copy_attribute(t, &declaration, &declaration); break;
    default: spoil_value(t, &declaration); break;
    }
}

void fuzz_mutate_xml(fuzz_text *t)
{
    static markup tags[TAGS_MAX];
    size_t count = find_tags(t->bytes, t->size, tags);
    size_t at = fuzz_random(t, (uint32_t)t->size + 1);
    bool declares = t->size > 5 && memcmp(t->bytes, "<?xml", 5) == 0;
    const uint8_t *declared = declares ? memmem(t->bytes, t->size, "?>", 2) : NULL;
    if (declared != NULL && fuzz_random(t, 8) == 0) {
        mutate_declaration(t, (size_t)(declared - t->bytes) + 2);
        return;
    }
    if (count > 0 && fuzz_random(t, 8) != 0) {
        mutate_tags(t, tags, count);
        return;
    }
    switch (fuzz_random(t, 4)) {
    case 0: insert(t, 0, PICK(t, declarations)); break;
    case 1: insert(t, at, PICK(t, elements)); break;
    case 2: insert(t, at, PICK(t, attributes)); break;
    default: insert(t, at, PICK(t, texts)); break;
    }
}

void fuzz_repair(fuzz_text *t, uint32_t framing)
{
    static markup tags[TAGS_MAX];
    static const char *const headers[] = {
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>",
        "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' version='1.0'/>\xff", "<a>"};
    static const char *const marks[] = {"stream", "open", "<"};
    framing = framing == 3 ? 0 : framing;
    if (memmem(t->bytes, t->size, marks[framing], strlen(marks[framing])) == NULL)
        insert(t, 0, headers[framing]);
    size_t count = find_tags(t->bytes, t->size, tags);
    for (size_t i = count; i-- > 0;) { /* innermost first */
        uint8_t end[64] = "</";
        size_t size = name_size(t->bytes, tags[i].begin + 1, tags[i].end);
        if (tags[i].ends || tags[i].empty || size > sizeof end - 3 || end_of_element(tags, count, i) < count)
            continue;
        memcpy(end + 2, t->bytes + tags[i].begin + 1, size);
        end[2 + size] = '>';
        (void)fuzz_replace(t, t->size, 0, end, size + 3);
    }
}
