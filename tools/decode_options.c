/* decode_options.c - the options of weir-decode
 *
 * SPDX-License-Identifier: MIT */
#include "decode_options.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FRAMING = 256, CHUNK, REFERENCE, FORMAT, RESTART, LIMITS, CONTENT, KERNEL, STATS, HELP, VERSION };

static const struct option OPTIONS[] = {
    {"framing", required_argument, NULL, FRAMING}, {"chunk", required_argument, NULL, CHUNK},
    {"reference", no_argument, NULL, REFERENCE},   {"format", required_argument, NULL, FORMAT},
    {"restart", required_argument, NULL, RESTART}, {"limits", required_argument, NULL, LIMITS},
    {"content", required_argument, NULL, CONTENT}, {"kernel", required_argument, NULL, KERNEL},
    {"stats", no_argument, NULL, STATS},           {"help", no_argument, NULL, HELP},
    {"version", no_argument, NULL, VERSION},       {NULL, 0, NULL, 0}};

static const char *const FRAMINGS[] = {"stream", "websocket", "document", NULL};
static const char *const FORMATS[] = {"log", "json", "none", NULL};
static const char *const KERNELS[] = {"auto", "portable", "sse2", "avx2", "neon", NULL};

void decode_options_init(decode_options *options)
{
    *options = (decode_options){.config = {.framing = WEIR_FRAMING_STREAM, .content = WEIR_CONTENT_ANY}};
    weir_limits_default(&options->config.limits);
}

/* The place of `word` in a list that NULL ends; -1: it is not there. */
static int choose(const char *const *list, const char *word)
{
    for (int i = 0; list[i] != NULL; i++) {
        if (strcmp(list[i], word) == 0) {
            return i;
        }
    }
    return -1;
}

/* Digits alone: strtoull would take a sign and white space. */
static bool read_number(const char *text, uint64_t least, uint64_t most, uint64_t *number)
{
    uint64_t value = 0;

    if (text == NULL || *text == '\0') {
        return false;
    }
    for (; *text != '\0'; text++) {
        uint64_t digit = (uint64_t)(*text - '0');

        if (*text < '0' || *text > '9' || value > (most - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    *number = value;
    return value >= least;
}

static bool read_limits(weir_limits *limits, char *list, char *message)
{
    enum { DEPTH, ATTRIBUTES, BINDINGS, SCOPE, TAG, ELEMENT, ELEMENTS, COUNT };
    static char *const names[COUNT + 1] = {"depth", "attributes", "bindings", "scope",
                                           "tag",   "element",    "elements", NULL};
    uint32_t *const fields[COUNT] = {&limits->depth, &limits->attributes, &limits->bindings, &limits->scope,
                                     &limits->tag,   &limits->element,    &limits->elements};

    while (*list != '\0') {
        char *value = NULL;
        uint64_t number;
        int which = getsubopt(&list, names, &value);

        if (which < 0) {
            snprintf(message, DECODE_MESSAGE_MAX,
                     "--limits: no limit is called '%.100s'; they are depth, attributes, bindings, scope, tag, "
                     "element, elements",
                     value != NULL ? value : "");
            return false;
        }
        if (!read_number(value, 1, WEIR_LIMIT_MAX, &number)) {
            snprintf(message, DECODE_MESSAGE_MAX, "--limits: %s=N wants a number from 1 to %u, not '%.100s'",
                     names[which], WEIR_LIMIT_MAX, value != NULL ? value : "");
            return false;
        }
        *fields[which] = (uint32_t)number;
    }
    return true;
}

static bool read_content(uint32_t *content, char *list, char *message)
{
    static char *const names[] = {"client", "server", "component-accept", "component-connect", NULL};
    static const uint32_t bits[] = {WEIR_CONTENT_CLIENT, WEIR_CONTENT_SERVER, WEIR_CONTENT_COMPONENT_ACCEPT,
                                    WEIR_CONTENT_COMPONENT_CONNECT};

    bool good = *list != '\0';

    *content = 0;
    while (*list != '\0') {
        char *value = NULL;
        int which = getsubopt(&list, names, &value);

        if (which < 0 || value != NULL) {
            good = false;
        } else {
            *content |= bits[which];
        }
    }
    if (!good) {
        snprintf(
            message, DECODE_MESSAGE_MAX,
            "--content wants client, server, component-accept or component-connect, or several, separated by commas");
    }
    return good;
}

static bool read_restart(decode_options *options, char *list, char *message)
{
    options->restart_count = 0;
    options->restart = strcmp(list, "auto") == 0   ? DECODE_RESTART_AUTO
                       : strcmp(list, "none") == 0 ? DECODE_RESTART_NONE
                                                   : DECODE_RESTART_AT;
    while (options->restart == DECODE_RESTART_AT && list != NULL) {
        char *next = strchr(list, ',');
        uint64_t least = options->restart_count > 0 ? options->restarts[options->restart_count - 1] + 1 : 0;

        if (next != NULL) {
            *next++ = '\0';
        }
        if (options->restart_count == DECODE_RESTARTS_MAX) {
            snprintf(message, DECODE_MESSAGE_MAX, "--restart takes at most %d offsets", DECODE_RESTARTS_MAX);
            return false;
        }
        if (!read_number(list, least, UINT64_MAX / 2, &options->restarts[options->restart_count])) {
            snprintf(message, DECODE_MESSAGE_MAX,
                     "--restart wants auto, none, or ascending offsets separated by commas, not '%.100s'", list);
            return false;
        }
        options->restart_count++;
        list = next;
    }
    return true;
}

static bool read_choice(const char *option, const char *const *list, const char *word, int *choice, char *message)
{
    *choice = choose(list, word);
    if (*choice < 0) {
        snprintf(message, DECODE_MESSAGE_MAX, "%s is one of %s, %s and %s, not '%.100s'", option, list[0], list[1],
                 list[2], word);
    }
    return *choice >= 0;
}

static bool read_option(decode_options *options, int option, char *value, char *message)
{
    int choice = 0;
    uint64_t number;
    bool good = true;

    switch (option) {
    case FRAMING:
        good = read_choice("--framing", FRAMINGS, value, &choice, message);
        options->config.framing = good ? (weir_framing)choice : options->config.framing;
        break;
    case FORMAT:
        good = read_choice("--format", FORMATS, value, &choice, message);
        options->format = good ? (log_format)choice : options->format;
        break;
    case KERNEL:
        good = read_choice("--kernel", KERNELS, value, &choice, message);
        options->config.kernel = good ? (weir_kernel)choice : options->config.kernel;
        break;
    case CHUNK:
        good = read_number(value, 1, SIZE_MAX / 2, &number);
        if (!good) {
            snprintf(message, DECODE_MESSAGE_MAX, "--chunk=N wants a number of bytes, at least 1, not '%.100s'", value);
        } else {
            options->chunk = (size_t)number;
        }
        break;
    case RESTART: good = read_restart(options, value, message); break;
    case LIMITS: good = read_limits(&options->config.limits, value, message); break;
    case CONTENT: good = read_content(&options->config.content, value, message); break;
    case REFERENCE: options->reference = true; break;
    case STATS: options->stats = true; break;
    case HELP: options->help = true; break;
    default: options->version = true; break;
    }
    return good;
}

bool decode_options_parse(decode_options *options, int argc, char **argv, int *operands,
                          char message[DECODE_MESSAGE_MAX])
{
    int option;

    message[0] = '\0';
    opterr = 0;
    optind = 0; /* glibc and musl begin anew: another command line may have been read before */
    while ((option = getopt_long(argc, argv, ":", OPTIONS, NULL)) != -1) {
        const char *word = optind > 0 && optind <= argc ? argv[optind - 1] : "";

        if (option == ':') {
            snprintf(message, DECODE_MESSAGE_MAX, "option '%.100s' wants a value", word);
            return false;
        }
        if (option == '?' && optopt >= FRAMING) {
            snprintf(message, DECODE_MESSAGE_MAX, "option '%.100s' takes no value", word);
            return false;
        }
        if (option == '?') {
            snprintf(message, DECODE_MESSAGE_MAX, "no option '%.100s', or more than one that begins so", word);
            return false;
        }
        if (!read_option(options, option, optarg, message)) {
            return false;
        }
    }
    *operands = optind;
    return true;
}

bool decode_options_line(decode_options *options, const char *line, char message[DECODE_MESSAGE_MAX])
{
    static const char mark[] = "# options:", space[] = " \t\r";
    char copy[DECODE_OPTIONS_LINE_MAX + 1], program[] = "weir-decode", *argv[DECODE_OPTIONS_LINE_MAX / 2 + 3];
    size_t size;
    int argc = 0, operands;

    line += strncmp(line, mark, sizeof mark - 1) == 0 ? sizeof mark - 1 : 0;
    size = strcspn(line, "\n");
    if (size > DECODE_OPTIONS_LINE_MAX) {
        snprintf(message, DECODE_MESSAGE_MAX, "more than %d bytes of options", DECODE_OPTIONS_LINE_MAX);
        return false;
    }
    memcpy(copy, line, size);
    copy[size] = '\0';
    argv[argc++] = program;
    for (char *word = copy + strspn(copy, space); *word != '\0'; word += strspn(word, space)) {
        argv[argc++] = word;
        word += strcspn(word, space);
        if (*word != '\0') {
            *word++ = '\0';
        }
    }
    argv[argc] = NULL;
    if (!decode_options_parse(options, argc, argv, &operands, message)) {
        return false;
    }
    if (operands < argc) {
        snprintf(message, DECODE_MESSAGE_MAX, "'%.100s' is no option", argv[operands]);
    }
    return operands == argc;
}
