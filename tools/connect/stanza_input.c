/* stanza_input.c - see stanza_input.h
 *
 * SPDX-License-Identifier: MIT */
#include "stanza_input.h"

#include <stdlib.h>
#include <string.h>

struct stanza_input {
    weir_decoder decoder;
    void *workspace;
    uint64_t header; /* bytes of the header that the decoder was given before */
    uint8_t *bytes;  /* bounded by the element limit and the size of one stanza_input_add */
    size_t size, room;
    size_t decoded; /* of these bytes */
    uint64_t base;  /* offset, for the decoder, of bytes[0] */
    uint64_t done;  /* offset, for the decoder, after the last stanza or white space between */
};

static const char CLIENT_HEADER[] = "<stream:stream xmlns='jabber:client' "
                                    "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";
static const char SERVER_HEADER[] = "<stream:stream xmlns='jabber:server' "
                                    "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";

stanza_input *stanza_input_new(bool server)
{
    const char *text = server ? SERVER_HEADER : CLIENT_HEADER;
    weir_slice header = {(const uint8_t *)text, strlen(text)};
    weir_config config = {.framing = WEIR_FRAMING_STREAM};
    weir_event event;
    stanza_input *input = calloc(1, sizeof *input);

    if (input == NULL) {
        return NULL;
    }
    weir_limits_default(&config.limits);
    config.content = server ? WEIR_CONTENT_SERVER : WEIR_CONTENT_CLIENT;
    input->workspace = malloc(weir_workspace_size(&config.limits));
    if (input->workspace == NULL ||
        weir_init(&input->decoder, &config, input->workspace, weir_workspace_size(&config.limits)) != WEIR_OK ||
        weir_next(&input->decoder, &header, &event) != WEIR_STREAM_OPENED) {
        stanza_input_free(input);
        return NULL;
    }
    input->header = weir_offset(&input->decoder);
    input->base = input->header;
    input->done = input->header;
    return input;
}

void stanza_input_free(stanza_input *input)
{
    if (input != NULL) {
        weir_wipe(&input->decoder);
        free(input->workspace);
        free(input->bytes);
        free(input);
    }
}

bool stanza_input_add(stanza_input *input, const uint8_t *bytes, size_t size)
{
    if (size > input->room - input->size) {
        size_t room = 2 * input->room + size;
        uint8_t *more = realloc(input->bytes, room);

        if (more == NULL) {
            return false;
        }
        input->bytes = more;
        input->room = room;
    }
    memcpy(input->bytes + input->size, bytes, size);
    input->size += size;
    return true;
}

/* Forgets what is done with: stanzas given out, and white space between them. */
static void drop(stanza_input *input)
{
    size_t count = (size_t)(input->done - input->base);

    if (count > 0) {
        memmove(input->bytes, input->bytes + count, input->size - count);
        input->size -= count;
        input->decoded -= count;
        input->base = input->done;
    }
}

stanza_status stanza_input_next(stanza_input *input, weir_slice *stanza)
{
    weir_event event;
    weir_status status;

    drop(input);
    for (;;) {
        weir_slice rest = {input->bytes, input->size - input->decoded};

        if (rest.size > 0) {
            rest.data += input->decoded;
        }
        status = weir_next(&input->decoder, &rest, &event);
        input->decoded = input->size - rest.size;
        if (status == WEIR_STREAM_CLOSED) {
            return STANZA_END;
        }
        if (status == WEIR_SPACE) {
            input->done = event.end;
        }
        if (status == WEIR_ELEMENT_END && event.depth == 2) {
            input->done = event.end;
            *stanza = (weir_slice){input->bytes + (event.start - input->base), (size_t)(event.end - event.start)};
            return STANZA_WHOLE;
        }
        if (status <= 0) {
            return status < 0 ? STANZA_ERROR : STANZA_MORE;
        }
    }
}

bool stanza_input_between(const stanza_input *input)
{
    return input->done == weir_offset(&input->decoder);
}

size_t stanza_input_left(const stanza_input *input)
{
    size_t begin = (size_t)(input->done - input->base);

    while (begin < input->size && strchr(" \t\r\n", input->bytes[begin]) != NULL && input->bytes[begin] != '\0') {
        begin++;
    }
    return input->size - begin;
}

weir_error stanza_input_error(const stanza_input *input)
{
    weir_error error = *weir_last_error(&input->decoder);

    error.offset -= input->header;
    return error;
}
