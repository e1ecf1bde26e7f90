/* SPDX-License-Identifier: MIT */
#include "../../support/cmocka.h"

#include "dns.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADER 12
#define MESSAGE 4096

typedef struct writer {
    uint8_t *bytes;
    size_t size;
} writer;

static void put(writer *w, const void *bytes, size_t size)
{
    assert_true(w->size + size <= MESSAGE);
    memcpy(w->bytes + w->size, bytes, size);
    w->size += size;
}

static void put16(writer *w, unsigned value)
{
    uint8_t bytes[] = {(uint8_t)(value >> 8), (uint8_t)value};
    put(w, bytes, 2);
}

static void put_name(writer *w, const char *name)
{
    while (*name && strcmp(name, ".") != 0) {
        uint8_t size = (uint8_t)strcspn(name, ".");
        put(w, &size, 1);
        put(w, name, size);
        name += size + (name[size] == '.');
    }
    put(w, "", 1);
}

static void put_data(writer *w, const dns_record *record)
{
    uint8_t address[16];
    unsigned priority = 0, weight = 0, port = 0;
    char target[300];
    switch (record->type) {
    case ns_t_a:
    case ns_t_aaaa:
        assert_int_equal(inet_pton(record->type == ns_t_a ? AF_INET : AF_INET6, record->data, address), 1);
        put(w, address, record->type == ns_t_a ? 4 : 16);
        break;
    case ns_t_srv:
        assert_int_equal(sscanf(record->data, "%u %u %u %299s", &priority, &weight, &port, target), 4);
        put16(w, priority);
        put16(w, weight);
        put16(w, port);
        put_name(w, target);
        break;
    default: put_name(w, record->data);
    }
}

static void put_record(writer *w, const dns_record *record)
{
    put_name(w, record->name);
    put16(w, record->type);
    put16(w, ns_c_in);
    put(w, "\0\0\0\x3c", 4);
    size_t at = w->size;
    put16(w, 0);
    put_data(w, record);
    w->bytes[at] = (uint8_t)((w->size - at - 2) >> 8);
    w->bytes[at + 1] = (uint8_t)(w->size - at - 2);
}

/* The name and type that are asked for; where the question ends, 0: nowhere. */
static size_t read_question(const uint8_t *question, size_t size, char *name, unsigned *type)
{
    size_t at = HEADER, used = 0;
    while (at < size && question[at] > 0) {
        size_t label = question[at++];
        if (at + label >= size || used + label + 2 > 256)
            return 0;
        memcpy(name + used, question + at, label);
        used += label;
        name[used++] = '.';
        at += label;
    }
    if (at + 5 > size)
        return 0;
    name[used ? used - 1 : 0] = 0;
    *type = (unsigned)question[at + 1] << 8 | question[at + 2];
    return at + 5;
}

/* 0: no answer. */
static size_t answer(dns *d, const uint8_t *question, size_t size, bool tcp, uint8_t *bytes)
{
    char name[256];
    unsigned type = 0, count = 0;
    bool known = false;
    size_t end = read_question(question, size, name, &type);
    dns_fault fault = !d->fault_type || d->fault_type == type ? d->fault : DNS_RIGHT;
    writer w = {bytes, 0};
    d->questions++;
    d->by_tcp += tcp;
    if (end == 0 || fault == DNS_SILENT)
        return 0;
    put(&w, question, end);
    for (size_t i = 0; i < d->count; i++) {
        bool same = strcasecmp(d->records[i].name, name) == 0;
        known = known || same;
        if (fault != DNS_RIGHT && (fault != DNS_CUT || !tcp))
            continue;
        if (same && d->records[i].type == ns_t_cname && type != ns_t_cname) {
            put_record(&w, &d->records[i]);
            snprintf(name, sizeof name, "%s", d->records[i].data);
            count++;
        } else if (same && d->records[i].type == type) {
            put_record(&w, &d->records[i]);
            count++;
        }
    }
    if (fault == DNS_GARBAGE) { /* a record that is said to be there */
        put(&w, "\xc0\xff\x00", 3);
        count = 1;
    }
    unsigned code = fault == DNS_FAILS     ? ns_r_servfail
                    : fault == DNS_REFUSES ? ns_r_refused
                    : known || count       ? ns_r_noerror
                                           : ns_r_nxdomain;
    bytes[2] = (uint8_t)(0x80 | (fault == DNS_CUT && !tcp ? 2 : 0) | (question[2] & 1));
    bytes[3] = (uint8_t)(0x80 | code);
    memcpy(bytes + 4, (const uint8_t[]){0, 1, (uint8_t)(count >> 8), (uint8_t)count, 0, 0, 0, 0}, 8);
    return w.size;
}

static int listen_on(int type, in_port_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = *port, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int s = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_true(s >= 0);
    assert_int_equal(bind(s, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(s, (struct sockaddr *)&address, &size), 0);
    if (type == SOCK_STREAM)
        assert_int_equal(listen(s, 4), 0);
    *port = address.sin_port;
    return s;
}

void dns_begin(dns *d, const dns_record *records, size_t count)
{
    in_port_t port = 0;
    *d = (dns){.records = records, .count = count, .peer = -1};
    d->tcp = listen_on(SOCK_STREAM, &port); /* a port that is free there is most often free for UDP, too */
    d->udp = listen_on(SOCK_DGRAM, &port);
    snprintf(d->address, sizeof d->address, "127.0.0.1:%u", ntohs(port));
}

void dns_end(dns *d)
{
    close(d->udp);
    close(d->tcp);
    if (d->peer >= 0)
        close(d->peer);
}

/* Questions come whole: they are short. */
static void serve_tcp(dns *d)
{
    uint8_t question[MESSAGE], bytes[MESSAGE + 2];
    if (d->peer < 0)
        d->peer = accept4(d->tcp, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    ssize_t size = d->peer >= 0 ? recv(d->peer, question, sizeof question, 0) : -1;
    for (ssize_t at = 0; at + 2 < size;) {
        size_t length = (size_t)question[at] << 8 | question[at + 1];
        size_t count = answer(d, question + at + 2, length, true, bytes + 2);
        bytes[0] = (uint8_t)(count >> 8);
        bytes[1] = (uint8_t)count;
        if (count > 0)
            (void)!write(d->peer, bytes, count + 2);
        at += (ssize_t)length + 2;
    }
    if (size == 0) {
        close(d->peer);
        d->peer = -1;
    }
}

void dns_serve(dns *d)
{
    uint8_t question[MESSAGE], bytes[MESSAGE];
    struct sockaddr_in from;
    socklen_t from_size = sizeof from;
    ssize_t size = 0;
    while ((size = recvfrom(d->udp, question, sizeof question, 0, (struct sockaddr *)&from, &from_size)) >= 0) {
        size_t count = answer(d, question, (size_t)size, false, bytes);
        if (count > 0)
            (void)!sendto(d->udp, bytes, count, 0, (struct sockaddr *)&from, from_size);
    }
    serve_tcp(d);
}
