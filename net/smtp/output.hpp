#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace majlis::smtp {

/// What is to be written, in order: small pieces are gathered in one buffer, long ones stay where they are. What has been taken
/// for writing never moves while more is added.
class Output {
public:
    /// Shared pieces at least this long are sent from where they lie; they must stay there until written. A body that all copies
    /// share is so never copied. Where each piece costs a call, and a TLS record, only long ones are worth it.
    static constexpr std::size_t worth_a_vector = 512;
    static constexpr std::size_t worth_a_write = 32 * 1024;
    void share_from(std::size_t bytes) { large_ = bytes; }

    void add(std::string_view bytes);  ///< copied
    void add_shared(std::string_view bytes);
    bool empty() const { return added_ == taken_; }
    std::uint64_t added() const { return added_; }      ///< bytes ever added
    std::uint64_t taken() const { return taken_; }      ///< bytes ever handed out by next()
    std::uint64_t written() const { return written_; }  ///< bytes that the connection has taken

    /// The next pieces to write, `max` bytes at most; empty: nothing to write. They stay valid until the next call.
    std::span<const std::string_view> next(std::size_t max);
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

    static constexpr std::size_t pieces_at_once = 256;
    bool turn_over();
    std::string_view next_piece(std::size_t max);

    Batch gathering_;
    Batch leaving_;
    std::vector<std::string_view> next_;
    std::size_t large_ = worth_a_write;
    std::size_t piece_ = 0;   // of leaving_
    std::size_t offset_ = 0;  // within that piece
    std::uint64_t added_ = 0;
    std::uint64_t taken_ = 0;
    std::uint64_t written_ = 0;
};

}  // namespace majlis::smtp
