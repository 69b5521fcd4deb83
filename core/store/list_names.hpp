#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/store/database.hpp"

/// What a list may be called, and which addresses would be taken for a command to another list.
namespace majlis::store {

/// Lower-case letters, digits and single '-', '_' or '.' inside, at most 64 octets; the normalised name.
Answer<std::string> check_list_name(std::string_view name);

/// An address key as "local" and "domain".
struct AddressKey {
    std::string_view local, domain;
};
AddressKey split_key(std::string_view key);

/// Whether `address` reads as a command to the list at `list`: its local part, '+' or '-', and a command of INTERFACE.md.
bool is_command_form(std::string_view address_key, std::string_view list_key);

/// Every prefix of the address that, were it a list, would take the address for its command.
std::vector<std::string> possible_lists(std::string_view address_key);

/// The longest command form must fit 64 octets.
constexpr std::size_t longest_command = 1 + 7 + 36;  // "+bounce-" and a bounce token
Answer<void> check_list_address(std::string_view address_key);

}  // namespace majlis::store
