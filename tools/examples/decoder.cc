// decoder.cc - weir.hpp in use: prints the elements of the stream on standard input
//
//     cc -std=c11 -O2 -c weir.c && c++ -std=c++17 -O2 decoder.cc weir.o
//
// Exit status: 0 complete, 1 refused, 3 cut short.
//
// SPDX-License-Identifier: MIT
#include <array>
#include <iostream>
#include "weir.hpp"

namespace {

bool begins_stream(const weir_event &event) // RFC 6120 5.4.3.3, 6.4.6: the next byte is of a new one
{
    std::string_view local = weir::view(event.name.local), space = weir::view(event.name.namespace_name);
    return event.type == WEIR_ELEMENT_END && event.depth == 2 &&
           ((local == "proceed" && space == "urn:ietf:params:xml:ns:xmpp-tls") ||
            (local == "success" && space == "urn:ietf:params:xml:ns:xmpp-sasl"));
}

weir::decoder make_decoder(const weir_limits &later) // before authentication: small limits, and room for the later ones
{
    weir_limits limits = later;
    limits.element = limits.tag = 10000;
    return weir::decoder(WEIR_FRAMING_STREAM, limits, WEIR_CONTENT_ANY, weir_workspace_size(&later));
}

bool decode(std::istream &in)
{
    const weir_limits later = weir::default_limits();
    weir::decoder decoder = make_decoder(later);
    std::array<char, 1000> bytes;
    while (in.read(bytes.data(), bytes.size()), in.gcount() != 0) {
        std::string_view input(bytes.data(), static_cast<std::size_t>(in.gcount()));
        while (const weir_event *event = decoder.next(input)) {
            if (event->type == WEIR_ELEMENT_START)
                std::cout << std::string(event->depth * 2, ' ') << weir::view(event->name.local) << '\n';
            else if (begins_stream(*event))
                decoder.restart(&later);
        }
    }
    return decoder.finish();
}

} // namespace

int main()
{
    try {
        return decode(std::cin) ? 0 : 3;
    } catch (const weir::error &error) {
        std::cerr << error.what() << '\n' << weir_stream_error(error.code) << '\n';
        return 1;
    }
}
