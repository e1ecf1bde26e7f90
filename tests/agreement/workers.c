/* workers.c - see workers.h
 *
 * SPDX-License-Identifier: MIT */
#include "workers.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* In memory that the processes share, the tallies behind it. */
typedef struct workers {
    atomic_size_t next; /* part that nobody has taken */
    _Atomic uint64_t inputs, differences;
    _Atomic int64_t told;
    int64_t begun;
    size_t parts;
    bool quiet;
} workers;

static workers *shared;

static int64_t seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

void workers_tell(uint64_t inputs, uint64_t differences)
{
    inputs = atomic_fetch_add(&shared->inputs, inputs) + inputs;
    differences = atomic_fetch_add(&shared->differences, differences) + differences;
    bool terminal = isatty(STDERR_FILENO);
    int64_t now = seconds(), told = atomic_load(&shared->told);
    if (shared->quiet || now - told < (terminal ? 1 : 30) || !atomic_compare_exchange_strong(&shared->told, &told, now))
        return;
    size_t next = atomic_load(&shared->next);
    fprintf(stderr,
            terminal ? "\rpart %zu of %zu, %" PRIu64 " inputs, %" PRIu64 " differences, %" PRId64 " s "
                     : "part %zu of %zu, %" PRIu64 " inputs, %" PRIu64 " differences, %" PRId64 " s\n",
            next < shared->parts ? next : shared->parts, shared->parts, inputs, differences, now - shared->begun);
}

static void work_off(void (*work)(size_t part, void *tally), void *tally)
{
    for (size_t part; (part = atomic_fetch_add(&shared->next, 1)) < shared->parts;)
        work(part, tally);
}

static bool in_processes(unsigned jobs, void (*work)(size_t part, void *tally), uint8_t *tallies, size_t tally_size)
{
    bool good = true;
    unsigned begun = 0;
    for (; begun < jobs; begun++) {
        pid_t child = fork();
        if (child == 0) {
            work_off(work, tallies + begun * tally_size);
            exit(EXIT_SUCCESS);
        }
        if (child < 0)
            break;
    }
    for (unsigned i = 0; i < begun; i++) {
        int status = 0;
        good = wait(&status) > 0 && status == 0 && good;
    }
    return good && begun == jobs;
}

bool workers_run(unsigned jobs, size_t parts, bool quiet, void (*work)(size_t part, void *tally),
                 void (*add)(void *total, const void *tally), void *total, size_t tally_size)
{
    size_t head = (sizeof(workers) + 63) / 64 * 64;
    tally_size = (tally_size + 63) / 64 * 64;
    size_t size = head + jobs * tally_size;
    uint8_t *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return false;
    shared = (workers *)(void *)memory;
    shared->parts = parts;
    shared->quiet = quiet;
    shared->begun = seconds();
    atomic_store(&shared->told, shared->begun);
    bool good = true;
    fflush(stdout); /* else each process writes what waits */
    if (jobs == 1)
        work_off(work, memory + head);
    else
        good = in_processes(jobs, work, memory + head, tally_size);
    for (unsigned i = 0; i < jobs; i++)
        add(total, memory + head + i * tally_size);
    munmap(memory, size);
    return good;
}
