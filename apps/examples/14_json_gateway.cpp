// A gateway: requests are lines of JSON, {"id": 1, "method": "add", "params": [2, 3]}. Many of one connection are answered at
// the same time; each reply leaves when it is ready and carries the id of its request.
//
//     $ 14_json_gateway &
//     $ fairlead talk tcp://127.0.0.1:9000 --framing line

#include <fairlead/framing/delimited.hpp>
#include <fairlead/handlers/concurrent.hpp>
#include <fairlead/server.hpp>
#include <fairlead/shard.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <iostream>
#include <numeric>

using json = nlohmann::json;

// The services behind the gateway. Real ones are asked by a fairlead::client.
boost::asio::awaitable<json> call(std::string method, json params, fairlead::shard& shard) {
    if (method == "add") {
        const auto numbers = params.get<std::vector<int>>();
        co_return std::accumulate(numbers.begin(), numbers.end(), 0);
    }
    if (method != "sleep")
        throw std::invalid_argument{"no such method: " + method};
    const auto time = std::chrono::milliseconds{params.get<unsigned>()};
    co_await shard.sleep_for(time);
    co_return "slept " + std::to_string(time.count()) + " ms";
}

boost::asio::awaitable<std::optional<std::string>> answer(std::string line, fairlead::session& visitor) {
    json reply = {{"id", nullptr}};
    try {
        const json request = json::parse(line);
        reply["id"] = request.value("id", json());
        const std::string method = request.at("method");
        const json params = request.value("params", json());
        reply["result"] = co_await call(method, params, visitor.shard());
    } catch (const std::exception& failed) {
        reply["error"] = failed.what();
    }
    if (reply["id"].is_null() && !reply.contains("error"))
        co_return std::nullopt;                                           // a notification gets no reply
    co_return reply.dump(-1, ' ', false, json::error_handler_t::replace); // a text of an error may quote bad bytes
}

int main(int argc, char** argv) {
    fairlead::server server;
    const auto handler = fairlead::concurrent(answer, 32, fairlead::reply_order::of_completion);
    const auto where = server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:9000", fairlead::line{}, handler);
    std::cout << "listening " << where.to_string() << std::endl;
    return server.run();
}
