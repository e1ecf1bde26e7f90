/* weir_peer.c - weir-peer: the embedded peer of the tests as a program, for real clients
 *
 * Prints its port as the first line of standard output, and what it negotiates to standard error.
 *
 * SPDX-License-Identifier: MIT */
#include "../connect/standard.h"
#include "../connect/transcript.h"
#include "../connector/peer.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PEM_SIZE 16384

static const char HELP_TEXT[] =
    "Usage: weir-peer [OPTION]...\n"
    "A receiving entity of XMPP on 127.0.0.1, for testing clients; not a server to deploy. It\n"
    "returns messages and presence to their sender and answers pings. The first line of standard\n"
    "output is its port; what is negotiated goes to standard error. SIGTERM closes all streams.\n"
    "\n"
    "  --domain=DOMAIN     (default capulet.example)\n"
    "  --port=N            (default 0: one that is free)\n"
    "  --user=USER         the account (default juliet); its password is in the environment\n"
    "                      (WEIR_PASSWORD), not empty\n"
    "  --write-ca=FILE     write the certificate made on the spot there, PEM, to be trusted\n"
    "  --cert=FILE, --key=FILE\n"
    "                      use these instead\n"
    "  --tls               direct TLS instead of STARTTLS\n"
    "  --tls-min=1.2|1.3, --tls-max=1.2|1.3\n"
    "  --mechanism=M       offer it; may be repeated (default: all SCRAM, with and without -PLUS)\n"
    "  --server            server to server; the others authenticate by EXTERNAL\n"
    "  --ca=FILE           trust their certificates by this, PEM\n"
    "  --connections=N     end after so many\n"
    "  --silent            do not answer stanzas\n"
    "  --log=text|json|none\n"
    "  --help\n"
    "\n"
    "Exit status: 0, or 2 for usage or trouble.\n";

typedef struct peer_tool {
    peer_settings settings;
    sasl_account account;
    const char *write_ca, *certificate_file, *key_file;
    unsigned connections; /* 0: no end */
    transcript transcript;
    uint64_t now;
} peer_tool;

static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

static uint64_t clock_now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

static int complain(const char *why)
{
    fprintf(stderr, "weir-peer: %s\n", why);
    return 2;
}

/* ---- Options ----------------------------------------------------------------------------------------------------- */

enum {
    DOMAIN = 256,
    PORT,
    USER,
    WRITE_CA,
    CERT,
    KEY,
    TLS,
    TLS_MIN,
    TLS_MAX,
    MECHANISM,
    SERVER,
    CA,
    CONNECTIONS,
    SILENT,
    LOG,
    HELP
};

static const struct option OPTIONS[] = {{"domain", required_argument, NULL, DOMAIN},
                                        {"port", required_argument, NULL, PORT},
                                        {"user", required_argument, NULL, USER},
                                        {"write-ca", required_argument, NULL, WRITE_CA},
                                        {"cert", required_argument, NULL, CERT},
                                        {"key", required_argument, NULL, KEY},
                                        {"tls", no_argument, NULL, TLS},
                                        {"tls-min", required_argument, NULL, TLS_MIN},
                                        {"tls-max", required_argument, NULL, TLS_MAX},
                                        {"mechanism", required_argument, NULL, MECHANISM},
                                        {"server", no_argument, NULL, SERVER},
                                        {"ca", required_argument, NULL, CA},
                                        {"connections", required_argument, NULL, CONNECTIONS},
                                        {"silent", no_argument, NULL, SILENT},
                                        {"log", required_argument, NULL, LOG},
                                        {"help", no_argument, NULL, HELP},
                                        {NULL, 0, NULL, 0}};

static bool read_version(int *version, const char *text)
{
    *version = strcmp(text, "1.2") == 0 ? 12 : strcmp(text, "1.3") == 0 ? 13 : 0;
    return *version != 0;
}

static bool read_mechanism(uint32_t *mechanisms, const char *text)
{
    sasl_mechanism mechanism = sasl_mechanism_of(text, strlen(text));

    if (mechanism == SASL_MECHANISM_COUNT) {
        return false;
    }
    *mechanisms |= SASL_ALLOWED(mechanism);
    return true;
}

static bool read_log(connect_log *form, const char *text)
{
    *form = strcmp(text, "json") == 0   ? CONNECT_LOG_JSON
            : strcmp(text, "none") == 0 ? CONNECT_LOG_NONE
                                        : CONNECT_LOG_TEXT;
    return *form != CONNECT_LOG_TEXT || strcmp(text, "text") == 0;
}

static bool read_number(unsigned *number, const char *text, unsigned most)
{
    size_t digits = strspn(text, "0123456789");

    *number = digits > 0 && digits < 8 ? (unsigned)strtoul(text, NULL, 10) : most + 1;
    return text[digits] == '\0' && *number <= most;
}

static bool read_option(peer_tool *tool, int option, const char *value, uint32_t *mechanisms)
{
    unsigned number;

    switch (option) {
    case DOMAIN: tool->settings.domain = value; return true;
    case USER: tool->account.username = value; return true;
    case WRITE_CA: tool->write_ca = value; return true;
    case CERT: tool->certificate_file = value; return true;
    case KEY: tool->key_file = value; return true;
    case CA: tool->settings.ca_file = value; return true;
    case TLS: tool->settings.direct_tls = true; return true;
    case SERVER: tool->settings.server = true; return true;
    case SILENT: tool->settings.silent = true; return true;
    case TLS_MIN: return read_version(&tool->settings.tls_min, value);
    case TLS_MAX: return read_version(&tool->settings.tls_max, value);
    case MECHANISM: return read_mechanism(mechanisms, value);
    case LOG: return read_log(&tool->transcript.form, value);
    case CONNECTIONS: return read_number(&tool->connections, value, 1000000);
    case PORT:
        if (!read_number(&number, value, 65535)) {
            return false;
        }
        tool->settings.port = (uint16_t)number;
        return true;
    default: return false;
    }
}

/* 0: go on; 1: help was given; 2: wrong. */
static int read_options(peer_tool *tool, int argc, char **argv)
{
    uint32_t mechanisms = 0;
    int option;

    while ((option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
        if (option == HELP) {
            fputs(HELP_TEXT, stdout);
            return 1;
        }
        if (option == '?' || !read_option(tool, option, optarg, &mechanisms)) {
            return complain("wrong option or value; see --help");
        }
    }
    if (optind != argc) {
        return complain("no arguments are wanted; see --help");
    }
    if (mechanisms != 0) {
        tool->settings.mechanisms = mechanisms;
    } else if (tool->settings.server) {
        tool->settings.mechanisms = SASL_ALLOWED(SASL_EXTERNAL);
    }
    return 0;
}

/* ---- What is negotiated ------------------------------------------------------------------------------------------ */

static void on_accepted(void *context, peer *p, unsigned number)
{
    peer_tool *tool = context;
    char text[32];

    (void)p;
    snprintf(text, sizeof text, "connection %u", number);
    transcript_note(&tool->transcript, text, clock_now());
}

static void on_secured(void *context, peer *p, unsigned number, const tls_facts *facts)
{
    peer_tool *tool = context;

    (void)p;
    (void)number;
    transcript_secured(&tool->transcript, facts, clock_now());
}

static void on_event(void *context, peer *p, unsigned number, const negotiator_event *event)
{
    peer_tool *tool = context;

    (void)p;
    (void)number;
    transcript_stream(&tool->transcript, event, clock_now());
}

static void loop(peer_tool *tool, peer *p)
{
    size_t room = peer_poll_size(p);
    struct pollfd *fds = calloc(room, sizeof *fds);
    bool closing = false;

    while (fds != NULL) {
        uint64_t deadline;
        int timeout;

        tool->now = clock_now();
        peer_run(p, tool->now);
        if ((interrupted ||
             (tool->connections > 0 && peer_accepted(p) >= tool->connections && peer_open_count(p) == 0)) &&
            !closing) {
            closing = true;
            peer_close(p, tool->now);
            peer_run(p, tool->now);
        }
        if (closing && peer_open_count(p) == 0) {
            break;
        }
        deadline = peer_deadline(p, tool->now);
        /* A signal that comes just before poll is seen within a second. */
        timeout = deadline > tool->now + 1000 ? 1000 : deadline > tool->now ? (int)(deadline - tool->now) : 0;
        poll(fds, peer_poll(p, fds, room), timeout);
    }
    free(fds);
}

/* The certificate goes there for clients that have to trust it. */
static bool write_ca(const peer_tool *tool)
{
    char pem[PEM_SIZE];
    size_t size = tls_identity_pem(tool->settings.identity, pem, sizeof pem);
    FILE *file = size > 0 ? fopen(tool->write_ca, "w") : NULL;
    bool good = file != NULL && fwrite(pem, 1, size, file) == size;

    return (file == NULL || fclose(file) == 0) && good;
}

static int serve(peer_tool *tool)
{
    const peer_handler handler = {.accepted = on_accepted, .secured = on_secured, .event = on_event, .context = tool};
    const struct sigaction catching = {.sa_handler = interrupt};
    const char *why = "";
    peer *p;

    tool->now = clock_now();
    p = peer_new(&tool->settings, &handler, tool->now, &why);
    if (p == NULL) {
        return complain(why);
    }
    sigaction(SIGTERM, &catching, NULL);
    sigaction(SIGINT, &catching, NULL);
    printf("%u\n", peer_port(p));
    fflush(stdout);
    loop(tool, p);
    peer_free(p);
    return 0;
}

int main(int argc, char **argv)
{
    peer_tool tool = {.account = {.username = "juliet", .password = getenv("WEIR_PASSWORD")}};
    tls_identity *identity;
    const char *why = "";
    int status;

    if (!standard_open()) {
        return 2;
    }
    transcript_init(&tool.transcript, stderr, CONNECT_LOG_TEXT, clock_now());
    peer_settings_default(&tool.settings);
    tool.settings.domain = "capulet.example";
    status = read_options(&tool, argc, argv);
    if (status != 0) {
        return status == 1 ? 0 : 2;
    }
    if (tool.account.password != NULL && tool.account.password[0] == '\0') {
        return complain("WEIR_PASSWORD is empty, and so would let everybody in");
    }
    tool.account.hostname = tool.settings.domain;
    if (tool.account.password != NULL && !tool.settings.server) {
        tool.settings.accounts = &tool.account;
        tool.settings.account_count = 1;
    }
    identity = tool.certificate_file != NULL && tool.key_file != NULL
                   ? tls_identity_read(tool.certificate_file, tool.key_file, &why)
                   : tls_identity_made(tool.settings.domain, &why);
    if (identity == NULL) {
        return complain(why);
    }
    tool.settings.identity = identity;
    status = tool.write_ca != NULL && !write_ca(&tool) ? complain("the certificate cannot be written") : serve(&tool);
    tls_identity_free(identity);
    return status;
}
