/* options.c - see options.h
 *
 * SPDX-License-Identifier: MIT */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS_MAX 86400

const char connect_help[] =
    "Usage: weir-connect [OPTION]... JID\n"
    "Opens, secures and authenticates an XMPP stream, prints what is negotiated to standard\n"
    "error, sends the stanzas of standard input, prints those received to standard output, one\n"
    "a line, and closes the stream at the end of input.\n"
    "JID is USER@DOMAIN or USER@DOMAIN/RESOURCE; DOMAIN alone for --probe, --server and\n"
    "--mechanism=ANONYMOUS.\n"
    "\n"
    "Where to, and how it is secured:\n"
    "  --starttls         STARTTLS alone (without this and --tls: as the SRV records say)\n"
    "  --tls              direct TLS alone (XEP-0368)\n"
    "  --connect=HOST:PORT\n"
    "                     connect there, STARTTLS unless --tls; without it by SRV records\n"
    "  --dns=SERVER       ask this name server (ADDRESS or ADDRESS:PORT)\n"
    "  --ca=FILE          certificates to trust, PEM, instead of the system's\n"
    "  --tls-min=1.2|1.3, --tls-max=1.2|1.3\n"
    "                     bounds of the TLS version\n"
    "\n"
    "Who you are:\n"
    "  --password-fd=N    read the password from this descriptor, up to a line feed or its end;\n"
    "                     without it from the environment (WEIR_PASSWORD), else by a prompt\n"
    "  --mechanism=M      use M alone: SCRAM-SHA-256-PLUS, SCRAM-SHA-1-PLUS, SCRAM-SHA-256,\n"
    "                     SCRAM-SHA-1, EXTERNAL, PLAIN, ANONYMOUS (default: the strongest SCRAM)\n"
    "  --no-channel-binding\n"
    "                     SCRAM without -PLUS, even where the server offers it\n"
    "  --allow-plain      allow PLAIN too, under verified TLS, where nothing better is offered\n"
    "  --cert=FILE, --key=FILE\n"
    "                     client certificate and its key, PEM; needed for EXTERNAL\n"
    "  --server=DOMAIN    server to server, as this domain (by EXTERNAL; dialback is not\n"
    "                     implemented); JID is the other domain\n"
    "\n"
    "What to do:\n"
    "  --ping             send one ping (XEP-0199) to the server, wait for the answer, close\n"
    "  --probe            everything before authentication, on each security layer and TLS\n"
    "                     version; print what is offered and what is wrong with it; no account\n"
    "  --stay             at the end of input stay until the server closes, or SIGINT, SIGTERM\n"
    "  --timeout=SECONDS  for each phase: look-up, connect, TLS, each answer, close (default 15)\n"
    "  --keepalive=SECONDS  a space after so long without sending (default 60; 0: never)\n"
    "  --idle=SECONDS     give up after so long without receiving, be it a space (0: never)\n"
    "  --log=text|json|none\n"
    "                     form of the transcript on standard error (default text)\n"
    "  --help, --version\n"
    "\n"
    "Exit status:\n"
    "   0  closed by both sides; of --probe: nothing is wrong\n"
    "   1  --ping had no good answer, or --probe found something wrong\n"
    "   2  usage, a file, memory; closed before the stream was ready; input that was not sent,\n"
    "      or stanzas that could not be written\n"
    "   3  truncated: the connection ended before the server's closing tag\n"
    "   4  closed by both sides, but the server sent no close_notify\n"
    "   5  unreachable: no address, or none that answers\n"
    "   6  TLS failed: not offered, or no handshake\n"
    "   7  the certificate is not right for the domain\n"
    "   8  not authenticated\n"
    "   9  no resource bound\n"
    "  10  the server sent a stream error\n"
    "  11  the server broke the protocol\n"
    "  12  the server sent what is not XML of XMPP\n"
    "  13  timed out\n"
    "  14  the connection was lost, or TLS broken, or nothing taken by the server any more\n";

enum {
    STARTTLS = 256,
    TLS,
    CONNECT,
    DNS,
    CA,
    TLS_MIN,
    TLS_MAX,
    PASSWORD_FD,
    MECHANISM,
    NO_CHANNEL_BINDING,
    ALLOW_PLAIN,
    CERT,
    KEY,
    SERVER,
    PING,
    PROBE,
    STAY,
    TIMEOUT,
    KEEPALIVE,
    IDLE,
    LOG,
    HELP,
    VERSION
};

static const struct option OPTIONS[] = {{"starttls", no_argument, NULL, STARTTLS},
                                        {"tls", no_argument, NULL, TLS},
                                        {"connect", required_argument, NULL, CONNECT},
                                        {"dns", required_argument, NULL, DNS},
                                        {"ca", required_argument, NULL, CA},
                                        {"tls-min", required_argument, NULL, TLS_MIN},
                                        {"tls-max", required_argument, NULL, TLS_MAX},
                                        {"password-fd", required_argument, NULL, PASSWORD_FD},
                                        {"mechanism", required_argument, NULL, MECHANISM},
                                        {"no-channel-binding", no_argument, NULL, NO_CHANNEL_BINDING},
                                        {"allow-plain", no_argument, NULL, ALLOW_PLAIN},
                                        {"cert", required_argument, NULL, CERT},
                                        {"key", required_argument, NULL, KEY},
                                        {"server", required_argument, NULL, SERVER},
                                        {"ping", no_argument, NULL, PING},
                                        {"probe", no_argument, NULL, PROBE},
                                        {"stay", no_argument, NULL, STAY},
                                        {"timeout", required_argument, NULL, TIMEOUT},
                                        {"keepalive", required_argument, NULL, KEEPALIVE},
                                        {"idle", required_argument, NULL, IDLE},
                                        {"log", required_argument, NULL, LOG},
                                        {"help", no_argument, NULL, HELP},
                                        {"version", no_argument, NULL, VERSION},
                                        {NULL, 0, NULL, 0}};

/* Digits alone: strtoul would take a sign and white space. */
static bool read_number(const char *text, uint32_t least, uint32_t most, uint32_t *number)
{
    size_t digits = strspn(text, "0123456789");
    unsigned long value = digits > 0 && digits < 9 ? strtoul(text, NULL, 10) : UINT32_MAX;

    if (text[digits] != '\0' || value < least || value > most) {
        return false;
    }
    *number = (uint32_t)value;
    return true;
}

static bool read_seconds(uint32_t *milliseconds, const char *name, const char *text, uint32_t least, char *message)
{
    uint32_t seconds;

    if (!read_number(text, least, SECONDS_MAX, &seconds)) {
        snprintf(message, OPTIONS_MESSAGE_MAX, "--%s wants seconds, %u to %d, not '%.100s'", name, (unsigned)least,
                 SECONDS_MAX, text);
        return false;
    }
    *milliseconds = seconds * 1000;
    return true;
}

static bool read_tls_version(int *version, const char *text, char *message)
{
    *version = strcmp(text, "1.2") == 0 ? 12 : strcmp(text, "1.3") == 0 ? 13 : 0;
    if (*version == 0) {
        snprintf(message, OPTIONS_MESSAGE_MAX, "a TLS version is 1.2 or 1.3, not '%.100s'", text);
    }
    return *version != 0;
}

/* HOST:PORT, where an IPv6 address may, and before a port must, be in brackets. */
static bool read_host(connect_options *options, const char *text, char *message)
{
    const char *colon = strrchr(text, ':');
    size_t size = colon != NULL ? (size_t)(colon - text) : 0;
    const char *whole = text;
    uint32_t port;

    if (size > 1 && text[0] == '[' && text[size - 1] == ']') {
        text++;
        size -= 2;
    } else if (size > 0 && memchr(text, ':', size) != NULL) {
        size = 0;
    }
    if (size == 0 || size > 255 || !read_number(colon + 1, 1, 65535, &port)) {
        snprintf(message, OPTIONS_MESSAGE_MAX, "--connect wants HOST:PORT or [IPV6]:PORT, not '%.100s'", text);
        return false;
    }
    options->connect = whole;
    return true;
}

static bool read_mechanism(connect_options *options, const char *text, char *message)
{
    for (unsigned i = 0; i < SASL_MECHANISM_COUNT; i++) {
        if (strcmp(text, sasl_mechanism_name((sasl_mechanism)i)) == 0) {
            options->policy.allowed = 1u << i;
            return true;
        }
    }
    snprintf(message, OPTIONS_MESSAGE_MAX, "--mechanism: '%.100s' is none that is spoken here; see --help", text);
    return false;
}

static bool read_log(connect_options *options, const char *text, char *message)
{
    static const char *const names[] = {"text", "json", "none"};

    for (unsigned i = 0; i < 3; i++) {
        if (strcmp(text, names[i]) == 0) {
            options->log = (connect_log)i;
            return true;
        }
    }
    snprintf(message, OPTIONS_MESSAGE_MAX, "--log wants text, json or none, not '%.100s'", text);
    return false;
}

static bool read_password_fd(connect_options *options, const char *text, char *message)
{
    uint32_t number;

    if (!read_number(text, 0, 65535, &number)) {
        snprintf(message, OPTIONS_MESSAGE_MAX, "--password-fd wants the number of a descriptor, not '%.100s'", text);
        return false;
    }
    options->password_fd = (int)number;
    return true;
}

static void read_flag(connect_options *options, int option)
{
    switch (option) {
    case STARTTLS: options->starttls = true; break;
    case TLS: options->direct_tls = true; break;
    case NO_CHANNEL_BINDING: options->policy.no_channel_binding = true; break;
    case ALLOW_PLAIN: options->policy.allowed |= 1u << SASL_PLAIN; break;
    case PING: options->ping = true; break;
    case PROBE: options->probe = true; break;
    case STAY: options->stay = true; break;
    case HELP: options->help = true; break;
    default: options->version = true; break;
    }
}

static bool read_option(connect_options *options, int option, char *value, char *message)
{
    switch (option) {
    case CONNECT: return read_host(options, value, message);
    case DNS: options->name_server = value; return true;
    case CA: options->ca_file = value; return true;
    case TLS_MIN: return read_tls_version(&options->tls_min, value, message);
    case TLS_MAX: return read_tls_version(&options->tls_max, value, message);
    case PASSWORD_FD: return read_password_fd(options, value, message);
    case MECHANISM: return read_mechanism(options, value, message);
    case CERT: options->certificate_file = value; return true;
    case KEY: options->key_file = value; return true;
    case SERVER: options->from = value; return true;
    case TIMEOUT: return read_seconds(&options->timeout, "timeout", value, 1, message);
    case KEEPALIVE: return read_seconds(&options->keepalive, "keepalive", value, 0, message);
    case IDLE: return read_seconds(&options->idle, "idle", value, 0, message);
    case LOG: return read_log(options, value, message);
    default: read_flag(options, option); return true;
    }
}

/* What each option says may be right, and the whole still not. NULL: it is. */
static const char *contradiction(const connect_options *options)
{
    bool without_user = options->probe || options->from != NULL || options->policy.allowed == 1u << SASL_ANONYMOUS ||
                        options->policy.allowed == 1u << SASL_EXTERNAL;

    if (options->starttls && options->direct_tls) {
        return "--starttls and --tls exclude each other";
    }
    if (options->tls_min > options->tls_max && options->tls_max != 0) {
        return "--tls-min is above --tls-max";
    }
    if (options->ping && options->probe) {
        return "--ping and --probe exclude each other";
    }
    if (options->ping && options->from != NULL) {
        return "--ping has no answer server to server: it would come on a connection of the other direction";
    }
    if ((options->certificate_file == NULL) != (options->key_file == NULL)) {
        return "--cert and --key go together";
    }
    if (options->policy.allowed == 1u << SASL_EXTERNAL && options->certificate_file == NULL && !options->probe) {
        return "EXTERNAL needs --cert and --key";
    }
    if (options->address.local[0] == '\0' && !without_user) {
        return "JID has no user: USER@DOMAIN (DOMAIN alone is for --probe, --server, EXTERNAL and ANONYMOUS)";
    }
    if (options->policy.allowed == 1u << SASL_ANONYMOUS && options->address.local[0] != '\0') {
        return "with --mechanism=ANONYMOUS the JID is a domain: the server makes the user";
    }
    if (options->from != NULL && (options->address.local[0] != '\0' || options->address.resource[0] != '\0')) {
        return "with --server the JID is a domain";
    }
    return NULL;
}

bool connect_options_read(connect_options *options, int argc, char **argv, char message[OPTIONS_MESSAGE_MAX])
{
    int option;
    const char *why;

    *options = (connect_options){.password_fd = -1, .timeout = 15000, .keepalive = 60000};
    options->policy.allowed =
        1u << SASL_SCRAM_SHA_256_PLUS | 1u << SASL_SCRAM_SHA_1_PLUS | 1u << SASL_SCRAM_SHA_256 | 1u << SASL_SCRAM_SHA_1;
    message[0] = '\0';
    while ((option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
        if (option == '?') {
            return false; /* getopt_long has said why */
        }
        if (!read_option(options, option, optarg, message)) {
            return false;
        }
    }
    if (options->help || options->version) {
        return true;
    }
    if (argc - optind != 1) {
        snprintf(message, OPTIONS_MESSAGE_MAX, "one JID is wanted; see --help");
        return false;
    }
    if (!jid_read(&options->address, argv[optind], &why)) {
        snprintf(message, OPTIONS_MESSAGE_MAX, "'%.100s' is no JID: %s", argv[optind], why);
        return false;
    }
    if (options->from != NULL) {
        options->policy.allowed = 1u << SASL_EXTERNAL;
    }
    why = contradiction(options);
    if (why != NULL) {
        snprintf(message, OPTIONS_MESSAGE_MAX, "%s", why);
    }
    return why == NULL;
}
