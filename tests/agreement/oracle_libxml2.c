/* oracle_libxml2.c - see oracle.h
 *
 * A whole document is read in one, the beginning of one by the push parser: that one knows that more may come. No
 * encoding is named to it: told that it is UTF-8 it converts the bytes piece by piece, and then stumbles over
 * `xmlns:xml` where one piece ends.
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <stdlib.h>
#include <string.h>

/* NOENT: else it writes `&amp;` in a value as `&#38;`. */
#define OPTIONS (XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_HUGE | XML_PARSE_IGNORE_ENC)

typedef struct libxml2_oracle {
    xmlParserCtxtPtr context;
    opinion *answer;
} libxml2_oracle;

static plain_string string_of(const xmlChar *text)
{
    return (plain_string){text, text == NULL ? 0 : strlen((const char *)text)};
}

static libxml2_oracle *oracle_of(void *context)
{
    return ((xmlParserCtxtPtr)context)->_private;
}

static void on_start(void *context, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri, int declarations,
                     const xmlChar **declared, int attributes, int defaulted, const xmlChar **attribute)
{
    (void)defaulted;
    plain *events = &oracle_of(context)->answer->events;
    plain_start(events, string_of(uri), string_of(prefix), string_of(local));
    for (int i = 0; i < declarations; i++)
        plain_declaration(events, string_of(declared[2 * i]), string_of(declared[2 * i + 1]));
    for (int i = 0; i < attributes; i++) {
        const xmlChar **a = attribute + (ptrdiff_t)i * 5; /* local name, prefix, namespace name, value, its end */
        plain_string value = {a[3], (size_t)(a[4] - a[3])};
        plain_attribute(events, string_of(a[2]), string_of(a[1]), string_of(a[0]), value);
    }
}

static void on_end(void *context, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    plain_end(&oracle_of(context)->answer->events, string_of(uri), string_of(prefix), string_of(local));
}

static void on_text(void *context, const xmlChar *text, int size)
{
    plain_text(&oracle_of(context)->answer->events, (plain_string){text, (size_t)size});
}

#if LIBXML_VERSION >= 21200
typedef const xmlError *libxml2_error;
#else
typedef xmlErrorPtr libxml2_error;
#endif

/* Faults of namespaces do not end the parse; they are reported here as all others are. */
static void on_error(void *context, libxml2_error error)
{
    libxml2_oracle *o = oracle_of(context);
    if (error->code == XML_WAR_NS_URI || error->code == XML_WAR_NS_URI_RELATIVE) {
        o->answer->reported_uri = true;
    } else if (error->level >= XML_ERR_ERROR && !o->answer->refused) {
        o->answer->refused = true;
        o->answer->code = error->code;
    }
}

static void *begin(void)
{
    libxml2_oracle *o = malloc(sizeof *o);
    xmlSAXHandler sax;
    memset(&sax, 0, sizeof sax);
    sax.initialized = XML_SAX2_MAGIC;
    sax.startElementNs = on_start;
    sax.endElementNs = on_end;
    sax.characters = sax.ignorableWhitespace = sax.cdataBlock = on_text;
    sax.serror = on_error;
    xmlInitParser();
    if (o == NULL)
        abort();
    o->context = xmlNewParserCtxt();
    if (o->context == NULL)
        abort();
    *o->context->sax = sax;
    o->context->_private = o;
    return o;
}

static void end(void *parser)
{
    libxml2_oracle *o = parser;
    xmlFreeParserCtxt(o->context);
    free(o);
}

static void ask(void *parser, const uint8_t *bytes, size_t size, bool whole, opinion *answer)
{
    libxml2_oracle *o = parser;
    xmlParserCtxtPtr c = o->context;
    o->answer = answer;
    plain_clear(&answer->events);
    answer->refused = answer->reported_uri = false;
    answer->code = 0;
    answer->offset = size;
    if (whole) {
        xmlDocPtr document = xmlCtxtReadMemory(c, (const char *)bytes, (int)size, NULL, NULL, OPTIONS);
        xmlFreeDoc(document);
        answer->refused = answer->refused || !c->wellFormed;
    } else {
        xmlCtxtResetPush(c, NULL, 0, NULL, NULL);
        xmlCtxtUseOptions(c, OPTIONS);
        xmlParseChunk(c, (const char *)bytes, (int)size, 0);
    }
}

const oracle oracle_libxml2 = {"libxml2 " LIBXML_DOTTED_VERSION, LIBXML_VERSION / 100 == 209, begin, end, ask};
