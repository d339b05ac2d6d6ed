// Who is named when a shard does not come back in time: the session whose handler has the thread, or the library.

#include "support/session_fixture.hpp"
#include "support/test_stream.hpp"

#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::test {

namespace {

using runners = std::vector<std::uint64_t>;

/// Has one message and takes every byte; notes who has the thread meanwhile.
class watching_stream final : public test_stream {
public:
    watching_stream(shard_core& shard, runners& seen) : shard_{shard}, seen_{seen} {}

    result<std::size_t> try_fill(byte_buffer& input, std::size_t) override {
        seen_.push_back(shard_.running());
        if (bytes_.empty())
            return errc::closed;
        input.append(bytes_);
        return std::exchange(bytes_, {}).size();
    }
    result<std::size_t> try_write(bytes_view bytes) override {
        seen_.push_back(shard_.running());
        return bytes.size();
    }

private:
    shard_core& shard_;
    runners& seen_;
    std::string bytes_ = "\1x";
};

} // namespace

class blame : public session_fixture {};

TEST_F(blame, is_the_handlers_while_it_runs_and_the_librarys_while_bytes_are_moved) {
    runners moving, handling;
    const auto peer = fairlead::make_session(core_of(home), std::make_unique<watching_stream>(core_of(home), moving),
                                             framing{short_frames()}, std::make_shared<const limits>());
    message_handler handle = [&](bytes_view message, fairlead::peer& from) {
        handling.push_back(core_of(home).running());
        from.send(message);
    };
    core_of(home).set_running(peer->id()); // as whoever serves it says
    peer->serve(handle);
    EXPECT_EQ(handling, runners{peer->id()});
    EXPECT_EQ(moving, (runners{shard_loop::library, shard_loop::library, shard_loop::library})) << "read, write, end";
    EXPECT_EQ(core_of(home).running(), peer->id());
}

} // namespace fairlead::test
