// A store of keys and values that speaks to Redis' own tools, by a framing of its own (resp.hpp). One thread serves all
// connections, so the values need no lock, as in Redis itself.
//
//     $ 16_key_value &
//     $ redis-cli -p 6380 set name Ann
//     $ redis-cli -p 6380 get name
//     $ redis-benchmark -p 6380 -t set,get -P 16 -q

#include "resp.hpp"
#include "resp_commands.hpp"

#include <fairlead/handler.hpp>
#include <fairlead/server.hpp>

#include <iostream>
#include <map>

int main(int argc, char** argv) {
    std::map<std::string, std::string, std::less<>> values; // before the server: they outlive all handlers
    const auto set = [&](const resp::arguments& words) {
        values.insert_or_assign(std::string{words[1]}, words[2]);
        return resp::status("OK");
    };
    const auto get = [&](const resp::arguments& words) {
        const auto found = values.find(words[1]);
        return found == values.end() ? resp::nothing() : resp::string(found->second);
    };
    const auto del = [&](const resp::arguments& words) { return resp::integer(values.erase(std::string{words[1]})); };
    const resp::commands known{{"set", {3, set}}, {"get", {2, get}}, {"del", {2, del}}};

    fairlead::server server{{.threads = 1}};
    const auto serve = [&](fairlead::bytes_view request, fairlead::peer& from) {
        from.send(resp::answer(known, request));
    };
    const auto address = server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:6380", resp::framing{}, serve);
    std::cout << "listening " << address.to_string() << std::endl;
    return server.run();
}
