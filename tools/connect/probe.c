/* probe.c - see probe.h
 *
 * SPDX-License-Identifier: MIT */
#include "probe.h"
#include "../decode_report.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#define LAYERS_MAX 4
#define NS_TLS "urn:ietf:params:xml:ns:xmpp-tls"
#define NS_SASL "urn:ietf:params:xml:ns:xmpp-sasl"
#define NS_BINDING "urn:xmpp:sasl-cb:0" /* XEP-0440 */

/* One connection at work. */
typedef struct probe_job {
    probe_layer *layer;
    connector_end end;
    negotiator_outcome outcome;
} probe_job;

bool probe_has(const probe_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static void add(probe_names *names, weir_slice name)
{
    char text[PROBE_NAME_MAX];

    if (name.size == 0 || name.size >= sizeof text || names->count == PROBE_OFFERS_MAX) {
        names->left_out++;
        return;
    }
    memcpy(text, name.data, name.size);
    text[name.size] = '\0';
    if (!probe_has(names, text)) {
        memcpy(names->names[names->count++], text, name.size + 1);
    }
}

static bool equal(weir_slice slice, const char *text)
{
    return slice.size == strlen(text) && memcmp(slice.data, text, slice.size) == 0;
}

static bool is(const weir_name *name, const char *namespace_name, const char *local)
{
    return equal(name->namespace_name, namespace_name) && equal(name->local, local);
}

/* What is judged by its name is written so of its own namespace alone; the same word of another is somebody else's. */
static void add_feature(probe_names *names, const weir_name *name)
{
    static const char *const judged[][2] = {{"starttls", NS_TLS},
                                            {"mechanisms", NS_SASL},
                                            {"mechanism", NS_SASL},
                                            {"sasl-channel-binding", NS_BINDING},
                                            {"channel-binding", NS_BINDING},
                                            {"auth", "http://jabber.org/features/iq-auth"},
                                            {"compression", "http://jabber.org/features/compress"}};
    weir_slice text = name->local;
    char whole[PROBE_NAME_MAX];

    for (size_t i = 0; i < sizeof judged / sizeof *judged; i++) {
        if (equal(name->local, judged[i][0]) && !equal(name->namespace_name, judged[i][1])) {
            int size = snprintf(whole, sizeof whole, "{%.*s}%s", (int)name->namespace_name.size,
                                (const char *)name->namespace_name.data, judged[i][0]);

            text = (weir_slice){(const uint8_t *)whole, (size_t)size};
        }
    }
    add(names, text);
}

static void take_feature(probe_layer *l, const negotiator_event *e)
{
    const weir_name *name = &e->name;

    if (is(name, NS_SASL, "mechanism")) {
        add(l->secured ? &l->mechanisms : &l->clear_mechanisms, e->text);
    } else if (is(name, NS_BINDING, "channel-binding")) {
        add(&l->bindings, e->text);
    } else if (is(name, NS_TLS, "starttls") && !l->secured) {
        l->starttls_offered = true;
        l->starttls_required = e->required;
    } else if (!is(name, NS_SASL, "mechanisms") && !is(name, NS_BINDING, "sasl-channel-binding")) {
        add_feature(l->secured ? &l->features : &l->clear_features, name);
    }
}

static void take_facts(probe_layer *l, const tls_facts *facts)
{
    snprintf(l->tls_version, sizeof l->tls_version, "%s", facts->version);
    snprintf(l->cipher, sizeof l->cipher, "%s", facts->cipher);
    snprintf(l->alpn, sizeof l->alpn, "%s", facts->alpn);
    snprintf(l->names, sizeof l->names, "%s", facts->names);
    snprintf(l->issuer, sizeof l->issuer, "%s", facts->issuer);
    snprintf(l->expiry, sizeof l->expiry, "%s", facts->expiry);
    l->verified = facts->verified;
    l->secured = facts->verified;
    l->extended_master_secret = facts->extended_master_secret;
}

static void take_stream(probe_job *job, const negotiator_event *e)
{
    probe_layer *l = job->layer;

    switch (e->type) {
    case NEGOTIATOR_HEADER: l->header_seen = true; break;
    case NEGOTIATOR_FEATURE: take_feature(l, e); break;
    case NEGOTIATOR_ENDED:
        job->outcome = e->outcome;
        snprintf(l->ended, sizeof l->ended, "%s%s%s%s%s", transcript_outcome(e->outcome),
                 e->condition[0] != '\0' ? ", " : "", e->condition, e->detail[0] != '\0' ? ": " : "", e->detail);
        break;
    default: break;
    }
}

static void on_event(void *context, connector *c, const connector_event *event)
{
    probe_job *job = context;
    probe_layer *l = job->layer;

    (void)c;
    switch (event->type) {
    case CONNECTOR_CONNECTED: l->reached = true; break;
    case CONNECTOR_SECURED: take_facts(l, event->facts); break;
    case CONNECTOR_STREAM: take_stream(job, event->stream); break;
    case CONNECTOR_ENDED:
        job->end = event->end;
        if (event->end != CONNECTOR_END_STREAM) {
            snprintf(l->ended, sizeof l->ended, "%s", event->text);
        }
        break;
    default: break;
    }
}

/* By the alert of RFC 8446 6.2, or by what the server chose. */
static bool is_of_version(const connector *c)
{
    const char *text;
    tls_failure_kind kind = connector_tls_failure(c, &text);

    return (kind == TLS_FAILURE_ALERT && strstr(text, "protocol version") != NULL) ||
           (kind == TLS_FAILURE_HANDSHAKE && strcmp(text, "unsupported protocol") == 0);
}

/* false: interrupted. */
static bool run_layer(probe_layer *layer, const connector_settings *settings)
{
    probe_job job = {.layer = layer, .end = CONNECTOR_END_INTERNAL};
    const connector_handler handler = {.event = on_event, .context = &job};
    connector_settings own = *settings;
    connector *c;
    const char *why;
    bool whole = true;

    own.probe = true;
    own.password = NULL;
    own.direct = layer->direct;
    own.starttls = !layer->direct;
    own.tls_min = own.tls_max = layer->version;
    c = connector_new(&own, &handler, session_now(), &why);
    if (c == NULL) {
        layer->status = EXIT_TROUBLE;
        snprintf(layer->ended, sizeof layer->ended, "%s", why);
        return true;
    }
    connector_run(c, session_now());
    while (!connector_ended(c)) {
        session_wait(c, 0, UINT64_MAX);
        if (session_interrupted()) {
            whole = false;
            connector_close(c, session_now());
        }
        connector_run(c, session_now());
    }
    layer->status = session_exit(c, job.end, job.outcome);
    layer->no_version = is_of_version(c);
    connector_free(c);
    return whole;
}

/* ---- The report -------------------------------------------------------------------------------------------------- */

static void print_row(const char *label, const char *text)
{
    if (text[0] != '\0') {
        printf("  %-13s", label);
        put_visible(stdout, text, strlen(text));
        putchar('\n');
    }
}

static void print_names(const char *label, const probe_names *names, const char *more)
{
    if (names->count == 0 && more[0] == '\0') {
        return;
    }
    printf("  %-13s%s", label, more);
    for (size_t i = 0; i < names->count; i++) {
        printf("%s", i > 0 || more[0] != '\0' ? " " : "");
        put_visible(stdout, names->names[i], strlen(names->names[i]));
    }
    if (names->left_out > 0) {
        printf(" (and %zu more)", names->left_out);
    }
    putchar('\n');
}

static void print_layer(const probe_layer *l)
{
    printf("%s, TLS %s\n", l->direct ? "direct TLS" : "STARTTLS", l->version == 13 ? "1.3" : "1.2");
    if (!l->direct && l->header_seen) {
        print_names("before TLS", &l->clear_features,
                    !l->starttls_offered   ? "no starttls"
                    : l->starttls_required ? "starttls (required)"
                                           : "starttls (not required)");
        print_names("  mechanisms", &l->clear_mechanisms, "");
    }
    if (l->tls_version[0] != '\0') {
        printf("  %-13s%s %s%s%s\n", "TLS", l->tls_version, l->cipher, l->alpn[0] != '\0' ? ", ALPN " : "", l->alpn);
    }
    if (l->names[0] != '\0' || l->issuer[0] != '\0') {
        printf("  %-13s%s: for %s, by %s, until %s\n", "certificate", l->verified ? "verified" : "REFUSED", l->names,
               l->issuer, l->expiry);
    }
    print_names("mechanisms", &l->mechanisms, "");
    print_names("binding", &l->bindings, "");
    print_names("features", &l->features, "");
    print_row("ended", l->ended);
}

static json_t *list(const probe_names *names)
{
    json_t *array = json_array();

    for (size_t i = 0; i < names->count; i++) {
        json_array_append_new(array, json_string(names->names[i]));
    }
    return array;
}

static void print_layer_json(const probe_layer *l)
{
    json_t *o = json_pack("{s:s, s:s, s:s, s:b, s:b, s:b, s:b}", "event", "layer", "security",
                          l->direct ? "direct" : "starttls", "tls", l->version == 13 ? "1.3" : "1.2", "reached",
                          l->reached, "starttls_offered", l->starttls_offered, "starttls_required",
                          l->starttls_required, "verified", l->verified);

    if (o == NULL) {
        return;
    }
    json_object_set_new(o, "clear_mechanisms", list(&l->clear_mechanisms));
    json_object_set_new(o, "clear_features", list(&l->clear_features));
    json_object_set_new(o, "mechanisms", list(&l->mechanisms));
    json_object_set_new(o, "bindings", list(&l->bindings));
    json_object_set_new(o, "features", list(&l->features));
    json_object_set_new(o, "version", json_string(l->tls_version));
    json_object_set_new(o, "cipher", json_string(l->cipher));
    json_object_set_new(o, "alpn", json_string(l->alpn));
    json_object_set_new(o, "names", json_string(l->names));
    json_object_set_new(o, "issuer", json_string(l->issuer));
    json_object_set_new(o, "expiry", json_string(l->expiry));
    json_object_set_new(o, "status", json_integer(l->status));
    json_object_set_new(o, "ended", json_string(l->ended));
    if (json_dumpf(o, stdout, JSON_COMPACT | JSON_ENSURE_ASCII) == 0) {
        putchar('\n');
    }
    json_decref(o);
}

/* ---- The probe --------------------------------------------------------------------------------------------------- */

/* STARTTLS before direct TLS, 1.3 before 1.2; as far as the command line allows them. */
static size_t plan(const connect_options *options, probe_layer *layers)
{
    size_t count = 0;

    for (int direct = 0; direct < 2; direct++) {
        bool wanted = direct != 0 ? options->direct_tls || (!options->starttls && options->connect == NULL)
                                  : !options->direct_tls;

        for (int version = 13; version >= 12 && wanted; version--) {
            if (version >= options->tls_min && (options->tls_max == 0 || version <= options->tls_max)) {
                layers[count++] = (probe_layer){.direct = direct != 0, .version = version};
            }
        }
    }
    return count;
}

connect_exit probe_run(const connect_options *options, const connector_settings *settings)
{
    probe_layer *layers = calloc(LAYERS_MAX, sizeof *layers);
    probe_verdict verdict = {.out = stdout, .form = options->log};
    size_t count = layers != NULL ? plan(options, layers) : 0;
    connect_exit unreached = EXIT_TROUBLE;
    bool reached = false, interrupted = false;

    for (size_t i = 0; i < count; i++) {
        if (!run_layer(&layers[i], settings)) {
            fprintf(stderr, "weir-connect: interrupted: %zu of %zu layers were not probed\n", count - i, count);
            interrupted = true;
            count = i;
            break;
        }
        reached = reached || layers[i].reached;
        unreached = layers[i].status;
        if (options->log == CONNECT_LOG_JSON) {
            print_layer_json(&layers[i]);
        } else if (options->log == CONNECT_LOG_TEXT) {
            print_layer(&layers[i]);
        }
        fflush(stdout);
    }
    if (options->log == CONNECT_LOG_NONE) {
        verdict.out = fopen("/dev/null", "w");
    }
    if (verdict.out != NULL && reached) {
        probe_judge(&verdict, layers, count, (int64_t)time(NULL));
        if (options->log == CONNECT_LOG_TEXT) {
            printf("%u wrong, %u to note\n", verdict.wrong, verdict.notes);
        }
    }
    if (verdict.out != NULL && verdict.out != stdout) {
        fclose(verdict.out);
    }
    free(layers);
    return fflush(stdout) != 0 || interrupted ? EXIT_TROUBLE
           : !reached          ? unreached
           : verdict.wrong > 0 ? EXIT_UNSATISFIED
                               : EXIT_CLOSED;
}
