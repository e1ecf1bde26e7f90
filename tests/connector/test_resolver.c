/* test_resolver.c - where a domain is served, by a name server of the test's own on loopback
 *
 * SPDX-License-Identifier: MIT */
#include "../support/cmocka.h"

#include "../../tools/connector/domain.h"
#include "../../tools/connector/resolver.h"
#include "support/dns.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof array / sizeof array[0])

/* What the resolver found: "host [address]:port/tls host address:port …". */
static char found[8192];
static char text[512];

static uint32_t lowest(void *context, uint32_t most)
{
    (void)context, (void)most;
    return 0;
}

static uint32_t highest(void *context, uint32_t most)
{
    (void)context;
    return most;
}

static void write_targets(const resolver *r)
{
    size_t count = 0, used = 0;
    const resolver_target *targets = resolver_targets(r, &count);
    *found = 0;
    for (size_t i = 0; i < count; i++) {
        char address[INET6_ADDRSTRLEN];
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&targets[i].address;
        const struct sockaddr_in *four = (const struct sockaddr_in *)&targets[i].address;
        bool is_six = targets[i].address.ss_family == AF_INET6;
        inet_ntop(is_six ? AF_INET6 : AF_INET, is_six ? (const void *)&six->sin6_addr : &four->sin_addr, address,
                  sizeof address);
        assert_int_equal(ntohs(is_six ? six->sin6_port : four->sin_port), targets[i].port);
        assert_int_equal(targets[i].address_size, is_six ? sizeof *six : sizeof *four);
        used += (size_t)snprintf(found + used, sizeof found - used, is_six ? "%s%s [%s]:%u%s" : "%s%s %s:%u%s",
                                 i ? ", " : "", targets[i].host, address, targets[i].port,
                                 targets[i].direct_tls ? "/tls" : "");
    }
}

static resolver_status run(dns *d, resolver_request request)
{
    const char *why = NULL;
    request.nameservers = d->address;
    request.timeout = request.timeout ? request.timeout : 60000;
    resolver *r = resolver_new(&request, &why);
    if (!r)
        fail_msg("%s", why);
    resolver_status status = RESOLVER_WAIT;
    while ((status = resolver_run(r)) == RESOLVER_WAIT) {
        struct pollfd fds[RESOLVER_POLL_MAX + 3];
        size_t count = resolver_poll(r, fds, RESOLVER_POLL_MAX);
        fds[count++] = (struct pollfd){.fd = d->udp, .events = POLLIN};
        fds[count++] = (struct pollfd){.fd = d->tcp, .events = POLLIN};
        fds[count++] = (struct pollfd){.fd = d->peer, .events = POLLIN};
        poll(fds, count, resolver_timeout(r));
        dns_serve(d);
    }
    assert_int_equal(resolver_run(r), status); /* for good */
    assert_int_equal(resolver_timeout(r), -1);
    write_targets(r);
    snprintf(text, sizeof text, "%s", resolver_text(r));
    resolver_free(r);
    return status;
}

static resolver_status ask(const dns_record *records, size_t count, resolver_request request)
{
    dns d;
    dns_begin(&d, records, count);
    resolver_status status = run(&d, request);
    dns_end(&d);
    return status;
}

static resolver_request both(const char *domain)
{
    return (resolver_request){.domain = domain, .starttls = true, .direct = true, .random = lowest};
}

/* XEP-0368 3: as if they were one kind. */
static void both_kinds_are_merged_by_priority(void **state)
{
    (void)state;
    static const dns_record records[] = {
        {"_xmpp-client._tcp.im.example.com", ns_t_srv, "20 0 5222 c.example.com."},
        {"_xmpp-client._tcp.im.example.com", ns_t_srv, "5 0 5222 a.example.com."},
        {"_xmpps-client._tcp.im.example.com", ns_t_srv, "10 0 443 b.example.com."},
        {"_xmpps-client._tcp.im.example.com", ns_t_srv, "30 0 5223 a.example.com."},
        {"a.example.com", ns_t_a, "192.0.2.1"},
        {"b.example.com", ns_t_aaaa, "2001:db8::2"},
        {"c.example.com", ns_t_cname, "d.example.com"},
        {"d.example.com", ns_t_a, "192.0.2.4"},
        {"_xmpp-server._tcp.im.example.com", ns_t_srv, "0 0 5269 e.example.com."},
        {"e.example.com", ns_t_a, "192.0.2.5"},
    };
    assert_int_equal(ask(records, COUNT(records), both("IM.Example.com.")), RESOLVER_DONE);
    assert_string_equal(found, "a.example.com 192.0.2.1:5222, b.example.com [2001:db8::2]:443/tls, "
                               "c.example.com 192.0.2.4:5222, a.example.com 192.0.2.1:5223/tls");
    assert_string_equal(text, "4 SRV records, 4 addresses");
    resolver_request request = both("im.example.com");
    request.direct = false;
    assert_int_equal(ask(records, COUNT(records), request), RESOLVER_DONE);
    assert_string_equal(found, "a.example.com 192.0.2.1:5222, c.example.com 192.0.2.4:5222");
    request.direct = true;
    request.starttls = false;
    assert_int_equal(ask(records, COUNT(records), request), RESOLVER_DONE);
    assert_string_equal(found, "b.example.com [2001:db8::2]:443/tls, a.example.com 192.0.2.1:5223/tls");
    request = both("im.example.com");
    request.server = true;
    assert_int_equal(ask(records, COUNT(records), request), RESOLVER_DONE);
    assert_string_equal(found, "e.example.com 192.0.2.5:5269");
}

static unsigned first_chosen[3];

/* RFC 2782: the first is a with 10 of 40, b with 30 of 40, and zero only by the number 0. */
static void weights_share_the_load(void **state)
{
    (void)state;
    static const dns_record records[] = {
        {"_xmpps-client._tcp.im.example.com", ns_t_srv, "1 10 1 a.example.com."},
        {"_xmpp-client._tcp.im.example.com", ns_t_srv, "1 30 3 b.example.com."},
        {"_xmpp-client._tcp.im.example.com", ns_t_srv, "1 0 2 zero.example.com."},
        {"a.example.com", ns_t_a, "192.0.2.1"},
        {"zero.example.com", ns_t_a, "192.0.2.2"},
        {"b.example.com", ns_t_a, "192.0.2.3"},
    };
    resolver_request request = both("im.example.com");
    assert_int_equal(ask(records, COUNT(records), request), RESOLVER_DONE);
    assert_int_equal(strncmp(found, "zero.example.com ", 17), 0);
    request.random = highest;
    assert_int_equal(ask(records, COUNT(records), request), RESOLVER_DONE);
    assert_null(strstr(found, "zero.example.com 192.0.2.2:2, "));
    request.random = NULL;
    for (int i = 0; i < 200; i++) {
        assert_int_equal(ask(records, COUNT(records), request), RESOLVER_DONE);
        first_chosen[*found == 'a' ? 0 : *found == 'b' ? 1 : 2]++;
        assert_non_null(strstr(found, "a.example.com"));
        assert_non_null(strstr(found, "b.example.com"));
        assert_non_null(strstr(found, "zero.example.com"));
    }
    assert_true(first_chosen[0] > 10 && first_chosen[1] > first_chosen[0]); /* 50 and 150, far outside of chance */
}

static void fallback_only_without_any_srv_record(void **state)
{
    (void)state;
    static const dns_record own[] = {
        {"im.example.com", ns_t_a, "192.0.2.7"},        {"im.example.com", ns_t_aaaa, "2001:db8::7"},
        {"_xmpp-client._tcp.im.example.com", 0, NULL}, /* the next ones stand here */
        {"_xmpps-client._tcp.im.example.com", 0, NULL}, {"a.example.com", ns_t_a, "192.0.2.1"},
    };
    static const struct {
        const char *xmpp, *xmpps;
        bool starttls, direct;
        resolver_status status;
        const char *text;
    } rows[] = {
        {NULL, NULL, true, true, RESOLVER_DONE, "no SRV record, 2 addresses"},
        {NULL, NULL, true, false, RESOLVER_DONE, "no SRV record, 2 addresses"},
        {NULL, NULL, false, true, RESOLVER_NO_SERVICE, "the domain has no SRV record for direct TLS"},
        {"0 0 0 .", NULL, true, true, RESOLVER_NO_SERVICE, "the domain says that it does not have this service"},
        {NULL, "0 0 0 .", true, true, RESOLVER_NO_SERVICE, "the domain says that it does not have this service"},
        {NULL, "0 0 0 .", true, false, RESOLVER_NO_SERVICE, "the domain says that it does not have this service"},
        {"0 0 0 .", "0 0 5223 a.example.com", true, true, RESOLVER_DONE, "1 SRV record, 1 address"},
        {"0 0 5222 a.example.com", NULL, false, true, RESOLVER_NO_SERVICE,
         "the domain has SRV records, but none that can be used"},
        {NULL, "0 0 5223 a.example.com", true, false, RESOLVER_NO_SERVICE,
         "the domain has SRV records, but none that can be used"},
        {"0 0 5222 gone.example.com", NULL, true, true, RESOLVER_FAILED, "no addresses: Domain name not found"},
        {"0 0 5222 192.0.2.9", NULL, true, true, RESOLVER_NO_SERVICE,
         "the domain has SRV records, but none that can be used"},
        {"0 0 5222 a@b.example.com", NULL, true, true, RESOLVER_NO_SERVICE,
         "the domain has SRV records, but none that can be used"},
        {"0 0 0 a.example.com", NULL, true, true, RESOLVER_NO_SERVICE,
         "the domain has SRV records, but none that can be used"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        dns_record records[COUNT(own)];
        memcpy(records, own, sizeof own);
        records[2].type = rows[i].xmpp ? ns_t_srv : ns_t_txt;
        records[2].data = rows[i].xmpp;
        records[3].type = rows[i].xmpps ? ns_t_srv : ns_t_txt;
        records[3].data = rows[i].xmpps;
        resolver_request request = both("im.example.com");
        request.starttls = rows[i].starttls;
        request.direct = rows[i].direct;
        resolver_status status = ask(records, COUNT(records), request);
        if (status != rows[i].status || strcmp(text, rows[i].text) != 0)
            fail_msg("row %zu: %d, %s", i, (int)status, text);
        if (status == RESOLVER_DONE && !rows[i].xmpp) {
            assert_non_null(strstr(found, "im.example.com 192.0.2.7:5222"));
            assert_non_null(strstr(found, "im.example.com [2001:db8::7]:5222"));
            assert_null(strstr(found, "/tls"));
        }
    }
    resolver_request request = both("im.example.com");
    request.server = true;
    assert_int_equal(ask(own, 2, request), RESOLVER_DONE);
    assert_non_null(strstr(found, "192.0.2.7:5269"));
    assert_int_equal(ask(NULL, 0, request), RESOLVER_FAILED);
    assert_string_equal(text, "no addresses: Domain name not found");
}

static void name_servers_that_fail(void **state)
{
    (void)state;
    static const dns_record records[] = {
        {"_xmpp-client._tcp.im.example.com", ns_t_srv, "1 10 1 a.example.com."},
        {"a.example.com", ns_t_a, "192.0.2.1"},
        {"im.example.com", ns_t_a, "192.0.2.7"},
    };
    static const dns_fault faults[] = {DNS_SILENT, DNS_FAILS, DNS_REFUSES, DNS_GARBAGE};
    for (size_t i = 0; i < COUNT(faults); i++) {
        dns d;
        dns_begin(&d, records, COUNT(records));
        resolver_request request = both("im.example.com");
        request.timeout = 20;
        d.fault = faults[i];
        assert_int_equal(run(&d, request), RESOLVER_FAILED);
        assert_int_equal(strncmp(text, "no addresses: ", 14), 0);
        d.fault_type = ns_t_srv; /* RFC 6120 3.2.1, 9: no response, so the fallback */
        assert_int_equal(run(&d, request), RESOLVER_DONE);
        assert_string_equal(found, "im.example.com 192.0.2.7:5222");
        dns_end(&d);
    }
    dns d;
    dns_begin(&d, records, COUNT(records));
    d.fault = DNS_CUT; /* by UDP, so that it is asked for by TCP */
    d.fault_type = ns_t_srv;
    assert_int_equal(run(&d, both("im.example.com")), RESOLVER_DONE);
    assert_string_equal(found, "a.example.com 192.0.2.1:1");
    assert_true(d.by_tcp > 0);
    dns_end(&d);
}

static void many_records_are_bounded(void **state)
{
    (void)state;
    static dns_record records[140];
    static char texts[140][64], names[140][32];
    for (unsigned i = 0; i < 100; i++) {
        snprintf(texts[i], sizeof texts[i], "%u 0 %u h%u.example.com", 100 - i, 1000 + i, i % 40);
        records[i] = (dns_record){i % 2 ? "_xmpp-client._tcp.im.example.com" : "_xmpps-client._tcp.im.example.com",
                                  ns_t_srv, texts[i]};
    }
    for (unsigned i = 0; i < 40; i++) {
        snprintf(names[i], sizeof names[i], "h%u.example.com", i);
        snprintf(texts[100 + i], sizeof texts[0], "192.0.2.%u", i);
        records[100 + i] = (dns_record){names[i], ns_t_a, texts[100 + i]};
    }
    assert_int_equal(ask(records, COUNT(records), both("im.example.com")), RESOLVER_DONE);
    assert_string_equal(text, "32 SRV records, 32 addresses");

    for (unsigned i = 0; i < 40; i++)
        records[i] = (dns_record){"im.example.com", ns_t_a, texts[100 + i]};
    assert_int_equal(ask(records, 40, both("im.example.com")), RESOLVER_DONE);
    assert_string_equal(text, "no SRV record, 8 addresses");
}

static void domains_in_other_letters(void **state)
{
    (void)state;
    static const dns_record records[] = {
        {"_xmpp-client._tcp.xn--bcher-kva.example", ns_t_srv, "1 10 5222 xmpp.xn--bcher-kva.example."},
        {"xmpp.xn--bcher-kva.example", ns_t_a, "192.0.2.1"},
    };
    static const char *const domains[] = {"b\xc3\xbc"
                                          "cher.example",
                                          "B\xc3\x9c"
                                          "CHER.EXAMPLE",
                                          "xn--bcher-kva.example",
                                          "b\xc3\xbc"
                                          "cher\xe3\x80\x82"
                                          "example"};
    for (size_t i = 0; i < COUNT(domains); i++) {
        assert_int_equal(ask(records, COUNT(records), both(domains[i])), RESOLVER_DONE);
        assert_string_equal(found, "xmpp.xn--bcher-kva.example 192.0.2.1:5222");
    }
}

static void given_by_hand(void **state)
{
    (void)state;
    static const dns_record records[] = {
        {"apps.example.com", ns_t_a, "192.0.2.1"},
        {"_xmpp-client._tcp.apps.example.com", ns_t_srv, "0 0 1 no.example.com"},
    };
    static const struct {
        const char *connect;
        bool direct, server;
        const char *found;
    } rows[] = {
        {"apps.example.com", false, false, "apps.example.com 192.0.2.1:5222"},
        {"APPS.example.com.:443", true, false, "apps.example.com 192.0.2.1:443/tls"},
        {"apps.example.com", true, false, "apps.example.com 192.0.2.1:5223/tls"},
        {"apps.example.com", false, true, "apps.example.com 192.0.2.1:5269"},
        {"apps.example.com", true, true, "apps.example.com 192.0.2.1:5270/tls"},
        {"127.0.0.1", false, false, "127.0.0.1 127.0.0.1:5222"},
        {"127.0.0.1:65535", true, false, "127.0.0.1 127.0.0.1:65535/tls"},
        {"::1", false, false, "::1 [::1]:5222"},
        {"[::1]", false, false, "::1 [::1]:5222"},
        {"[2001:db8::1]:443", false, false, "2001:db8::1 [2001:db8::1]:443"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        resolver_request request = {.domain = "im.example.com",
                                    .connect = rows[i].connect,
                                    .direct = rows[i].direct,
                                    .starttls = !rows[i].direct,
                                    .server = rows[i].server};
        assert_int_equal(ask(records, COUNT(records), request), RESOLVER_DONE);
        assert_string_equal(found, rows[i].found);
        assert_string_equal(text, "given by hand, 1 address");
    }
    static const char *const wrong[] = {
        "",       ":5222",  "a:",   "a:0",  "a:65536", "a:99999999999", "a:+1",      "a: 1", "a b:1",    "[::1",
        "[::1]x", "[::1]:", "[]:1", "::1:", "a:b:1",   "[a]:1",         "1.2.3.4:x", "a/b",  "[[::1]]:1"};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        const char *why = NULL;
        resolver_request request = {.domain = "im.example.com", .connect = wrong[i], .starttls = true};
        resolver *r = resolver_new(&request, &why);
        if (r)
            fail_msg("%s was taken", wrong[i]);
        assert_string_equal(why, "what to connect to is no HOST:PORT");
    }
}

static void domains_that_are_addresses_or_nothing(void **state)
{
    (void)state;
    assert_int_equal(ask(NULL, 0, both("127.0.0.1")), RESOLVER_DONE);
    assert_string_equal(found, "127.0.0.1 127.0.0.1:5222");
    assert_int_equal(ask(NULL, 0, both("[::1]")), RESOLVER_DONE);
    assert_string_equal(found, "::1 [::1]:5222");
    for (int server = 0; server <= 1;
         server++) { /* direct TLS alone: there is no record to ask for, so its usual port */
        resolver_request direct = both("127.0.0.1");
        direct.starttls = false;
        direct.server = server;
        assert_int_equal(ask(NULL, 0, direct), RESOLVER_DONE);
        assert_non_null(strstr(found, server ? "127.0.0.1:5270" : "127.0.0.1:5223"));
    }
    static const char *const wrong[] = {"", ".", "a..b", "a b", "juliet@im.example.com", "a/b"};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        const char *why = NULL;
        resolver_request request = both(wrong[i]);
        assert_null(resolver_new(&request, &why));
        assert_string_equal(why, "the domain is no domain name");
    }
    const char *why = NULL;
    resolver_request request = both("im.example.com");
    request.nameservers = "nonsense";
    assert_null(resolver_new(&request, &why));
    assert_string_equal(why, "the name servers are no addresses");
}

static void given_up_at_any_time(void **state)
{
    (void)state;
    static const dns_record records[] = {
        {"_xmpp-client._tcp.im.example.com", ns_t_srv, "1 10 1 a.example.com."},
        {"a.example.com", ns_t_a, "192.0.2.1"},
    };
    for (int turns = 0; turns < 6; turns++) {
        dns d;
        const char *why = NULL;
        dns_begin(&d, records, COUNT(records));
        resolver_request request = both("im.example.com");
        request.nameservers = d.address;
        resolver *r = resolver_new(&request, &why);
        assert_non_null(r);
        for (int i = 0; i < turns && resolver_run(r) == RESOLVER_WAIT; i++) {
            struct pollfd fds[RESOLVER_POLL_MAX];
            assert_true(resolver_poll(r, fds, RESOLVER_POLL_MAX) > 0);
            assert_true(resolver_timeout(r) >= 0);
            assert_int_equal(resolver_poll(r, fds, 0), 0);
            dns_serve(&d);
        }
        resolver_free(r);
        dns_end(&d);
    }
    resolver_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_kinds_are_merged_by_priority),
        cmocka_unit_test(weights_share_the_load),
        cmocka_unit_test(fallback_only_without_any_srv_record),
        cmocka_unit_test(name_servers_that_fail),
        cmocka_unit_test(many_records_are_bounded),
        cmocka_unit_test(domains_in_other_letters),
        cmocka_unit_test(given_by_hand),
        cmocka_unit_test(domains_that_are_addresses_or_nothing),
        cmocka_unit_test(given_up_at_any_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
