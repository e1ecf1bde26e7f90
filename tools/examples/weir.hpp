// weir.hpp - a C++17 owner of a weir_decoder and its workspace
//
// Keep it beside weir.h; compile weir.c as C. Events, slices and codes are those of weir.h. decoder.cc shows it in use.
//
// SPDX-License-Identifier: MIT
#ifndef WEIR_HPP
#define WEIR_HPP

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include "weir.h"

namespace weir {

inline std::string_view view(const weir_slice &slice)
{
    const char *data = reinterpret_cast<const char *>(slice.data);
    return slice.size == 0 ? std::string_view() : std::string_view(data, slice.size);
}

inline weir_limits default_limits() noexcept
{
    weir_limits limits;
    return weir_limits_default(&limits), limits;
}

// Final for its decoder, unless the code is WEIR_E_MISUSE. weir_stream_error(error.code) is what to send.
struct error : std::runtime_error {
    error(weir_status c, std::uint64_t o)
        : std::runtime_error(weir_error_text(c) + (" at byte " + std::to_string(o))), code(c), offset(o) {}
    weir_status code;
    std::uint64_t offset;
};

class decoder {
public:
    // Throws std::bad_alloc, or std::invalid_argument where such limits, framing or content do not exist. `room`: bytes of
    // workspace; 0: what the limits need; more, so that restart can raise them.
    explicit decoder(weir_framing framing = WEIR_FRAMING_STREAM, const weir_limits &limits = default_limits(),
                     std::uint32_t content = WEIR_CONTENT_ANY, std::size_t room = 0)
        : workspace_(std::make_unique<std::uint64_t[]>((room != 0 ? room : weir_workspace_size(&limits)) / 8 + 1))
    {
        weir_config config{framing, content, limits, WEIR_KERNEL_AUTO};
        std::size_t size = room != 0 ? room : weir_workspace_size(&limits);
        if (weir_init(&decoder_, &config, workspace_.get(), size) != WEIR_OK)
            throw std::invalid_argument("weir_init");
    }
    decoder(decoder &&other) noexcept { take(other); }
    decoder &operator=(decoder &&other) noexcept
    {
        if (this != &other) {
            wipe();
            take(other);
        }
        return *this;
    }
    ~decoder() { wipe(); }

    // The next event, alive until the next call; nullptr: the input is used up. Throws weir::error.
    const weir_event *next(std::string_view &input)
    {
        weir_slice slice{reinterpret_cast<const std::uint8_t *>(input.data()), input.size()};
        weir_status status = weir_next(&decoder_, &slice, &event_);
        input.remove_prefix(input.size() - slice.size); // after an error it begins at the offending byte
        return judge(status) > 0 ? &event_ : nullptr;
    }
    // The input (websocket: the message) ended. False: a stream was cut short. Throws weir::error.
    bool finish() { return judge(weir_finish(&decoder_)) == WEIR_COMPLETE; }
    // False: refused, and nothing changed; inside an element, for example.
    bool restart(const weir_limits *limits = nullptr) noexcept { return weir_restart(&decoder_, limits) == WEIR_OK; }
    std::uint64_t offset() const noexcept { return weir_offset(&decoder_); }

private:
    weir_status judge(weir_status status) const
    {
        return status >= 0 ? status : throw error(status, weir_last_error(&decoder_)->offset);
    }
    void wipe() noexcept
    {
        if (workspace_ != nullptr)
            weir_wipe(&decoder_); // passwords went through it
    }
    void take(decoder &other) noexcept // the struct may move: it holds offsets, and the workspace stays in place
    {
        decoder_ = other.decoder_;
        workspace_ = std::move(other.workspace_);
        (void)weir_init(&other.decoder_, nullptr, nullptr, 0); // it answers MISUSE from now on
    }
    std::unique_ptr<std::uint64_t[]> workspace_;
    weir_decoder decoder_;
    weir_event event_;
};

} // namespace weir
#endif
