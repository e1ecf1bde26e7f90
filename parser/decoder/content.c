/* content.c - inside elements: text, CDATA sections, references (XML 2.4, 2.7, 2.11, 4.1)
 *
 * Text is delivered straight from the input where it lies there as it is to be read. What must be rewritten
 * (references, line ends, a character that a chunk's end cut) waits in the workspace, together with short runs beside
 * it, so that text full of references does not become an event each.
 *
 * SPDX-License-Identifier: MIT */
#include "internal.h"
#include "scan.h"

/* ---- Text that waits --------------------------------------------------------------------------------------------- */

weir_status weir_text_waiting(weir_decoder *d, weir_event *e)
{
    e->type = WEIR_TEXT;
    e->depth = d->depth;
    e->begin = d->text_begin;
    e->end = d->text_end;
    e->text = weir_slice_of(d->workspace + d->text_at, d->text_used);
    d->text_used = 0;
    return WEIR_TEXT;
}

/* Runs leave WEIR_TEXT_SHORT bytes of room, more than any of the single additions needs. */
static void add(weir_decoder *d, const uint8_t *bytes, uint32_t size, uint64_t begin, uint64_t end)
{
    uint8_t *to = d->workspace + d->text_at + d->text_used;
    if (d->text_used == 0)
        d->text_begin = begin;
    weir_copy(to, bytes, size);
    d->text_used += size;
    d->text_end = end;
}

static void add_character(weir_decoder *d, uint32_t code, uint64_t begin, uint64_t end)
{
    uint8_t *to = d->workspace + d->text_at + d->text_used;
    if (d->text_used == 0)
        d->text_begin = begin;
    *to = (uint8_t)code;
    d->text_used += code < 0x80 ? 1 : weir_utf8_write(code, to);
    d->text_end = end;
}

void weir_text_cr(weir_decoder *d, uint64_t end)
{
    add_character(d, 0x0a, d->char_begin, end); /* XML 2.11 */
    d->state = d->in_cdata ? WEIR_S_CDATA : WEIR_S_CONTENT;
}

/* A byte shows what the bytes before it were: a CR (XML 2.11), or `]` in CDATA (XML 2.7 [21]). */
weir_status weir_bytes_that_wait(weir_decoder *d, weir_cursor *c, weir_event *e)
{
    static const uint8_t brackets[2] = {']', ']'};
    uint8_t byte = c->in[c->at];
    uint64_t offset = c->base + c->at;
    if (d->text_used > WEIR_TEXT_ROOM - WEIR_TEXT_SHORT)
        return weir_text_waiting(d, e);
    if (d->state == WEIR_S_CR) {
        if (byte == 0x0a)
            c->at++;
        weir_text_cr(d, c->base + c->at);
    } else if (d->state == WEIR_S_CDATA_1) {
        if (byte == ']') {
            c->at++;
            d->state = WEIR_S_CDATA_2;
        } else {
            add(d, brackets, 1, offset - 1, offset);
            d->state = WEIR_S_CDATA;
        }
    } else if (byte == '>') {
        c->at++;
        d->in_cdata = false;
        d->state = WEIR_S_CONTENT;
    } else if (byte == ']') {
        c->at++;
        add(d, brackets, 1, offset - 2, offset - 1);
    } else {
        add(d, brackets, 2, offset - 2, offset);
        d->state = WEIR_S_CDATA;
    }
    return WEIR_GO_ON;
}

/* ---- Runs of text ------------------------------------------------------------------------------------------------ */

/* The end of the plain text that begins at `at`; counts the `]` in d->brackets. */
static uint32_t plain_text(weir_decoder *d, const uint8_t *in, uint32_t at, uint32_t end)
{
    uint32_t brackets = d->brackets;
    while (at < end && in[at] != '<') {
        if (in[at] == ']') {
            brackets += brackets < 2;
            at++;
            continue;
        }
        if (brackets == 2 && in[at] == '>')
            break; /* XML 2.4 [14] */
        uint32_t n = weir_scan_text(d->kernel, in + at, end - at);
        if (n == 0 && in[at] >= 0x80)
            n = weir_scan_multibyte(in + at, end - at);
        if (n == 0)
            break;
        brackets = 0;
        at += n;
    }
    d->brackets = (uint8_t)brackets;
    return at;
}

/* Likewise in a CDATA section, where `]` is plain as long as the chunk shows that it is not the end mark. */
static uint32_t plain_cdata(const weir_decoder *d, const uint8_t *in, uint32_t at, uint32_t end)
{
    while (at < end) {
        uint32_t n = weir_scan_text(d->kernel, in + at, end - at);
        if (n == 0 && in[at] >= 0x80)
            n = weir_scan_multibyte(in + at, end - at);
        if (n == 0 && (in[at] == '<' || in[at] == '&'))
            n = 1;
        if (n == 0 && in[at] == ']' && end - at >= 3 && (in[at + 1] != ']' || in[at + 2] != '>'))
            n = 1;
        if (n == 0)
            break;
        at += n;
    }
    return at;
}

static uint32_t plain(weir_decoder *d, const uint8_t *in, uint32_t at, uint32_t end)
{
    return d->in_cdata ? plain_cdata(d, in, at, end) : plain_text(d, in, at, end);
}

/* Whether plain text ends before the byte: the usual ones of those that end it, so that it need not be scanned. */
WEIR_INLINE bool ends_plain(const weir_decoder *d, uint8_t byte)
{
    return byte == 0x0d || ((byte == '<' || byte == '&') && !d->in_cdata);
}

/* A line end or a reference that lies whole at `at`, where plain text ends; `*code` is its character. 0: none, or
 * cut. */
static uint32_t rewritten(const weir_decoder *d, const weir_cursor *c, uint32_t at, uint32_t *code)
{
    if (c->in[at] == 0x0d && c->end - at >= 2) {
        *code = 0x0a; /* XML 2.11 */
        return c->in[at + 1] == 0x0a ? 2 : 1;
    }
    return c->in[at] == '&' && !d->in_cdata ? weir_scan_reference(c->in + at, c->end - at, code) : 0;
}

/* The bytes of a character that plain text is not longer than: what ends it comes next. 0: it may be longer. */
static uint32_t lone(weir_decoder *d, const uint8_t *in, uint32_t at, uint32_t end)
{
    uint32_t size = (weir_class[in[at]] & WEIR_C_TEXT) != 0 && in[at] != '>' ? 1 : 0;
    if (in[at] >= 0x80)
        size = weir_scan_multibyte(in + at, end - at < 4 ? end - at : 4);
    if (size == 0 || end - at <= size || in[at + size] != 0x0d)
        return 0;
    d->brackets = 0;
    return size;
}

/* As far as it lies here and there is room. */
weir_status weir_text_gather(weir_decoder *d, weir_cursor *c, weir_event *e)
{
    const uint8_t *in = c->in;
    uint32_t at = c->at;
    while (at != c->end && d->text_used < WEIR_TEXT_ROOM - WEIR_TEXT_SHORT) {
        uint32_t code;
        uint32_t size = rewritten(d, c, at, &code);
        if (size != 0) {
            d->brackets = 0;
            add_character(d, code, c->base + at, c->base + at + size);
        } else {
            if (ends_plain(d, in[at]))
                break;
            uint32_t room = WEIR_TEXT_ROOM - WEIR_TEXT_SHORT - d->text_used;
            uint32_t end = c->end - at > room ? at + room : c->end;
            size = lone(d, in, at, end);
            if (size == 0)
                size = plain(d, in, at, end) - at;
            if (size == 0)
                break;
            add(d, in + at, size, c->base + at, c->base + at + size);
        }
        at += size;
    }
    c->at = at;
    return d->text_used != 0 ? weir_text_waiting(d, e) : WEIR_GO_ON;
}

static weir_status text_event(weir_decoder *d, weir_cursor *c, uint32_t stop, weir_event *e)
{
    e->type = WEIR_TEXT;
    e->depth = d->depth;
    e->begin = c->base + c->at;
    e->end = c->base + stop;
    e->text = weir_slice_of(c->in + c->at, stop - c->at);
    c->at = stop;
    return WEIR_TEXT;
}

/* Straight from the input, unless it is short and what follows must be rewritten. */
weir_status weir_text_from(weir_decoder *d, weir_cursor *c, uint32_t known, weir_event *e)
{
    uint32_t stop = c->at + known;
    if (!ends_plain(d, c->in[stop]))
        stop = plain(d, c->in, stop, c->end);
    uint32_t size = stop - c->at;
    bool rewrite = stop < c->end && (c->in[stop] == '&' || c->in[stop] == 0x0d);
    bool waits = rewrite && size <= WEIR_TEXT_SHORT;
    if (size != 0 && !waits)
        return text_event(d, c, stop, e);
    if (size != 0)
        add(d, c->in + c->at, size, c->base + c->at, c->base + stop);
    c->at = stop;
    return rewrite ? weir_text_gather(d, c, e) : WEIR_GO_ON;
}

/* The start of a CDATA section that lies here whole (XML 2.7 [19]): on_content_lt and what follows it do the same a
 * character at a time, and get it where its first bytes could reach the tag limit (choice 12). */
static bool cdata_begins(weir_decoder *d, weir_cursor *c)
{
    static const char mark[9] = {'<', '!', '[', 'C', 'D', 'A', 'T', 'A', '['};
    if (c->end - c->at < 9 || d->limits.tag < 9 || memcmp(c->in + c->at, mark, 9) != 0)
        return false;
    d->tag_begin = c->base + c->at;
    d->brackets = 0;
    d->in_cdata = true;
    d->state = WEIR_S_CDATA;
    c->at += 9;
    return true;
}

weir_status weir_text_run(weir_decoder *d, weir_cursor *c, weir_event *e)
{
    if (d->text_used != 0)
        return weir_text_gather(d, c, e);
    if (!d->in_cdata && cdata_begins(d, c))
        return WEIR_GO_ON;
    if (c->in[c->at] == '<' && !d->in_cdata)
        return weir_tag_opens(d, c, WEIR_S_CONTENT_LT, e);
    weir_status status = weir_text_from(d, c, 0, e);
    if (status == WEIR_GO_ON && c->at != c->end && c->in[c->at] == '>')
        return weir_fault(d, WEIR_E_CDATA_END, c->base + c->at); /* XML 2.4 [14]: only after two `]` is it not plain */
    return status;
}

/* ---- Single characters ------------------------------------------------------------------------------------------- */

void weir_reference_begins(weir_decoder *d, bool in_value)
{
    d->reference_begin = d->char_begin;
    d->in_value = in_value;
    d->matched = 0;
    d->reference_code = 0;
    d->state = WEIR_S_REFERENCE;
}

/* What the run left: it takes all text that lies whole in the chunk, every `<`, `]` outside of CDATA and `&` inside. */
static weir_status on_text(weir_decoder *d, weir_cursor *c, uint32_t code)
{
    if (code == '&') {
        weir_reference_begins(d, false);
    } else if (code == ']') {
        d->state = WEIR_S_CDATA_1; /* XML 2.7 [21] */
    } else if (code == 0x0d) {
        d->brackets = 0;
        d->state = WEIR_S_CR; /* XML 2.11 */
    } else {
        d->brackets = 0;
        add_character(d, code, d->char_begin, c->base + c->at);
    }
    return WEIR_GO_ON;
}

static weir_status on_content_lt(weir_decoder *d, weir_cursor *c, uint32_t code)
{
    d->brackets = 0;
    if (code == '/') {
        weir_end_tag_begins(d);
        return WEIR_GO_ON;
    }
    if (code == '?')
        return weir_fault(d, WEIR_E_PROCESSING_INSTRUCTION, d->char_begin); /* RFC 6120 11.1; design 6.5 */
    if (code == '!') {
        d->state = WEIR_S_CONTENT_BANG;
        d->tag_open = false;
        d->tag_stop = WEIR_NEVER; /* choice 12 */
        weir_cut(d, c);
        return WEIR_GO_ON;
    }
    return weir_name_begins(d, code);
}

static weir_status on_content_bang(weir_decoder *d, uint32_t code)
{
    if (code == '-')
        return weir_fault(d, WEIR_E_COMMENT, d->char_begin); /* RFC 6120 11.1 */
    if (code == 'D')
        return weir_fault(d, WEIR_E_DOCTYPE, d->char_begin); /* RFC 6120 11.1 */
    if (code != '[')
        return weir_fault(d, WEIR_E_SYNTAX, d->char_begin); /* XML 3.1 [43] */
    d->matched = 0;
    d->state = WEIR_S_CDATA_OPEN;
    return WEIR_GO_ON;
}

static weir_status on_cdata_open(weir_decoder *d, uint32_t code)
{
    static const char literal[] = "CDATA[";
    if (code != (uint8_t)literal[d->matched])
        return weir_fault(d, WEIR_E_SYNTAX, d->char_begin); /* XML 2.7 [19] */
    if (++d->matched == 6) {
        d->in_cdata = true;
        d->state = WEIR_S_CDATA;
    }
    return WEIR_GO_ON;
}

weir_status weir_on_content(weir_decoder *d, weir_cursor *c, uint32_t code)
{
    switch (d->state) {
    case WEIR_S_CONTENT_LT: return on_content_lt(d, c, code);
    case WEIR_S_CONTENT_BANG: return on_content_bang(d, code);
    case WEIR_S_CDATA_OPEN: return on_cdata_open(d, code);
    default: return on_text(d, c, code);
    }
}

/* ---- References (XML 4.1 [66] to [68]) --------------------------------------------------------------------------- */

/* A character reference that lies whole at p, which begins with `&#`, and is short; `*code` is its Char. 0: anything
 * else. */
static uint32_t scan_number(const uint8_t *p, uint32_t n, uint32_t *code)
{
    bool hex = p[2] == 'x';
    uint32_t first = hex ? 3 : 2;
    uint32_t i = first;
    uint32_t value = 0;
    while (i < n && p[i] == '0')
        i++;
    for (uint32_t end = i + 7; i < n && i < end; i++) { /* 1114111 */
        uint32_t digit = (uint32_t)p[i] - '0';
        if (hex && digit > 9)
            digit = (p[i] | 0x20u) - 'a' < 6 ? (p[i] | 0x20u) - 'a' + 10 : 16;
        if (digit >= (hex ? 16u : 10u))
            break;
        value = value * (hex ? 16 : 10) + digit;
    }
    *code = value;
    return i > first && i < n && p[i] == ';' && weir_is_char(value) ? i + 1 : 0;
}

uint32_t weir_scan_reference(const uint8_t *p, uint32_t n, uint32_t *code)
{
    if (n < 6) /* the longest of the five, so that no length is looked at byte by byte */
        return 0;
    if (p[1] == '#')
        return scan_number(p, n, code);
    if (p[1] == 'a' && p[2] == 'm' && p[3] == 'p' && p[4] == ';') {
        *code = '&';
        return 5;
    }
    if ((p[1] == 'l' || p[1] == 'g') && p[2] == 't' && p[3] == ';') {
        *code = p[1] == 'l' ? '<' : '>';
        return 4;
    }
    if (p[1] == 'q' && p[2] == 'u' && p[3] == 'o' && p[4] == 't' && p[5] == ';') {
        *code = '"';
        return 6;
    }
    if (p[1] == 'a' && p[2] == 'p' && p[3] == 'o' && p[4] == 's' && p[5] == ';') {
        *code = '\'';
        return 6;
    }
    return 0;
}

static weir_status end_reference(weir_decoder *d, uint32_t code)
{
    if (d->in_value) {
        d->state = WEIR_S_VALUE; /* rewritten when the tag is whole */
        return WEIR_GO_ON;
    }
    add_character(d, code, d->reference_begin, d->char_begin + 1);
    d->brackets = 0;
    d->state = WEIR_S_CONTENT;
    return WEIR_GO_ON;
}

/* XML 4.6: the five. What was read so far is kept as which of them it can still be, and how many of its characters. */
static const char entity_names[5][6] = {"lt;", "gt;", "amp;", "apos;", "quot;"};
static const char entity_codes[5] = {'<', '>', '&', '\'', '"'};

static weir_status on_reference_name(weir_decoder *d, uint32_t code)
{
    if (d->matched == 0 && code == '#') {
        d->state = WEIR_S_REFERENCE_NUMBER;
        return WEIR_GO_ON;
    }
    for (uint32_t i = d->reference_code; i < 5; i++) {
        bool same = i == d->reference_code || memcmp(entity_names[i], entity_names[d->reference_code], d->matched) == 0;
        if (same && code == (uint8_t)entity_names[i][d->matched]) {
            d->reference_code = i;
            d->matched++;
            return code == ';' ? end_reference(d, (uint8_t)entity_codes[i]) : WEIR_GO_ON;
        }
    }
    /* XML 2.3 [5]: with `:`; design 6.7, choice 8 */
    bool name = d->matched == 0 ? weir_is_name_start(code) || code == ':'
                                : weir_is_name_char(code) || code == ':' || code == ';';
    return weir_fault(d, name ? WEIR_E_ENTITY : WEIR_E_AMPERSAND, d->char_begin); /* RFC 6120 11.1; XML 2.4 */
}

/* XML 4.1 [66]: the value of a digit, or 16. */
static uint32_t digit_value(uint32_t code)
{
    if (code >= '0' && code <= '9')
        return code - '0';
    uint32_t lower = code | 0x20;
    return code < 0x80 && lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 16;
}

static weir_status on_reference_digit(weir_decoder *d, uint32_t code, uint32_t radix, bool first)
{
    uint32_t digit = digit_value(code);
    if (digit < radix) {
        d->reference_code = d->reference_code * radix + digit; /* at most 0x10ffff * 16 + 15 */
        if (d->reference_code > 0x10ffff)
            return weir_fault(d, WEIR_E_CHAR_REFERENCE, d->char_begin); /* XML 4.1 (WFC: Legal Character) */
        d->state = radix == 10 ? WEIR_S_REFERENCE_DECIMAL : WEIR_S_REFERENCE_HEX;
        return WEIR_GO_ON;
    }
    if (first || code != ';')
        return weir_fault(d, WEIR_E_SYNTAX, d->char_begin); /* XML 4.1 [66] */
    if (!weir_is_char(d->reference_code))
        return weir_fault(d, WEIR_E_CHAR_REFERENCE, d->char_begin); /* XML 4.1 (WFC: Legal Character) */
    return end_reference(d, d->reference_code);
}

static weir_status on_reference_number(weir_decoder *d, uint32_t code)
{
    if (code == 'x') {
        d->state = WEIR_S_REFERENCE_HEX_FIRST;
        return WEIR_GO_ON;
    }
    return on_reference_digit(d, code, 10, true);
}

weir_status weir_zeros_run(const weir_decoder *d, weir_cursor *c)
{
    while (d->reference_code == 0 && c->at < c->end && c->in[c->at] == '0')
        c->at++;
    return WEIR_GO_ON;
}

weir_status weir_on_reference(weir_decoder *d, uint32_t code)
{
    switch (d->state) {
    case WEIR_S_REFERENCE: return on_reference_name(d, code);
    case WEIR_S_REFERENCE_NUMBER: return on_reference_number(d, code);
    case WEIR_S_REFERENCE_DECIMAL: return on_reference_digit(d, code, 10, false);
    case WEIR_S_REFERENCE_HEX_FIRST: return on_reference_digit(d, code, 16, true);
    default: return on_reference_digit(d, code, 16, false);
    }
}
