/* tls.c - fuzz target: TLS over memory (tools/connector/tls.h) against a real OpenSSL peer
 *
 * The input is a little program: the peer writes these bytes as a record, so many bytes of the network move, one of
 * them is damaged, somebody closes, the network ends, … Both directions are watched:
 *   - what is read is what the other end wrote, from its first byte on, whatever happened to the network;
 *   - "closed" is said only when the peer closed and all that it wrote was read; else, at the network's end, "truncated";
 *   - without damage nothing fails, and all arrives in the end;
 *   - no more than TLS_BUFFER waits in either direction; a failure is final, and nothing is read or written after it;
 *   - the decoder, fed record by record, says what it says of the same bytes at once (invariant 1).
 *
 * Bytes: flags, chunk of the handshake, turns of it before the program begins (255: all), then operations.
 *
 * SPDX-License-Identifier: MIT */
#include "../parser/weir.h"
#include "../tools/connector/tls.h"
#include "../tools/connector/tls_certificate.h"
#include "common/target.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DOMAIN "im.example.com"
#define DATA_MAX 65536u
#define TURNS 100000u

enum { FLAG_RECEIVING = 1, FLAG_TLS12 = 2, FLAG_DIRECT = 4, FLAG_SERVER = 8, FLAG_ORDERLY = 16, FLAG_NO_PEER = 32 };

/* What one end said, and how much of it the other has read. */
typedef struct direction {
    uint8_t bytes[DATA_MAX];
    size_t written, read;
    bool closed;
} direction;

typedef struct decoding {
    weir_decoder decoder;
    uint64_t sum; /* of the events, pieces of text as one */
    bool open;    /* no error so far */
} decoding;

typedef struct world {
    const uint8_t *data;
    size_t size;
    uint8_t flags;
    tls *own;
    SSL *peer;
    BIO *network;
    direction to_own, to_peer;
    bool done, damaged, flip, ended, failed, asked_peer;
    size_t waiting; /* bytes given to our end since it was last read */
    decoding parts;
} world;

static tls_identity *identity;
static char pem[4096];
static SSL_CTX *peers[2][2]; /* by role, by version */

static void require(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "==== fuzz: broken: %s\n", what);
        abort();
    }
}

static int believe(X509_STORE_CTX *store, void *context)
{
    (void)store, (void)context;
    return 1;
}

static void set_up(void)
{
    const char *why = NULL;
    identity = tls_identity_made(DOMAIN, &why);
    require(identity && tls_identity_pem(identity, pem, sizeof pem) > 0, "a certificate can be made");
    for (int receiving = 0; receiving < 2; receiving++)
        for (int tls12 = 0; tls12 < 2; tls12++) {
            SSL_CTX *context = SSL_CTX_new(receiving ? TLS_server_method() : TLS_client_method());
            require(context && identity_use(identity, context), "OpenSSL is there");
            SSL_CTX_set_min_proto_version(context, tls12 ? TLS1_2_VERSION : TLS1_3_VERSION);
            SSL_CTX_set_max_proto_version(context, tls12 ? TLS1_2_VERSION : TLS1_3_VERSION);
            SSL_CTX_set_cert_verify_callback(context, believe, NULL);
            peers[receiving][tls12] = context;
        }
}

/* ---- The decoder ---------------------------------------------------------------------------------------------------
 * */

static void mix(decoding *d, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        d->sum = (d->sum ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3u;
}

static void decode_begin(decoding *d, void *workspace, size_t size)
{
    weir_config config = {.framing = WEIR_FRAMING_STREAM};
    weir_limits_default(&config.limits);
    config.limits.element = 4096; /* so that inputs reach it */
    d->sum = 0xcbf29ce484222325u;
    d->open = weir_init(&d->decoder, &config, workspace, size) == WEIR_OK;
    require(d->open, "the workspace is large enough");
}

static void decode(decoding *d, const uint8_t *bytes, size_t size)
{
    weir_slice input = {bytes, size};
    weir_event event;
    weir_status status = WEIR_OK;
    while (d->open && (status = weir_next(&d->decoder, &input, &event)) > 0) {
        if (event.type == WEIR_TEXT || event.type == WEIR_SPACE) {
            mix(d, event.text.data, event.text.size);
        } else {
            mix(d, &event.type, sizeof event.type);
            mix(d, &event.begin, sizeof event.begin);
            mix(d, event.name.local.data, event.name.local.size);
        }
    }
    if (status < 0) {
        const weir_error *error = weir_last_error(&d->decoder);
        mix(d, &error->code, sizeof error->code);
        mix(d, &error->offset, sizeof error->offset);
        d->open = false;
    }
}

/* ---- The operations ------------------------------------------------------------------------------------------------
 * */

static unsigned take(world *w)
{
    if (w->size == 0)
        return 0;
    w->size--;
    return *w->data++;
}

static const uint8_t *take_bytes(world *w, size_t *size)
{
    size_t wish = take(w);
    if (wish >= 128) /* long ones too, as long as a record and longer */
        wish = (wish - 127) * 256;
    const uint8_t *bytes = w->data;
    *size = wish < w->size ? wish : w->size;
    w->data += *size;
    w->size -= *size;
    return bytes;
}

static void remember(direction *d, const uint8_t *bytes, size_t size)
{
    memcpy(d->bytes + d->written, bytes, size);
    d->written += size;
}

static void compare(direction *d, const uint8_t *bytes, size_t size)
{
    require(size <= d->written - d->read && memcmp(d->bytes + d->read, bytes, size) == 0,
            "what is read is what was written");
    d->read += size;
}

static void own_failed(world *w)
{
    const char *text = NULL;
    uint8_t plain[16];
    size_t count = 1;
    tls_failure_kind kind = tls_failure(w->own, &text);
    w->failed = true;
    require(kind != TLS_FAILURE_NONE && *text, "a failure has a kind and a text");
    require(kind != TLS_FAILURE_INTERNAL, "nothing fails inside");
    require(tls_read(w->own, plain, sizeof plain, &count) == TLS_FAILED && count == 0, "a failure is final (read)");
    require(tls_write(w->own, plain, sizeof plain, &count) == TLS_FAILED && count == 0, "a failure is final (write)");
    require(tls_handshake(w->own) == TLS_FAILED, "a failure is final (handshake)");
    if (!w->damaged && w->peer)
        require(kind == (w->done ? TLS_FAILURE_TRUNCATED : TLS_FAILURE_HANDSHAKE) && w->ended,
                "nothing fails without a cause");
}

static void shake(world *w)
{
    if (w->failed)
        return;
    tls_status status = tls_handshake(w->own);
    require(status != TLS_CLOSED && (!w->done || status == TLS_OK), "a handshake ends once");
    w->done = status == TLS_OK;
    if (status == TLS_FAILED)
        own_failed(w);
    if (w->done)
        require(w->flags & FLAG_RECEIVING || tls_facts_of(w->own)->verified, "the certificate was checked");
}

static void shake_peer(world *w)
{
    ERR_clear_error();
    if (w->peer)
        (void)SSL_do_handshake(w->peer);
    ERR_clear_error();
}

static void own_reads(world *w, size_t room)
{
    uint8_t plain[20000];
    size_t count = 0;
    tls_status status = TLS_OK;
    if (w->failed)
        return;
    while ((status = tls_read(w->own, plain, room, &count)) == TLS_OK) {
        require(count > 0 && count <= room, "a read brings something");
        require(w->done && w->peer, "nothing is read before the handshake is complete");
        compare(&w->to_own, plain, count);
        decode(&w->parts, plain, count);
    }
    require(count == 0, "nothing comes without TLS_OK");
    w->waiting = 0;
    if (status == TLS_CLOSED)
        require(w->to_own.closed && w->to_own.read == w->to_own.written,
                "closed is what the peer closed, with all that it wrote");
    if (status == TLS_FAILED)
        own_failed(w);
}

static void own_writes(world *w, const uint8_t *bytes, size_t size)
{
    size_t count = 0;
    if (size > DATA_MAX - w->to_peer.written)
        size = DATA_MAX - w->to_peer.written;
    tls_status status = tls_write(w->own, bytes, size, &count);
    require(count <= size && (count == 0 || status == TLS_OK), "only what was given is taken");
    require(status != TLS_WANT_INPUT, "a write does not wait for input");
    require(status != TLS_OK || (w->done && !w->to_peer.closed && !w->failed), "a write has its time");
    remember(&w->to_peer, bytes, count);
}

static void own_closes(world *w)
{
    tls_close(w->own);
    w->to_peer.closed = w->to_peer.closed || (w->done && !w->failed);
}

static void peer_writes(world *w, const uint8_t *bytes, size_t size)
{
    size_t count = 0;
    if (!w->peer || !SSL_is_init_finished(w->peer) || w->to_own.closed || size == 0 ||
        size > DATA_MAX - w->to_own.written)
        return;
    ERR_clear_error();
    if (SSL_write_ex(w->peer, bytes, size, &count) == 1)
        remember(&w->to_own, bytes, count);
}

static void peer_reads(world *w)
{
    uint8_t plain[20000];
    size_t count = 0;
    ERR_clear_error();
    while (w->peer && SSL_is_init_finished(w->peer) && SSL_read_ex(w->peer, plain, sizeof plain, &count) == 1)
        compare(&w->to_peer, plain, count);
    if (w->peer && SSL_get_shutdown(w->peer) & SSL_RECEIVED_SHUTDOWN && !w->failed)
        require(w->to_peer.closed && w->to_peer.read == w->to_peer.written,
                "close_notify is what we sent, after all else");
    ERR_clear_error();
}

static void peer_closes(world *w)
{
    if (!w->peer || !SSL_is_init_finished(w->peer) || w->to_own.closed)
        return;
    ERR_clear_error();
    w->to_own.closed = SSL_shutdown(w->peer) >= 0;
}

static void peer_changes_keys(world *w, unsigned how)
{
    if (!w->peer || !SSL_is_init_finished(w->peer) || w->to_own.closed || w->flags & FLAG_TLS12)
        return;
    (void)SSL_key_update(w->peer, how & 1 ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED);
    w->asked_peer = true;
}

static size_t give_own(world *w, const uint8_t *bytes, size_t size)
{
    size_t taken = tls_received(w->own, bytes, size);
    require(taken <= size, "no more is taken than is given");
    w->waiting += w->failed ? 0 : taken;
    return taken;
}

static size_t carry_to_own(world *w, size_t most)
{
    char *data = NULL;
    uint8_t bytes[1024];
    int size = w->peer && !w->ended ? BIO_nread0(w->network, &data) : 0;
    if (size <= 0 || most == 0)
        return 0;
    size_t count = (size_t)size < most ? (size_t)size : most;
    count = count < sizeof bytes ? count : sizeof bytes;
    memcpy(bytes, data, count);
    if (w->flip)
        bytes[count / 2] ^= 0x10;
    count = give_own(w, bytes, count);
    if (w->flip && count > 0)
        w->flip = false;
    if (count > 0)
        BIO_nread(w->network, &data, (int)count);
    return count;
}

static size_t carry_to_peer(world *w, size_t most)
{
    const uint8_t *bytes = NULL;
    size_t size = tls_output(w->own, &bytes);
    require(size <= TLS_BUFFER, "output is bounded");
    if (size > most)
        size = most;
    if (size > 0 && w->peer) {
        int count = BIO_write(w->network, bytes, (int)size);
        size = count > 0 ? (size_t)count : 0;
    }
    tls_sent(w->own, size);
    return size;
}

static void end_network(world *w)
{
    tls_ended(w->own);
    w->ended = true;
}

static void look(world *w)
{
    uint8_t binding[TLS_BINDING_MAX];
    size_t size = 0;
    const tls_facts *facts = tls_facts_of(w->own);
    sasl_binding kind = tls_binding(w->own, binding, sizeof binding, &size);
    require((kind != SASL_BINDING_NONE) == (size > 0), "a binding has data");
    require(kind == SASL_BINDING_NONE || (w->done && !w->failed), "no binding before the handshake is complete");
    require(!facts->verified || *facts->names, "who is verified has a name");
    require(!tls_peer_is(w->own, "example.org"), "nobody is example.org");
}

static void operate(world *w)
{
    size_t size = 0;
    const uint8_t *bytes = NULL;
    switch (take(w) % 14) {
    case 0:
    case 1:
        bytes = take_bytes(w, &size);
        peer_writes(w, bytes, size);
        break;
    case 2: (void)carry_to_own(w, take(w)); break;
    case 3:
        while (carry_to_own(w, SIZE_MAX) > 0)
            ;
        break;
    case 4: own_reads(w, 1 + take(w) * 64); break;
    case 5:
        bytes = take_bytes(w, &size);
        own_writes(w, bytes, size);
        break;
    case 6: (void)carry_to_peer(w, take(w) * 16); break;
    case 7: peer_reads(w); break;
    case 8: peer_closes(w); break;
    case 9: end_network(w); break;
    case 10: own_closes(w); break;
    case 11: w->damaged = w->flip = true; break;
    case 12: peer_changes_keys(w, take(w)); break;
    default:
        bytes = take_bytes(w, &size);
        if (w->flags & FLAG_NO_PEER || size % 2) { /* bytes of somebody else, within the stream */
            w->damaged = true;
            (void)give_own(w, bytes, size);
        } else {
            look(w);
        }
    }
    require(w->waiting <= 2 * TLS_BUFFER, "input is bounded");
    shake(w);
}

/* ---- The whole -----------------------------------------------------------------------------------------------------
 * */

static bool begin(world *w)
{
    const char *why = NULL;
    bool receiving = w->flags & FLAG_RECEIVING;
    tls_settings settings = {.receiving = receiving,
                             .server = w->flags & FLAG_SERVER,
                             .direct = w->flags & FLAG_DIRECT,
                             .domain = DOMAIN,
                             .ca_pem = pem,
                             .identity = receiving || w->flags & FLAG_SERVER ? identity : NULL};
    BIO *inside = NULL;
    w->own = tls_new(&settings, &why);
    require(w->own != NULL, "a session can be made");
    if (w->flags & FLAG_NO_PEER)
        return true;
    w->peer = SSL_new(peers[!receiving][(w->flags & FLAG_TLS12) != 0]);
    require(w->peer && BIO_new_bio_pair(&inside, 1 << 18, &w->network, 1 << 18) == 1, "OpenSSL is there");
    SSL_set_bio(w->peer, inside, inside);
    if (receiving)
        SSL_set_connect_state(w->peer);
    else
        SSL_set_accept_state(w->peer);
    return true;
}

static void handshake(world *w, size_t chunk, unsigned turns)
{
    size_t moved = 1, most = chunk ? chunk : SIZE_MAX;
    for (unsigned i = 0; moved > 0 && (i < turns || turns == 255); i++) {
        require(i < TURNS, "a handshake ends");
        shake(w);
        shake_peer(w);
        moved = carry_to_own(w, most) + carry_to_peer(w, most);
    }
}

/* All that can still happen. */
static void settle(world *w)
{
    size_t moved = 1;
    for (unsigned i = 0; moved > 0; i++) {
        require(i < TURNS, "it ends");
        if (!w->done)
            shake(w);
        if (w->peer && !SSL_is_init_finished(w->peer))
            shake_peer(w);
        if (w->flags & FLAG_ORDERLY && w->done && moved <= 1)
            peer_closes(w);
        own_reads(w, 16384);
        peer_reads(w);
        moved = carry_to_own(w, SIZE_MAX) + carry_to_peer(w, SIZE_MAX);
    }
    if (w->flags & FLAG_ORDERLY)
        peer_closes(w);
    while (carry_to_own(w, SIZE_MAX) > 0)
        own_reads(w, 16384);
    bool whole = w->peer && !w->damaged && !w->ended;
    end_network(w);
    shake(w);
    own_reads(w, 16384);
    if (whole) {
        uint8_t plain[1];
        size_t count = 0;
        require(w->done, "a handshake that nobody disturbs is complete");
        require(w->to_own.read == w->to_own.written && w->to_peer.read == w->to_peer.written, "all arrives");
        require(tls_read(w->own, plain, 1, &count) == (w->to_own.closed ? TLS_CLOSED : TLS_FAILED),
                "the end is told apart");
        require(!w->to_peer.closed || tls_closed(w->own), "close_notify was sent");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static world w;
    static uint64_t workspaces[2][16384];
    static decoding whole;
    if (!identity)
        set_up();
    if (size < 3)
        return 0;
    memset(&w, 0, offsetof(world, to_own));
    w.to_own.written = w.to_own.read = w.to_peer.written = w.to_peer.read = 0;
    w.to_own.closed = w.to_peer.closed = false;
    w.done = w.damaged = w.flip = w.ended = w.failed = w.asked_peer = false;
    w.waiting = 0;
    w.data = data + 3;
    w.size = size - 3;
    w.flags = data[0];
    decode_begin(&w.parts, workspaces[0], sizeof workspaces[0]);
    decode_begin(&whole, workspaces[1], sizeof workspaces[1]);
    if (begin(&w)) {
        handshake(&w, data[1], data[2]);
        while (w.size > 0)
            operate(&w);
        settle(&w);
        decode(&whole, w.to_own.bytes, w.to_own.read);
        require(whole.sum == w.parts.sum, "invariant 1 (split invariance), at the ends of records");
    }
    tls_free(w.own);
    SSL_free(w.peer);
    BIO_free(w.network);
    ERR_clear_error();
    return 0;
}
