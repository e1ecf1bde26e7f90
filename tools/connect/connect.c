/* connect.c - weir-connect: opens, secures, authenticates and closes an XMPP stream, and shows how
 *
 * SPDX-License-Identifier: MIT */
#include "password.h"
#include "probe.h"
#include "session.h"
#include "standard.h"

#include <locale.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static char line_buffer[4096];

static connect_exit complain(const char *subject, const char *why)
{
    fprintf(stderr, "weir-connect: %s%s%s\n", subject, subject[0] != '\0' ? ": " : "", why);
    return EXIT_TROUBLE;
}

static bool wants_password(const connect_options *options)
{
    const uint32_t without = SASL_ALLOWED(SASL_EXTERNAL) | SASL_ALLOWED(SASL_ANONYMOUS);

    return !options->probe && (options->policy.allowed & ~without) != 0;
}

/* What could only be found out with a connection is asked before there is one: the CA file, for instance. */
static const char *check_tls(const connector_settings *settings)
{
    const tls_settings own = {.server = settings->server,
                              .domain = settings->domain,
                              .ca_file = settings->ca_file,
                              .identity = settings->identity,
                              .min_version = settings->tls_min,
                              .max_version = settings->tls_max};
    const char *why = NULL;
    tls *session = tls_new(&own, &why);

    tls_free(session);
    return session != NULL ? NULL : why;
}

/* Keys and the password are in no core file, and no other process of the user looks at them; until they are wiped. */
static void keep_out(bool out)
{
    const struct rlimit none = {0, 0};

    if (out) {
        setrlimit(RLIMIT_CORE, &none);
    }
    prctl(PR_SET_DUMPABLE, out ? 0 : 1);
}

static connect_exit run(const connect_options *options)
{
    connector_settings settings;
    tls_identity *identity = NULL;
    char password[PASSWORD_MAX] = "";
    const char *why = NULL;
    connect_exit status;

    keep_out(true);
    session_settings(&settings, options);
    if (options->certificate_file != NULL) {
        identity = tls_identity_read(options->certificate_file, options->key_file, &why);
        if (identity == NULL) {
            return complain(options->certificate_file, why);
        }
    }
    settings.identity = identity;
    why = check_tls(&settings);
    if (why != NULL) {
        status = complain("", why);
    } else if (wants_password(options) && !password_read(password, options->password_fd, options->address.bare, &why)) {
        status = complain("", why);
    } else {
        settings.password = wants_password(options) ? password : NULL;
        session_catch_signals();
        status = options->probe ? probe_run(options, &settings) : session_run(options, &settings, password);
    }
    explicit_bzero(password, sizeof password);
    tls_identity_free(identity);
    keep_out(false);
    return status;
}

int main(int argc, char **argv)
{
    connect_options options;
    char message[OPTIONS_MESSAGE_MAX];

    if (!standard_open()) {
        return EXIT_TROUBLE;
    }
    setlocale(LC_CTYPE, "");
    setvbuf(stderr, line_buffer, _IOLBF, sizeof line_buffer);
    if (!connect_options_read(&options, argc, argv, message)) {
        if (message[0] != '\0') {
            complain("", message);
        }
        return EXIT_TROUBLE;
    }
    if (options.help) {
        fputs(connect_help, stdout);
        return fflush(stdout) == 0 ? 0 : EXIT_TROUBLE;
    }
    if (options.version) {
        printf("weir-connect %s\n", weir_version());
        return fflush(stdout) == 0 ? 0 : EXIT_TROUBLE;
    }
    return (int)run(&options);
}
