/* stanzas.c - what the generated traces are made of
 *
 * Each trace is a set of templates, drawn by weight. In a template `$` and a letter stand for something drawn from the
 * generator, in the order of the text, so that the bytes do not depend on the compiler's order of evaluation.
 *
 * SPDX-License-Identifier: MIT */
#include "trace.h"

#include <string.h>

typedef struct template
{
    unsigned weight;
    const char *head;
    const char
        *items[3]; /* between head and tail, where there is a tail: `least` to `most` of them, each one of three */
    const char *tail;
    unsigned least, most;
}
template;

typedef struct vocabulary {
    const char *const *words;
    unsigned count;
    const char *space;
} vocabulary;

struct trace_kind {
    const char *name;
    const vocabulary *vocabularies; /* a text, a name or a word takes one of these */
    const template *templates;
    unsigned vocabulary_count, template_count;
};

typedef struct generator {
    buffer *out;
    const trace_kind *kind;
    uint64_t state;
} generator;

#define COUNT(array) ((unsigned)(sizeof(array) / sizeof(array)[0]))

/* ---- Words ------------------------------------------------------------------------------------------------------- */

static const char *const english[] = {
    "the",          "of",         "and",       "to",      "in",      "is",
    "you",          "that",       "it",        "was",     "for",     "on",
    "are",          "with",       "as",        "I",       "be",      "at",
    "one",          "have",       "this",      "from",    "or",      "had",
    "by",           "but",        "some",      "what",    "there",   "we",
    "can",          "out",        "other",     "were",    "all",     "your",
    "when",         "up",         "use",       "word",    "how",     "said",
    "an",           "each",       "she",       "which",   "do",      "their",
    "time",         "if",         "will",      "way",     "about",   "many",
    "then",         "them",       "would",     "write",   "like",    "so",
    "these",        "her",        "long",      "make",    "thing",   "see",
    "him",          "two",        "has",       "look",    "more",    "day",
    "could",        "go",         "come",      "did",     "my",      "sound",
    "no",           "most",       "number",    "who",     "over",    "know",
    "water",        "than",       "call",      "first",   "people",  "may",
    "down",         "side",       "been",      "now",     "find",    "any",
    "new",          "work",       "meeting",   "server",  "update",  "please",
    "tonight",      "thanks",     "tomorrow",  "really",  "project", "dinner",
    "o&apos;clock", "don&apos;t", "it&apos;s", "Q&amp;A", "&lt;3",   "&quot;maybe&quot;",
    "yes,",         "ok.",        "well,",     "lol",     "hmm...",  ":-)",
};
static const char *const cyrillic[] = {
    "и",    "в",       "не",    "на",     "я",       "быть",    "он",      "с",          "что",      "а",       "это",
    "как",  "то",      "этот",  "по",     "к",       "но",      "они",     "мы",         "она",      "который", "из",
    "у",    "свой",    "вы",    "весь",   "за",      "для",     "от",      "так",        "мочь",     "все",     "ты",
    "год",  "человек", "один",  "такой",  "тот",     "только",  "или",     "бы",         "себя",     "сегодня", "время",
    "если", "другой",  "когда", "привет", "спасибо", "хорошо,", "завтра,", "пожалуйста", "встреча.", "домой",   "ещё",
};
static const char *const chinese[] = {
    "的", "一", "是",   "不",   "了",   "人",   "我",   "在",   "有",   "他",   "这", "中", "大", "来", "上",
    "国", "个", "到",   "说",   "们",   "为",   "子",   "和",   "你",   "地",   "出", "道", "也", "时", "年",
    "得", "就", "那",   "要",   "下",   "以",   "生",   "会",   "自",   "着",   "去", "之", "过", "家", "学",
    "对", "可", "明天", "今天", "朋友", "谢谢", "工作", "没有", "知道", "什么", "，", "。", "？", "好", "吃饭",
};
static const char *const arabic[] = {
    "في",    "من",  "على", "أن",  "إلى",  "هذا", "عن",   "ما",    "كان",  "مع",  "التي",  "هذه",   "كل",
    "بعد",   "ذلك", "لا",  "قبل", "بين",  "أنا", "أنت",  "نحن",   "شكرا", "غدا", "اليوم", "مرحبا", "كيف",
    "الحال", "جيد", "نعم", "عمل", "وقت،", "بيت", "مساء", "الخير", "صباح", "أين", "متى؟",  "صديق",  "كتاب",
};
static const char *const emoji[] = {
    "😀", "😂", "😉", "😍", "🤔",          "👍", "👍🏽", "🙏", "🎉",   "❤️",
    "🔥", "😢", "🚀", "☕", "👩‍💻", "🇺🇦", "…",    "–",  "«да»",
};
static const vocabulary english_only[] = {{english, COUNT(english), " "}};
static const vocabulary many_scripts[] = {{cyrillic, COUNT(cyrillic), " "},
                                          {chinese, COUNT(chinese), ""},
                                          {arabic, COUNT(arabic), " "},
                                          {emoji, COUNT(emoji), " "}};

static const char *const locals[] = {"romeo",    "juliet", "mercutio", "benvolio",  "tybalt",  "nurse",
                                     "laurence", "paris",  "rosaline", "balthasar", "escalus", "sampson",
                                     "gregory",  "abram",  "peter",    "j.doe"};
static const char *const domains[] = {"montague.example",    "capulet.example",      "im.verona.example",
                                      "shakespeare.example", "rooms.verona.example", "x.example"};
static const char *const resources[] = {"balcony",
                                        "orchard",
                                        "phone",
                                        "laptop",
                                        "Conversations.aT4k",
                                        "gajim.92FTQ0MX",
                                        "dino.3fd1a8c9",
                                        "51b2d6e07d8f4c2b9a1e6f40"};
static const char *const groups[] = {"Friends", "Family", "Work", "Colleagues", "Verona", "R&amp;D", "Old school"};
static const char *const features[] = {
    "http://jabber.org/protocol/disco#info",
    "http://jabber.org/protocol/disco#items",
    "http://jabber.org/protocol/caps",
    "http://jabber.org/protocol/chatstates",
    "http://jabber.org/protocol/muc",
    "http://jabber.org/protocol/nick",
    "http://jabber.org/protocol/pubsub",
    "http://jabber.org/protocol/nick+notify",
    "jabber:iq:version",
    "jabber:x:conference",
    "jabber:x:oob",
    "urn:xmpp:avatar:metadata+notify",
    "urn:xmpp:bookmarks:1+notify",
    "urn:xmpp:chat-markers:0",
    "urn:xmpp:jingle:1",
    "urn:xmpp:jingle:apps:file-transfer:5",
    "urn:xmpp:jingle:apps:rtp:1",
    "urn:xmpp:jingle:apps:rtp:audio",
    "urn:xmpp:jingle:transports:ice-udp:1",
    "urn:xmpp:jingle:transports:s5b:1",
    "urn:xmpp:message-correct:0",
    "urn:xmpp:ping",
    "urn:xmpp:receipts",
    "urn:xmpp:time",
    "urn:ietf:rfc:5761",
    "vcard-temp",
    "eu.siacs.conversations.axolotl.devicelist+notify",
};

/* ---- Templates --------------------------------------------------------------------------------------------------- */

static const template chat[] = {
    {.weight = 30,
     .head = "<message from='$j' to='$j' id='$u' type='chat'><body>$s</body><active "
             "xmlns='http://jabber.org/protocol/chatstates'/>"
             "<request xmlns='urn:xmpp:receipts'/><origin-id xmlns='urn:xmpp:sid:0' id='$u'/></message>"},
    {.weight = 14,
     .head = "<message xml:lang='en' to='$j' from='$j' type='chat' id='$u'><body>$s</body><origin-id id='$u' "
             "xmlns='urn:xmpp:sid:0'/><markable xmlns='urn:xmpp:chat-markers:0'/><active "
             "xmlns='http://jabber.org/protocol/chatstates'/><stanza-id id='$i' by='$b' "
             "xmlns='urn:xmpp:sid:0'/></message>"},
    {.weight = 12,
     .head = "<message to='$j' from='$j' type='chat' id='$i'><composing "
             "xmlns='http://jabber.org/protocol/chatstates'/></message>"},
    {.weight = 6,
     .head = "<message to='$j' from='$j' type='chat' id='$i'><paused "
             "xmlns='http://jabber.org/protocol/chatstates'/></message>"},
    {.weight = 12,
     .head = "<message from='$j' to='$j' id='$i' type='chat'><received xmlns='urn:xmpp:receipts' id='$u'/></message>"},
    {.weight = 6,
     .head = "<message from='$j' to='$j' id='$i' type='chat'><displayed xmlns='urn:xmpp:chat-markers:0' id='$u'/>"
             "<store xmlns='urn:xmpp:hints'/></message>"},
    {.weight = 5,
     .head = "<message from='$j' to='$j' id='$u' type='chat'><body>$s</body><delay xmlns='urn:xmpp:delay' from='$b' "
             "stamp='$t'>"
             "Offline Storage</delay><origin-id xmlns='urn:xmpp:sid:0' id='$u'/></message>"},
    {.weight = 7,
     .head = "<message from='$j' to='$j' id='$u' type='groupchat'><body>$s</body><origin-id xmlns='urn:xmpp:sid:0' "
             "id='$u'/>"
             "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='$h'/><stanza-id xmlns='urn:xmpp:sid:0' by='$b' "
             "id='$i'/></message>"},
    {.weight = 5,
     .head = "<presence from='$j' to='$b'><show>away</show><priority>$p</priority><c "
             "xmlns='http://jabber.org/protocol/caps' "
             "hash='sha-1' node='http://gajim.org' ver='$v'/></presence>"},
    {.weight = 3, .head = "<r xmlns='urn:xmpp:sm:3'/><a xmlns='urn:xmpp:sm:3' h='$d'/>"},
};
static const template chat_non_ascii[] = {
    {.weight = 50,
     .head = "<message from=\"$j\" to=\"$j\" id=\"$u\" type=\"chat\"><body>$s</body><active "
             "xmlns=\"http://jabber.org/protocol/chatstates\"/><request xmlns=\"urn:xmpp:receipts\"/><origin-id "
             "xmlns=\"urn:xmpp:sid:0\" id=\"$u\"/></message>"},
    {.weight = 30,
     .head = "<message from=\"$b/$w\" to=\"$j\" id=\"$u\" type=\"groupchat\"><body>$s</body><nick "
             "xmlns=\"http://jabber.org/protocol/nick\">$n</nick><stanza-id xmlns=\"urn:xmpp:sid:0\" by=\"$b\" "
             "id=\"$i\"/></message>"},
    {.weight = 10,
     .head = "<message to=\"$j\" from=\"$b/$w\" type=\"chat\" id=\"$i\"><composing "
             "xmlns=\"http://jabber.org/protocol/chatstates\"/></message>"},
    {.weight = 10, .head = "<presence from=\"$b/$w\" to=\"$b\"><status>$s</status><priority>$p</priority></presence>"},
};
static const template roster[] = {
    {.weight = 100,
     .head = "<iq type='result' id='$u' to='$j' from='$b'><query xmlns='jabber:iq:roster' ver='$d'>",
     .items = {"<item jid='$b' name='$n' subscription='both'><group>$g</group></item>",
               "<item jid='$b' name='$n' subscription='to' ask='subscribe'><group>$g</group><group>$g</group></item>",
               "<item jid='$b' subscription='both'/>"},
     .tail = "</query></iq>",
     .least = 20,
     .most = 300},
};
static const template disco[] = {
    {.weight = 60,
     .head = "<iq from='$j' to='$j' type='result' id='$u'><query xmlns='http://jabber.org/protocol/disco#info' "
             "node='http://gajim.org#$v'><identity category='client' type='pc' name='$n' xml:lang='en'/>",
     .items = {"<feature var='$f'/>", "<feature var='$f'/>", "<feature var='$f'/>"},
     .tail = "<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' "
             "type='hidden'><value>urn:xmpp:dataforms:softwareinfo</value>"
             "</field><field var='software'><value>$w</value></field><field "
             "var='software_version'><value>$d</value></field></x>"
             "</query></iq>",
     .least = 12,
     .most = 40},
    {.weight = 20,
     .head = "<iq from='$b' to='$j' type='result' id='$i'><query xmlns='http://jabber.org/protocol/disco#items'>",
     .items = {"<item jid='$b' name='$n'/>", "<item jid='$b'/>", "<item jid='$b' node='$i' name='$n'/>"},
     .tail = "</query></iq>",
     .least = 5,
     .most = 60},
};
static const template avatar[] = {
    {.weight = 100,
     .head = "<iq type='result' from='$b' to='$j' id='$i'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items "
             "node='urn:xmpp:avatar:data'><item id='$h'><data "
             "xmlns='urn:xmpp:avatar:data'>$4</data></item></items></pubsub></iq>"},
};
static const template presence[] = {
    {.weight = 30, .head = "<presence from='$j' to='$b'/>"},
    {.weight = 15, .head = "<presence from='$j' to='$b' type='unavailable'/>"},
    {.weight = 15, .head = "<presence from='$j' to='$j' id='$i'><show>away</show></presence>"},
    {.weight = 10, .head = "<presence from='$j' to='$b'><show>xa</show><priority>$p</priority></presence>"},
    {.weight = 20,
     .head =
         "<presence from='$j' to='$b'><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='http://dino.im' "
         "ver='$v'/></presence>"},
    {.weight = 10,
     .head = "<presence to='$j' from='$j'><x xmlns='vcard-temp:x:update'><photo>$h</photo></x></presence>"},
};

#define KIND(name, vocabularies, templates) {name, vocabularies, templates, COUNT(vocabularies), COUNT(templates)}

static const trace_kind kinds[] = {
    KIND("chat", english_only, chat),
    KIND("presence", english_only, presence),
    KIND("roster", english_only, roster),
    KIND("disco", english_only, disco),
    KIND("non-ascii", many_scripts, chat_non_ascii),
    KIND("avatar", english_only, avatar),
};

const char *const trace_names[] = {"chat", "presence", "roster", "disco", "non-ascii", "avatar", NULL};

/* ---- Drawing ----------------------------------------------------------------------------------------------------- */

/* Steele, Lea, Flood: Fast splittable pseudorandom number generators (2014). */
static uint64_t draw(generator *g)
{
    uint64_t z = g->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static unsigned draw_between(generator *g, unsigned least, unsigned most)
{
    return least + (unsigned)(draw(g) % ((uint64_t)most - least + 1));
}

static void put(generator *g, const char *text)
{
    buffer_add(g->out, text, strlen(text));
}

static void put_one_of(generator *g, const char *const *words, unsigned count)
{
    put(g, words[draw_between(g, 0, count - 1)]);
}

static void put_symbols(generator *g, const char *symbols, unsigned symbol_count, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        buffer_add(g->out, &symbols[draw_between(g, 0, symbol_count - 1)], 1);
    }
}

static void put_words(generator *g, unsigned count)
{
    const vocabulary *v = &g->kind->vocabularies[draw_between(g, 0, g->kind->vocabulary_count - 1)];
    for (unsigned i = 0; i < count; i++) {
        put(g, i > 0 ? v->space : "");
        put_one_of(g, v->words, v->count);
    }
}

/* Most messages are short, a few are long. */
static void put_sentences(generator *g)
{
    unsigned shape = draw_between(g, 0, 99);
    if (shape < 60) {
        put_words(g, draw_between(g, 1, 8));
    } else if (shape < 95) {
        put_words(g, draw_between(g, 6, 30));
    } else {
        put_words(g, draw_between(g, 30, 60));
        put(g, "\n");
        put_words(g, draw_between(g, 10, 60));
    }
}

static void put_uuid(generator *g)
{
    static const unsigned groups_of_digits[] = {8, 4, 4, 4, 12};
    for (unsigned i = 0; i < COUNT(groups_of_digits); i++) {
        put(g, i > 0 ? "-" : "");
        put_symbols(g, "0123456789abcdef", 16, groups_of_digits[i]);
    }
}

static void put_bare_jid(generator *g)
{
    put_one_of(g, locals, COUNT(locals));
    put(g, "@");
    put_one_of(g, domains, COUNT(domains));
}

static void put_time(generator *g)
{
    put(g, "2024-0");
    put_symbols(g, "123456789", 9, 1);
    put(g, "-1");
    put_symbols(g, "0123456789", 10, 1);
    put(g, "T1");
    put_symbols(g, "0123456789", 10, 1);
    put(g, ":");
    put_symbols(g, "012345", 6, 1);
    put_symbols(g, "0123456789", 10, 1);
    put(g, ":17Z");
}

static void put_drawn(generator *g, char what)
{
    static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    switch (what) {
    case 'b': put_bare_jid(g); break;
    case 'j':
        put_bare_jid(g);
        put(g, "/");
        put_one_of(g, resources, COUNT(resources));
        break;
    case 'u': put_uuid(g); break;
    case 'i': put_symbols(g, "0123456789abcdefghijklmnopqrstuvwxyz", 36, 8); break;
    case 'h': put_symbols(g, "0123456789abcdef", 16, 40); break;
    case 'd': put_symbols(g, "123456789", 9, 4); break;
    case 'p': put_symbols(g, "0123456789", 10, 1); break;
    case 't': put_time(g); break;
    case 's': put_sentences(g); break;
    case 'w': put_words(g, 1); break;
    case 'n': put_words(g, 2); break;
    case 'g': put_one_of(g, groups, COUNT(groups)); break;
    case 'f': put_one_of(g, features, COUNT(features)); break;
    case 'v':
        put_symbols(g, base64, 64, 27);
        put(g, "=");
        break;
    case '4': put_symbols(g, base64, 64, 40000); break;
    default: break;
    }
}

static void put_template(generator *g, const char *text)
{
    while (*text != '\0') {
        size_t plain = strcspn(text, "$");
        buffer_add(g->out, text, plain);
        text += plain;
        if (text[0] == '$') {
            put_drawn(g, text[1]);
            text += 2;
        }
    }
}

static void put_stanza(generator *g)
{
    unsigned weights = 0;
    for (unsigned i = 0; i < g->kind->template_count; i++) {
        weights += g->kind->templates[i].weight;
    }
    unsigned left = draw_between(g, 0, weights - 1);
    const template *t = g->kind->templates;
    while (left >= t->weight) {
        left -= t->weight;
        t++;
    }
    put_template(g, t->head);
    if (t->tail == NULL) {
        return;
    }
    for (unsigned items = draw_between(g, t->least, t->most); items > 0; items--) {
        put_template(g, t->items[draw_between(g, 0, 2)]);
    }
    put_template(g, t->tail);
}

const trace_kind *stanzas_kind(const char *name)
{
    for (unsigned i = 0; i < COUNT(kinds); i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

void stanzas_write(buffer *b, const trace_kind *kind, size_t size)
{
    generator g = {b, kind, 0};
    while (b->size < size) {
        put_stanza(&g);
    }
}
