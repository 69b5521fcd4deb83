#pragma once
#include <string>
#include <string_view>

namespace majlis::archive {

/// What a subject is about, for threads.
struct SubjectKey {
    std::string words;  ///< folded, without "Re:" and "[tags]"; "" where nothing is left
    enum class Kind { first, reply } kind = Kind::first;
};
/// Takes off in front, as often as they come: "Re:", "RE[2] :", "R\u00e9p:", "AW:", "SV:", the Arabic for it, and tags in
/// brackets. Forward words belong to the subject: what is forwarded begins a talk of its own. Linear.
SubjectKey subject_key(std::string_view subject);

}  // namespace majlis::archive
