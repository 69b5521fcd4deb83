#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/store/digests.hpp"
#include "core/store/recipients.hpp"

/// What came for the digests of a run: shared by the files that plan them; nobody else includes it.
namespace majlis::store::plan {

/// One target list with the tree below it, as it stood. Equal trees of many deliveries are one.
struct Tree {
    std::int64_t target = 0;
    Scope scope;
    std::unordered_map<std::int64_t, std::size_t> node_of;
};

/// One delivery of a post.
struct Sent {
    std::int64_t id = 0;
    std::int64_t tick = 0;  // of the membership clock
    std::int64_t accepted_at = 0;
    std::size_t place = 0;  // of its tick among those of all
    std::vector<std::size_t> trees;
};

struct PostSeen {
    std::int64_t id = 0, bytes = 0;
    std::int64_t author = 0;          // the member who wrote it; 0: none
    std::vector<Sent> sent;           // every delivery of it, in their order
    std::vector<std::int64_t> named;  // members in To or Cc, by id
};

/// A delivery that does not cover somebody, and where it stands for his digests when he has one of it: with a later delivery,
/// where earlier digests had been through it before he wanted any.
struct Skip {
    std::int64_t delivery = 0, stands_at = 0;
};

/// The posts behind a delivery, with all their deliveries. Read once; nothing in it depends on a member.
class Backlog {
public:
    Backlog(Database& db, const DigestRun& run, std::int64_t after);

    std::vector<Tree> trees;
    std::vector<PostSeen> posts;
    std::vector<std::int64_t> ticks;                            // of all deliveries, each once
    std::unordered_map<std::int64_t, std::vector<Skip>> skips;  // by member
    std::vector<std::int64_t> ended;                            // members whose digest mode ended lately, by id

    /// The first of the ticks that is not before this one.
    std::size_t place(std::int64_t tick) const;

private:
    using Line = std::array<std::int64_t, 3>;  // target, list, parent

    std::size_t tree_of(std::vector<Line> lines);
    Sent read_sent(std::int64_t id, std::int64_t tick, std::int64_t accepted_at);
    PostSeen& seen(std::int64_t id, std::int64_t size, const std::string& sender);
    void load_late(const DigestRun& run, std::int64_t after);
    void load_posts(const DigestRun& run, std::int64_t after);
    void load_earlier(std::int64_t after);
    void give_places();
    void load_skips();
    void load_ended();

    Database& db_;
    std::map<std::vector<Line>, std::size_t> known_trees_;
    std::unordered_map<std::int64_t, std::size_t> place_of_post_;
};

}  // namespace majlis::store::plan
