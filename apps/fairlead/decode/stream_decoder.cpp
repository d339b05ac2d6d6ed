#include "decode/stream_decoder.hpp"

#include "quantity.hpp"

#include <utility>

namespace fairlead::command {

void stream_decoder::take(bytes_view arrived) {
    if (!rules_)
        return;
    input_.append(arrived);
    while (rules_) {
        auto found = rules_->next(input_.writable_data());
        if (!found)
            return;
        give(std::move(*found));
    }
}

void stream_decoder::finish(stream_end how) {
    while (rules_) {
        auto found = rules_->finish(input_.data(), how);
        if (!found)
            return end();
        give(std::move(*found));
    }
}

void stream_decoder::lose(std::uint64_t missing) {
    if (!rules_)
        return;
    give({.kind = row_kind::fault,
          .content = input_.data(),
          .fault = "gap",
          .text = "the capture lacks " + count(missing, "byte", "bytes") + " at offset " +
                  std::to_string(offset_ + input_.size()) + "; the bytes behind it cannot be divided"});
}

void stream_decoder::give(row next) {
    next.offset = offset_;
    rows_->take(next);
    if (next.kind == row_kind::fault)
        return end();
    offset_ += next.size();
    input_.consume(next.size());
}

void stream_decoder::end() {
    rules_.reset();
    input_.release();
}

} // namespace fairlead::command
