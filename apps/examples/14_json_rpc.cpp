// JSON-RPC 2.0 over messages with their length in front. Many requests of one connection are answered at the same time; each
// reply leaves when it is ready, and carries the id of its request.
//
//     $ 14_json_rpc &
//     $ fairlead talk tcp://127.0.0.1:9000 --send '{"jsonrpc": "2.0", "method": "add", "params": [2, 3], "id": 1}'
//     {"id":1,"jsonrpc":"2.0","result":5}

#include "json_rpc.hpp"

#include <fairlead/fairlead.hpp>

#include <algorithm>
#include <iostream>
#include <numeric>

using json_rpc::json;

// The methods. Real ones ask other servers by a fairlead::client.
boost::asio::awaitable<json> call(std::string method, json params, fairlead::session& peer) {
    if (method == "add") {
        const auto numbers = params.get<std::vector<int>>();
        co_return std::accumulate(numbers.begin(), numbers.end(), 0LL);
    }
    if (method != "sleep")
        throw json_rpc::no_such_method{};
    const auto time = std::chrono::milliseconds{std::clamp(params.at(0).get<int>(), 0, 60'000)};
    co_await peer.shard().sleep_for(time);
    co_return "slept " + std::to_string(time.count()) + " ms";
}

int main(int argc, char** argv) {
    fairlead::server server;
    const auto handler = fairlead::concurrent(json_rpc::answer_by(call), 32, fairlead::reply_order::of_completion);
    const auto url = argc > 1 ? argv[1] : "tcp://127.0.0.1:9000";
    std::cout << "listening " << server.listen(url, fairlead::length_prefixed{}, handler).to_string() << std::endl;
    return server.run();
}
