/* SPDX-License-Identifier: MIT */
#include "resolver.h"
#include "domain.h"

#include <ares.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRIES 3
#define TIMEOUT 2000

/* RFC 6120 14.7; for direct TLS there is no assigned port, these are what is found */
#define PORT_CLIENT 5222
#define PORT_SERVER 5269
#define PORT_CLIENT_DIRECT 5223
#define PORT_SERVER_DIRECT 5270

typedef struct record {
    char host[DOMAIN_MAX];
    uint16_t priority, weight, port;
    bool direct_tls;
    resolver *owner; /* for the callback of its addresses */
    struct sockaddr_storage addresses[RESOLVER_ADDRESSES_MAX];
    socklen_t sizes[RESOLVER_ADDRESSES_MAX];
    size_t address_count;
} record;

/* One of the two questions for SRV. */
typedef struct question {
    resolver *owner;
    bool direct_tls;
    bool answered; /* with records, of whatever use */
    bool none;     /* with "." */
} question;

struct resolver {
    ares_channel channel;
    enum { ASKING, LOOKING_UP, ENDED } phase;
    resolver_status status;
    bool server, starttls, direct, library;
    char domain[DOMAIN_MAX];
    uint32_t (*random)(void *context, uint32_t most);
    void *random_context;
    unsigned pending; /* callbacks that are still to come */
    int error;        /* of c-ares, the last */
    question questions[2];
    record records[2 * RESOLVER_RECORDS_MAX]; /* both questions' */
    size_t record_count;
    resolver_target targets[RESOLVER_TARGETS_MAX];
    size_t target_count;
    char text[512];
};

static uint32_t random_of_openssl(void *context, uint32_t most)
{
    uint32_t number = 0;
    (void)context;
    if (RAND_bytes((unsigned char *)&number, sizeof number) != 1)
        return 0;                /* load is spread worse; nothing else */
    return number % (most + 1u); /* at most 2^22 of 2^32: even enough */
}

static void end(resolver *r, resolver_status status, const char *text)
{
    r->phase = ENDED;
    r->status = status;
    snprintf(r->text, sizeof r->text, "%s", text);
}

/* ---- SRV records ------------------------------------------------------------------------------------------------- */

/* RFC 2782: a target is a name; "." is none. What is no name of a server is not followed. */
static void add_record(question *q, const struct ares_srv_reply *reply)
{
    resolver *r = q->owner;
    char host[DOMAIN_MAX];
    q->answered = true;
    if (!reply->host || !*reply->host || strcmp(reply->host, ".") == 0) {
        q->none = true;
        return;
    }
    if ((q->direct_tls ? !r->direct : !r->starttls) || reply->port == 0 || !domain_ascii(reply->host, host) ||
        r->record_count == sizeof r->records / sizeof r->records[0])
        return;
    record *new = &r->records[r->record_count++];
    *new = (record){.priority = reply->priority,
                    .weight = reply->weight,
                    .port = reply->port,
                    .direct_tls = q->direct_tls,
                    .owner = r};
    memcpy(new->host, host, sizeof host);
}

static void on_srv(void *context, int status, int timeouts, unsigned char *answer, int size)
{
    question *q = context;
    struct ares_srv_reply *replies = NULL;
    (void)timeouts;
    q->owner->pending--;
    if (status == ARES_SUCCESS)
        status = ares_parse_srv_reply(answer, size, &replies);
    if (status != ARES_SUCCESS && status != ARES_ENODATA && status != ARES_ENOTFOUND)
        q->owner->error = status;
    size_t count = 0;
    for (const struct ares_srv_reply *reply = replies; reply && count < RESOLVER_RECORDS_MAX;
         reply = reply->next, count++)
        add_record(q, reply);
    ares_free_data(replies);
}

static void ask(resolver *r, question *q, bool direct_tls)
{
    char name[DOMAIN_MAX + 32];
    *q = (question){.owner = r, .direct_tls = direct_tls};
    snprintf(name, sizeof name, "_xmpp%s-%s._tcp.%s", direct_tls ? "s" : "", r->server ? "server" : "client",
             r->domain);
    r->pending++;
    ares_query(r->channel, name, ns_c_in, ns_t_srv, on_srv, q);
}

static int by_priority(const void *a, const void *b)
{
    const record *first = a, *second = b;
    if (first->priority != second->priority)
        return first->priority < second->priority ? -1 : 1;
    return (first->weight != 0) - (second->weight != 0); /* RFC 2782: those with weight 0 at the beginning */
}

/* RFC 2782, "Weight": which of `count` records of one priority is next. */
static size_t choose(const resolver *r, const record *records, size_t count)
{
    uint32_t sum = 0, running = 0;
    for (size_t i = 0; i < count; i++)
        sum += records[i].weight;
    uint32_t chosen = r->random(r->random_context, sum);
    for (size_t i = 0; i < count; i++) {
        running += records[i].weight;
        if (running >= chosen)
            return i;
    }
    return count - 1;
}

/* XEP-0368 3: those of both questions as if they were of one. */
static void sort_records(resolver *r)
{
    qsort(r->records, r->record_count, sizeof r->records[0], by_priority);
    for (size_t i = 0; i < r->record_count; i++) {
        size_t same = 1;
        while (i + same < r->record_count && r->records[i + same].priority == r->records[i].priority)
            same++;
        size_t next = i + choose(r, &r->records[i], same);
        record chosen = r->records[next];
        memmove(&r->records[i + 1], &r->records[i], (next - i) * sizeof chosen); /* the others keep their order */
        r->records[i] = chosen;
    }
    if (r->record_count > RESOLVER_RECORDS_MAX)
        r->record_count = RESOLVER_RECORDS_MAX;
}

/* ---- Addresses --------------------------------------------------------------------------------------------------- */

static void on_addresses(void *context, int status, int timeouts, struct ares_addrinfo *result)
{
    record *from = context;
    (void)timeouts;
    from->owner->pending--;
    if (status != ARES_SUCCESS)
        from->owner->error = status;
    for (const struct ares_addrinfo_node *node = result ? result->nodes : NULL; node; node = node->ai_next)
        if (from->address_count < RESOLVER_ADDRESSES_MAX && node->ai_addrlen <= sizeof from->addresses[0]) {
            memcpy(&from->addresses[from->address_count], node->ai_addr, node->ai_addrlen);
            from->sizes[from->address_count++] = node->ai_addrlen;
        }
    if (result)
        ares_freeaddrinfo(result);
}

static void look_up(resolver *r)
{
    const struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    r->phase = LOOKING_UP;
    for (size_t i = 0; i < r->record_count; i++) {
        r->pending++;
        ares_getaddrinfo(r->channel, r->records[i].host, NULL, &hints, on_addresses, &r->records[i]);
    }
}

static void add_target(resolver *r, const record *from, const struct sockaddr_storage *address, socklen_t size)
{
    if (r->target_count == RESOLVER_TARGETS_MAX)
        return;
    resolver_target *target = &r->targets[r->target_count++];
    *target = (resolver_target){
        .address = *address, .address_size = size, .direct_tls = from->direct_tls, .port = from->port};
    snprintf(target->host, sizeof target->host, "%s", from->host);
    if (address->ss_family == AF_INET6)
        ((struct sockaddr_in6 *)&target->address)->sin6_port = htons(from->port);
    else
        ((struct sockaddr_in *)&target->address)->sin_port = htons(from->port);
}

static void collect(resolver *r)
{
    for (size_t i = 0; i < r->record_count; i++)
        for (size_t j = 0; j < r->records[i].address_count; j++)
            add_target(r, &r->records[i], &r->records[i].addresses[j], r->records[i].sizes[j]);
    if (r->target_count == 0) {
        char text[256];
        snprintf(text, sizeof text, "no addresses: %s", ares_strerror(r->error));
        end(r, RESOLVER_FAILED, text);
        return;
    }
    size_t used = strlen(r->text);
    snprintf(r->text + used, sizeof r->text - used, ", %zu address%s", r->target_count,
             r->target_count == 1 ? "" : "es");
    r->phase = ENDED;
    r->status = RESOLVER_DONE;
}

/* ---- What follows from the answers ------------------------------------------------------------------------------- */

static record *only_record(resolver *r, uint16_t port, bool direct_tls)
{
    r->record_count = 1;
    r->records[0] = (record){.port = port, .direct_tls = direct_tls, .owner = r};
    return &r->records[0];
}

static void decide(resolver *r)
{
    bool answered = r->questions[0].answered || r->questions[1].answered;
    if (r->record_count > 0) {
        sort_records(r);
        snprintf(r->text, sizeof r->text, "%zu SRV record%s", r->record_count, r->record_count == 1 ? "" : "s");
        look_up(r);
    } else if (r->questions[0].none || r->questions[1].none) { /* RFC 2782: decidedly not available */
        end(r, RESOLVER_NO_SERVICE, "the domain says that it does not have this service");
    } else if (answered) { /* RFC 6120 3.2.1, 8: no fallback */
        end(r, RESOLVER_NO_SERVICE, "the domain has SRV records, but none that can be used");
    } else if (!r->starttls) {
        end(r, RESOLVER_NO_SERVICE, "the domain has no SRV record for direct TLS");
    } else { /* RFC 6120 3.2.1, 9; 3.2.2 */
        record *own = only_record(r, r->server ? PORT_SERVER : PORT_CLIENT, false);
        memcpy(own->host, r->domain, sizeof r->domain);
        snprintf(r->text, sizeof r->text, "no SRV record");
        look_up(r);
    }
}

/* ---- Given by hand ----------------------------------------------------------------------------------------------- */

static bool read_port(const char *text, uint16_t *port)
{
    uint32_t number = 0;
    for (const char *c = text; *c; c++) {
        if (*c < '0' || *c > '9' || (number = number * 10 + (uint32_t)(*c - '0')) > UINT16_MAX)
            return false;
    }
    *port = (uint16_t)number;
    return number > 0;
}

/* Without brackets, which inet_pton does not know. */
static bool set_address(record *to, const char *text)
{
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&to->addresses[0];
    struct sockaddr_in *four = (struct sockaddr_in *)&to->addresses[0];
    char bare[INET6_ADDRSTRLEN];
    size_t bracket = *text == '[', size = strlen(text);
    if (size < 2 * bracket || size - 2 * bracket >= sizeof bare)
        return false;
    memcpy(bare, text + bracket, size - 2 * bracket);
    bare[size - 2 * bracket] = 0;
    snprintf(to->host, sizeof to->host, "%s", bare);
    to->address_count = 1;
    if (inet_pton(AF_INET6, bare, &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        to->sizes[0] = sizeof *six;
        return true;
    }
    four->sin_family = AF_INET;
    to->sizes[0] = sizeof *four;
    return inet_pton(AF_INET, bare, &four->sin_addr) == 1;
}

/* HOST, HOST:PORT, ADDRESS, [ADDRESS], [ADDRESS]:PORT: the host in `host`, the port where there is one. */
static bool split(const char *text, char *host, size_t room, uint16_t *port)
{
    const char *colon = domain_is_address(text) ? NULL : strrchr(text, ':');
    size_t size = colon ? (size_t)(colon - text) : strlen(text);
    if (size == 0 || size >= room || (colon && !read_port(colon + 1, port)))
        return false;
    memcpy(host, text, size);
    host[size] = 0;
    return *host == '[' || !strchr(host, ':') || domain_is_address(text);
}

static const char *set_by_hand(resolver *r, const char *text)
{
    bool direct_tls = r->direct && !r->starttls;
    uint16_t port = r->server    ? direct_tls ? PORT_SERVER_DIRECT : PORT_SERVER
                    : direct_tls ? PORT_CLIENT_DIRECT
                                 : PORT_CLIENT;
    char host[4 * DOMAIN_MAX];
    if (!split(text, host, sizeof host, &port))
        return "what to connect to is no HOST:PORT";
    record *own = only_record(r, port, direct_tls);
    snprintf(r->text, sizeof r->text, "given by hand");
    if (domain_is_address(host)) {
        if (!set_address(own, host))
            return "what to connect to is no HOST:PORT";
        r->phase = LOOKING_UP; /* with nothing to look up */
        return NULL;
    }
    if (!domain_ascii(host, own->host))
        return "what to connect to is no HOST:PORT";
    look_up(r);
    return NULL;
}

/* ---- Life -------------------------------------------------------------------------------------------------------- */

static const char *set_channel(resolver *r, const resolver_request *request)
{
    static char dns_alone[] = "b";
    /* No search list, no HOSTALIASES: a domain is what was asked for, and nothing else (RFC 6120 13.9.2) */
    struct ares_options options = {.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES,
                                   .timeout = request->timeout ? (int)request->timeout : TIMEOUT,
                                   .tries = TRIES,
                                   .lookups = dns_alone};
    int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | (request->nameservers ? ARES_OPT_LOOKUPS : 0);
    r->library = ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS;
    if (!r->library || ares_init_options(&r->channel, &options, mask) != ARES_SUCCESS) {
        r->channel = NULL;
        return "the DNS library failed";
    }
    if (request->nameservers && ares_set_servers_ports_csv(r->channel, request->nameservers) != ARES_SUCCESS)
        return "the name servers are no addresses";
    return NULL;
}

static const char *set_up(resolver *r, const resolver_request *request)
{
    const char *why = set_channel(r, request);
    if (why)
        return why;
    if (request->connect)
        return set_by_hand(r, request->connect);
    if (request->domain && domain_is_address(request->domain)) { /* there is no SRV of an address */
        r->direct = r->direct && !r->starttls;
        return set_by_hand(r, request->domain);
    }
    if (!request->domain || !domain_ascii(request->domain, r->domain))
        return "the domain is no domain name";
    ask(r, &r->questions[0], true);
    ask(r, &r->questions[1], false);
    return NULL;
}

resolver *resolver_new(const resolver_request *request, const char **why)
{
    resolver *r = calloc(1, sizeof *r);
    if (!r) {
        *why = "out of memory";
        return NULL;
    }
    r->server = request->server;
    r->starttls = request->starttls;
    r->direct = request->direct;
    r->random = request->random ? request->random : random_of_openssl;
    r->random_context = request->random_context;
    if ((*why = set_up(r, request))) {
        resolver_free(r);
        return NULL;
    }
    return r;
}

void resolver_free(resolver *r)
{
    if (!r)
        return;
    if (r->channel)
        ares_destroy(r->channel); /* calls what is still to be called */
    if (r->library)
        ares_library_cleanup();
    free(r);
}

size_t resolver_poll(resolver *r, struct pollfd *fds, size_t room)
{
    ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
    unsigned set = r->phase == ENDED ? 0 : (unsigned)ares_getsock(r->channel, sockets, ARES_GETSOCK_MAXNUM);
    size_t count = 0;
    for (int i = 0; i < ARES_GETSOCK_MAXNUM && count < room; i++) {
        /* As ARES_GETSOCK_READABLE and _WRITABLE, which shift a 1 into the sign */
        bool in = set >> i & 1u, out = set >> (i + ARES_GETSOCK_MAXNUM) & 1u;
        short events = (short)((in ? POLLIN : 0) | (out ? POLLOUT : 0));
        if (events)
            fds[count++] = (struct pollfd){.fd = sockets[i], .events = events};
    }
    return count;
}

int resolver_timeout(resolver *r)
{
    struct timeval time;
    if (r->phase == ENDED || r->pending == 0)
        return r->phase == ENDED ? -1 : 0;
    const struct timeval *left = ares_timeout(r->channel, NULL, &time);
    return left ? (int)(left->tv_sec * 1000 + (left->tv_usec + 999) / 1000) : 0;
}

static void process(resolver *r)
{
    struct pollfd fds[ARES_GETSOCK_MAXNUM];
    size_t count = resolver_poll(r, fds, ARES_GETSOCK_MAXNUM);
    if (count > 0 && poll(fds, count, 0) > 0)
        for (size_t i = 0; i < count; i++)
            ares_process_fd(r->channel, fds[i].revents & ~POLLOUT ? fds[i].fd : ARES_SOCKET_BAD,
                            fds[i].revents & ~POLLIN ? fds[i].fd : ARES_SOCKET_BAD);
    ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD); /* its deadlines */
}

resolver_status resolver_run(resolver *r)
{
    if (r->phase != ENDED && r->pending > 0)
        process(r);
    if (r->phase == ASKING && r->pending == 0)
        decide(r);
    if (r->phase == LOOKING_UP && r->pending == 0)
        collect(r);
    return r->phase == ENDED ? r->status : RESOLVER_WAIT;
}

const resolver_target *resolver_targets(const resolver *r, size_t *count)
{
    *count = r->target_count;
    return r->targets;
}

const char *resolver_text(const resolver *r)
{
    return r->text;
}
