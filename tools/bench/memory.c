/* memory.c - bytes held for a waiting stream
 *
 * SPDX-License-Identifier: MIT */
#include "extras.h"
#include "../../parser/weir.h"

#include <stdlib.h>
#include <string.h>

#if __has_include(<expat.h>)
#include <expat.h>
#define HAVE_EXPAT 1
#endif
#if __has_include(<libxml/parser.h>)
#include <libxml/parser.h>
#define HAVE_LIBXML2 1
#endif

enum { STANZAS = 20, CHUNK = 1460 };

#if defined(HAVE_EXPAT) || defined(HAVE_LIBXML2)

/* ---- An allocator that counts ------------------------------------------------------------------------------------ */

static size_t held;

typedef union prefix {
    size_t size;
    max_align_t alignment;
} prefix;

static void *counting_malloc(size_t size)
{
    prefix *block = malloc(sizeof *block + size);
    if (block == NULL) {
        return NULL;
    }
    block->size = size;
    held += size;
    return block + 1;
}

static void counting_free(void *memory)
{
    if (memory != NULL) {
        prefix *block = (prefix *)memory - 1;
        held -= block->size;
        free(block);
    }
}

static void *counting_realloc(void *memory, size_t size)
{
    size_t before = memory != NULL ? ((prefix *)memory - 1)->size : 0;
    prefix *block = realloc(memory != NULL ? (prefix *)memory - 1 : NULL, sizeof *block + size);
    if (block == NULL) {
        return NULL;
    }
    block->size = size;
    held += size - before;
    return block + 1;
}

static size_t bytes_held(void)
{
    return held;
}

#endif

/* ---- Decoders ---------------------------------------------------------------------------------------------------- */

typedef struct subject {
    const char *name;
    const char *what;
    bool (*begin)(void);
    bool (*decode)(const uint8_t *bytes, size_t size);
    size_t (*bytes)(void);
    void (*end)(void);
} subject;

static weir_decoder decoder;
static void *workspace;
static size_t workspace_size;

static bool weir_begin(void)
{
    weir_config config = {.framing = WEIR_FRAMING_STREAM};
    weir_limits_default(&config.limits);
    workspace_size = weir_workspace_size(&config.limits);
    workspace = malloc(workspace_size);
    return workspace != NULL && weir_init(&decoder, &config, workspace, workspace_size) == WEIR_OK;
}

static bool weir_decode(const uint8_t *bytes, size_t size)
{
    weir_slice input = {bytes, size};
    weir_event event;
    weir_status status;
    while ((status = weir_next(&decoder, &input, &event)) > 0) {
    }
    return status == WEIR_NEED_MORE;
}

static size_t weir_bytes(void)
{
    return sizeof decoder + workspace_size;
}

static size_t weir_parked_bytes(void)
{
    return weir_parked_size(&decoder);
}

static void weir_end(void)
{
    free(workspace);
}

#ifdef HAVE_EXPAT
static XML_Parser expat;

static bool expat_begin(void)
{
    static const XML_Memory_Handling_Suite counting = {counting_malloc, counting_realloc, counting_free};
    held = 0;
    expat = XML_ParserCreate_MM("UTF-8", &counting, "\xff");
    return expat != NULL;
}

static bool expat_decode(const uint8_t *bytes, size_t size)
{
    return XML_Parse(expat, (const char *)bytes, (int)size, 0) == XML_STATUS_OK;
}

static void expat_end(void)
{
    XML_ParserFree(expat);
}
#endif

#ifdef HAVE_LIBXML2
static xmlParserCtxtPtr libxml2;

static char *counting_strdup(const char *string)
{
    size_t size = strlen(string) + 1;
    char *copy = counting_malloc(size);
    return copy != NULL ? memcpy(copy, string, size) : NULL;
}

static bool libxml2_create(void)
{
    static xmlSAXHandler handlers = {.initialized = XML_SAX2_MAGIC};
    libxml2 = xmlCreatePushParserCtxt(&handlers, NULL, NULL, 0, NULL);
    return libxml2 != NULL;
}

static bool libxml2_decode(const uint8_t *bytes, size_t size)
{
    return xmlParseChunk(libxml2, (const char *)bytes, (int)size, 0) == XML_ERR_OK;
}

static void libxml2_end(void)
{
    xmlFreeParserCtxt(libxml2);
}

/* What the library keeps for all parsers together is not counted. */
static bool libxml2_begin(void)
{
    static bool set_up;
    if (!set_up) {
        set_up = true;
        xmlMemSetup(counting_free, counting_malloc, counting_realloc, counting_strdup);
        xmlInitParser();
        if (!libxml2_create()) {
            return false;
        }
        libxml2_end();
    }
    held = 0;
    return libxml2_create();
}
#endif

static const subject subjects[] = {
    {"weir", "decoder and workspace, default limits", weir_begin, weir_decode, weir_bytes, weir_end},
    {"weir-parked", "", weir_begin, weir_decode, weir_parked_bytes, weir_end},
#ifdef HAVE_EXPAT
    {"expat", "", expat_begin, expat_decode, bytes_held, expat_end},
#endif
#ifdef HAVE_LIBXML2
    {"libxml2", "", libxml2_begin, libxml2_decode, bytes_held, libxml2_end},
#endif
};

/* ---- Measuring --------------------------------------------------------------------------------------------------- */

/* Where the first STANZAS first-level elements of the trace end, and where the next one does. */
static bool find_ends(const trace *t, size_t ends[2])
{
    weir_slice input = {t->bytes, t->size};
    weir_event event;
    bool good = weir_begin();
    for (unsigned seen = 0; good && seen <= STANZAS;) {
        good = weir_next(&decoder, &input, &event) > 0;
        if (good && event.type == WEIR_ELEMENT_END && event.depth == 2) {
            seen++;
            ends[seen > STANZAS] = (size_t)event.end;
        }
    }
    weir_end();
    return good;
}

static bool decode_part(const subject *s, const trace *t, size_t from, size_t to)
{
    bool good = true;
    for (size_t at = from; good && at < to; at += CHUNK) {
        good = s->decode(t->bytes + at, to - at < CHUNK ? to - at : CHUNK);
    }
    return good;
}

static bool weigh(const subject *s, const trace *t, const size_t ends[2], FILE *tsv)
{
    size_t middle = (ends[0] + ends[1]) / 2;
    bool good = s->begin() && decode_part(s, t, 0, ends[0]);
    size_t idle = good ? s->bytes() : 0;
    good = good && decode_part(s, t, ends[0], middle);
    size_t inside = good ? s->bytes() : 0;
    s->end();
    printf("  %-14s %10zu %10zu  %s\n", s->name, idle, inside, s->what);
    if (tsv != NULL) {
        fprintf(tsv, "%s\t%zu\t%zu\n", s->name, idle, inside);
    }
    return good;
}

bool extras_memory(FILE *tsv)
{
    trace t;
    size_t ends[2] = {0};
    bool good = trace_generate(&t, "chat", 100000) && find_ends(&t, ends);
    printf("\nBytes held for a stream of chat, after %d stanzas in chunks of %d bytes, and in the middle of the next\n"
           "  %-14s %10s %10s\n",
           STANZAS, CHUNK, "", "between", "in stanza");
    if (tsv != NULL) {
        fputs("decoder\tbetween\tin_stanza\n", tsv);
    }
    for (size_t i = 0; good && i < sizeof subjects / sizeof subjects[0]; i++) {
        good = weigh(&subjects[i], &t, ends, tsv);
    }
    trace_free(&t);
    return good;
}
