/* prolog.c - what comes before the root: white space, the XML declaration (XML 2.8 [22] to [26], RFC 6120 11.5 to 11.8)
 *
 * SPDX-License-Identifier: MIT */
#include "internal.h"

/* ---- Before the root --------------------------------------------------------------------------------------------- */

/* Text here: choice 2 */
static weir_status misplaced_text(const weir_decoder *d)
{
    if (d->framing == WEIR_FRAMING_WEBSOCKET)
        return WEIR_E_MESSAGE; /* RFC 7395 3.3.3 */
    return WEIR_E_PROLOG;      /* XML 2.8 [22] */
}

static weir_status on_prolog(weir_decoder *d, weir_cursor *c, uint32_t code)
{
    if (code == '<') {
        weir_open_tag(d, c, WEIR_S_PROLOG_LT);
        return WEIR_GO_ON;
    }
    if (weir_is_space(code))
        return WEIR_GO_ON;
    return weir_fault(d, misplaced_text(d), d->char_begin);
}

static weir_status on_start(weir_decoder *d, weir_cursor *c, uint32_t code)
{
    if (d->closed && !weir_is_space(code))
        return weir_fault(d, WEIR_E_AFTER_CLOSE, d->char_begin); /* RFC 7395 3.6; choice 25 */
    if (code == '<') {
        weir_open_tag(d, c, WEIR_S_START_LT);
        return WEIR_GO_ON;
    }
    if (d->framing == WEIR_FRAMING_WEBSOCKET)
        return weir_fault(d, WEIR_E_MESSAGE, d->char_begin); /* RFC 7395 3.3.3 */
    d->state = WEIR_S_PROLOG;
    return on_prolog(d, c, code);
}

static weir_status on_restarted(weir_decoder *d, weir_cursor *c, uint32_t code)
{
    if (weir_is_space(code)) { /* RFC 6120 11.7: it belongs to the stream replaced */
        d->stream_begin = c->base + c->at;
        return WEIR_GO_ON;
    }
    d->state = WEIR_S_START;
    return on_start(d, c, code);
}

static weir_status on_prolog_lt(weir_decoder *d, weir_cursor *c, uint32_t code)
{
    if (code == '?')
        return weir_fault(d, WEIR_E_PROCESSING_INSTRUCTION, d->char_begin); /* RFC 6120 11.1; design 6.5 */
    if (code == '/')
        return weir_fault(d, WEIR_E_SYNTAX, d->char_begin); /* XML 2.1 [1] */
    if (code == '!') {
        d->state = WEIR_S_PROLOG_BANG;
        d->tag_open = false;
        d->tag_stop = WEIR_NEVER; /* choice 12 */
        weir_cut(d, c);
        return WEIR_GO_ON;
    }
    return weir_name_begins(d, code);
}

static weir_status on_start_lt(weir_decoder *d, weir_cursor *c, uint32_t code)
{
    if (code != '?')
        return on_prolog_lt(d, c, code);
    d->state = WEIR_S_DECL_XML;
    d->matched = 0;
    d->tag_open = false;
    d->element_stop = WEIR_NEVER; /* choice 12: no element */
    weir_cut(d, c);
    return WEIR_GO_ON;
}

static weir_status on_prolog_bang(weir_decoder *d, uint32_t code)
{
    weir_status fault = code == '-'   ? WEIR_E_COMMENT    /* RFC 6120 11.1 */
                        : code == 'D' ? WEIR_E_DOCTYPE    /* RFC 6120 11.1 */
                        : code == '[' ? misplaced_text(d) /* design 6.4 */
                                      : WEIR_E_SYNTAX;    /* XML 2.8 [22] */
    return weir_fault(d, fault, d->char_begin);
}

weir_status weir_on_prolog(weir_decoder *d, weir_cursor *c, uint32_t code)
{
    switch (d->state) {
    case WEIR_S_RESTARTED: return on_restarted(d, c, code);
    case WEIR_S_START: return on_start(d, c, code);
    case WEIR_S_START_LT: return on_start_lt(d, c, code);
    case WEIR_S_PROLOG: return on_prolog(d, c, code);
    case WEIR_S_PROLOG_LT: return on_prolog_lt(d, c, code);
    default: return on_prolog_bang(d, code);
    }
}

/* ---- The XML declaration ----------------------------------------------------------------------------------------- */

static weir_status syntax(weir_decoder *d)
{
    return weir_fault(d, WEIR_E_SYNTAX, d->char_begin);
}

static weir_status go(weir_decoder *d, uint32_t state)
{
    d->state = state;
    d->matched = 0;
    return WEIR_GO_ON;
}

/* XML 2.8 [23]: `<?xml` and white space; anything else is the target of a processing instruction (design 6.5). */
static weir_status on_xml(weir_decoder *d, uint32_t code)
{
    static const char literal[] = "xml";
    if (code != (uint8_t)literal[d->matched])
        return weir_fault(d, WEIR_E_PROCESSING_INSTRUCTION, d->char_begin); /* RFC 6120 11.1 */
    if (++d->matched == 3)
        return go(d, WEIR_S_DECL_SPACE);
    return WEIR_GO_ON;
}

static weir_status on_xml_space(weir_decoder *d, uint32_t code)
{
    if (!weir_is_space(code))
        return weir_fault(d, WEIR_E_PROCESSING_INSTRUCTION, d->char_begin); /* RFC 6120 11.1 */
    return go(d, WEIR_S_DECL_FIRST);
}

/* XML 2.8 [24], 4.3.3 [80]: the rest of a keyword, whose first letter chose the state. */
static weir_status on_keyword(weir_decoder *d, uint32_t code, const char *rest, uint32_t size, uint32_t next)
{
    if (code != (uint8_t)rest[d->matched])
        return syntax(d);
    if (++d->matched == size)
        return go(d, next);
    return WEIR_GO_ON;
}

/* XML 2.8 [25] */
static weir_status on_equals(weir_decoder *d, uint32_t code, uint32_t next)
{
    if (weir_is_space(code))
        return WEIR_GO_ON;
    return code == '=' ? go(d, next) : syntax(d);
}

static weir_status on_quote(weir_decoder *d, uint32_t code, uint32_t next)
{
    if (weir_is_space(code))
        return WEIR_GO_ON;
    if (code != '\'' && code != '"')
        return syntax(d);
    d->quote = (uint8_t)code;
    return go(d, next);
}

/* XML 2.8 [26], RFC 6120 11.8: `1.0`; a digit that differs keeps the value a beginning of digits, dot, digits (design
 * 6.6). */
static weir_status on_version(weir_decoder *d, uint32_t code)
{
    static const char literal[] = "1.0";
    if (d->matched < 3 && code == (uint8_t)literal[d->matched]) {
        d->matched++;
        return WEIR_GO_ON;
    }
    if (d->matched == 3 && code == d->quote)
        return go(d, WEIR_S_DECL_AFTER_VERSION);
    return weir_fault(d, code >= '0' && code <= '9' ? WEIR_E_XML_VERSION : WEIR_E_SYNTAX, d->char_begin);
}

/* XML 4.3.3 [81] */
static bool is_encoding_character(uint32_t code, bool first)
{
    uint32_t lower = code | 0x20;
    if (lower >= 'a' && lower <= 'z' && code < 0x80)
        return true;
    return !first && ((code >= '0' && code <= '9') || code == '.' || code == '_' || code == '-');
}

/* RFC 6120 11.6: `UTF-8` in any letter case; else ENCODING while the value is an EncName (design 6.6). */
static weir_status on_encoding(weir_decoder *d, uint32_t code)
{
    static const char literal[] = "utf-8";
    uint32_t lower = code >= 'A' && code <= 'Z' ? code | 0x20 : code;
    if (d->matched < 5 && lower == (uint8_t)literal[d->matched]) {
        d->matched++;
        return WEIR_GO_ON;
    }
    if (code == d->quote) {
        if (d->matched == 5)
            return go(d, WEIR_S_DECL_AFTER_ENCODING);
        return weir_fault(d, d->matched == 0 ? WEIR_E_SYNTAX : WEIR_E_ENCODING, d->char_begin);
    }
    return weir_fault(d, is_encoding_character(code, d->matched == 0) ? WEIR_E_ENCODING : WEIR_E_SYNTAX, d->char_begin);
}

/* After `version` or `encoding` and its value; `spaced`: after white space too. */
static weir_status on_after(weir_decoder *d, uint32_t code, bool spaced, bool encoding)
{
    if (weir_is_space(code))
        return go(d, encoding ? WEIR_S_DECL_THIRD : WEIR_S_DECL_SECOND);
    if (code == '?')
        return go(d, WEIR_S_DECL_END);
    if (spaced && code == 's')
        return weir_fault(d, WEIR_E_STANDALONE, d->char_begin); /* RFC 6120 11.5; design 6.6 */
    if (spaced && code == 'e' && !encoding)
        return go(d, WEIR_S_DECL_ENCODING);
    return syntax(d); /* XML 2.8 [23] */
}

static weir_status on_first(weir_decoder *d, uint32_t code)
{
    if (weir_is_space(code))
        return WEIR_GO_ON;
    return code == 'v' ? go(d, WEIR_S_DECL_VERSION) : syntax(d); /* XML 2.8 [24] */
}

static weir_status on_declaration_end(weir_decoder *d, weir_cursor *c, uint32_t code)
{
    if (code != '>')
        return syntax(d); /* XML 2.8 [23] */
    d->tag_stop = WEIR_NEVER;
    weir_cut(d, c);
    return go(d, WEIR_S_PROLOG);
}

weir_status weir_on_declaration(weir_decoder *d, weir_cursor *c, uint32_t code)
{
    switch (d->state) {
    case WEIR_S_DECL_XML: return on_xml(d, code);
    case WEIR_S_DECL_SPACE: return on_xml_space(d, code);
    case WEIR_S_DECL_FIRST: return on_first(d, code);
    case WEIR_S_DECL_VERSION: return on_keyword(d, code, "ersion", 6, WEIR_S_DECL_VERSION_EQ);
    case WEIR_S_DECL_ENCODING: return on_keyword(d, code, "ncoding", 7, WEIR_S_DECL_ENCODING_EQ);
    case WEIR_S_DECL_VERSION_EQ: return on_equals(d, code, WEIR_S_DECL_VERSION_QUOTE);
    case WEIR_S_DECL_ENCODING_EQ: return on_equals(d, code, WEIR_S_DECL_ENCODING_QUOTE);
    case WEIR_S_DECL_VERSION_QUOTE: return on_quote(d, code, WEIR_S_DECL_VERSION_VALUE);
    case WEIR_S_DECL_ENCODING_QUOTE: return on_quote(d, code, WEIR_S_DECL_ENCODING_VALUE);
    case WEIR_S_DECL_VERSION_VALUE: return on_version(d, code);
    case WEIR_S_DECL_ENCODING_VALUE: return on_encoding(d, code);
    case WEIR_S_DECL_AFTER_VERSION:
    case WEIR_S_DECL_SECOND: return on_after(d, code, d->state == WEIR_S_DECL_SECOND, false);
    case WEIR_S_DECL_AFTER_ENCODING:
    case WEIR_S_DECL_THIRD: return on_after(d, code, d->state == WEIR_S_DECL_THIRD, true);
    default: return on_declaration_end(d, c, code);
    }
}
