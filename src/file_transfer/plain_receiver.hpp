#pragma once

#include "file_transfer/plain_header.hpp"
#include "file_transfer/receiver_protocol.hpp"
#include "file_transfer/receiver_state.hpp"

#include <fairlead/bytes.hpp>
#include <fairlead/endpoint.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace fairlead::file_transfer {

/// The receiver's side of a connection that carries one file behind a `plain_header`.
///
/// It blocks while the storage blocks. The caller passes the time. Thread safety: one thread at a time.
class plain_receiver {
public:
    using time_point = receiver_protocol::time_point;

    plain_receiver(receiver_state& all, const endpoint& from, std::string separator)
        : from_{from}, header_{std::move(separator)}, files_{all, from},
          max_piece_{all.options.max_chunk}, most_{all.options.max_file_size == 0
                                                       ? std::numeric_limits<std::uint64_t>::max()
                                                       : all.options.max_file_size} {}

    void take(bytes_view received, time_point now);

    /// As those of `receiver_protocol`.
    void look_at_time(time_point now);
    std::optional<std::chrono::milliseconds> next_look() const { return files_.next_look(); }

    /// Handles the end of the stream: stores the file if it is whole.
    void finish(time_point now);

    /// Handles a stream that was cut short.
    void cut(const std::string& why) { files_.end(why); }

    receiver_protocol& files() noexcept { return files_; }

    /// Returns true if the file is not wanted any more, or has been stored.
    bool over() const noexcept { return over_; }

private:
    void begin(time_point now);
    void add(bytes_view bytes, time_point now);
    void give_up(const std::string& why);
    void look_at_replies();

    const endpoint from_;
    plain_header header_;
    receiver_protocol files_;
    const std::size_t max_piece_;
    const std::uint64_t most_;    // bytes of a file
    std::uint64_t following_ = 0; // bytes behind the digits
    bool begun_ = false;
    bool over_ = false;
};

} // namespace fairlead::file_transfer
