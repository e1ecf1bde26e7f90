/* run_corpus.c - every case of the corpus gives its log, on a machine that may have little: a C library with files is enough
 *
 *     find corpus/cases corpus/streams -name '*.xml' -o -name '*.ws' | run_corpus
 *
 * Names come on standard input, one a line. Each case is decoded whole, in chunks of 7 and byte by byte, by each kernel, from
 * each alignment; the log is that of weir-decode. For check-platforms: cmocka is not built for every machine.
 *
 * SPDX-License-Identifier: MIT */
#include "../../parser/reference/reference.h"
#include "../decode_run.h"
#ifdef _WIN32
#include "getsubopt.h"
#endif

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_ROOM 1024

typedef struct text {
    char *bytes;
    size_t size, room;
} text;

static const size_t chunk_sizes[] = {0, 7, 1};

static void *must(void *memory)
{
    if (memory == NULL) {
        fprintf(stderr, "out of memory\n");
        exit(2);
    }
    return memory;
}

static void append(void *context, const char *bytes, size_t size)
{
    text *log = (text *)context;
    if (size > log->room - log->size) {
        log->room = (log->size + size) * 2;
        log->bytes = (char *)must(realloc(log->bytes, log->room));
    }
    if (size > 0)
        memcpy(log->bytes + log->size, bytes, size);
    log->size += size;
}

static bool read_whole(const char *path, text *file)
{
    char buffer[8192];
    FILE *stream = fopen(path, "rb");
    file->size = 0;
    if (stream == NULL) {
        perror(path);
        return false;
    }
    for (size_t count; (count = fread(buffer, 1, sizeof buffer, stream)) > 0;)
        append(file, buffer, count);
    bool good = ferror(stream) == 0;
    fclose(stream);
    return good;
}

/* The options of a log's `#` lines; gives back the rest, what is expected. */
static const char *read_options(const text *log, decode_options *options, char *message)
{
    const char *line = log->bytes;
    while (*line == '#') {
        if (strncmp(line, "# options:", 10) == 0 && !decode_options_line(options, line, message))
            return NULL;
        const char *end = strchr(line, '\n');
        line = end != NULL ? end + 1 : line + strlen(line);
    }
    return line;
}

static bool decodes_to(const decode_options *options, const uint8_t *bytes, size_t size, const char *expected,
                       text *made, const char *path)
{
    event_log log;
    made->size = 0;
    log_init(&log, LOG_TEXT, append, made);
    decode_result result = decode_run(options, bytes, size, &log);
    log_free(&log);
    if (result.trouble == DECODE_FINE && made->size == strlen(expected) &&
        memcmp(made->bytes, expected, made->size) == 0)
        return true;
    printf("%s: another log: kernel %s, chunks of %lu, trouble %d\n", path, weir_kernel_name(options->config.kernel),
           (unsigned long)options->chunk, (int)result.trouble);
    return false;
}

static bool check_case(const char *path, text *file, text *log, text *made)
{
    char name[PATH_ROOM], message[DECODE_MESSAGE_MAX] = "it has no log";
    const char *dot = strrchr(path, '.');
    decode_options options;
    if (dot == NULL || (size_t)(dot - path) > sizeof name - 5 || !read_whole(path, file))
        return false;
    memcpy(name, path, (size_t)(dot - path));
    memcpy(name + (dot - path), ".log", 5);
    decode_options_init(&options);
    if (strcmp(dot, ".ws") == 0)
        options.config.framing = WEIR_FRAMING_WEBSOCKET;
    const char *expected = NULL;
    if (read_whole(name, log)) {
        append(log, "", 1);
        expected = read_options(log, &options, message);
    }
    if (expected == NULL) {
        printf("%s: %s\n", path, message);
        return false;
    }
    uint8_t *memory = (uint8_t *)must(malloc(file->size + 16));
    bool good = true;
    unsigned turn = 0;
    for (int kernel = WEIR_KERNEL_PORTABLE; kernel < (int)WEIR_KERNEL_COUNT; kernel++) {
        options.config.kernel = (weir_kernel)kernel;
        for (size_t i = 0; i < 3 && weir_kernel_available((weir_kernel)kernel); i++) {
            uint8_t *bytes = memory + turn++ * 5 % 8; /* each alignment after the other, odd ones first */
            if (file->size > 0)
                memcpy(bytes, file->bytes, file->size);
            options.chunk = chunk_sizes[i];
            good = decodes_to(&options, bytes, file->size, expected, made, path) && good;
        }
    }
    free(memory);
    return good;
}

/* What this machine is, in one line. */
static void describe(void)
{
    const uint32_t one = 1;
    uint8_t first;
    memcpy(&first, &one, 1);
    printf("%u-bit size_t, %s-endian, %s char, kernels:", (unsigned)sizeof(size_t) * CHAR_BIT,
           first == 1 ? "little" : "big", CHAR_MIN < 0 ? "signed" : "unsigned");
    for (int kernel = WEIR_KERNEL_PORTABLE; kernel < (int)WEIR_KERNEL_COUNT; kernel++) {
        if (weir_kernel_available((weir_kernel)kernel))
            printf(" %s", weir_kernel_name((weir_kernel)kernel));
    }
    printf("; ");
}

int main(void)
{
    char path[PATH_ROOM];
    text file = {NULL, 0, 0}, log = {NULL, 0, 0}, made = {NULL, 0, 0};
    unsigned long cases = 0, wrong = 0;
    while (fgets(path, sizeof path, stdin) != NULL) {
        path[strcspn(path, "\r\n")] = '\0';
        cases++;
        wrong += check_case(path, &file, &log, &made) ? 0 : 1;
    }
    free(file.bytes);
    free(log.bytes);
    free(made.bytes);
    describe();
    printf("%lu of %lu cases give their logs\n", cases - wrong, cases);
    return cases > 0 && wrong == 0 ? 0 : 1;
}

/* The reference decoder is not what is checked here, and asks for more of a C library. */
reference_verdict reference_decode(const weir_config *config, const reference_input *input,
                                   const reference_callbacks *callbacks)
{
    (void)config;
    (void)input;
    (void)callbacks;
    abort();
}

#ifdef _WIN32
int getsubopt(char **options, char *const *names, char **value)
{
    char *begin = *options, *end = begin + strcspn(begin, ",");
    *options = *end != '\0' ? end + 1 : end;
    *end = '\0';
    char *equals = strchr(begin, '=');
    *value = equals != NULL ? equals + 1 : NULL;
    if (equals != NULL)
        *equals = '\0';
    for (int i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], begin) == 0)
            return i;
    }
    *value = begin;
    return -1;
}
#endif
