// A small broker of MQTT 3.1.1: a framing of its own (mqtt.hpp), its handler (mqtt_handler.hpp), and topics that carry each
// message to all that subscribed. It delivers at most once (QoS 0), keeps no messages, and refuses wildcards.
//
//     $ 18_mqtt_broker &
//     $ mosquitto_sub -p 1883 -t home/door &
//     $ mosquitto_pub -p 1883 -t home/door -m open

#include "mqtt.hpp"
#include "mqtt_handler.hpp"

#include <fairlead/server.hpp>
#include <fairlead/topics.hpp>

#include <iostream>

int main(int argc, char** argv) {
    fairlead::topics topics; // before the server: it outlives the sessions
    const auto publish = [&](std::string_view topic, std::string_view content) {
        return topics.publish(topic, mqtt::make_message(topic, content)).has_value();
    };
    const auto subscribe = [&](fairlead::peer& client, std::string_view topic) {
        const bool has_wildcard = topic.find_first_of("+#") != std::string_view::npos;
        return !has_wildcard && topics.subscribe(client, topic);
    };
    const auto unsubscribe = [&](fairlead::peer& client, std::string_view topic) { topics.unsubscribe(client, topic); };

    fairlead::server server;
    const auto handler = mqtt::handler({publish, subscribe, unsubscribe});
    const auto address = server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:1883", mqtt::framing{}, handler);
    std::cout << "listening " << address.to_string() << std::endl;
    return server.run();
}
