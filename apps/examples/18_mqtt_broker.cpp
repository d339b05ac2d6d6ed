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
bool welcome(fairlead::byte_reader hello, fairlead::session& client) {
    const bool known = mqtt::take_string(hello) == "MQTT" && hello.read<std::uint8_t>() == 4;
    client.send(mqtt::make_packet(packet_type::connack, known ? "\0\0"sv : "\0\1"sv));
    return known;
}

void publish(fairlead::byte_reader from, unsigned flags, fairlead::topics& topics, fairlead::session& client) {
    const unsigned quality = flags >> 1 & 3;
    const std::string name{mqtt::take_string(from)};
    const std::string_view number = from.bytes(quality > 0 ? 2 : 0).text();
    const std::string_view content = from.rest().text();
    if (name.empty() || quality > 1)
        throw fairlead::malformed_message{"a message has a topic, and is sent once or at least once"};
    topics.publish(name, mqtt::make_packet(packet_type::publish, mqtt::string(name).append(content)));
    if (quality == 1)
        client.send(mqtt::make_packet(packet_type::puback, number));
}

void subscribe(fairlead::byte_reader from, fairlead::topics& topics, fairlead::session& client) {
    std::string answer = to_string(from.bytes(2));
    while (from.left() != 0) {
        const std::string_view name = mqtt::take_string(from);
        from.read<std::uint8_t>(); // the quality that is asked for; it gets 0
        const bool plain = name.find_first_of("+#") == std::string_view::npos;
        answer += plain && topics.subscribe(client, name) ? '\0' : '\x80';
    }
    client.send(mqtt::make_packet(packet_type::suback, answer));
}

void unsubscribe(fairlead::byte_reader from, fairlead::topics& topics, fairlead::session& client) {
    const std::string_view number = from.bytes(2).text();
    while (from.left() != 0)
        topics.unsubscribe(client, mqtt::take_string(from));
    client.send(mqtt::make_packet(packet_type::unsuback, number));
}

// Returns false for a packet that ends the session.
bool answer(fairlead::bytes_view packet, fairlead::topics& topics, fairlead::session& client) {
    const fairlead::byte_reader body = mqtt::body_of(packet);
    switch (mqtt::type_of(packet)) {
    case packet_type::publish: publish(body, packet[0] & 0x0F, topics, client); return true;
    case packet_type::subscribe: subscribe(body, topics, client); return true;
    case packet_type::unsubscribe: unsubscribe(body, topics, client); return true;
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
        bool goes_on = hello && mqtt::type_of(*hello) == packet_type::connect && welcome(mqtt::body_of(*hello), client);
        while (goes_on) {
            const auto packet = co_await client.receive();
            goes_on = packet && answer(*packet, topics, client);
        }
    };
    const auto at = server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:1883", mqtt::framing{}, serve);
    std::cout << "listening " << at.to_string() << std::endl;
    return server.run();
}
