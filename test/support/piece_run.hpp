#pragma once

#include "support/websocket_frames.hpp"
#include "websocket/frame_reader.hpp"

#include <fairlead/byte_buffer.hpp>

#include <cstdint>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::test {

/// Reads the messages of one side in pieces, joins the pieces of each, and notes what comes of them.
class piece_run {
public:
    explicit piece_run(const websocket_rules& rules) : reader_{rules} {}

    void arrive(bytes_view bytes) {
        input_.append(bytes);
        for (bool more = true; more;)
            more = take(reader_.next_piece(input_.writable_data()));
    }

    frame_reader& reader() noexcept { return reader_; }
    byte_buffer& input() noexcept { return input_; }

    std::vector<std::string> seen;
    frame_error error = frame_error::none;

private:
    bool take(const frame_step& step) {
        using enum frame_step::outcome;
        switch (step.status) {
        case starved:
            EXPECT_EQ(step.consumed, 0u);
            EXPECT_TRUE(step.wanted == 0 || step.wanted > input_.size()) << "it waits for bytes that have arrived";
            return false;
        case error: this->error = step.why; return false;
        case piece: note_piece(step); break;
        case ping: seen.push_back("ping " + to_string(step.payload)); break;
        case close: seen.emplace_back("close"); break;
        default: break;
        }
        EXPECT_LE(step.consumed, input_.size());
        input_.consume(step.consumed);
        return true;
    }

    void note_piece(const frame_step& step) {
        if (left_) {
            EXPECT_EQ(step.left.value_or(0) + step.payload.size(), *left_) << "what was said to be left";
        }
        message_ += to_string(step.payload);
        left_ = step.left;
        if (left_ != 0)
            return;
        seen.push_back("message " + std::exchange(message_, {}));
        left_.reset();
    }

    frame_reader reader_;
    byte_buffer input_;
    std::string message_;
    std::optional<std::uint64_t> left_;
};

/// What comes of the bytes, which is the same wherever they are cut.
inline std::vector<std::string> pieces_cut_everywhere(const std::string& bytes, const websocket_rules& rules = {}) {
    piece_run whole{rules};
    whole.arrive(bytes);
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
        piece_run run{rules};
        run.arrive(bytes_view{bytes}.first(cut));
        run.arrive(bytes_view{bytes}.from(cut));
        EXPECT_EQ(run.seen, whole.seen) << "cut at " << cut;
        EXPECT_EQ(run.error, whole.error) << "cut at " << cut;
    }
    piece_run one_by_one{rules};
    for (std::size_t i = 0; i < bytes.size(); ++i)
        one_by_one.arrive(bytes_view{bytes}.from(i).first(1));
    EXPECT_EQ(one_by_one.seen, whole.seen) << "byte by byte";
    EXPECT_EQ(one_by_one.error, whole.error) << "byte by byte";
    return whole.seen;
}

inline frame_error error_in_pieces(const std::string& bytes, const websocket_rules& rules = {}) {
    piece_run run{rules};
    run.arrive(bytes);
    return run.error;
}

} // namespace fairlead::test
