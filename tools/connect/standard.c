/* standard.c - see standard.h
 *
 * SPDX-License-Identifier: MIT */
#include "standard.h"

#include <fcntl.h>
#include <unistd.h>

bool standard_open(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        /* The wrong way round, so that nothing is taken for read or written. */
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) {
            return false;
        }
    }
    return true;
}
