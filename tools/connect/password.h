/* password.h - where the password comes from: a descriptor, the environment, a prompt without echo; never the command
 * line
 *
 * SPDX-License-Identifier: MIT */
#ifndef CONNECT_PASSWORD_H
#define CONNECT_PASSWORD_H

#include <stdbool.h>

#define PASSWORD_MAX 1024 /* bytes, the NUL included */

/* `fd` at least 0: up to a line feed or the end. Else WEIR_PASSWORD, which is taken out of the environment; else a
 * prompt on the terminal. false: *why says why there is none. The caller wipes it (explicit_bzero). */
bool password_read(char password[PASSWORD_MAX], int fd, const char *bare_jid, const char **why);

#endif
