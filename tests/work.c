/* work.c - inputs whose instructions tests/work.sh and tests/linear.sh count, under valgrind's callgrind
 *
 * Invariant 4. `work cost` decodes ordinary chat and every kind of costly input inside the default limits; `work linear`
 * single tokens of two sizes. After each, callgrind writes down what was spent inside weir_next, under "NAME CHUNK BYTES".
 *
 * SPDX-License-Identifier: MIT */
#include "../parser/weir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <valgrind/callgrind.h>

#define STREAM_HEADER                                                                                                  \
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='a'>"
#define INPUT_SIZE 60000

/* A first-level element: before, `count` times unit, after. In a unit `%` is a number in letters, always three of them. */
typedef struct shape {
    const char *name, *before, *unit;
    size_t count;
    const char *after;
} shape;

#define L10 "abcdefghij"
#define L50 L10 L10 L10 L10 L10
#define L400 L50 L50 L50 L50 L50 L50 L50 L50
#define DECLARED_AS(p)                                                                                                 \
    " xmlns:" p "a='a' xmlns:" p "b='b' xmlns:" p "c='c' xmlns:" p "d='d' xmlns:" p "e='e' xmlns:" p "f='f'"           \
    " xmlns:" p "g='g' xmlns:" p "h='h' xmlns:" p "i='i' xmlns:" p "j='j' xmlns:" p "k='k' xmlns:" p "l='l'"           \
    " xmlns:" p "m='m' xmlns:" p "n='n' xmlns:" p "o='o' xmlns:" p "p='p' xmlns:" p "q='q' xmlns:" p "r='r'"           \
    " xmlns:" p "s='s' xmlns:" p "t='t' xmlns:" p "u='u' xmlns:" p "v='v' xmlns:" p "w='w' xmlns:" p "x='x'"           \
    " xmlns:" p "y='y' xmlns:" p "z='z'"
#define DECLARED DECLARED_AS("paa")
#define DECLARED_104 "<m" DECLARED_AS("a") DECLARED_AS("b") "><m" DECLARED_AS("c") DECLARED_AS("\xc3\xa9") ">"
#define LETTERS                                                                                                        \
    " a='' b='' c='' d='' e='' f='' g='' h='' i='' j='' k='' l='' m='' n='' o='' p='' q='' r='' s='' t='' u='' v=''"   \
    " w='' x='' y='' z=''"
#define SAME_MARK                                                                                                      \
    " aab='' abb='' acb='' adb='' aeb='' afb='' agb='' ahb='' aib='' ajb='' akb='' alb='' amb='' anb='' aob='' apb=''"

static const shape costly[] = {
    {"text", "<m>", "x", 60000, "</m>"},
    {"text of two-byte characters", "<m>", "\xc3\xa9", 30000, "</m>"},
    {"text of three-byte characters", "<m>", "\xe2\x82\xac", 20000, "</m>"},
    {"text of four-byte characters", "<m>", "\xf0\x9f\x98\x80", 15000, "</m>"},
    {"text of mixed characters", "<m>", "x\xc3\xa9", 20000, "</m>"},
    {"line feeds", "<m>", "\n", 60000, "</m>"},
    {"carriage returns", "<m>", "\r", 60000, "</m>"},
    {"both", "<m>", "\r\n", 30000, "</m>"},
    {"brackets", "<m>", "]", 60000, "</m>"},
    {"brackets and letters", "<m>", "]x", 30000, "</m>"},
    {"brackets in CDATA", "<m><![CDATA[", "]", 60000, "]]></m>"},
    {"brackets and letters in CDATA", "<m><![CDATA[", "]]x", 20000, "]]></m>"},
    {"carriage returns in CDATA", "<m><![CDATA[", "\r", 60000, "]]></m>"},
    {"empty CDATA", "<m>", "<![CDATA[]]>", 5000, "</m>"},
    {"short CDATA", "<m>", "<![CDATA[x]]>", 5000, "</m>"},
    {"named references", "<m>", "&lt;", 15000, "</m>"},
    {"numeric references", "<m>", "&#9;", 15000, "</m>"},
    {"hexadecimal references", "<m>", "&#x10FFFF;", 6000, "</m>"},
    {"references and letters", "<m>", "x&lt;", 12000, "</m>"},
    {"leading zeros", "<m>&#", "0", 60000, "9;</m>"},
    {"few leading zeros, brackets, elements", "<m>", "]&#x0000e41;<a/>", 3000, "</m>"},
    {"few leading zeros and letters", "<m>", "x&#x0000e41;", 4000, "</m>"},
    {"few leading zeros", "<m>", "&#0000065;", 5000, "</m>"},
    {"few leading zeros in values", "<m>", "<\xc3\xa9 \xc3\xa9='&#x0000e41;'/>", 2000, "</m>"},
    {"letters and carriage returns", "<m>", "x\r", 30000, "</m>"},
    {"characters and carriage returns", "<m>", "\xc3\xa9\r", 20000, "</m>"},
    {"empty elements", "<m>", "<a/>", 15000, "</m>"},
    {"elements without content", "<m>", "<a></a>", 8000, "</m>"},
    {"text and elements", "<m>", "x<a/>", 12000, "</m>"},
    {"elements with an attribute", "<m>", "<a b=''/>", 7000, "</m>"},
    {"carriage returns and elements", "<m>", "\r<a/>", 12000, "</m>"},
    {"carriage returns, elements, spaces", "<m>", "\r<a />", 10000, "</m>"},
    {"brackets and elements", "<m>", "]<a/>", 12000, "</m>"},
    {"two brackets and elements", "<m>", "]]<a/>", 10000, "</m>"},
    {"two brackets, returns, elements", "<m>", "]]\r<a/>", 8000, "</m>"},
    {"returns, brackets, elements", "<m>", "\r]<a/>", 10000, "</m>"},
    {"returns, letters, elements", "<m>", "\rx<a/>", 10000, "</m>"},
    {"returns, characters, elements", "<m>", "\r\xc3\xa9<a/>", 8000, "</m>"},
    {"characters, returns, elements", "<m>", "\xc3\xa9\r<a/>", 8000, "</m>"},
    {"short names beyond ASCII", "<m>", "<\xc3\xa9/>", 12000, "</m>"},
    {"returns, names beyond ASCII", "<m>", "\r<\xc3\xa9/>", 10000, "</m>"},
    {"attribute names beyond ASCII", "<m>", "<a \xc3\xa9=''/>", 6000, "</m>"},
    {"local names beyond ASCII", "<m xmlns:a='a'>", "<a:\xc3\xa9/>", 8000, "</m>"},
    {"returns, local names beyond ASCII", "<m xmlns:a='a'>", "\r<a:\xc3\xa9/>", 7000, "</m>"},
    {"prefixes and names beyond ASCII", "<m xmlns:\xc3\xa9='a'>", "<\xc3\xa9:\xc3\xa9/>", 7000, "</m>"},
    {"brackets, local names beyond ASCII", "<m xmlns:a='a'>", "]]<a:\xc3\xa9/>", 6000, "</m>"},
    {"prefixed attributes beyond ASCII", "<m xmlns:a='a'>", "<a a:\xc3\xa9=''/>", 4000, "</m>"},
    {"local names of xml beyond ASCII", "<m>", "<xml:\xc3\xa9/>", 6000, "</m>"},
    {"first level, names beyond ASCII", "", "<stream:\xc3\xa9/>", 4000, ""},
    {"elements in the namespace of xml", "<m>", "<xml:a/>", 7000, "</m>"},
    {"white space after names", "<m>", "<a b =''/>", 6000, "</m>"},
    {"returns, that, and names beyond ASCII", "<m>", "\r<\xc3\xa9 \xc3\xa9 =''/>", 4000, "</m>"},
    {"one prefixed attribute", "<m xmlns:a='a'>", "<a a:b=''/>", 5000, "</m>"},
    {"returns and one prefixed attribute", "<m xmlns:a='a'>", "\r<a b='' a:b=''/>", 3000, "</m>"},
    {"an attribute of xml", "<m>", "\r<a xml:b=''/>", 4000, "</m>"},
    {"two prefixed attributes", "<m xmlns:a='a'>", "\r<a a:b='' a:c=''/>", 3000, "</m>"},
    {"prefixed ones of one local name", "<m xmlns:a='a' xmlns:b='b'>", "\r<a a:c='' b:c=''/>", 3000, "</m>"},
    {"likewise, one declared in the tag", "<m xmlns:a='a'>", "\r<a a:a='' z:a='' xmlns:z='x'/>", 2000, "</m>"},
    {"many of one local name", DECLARED_104,
     "\r<a aa:a='' ab:a='' ac:a='' ad:a='' ae:a='' af:a='' ag:a='' ah:a='' ai:a='' aj:a='' ak:a='' al:a='' am:a='' "
     "an:a=''"
     " ao:a='' ap:a='' aq:a='' ar:a='' as:a='' at:a='' au:a='' av:a='' aw:a='' ax:a=''/>",
     300, "</m></m>"},
    {"prefixed names beyond ASCII", "<m xmlns:\xc3\xa9='a'>", "\r<\xc3\xa9:\xc3\xa9 \xc3\xa9:\xc3\xa9=''/>", 3000,
     "</m>"},
    {"one of two with a prefix", "<m xmlns:\xc3\xa9='a'>", "\r<\xc3\xa9 \xc3\xa9='' \xc3\xa9:\xc3\xa9=''/>", 3000,
     "</m>"},
    {"likewise, and a value beyond ASCII", "<m xmlns:a='a'>", "\r<\xc3\xa9 \xc3\xa9='\xc3\xa9' a:\xc3\xa9=''/>", 3000,
     "</m>"},
    {"likewise, of the prefix xml", "<m>", "<\xc3\xa9 \xc3\xa9='' xml:\xc3\xa9=''/>", 3000, "</m>"},
    {"names of the prefix they declare", "<m>", "\r<\xc3\xa9:\xc3\xa9 xmlns:\xc3\xa9='a'/>", 3000, "</m>"},
    {"a prefix that begins as xml", "<m>", "<a xmlns:x='x'/>", 3000, "</m>"},
    {"many attributes, then a prefixed one", "<m xmlns:p='p'>", "<\xc3\xa9" LETTERS " p:q=''/>", 300, "</m>"},
    {"names of one mark", "<m>", "<a" SAME_MARK " axb=''/>", 500, "</m>"},
    {"names of one mark, then a prefixed one", "<m>", "<a" SAME_MARK " xml:a=''/>", 500, "</m>"},
    {"returns and CDATA", "<m>", "\r<![CDATA[\r]]>", 4000, "</m>"},
    {"a prefix declared", "<m>", "<a xmlns:a='a'/>", 3000, "</m>"},
    {"a prefix beyond ASCII declared", "<m>", "<a xmlns:\xc3\xa9='a'/>", 3000, "</m>"},
    {"a prefix declared among many", DECLARED_104, "<a xmlns:a='a'/>", 3000, "</m></m>"},
    {"a prefix beyond ASCII among many", DECLARED_104, "<a xmlns:\xc3\xa9='a'/>", 3000, "</m></m>"},
    {"a prefix of a long namespace name",
     "<m xmlns:a='" L400 "' xmlns:b='" L400 "' xmlns:c='" L400 "' xmlns:d='" L400 "' xmlns:e='" L400 "'>",
     "<a xmlns:f='" L400 "'/>", 200, "</m>"},
    {"elements of other framing", "<m xmlns='urn:ietf:params:xml:ns:xmpp-framing'>", "<\xc3\xa9/>", 8000, "</m>"},
    {"returns, prefixed ones of other framing", "<m xmlns:\xc3\xa9='urn:ietf:params:xml:ns:xmpp-framing'>",
     "\r<\xc3\xa9:\xc3\xa9/>", 6000, "</m>"},
    {"stream elements like `stream`", "<m xmlns:\xc3\xa9='http://etherx.jabber.org/streams'>",
     "\r<\xc3\xa9:\xc3\xa9\xc3\xa9\xc3\xa9/>", 4000, "</m>"},
    {"a prefixed default namespace", "<m xmlns:a='a'>", "<a:b xmlns=''/>", 4000, "</m>"},
    {"white space before ends", "<m>", "<a />", 12000, "</m>"},
    {"white space before both ends", "<m>", "<a ></a >", 6000, "</m>"},
    {"white space before end tags' ends", "<m>", "<a></a >", 7000, "</m>"},
    {"white space, first level", "", "<a />", 12000, ""},
    {"many prefixes declared, names alike", "<m>", "<n" DECLARED "/>", 140, "</m>"},
    {"first-level elements", "", "<a/>", 15000, ""},
    {"white space between", "<m/>", " ", 60000, ""},
    {"line ends between", "<m/>", "\r\n", 30000, ""},
    {"most nesting", "<m>", "<a>", 126, NULL},
    {"most attributes", "<m", " a%=''", 64, "/>"},
    {"most attributes of one length", "<m", " " L10 L10 "%=''", 64, "/>"},
    {"most attributes of long names", "<m", " " L50 L50 L50 "%" L50 "=''", 64, "/>"},
    {"most declarations", "<m", " xmlns:a%='b'", 30, "/>"},
    {"most declarations of one name", "<m", " xmlns:" L50 "%='b'", 30, "/>"},
    {"most declarations of long names", "<m", " xmlns:a%='" L400 "%'", 30, "/>"},
    {"prefix declared first", "<m" DECLARED ">", "<paaa:a/>", 6000, "</m>"},
    {"prefix declared last", "<m" DECLARED ">", "<paaz:a/>", 6000, "</m>"},
    {"prefixed attributes", "<m" DECLARED ">",
     "<a paaa:b='' paab:b='' paac:b='' paad:b='' paae:b='' paaf:b='' paag:b=''/>", 700, "</m>"},
    {"most prefixed attributes", "<m" DECLARED " ", " paaa:%=''", 30, "/>"},
    {"one attribute of every namespace", "<m" DECLARED, "", 0,
     " paaa:a='' paab:a='' paac:a='' paad:a='' paae:a='' paaf:a='' paag:a='' paah:a='' paai:a='' paaj:a='' paak:a=''"
     " paal:a='' paam:a='' paan:a='' paao:a='' paap:a='' paaq:a='' paar:a='' paas:a='' paat:a='' paau:a='' paav:a=''"
     " paaw:a='' paax:a='' paay:a='' paaz:a=''/>"},
    {"default namespace declared", "<m" DECLARED ">", "<a xmlns='z'/>", 4000, "</m>"},
    {"default namespace undeclared", "<m>", "<a xmlns=''/>", 4000, "</m>"},
    {"long namespace names declared", "<m xmlns:a='" L400 "b' xmlns:b='" L400 "c' xmlns:c='" L400 "d'>",
     "<a xmlns='" L400 "'/>", 200, "</m>"},
    {"long names", "<m>", "<" L400 L400 L400 L400 "/>", 100, "</m>"},
    {"long names ended", "<m>", "<" L400 L400 "></" L400 L400 ">", 100, "</m>"},
    {"names beyond ASCII", "<m>", "<\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9/>", 3000, "</m>"},
    {"values", "<m a='", "x", 16000, "'/>"},
    {"values beyond ASCII", "<m a='", "\xc3\xa9", 8000, "'/>"},
    {"references in values", "<m a='", "&lt;", 4000, "'/>"},
    {"references and letters in values", "<m a='", "x&lt;", 3200, "'/>"},
    {"line ends in values", "<m a='", "\r\n", 8000, "'/>"},
    {"line feeds in values", "<m a='", "\n", 16000, "'/>"},
    {"other quotes in values", "<m a='", "\"", 16000, "'/>"},
    {"white space in tags", "<m", " ", 16000, "/>"},
    {"white space in end tags", "<m></m", "\n", 16000, ">"},
};

/* One token, in an element of its own; limits are raised for it. */
static const shape tokens[] = {
    {"text", "<m>", "x", 1, "</m>"},
    {"text beyond ASCII", "<m>", "\xc3\xa9", 2, "</m>"},
    {"references", "<m>", "&lt;", 4, "</m>"},
    {"carriage returns", "<m>", "\r", 1, "</m>"},
    {"brackets", "<m>", "]", 1, "</m>"},
    {"brackets in CDATA", "<m><![CDATA[", "]", 1, "]]></m>"},
    {"value", "<m a='", "x", 1, "'/>"},
    {"references in a value", "<m a='", "&lt;", 4, "'/>"},
    {"namespace name", "<m xmlns='", "x", 1, "'/>"},
    {"name", "<m", "x", 1, "/>"},
    {"white space in a tag", "<m", " ", 1, "/>"},
};

typedef struct input {
    char *bytes;
    size_t size;
} input;

static void put_unit(FILE *out, const char *unit, size_t number)
{
    for (; *unit != '\0'; unit++) {
        if (*unit == '%')
            fprintf(out, "%c%c%c", 'a' + (int)(number / 676 % 26), 'a' + (int)(number / 26 % 26),
                    'a' + (int)(number % 26));
        else
            fputc(*unit, out);
    }
}

static void put_shape(FILE *out, const shape *s, size_t count)
{
    fputs(s->before, out);
    for (size_t i = 0; i < count; i++)
        put_unit(out, s->unit, i);
    if (s->after != NULL) {
        fputs(s->after, out);
        return;
    }
    for (size_t i = 0; i < count; i++)
        fputs("</a>", out);
    fputs("</m>", out);
}

static void put_chat(FILE *out)
{
    static const char *const bodies[] = {"hello there", "Did you see the report? It's on the server now.", "ok",
                                         "I'll be a few minutes late, please start without me &amp; the others.",
                                         "see you at eight \xf0\x9f\x98\x80"};
    for (unsigned i = 0; ftell(out) < INPUT_SIZE; i++) {
        fprintf(out,
                "<message from='romeo@montague.example/orchard%u' to='juliet@capulet.example' id='m%x' type='chat' "
                "xml:lang='en'><body>%s</body><active xmlns='http://jabber.org/protocol/chatstates'/>"
                "<request xmlns='urn:xmpp:receipts'/><origin-id xmlns='urn:xmpp:sid:0' id='%08x'/></message>\n",
                i % 7, i, bodies[i % 5], i * 2654435761u);
        if (i % 4 == 0)
            fprintf(out,
                    "<presence from='romeo@montague.example/orchard%u'><show>away</show><c "
                    "xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='https://client.example' "
                    "ver='q07IKJEyjvHSyhy//CH0CxmKi8w='/></presence>",
                    i % 7);
    }
}

/* Decodes all of the input. Anything but a stream that goes on is an error of this program. */
static void decode(const char *name, const input *in, size_t chunk, const weir_limits *limits)
{
    weir_config config = {.framing = WEIR_FRAMING_STREAM, .limits = *limits};
    size_t size = weir_workspace_size(limits);
    void *workspace = malloc(size);
    weir_decoder d;
    if (workspace == NULL || weir_init(&d, &config, workspace, size) != WEIR_OK)
        abort();
    weir_slice header = {(const uint8_t *)STREAM_HEADER, strlen(STREAM_HEADER)};
    weir_event event;
    while (weir_next(&d, &header, &event) > 0)
        continue;
    CALLGRIND_START_INSTRUMENTATION;
    CALLGRIND_ZERO_STATS;
    for (size_t at = 0; at < in->size; at += chunk) {
        weir_slice slice = {(const uint8_t *)in->bytes + at, in->size - at < chunk ? in->size - at : chunk};
        weir_status status;
        while ((status = weir_next(&d, &slice, &event)) > 0)
            continue;
        if (status < 0) {
            fprintf(stderr, "%s: %s at %llu\n", name, weir_error_name(status),
                    (unsigned long long)weir_last_error(&d)->offset);
            exit(1);
        }
    }
    char label[128];
    snprintf(label, sizeof label, "%s\t%zu\t%zu", name, chunk, in->size);
    CALLGRIND_DUMP_STATS_AT(label);
    CALLGRIND_STOP_INSTRUMENTATION;
    free(workspace);
}

static void measure_costs(void)
{
    static const size_t chunks[] = {1, 16, 4096};
    weir_limits limits;
    weir_limits_default(&limits);
    for (size_t i = 0; i <= sizeof costly / sizeof costly[0]; i++) {
        input in;
        FILE *out = open_memstream(&in.bytes, &in.size);
        if (i == 0)
            put_chat(out);
        else
            while (ftell(out) < INPUT_SIZE)
                put_shape(out, &costly[i - 1], costly[i - 1].count);
        fclose(out);
        for (size_t k = 0; k < sizeof chunks / sizeof chunks[0]; k++)
            decode(i == 0 ? "chat" : costly[i - 1].name, &in, chunks[k], &limits);
        free(in.bytes);
    }
}

/* More attributes than the defaults allow: still no worse than n log n. */
static void measure_many_attributes(void)
{
    static const shape many = {"many attributes, limit raised", "<m", " %=''", 580, "/>"}; /* in one chunk of 4096 */
    static const size_t chunks[] = {1, 16, 4096};
    weir_limits limits;
    weir_limits_default(&limits);
    limits.attributes = 580;
    input in;
    FILE *out = open_memstream(&in.bytes, &in.size);
    put_shape(out, &many, many.count);
    fclose(out);
    for (size_t k = 0; k < sizeof chunks / sizeof chunks[0]; k++)
        decode(many.name, &in, chunks[k], &limits);
    free(in.bytes);
}

static void measure_linearity(void)
{
    weir_limits limits;
    weir_limits_default(&limits);
    limits.tag = limits.element = limits.scope = 2 << 20;
    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++) {
        for (size_t size = 64 << 10; size <= 1 << 20; size *= 16) {
            input in;
            FILE *out = open_memstream(&in.bytes, &in.size);
            put_shape(out, &tokens[i], size / tokens[i].count);
            fclose(out);
            decode(tokens[i].name, &in, 1, &limits);
            free(in.bytes);
        }
    }
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "cost") == 0) {
        measure_costs();
        measure_many_attributes();
    } else if (argc == 2 && strcmp(argv[1], "linear") == 0) {
        measure_linearity();
    } else {
        return 2;
    }
    return 0;
}
