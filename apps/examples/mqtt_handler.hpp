// The side of a broker in MQTT 3.1.1, over the framing of mqtt.hpp: a login, then packets and the answers to them. It carries
// messages sent at most once (QoS 0) and at least once (QoS 1), and delivers at most once.
//
//     CONNECT ──▶ CONNACK      PUBLISH ──▶ nothing, or PUBACK      SUBSCRIBE ──▶ SUBACK      UNSUBSCRIBE ──▶ UNSUBACK
//                              PINGREQ ──▶ PINGRESP                DISCONNECT, any other ──▶ the end
#pragma once

#include "mqtt.hpp"

#include <fairlead/byte_reader.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/handler.hpp>
#include <fairlead/layers/authenticated.hpp>
#include <fairlead/malformed_message.hpp>
#include <fairlead/session.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace mqtt {

/// The work of a broker.
struct broker {
    /// Returns false if the message cannot be delivered now: its sender is not told that it arrived.
    std::function<bool(std::string_view topic, std::string_view content)> publish;
    /// Returns false to refuse the topic.
    std::function<bool(fairlead::peer& client, std::string_view topic)> subscribe;
    std::function<void(fairlead::peer& client, std::string_view topic)> unsubscribe;
};

/// Returns the packet that brings a message to a subscriber.
inline std::string make_message(std::string_view topic, std::string_view content) {
    return make_packet(packet_type::publish, string(topic).append(content));
}

/// Welcomes a client of this version of the protocol.
inline fairlead::login_verdict welcome(fairlead::bytes_view packet, fairlead::session& client) {
    if (type_of(packet) != packet_type::connect)
        return fairlead::login_verdict::wrong;
    fairlead::byte_reader hello = body_of(packet);
    const bool known = take_string(hello) == "MQTT" && hello.read<std::uint8_t>() == 4;
    const char outcome[] = {0, static_cast<char>(known ? 0 : 1)};
    client.send(make_packet(packet_type::connack, {outcome, sizeof outcome}));
    return known ? fairlead::login_verdict::accepted : fairlead::login_verdict::wrong;
}

inline void take_message(fairlead::bytes_view packet, fairlead::peer& client, const broker& to) {
    fairlead::byte_reader from = body_of(packet);
    const unsigned quality = packet[0] >> 1 & 3;
    const std::string_view topic = take_string(from);
    const std::string_view number = from.bytes(quality > 0 ? 2 : 0).text();
    if (topic.empty() || quality > 1)
        throw fairlead::malformed_message{"a message has a topic, and is sent at most once or at least once"};
    if (to.publish(topic, from.rest().text()) && quality == 1)
        client.send(make_packet(packet_type::puback, number));
}

inline void subscribe(fairlead::bytes_view packet, fairlead::peer& client, const broker& to) {
    fairlead::byte_reader from = body_of(packet);
    std::string answer = to_string(from.bytes(2)); // the number of the packet, then a byte for each topic
    while (from.left() != 0) {
        const std::string_view topic = take_string(from);
        from.read<std::uint8_t>(); // the quality that is asked for; it gets 0
        answer += to.subscribe(client, topic) ? '\0' : '\x80';
    }
    client.send(make_packet(packet_type::suback, answer));
}

inline void unsubscribe(fairlead::bytes_view packet, fairlead::peer& client, const broker& to) {
    fairlead::byte_reader from = body_of(packet);
    const std::string_view number = from.bytes(2).text();
    while (from.left() != 0)
        to.unsubscribe(client, take_string(from));
    client.send(make_packet(packet_type::unsuback, number));
}

inline void answer(fairlead::bytes_view packet, fairlead::peer& client, const broker& to) {
    switch (type_of(packet)) {
    case packet_type::publish: return take_message(packet, client, to);
    case packet_type::subscribe: return subscribe(packet, client, to);
    case packet_type::unsubscribe: return unsubscribe(packet, client, to);
    case packet_type::pingreq: client.send(make_packet(packet_type::pingresp, "")); return;
    default: client.close();
    }
}

/// Returns the handler of a client. Use it with `mqtt::framing`.
inline fairlead::session_handler handler(broker to) {
    const auto serve = [to = std::move(to)](fairlead::bytes_view packet, fairlead::peer& client) {
        answer(packet, client, to);
    };
    return fairlead::authenticated(welcome, serve);
}

} // namespace mqtt
