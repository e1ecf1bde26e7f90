/* sasl_scram.h - the syntax of SCRAM messages (RFC 5802 7), looked at before GNU SASL sees them
 *
 * Each function gives NULL for a message that is right, else why it is refused: a static text.
 *
 * SPDX-License-Identifier: MIT */
#ifndef SASL_SCRAM_H
#define SASL_SCRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* RFC 4648 4 and no more: padded, no white space, unused bits zero (3.5). *data (*size bytes and a NUL) is for gsasl_free. */
bool sasl_base64_decode(const char *text, size_t text_size, char **data, size_t *size);

const char *scram_check_server_first(const char *message, size_t size, uint32_t iterations_min, uint32_t iterations_max);
const char *scram_check_server_final(const char *message, size_t size); /* an error of the server is one here, too */
const char *scram_check_client_final(const char *message, size_t size);

/* `flag` and, with p, `binding` are what the GS2 header has to begin with; 0: any but p. */
const char *scram_check_client_first(const char *message, size_t size, char flag, const char *binding);

#endif
