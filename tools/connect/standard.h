/* standard.h - the three standard descriptors, open whatever the parent closed
 *
 * SPDX-License-Identifier: MIT */
#ifndef CONNECT_STANDARD_H
#define CONNECT_STANDARD_H

#include <stdbool.h>

/* First thing in main: a descriptor that is closed would be given to the next socket, and what is said to the user, or
 * read from him, would go there in clear. They stay unusable: to read or write there fails, as it did. */
bool standard_open(void);

#endif
