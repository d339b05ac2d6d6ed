// What a layer adds to a message, and a codec beside decoding by hand.

#include "bursts.hpp"

#include <fairlead/byte_reader.hpp>
#include <fairlead/byte_writer.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/layers/filtered.hpp>
#include <fairlead/layers/limited_concurrency.hpp>
#include <fairlead/layers/rate_limited.hpp>
#include <fairlead/layers/timed.hpp>
#include <fairlead/metrics.hpp>
#include <fairlead/typed.hpp>

#include <cstdint>

namespace fairlead::bench {

namespace {

constexpr std::size_t no_limit_in_practice = 1'000'000'000;

struct order {
    std::uint32_t id = 0;
    std::uint32_t count = 0;
    std::string article = {};
};

order decode_order(bytes_view message) {
    byte_reader from{message};
    const auto id = from.read<std::uint32_t>();
    const auto count = from.read<std::uint32_t>();
    return {id, count, to_string(from.rest())};
}

void encode_order(const order& value, std::string& message) {
    byte_writer to{message};
    to.write(value.id);
    to.write(value.count);
    to.bytes(value.article);
}

struct order_codec {
    using value_type = order;
    order decode(bytes_view message) { return decode_order(message); }
    void encode(const order& value, std::string& message) { encode_order(value, message); }
};

void decoded_by_hand(benchmark::State& state) {
    const auto take = [reply = std::string{}](bytes_view message, peer& from) mutable {
        const order placed = decode_order(message);
        reply.clear();
        encode_order(placed, reply);
        from.send(reply);
    };
    serve_bursts(state, take);
}

void decoded_by_a_codec(benchmark::State& state) {
    const auto take = [](const order& placed, typed_peer<order_codec>& from) { from.send(placed); };
    serve_bursts(state, typed(order_codec{}, take));
}

boost::asio::awaitable<void> take_by_hand(session& from) {
    std::string reply;
    while (const auto message = co_await from.receive()) {
        const order placed = decode_order(*message);
        reply.clear();
        encode_order(placed, reply);
        from.send(reply);
    }
}

void decoded_by_hand_in_a_session(benchmark::State& state) {
    serve_bursts(state, take_by_hand);
}

boost::asio::awaitable<void> take_values(typed_session<order_codec>& from) {
    while (const auto placed = co_await from.receive())
        from.send(*placed);
}

void decoded_by_a_codec_in_a_session(benchmark::State& state) {
    serve_bursts(state, typed(order_codec{}, take_values));
}

void layer_none(benchmark::State& state) {
    serve_bursts(state, echo());
}

void layer_none_in_a_session(benchmark::State& state) {
    serve_bursts(state, echo_messages);
}

verdict pass_all(bytes_view, peer&) {
    return verdict::pass;
}

void layer_filtered(benchmark::State& state) {
    serve_bursts(state, filtered(pass_all, echo()));
}

void layer_filtered_and_counted(benchmark::State& state) {
    metrics counters;
    serve_bursts(state, filtered(pass_all, echo(), {&counters, "orders"}));
}

void layer_rate_limited(benchmark::State& state) {
    serve_bursts(state, rate_limited({.messages = no_limit_in_practice}, echo()));
}

void layer_limited_concurrency(benchmark::State& state) {
    serve_bursts(state, limited_concurrency(8, echo_messages));
}

void layer_timed(benchmark::State& state) {
    metrics counters;
    const auto times = counters.histogram("order_seconds", "Time to handle an order.", {0.001, 0.01, 0.1, 1});
    serve_bursts(state, timed(times, echo()));
}

} // namespace

BENCHMARK(decoded_by_hand)->Arg(64)->Arg(1024);
BENCHMARK(decoded_by_a_codec)->Arg(64)->Arg(1024);
BENCHMARK(decoded_by_hand_in_a_session)->Arg(64)->Arg(1024);
BENCHMARK(decoded_by_a_codec_in_a_session)->Arg(64)->Arg(1024);
BENCHMARK(layer_none)->Arg(64);
BENCHMARK(layer_filtered)->Arg(64);
BENCHMARK(layer_filtered_and_counted)->Arg(64);
BENCHMARK(layer_rate_limited)->Arg(64);
BENCHMARK(layer_timed)->Arg(64);
BENCHMARK(layer_none_in_a_session)->Arg(64);
BENCHMARK(layer_limited_concurrency)->Arg(64);

} // namespace fairlead::bench
