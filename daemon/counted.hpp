#pragma once
#include <cstddef>

namespace majlis {

/// One more, for as long as this lives.
class Counted {
public:
    explicit Counted(std::size_t& all) : all_{all} { ++all_; }
    ~Counted() { --all_; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;

private:
    std::size_t& all_;
};

}  // namespace majlis
