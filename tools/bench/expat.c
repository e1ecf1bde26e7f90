/* expat.c - expat with namespaces
 *
 * SPDX-License-Identifier: MIT */
#include "contender.h"

#if __has_include(<expat.h>)
#include <expat.h>
#include <string.h>

enum { TOUCHING, SILENT, EAGER };

/* Newer than 2.5.0, but also in Debian's 2.5.0. */
XMLPARSEAPI(XML_Bool)
XML_SetReparseDeferralEnabled(XML_Parser parser, XML_Bool enabled) __attribute__((weak));

/* Between namespace name and local name; occurs in no UTF-8. */
static const XML_Char separator = (XML_Char)0xff;

static uint64_t touch_name(const XML_Char *name)
{
    uint64_t sum = 0;
    const XML_Char *end_of_namespace = strchr(name, separator);
    if (end_of_namespace != NULL) {
        sum = touch(name, (size_t)(end_of_namespace - name));
        name = end_of_namespace + 1;
    }
    return sum + touch(name, strlen(name));
}

static void on_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
    work *w = context;
    w->events++;
    w->elements++;
    uint64_t sum = touch_name(name);
    uint64_t count = 0;
    uint64_t value_bytes = 0;
    for (; attributes[0] != NULL; attributes += 2) {
        size_t size = strlen(attributes[1]);
        sum += touch_name(attributes[0]);
        sum += touch(attributes[1], size);
        count++;
        value_bytes += size;
    }
    w->attributes += count;
    w->value_bytes += value_bytes;
    w->sum += sum;
}

static void on_end(void *context, const XML_Char *name)
{
    work *w = context;
    w->events++;
    w->sum += touch_name(name);
}

static void on_text(void *context, const XML_Char *text, int size)
{
    work *w = context;
    w->events++;
    w->text_bytes += (size_t)size;
    w->sum += touch(text, (size_t)size);
}

static void on_declaration(void *context, const XML_Char *prefix, const XML_Char *uri)
{
    work *w = context;
    size_t size = uri != NULL ? strlen(uri) : 0;
    if (prefix != NULL) {
        w->sum += touch(prefix, strlen(prefix));
    }
    w->sum += touch(uri, size);
    w->attributes++;
    w->value_bytes += size;
}

static void on_start_silent(void *context, const XML_Char *name, const XML_Char **attributes)
{
    work *w = context;
    (void)name;
    (void)attributes;
    w->events++;
}

static void on_end_silent(void *context, const XML_Char *name)
{
    work *w = context;
    (void)name;
    w->events++;
}

static void on_text_silent(void *context, const XML_Char *text, int size)
{
    work *w = context;
    (void)text;
    (void)size;
    w->events++;
}

static bool decode(const contender *self, uint8_t *bytes, size_t size, size_t chunk, work *w)
{
    XML_Parser parser = XML_ParserCreateNS("UTF-8", separator);
    if (parser == NULL) {
        return false;
    }
    if (self->variant == EAGER && XML_SetReparseDeferralEnabled != NULL) {
        XML_SetReparseDeferralEnabled(parser, XML_FALSE);
    }
    XML_SetUserData(parser, w);
    if (self->variant == SILENT) {
        XML_SetElementHandler(parser, on_start_silent, on_end_silent);
        XML_SetCharacterDataHandler(parser, on_text_silent);
    } else {
        XML_SetElementHandler(parser, on_start, on_end);
        XML_SetCharacterDataHandler(parser, on_text);
        XML_SetStartNamespaceDeclHandler(parser, on_declaration);
    }
    bool accepted = true;
    for (size_t at = 0; accepted && at < size; at += chunk) {
        size_t count = size - at < chunk ? size - at : chunk;
        accepted = XML_Parse(parser, (const char *)bytes + at, (int)count, at + count == size) == XML_STATUS_OK;
    }
    XML_ParserFree(parser);
    return accepted;
}
#define DECODE decode
#else
enum { TOUCHING, SILENT, EAGER };
#define DECODE NULL
#endif

void contender_expat(contender *c)
{
    *c = (contender){.name = "expat",
                     .package = "libexpat1-dev",
                     .unchecked = "accepts comments, PIs, DTDs, entities, UTF-16; no XMPP framing; no limits",
                     .variant = TOUCHING,
                     .decode = DECODE};
}

void contender_expat_silent(contender *c)
{
    contender_expat(c);
    c->name = "expat-silent";
    c->flags = CONTENDER_NO_WORK | CONTENDER_ASIDE;
    c->variant = SILENT;
}

void contender_expat_eager(contender *c)
{
    contender_expat(c);
    c->name = "expat-eager";
    c->flags = CONTENDER_ASIDE;
    c->variant = EAGER;
}
