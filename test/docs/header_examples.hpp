#pragma once

#include "support/run_until.hpp"

#include <fairlead/fairlead.hpp>
#include <fairlead/testkit/memory_stream.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What the examples in the doc comments of public headers share. They stand in header_*.cpp line by line, as in the headers; those
// that need no server at a fixed address are run.
namespace fairlead::docs {

inline std::vector<std::string> noted;

/// As the examples call it.
inline void log(std::string text) {
    noted.push_back(std::move(text));
}

/// Returns what a handler replies to the lines of one peer.
inline std::string conversation(const handler& with, std::string_view input) {
    shard shard;
    auto [near, far] = testkit::make_memory_stream(shard);
    auto session = session::create(shard, std::move(near), line{});
    far.send(input);
    far.end();
    handler own = with;
    test::start(shard, own.serve(*session));
    test::run_ready(shard);
    return far.received();
}

} // namespace fairlead::docs
