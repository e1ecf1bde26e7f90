/* excused.c - the differences from expat and libxml2 that are theirs, or were meant, each with a sample
 *
 * SPDX-License-Identifier: MIT */
#include "judge.h"
#include "tables.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool contains(const document *d, const char *text, size_t size)
{
    return memmem(d->bytes, d->size, text, size) != NULL;
}

#define CONTAINS(d, text) contains(d, text, sizeof(text) - 1)

/* expat has the name characters of the fourth edition (its appendix B), Weir those of the fifth. */
static bool fifth_edition_name(const document *d)
{
    uint32_t character;
    size_t bad, at = d->expat.offset;
    return d->expat.code == XML_ERROR_INVALID_TOKEN && at < d->size &&
           table_utf8(d->bytes + at, d->size - at, &character, &bad) > 0 && character >= 0x80 &&
           table_is_name(character);
}

/* To Weir U+FEFF at the beginning is text (RFC 6120 11.6); to them it is no part of the document (XML 4.3.3). */
static bool byte_order_mark(const document *d)
{
    return d->code == WEIR_E_PROLOG && d->offset == 0 && d->size >= 3 && memcmp(d->bytes, "\xef\xbb\xbf", 3) == 0;
}

/* To Weir it is malformed UTF-8; they see by its byte order mark that it is UTF-16 (XML F.1), and go on. */
static bool utf16_with_mark(const document *d)
{
    return d->code == WEIR_E_UTF8 && d->offset == 0 && d->size >= 2 &&
           (memcmp(d->bytes, "\xfe\xff", 2) == 0 || memcmp(d->bytes, "\xff\xfe", 2) == 0);
}

/* RFC 6120 11.6 has no other encoding than UTF-8; they know more, and here they were told to pay no heed. What is
 * excused is no beginning of `UTF-8` and the quote. */
static bool other_encoding_declared(const document *d)
{
    static const char word[] = "encoding";
    char right[] = "utf-8'";
    const uint8_t *quote = memmem(d->bytes, d->offset, word, sizeof word - 1);
    if (d->code != WEIR_E_ENCODING || quote == NULL || d->offset >= d->size)
        return false;
    const uint8_t *fault = d->bytes + d->offset;
    while (quote < fault && *quote != '"' && *quote != '\'')
        quote++;
    right[sizeof right - 2] = (char)*quote;
    size_t size = (size_t)(fault - quote); /* of the value, the fault included */
    return size >= sizeof right || strncasecmp((const char *)quote + 1, right, size) != 0;
}

/* XML 2.8 [26] wants a digit after the point. */
static bool version_without_minor(const document *d)
{
    return d->code == WEIR_E_SYNTAX && d->offset >= 3 && memcmp(d->bytes + d->offset - 2, "1.", 2) == 0 &&
           d->bytes[d->offset] == d->bytes[d->offset - 3];
}

static size_t without_declarations_of_xml(uint8_t *bytes, size_t size)
{
    static const char declaration[] = "Dxml\xffhttp://www.w3.org/XML/1998/namespace\xff";
    const size_t length = sizeof declaration - 1;
    uint8_t *at;
    while ((at = memmem(bytes, size, declaration, length)) != NULL) {
        memmove(at, at + length, size - (size_t)(at + length - bytes));
        size -= length;
    }
    return size;
}

/* libxml2 gives no declaration of `xml`, which NS 3 allows. */
static bool declaration_of_xml(const document *d)
{
    const plain *other = &d->libxml2.events;
    uint8_t *weirs = malloc(d->events.size + 1);
    if (weirs == NULL)
        abort();
    memcpy(weirs, d->events.bytes, d->events.size);
    size_t size = without_declarations_of_xml(weirs, d->events.size);
    bool equal =
        (d->whole ? other->size == size : other->size <= size) && memcmp(weirs, other->bytes, other->size) == 0;
    free(weirs);
    return equal;
}

static size_t line_end_characters(const uint8_t *bytes, size_t size)
{
    size_t count = 0;
    while (count < size && (bytes[count] == '\r' || bytes[count] == '\n'))
        count++;
    return count;
}

/* How many line ends these characters are at least: where CR LF is one. */
static size_t fewest_line_ends(const uint8_t *bytes, size_t size)
{
    size_t count = size;
    for (size_t i = 1; i < size; i++)
        count -= bytes[i - 1] == '\r' && bytes[i] == '\n';
    return count;
}

/* The push parser of libxml2 gives line ends in CDATA sections as they are. Then a CR that ends a section and a line
 * feed after it look like CR LF; so of each run of line ends only the number is compared, as far as it is known. */
static bool line_end_in_pushed_cdata(const document *d)
{
    const plain *weirs = &d->events, *others = &d->libxml2.events;
    if (d->whole || !CONTAINS(d, "<![CDATA["))
        return false;
    for (size_t i = 0, k = 0; k < others->size;) {
        size_t run = line_end_characters(weirs->bytes + i, weirs->size - i);
        size_t most = line_end_characters(others->bytes + k, others->size - k);
        size_t least = fewest_line_ends(others->bytes + k, most);
        i += run;
        k += most;
        if (run < least || (run > most && k < others->size))
            return false;
        if (k < others->size && (i == weirs->size || weirs->bytes[i++] != others->bytes[k++]))
            return false;
    }
    return true;
}

#define SAMPLE(text) text, sizeof(text) - 1

const excuse excuses[] = {
    {"fifth-edition names, in expat", EXPAT_REFUSES, fifth_edition_name, SAMPLE("<\xf0\x90\x80\x80/>")},
    {"U+FEFF at the beginning, in both", BOTH_ACCEPT, byte_order_mark, SAMPLE("\xef\xbb\xbf<a/>")},
    {"UTF-16 with a byte order mark, in both", BOTH_ACCEPT, utf16_with_mark, SAMPLE("\xfe\xff\0<\0a\0/\0>")},
    {"another encoding declared, in both", BOTH_ACCEPT, other_encoding_declared,
     SAMPLE("<?xml version='1.0' encoding='ISO-8859-1'?><a/>")},
    {"a version without minor part, in both", BOTH_ACCEPT, version_without_minor, SAMPLE("<?xml version='1.'?><a/>")},
    {"a declaration of the prefix xml, in libxml2", LIBXML2_DIFFERS, declaration_of_xml,
     SAMPLE("<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>")},
    {"CR in a CDATA section of a beginning, in libxml2", LIBXML2_DIFFERS, line_end_in_pushed_cdata,
     SAMPLE("<a><![CDATA[b\r\n\r]]>\nc")},
};
const size_t excuse_count = sizeof excuses / sizeof excuses[0];
