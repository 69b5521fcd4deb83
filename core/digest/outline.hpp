#pragma once

#include <string>
#include <vector>

#include "core/digest/digest.hpp"

/// Which post stands where: threads together, numbered through.
namespace majlis::digest {

struct Thread {
    const Section* section = nullptr;
    std::vector<const Post*> posts;  ///< never empty, in the order in which they came
    std::size_t first = 0;           ///< number of its first post in the issue, from 1
    std::size_t last() const { return first + posts.size() - 1; }
};

struct Outline {
    std::vector<Thread> threads;  ///< sections in their order; in each, by the first post of a thread
    std::size_t posts = 0;        ///< shown
    std::size_t left_out = 0;     ///< beyond max_posts
};

/// Points into `issue`. Linear but for a sort.
Outline outline_of(const Issue& issue);

/// The table of contents: a line a section, and a line a thread with its numbers, its subject and its authors. CRLF.
std::string contents_of(const Outline& outline, const Issue& issue);

/// Who wrote it, for people: his name, else his address.
std::string author_of(const Post& post);

/// Subject of a thread: of its first post, without "Re:". "" where there is none.
std::string subject_of(const Thread& thread);

}  // namespace majlis::digest
