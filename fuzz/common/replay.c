/* replay.c - a fuzz target without any engine: each file, and each file below each directory, once
 *
 * Usage: TARGET [--repeat=N] PATH... Files are read in the order of their names. The name of the input at hand is
 * printed when the target ends the program. With --repeat, all of them N times, and the speed.
 *
 * SPDX-License-Identifier: MIT */
#include "input.h"
#include "target.h"

#include <fts.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct input_file {
    uint8_t *bytes;
    size_t size;
    char *path;
} input_file;

static input_file *files;
static size_t file_count, file_room;
static const char *at_hand = "";

/* Ends with the signal's own status; only what a handler may call. */
static void on_signal(int number)
{
    static const char text[] = "==== fuzz: the input was ";
    (void)!write(2, text, sizeof text - 1);
    (void)!write(2, at_hand, strlen(at_hand));
    (void)!write(2, "\n", 1);
    signal(number, SIG_DFL);
    raise(number);
}

void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static void on_death(void)
{
    fprintf(stderr, "==== fuzz: the input was %s\n", at_hand);
}

static void load(const char *path)
{
    static uint8_t buffer[FUZZ_SIZE_MAX + 1];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        exit(2);
    }
    size_t size = fread(buffer, 1, sizeof buffer, file);
    fclose(file);
    if (file_count == file_room) {
        file_room = file_room * 2 + 64;
        files = realloc(files, file_room * sizeof *files);
    }
    uint8_t *bytes = malloc(size + 1);
    if (files == NULL || bytes == NULL)
        abort();
    memcpy(bytes, buffer, size);
    files[file_count++] = (input_file){bytes, size, strdup(path)};
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* Cases of the corpus (FILE.xml beside FILE.log) are no fuzz inputs. */
static bool is_input(const FTSENT *entry)
{
    const char *dot = strrchr(entry->fts_name, '.');
    static const char *const others[] = {".xml", ".ws", ".log", ".md"};
    for (size_t i = 0; dot != NULL && i < sizeof others / sizeof others[0]; i++) {
        if (strcmp(dot, others[i]) == 0)
            return false;
    }
    return entry->fts_info == FTS_F;
}

static void run_all(unsigned repeat)
{
    struct timespec begin, end;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
    for (unsigned n = 0; n < repeat; n++) {
        for (size_t i = 0; i < file_count; i++) {
            at_hand = files[i].path;
            (void)LLVMFuzzerTestOneInput(files[i].bytes, files[i].size);
        }
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    double seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
    double count = (double)file_count * repeat;
    printf("%zu inputs", file_count);
    if (repeat > 1)
        printf(" %u times, %.0f executions a second", repeat, count / seconds);
    printf("\n");
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"repeat", required_argument, NULL, 'r'}, {NULL, 0, NULL, 0}};
    unsigned repeat = 1;
    for (int option; (option = getopt_long(argc, argv, "r:", options, NULL)) != -1;) {
        if (option != 'r')
            return 2;
        repeat = (unsigned)strtoul(optarg, NULL, 10);
    }
    if (optind == argc) {
        fprintf(stderr, "usage: %s [--repeat=N] FILE|DIRECTORY...\n", argv[0]);
        return 2;
    }
    FTS *tree = fts_open(argv + optind, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    for (FTSENT *entry; tree != NULL && (entry = fts_read(tree)) != NULL;) {
        if (is_input(entry))
            load(entry->fts_path);
        else if (entry->fts_info == FTS_NS || entry->fts_info == FTS_ERR || entry->fts_info == FTS_DNR)
            return fprintf(stderr, "%s: cannot be read\n", entry->fts_path), 2;
    }
    if (tree != NULL)
        fts_close(tree);
    if (file_count == 0)
        return fprintf(stderr, "no inputs\n"), 2;
    signal(SIGABRT, on_signal);
    signal(SIGILL, on_signal);
    if (__sanitizer_set_death_callback != NULL)
        __sanitizer_set_death_callback(on_death);
    run_all(repeat == 0 ? 1 : repeat);
    return 0;
}
