/* probe_judge.c - what is wrong with what a server offers
 *
 * SPDX-License-Identifier: MIT */
#include "probe.h"
#include "../decode_report.h"

#include <string.h>
#include <time.h>

#include <jansson.h>

#define DAY 86400
#define EXPIRES_SOON 14 /* days: renewal by ACME clients comes at 30 */

static void say(probe_verdict *v, bool wrong, const char *layer, const char *text)
{
    if (wrong) {
        v->wrong++;
    } else {
        v->notes++;
    }
    if (v->form == CONNECT_LOG_JSON) {
        json_t *o = json_pack("{s:s, s:s, s:s}", "event", wrong ? "wrong" : "note", "layer", layer, "text", text);

        if (o != NULL && json_dumpf(o, v->out, JSON_COMPACT | JSON_ENSURE_ASCII) == 0) {
            fputc('\n', v->out);
        }
        json_decref(o);
        return;
    }
    fprintf(v->out, "  %s %s: ", wrong ? "WRONG" : "note ", layer);
    put_visible(v->out, text, strlen(text));
    fputc('\n', v->out);
}

static const char *name_of(const probe_layer *layer)
{
    return layer->direct          ? layer->version == 13 ? "direct TLS 1.3" : "direct TLS 1.2"
           : layer->version == 13 ? "STARTTLS, TLS 1.3"
                                  : "STARTTLS, TLS 1.2";
}

static bool offers_plus(const probe_names *mechanisms)
{
    for (size_t i = 0; i < mechanisms->count; i++) {
        size_t size = strlen(mechanisms->names[i]);

        if (size > 5 && strcmp(mechanisms->names[i] + size - 5, "-PLUS") == 0) {
            return true;
        }
    }
    return false;
}

static bool offers_scram(const probe_names *mechanisms)
{
    for (size_t i = 0; i < mechanisms->count; i++) {
        if (strncmp(mechanisms->names[i], "SCRAM-", 6) == 0) {
            return true;
        }
    }
    return false;
}

/* Before TLS: what anybody on the path can read and change. */
static void judge_clear(probe_verdict *v, const probe_layer *l)
{
    if (!l->header_seen || l->direct) {
        return;
    }
    if (!l->starttls_offered) {
        say(v, true, "before TLS",
            l->secured ? "STARTTLS is not offered, though it works (RFC 6120 5.4.1)"
                       : "STARTTLS is not offered (RFC 6120 5.2, RFC 7590 3.1)");
    } else if (!l->starttls_required) {
        say(v, true, "before TLS", "STARTTLS is not required (RFC 6120 5.3.1): a client may log in without TLS");
    }
    if (probe_has(&l->clear_mechanisms, "PLAIN") || probe_has(&l->clear_mechanisms, "LOGIN")) {
        say(v, true, "before TLS", "PLAIN is offered: passwords may cross the network in clear (RFC 6120 13.8.3)");
    } else if (l->clear_mechanisms.count > 0) {
        say(v, true, "before TLS",
            "authentication is offered: everything after it may be read and changed (RFC 6120 13.8)");
    }
    if (probe_has(&l->clear_features, "auth")) {
        say(v, true, "before TLS", "non-SASL authentication is offered (XEP-0078 is obsolete)");
    }
}

static void judge_certificate(probe_verdict *v, const probe_layer *l, int64_t now)
{
    struct tm parts = {0};
    int64_t left;
    const char *layer = l->direct ? "certificate (direct TLS)" : "certificate (STARTTLS)";
    char text[128];

    if (l->status == EXIT_CERTIFICATE) {
        say(v, true, layer, l->ended);
    }
    if (!l->secured || strptime(l->expiry, "%Y-%m-%dT%H:%M:%SZ", &parts) == NULL) {
        return;
    }
    left = ((int64_t)timegm(&parts) - now) / DAY;
    if (left >= 0 && left < EXPIRES_SOON) {
        snprintf(text, sizeof text, "it expires in %d day%s, on %s", (int)left, left == 1 ? "" : "s", l->expiry);
        say(v, true, layer, text);
    }
}

static void judge_binding(probe_verdict *v, const probe_layer *l)
{
    const char *name = name_of(l);
    bool declared = l->bindings.count > 0;

    if (!offers_plus(&l->mechanisms)) {
        if (offers_scram(&l->mechanisms)) {
            say(v, false, name, "no channel binding: no mechanism with -PLUS (RFC 6120 13.8.1 wants SCRAM-SHA-1-PLUS)");
        }
        return;
    }
    if (l->version == 13 && !declared) {
        say(v, true, name,
            "-PLUS is offered on TLS 1.3, but not said with which channel binding (XEP-0440). Where that is not "
            "tls-exporter (RFC "
            "9266), as of ejabberd 23.01, clients that do it right cannot log in, but by --tls-max=1.2 or "
            "--no-channel-binding");
    } else if (l->version == 13 && !probe_has(&l->bindings, "tls-exporter")) {
        say(v, true, name,
            "-PLUS is offered on TLS 1.3 without tls-exporter (RFC 9266): tls-unique is not defined there (RFC 8446 "
            "C.5)");
    } else if (l->version == 12 && !l->extended_master_secret) {
        say(v, true, name,
            "-PLUS is offered, but without the extended master secret tls-unique proves nothing (RFC 7627)");
    }
}

static void judge_mechanisms(probe_verdict *v, const probe_layer *l)
{
    static const char *const old[][2] = {{"DIGEST-MD5", "DIGEST-MD5 is offered, which is historic (RFC 6331)"},
                                         {"CRAM-MD5", "CRAM-MD5 is offered, which proves little"},
                                         {"LOGIN", "LOGIN is offered, which no standard defines"},
                                         {"ANONYMOUS", "ANONYMOUS is offered: anybody may log in (RFC 4505)"}};
    const char *name = name_of(l);

    if (!l->secured) {
        return;
    }
    if (l->mechanisms.count == 0) {
        say(v, true, name, "no mechanism is offered, nobody can log in");
        return;
    }
    if (!offers_scram(&l->mechanisms) && !probe_has(&l->mechanisms, "EXTERNAL")) {
        say(v, probe_has(&l->mechanisms, "PLAIN"), name,
            probe_has(&l->mechanisms, "PLAIN")
                ? "no SCRAM is offered, only mechanisms that show the password to the server (RFC 6120 13.8.1)"
                : "no SCRAM is offered (RFC 6120 13.8.1)");
    }
    for (size_t i = 0; i < sizeof old / sizeof *old; i++) {
        if (probe_has(&l->mechanisms, old[i][0])) {
            say(v, false, name, old[i][1]);
        }
    }
    judge_binding(v, l);
    if (probe_has(&l->features, "compression")) {
        say(v, false, name, "stream compression is offered before authentication (XEP-0138 is obsolete)");
    }
}

static void judge_layer(probe_verdict *v, const probe_layer *l, bool other_secured)
{
    const char *name = name_of(l);

    if (!l->reached) {
        say(v, false, name, l->ended);
    } else if (l->no_version && other_secured) {
        say(v, false, name, l->version == 13 ? "TLS 1.3 is not spoken" : "TLS 1.2 is not spoken");
    } else if (l->status == EXIT_NO_CLOSE_NOTIFY) {
        say(v, false, name, "the connection was ended without close_notify: truncation cannot be told (RFC 6120 4.4)");
    } else if (l->status != EXIT_CLOSED && l->status != EXIT_CERTIFICATE) {
        say(v, true, name, l->ended);
    }
    if (l->direct && l->secured && l->alpn[0] == '\0') {
        say(v, false, name, "ALPN is not answered (XEP-0368 4)");
    }
}

static bool same_names(const probe_names *a, const probe_names *b)
{
    bool same = a->count == b->count;

    for (size_t i = 0; same && i < a->count; i++) {
        same = probe_has(b, a->names[i]);
    }
    return same;
}

/* Whether the same way in, by another version of TLS, could be secured. */
static bool has_secured(const probe_layer *layers, size_t count, const probe_layer *than)
{
    bool secured = false;

    for (size_t i = 0; i < count; i++) {
        secured = secured || (layers[i].direct == than->direct && layers[i].secured);
    }
    return secured;
}

void probe_judge(probe_verdict *v, const probe_layer *layers, size_t count, int64_t now)
{
    bool secured = false, reached = false, judged_clear = false, judged_certificate[2] = {false, false};

    for (size_t i = 0; i < count; i++) {
        const probe_layer *l = &layers[i];

        reached = reached || l->reached;
        secured = secured || l->secured;
        judge_layer(v, l, has_secured(layers, count, l));
        /* One port says the same before TLS whatever the version, and shows one certificate. */
        if (!judged_clear && l->header_seen && !l->direct) {
            judged_clear = true;
            judge_clear(v, l);
        }
        if (!judged_certificate[l->direct] && (l->secured || l->status == EXIT_CERTIFICATE)) {
            judged_certificate[l->direct] = true;
            judge_certificate(v, l, now);
        }
        judge_mechanisms(v, l);
        if (i > 0 && l->secured && layers[i - 1].secured && l->direct != layers[i - 1].direct &&
            !same_names(&l->mechanisms, &layers[i - 1].mechanisms)) {
            say(v, false, name_of(l), "other mechanisms are offered than with STARTTLS");
        }
    }
    if (reached && !secured) {
        say(v, true, "TLS", "no connection could be secured");
    }
}
