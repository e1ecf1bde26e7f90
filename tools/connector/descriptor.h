/* descriptor.h - sockets that are none of the standard descriptors
 *
 * SPDX-License-Identifier: MIT */
#ifndef DESCRIPTOR_H
#define DESCRIPTOR_H

/* Takes `fd`, as a system call gave it, and returns it, or another in its place above standard error; below 0: errno.
 * In a program whose standard output is closed a socket would become it, and whatever is printed would go to the peer
 * in clear. */
int descriptor_keep(int fd);

#endif
