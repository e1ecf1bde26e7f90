/* sasl_scram.h - the syntax of SCRAM messages (RFC 5802 7), looked at before GNU SASL sees them
 *
 * Each function gives NULL for a message that is right, else why it is refused: a static text.
 *
 * SPDX-License-Identifier: MIT */
#ifndef SASL_SCRAM_H
#define SASL_SCRAM_H

#include <gsasl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* RFC 4648 4 and no more: padded, no white space, unused bits zero (3.5). *data is for gsasl_free. */
bool sasl_base64_decode(const char *text, size_t text_size, char **data, size_t *size);

const char *scram_check_server_first(const char *message, size_t size, uint32_t iterations_min,
                                     uint32_t iterations_max);
const char *scram_check_server_final(const char *message, size_t size); /* an error of the server is one here, too */
const char *scram_check_client_final(const char *message, size_t size);

/* `flag` and, with p, `binding` are what the GS2 header has to begin with; 0: any but p. */
const char *scram_check_client_first(const char *message, size_t size, char flag, const char *binding);

/* ---- Saying y -------------------------------------------------------------------------------------------------------
 *
 * GNU SASL 2.2.0 cannot say y (we could bind, the server offered no -PLUS): it refuses the message that it made
 * itself. So it says n, and what it wrote is amended here: y in the first message, c, and the proof, which covers both.
 * Nonce, names, SASLprep, the check of the nonce and the iterations stay GNU SASL's; the server's signature is compared
 * here. */
typedef struct scram_y {
    Gsasl_hash hash;
    char *gs2_header, *first_bare;          /* "y,,", the rest of the first message */
    uint8_t signature[GSASL_HASH_MAX_SIZE]; /* of the server, as it has to be */
    bool expected;
} scram_y;

bool scram_y_first(scram_y *y, Gsasl_hash hash, char *message, size_t size); /* in place */
/* *message is replaced by another for gsasl_free. `salted`: hexadecimal. */
bool scram_y_final(scram_y *y, const char *salted, const char *server_first, size_t server_first_size, char **message,
                   size_t *size);
bool scram_y_verify(const scram_y *y, const char *server_final, size_t size); /* of a message that was checked */
void scram_y_end(scram_y *y);                                                 /* wipes; any number of times */

#endif
