#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace majlis::smtp {

/// What is to be written, in order: small pieces are gathered in one buffer, long ones stay where they are. What has been taken
/// for writing never moves while more is added.
class Output {
public:
    /// Pieces at least this long are sent from where they lie; they must stay there until written.
    static constexpr std::size_t large = 32 * 1024;

    void add(std::string_view bytes);  ///< copied
    void add_shared(std::string_view bytes);
    bool empty() const { return added_ == taken_; }
    std::uint64_t added() const { return added_; }      ///< bytes ever added
    std::uint64_t taken() const { return taken_; }      ///< bytes ever handed out by next()
    std::uint64_t written() const { return written_; }  ///< bytes that the connection has taken

    /// The next stretch to write, at most `max` bytes; empty: nothing to write. It stays valid until the next call.
    std::string_view next(std::size_t max);
    /// What next() gave has been written.
    void wrote(std::size_t bytes) { written_ += bytes; }

private:
    struct Piece {
        const char* shared;  // null: in `bytes` at `offset`
        std::size_t offset;
        std::size_t length;
    };
    struct Batch {
        std::string bytes;
        std::vector<Piece> pieces;
    };

    Batch gathering_;
    Batch leaving_;
    std::size_t piece_ = 0;   // of leaving_
    std::size_t offset_ = 0;  // within that piece
    std::uint64_t added_ = 0;
    std::uint64_t taken_ = 0;
    std::uint64_t written_ = 0;
};

}  // namespace majlis::smtp
