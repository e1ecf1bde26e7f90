/* connector.h - connects, secures, authenticates, and closes an XMPP stream: a thin driver over negotiator.h, tls.h, resolver.h and sasl_gnu.h
 *
 * Sockets, poll, deadlines for every phase (resolve, connect, TLS, each negotiation step, idle with white-space keepalive, close). Contract, to be completed by its owner.
 * peer.h is the receiving entity on loopback, for tests and the demonstration; it is not a server to deploy.
 *
 * SPDX-License-Identifier: MIT */
#ifndef CONNECTOR_H
#define CONNECTOR_H
#endif
