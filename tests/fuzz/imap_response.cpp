#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "net/imap/names.hpp"
#include "net/imap/splitter.hpp"

using namespace majlis::imap;

/// The first byte says in what pieces the rest comes: the responses must not depend on it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) return 0;
    const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
    Limits limits;
    limits.line = 4096;
    limits.literal = 512;
    limits.response = 1024;
    limits.nesting = 10;
    std::size_t count[2] = {0, 0};
    const std::size_t pieces[2] = {std::max<std::size_t>(1, data[0]), bytes.size() + 1};
    for (int run = 0; run < 2; ++run) {
        Splitter splitter{limits};
        try {
            for (std::size_t at = 0; at < bytes.size(); at += pieces[run]) {
                std::string_view rest = bytes.substr(at, pieces[run]);
                while (auto raw = splitter.take(rest)) {
                    const auto response = parse_response(std::move(*raw), limits);
                    ++count[run];
                    for (const auto& section : response.fetch.sections) {
                        if (section.bytes.size() > limits.line + limits.literal) std::abort();
                    }
                    if (const auto name = decode_utf7(response.folder.name)) encode_utf7(*name);
                }
            }
        } catch (const ProtocolError&) {
            count[run] = SIZE_MAX;  // a limit: where exactly it strikes may depend on the pieces
        }
    }
    if (count[0] != count[1]) std::abort();
    return 0;
}
