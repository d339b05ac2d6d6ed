// A store of keys and values that speaks to Redis' own tools, by a framing of its own (resp.hpp). One thread serves all
// connections, so the values need no lock, as in Redis itself.
//
//     $ 16_key_value &
//     $ redis-cli -p 6380 set name Ann
//     $ redis-cli -p 6380 get name
//     $ redis-benchmark -p 6380 -t set,get,incr -P 16 -q

#include "resp.hpp"

#include <fairlead/handler.hpp>
#include <fairlead/server.hpp>

#include <algorithm>
#include <cctype>
#include <iostream>
#include <limits>
#include <map>
#include <unordered_map>

namespace {

class store {
public:
    std::string answer(const resp::arguments& request) {
        if (request.empty())
            return resp::error("a request has a command");
        std::string name{request[0]};
        std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
        const auto found = commands.find(name);
        if (found == commands.end())
            return resp::error("unknown command '" + fairlead::escape(name, 32) + "'");
        const auto& [fewest, most, run] = found->second;
        if (request.size() < fewest || request.size() > most)
            return resp::error("wrong number of arguments for '" + name + "'");
        return (this->*run)(request);
    }

private:
    using words = const resp::arguments&;
    static constexpr std::size_t any = 1'024;

    std::string ping(words w) { return w.size() == 2 ? resp::string(w[1]) : resp::status("PONG"); }
    std::string echo(words w) { return resp::string(w[1]); }
    std::string config(words) { return resp::array({}); } // which redis-benchmark asks for

    std::string set(words w) {
        values_.insert_or_assign(std::string{w[1]}, std::string{w[2]});
        return resp::status("OK");
    }
    std::string value_of(std::string_view key) {
        const auto found = values_.find(std::string{key});
        return found == values_.end() ? resp::nothing() : resp::string(found->second);
    }
    std::string get(words w) { return value_of(w[1]); }
    std::string get_each(words w) {
        std::vector<std::string> replies;
        std::transform(w.begin() + 1, w.end(), std::back_inserter(replies), [this](auto key) { return value_of(key); });
        return resp::array(replies);
    }
    std::string remove(words w) {
        return resp::integer(
            std::count_if(w.begin() + 1, w.end(), [this](auto key) { return values_.erase(std::string{key}); }));
    }
    std::string increment(words w) {
        std::string& text = values_.try_emplace(std::string{w[1]}, "0").first->second;
        long long value = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
        if (read.ec != std::errc{} || read.ptr != text.data() + text.size() ||
            value == std::numeric_limits<long long>::max())
            return resp::error("value is not an integer or out of range");
        text = std::to_string(value + 1);
        return resp::integer(value + 1);
    }
    std::string size(words) { return resp::integer(static_cast<long long>(values_.size())); }

    struct command {
        std::size_t fewest; // words, with its name
        std::size_t most;
        std::string (store::*run)(words);
    };
    static const std::map<std::string, command, std::less<>> commands;

    std::unordered_map<std::string, std::string> values_;
};

const std::map<std::string, store::command, std::less<>> store::commands{
    {"ping", {1, 2, &store::ping}},      {"echo", {2, 2, &store::echo}},       {"set", {3, 3, &store::set}},
    {"get", {2, 2, &store::get}},        {"mget", {2, any, &store::get_each}}, {"del", {2, any, &store::remove}},
    {"incr", {2, 2, &store::increment}}, {"dbsize", {1, 1, &store::size}},     {"config", {3, any, &store::config}},
};

} // namespace

int main(int argc, char** argv) {
    store values;
    fairlead::server server{{.threads = 1}};
    const auto serve = [&values](fairlead::bytes_view message, fairlead::peer& from) {
        from.send(values.answer(resp::words_of(message)));
    };
    const auto at = server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:6380", resp::framing{}, serve);
    std::cout << "listening " << at.to_string() << std::endl;
    return server.run();
}
