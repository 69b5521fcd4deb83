#pragma once

#include "core/text/ascii.hpp"

#include <array>
#include <cstddef>
#include <string_view>

/// The characters of RFC 5322 and 6531 that more than one file here asks for.
namespace majlis::address {

constexpr std::array<bool, 256> make_atoms()
{
    std::array<bool, 256> atoms{};
    constexpr std::string_view others = "!#$%&'*+-/=?^_`{|}~";
    for (std::size_t i = 0; i < atoms.size(); ++i) {
        const auto c = static_cast<char>(static_cast<unsigned char>(i));
        atoms[i] = text::is_letter(c) || text::is_digit(c) || !text::is_ascii(c) || others.find(c) != std::string_view::npos;
    }
    return atoms;
}
inline constexpr auto atoms = make_atoms();

/// atext, with every byte of UTF-8 beyond ASCII.
constexpr bool is_atom(char c) { return atoms[static_cast<unsigned char>(c)]; }

/// A local part that needs no quotes: atoms with single dots between.
constexpr bool is_dot_atom(std::string_view local)
{
    if (local.empty() || local.front() == '.' || local.back() == '.') return false;
    for (std::size_t i = 0; i < local.size(); ++i) {
        if (local[i] == '.' ? local[i - 1] == '.' : !is_atom(local[i])) return false;
    }
    return true;
}

}  // namespace majlis::address
