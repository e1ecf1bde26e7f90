/* oracle_expat.c - see oracle.h
 *
 * SPDX-License-Identifier: MIT */
#include "oracle.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#define SEPARATOR '\xff' /* a space, or any character, may be part of a namespace name */

static plain_string string_of(const char *text)
{
    return (plain_string){text, text == NULL ? 0 : strlen(text)};
}

/* "namespace name, separator, local name, separator, prefix", "namespace name, separator, local name", or "local
 * name". */
static void split_name(const char *triplet, plain_string parts[3])
{
    const char *local = strchr(triplet, SEPARATOR);
    parts[0] = parts[1] = string_of(NULL);
    parts[2] = string_of(triplet);
    if (local == NULL)
        return;
    parts[0] = (plain_string){triplet, (size_t)(local - triplet)};
    local++;
    const char *prefix = strchr(local, SEPARATOR);
    parts[2] = string_of(local);
    if (prefix != NULL) {
        parts[2].size = (size_t)(prefix - local);
        parts[1] = string_of(prefix + 1);
    }
}

/* Declarations come before the start of their element. */
typedef struct expat_oracle {
    XML_Parser parser;
    opinion *answer;
    plain declarations;
} expat_oracle;

static void on_declaration(void *context, const XML_Char *prefix, const XML_Char *uri)
{
    expat_oracle *o = context;
    plain_declaration(&o->declarations, string_of(prefix), string_of(uri));
}

static void on_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
    expat_oracle *o = context;
    plain *events = &o->answer->events;
    plain_string parts[3];
    split_name(name, parts);
    plain_start(events, parts[0], parts[1], parts[2]);
    plain_add(events, &o->declarations);
    plain_clear(&o->declarations);
    for (; *attributes != NULL; attributes += 2) {
        split_name(attributes[0], parts);
        plain_attribute(events, parts[0], parts[1], parts[2], string_of(attributes[1]));
    }
}

static void on_end(void *context, const XML_Char *name)
{
    expat_oracle *o = context;
    plain_string parts[3];
    split_name(name, parts);
    plain_end(&o->answer->events, parts[0], parts[1], parts[2]);
}

static void on_text(void *context, const XML_Char *text, int size)
{
    expat_oracle *o = context;
    plain_text(&o->answer->events, (plain_string){text, (size_t)size});
}

static void *begin(void)
{
    expat_oracle *o = malloc(sizeof *o);
    if (o == NULL)
        abort();
    o->parser = XML_ParserCreateNS("UTF-8", SEPARATOR);
    if (o->parser == NULL)
        abort();
    plain_init(&o->declarations);
    return o;
}

static void end(void *parser)
{
    expat_oracle *o = parser;
    XML_ParserFree(o->parser);
    plain_free(&o->declarations);
    free(o);
}

static void ask(void *parser, const uint8_t *bytes, size_t size, bool whole, opinion *answer)
{
    expat_oracle *o = parser;
    XML_Parser p = o->parser;
    XML_ParserReset(p, "UTF-8");
    XML_SetHashSalt(p, 1); /* else it asks the system for random bytes each time */
    XML_SetUserData(p, o);
    XML_SetReturnNSTriplet(p, 1);
    XML_SetElementHandler(p, on_start, on_end);
    XML_SetCharacterDataHandler(p, on_text);
    XML_SetStartNamespaceDeclHandler(p, on_declaration);
    o->answer = answer;
    plain_clear(&answer->events);
    plain_clear(&o->declarations);
    answer->reported_uri = false;
    answer->refused = XML_Parse(p, (const char *)bytes, (int)size, whole) == XML_STATUS_ERROR;
    answer->code = answer->refused ? (int)XML_GetErrorCode(p) : 0;
    answer->offset = answer->refused ? (size_t)XML_GetCurrentByteIndex(p) : size;
}

#define NUMBER(n) #n
#define VERSION(major, minor) NUMBER(major) "." NUMBER(minor)

const oracle oracle_expat = {"expat " VERSION(XML_MAJOR_VERSION, XML_MINOR_VERSION),
                             XML_MAJOR_VERSION == 2 && XML_MINOR_VERSION == 5, begin, end, ask};
