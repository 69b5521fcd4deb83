#include "net/smtp/output.hpp"

#include <algorithm>
#include <utility>

namespace majlis::smtp {

void Output::add(std::string_view bytes)
{
    if (bytes.empty()) return;
    added_ += bytes.size();
    auto& pieces = gathering_.pieces;
    if (pieces.empty() || pieces.back().shared != nullptr) pieces.push_back({nullptr, gathering_.bytes.size(), 0});
    pieces.back().length += bytes.size();
    gathering_.bytes.append(bytes);
}

void Output::add_shared(std::string_view bytes)
{
    if (bytes.size() < large) return add(bytes);
    added_ += bytes.size();
    gathering_.pieces.push_back({bytes.data(), 0, bytes.size()});
}

std::string_view Output::next(std::size_t max)
{
    if (piece_ == leaving_.pieces.size()) {
        leaving_.bytes.clear();
        leaving_.pieces.clear();
        piece_ = 0;
        std::swap(leaving_, gathering_);
        if (leaving_.pieces.empty()) return {};
    }
    const auto& piece = leaving_.pieces[piece_];
    const char* begin = piece.shared != nullptr ? piece.shared : leaving_.bytes.data() + piece.offset;
    const std::string_view stretch{begin + offset_, std::min(max, piece.length - offset_)};
    offset_ += stretch.size();
    taken_ += stretch.size();
    if (offset_ == piece.length) {
        ++piece_;
        offset_ = 0;
    }
    return stretch;
}

}  // namespace majlis::smtp
