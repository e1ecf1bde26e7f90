/* probe.h - what a server offers before authentication, and what is wrong with it
 *
 * SPDX-License-Identifier: MIT */
#ifndef CONNECT_PROBE_H
#define CONNECT_PROBE_H

#include "session.h"

#define PROBE_NAME_MAX 64
#define PROBE_OFFERS_MAX 32

/* A set of short names, as the peer wrote them; what is longer or more is counted, not kept. */
typedef struct probe_names {
    char names[PROBE_OFFERS_MAX][PROBE_NAME_MAX];
    size_t count, left_out;
} probe_names;

/* One connection: a security layer, and one TLS version. */
typedef struct probe_layer {
    bool direct;
    int version; /* 12, 13 */
    bool reached, header_seen, secured;
    bool starttls_offered, starttls_required;
    probe_names clear_mechanisms, clear_features;
    probe_names mechanisms, features, bindings; /* under TLS */
    char tls_version[16], cipher[64], alpn[32];
    char names[1024], issuer[512], expiry[32];
    bool verified, extended_master_secret;
    bool no_version; /* the handshake failed, as the server does not speak this version of TLS */
    connect_exit status;
    char ended[768];
} probe_layer;

/* Several connections, one after the other; the report goes to standard output. */
connect_exit probe_run(const connect_options *options, const connector_settings *settings);

/* What is wrong with the server, one line each. `wrong` counts faults, not notes. For tests, too. */
typedef struct probe_verdict {
    FILE *out;
    connect_log form;
    unsigned wrong, notes;
} probe_verdict;
void probe_judge(probe_verdict *verdict, const probe_layer *layers, size_t count, int64_t now);

bool probe_has(const probe_names *names, const char *name);

#endif
