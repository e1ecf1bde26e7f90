/* case.c - see case.h
 *
 * SPDX-License-Identifier: MIT */
#include "case.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *must_allocate(size_t size)
{
    void *memory = malloc(size > 0 ? size : 1);
    if (memory == NULL) {
        perror("malloc");
        abort();
    }
    return memory;
}

uint8_t *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    long end = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    uint8_t *bytes = NULL;
    if (end >= 0 && fseek(file, 0, SEEK_SET) == 0) {
        *size = (size_t)end;
        bytes = must_allocate(*size + 1);
        if (fread(bytes, 1, *size, file) != *size) {
            free(bytes);
            bytes = NULL;
        } else {
            bytes[*size] = 0;
        }
    }
    fclose(file);
    return bytes;
}

/* The messages of a recording, each after its length, are put one after the other. */
static bool unframe_messages(test_case *c)
{
    size_t from = 0, to = 0, size = c->file_size;
    c->message_ends = must_allocate((size / 2 + 1) * sizeof *c->message_ends);
    c->message_count = 0;
    while (from < size) {
        char *end;
        size_t length = strtoul((const char *)c->file + from, &end, 10);
        size_t begin = (size_t)((const uint8_t *)end - c->file) + 1;
        if (begin == from + 1 || *end != '\n' || begin > size || length > size - begin)
            return false;
        memcpy(c->bytes + to, c->file + begin, length);
        to += length;
        from = begin + length;
        c->message_ends[c->message_count++] = to;
    }
    c->size = to;
    return true;
}

void case_make(test_case *c, const char *name, const void *bytes, size_t size)
{
    *c = (test_case){.path = strdup(name), .size = size, .message_count = 1};
    decode_options_init(&c->options);
    c->bytes = must_allocate(size);
    if (size > 0)
        memcpy(c->bytes, bytes, size);
    c->message_ends = must_allocate(sizeof *c->message_ends);
    c->message_ends[0] = size;
}

static bool load_log(test_case *c, const char *path)
{
    size_t size;
    uint8_t *log = read_file(path, &size);
    if (log == NULL)
        return true;
    char *line = (char *)log;
    bool good = true;
    while (*line == '#') {
        char *end = strchrnul(line, '\n');
        if (strncmp(line, "# options:", 10) == 0) {
            char message[DECODE_MESSAGE_MAX];
            good = decode_options_line(&c->options, line, message);
            if (!good)
                fprintf(stderr, "%s: %s\n", path, message);
        }
        line = *end != '\0' ? end + 1 : end;
    }
    c->expected = strdup(line);
    free(log);
    return good;
}

bool case_load(test_case *c, const char *path)
{
    size_t size;
    const char *dot = strrchr(path, '.');
    uint8_t *bytes = dot != NULL ? read_file(path, &size) : NULL;
    if (bytes == NULL) {
        perror(path);
        return false;
    }
    case_make(c, path, bytes, size);
    c->file = bytes;
    c->file_size = size;
    bool good = true;
    if (strcmp(dot, ".ws") == 0) {
        c->options.config.framing = WEIR_FRAMING_WEBSOCKET;
        free(c->message_ends);
        good = unframe_messages(c);
    }
    char *log = must_allocate((size_t)(dot - path) + 5);
    memcpy(log, path, (size_t)(dot - path));
    memcpy(log + (dot - path), ".log", 5);
    good = good && load_log(c, log);
    free(log);
    if (!good)
        fprintf(stderr, "%s: its messages or its options are malformed\n", path);
    return good;
}

void case_free(test_case *c)
{
    free(c->path);
    free(c->bytes);
    free(c->file);
    free(c->message_ends);
    free(c->expected);
}

typedef struct case_list {
    test_case *cases;
    size_t count, room;
} case_list;

static void add_case(case_list *list, const char *path)
{
    if (list->count == list->room) {
        list->room = list->room * 2 + 64;
        list->cases = realloc(list->cases, list->room * sizeof *list->cases);
    }
    if (list->cases == NULL || !case_load(&list->cases[list->count++], path))
        exit(1);
}

static void add_directory(case_list *list, const char *directory)
{
    struct dirent **entries;
    int count = scandir(directory, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name, *dot = strrchr(name, '.');
        char *path = NULL;
        if (asprintf(&path, "%s/%s", directory, name) < 0)
            abort();
        if (entries[i]->d_type == DT_DIR && name[0] != '.')
            add_directory(list, path);
        else if (dot != NULL && (strcmp(dot, ".xml") == 0 || strcmp(dot, ".ws") == 0))
            add_case(list, path);
        free(path);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

test_case *case_load_all(const char *const *directories, size_t *count)
{
    case_list list = {NULL, 0, 0};
    for (; *directories != NULL; directories++)
        add_directory(&list, *directories);
    *count = list.count;
    return list.cases;
}

static bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

bool case_restarts_at(const test_case *c, size_t offset, const char *header, size_t header_size)
{
    const decode_options *options = &c->options;
    for (size_t i = 0; i < options->restart_count; i++) {
        if (options->restarts[i] == offset)
            return true;
    }
    const uint8_t *bytes = c->bytes + offset;
    size_t size = c->size - offset;
    if (options->restart != DECODE_RESTART_AUTO || size < 2 || bytes[0] != '<')
        return false;
    if (size >= 6 && memcmp(bytes, "<?xml", 5) == 0)
        return is_space(bytes[5]);
    if (size < header_size + 2 || memcmp(bytes + 1, header, header_size) != 0)
        return false;
    uint8_t next = bytes[1 + header_size];
    return is_space(next) || next == '/' || next == '>';
}
