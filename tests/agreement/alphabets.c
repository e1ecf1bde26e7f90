/* alphabets.c - see alphabets.h
 *
 * SPDX-License-Identifier: MIT */
#include "alphabets.h"

#define P(text) {text, sizeof(text) - 1}
#define NOTHING {"", 0}
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define STREAM WEIR_FRAMING_STREAM
#define WEBSOCKET WEIR_FRAMING_WEBSOCKET
#define DOCUMENT WEIR_FRAMING_DOCUMENT

#define STREAMS "http://etherx.jabber.org/streams"
#define FRAMING "urn:ietf:params:xml:ns:xmpp-framing"
#define HEADER "<stream:stream xmlns='jabber:client' xmlns:stream='" STREAMS "'>"
#define CLOSE "</stream:stream>"
#define OPEN "<open xmlns='" FRAMING "'/>"
#define WS_CLOSE "<close xmlns='" FRAMING "'/>"
#define XML_NAMESPACE "http://www.w3.org/XML/1998/namespace"
#define XMLNS_NAMESPACE "http://www.w3.org/2000/xmlns/"

/* The same place in each framing: alone in a document, inside a stanza, between stanzas, in a websocket message. */
#define IN_ROOT(tag, end) {.framing = DOCUMENT, .before = P("<r>" tag), .after = P(end "</r>")}
#define IN_DOCUMENT(tag, end) {.framing = DOCUMENT, .before = P(tag), .after = P(end)}
#define IN_STANZA(tag, end) {.framing = STREAM, .before = P(HEADER "<m>" tag), .after = P(end "</m>" CLOSE)}
#define IN_STREAM(tag, end) {.framing = STREAM, .before = P(HEADER tag), .after = P(end CLOSE)}
#define IN_MESSAGE(tag, end) {.framing = WEBSOCKET, .before = P(OPEN MESSAGE_END tag), .after = P(end)}
#define EVERYWHERE(tag, end) IN_DOCUMENT(tag, end), IN_STREAM(tag, end), IN_STANZA(tag, end), IN_MESSAGE(tag, end)

/* ---- Markup, character by character ---- */

static const piece markup_pieces[] = {
    P("<"), P(">"), P("/"), P("a"), P("b"), P(" "), P("="), P("'"), P("\""), P(":"), P("!"), P("?"),
};
static const place markup_places[] = {
    EVERYWHERE("", ""),
    EVERYWHERE("<a ", "/>"),
    IN_ROOT("<a:b", "/>"),
};

/* ---- Tags, in larger pieces ---- */

static const piece tag_pieces[] = {
    P("<a"),     P("<b"),      P(">"), P("/>"), P("</a>"), P("</b>"),
    P(" x='1'"), P(" y=\"\""), P("t"), P("</"), P("<a>"),  P("\n"),
};
static const place tag_places[] = {
    EVERYWHERE("", ""),
    {.framing = STREAM, .before = NOTHING, .after = NOTHING},
    {.framing = DOCUMENT, .before = P("<a><b>"), .after = P("</b></a>")},
};

/* ---- End tags against the open name ---- */

static const piece end_tag_pieces[] = {
    P("</"), P("a"), P("b"),    P("c"),    P(":"),    P(">"), P(" "),
    P("\t"), P("="), P("\xc3"), P("\xa9"), P("\xa8"), P("/"), P("\x01"),
};
static const place end_tag_places[] = {
    {.framing = DOCUMENT, .before = P("<abc>"), .after = P(">")},
    {.framing = DOCUMENT, .before = P("<abc>"), .after = P("</abc>")},
    {.framing = STREAM, .before = P(HEADER "<a:b xmlns:a='u'>"), .after = P("</a:b>" CLOSE)},
    {.framing = STREAM, .before = P("<stream xmlns='" STREAMS "'>"), .after = P("</stream>")},
    {.framing = DOCUMENT, .before = P("<a\xc3\xa9>"), .after = P("</a\xc3\xa9>")},
    {.framing = WEBSOCKET, .before = P(OPEN MESSAGE_END "<ab>"), .after = P("</ab>")},
};

/* ---- Namespaces: whole attributes that collide ---- */

static const piece namespace_pieces[] = {
    P(" xmlns='u'"),
    P(" xmlns=''"),
    P(" xmlns:p='u'"),
    P(" xmlns:q='u'"),
    P(" xmlns:q='v'"),
    P(" xmlns:p=''"),
    P(" xmlns:xml='" XML_NAMESPACE "'"),
    P(" xmlns:p='" XML_NAMESPACE "'"),
    P(" xmlns='" XMLNS_NAMESPACE "'"),
    P(" xmlns:xmlns='u'"),
    P(" xmlns:xml='u'"),
    P(" p:a='1'"),
    P(" q:a='2'"),
    P(" a='3'"),
    P(" xml:a='4'"),
    P(" xmlns:p='&#117;'"),
    P("><p:b"),
    P("><q:b"),
    P("><b"),
    P("><xmlns:b"),
    P("/>"),
};
static const place namespace_places[] = {
    {.framing = DOCUMENT, .before = P("<p:r"), .after = P("/>")},
    {.framing = DOCUMENT, .before = P("<r xmlns:p='w'><s"), .after = P("/></r>")},
    {.framing = DOCUMENT, .before = P("<r xmlns:p='w' xmlns:q='w'"), .after = P("/>")},
    {.framing = STREAM, .before = P(HEADER "<m"), .after = P("/>" CLOSE)},
    {.framing = STREAM, .before = P(HEADER "<m xmlns:p='w'><s"), .after = P("/></m>" CLOSE)},
    {.framing = WEBSOCKET, .before = P(OPEN MESSAGE_END "<m"), .after = P("/>")},
};

/* ---- Names that begin alike, of lengths about those of words ---- */

#define SIX "abcdef"
static const piece alike_pieces[] = {
    P(" xmlns:abcd='u'"),
    P(" xmlns:abce='v'"),
    P(" xmlns:abc='u'"),
    P(" xmlns:" SIX "ghi='u'"),
    P(" xmlns:" SIX "ghj='v'"),
    P(" abcd:x=''"),
    P(" abce:x=''"),
    P(" abc:x=''"),
    P(" " SIX "ghi:x=''"),
    P(" " SIX "ghj:x=''"),
    P(" abcd:y=''"),
    P(" abcd=''"),
    P(" abce=''"),
    P(" " SIX SIX "ghi=''"),
    P(" " SIX SIX "ghj=''"),
};
static const place alike_places[] = {
    {.framing = DOCUMENT, .before = P("<r"), .after = P("/>")},
    {.framing = DOCUMENT, .before = P("<r xmlns:abcd='w' xmlns:" SIX "ghj='w'><s"), .after = P("/></r>")},
    {.framing = DOCUMENT, .before = P("<abce:r"), .after = P("></abce:r>")},
    {.framing = DOCUMENT, .before = P("<r xmlns:abc='w'><" SIX "ghi:s"), .after = P("/></r>")},
    IN_STREAM("<m", "/>"),
    IN_MESSAGE("<m xmlns:abce='w'><s", "/></m>"),
};

/* ---- Balanced elements that use and shadow bindings ---- */

static const piece binding_pieces[] = {
    P("<a xmlns='u'>"), P("<a xmlns:p='u'>"), P("<p:a xmlns:p='v'>"), P("<p:a>"),  P("<a p:x=''>"), P("<a>"),
    P("</a>"),          P("</p:a>"),          P("<a xml:x=''/>"),     P("<p:a/>"), P("t"),
};
static const place binding_places[] = {
    {.framing = DOCUMENT, .before = P("<r xmlns:p='w'>"), .after = P("</r>")},
    {.framing = DOCUMENT, .before = NOTHING, .after = NOTHING},
    {.framing = STREAM, .before = P(HEADER), .after = P(CLOSE)},
    {.framing = STREAM,
     .before = P("<stream xmlns='" STREAMS "' xmlns:p='jabber:server:dialback'>"),
     .after = P("</stream>")},
    {.framing = STREAM, .before = P(HEADER "<m>"), .after = P("</m>" CLOSE)},
    {.framing = WEBSOCKET, .before = P(OPEN MESSAGE_END "<m>"), .after = P("</m>")},
};

/* ---- References ---- */

static const piece reference_pieces[] = {
    P("&"), P("#"), P("x"), P(";"),    P("lt"),   P("g"),      P("t"),       P("amp"), P("apos"),     P("quot"),
    P("0"), P("9"), P("D"), P("d800"), P("FFFE"), P("10FFFF"), P("1114112"), P("a"),   P("\xc3\xa9"), P("X"),
};
static const place reference_places[] = {
    EVERYWHERE("<a>", "</a>"),
    {.framing = DOCUMENT, .before = P("<a x='"), .after = P("'/>")},
    {.framing = STREAM, .before = P(HEADER "<a>]]"), .after = P(">" CLOSE)},
    IN_STREAM("", ""),
};

/* ---- CDATA sections and `]]>` ---- */

static const piece cdata_pieces[] = {
    P("<![CDATA["), P("<!["), P("CDATA["), P("]"),  P("]]"), P(">"), P("]]>"), P("&#93;"),
    P("&gt;"),      P("a"),   P("\r"),     P("<!"), P("["),  P("-"), P("D"),   P("\xc3\xa9"),
};
static const place cdata_places[] = {
    EVERYWHERE("<a>", "</a>"),
    IN_STREAM("", ""),
    IN_DOCUMENT("", ""),
    {.framing = WEBSOCKET, .before = P(OPEN MESSAGE_END), .after = NOTHING},
    {.framing = DOCUMENT, .before = P("<a><![CDATA["), .after = P("]]></a>")},
    {.framing = DOCUMENT, .before = P("<a x='"), .after = P("'/>")},
    {.framing = DOCUMENT, .before = P("<a/>"), .after = NOTHING},
};

/* ---- Line ends and white space ---- */

static const piece line_end_pieces[] = {
    P("\r"), P("\n"),       P("\t"),   P(" "),    P("a"), P("&#13;"), P("&#xA;"),
    P("]"),  P("\xc3\xa9"), P("\xc3"), P("\x01"), P("&"), P("<"),
};
static const place line_end_places[] = {
    EVERYWHERE("<a>", "</a>"),
    {.framing = DOCUMENT, .before = P("<a x='"), .after = P("'/>")},
    {.framing = DOCUMENT, .before = P("<a x=\""), .after = P("\" y='z'>\r\n</a>\r\n")},
    {.framing = DOCUMENT, .before = P("<a><![CDATA["), .after = P("]]></a>")},
    {.framing = DOCUMENT, .before = P("<a"), .after = P("b=''/>")},
    {.framing = DOCUMENT, .before = P("<a></a"), .after = P(">")},
    {.framing = DOCUMENT, .before = P("<a/>"), .after = NOTHING},
    {.framing = DOCUMENT, .before = NOTHING, .after = P("<a/>")},
    {.framing = STREAM, .before = NOTHING, .after = P(HEADER CLOSE)},
    IN_STREAM("<m/>", "<m/>"),
    IN_STREAM(CLOSE, ""),
    {.framing = WEBSOCKET, .before = NOTHING, .after = P(OPEN)},
    {.framing = WEBSOCKET, .before = P(OPEN), .after = P(MESSAGE_END "<a/>")},
    {.framing = WEBSOCKET, .before = P("<open xmlns='" FRAMING "'>"), .after = P("</open>")},
};

/* ---- CR and `]` before the pieces that make them certain, and text around marks ---- */

static const piece text_pieces[] = {
    P("\r"),   P("\n"),           P("]"),   P(">"),    P("<![CDATA["), P("]]>"), P("a"), P("&lt;"),
    P("<b/>"), P("\xe2\x82\xac"), P("<c>"), P("</c>"),
};
static const place text_places[] = {
    EVERYWHERE("<a>", "</a>"),
    IN_STREAM("", ""),
};

/* ---- UTF-8, cut anywhere ---- */

static const piece utf8_pieces[] = {
    P("\xc3"), P("\xa9"), P("\xe2"), P("\x82"), P("\xac"), P("\xf0"), P("\x9f"), P("\x98"),
    P("\x80"), P("\xed"), P("\xa0"), P("\xef"), P("\xbb"), P("\xbf"), P("\xbe"), P("\xf4"),
    P("\x90"), P("\xc0"), P("\xe0"), P("a"),    P("<"),    P("\xff"),
};
static const place utf8_places[] = {
    EVERYWHERE("<a>", "</a>"),
    {.framing = DOCUMENT, .before = P("<a x='"), .after = P("'/>")},
    {.framing = DOCUMENT, .before = P("<a><![CDATA["), .after = P("]]></a>")},
    {.framing = DOCUMENT, .before = P("<"), .after = P("/>")},
    {.framing = DOCUMENT, .before = P("<a"), .after = P("/>")},
    {.framing = DOCUMENT, .before = P("<a "), .after = P("=''/>")},
    {.framing = DOCUMENT, .before = P("<a\xc3\xa9\xe2\x82\xac></a"), .after = P(">")},
    {.framing = DOCUMENT, .before = P("<a>&"), .after = P(";</a>")},
    {.framing = DOCUMENT, .before = P("<a>\r"), .after = P("</a>")},
    {.framing = DOCUMENT, .before = NOTHING, .after = P("<a/>")},
    {.framing = DOCUMENT, .before = P("<a/>"), .after = NOTHING},
    {.framing = STREAM, .before = NOTHING, .after = P(HEADER CLOSE)},
    IN_STREAM("", ""),
    IN_STREAM(CLOSE, ""),
    {.framing = WEBSOCKET, .before = P(OPEN MESSAGE_END), .after = P("<a/>")},
};

/* ---- The declaration ---- */

static const piece declaration_pieces[] = {
    P("<?xml"),   P("<?"),       P(" "),       P("version"),   P("="),        P("'1.0'"),
    P("\"1.1\""), P("encoding"), P("'UTF-8'"), P("\"utf-8\""), P("'latin1'"), P("standalone"),
    P("'yes'"),   P("?>"),       P("?"),       P("<a/>"),      P("\t"),
};
static const place declaration_places[] = {
    {.framing = DOCUMENT, .before = NOTHING, .after = P("<a/>")},
    {.framing = DOCUMENT, .before = P("<?xml version='1.0'"), .after = P("?><a/>")},
    {.framing = STREAM, .before = P("<?xml version='1.0' encoding='UTF-8'"), .after = P("?>" HEADER CLOSE)},
    {.framing = WEBSOCKET, .before = P(OPEN MESSAGE_END "<?xml "), .after = P("?><a/>")},
    {.framing = STREAM, .before = P(HEADER RESTART "\n<?xml"), .after = P("?>" HEADER CLOSE)},
    IN_STREAM("", ""),
};

static const piece declared_pieces[] = {
    P("1"), P("."), P("0"), P("2"),  P("U"), P("u"), P("TF"), P("tf"),       P("-"),
    P("8"), P("_"), P("'"), P("\""), P("a"), P(" "), P("?>"), P("\xc3\xa9"), P("<"),
};
static const place declared_places[] = {
    {.framing = DOCUMENT, .before = P("<?xml version='"), .after = P("'?><a/>")},
    {.framing = DOCUMENT, .before = P("<?xml version=\"1.0\" encoding='"), .after = P("'?><a/>")},
    {.framing = STREAM, .before = P("<?xml version=\"1.0\" encoding=\""), .after = P("\"?>" HEADER CLOSE)},
    IN_MESSAGE("<?xml version='", "'?><a/>"),
};

/* ---- The stream header ---- */

static const piece header_pieces[] = {
    P(" xmlns='jabber:client'"),
    P(" xmlns='jabber:server'"),
    P(" xmlns='" STREAMS "'"),
    P(" xmlns:stream='" STREAMS "'"),
    P(" xmlns='u'"),
    P(" xmlns=''"),
    P(" xmlns:s='" STREAMS "'"),
    P(" xmlns:x='jabber:server:dialback'"),
    P(" xmlns:x='u'"),
    P(" xmlns:c='jabber:client'"),
    P(" version='1.0'"),
    P(" version='01.5'"),
    P(" version='2.0'"),
    P(" version='1'"),
    P(" to='a'"),
    P(" id='i'"),
    P(" xml:lang='en'"),
    P(" x:to='b'"),
    P(" xmlns='" FRAMING "'"),
    P(" xmlns:xml='" XML_NAMESPACE "'"),
    P("/>"),
};
static const place header_places[] = {
    {.framing = STREAM, .before = P("<stream:stream"), .after = P("><m xmlns='jabber:client'/><m/>" CLOSE)},
    {.framing = STREAM, .before = P("<stream"), .after = P("><m xmlns='jabber:server'/><m/></stream>")},
    {.framing = STREAM, .before = P("<s:stream"), .after = P("></s:stream>")},
    {.framing = STREAM, .before = P("<stream:streams xmlns:stream='" STREAMS "'"), .after = P(">")},
    {.framing = STREAM,
     .before = P("<stream:stream xmlns:stream='" STREAMS "'"),
     .after = P("><m/>" CLOSE),
     .content = WEIR_CONTENT_SERVER | WEIR_CONTENT_COMPONENT_ACCEPT},
    {.framing = WEBSOCKET,
     .before = P("<open"),
     .after = P("/>" MESSAGE_END "<m xmlns='jabber:client'/>" MESSAGE_END "<m/>")},
    {.framing = WEBSOCKET, .before = P("<stream:open xmlns:stream='" FRAMING "'"), .after = P("/>" MESSAGE_END "<m/>")},
    {.framing = WEBSOCKET, .before = P("<close"), .after = P("/>")},
};

/* ---- The stream version ---- */

static const piece version_pieces[] = {
    P("0"), P("1"), P("2"), P("9"), P("."), P(" "), P("&#49;"), P("a"), P("-"), P("65535"), P("65536"), P("4294967296"),
};
static const place version_places[] = {
    {.framing = STREAM, .before = P("<stream xmlns='" STREAMS "' version='"), .after = P("'>")},
    {.framing = WEBSOCKET, .before = P("<open xmlns='" FRAMING "' version='"), .after = P("'/>")},
};

/* ---- What stands in a stream, and restarts ---- */

static const piece stream_pieces[] = {
    P(HEADER),
    P("<stream xmlns='" STREAMS "'>"),
    P(CLOSE),
    P("</stream>"),
    P("<m/>"),
    P("<m xmlns='jabber:server'/>"),
    P("<m xmlns='jabber:client'>"),
    P("</m>"),
    P("<c:m xmlns:c='jabber:client'/>"),
    P("<stream:features/>"),
    P("\n"),
    P("x"),
    P("&lt;"),
    P("<![CDATA["),
    P("<?xml version='1.0'?>"),
    P(RESTART),
    P("<!--"),
    P("<p:m xmlns:p='" STREAMS "'/>"),
    P("<q:stream xmlns:q='" STREAMS "'/>"),
    P("<"),
    P("\r"),
};
static const place stream_places[] = {
    {.framing = STREAM, .before = NOTHING, .after = NOTHING},
    {.framing = STREAM, .before = P(HEADER), .after = P(CLOSE)},
    {.framing = STREAM,
     .before = P("<stream xmlns='" STREAMS "'>"),
     .after = P(RESTART HEADER "\n"),
     .content = WEIR_CONTENT_CLIENT},
    {.framing = DOCUMENT, .before = NOTHING, .after = NOTHING},
};

/* NUL, U+FEFF and what stands at the very beginning, also of a stream that follows a restart. */
static const piece beginning_pieces[] = {
    {"\0", 1},     P("\xef\xbb\xbf"),
    P("\xff\xfe"), P("\xfe\xff"),
    P("<"),        P("?"),
    P("x"),        P("\n"),
    P(" "),        P("<?xml version='1.0'?>"),
    P("<m/>"),     P("!"),
    P("/"),        P("<!["),
    P("<!-"),      P("<!D"),
    P("\xef"),     P("\x01"),
    P("&"),        P(">"),
};
static const place beginning_places[] = {
    {.framing = STREAM, .before = NOTHING, .after = P(HEADER CLOSE)},
    {.framing = DOCUMENT, .before = NOTHING, .after = P("<a/>")},
    {.framing = WEBSOCKET, .before = NOTHING, .after = P(OPEN)},
    {.framing = WEBSOCKET, .before = P(OPEN MESSAGE_END), .after = P("<m/>")},
    {.framing = STREAM, .before = P(HEADER RESTART), .after = P(HEADER CLOSE)},
    {.framing = STREAM, .before = P(HEADER "<m/>\r" RESTART "\n"), .after = P(HEADER)},
    {.framing = WEBSOCKET, .before = P(OPEN MESSAGE_END RESTART), .after = P(OPEN)},
    IN_DOCUMENT("<a/>", ""),
    IN_STREAM(CLOSE, ""),
    IN_STREAM("", ""),
};

/* ---- WebSocket messages ---- */

static const piece message_pieces[] = {
    P(MESSAGE_END),
    P(OPEN),
    P("<open xmlns='" FRAMING "'>"),
    P("</open>"),
    P(WS_CLOSE),
    P("<close xmlns='" FRAMING "' see-other-uri='u'>"),
    P("</close>"),
    P("<m xmlns='jabber:client'/>"),
    P("<m>"),
    P("</m>"),
    P(" "),
    P("x"),
    P("<?xml version='1.0'?>"),
    P(RESTART),
    P("<!"),
    P("<![CDATA["),
    P("?"),
    P("<"),
    P("<f:open xmlns:f='" FRAMING "'/>"),
    P("<m xmlns='jabber:server'/>"),
};
static const place message_places[] = {
    {.framing = WEBSOCKET, .before = NOTHING, .after = NOTHING},
    {.framing = WEBSOCKET, .before = P(OPEN MESSAGE_END), .after = P(MESSAGE_END WS_CLOSE)},
    {.framing = WEBSOCKET,
     .before = P("<stream:open xmlns:stream='" FRAMING "' xmlns='jabber:client'>"),
     .after = P("</stream:open>" MESSAGE_END "<m/>")},
};

/* ---- Limits: one small, the rest out of the way; then all small ---- */

#define LARGE 1000
#define LIMITS(d, a, b, s, t, e, n)                                                                                    \
    {.depth = (d), .attributes = (a), .bindings = (b), .scope = (s), .tag = (t), .element = (e), .elements = (n)}
#define FEW_DEPTH LIMITS(3, LARGE, LARGE, LARGE, LARGE, LARGE, LARGE)
#define FEW_ATTRIBUTES LIMITS(LARGE, 2, LARGE, LARGE, LARGE, LARGE, LARGE)
#define FEW_BINDINGS(n) LIMITS(LARGE, LARGE, n, LARGE, LARGE, LARGE, LARGE)
#define FEW_ELEMENTS LIMITS(LARGE, LARGE, LARGE, LARGE, LARGE, LARGE, 3)
#define ALL_SMALL(t, e) LIMITS(3, 3, 3, 62, t, e, 3)

static const piece limit_pieces[] = {
    P("<a>"), P("<a"),   P("</a>"), P(" x='1'"),    P(" xmlns:p='u'"), P(" xmlns='v'"), P("/>"),       P(">"),
    P("t"),   P("<p:a"), P("\r"),   P("<![CDATA["), P("]]>"),          P("&#65;"),      P("\xc3\xa9"), P(" "),
};
#define SMALL_HEADER "<stream xmlns='" STREAMS "'>"
static const place limit_places[] = {
    {.framing = DOCUMENT, .before = NOTHING, .after = NOTHING, .limits = FEW_DEPTH},
    {.framing = DOCUMENT, .before = P("<a"), .after = NOTHING, .limits = FEW_ATTRIBUTES},
    {.framing = DOCUMENT, .before = P("<a"), .after = P("/>"), .limits = FEW_BINDINGS(1)},
    {.framing = DOCUMENT, .before = P("<a"), .after = P("><b/></a>"), .limits = FEW_BINDINGS(2)},
    {.framing = DOCUMENT, .before = P("<a>"), .after = NOTHING, .limits = FEW_ELEMENTS},
    {.framing = DOCUMENT,
     .before = NOTHING,
     .after = NOTHING,
     .limits = LIMITS(LARGE, LARGE, LARGE, 4, LARGE, LARGE, LARGE)},
    {.framing = DOCUMENT,
     .before = NOTHING,
     .after = NOTHING,
     .limits = LIMITS(LARGE, LARGE, LARGE, LARGE, 5, LARGE, LARGE)},
    {.framing = DOCUMENT,
     .before = NOTHING,
     .after = NOTHING,
     .limits = LIMITS(LARGE, LARGE, LARGE, LARGE, LARGE, 7, LARGE)},
    {.framing = DOCUMENT, .before = NOTHING, .after = NOTHING, .limits = LIMITS(1, 1, 1, 1, 1, 1, 1)},
    {.framing = STREAM, .before = P(SMALL_HEADER), .after = NOTHING, .limits = ALL_SMALL(60, 9)},
    {.framing = STREAM, .before = P(SMALL_HEADER), .after = NOTHING, .limits = ALL_SMALL(49, 60)},
    {.framing = STREAM, .before = P(SMALL_HEADER "<a>"), .after = P("</a></stream>"), .limits = ALL_SMALL(60, 13)},
    {.framing = STREAM, .before = NOTHING, .after = P(SMALL_HEADER), .limits = ALL_SMALL(48, 20)},
    {.framing = WEBSOCKET, .before = P(OPEN MESSAGE_END), .after = NOTHING, .limits = ALL_SMALL(60, 8)},
    {.framing = WEBSOCKET, .before = P(OPEN MESSAGE_END), .after = NOTHING, .limits = LIMITS(2, 2, 2, 47, 50, 12, 2)},
};

/* Bytes that stop at a limit, one at a time. */
static const piece limit_byte_pieces[] = {
    P("<"), P(">"), P("/"),  P("a"),  P("'"),    P("="),    P(" "),    P("!"), P("?"),
    P("["), P("]"), P("\r"), P("\n"), P("\xc3"), P("\xa9"), {"\0", 1}, P("&"),
};
#define BYTE_LIMITS(t, e) LIMITS(LARGE, LARGE, LARGE, LARGE, t, e, LARGE)
static const place limit_byte_places[] = {
    {.framing = DOCUMENT, .before = NOTHING, .after = NOTHING, .limits = BYTE_LIMITS(1, LARGE)},
    {.framing = DOCUMENT, .before = NOTHING, .after = NOTHING, .limits = BYTE_LIMITS(LARGE, 1)},
    {.framing = DOCUMENT, .before = NOTHING, .after = NOTHING, .limits = BYTE_LIMITS(3, LARGE)},
    {.framing = DOCUMENT, .before = P("<a>"), .after = P("</a>"), .limits = BYTE_LIMITS(3, LARGE)},
    {.framing = DOCUMENT, .before = P("<a>"), .after = P("</a>"), .limits = BYTE_LIMITS(LARGE, 5)},
    {.framing = DOCUMENT, .before = P("<a>"), .after = P("</a>"), .limits = BYTE_LIMITS(4, 6)},
    {.framing = DOCUMENT, .before = P("<a><![CDATA["), .after = P("]]></a>"), .limits = BYTE_LIMITS(LARGE, 15)},
    {.framing = DOCUMENT, .before = P("<a>&"), .after = P("</a>"), .limits = BYTE_LIMITS(LARGE, 6)},
    {.framing = DOCUMENT, .before = P("<a x='"), .after = P("'/>"), .limits = BYTE_LIMITS(8, LARGE)},
    {.framing = DOCUMENT, .before = P("<?xml"), .after = P("?>"), .limits = BYTE_LIMITS(7, LARGE)},
    {.framing = STREAM, .before = P(SMALL_HEADER), .after = P("</stream>"), .limits = BYTE_LIMITS(60, 1)},
    {.framing = STREAM, .before = P(SMALL_HEADER), .after = P("</stream>"), .limits = BYTE_LIMITS(60, 3)},
    {.framing = STREAM, .before = P(SMALL_HEADER "<a>"), .after = P("</a></stream>"), .limits = BYTE_LIMITS(60, 5)},
    {.framing = WEBSOCKET, .before = P(OPEN MESSAGE_END), .after = P("<a/>"), .limits = BYTE_LIMITS(60, 2)},
    {.framing = WEBSOCKET, .before = P(OPEN MESSAGE_END "<a>"), .after = P("</a>"), .limits = BYTE_LIMITS(60, 5)},
};

/* ---- Names ---- */

static const piece name_pieces[] = {
    P(":"),
    P("a"),
    P("-"),
    P("."),
    P("1"),
    P("\xc2\xb7"),
    P("\xcc\x80"),
    P("\xcd\xbe"),
    P("\xc3\x97"),
    P("\xf0\x90\x80\x80"),
    P("\xef\xbf\xbd"),
    P("\xf3\xb0\x80\x80"),
    P(" "),
    P("="),
    P("'"),
    P("\""),
    P("<"),
    P("/"),
    P("&"),
    P("xml"),
    P("xmlns"),
};
static const place name_places[] = {
    {.framing = DOCUMENT, .before = P("<"), .after = P("/>")},
    {.framing = DOCUMENT, .before = P("<a"), .after = P("/>")},
    {.framing = DOCUMENT, .before = P("<a:"), .after = P(" xmlns:a='u'/>")},
    {.framing = DOCUMENT, .before = P("<a "), .after = P("=''/>")},
    {.framing = DOCUMENT, .before = P("<a xmlns:"), .after = P("='u'/>")},
    IN_STREAM("<", "/>"),
    IN_MESSAGE("<a ", "=''/>"),
};

/* ---- Lengths about those of vector registers ---- */

#define FIFTEEN "aaaaaaaaaaaaaaa"
#define LONG FIFTEEN FIFTEEN FIFTEEN FIFTEEN FIFTEEN FIFTEEN FIFTEEN FIFTEEN "aaaaaaaaa"
static const piece long_pieces[] = {
    P(FIFTEEN), P(FIFTEEN "a"), P(FIFTEEN "aa"), P("a"),        P("\xc3\xa9"), P("\r"), P("\n"),
    P("]]>"),   P("&lt;"),      P("<"),          P(">"),        P("\x01"),     P("'"),  P("="),
    P(":"),     P(" "),         P("]"),          P("\xe2\x82"), P(LONG),
};
static const place long_places[] = {
    {.framing = DOCUMENT, .before = P("<a>"), .after = P("</a>")},
    {.framing = DOCUMENT, .before = P("<a>"), .after = P(FIFTEEN "</a>")},
    {.framing = DOCUMENT, .before = P("<a><![CDATA["), .after = P("]]>" FIFTEEN "</a>")},
    {.framing = DOCUMENT, .before = P("<a x='"), .after = P("'/>" FIFTEEN)},
    {.framing = DOCUMENT, .before = P("<a x='"), .after = P(FIFTEEN FIFTEEN "'></a>")},
    {.framing = DOCUMENT, .before = P("<"), .after = P("/>")},
    {.framing = DOCUMENT, .before = P("<"), .after = P(FIFTEEN FIFTEEN " " FIFTEEN FIFTEEN "=''/>")},
    {.framing = DOCUMENT, .before = P("<a "), .after = P("=''/>" FIFTEEN)},
    {.framing = DOCUMENT, .before = P("<" FIFTEEN "a></"), .after = P(">" FIFTEEN)},
    {.framing = STREAM, .before = P(HEADER "<m>"), .after = P(FIFTEEN "</m>" CLOSE)},
    IN_MESSAGE("<m>", FIFTEEN "</m>"),
    {.framing = DOCUMENT, .before = P("<a>"), .after = P(FIFTEEN FIFTEEN "</a>"), .limits = BYTE_LIMITS(LARGE, 35)},
    {.framing = DOCUMENT, .before = P("<a x='"), .after = P(FIFTEEN FIFTEEN "'/>"), .limits = BYTE_LIMITS(38, LARGE)},
};

/* ---- Every byte, at every place of the grammar ---- */

static const place byte_places[] = {
    EVERYWHERE("", ""),
    EVERYWHERE("<", "/>"),
    EVERYWHERE("<a", "/>"),
    EVERYWHERE("<a ", "/>"),
    EVERYWHERE("<a x", "/>"),
    EVERYWHERE("<a x=", "/>"),
    EVERYWHERE("<a x='", "'/>"),
    EVERYWHERE("<a x=\"\"", "/>"),
    EVERYWHERE("<a/", ">"),
    EVERYWHERE("<a>", "</a>"),
    EVERYWHERE("<a>]", "</a>"),
    EVERYWHERE("<a>]]", "</a>"),
    EVERYWHERE("<a>&", ";</a>"),
    EVERYWHERE("<a>&#", ";</a>"),
    EVERYWHERE("<a>&#x", ";</a>"),
    EVERYWHERE("<a>&#6", ";</a>"),
    EVERYWHERE("<a>&#x4", ";</a>"),
    EVERYWHERE("<a>&am", ";</a>"),
    EVERYWHERE("<a>&lt", "</a>"),
    EVERYWHERE("<a x='&", ";'/>"),
    EVERYWHERE("<a>\r", "</a>"),
    EVERYWHERE("<a><", "</a>"),
    EVERYWHERE("<a></", ">"),
    EVERYWHERE("<a></a", ">"),
    EVERYWHERE("<a></a ", ">"),
    EVERYWHERE("<a><!", "</a>"),
    EVERYWHERE("<a><![CDA", "</a>"),
    EVERYWHERE("<a><![CDATA[", "]]></a>"),
    EVERYWHERE("<a><![CDATA[]", "]]></a>"),
    EVERYWHERE("<a><![CDATA[]]", "</a>"),
    EVERYWHERE("<!", ""),
    EVERYWHERE("</", ""),
    EVERYWHERE("<a/>", ""),
    EVERYWHERE("<a/><", ""),
    EVERYWHERE("<a/><!", ""),
    EVERYWHERE("<a:", "/>"),
    EVERYWHERE("<a xmlns:b=''", "/>"),
    IN_DOCUMENT("<?", ""),
    IN_DOCUMENT("<?xml", ""),
    IN_DOCUMENT("<?xml ", ""),
    IN_DOCUMENT("<?xml version", ""),
    IN_DOCUMENT("<?xml version=", ""),
    IN_DOCUMENT("<?xml version='", ""),
    IN_DOCUMENT("<?xml version='1.", ""),
    IN_DOCUMENT("<?xml version='1.0", ""),
    IN_DOCUMENT("<?xml version='1.0'", "?><a/>"),
    IN_DOCUMENT("<?xml version='1.0' ", "?><a/>"),
    IN_DOCUMENT("<?xml version='1.0' encoding='", ""),
    IN_DOCUMENT("<?xml version='1.0' encoding='UTF-8", ""),
    IN_DOCUMENT("<?xml version='1.0' encoding='UTF-8'", "?><a/>"),
    IN_DOCUMENT("<?xml version='1.0' ?", "<a/>"),
    IN_DOCUMENT("<?xml version='1.0' ?>", "<a/>"),
    IN_DOCUMENT("\n", "<a/>"),
    {.framing = STREAM, .before = NOTHING, .after = P(HEADER)},
    {.framing = STREAM, .before = P("<"), .after = NOTHING},
    {.framing = STREAM, .before = P(HEADER CLOSE), .after = NOTHING},
    {.framing = STREAM, .before = P(HEADER "</stream:stream"), .after = P(">")},
    {.framing = STREAM, .before = P(HEADER RESTART), .after = P(HEADER)},
    {.framing = STREAM, .before = P(HEADER RESTART " "), .after = P(HEADER)},
    {.framing = WEBSOCKET, .before = NOTHING, .after = P(OPEN)},
    {.framing = WEBSOCKET, .before = P(OPEN), .after = NOTHING},
    {.framing = WEBSOCKET, .before = P("<open xmlns='" FRAMING "'>"), .after = P("</open>")},
    {.framing = WEBSOCKET, .before = P("<open xmlns='" FRAMING "'><"), .after = NOTHING},
    {.framing = WEBSOCKET, .before = P("<open xmlns='" FRAMING "'></"), .after = NOTHING},
    {.framing = WEBSOCKET, .before = P(WS_CLOSE), .after = NOTHING},
    {.framing = WEBSOCKET, .before = P(WS_CLOSE MESSAGE_END), .after = NOTHING},
    {.framing = WEBSOCKET, .before = P(OPEN MESSAGE_END RESTART), .after = P(OPEN)},
    IN_DOCUMENT("<a>" FIFTEEN, FIFTEEN "</a>"),
    IN_DOCUMENT("<a x='" FIFTEEN, FIFTEEN "'/>"),
    IN_DOCUMENT("<a" FIFTEEN, FIFTEEN "/>"),
    IN_DOCUMENT("<a><![CDATA[" FIFTEEN, FIFTEEN "]]></a>"),
};

/* Lengths of the short run, and of the long one: it takes two free processors about ten minutes, and in each framing
 * more than ten million inputs. */
#define ALPHABET(what, of, in, all_short, most_short, all_long, most_long)                                             \
    {.name = what,                                                                                                     \
     .pieces = of,                                                                                                     \
     .piece_count = COUNT(of),                                                                                         \
     .places = in,                                                                                                     \
     .place_count = COUNT(in),                                                                                         \
     .all = {all_short, all_long},                                                                                     \
     .most = {most_short, most_long},                                                                                  \
     .behind = 1}

const alphabet alphabets[] = {
    ALPHABET("markup", markup_pieces, markup_places, 3, 4, 4, 5),
    ALPHABET("tags", tag_pieces, tag_places, 3, 4, 4, 6),
    ALPHABET("end tags", end_tag_pieces, end_tag_places, 3, 4, 3, 5),
    ALPHABET("namespaces", namespace_pieces, namespace_places, 2, 3, 3, 4),
    ALPHABET("names alike", alike_pieces, alike_places, 2, 3, 3, 4),
    ALPHABET("bindings", binding_pieces, binding_places, 3, 4, 4, 5),
    ALPHABET("references", reference_pieces, reference_places, 2, 3, 3, 4),
    ALPHABET("CDATA sections", cdata_pieces, cdata_places, 2, 3, 3, 5),
    ALPHABET("line ends", line_end_pieces, line_end_places, 2, 3, 3, 5),
    ALPHABET("text", text_pieces, text_places, 2, 4, 3, 5),
    ALPHABET("UTF-8", utf8_pieces, utf8_places, 2, 3, 3, 4),
    ALPHABET("declaration", declaration_pieces, declaration_places, 2, 4, 3, 7),
    ALPHABET("declared values", declared_pieces, declared_places, 2, 4, 4, 6),
    ALPHABET("stream headers", header_pieces, header_places, 2, 3, 3, 4),
    ALPHABET("stream versions", version_pieces, version_places, 3, 4, 4, 5),
    ALPHABET("streams", stream_pieces, stream_places, 2, 3, 3, 5),
    ALPHABET("beginnings", beginning_pieces, beginning_places, 2, 3, 3, 5),
    ALPHABET("websocket messages", message_pieces, message_places, 2, 4, 3, 6),
    ALPHABET("limits", limit_pieces, limit_places, 2, 3, 3, 5),
    ALPHABET("byte limits", limit_byte_pieces, limit_byte_places, 2, 3, 3, 5),
    ALPHABET("names", name_pieces, name_places, 2, 3, 3, 5),
    ALPHABET("long runs", long_pieces, long_places, 2, 3, 3, 4),
    {.name = "every byte",
     .piece_count = 256,
     .places = byte_places,
     .place_count = COUNT(byte_places),
     .all = {1, 1},
     .most = {1, 2},
     .behind = 0},
};
const size_t alphabet_count = COUNT(alphabets);
