// tls-load messages HOST PORT tls|plain PID CONNECTIONS,DEPTH,SIZE SECONDS WARM-UP
// tls-load handshakes HOST PORT full|resumed PID SECONDS
// tls-load crowd HOST PORT session|hello|silent COUNT          says `ready`, and stays until it is ended
//
// The far ends of the measurements of TLS, on one thread, against any echo of frames with four bytes of length. PID is the server,
// whose processor time is read together with the number of replies.

#include "percentile.hpp"
#include "tls_load/crowd.hpp"
#include "tls_load/handshake_load.hpp"
#include "tls_load/message_load.hpp"

#include <cstdio>
#include <exception>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

using namespace fairlead::bench;
using arguments = std::vector<std::string>;

void load_messages(const arguments& given, const target& where) {
    require(given.size() == 8, "messages HOST PORT tls|plain PID CONNECTIONS,DEPTH,SIZE SECONDS WARM-UP");
    message_load::plan how{
        .seconds = std::stod(given[6]), .warm_up = std::stod(given[7]), .server = std::stoi(given[4])};
    require(std::sscanf(given[5].c_str(), "%u,%u,%zu", &how.connections, &how.depth, &how.size) == 3 && how.depth > 0,
            "a load is CONNECTIONS,DEPTH,SIZE");
    message_load load{where, how};
    auto seen = load.run();
    const auto replies = static_cast<double>(seen.replies);
    std::printf("{\"cpu_ns\": %.1f, \"per_second\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f, \"load_busy\": %.3f}\n",
                seen.server_ns / replies, replies / seen.seconds, percentile(seen.latencies, 0.5),
                percentile(seen.latencies, 0.99), seen.own_ns / 1e9 / seen.seconds);
}

void load_handshakes(const arguments& given, const target& where) {
    require(given.size() == 6, "handshakes HOST PORT full|resumed PID SECONDS");
    const auto kind = given[3] == "full" ? handshake_load::kind::full : handshake_load::kind::resumed;
    handshake_load load{where, kind, std::stoi(given[4])};
    const auto seen = load.run(std::stod(given[5]));
    const auto handshakes = static_cast<double>(seen.handshakes);
    std::printf("{\"cpu_ns\": %.1f, \"per_second\": %.1f}\n", seen.server_ns / handshakes, handshakes / seen.seconds);
}

void stay_as_crowd(const arguments& given, const target& where) {
    require(given.size() == 5, "crowd HOST PORT session|hello|silent COUNT");
    const auto kind = given[3] == "session" ? crowd_kind::session
                      : given[3] == "hello" ? crowd_kind::hello
                                            : crowd_kind::silent;
    const auto crowd = make_crowd(where, kind, std::stoul(given[4]));
    std::puts("ready");
    std::fflush(stdout);
    ::pause();
}

} // namespace

int main(int count, char** values) {
    const arguments given(values + 1, values + count);
    try {
        require(given.size() > 3, "usage: tls-load messages|handshakes|crowd HOST PORT …");
        const auto context = make_client_context();
        const target where = target::parse(given[1], given[2], given[3] == "plain" ? nullptr : context.get());
        if (given[0] == "messages")
            load_messages(given, where);
        else if (given[0] == "handshakes")
            load_handshakes(given, where);
        else
            stay_as_crowd(given, where);
        return 0;
    } catch (const std::exception& failed) {
        std::fprintf(stderr, "tls-load: %s\n", failed.what());
        return 1;
    }
}
