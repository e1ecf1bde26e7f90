/* password.c - see password.h
 *
 * SPDX-License-Identifier: MIT */
#include "password.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* One byte a read: what follows the line belongs to somebody else, and no buffer keeps a copy. */
static bool read_line(char password[PASSWORD_MAX], int fd, const char **why)
{
    size_t size = 0;
    ssize_t count;
    char byte;

    while ((count = read(fd, &byte, 1)) == 1 && byte != '\n') {
        if (size == PASSWORD_MAX - 1 || byte == '\0') {
            *why = "the password is too long, or has a NUL in it";
            return false;
        }
        password[size++] = byte;
    }
    password[size] = '\0';
    if (count < 0) {
        *why = errno == EINTR ? "interrupted" : "the password cannot be read from there";
    } else if (size == 0) {
        *why = "the password is empty";
    }
    return count >= 0 && size > 0;
}

static bool take_environment(char password[PASSWORD_MAX], const char **why)
{
    char *value = getenv("WEIR_PASSWORD");
    size_t size = strlen(value);
    bool fits = size > 0 && size < PASSWORD_MAX;

    if (fits) {
        memcpy(password, value, size + 1);
    } else {
        *why = "WEIR_PASSWORD is empty or too long";
    }
    explicit_bzero(value, size);
    unsetenv("WEIR_PASSWORD");
    return fits;
}

static volatile sig_atomic_t caught;

static void catch_signal(int number)
{
    caught = number;
}

static const int SIGNALS[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
enum { SIGNAL_COUNT = sizeof SIGNALS / sizeof *SIGNALS };

/* The terminal gets its echo back before a signal does its work. */
static bool prompt(char password[PASSWORD_MAX], int terminal, const char *bare_jid, const char **why)
{
    struct sigaction catching = {.sa_handler = catch_signal}, before[SIGNAL_COUNT];
    struct termios settings, silent;
    bool good;

    if (tcgetattr(terminal, &settings) != 0) {
        *why = "the terminal does not answer";
        return false;
    }
    caught = 0;
    for (int i = 0; i < SIGNAL_COUNT; i++) {
        sigaction(SIGNALS[i], &catching, &before[i]);
    }
    silent = settings;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK);
    silent.c_lflag |= ECHONL;
    good = tcsetattr(terminal, TCSAFLUSH, &silent) == 0 && dprintf(terminal, "Password of %s: ", bare_jid) > 0 &&
           read_line(password, terminal, why);
    tcsetattr(terminal, TCSAFLUSH, &settings);
    for (int i = 0; i < SIGNAL_COUNT; i++) {
        sigaction(SIGNALS[i], &before[i], NULL);
    }
    if (caught != 0) {
        explicit_bzero(password, PASSWORD_MAX);
        raise(caught);
    }
    return good && caught == 0;
}

bool password_read(char password[PASSWORD_MAX], int fd, const char *bare_jid, const char **why)
{
    int terminal;
    bool good;

    *why = "the password cannot be read";
    if (fd >= 0) {
        return read_line(password, fd, why);
    }
    if (getenv("WEIR_PASSWORD") != NULL) {
        return take_environment(password, why);
    }
    terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0) {
        *why = "no password: there is no terminal to ask; use --password-fd or WEIR_PASSWORD";
        return false;
    }
    good = prompt(password, terminal, bare_jid, why);
    close(terminal);
    return good;
}
