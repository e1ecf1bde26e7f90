// owner_test.cc - what weir.hpp promises of moving, of errors and of limits: exit status 0, or the line that does not hold
//
// SPDX-License-Identifier: MIT
#include <iostream>
#include "weir.hpp"

#define HOLDS(condition) \
    if (!(condition)) \
        throw std::logic_error("owner_test.cc:" + std::to_string(__LINE__) + ": " #condition)

template <typename Error, typename Call> bool throws(Call call)
{
    try {
        call();
        return false;
    } catch (const Error &) {
        return true;
    }
}

static void moving()
{
    weir::decoder a(WEIR_FRAMING_DOCUMENT), b(WEIR_FRAMING_DOCUMENT);
    std::string_view input = "<a>text";
    HOLDS(a.next(input)->type == WEIR_ELEMENT_START);
    b = std::move(a);
    HOLDS(throws<weir::error>([&] { a.next(input); }));
    weir::decoder c(std::move(b));
    HOLDS(weir::view(c.next(input)->text) == "text");
    HOLDS(c.next(input) == nullptr && input.empty());
    input = "</a>";
    HOLDS(c.next(input)->type == WEIR_ELEMENT_END);
    HOLDS(c.finish());
    c = weir::decoder();
    HOLDS(!c.finish());
    HOLDS(c.offset() == 0);
}

static void errors()
{
    weir::decoder decoder;
    std::string_view input = " text";
    try {
        decoder.next(input);
    } catch (const weir::error &error) {
        HOLDS(error.code == WEIR_E_PROLOG && error.offset == 1);
        HOLDS(error.what() == std::string("text before the first tag at byte 1"));
    }
    HOLDS(input == "text");
    HOLDS(throws<weir::error>([&] { decoder.finish(); }));
    HOLDS(!decoder.restart());
}

static void limits()
{
    weir_limits none = weir::default_limits(), large = none;
    none.depth = 0;
    large.tag *= 2;
    HOLDS(throws<std::invalid_argument>([&] { weir::decoder decoder(WEIR_FRAMING_STREAM, none); }));
    weir::decoder small, roomy(WEIR_FRAMING_STREAM, weir::default_limits(), WEIR_CONTENT_ANY, weir_workspace_size(&large));
    HOLDS(!small.restart(&large));
    HOLDS(roomy.restart(&large));
}

int main()
{
    try {
        moving();
        errors();
        limits();
    } catch (const std::exception &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
