/* decode.c - weir-decode: files in, event logs out
 *
 * SPDX-License-Identifier: MIT */
#include "decode_report.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define READ_SIZE 65536

static const char HELP_TEXT[] =
    "Usage: weir-decode [OPTION]... [FILE]...\n"
    "Decodes XMPP streams and prints their events, one a line, and a verdict.\n"
    "Without FILE, or where FILE is -, it reads standard input, as it arrives.\n"
    "\n"
    "  --framing=stream|websocket|document\n"
    "                   RFC 6120 over TCP (default); RFC 7395, in a file of messages: decimal\n"
    "                   length, line feed, that many bytes, repeated; one element of any kind\n"
    "  --restart=auto|none|OFFSET,...\n"
    "                   where a new stream begins: where a header or an XML declaration follows\n"
    "                   between first-level elements (default); nowhere; at these offsets\n"
    "  --format=log|json|none\n"
    "                   the event log (default), JSON Lines, nothing\n"
    "  --limits=depth=N,attributes=N,bindings=N,scope=N,tag=N,element=N,elements=N\n"
    "                   any of the limits, inclusive\n"
    "  --content=client,server,component-accept,component-connect\n"
    "                   the content namespaces that are accepted (default: all)\n"
    "  --reference      decode with the reference decoder, which reads everything first\n"
    "  --chunk=N        give the decoder at most N bytes in one call\n"
    "  --kernel=auto|portable|sse2|avx2|neon\n"
    "                   the scanning kernel of the decoder\n"
    "  --stats          events, stanzas, bytes and speed, on standard error\n"
    "  --help, --version\n"
    "\n"
    "Exit status: 0 complete, 1 rejected, 2 usage or I/O trouble, 3 cut short; of several files\n"
    "the worst, in the order 2, 1, 3, 0.\n";

typedef struct decode_tool {
    decode_options options;
    bool colour;
    bool write_failed;
    int write_error;
    uint64_t files, bytes, events, stanzas;
    double seconds;
    uint8_t buffer[READ_SIZE];
    char output[READ_SIZE];
    size_t output_size;
} decode_tool;

/* One file being decoded. */
typedef struct decode_job {
    decode_tool *tool;
    const char *name;
    recent_bytes window;
    open_elements elements;
    double seconds;
    uint64_t fed;
} decode_job;

static void complain(const char *subject, const char *text)
{
    fputs("weir-decode: ", stderr);
    if (subject != NULL) {
        put_visible(stderr, subject, strlen(subject));
        fputs(": ", stderr);
    }
    put_visible(stderr, text, strlen(text));
    fputc('\n', stderr);
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void write_now(decode_tool *tool, const char *bytes, size_t size)
{
    if (!tool->write_failed && size > 0 && fwrite(bytes, 1, size, stdout) != size) {
        tool->write_failed = true;
        tool->write_error = errno;
    }
}

/* The log comes in scraps; for each of them fwrite would take longer than the decoder. */
static void write_out(void *context, const char *bytes, size_t size)
{
    decode_tool *tool = context;

    if (size > sizeof tool->output - tool->output_size) {
        write_now(tool, tool->output, tool->output_size);
        tool->output_size = 0;
    }
    if (size > sizeof tool->output) {
        write_now(tool, bytes, size);
    } else {
        memcpy(tool->output + tool->output_size, bytes, size);
        tool->output_size += size;
    }
}

static bool flush_out(decode_tool *tool)
{
    write_now(tool, tool->output, tool->output_size);
    tool->output_size = 0;
    if (!tool->write_failed && tool->options.format != LOG_NONE && fflush(stdout) != 0) {
        tool->write_failed = true;
        tool->write_error = errno;
    }
    return !tool->write_failed;
}

static void observe(void *context, const weir_event *event)
{
    decode_job *job = context;

    open_elements_take(&job->elements, event);
}

/* Bytes that are there, waiting for some; 0: the end; -1: an error. */
static ssize_t read_some(int file, void *buffer, size_t size)
{
    for (;;) {
        ssize_t count = read(file, buffer, size);

        if (count >= 0) {
            return count;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            struct pollfd wait = {.fd = file, .events = POLLIN};

            if (poll(&wait, 1, -1) < 0 && errno != EINTR) {
                return -1;
            }
        } else if (errno != EINTR) {
            return -1;
        }
    }
}

/* An error is at most one tag before the last byte; behind the last event too. */
static void let_go(decode_job *job, const decoding *run)
{
    uint64_t settled = decoding_settled(run), reach = (uint64_t)job->tool->options.config.limits.tag + 64;

    if (!job->tool->options.reference) {
        window_keep_from(&job->window, job->fed > reach && job->fed - reach > settled ? job->fed - reach : settled);
    }
}

/* False: I/O trouble, already told. */
static bool feed_file(decode_job *job, decoding *run, int file)
{
    decode_tool *tool = job->tool;
    bool more = true;

    while (more) {
        ssize_t count = read_some(file, tool->buffer, sizeof tool->buffer);
        double start = now();

        if (count < 0) {
            complain(job->name, strerror(errno));
            return false;
        }
        if (count == 0) {
            return true;
        }
        if (!window_append(&job->window, tool->buffer, (size_t)count)) {
            complain(job->name, "out of memory");
            return false;
        }
        job->fed += (uint64_t)count;
        more = decoding_feed(run, tool->buffer, (size_t)count);
        job->seconds += now() - start;
        if (!flush_out(tool)) {
            return false;
        }
        let_go(job, run);
    }
    return true;
}

static void put_stats(const char *name, uint64_t events, uint64_t stanzas, uint64_t bytes, double seconds)
{
    put_visible(stderr, name, strlen(name));
    fprintf(stderr, ": %llu events, %llu stanzas, %llu bytes, %.6f seconds, %.1f MB/s\n", (unsigned long long)events,
            (unsigned long long)stanzas, (unsigned long long)bytes, seconds,
            seconds > 0 ? (double)bytes / seconds / 1e6 : 0.0);
}

static int conclude(decode_job *job, const decode_result *result)
{
    decode_tool *tool = job->tool;

    if (result->trouble != DECODE_FINE) {
        char message[DECODE_MESSAGE_MAX];

        decode_trouble_text(result, message);
        complain(job->name, message);
    } else if (result->code != WEIR_COMPLETE) {
        verdict_report report = {job->name, tool->colour, &tool->options, result, &job->window, &job->elements};

        report_verdict(stderr, &report);
    }
    if (tool->options.stats) {
        put_stats(job->name, result->events, result->stanzas, result->bytes, job->seconds);
    }
    tool->files++;
    tool->bytes += result->bytes;
    tool->events += result->events;
    tool->stanzas += result->stanzas;
    tool->seconds += job->seconds;
    return decode_exit(result);
}

static int decode_open(decode_job *job, int file, bool named)
{
    decode_tool *tool = job->tool;
    decode_result result;
    event_log log;
    decoding *run;
    bool fed;
    double start;

    log_init(&log, tool->options.format, write_out, tool);
    if (named) {
        log_file(&log, job->name);
    }
    run = decoding_new(&tool->options, &log, observe, job);
    if (run == NULL) {
        complain(job->name, "out of memory");
        return 2;
    }
    fed = feed_file(job, run, file);
    if (!fed) {
        log.format = LOG_NONE; /* no verdict on what was not read */
    }
    start = now();
    result = decoding_end(run);
    job->seconds += now() - start;
    log_free(&log);
    return fed && flush_out(tool) ? conclude(job, &result) : 2;
}

static int decode_file(decode_tool *tool, const char *name, bool named)
{
    bool standard = strcmp(name, "-") == 0;
    int file = standard ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
    decode_job job = {.tool = tool, .name = standard ? "<stdin>" : name};
    int status;

    if (file < 0) {
        complain(name, strerror(errno));
        return 2;
    }
    window_init(&job.window);
    status = decode_open(&job, file, named);
    window_free(&job.window);
    if (!standard) {
        close(file);
    }
    return status;
}

static bool wants_colour(void)
{
    const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");

    return isatty(STDERR_FILENO) && (no == NULL || *no == '\0') && terminal != NULL && strcmp(terminal, "dumb") != 0;
}

/* The worse of two exit statuses. */
static int worse(int a, int b)
{
    static const int rank[] = {0, 2, 3, 1};

    return rank[a] > rank[b] ? a : b;
}

static int run(decode_tool *tool, int count, char **names)
{
    static char standard_input[] = "-", *none[] = {standard_input};
    int status = 0;

    if (count == 0) {
        names = none;
        count = 1;
    }
    for (int i = 0; i < count && !tool->write_failed; i++) {
        status = worse(status, decode_file(tool, names[i], count > 1));
    }
    if (tool->options.stats && tool->files > 1) {
        put_stats("total", tool->events, tool->stanzas, tool->bytes, tool->seconds);
    }
    return status;
}

int main(int argc, char **argv)
{
    static decode_tool tool;
    static char errors[BUFSIZ];
    char message[DECODE_MESSAGE_MAX];
    int operands, status = 0;

    setlocale(LC_CTYPE, "");
    setvbuf(stderr, errors, _IOLBF, sizeof errors);
    tool.colour = wants_colour();
    decode_options_init(&tool.options);
    if (!decode_options_parse(&tool.options, argc, argv, &operands, message)) {
        complain(NULL, message);
        fputs("Try 'weir-decode --help'.\n", stderr);
        return 2;
    }
    if (tool.options.help || tool.options.version) {
        tool.options.format = LOG_TEXT;
        write_out(&tool, HELP_TEXT, tool.options.help ? sizeof HELP_TEXT - 1 : 0);
    }
    if (tool.options.version && !tool.options.help) {
        write_out(&tool, "weir-decode ", 12);
        write_out(&tool, weir_version(), strlen(weir_version()));
        write_out(&tool, "\n", 1);
    }
    if (!tool.options.help && !tool.options.version) {
        status = run(&tool, argc - operands, argv + operands);
    }
    if (!flush_out(&tool)) {
        complain("standard output", strerror(tool.write_error));
        status = 2;
    }
    return status;
}
