/* getsubopt.h - POSIX has it in stdlib.h; for C libraries that have it not
 *
 * SPDX-License-Identifier: MIT */
#ifndef RELEASE_GETSUBOPT_H
#define RELEASE_GETSUBOPT_H

int getsubopt(char **options, char *const *names, char **value);

#endif
