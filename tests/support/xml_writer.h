/* xml_writer.h - events back to XML
 *
 * What it writes is not what was read: declarations come first in a tag, CDATA sections are text, empty-element tags
 * are two. But it gives the same events (invariant 10).
 *
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_XML_WRITER_H
#define TESTS_XML_WRITER_H

#include "../../parser/weir.h"

#define XML_WRITER_MARKS 4096

typedef struct xml_writer {
    char *bytes; /* after xml_writer_end: to be freed */
    size_t size;
    size_t message_ends[XML_WRITER_MARKS]; /* websocket; of other framings the end of all */
    size_t message_count;
    uint64_t restarts[XML_WRITER_MARKS]; /* a header that follows another one, unless that was closed */
    size_t restart_count;
    /* private */
    weir_framing framing;
    void *out;
    bool opened;
} xml_writer;

void xml_writer_begin(xml_writer *w, weir_framing framing);
void xml_writer_event(void *writer, const weir_event *event);
void xml_writer_end(xml_writer *w);

#endif
