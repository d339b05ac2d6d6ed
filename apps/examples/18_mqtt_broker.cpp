// A small broker of MQTT 3.1.1: a framing of its own (mqtt.hpp), and topics that carry each message to all that subscribed. It
// delivers at most once (QoS 0), keeps no messages, and refuses wildcards.
//
//     $ 18_mqtt_broker &
//     $ mosquitto_sub -p 1883 -t home/door &
//     $ mosquitto_pub -p 1883 -t home/door -m open

#include "mqtt.hpp"

#include <fairlead/handler.hpp>
#include <fairlead/server.hpp>
#include <fairlead/session.hpp>
#include <fairlead/topics.hpp>

#include <iostream>

namespace {

using namespace std::literals;
using mqtt::packet_type;

// A client says first who it is. All are welcome that speak version 3.1.1.
bool welcome(mqtt::reader hello, fairlead::session& client) {
    const bool known = hello.string() == "MQTT" && hello.byte() == 4 && hello.good();
    client.send(mqtt::make_packet(packet_type::connack, known ? "\0\0"sv : "\0\1"sv));
    return known;
}

bool publish(mqtt::reader from, unsigned flags, fairlead::topics& topics, fairlead::session& client) {
    const unsigned quality = flags >> 1 & 3;
    const std::string name{from.string()};
    const std::string_view number = quality > 0 ? from.bytes(2) : ""sv;
    const std::string_view content = from.rest();
    if (!from.good() || name.empty() || quality > 1)
        return false;
    topics.publish(name, mqtt::make_packet(packet_type::publish, mqtt::string(name).append(content)));
    if (quality == 1)
        client.send(mqtt::make_packet(packet_type::puback, number));
    return true;
}

bool subscribe(mqtt::reader from, fairlead::topics& topics, fairlead::session& client) {
    std::string answer{from.bytes(2)};
    while (!from.at_end()) {
        const std::string_view name = from.string();
        from.byte(); // the quality that is asked for; it gets 0
        const bool plain = name.find_first_of("+#") == std::string_view::npos;
        answer += plain && topics.subscribe(client, name) ? '\0' : '\x80';
    }
    client.send(mqtt::make_packet(packet_type::suback, answer));
    return from.good();
}

bool unsubscribe(mqtt::reader from, fairlead::topics& topics, fairlead::session& client) {
    const std::string number{from.bytes(2)};
    while (!from.at_end())
        topics.unsubscribe(client, from.string());
    client.send(mqtt::make_packet(packet_type::unsuback, number));
    return from.good();
}

// Returns false for a packet that ends the session.
bool answer(fairlead::bytes_view packet, fairlead::topics& topics, fairlead::session& client) {
    const mqtt::reader body{packet};
    switch (mqtt::type_of(packet)) {
    case packet_type::publish: return publish(body, packet[0] & 0x0F, topics, client);
    case packet_type::subscribe: return subscribe(body, topics, client);
    case packet_type::unsubscribe: return unsubscribe(body, topics, client);
    case packet_type::pingreq: client.send(mqtt::make_packet(packet_type::pingresp, "")); return true;
    default: return false;
    }
}

} // namespace

int main(int argc, char** argv) {
    fairlead::topics topics; // before the server: it outlives the sessions
    fairlead::server server;
    const auto serve = [&topics](fairlead::session& client) -> boost::asio::awaitable<void> {
        const auto hello = co_await client.receive();
        bool goes_on = hello && mqtt::type_of(*hello) == packet_type::connect && welcome(mqtt::reader{*hello}, client);
        while (goes_on) {
            const auto packet = co_await client.receive();
            goes_on = packet && answer(*packet, topics, client);
        }
    };
    const auto at = server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:1883", mqtt::framing{}, serve);
    std::cout << "listening " << at.to_string() << std::endl;
    return server.run();
}
