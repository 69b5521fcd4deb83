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
    if (bytes.size() < large_) return add(bytes);
    added_ += bytes.size();
    gathering_.pieces.push_back({bytes.data(), 0, bytes.size()});
}

/// Takes what has been gathered when all before it was handed out. False: there is nothing.
bool Output::turn_over()
{
    if (piece_ < leaving_.pieces.size()) return true;
    leaving_.bytes.clear();
    leaving_.pieces.clear();
    piece_ = 0;
    std::swap(leaving_, gathering_);
    return !leaving_.pieces.empty();
}

std::string_view Output::next_piece(std::size_t max)
{
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

std::span<const std::string_view> Output::next(std::size_t max)
{
    next_.clear();
    if (!turn_over()) return {};
    while (max > 0 && piece_ < leaving_.pieces.size() && next_.size() < pieces_at_once) {
        next_.push_back(next_piece(max));
        max -= next_.back().size();
    }
    return next_;
}

}  // namespace majlis::smtp
