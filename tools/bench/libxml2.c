/* libxml2.c - libxml2's push parser, SAX2 handlers, no tree
 *
 * SPDX-License-Identifier: MIT */
#include "contender.h"

#if __has_include(<libxml/parser.h>)
#include <libxml/parser.h>
#include <string.h>

static size_t touch_string(uint64_t *sum, const xmlChar *string)
{
    size_t size = string != NULL ? strlen((const char *)string) : 0;
    *sum += touch(string, size);
    return size;
}

static void on_start(void *context, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri,
                     int declaration_count, const xmlChar **declarations, int attribute_count, int defaulted,
                     const xmlChar **attributes)
{
    work *w = context;
    uint64_t sum = 0;
    uint64_t value_bytes = 0;
    (void)prefix;
    (void)defaulted;
    w->events++;
    w->elements++;
    touch_string(&sum, uri);
    touch_string(&sum, local);
    for (int i = 0; i < declaration_count; i++) {
        touch_string(&sum, declarations[2 * i]);
        value_bytes += touch_string(&sum, declarations[2 * i + 1]);
    }
    for (int i = 0; i < attribute_count; i++) { /* local name, prefix, namespace name, begin and end of the value */
        const xmlChar **attribute = &attributes[5 * i];
        size_t size = (size_t)(attribute[4] - attribute[3]);
        touch_string(&sum, attribute[2]);
        touch_string(&sum, attribute[0]);
        sum += touch(attribute[3], size);
        value_bytes += size;
    }
    w->sum += sum;
    w->value_bytes += value_bytes;
    w->attributes += (size_t)declaration_count + (size_t)attribute_count;
}

static void on_end(void *context, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    work *w = context;
    (void)prefix;
    w->events++;
    touch_string(&w->sum, uri);
    touch_string(&w->sum, local);
}

static void on_text(void *context, const xmlChar *text, int size)
{
    work *w = context;
    w->events++;
    w->text_bytes += (size_t)size;
    w->sum += touch(text, (size_t)size);
}

static void on_message(void *context, const xmlError *error)
{
    (void)context;
    (void)error;
}

static bool decode(const contender *self, uint8_t *bytes, size_t size, size_t chunk, work *w)
{
    xmlSAXHandler handlers = {.initialized = XML_SAX2_MAGIC,
                              .startElementNs = on_start,
                              .endElementNs = on_end,
                              .characters = on_text,
                              .ignorableWhitespace = on_text,
                              .cdataBlock = on_text,
                              .serror = (xmlStructuredErrorFunc)on_message};
    (void)self;
    xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(&handlers, w, NULL, 0, NULL);
    if (parser == NULL) {
        return false;
    }
    /* Without NOENT an `&amp;` in a value would be handed out as `&#38;`. */
    xmlCtxtUseOptions(parser, XML_PARSE_NONET | XML_PARSE_NOENT);
    bool accepted = true;
    for (size_t at = 0; accepted && at < size; at += chunk) {
        size_t count = size - at < chunk ? size - at : chunk;
        accepted = xmlParseChunk(parser, (const char *)bytes + at, (int)count, at + count == size) == XML_ERR_OK;
    }
    accepted = accepted && parser->wellFormed;
    xmlFreeParserCtxt(parser);
    return accepted;
}
#define DECODE decode
#else
#define DECODE NULL
#endif

void contender_libxml2(contender *c)
{
    *c = (contender){.name = "libxml2",
                     .package = "libxml2-dev",
                     .unchecked =
                         "accepts comments, PIs, DTDs, entities, UTF-16; namespace errors are not fatal; no XMPP "
                         "framing; no stanza limits",
                     .decode = DECODE};
}
