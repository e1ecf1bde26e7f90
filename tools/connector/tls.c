/* SPDX-License-Identifier: MIT */
#include "tls.h"
#include "domain.h"
#include "tls_certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORD 16384u           /* RFC 8446 5.1: plaintext of one record */
#define RECORD_ROOM 17408u      /* what it takes as a record, and what goes before it */
#define ALERT_ROOM 256u         /* close_notify as a record */
#define CERTIFICATES_MAX 65536L /* of the peer's chain */
#define EXPORTER_OCTETS 32u     /* RFC 9266 2 */

typedef struct texts {
    char alpn[256], names[1024], issuer[512], expiry[32];
} texts;

struct tls {
    SSL_CTX *context;
    SSL *ssl;
    BIO *inside, *network; /* a pair: OpenSSL's end, and ours; bounded by TLS_BUFFER each way */
    bool receiving, server;
    char domain[DOMAIN_MAX]; /* A-labels, or an address without brackets */
    char protocol[16];       /* ALPN: length, name; empty: none is offered */
    X509 *peer;              /* also when it was refused */
    bool constrained;        /* by an authority of its chain */
    bool done, verified, refused, closing, close_sent, peer_closed, ended;
    int alert; /* fatal one of the peer; -1: none */
    tls_failure_kind failure;
    char text[1600];
    tls_facts facts;
    texts texts;
};

/* ---- Failure ----------------------------------------------------------------------------------------------------- */

static tls_status fail(tls *s, tls_failure_kind kind, const char *text)
{
    if (s->failure == TLS_FAILURE_NONE) {
        s->failure = kind;
        if (text != s->text)
            snprintf(s->text, sizeof s->text, "%s", text);
    }
    return TLS_FAILED;
}

/* RFC 9525 6.6: which names there are helps the user to see what is wrong. */
static void say_mismatch(tls *s)
{
    char names[1024];
    certificate_names(s->peer, names, sizeof names);
    if (s->constrained && certificate_is_for(s->peer, s->domain, s->server, false)) /* then they look right */
        snprintf(
            s->text, sizeof s->text,
            "the certificate is for %s by an XmppAddr or SRVName alone, which does not count, as an authority of it "
            "has name constraints",
            s->domain);
    else
        snprintf(s->text, sizeof s->text, "the certificate is for %s, not for %s", *names ? names : "no name at all",
                 s->domain);
}

static tls_status fail_by_library(tls *s)
{
    unsigned long error = ERR_peek_error();
    int reason = ERR_GET_REASON(error);
    const char *text = ERR_reason_error_string(error);
    ERR_clear_error();
    if (s->refused)
        return fail(s, TLS_FAILURE_CERTIFICATE, s->text);
    if (s->alert >= 0) {
        snprintf(s->text, sizeof s->text, "the peer's alert: %s", SSL_alert_desc_string_long(s->alert));
        return fail(s, TLS_FAILURE_ALERT, s->text);
    }
    if (reason == ERR_R_MALLOC_FAILURE)
        return fail(s, TLS_FAILURE_INTERNAL, "out of memory");
    if (reason == SSL_R_UNEXPECTED_EOF_WHILE_READING || (!error && s->ended))
        return s->done ? fail(s, TLS_FAILURE_TRUNCATED, "the connection ended without close_notify")
                       : fail(s, TLS_FAILURE_HANDSHAKE, "the connection ended during the handshake");
    if (!s->done && (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST))
        text = "what the peer sent is not TLS, or of a version that was not offered";
    return fail(s, s->done ? TLS_FAILURE_RECORD : TLS_FAILURE_HANDSHAKE, text ? text : "the TLS library failed");
}

/* Also a failure that came on the way to another one. */
static tls_status status_of(tls *s, int result)
{
    switch (SSL_get_error(s->ssl, result)) {
    case SSL_ERROR_WANT_READ: return TLS_WANT_INPUT;
    case SSL_ERROR_WANT_WRITE: return TLS_WANT_OUTPUT;
    case SSL_ERROR_ZERO_RETURN:
        s->peer_closed = true;
        return s->done ? TLS_CLOSED : fail(s, TLS_FAILURE_HANDSHAKE, "the peer closed during the handshake");
    default: return fail_by_library(s);
    }
}

tls_failure_kind tls_failure(const tls *s, const char **text)
{
    *text = s->text;
    return s->failure;
}

/* ---- What OpenSSL calls ------------------------------------------------------------------------------------------ */

static void on_info(const SSL *ssl, int where, int value)
{
    tls *s = SSL_get_app_data(ssl);
    if (where == SSL_CB_READ_ALERT && value >> 8 == SSL3_AL_FATAL)
        s->alert = value & 0xff;
}

/* Instead of OpenSSL's own: the chain by OpenSSL, then whose it is, where RFC 6120 13.7.2 knows more than OpenSSL. */
static int on_certificate(X509_STORE_CTX *store, void *context)
{
    tls *s = context;
    bool trusted = X509_verify_cert(store) == 1;
    X509 *certificate = X509_STORE_CTX_get0_cert(store);
    X509_free(s->peer);
    s->peer = certificate && X509_up_ref(certificate) == 1 ? certificate : NULL;
    s->constrained = certificates_are_constrained(X509_STORE_CTX_get0_chain(store));
    if (s->receiving) { /* 13.7.2.2: one that is not trusted proves nothing, and EXTERNAL does without it */
        s->verified = trusted && s->peer;
        return 1;
    }
    if (!trusted) {
        int error = X509_STORE_CTX_get_error(store);
        snprintf(s->text, sizeof s->text, "the certificate was refused: %s", X509_verify_cert_error_string(error));
    } else if (!s->peer ||
               !certificate_is_for(s->peer, s->domain, s->server, s->constrained)) { /* 13.7.2.1, RFC 9525 6 */
        trusted = false;
        X509_STORE_CTX_set_error(store, X509_V_ERR_HOSTNAME_MISMATCH);
        if (s->peer)
            say_mismatch(s);
    }
    s->verified = trusted;
    s->refused = !trusted;
    return trusted;
}

/* Receiving, RFC 7301 3.2: no protocol in common is fatal. */
static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_size, const unsigned char *in, unsigned size,
                   void *context)
{
    const tls *s = context;
    unsigned own = (unsigned char)s->protocol[0];
    (void)ssl;
    for (unsigned at = 0; at < size; at += 1u + in[at])
        if (in[at] == own && size - at > own && memcmp(in + at + 1, s->protocol + 1, own) == 0) {
            *out = in + at + 1;
            *out_size = in[at];
            return SSL_TLSEXT_ERR_OK;
        }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* ---- Setting up -------------------------------------------------------------------------------------------------- */

static bool trust_pem(SSL_CTX *context, const char *pem)
{
    BIO *input = BIO_new_mem_buf(pem, -1);
    X509 *certificate = NULL;
    unsigned count = 0;
    bool added = true;
    while (added && input && (certificate = PEM_read_bio_X509(input, NULL, NULL, NULL))) {
        added = X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate) == 1;
        X509_free(certificate);
        count++;
    }
    BIO_free(input);
    ERR_clear_error(); /* the end of the text is one */
    return added && count > 0;
}

static const char *set_trust(tls *s, const tls_settings *settings)
{
    if (settings->receiving && !settings->server)
        return NULL;
    SSL_CTX_set_cert_verify_callback(s->context, on_certificate, s);
    SSL_CTX_set_verify(s->context, SSL_VERIFY_PEER, NULL);
    if (settings->ca_file && SSL_CTX_load_verify_file(s->context, settings->ca_file) != 1)
        return "the CA file cannot be read, or has no certificate";
    if (settings->ca_pem && !trust_pem(s->context, settings->ca_pem))
        return "the CA text has no certificate";
    if (!settings->ca_file && !settings->ca_pem && SSL_CTX_set_default_verify_paths(s->context) != 1)
        return "the system's CA certificates cannot be read";
    return NULL;
}

static const char *set_versions(tls *s, const tls_settings *settings)
{
    int least = settings->min_version == 13 ? TLS1_3_VERSION : TLS1_2_VERSION; /* RFC 9325 3.1.1 */
    int most = settings->max_version == 12 ? TLS1_2_VERSION : TLS1_3_VERSION;
    if (least > most)
        return "no TLS version is left";
    if (SSL_CTX_set_min_proto_version(s->context, least) != 1 || SSL_CTX_set_max_proto_version(s->context, most) != 1)
        return "this TLS version is not there";
    /* RFC 9325 4.1, 4.2: forward secrecy, AEAD; TLS 1.3 has nothing else */
    if (SSL_CTX_set_cipher_list(s->context, "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20:!aNULL:!aPSK") != 1)
        return "no cipher is left";
    SSL_CTX_set_security_level(s->context, 2); /* 112 bits: no SHA-1 signatures, RSA from 2048 bits on (RFC 9325 4.5) */
    return NULL;
}

/* RFC 9325 3.3 to 3.5, 3.10: no compression, resumption, renegotiation or early data. */
static void set_options(tls *s)
{
    SSL_CTX_set_options(s->context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
                                        SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(s->context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(s->context, 0);
    SSL_CTX_set_max_early_data(s->context, 0);
    SSL_CTX_set_max_cert_list(s->context, CERTIFICATES_MAX);
    SSL_CTX_set_mode(s->context,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
}

static const char *set_domain(tls *s, const char *domain)
{
    if (s->receiving)
        return NULL;
    if (domain && domain_is_address(domain)) {
        size_t bracket = *domain == '[';
        snprintf(s->domain, sizeof s->domain, "%.*s", (int)(strlen(domain) - 2 * bracket), domain + bracket);
        return NULL;
    }
    return domain && domain_ascii(domain, s->domain) ? NULL : "the domain is no domain name";
}

static const char *set_context(tls *s, const tls_settings *settings)
{
    const char *why = set_domain(s, settings->domain);
    if (why)
        return why;
    if (settings->receiving && !settings->identity)
        return "the receiving entity has no certificate";
    s->context = SSL_CTX_new(settings->receiving ? TLS_server_method() : TLS_client_method());
    if (!s->context)
        return "the TLS library failed";
    set_options(s);
    if ((why = set_versions(s, settings)) || (why = set_trust(s, settings)))
        return why;
    if (settings->identity && !identity_use(settings->identity, s->context))
        return "the certificate or its key cannot be used";
    if (settings->direct) { /* XEP-0368 3 */
        const char *protocol = settings->server ? "xmpp-server" : "xmpp-client";
        snprintf(s->protocol, sizeof s->protocol, "%c%s", (int)strlen(protocol), protocol);
        if (settings->receiving)
            SSL_CTX_set_alpn_select_cb(s->context, on_alpn, s);
        else if (SSL_CTX_set_alpn_protos(s->context, (const unsigned char *)s->protocol,
                                         (unsigned)strlen(s->protocol)) != 0)
            return "the TLS library failed";
    }
    return NULL;
}

static const char *set_session(tls *s)
{
    s->ssl = SSL_new(s->context);
    if (!s->ssl || BIO_new_bio_pair(&s->inside, TLS_BUFFER, &s->network, TLS_BUFFER) != 1)
        return "out of memory";
    SSL_set_bio(s->ssl, s->inside, s->inside);
    SSL_set_app_data(s->ssl, s);
    SSL_set_info_callback(s->ssl, on_info);
    if (s->receiving)
        SSL_set_accept_state(s->ssl);
    else
        SSL_set_connect_state(s->ssl);
    /* The domain, not the SRV target (RFC 7590 3.5, XEP-0368 3); addresses have no place there (RFC 6066 3) */
    if (!s->receiving && !domain_is_address(s->domain) && SSL_set_tlsext_host_name(s->ssl, s->domain) != 1)
        return "the TLS library failed";
    return NULL;
}

tls *tls_new(const tls_settings *settings, const char **why)
{
    tls *s = calloc(1, sizeof *s);
    if (!s) {
        *why = "out of memory";
        return NULL;
    }
    s->receiving = settings->receiving;
    s->server = settings->server;
    s->alert = -1;
    if ((*why = set_context(s, settings)) || (*why = set_session(s))) {
        tls_free(s);
        ERR_clear_error();
        return NULL;
    }
    return s;
}

void tls_free(tls *s)
{
    if (!s)
        return;
    SSL_free(s->ssl); /* with its end of the pair */
    BIO_free(s->network);
    SSL_CTX_free(s->context);
    X509_free(s->peer);
    free(s);
}

/* ---- Moving bytes ------------------------------------------------------------------------------------------------ */

/* XEP-0368 3, RFC 7301 3.2: none is fine, another is not. */
static bool is_protocol_right(const tls *s)
{
    const unsigned char *selected = NULL;
    unsigned size = 0;
    SSL_get0_alpn_selected(s->ssl, &selected, &size);
    return size == 0 || (size == (unsigned char)s->protocol[0] && memcmp(selected, s->protocol + 1, size) == 0);
}

tls_status tls_handshake(tls *s)
{
    if (s->failure != TLS_FAILURE_NONE)
        return TLS_FAILED;
    if (s->done)
        return TLS_OK;
    ERR_clear_error();
    int result = SSL_do_handshake(s->ssl);
    if (result != 1)
        return status_of(s, result);
    if (!s->receiving && !s->verified) /* cannot be: what happens then is the same */
        return fail(s, TLS_FAILURE_CERTIFICATE, "the peer sent no certificate");
    if (!is_protocol_right(s))
        return fail(s, TLS_FAILURE_HANDSHAKE, "the peer selected an ALPN protocol that was not offered");
    s->done = true;
    return TLS_OK;
}

size_t tls_received(tls *s, const uint8_t *bytes, size_t size)
{
    if (s->failure != TLS_FAILURE_NONE || s->peer_closed || s->ended)
        return size;
    size_t taken = 0;
    if (size > 0 && BIO_write_ex(s->network, bytes, size, &taken) != 1)
        taken = 0;
    return taken;
}

void tls_ended(tls *s)
{
    if (!s->ended)
        BIO_shutdown_wr(s->network);
    s->ended = true;
}

size_t tls_output(tls *s, const uint8_t **bytes)
{
    char *data = NULL;
    int size = BIO_nread0(s->network, &data);
    *bytes = (const uint8_t *)data;
    return size > 0 ? (size_t)size : 0;
}

static void send_close(tls *s)
{
    if (!s->closing || s->close_sent || s->failure != TLS_FAILURE_NONE ||
        BIO_ctrl_get_write_guarantee(s->inside) < ALERT_ROOM)
        return;
    ERR_clear_error();
    (void)SSL_shutdown(
        s->ssl); /* only says close_notify: with room it cannot wait, and a failure shows at the next read */
    s->close_sent = true;
    ERR_clear_error();
}

void tls_sent(tls *s, size_t count)
{
    char *data = NULL;
    while (count > 0) {
        int taken = BIO_nread(s->network, &data, count > RECORD ? (int)RECORD : (int)count);
        if (taken <= 0)
            break;
        count -= (size_t)taken;
    }
    send_close(s);
}

tls_status tls_read(tls *s, uint8_t *plain, size_t room, size_t *count)
{
    *count = 0;
    if (s->failure != TLS_FAILURE_NONE)
        return TLS_FAILED;
    if (s->peer_closed)
        return TLS_CLOSED;
    if (!s->done || room == 0)
        return TLS_WANT_INPUT;
    ERR_clear_error();
    int result = SSL_read_ex(s->ssl, plain, room, count);
    if (result == 1)
        return TLS_OK;
    *count = 0;
    return status_of(s, result);
}

tls_status tls_write(tls *s, const uint8_t *plain, size_t size, size_t *count)
{
    *count = 0;
    if (s->failure != TLS_FAILURE_NONE)
        return TLS_FAILED;
    if (s->closing)
        return TLS_CLOSED;
    if (!s->done)
        return TLS_WANT_OUTPUT;
    if (size == 0)
        return TLS_OK;
    /* Room for the whole record: so no call ends in the middle of one, to be repeated with the same bytes */
    if (BIO_ctrl_get_write_guarantee(s->inside) < RECORD_ROOM)
        return TLS_WANT_OUTPUT;
    ERR_clear_error();
    int result = SSL_write_ex(s->ssl, plain, size < RECORD ? size : RECORD, count);
    if (result == 1)
        return TLS_OK;
    *count = 0;
    tls_status status = status_of(s, result);
    return status == TLS_FAILED ? status : fail(s, TLS_FAILURE_INTERNAL, "a record was cut");
}

void tls_close(tls *s)
{
    if (!s->done || s->failure != TLS_FAILURE_NONE)
        return;
    s->closing = true;
    send_close(s);
}

bool tls_closed(const tls *s)
{
    return s->close_sent;
}

/* ---- What there is ----------------------------------------------------------------------------------------------- */

const tls_facts *tls_facts_of(tls *s)
{
    const unsigned char *alpn = NULL;
    unsigned alpn_size = 0;
    texts *t = &s->texts;
    memset(t, 0, sizeof *t);
    SSL_get0_alpn_selected(s->ssl, &alpn, &alpn_size);
    certificate_escape(alpn, alpn_size, t->alpn, sizeof t->alpn);
    if (s->peer) {
        certificate_names(s->peer, t->names, sizeof t->names);
        certificate_issuer(s->peer, t->issuer, sizeof t->issuer);
        certificate_expiry(s->peer, t->expiry, sizeof t->expiry);
    }
    const char *cipher = SSL_get_current_cipher(s->ssl) ? SSL_get_cipher_name(s->ssl) : "";
    s->facts = (tls_facts){.version = *cipher ? SSL_get_version(s->ssl) : "",
                           .cipher = cipher,
                           .alpn = t->alpn,
                           .names = t->names,
                           .issuer = t->issuer,
                           .expiry = t->expiry,
                           .verified = s->verified,
                           .extended_master_secret = s->done && (SSL_version(s->ssl) == TLS1_3_VERSION ||
                                                                 SSL_get_extms_support(s->ssl) == 1)};
    ERR_clear_error();
    return &s->facts;
}

bool tls_peer_is(const tls *s, const char *domain)
{
    char ascii[DOMAIN_MAX];
    return s->done && s->verified && s->peer && domain_ascii(domain, ascii) &&
           certificate_is_for(s->peer, ascii, s->server, s->constrained);
}

/* RFC 5929 3.1: the first Finished of the handshake, which is the initiating entity's where nothing is resumed. */
static size_t first_finished(const tls *s, uint8_t *data, size_t room)
{
    size_t size = s->receiving ? SSL_get_peer_finished(s->ssl, data, room) : SSL_get_finished(s->ssl, data, room);
    return size <= room ? size : 0;
}

sasl_binding tls_binding(tls *s, uint8_t *data, size_t room, size_t *size)
{
    static const char label[] = "EXPORTER-Channel-Binding"; /* RFC 9266 2 */
    *size = 0;
    if (!s->done || s->failure != TLS_FAILURE_NONE || SSL_session_reused(s->ssl))
        return SASL_BINDING_NONE;
    if (SSL_version(s->ssl) == TLS1_3_VERSION) {
        if (room < EXPORTER_OCTETS || SSL_export_keying_material(s->ssl, data, EXPORTER_OCTETS, label, strlen(label),
                                                                 (const unsigned char *)"", 0, 1) != 1)
            return SASL_BINDING_NONE;
        *size = EXPORTER_OCTETS;
        return SASL_BINDING_TLS_EXPORTER;
    }
    if (SSL_get_extms_support(s->ssl) != 1) /* RFC 7627 1: without it two connections may have the same one */
        return SASL_BINDING_NONE;
    *size = first_finished(s, data, room);
    return *size > 0 ? SASL_BINDING_TLS_UNIQUE : SASL_BINDING_NONE;
}
