#pragma once

#include "integration/support/background_shard.hpp"
#include "integration/support/nats_server.hpp"
#include "nats/nats_bridge.hpp"
#include "runtime/shard_core.hpp"

#include <fairlead/logging.hpp>
#include <fairlead/nats.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <mutex>
#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/spdlog.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace fairlead::test {

inline void await(const std::function<bool()>& condition, const std::string& what) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{40};
    while (!condition()) {
        if (std::chrono::steady_clock::now() > give_up)
            throw std::runtime_error{"not within 40 s: " + what};
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
}

/// One process of a service: a shard, a bridge, and all that the bridge has told.
class member final : private topic_bridge::receiver {
public:
    explicit member(const std::string& url, const nats_options& options = {})
        : bridge_{std::dynamic_pointer_cast<nats_bridge>(nats(url, options))} {
        bridge_->start(core_of(*home_), *this);
        home_.run();
    }
    ~member() { leave(); }

    nats_bridge& bridge() { return *bridge_; }
    std::shared_ptr<topic_bridge> shared_bridge() { return bridge_; }

    void stop_shard() { home_.stop(); }
    void leave() {
        bridge_.reset();
        home_.stop();
    }

    std::vector<std::string> heard(const std::string& topic) const {
        const std::lock_guard lock{mutex_};
        const auto found = heard_.find(topic);
        return found == heard_.end() ? std::vector<std::string>{} : found->second;
    }
    std::uint64_t lost(const std::string& topic) const {
        const std::lock_guard lock{mutex_};
        const auto found = lost_.find(topic);
        return found == lost_.end() ? 0 : found->second;
    }
    /// How often it was told that an unknown number is lost.
    int gaps(const std::string& topic) const {
        const std::lock_guard lock{mutex_};
        const auto found = gaps_.find(topic);
        return found == gaps_.end() ? 0 : found->second;
    }

    std::function<void()> on_deliver; ///< set before the first message

private:
    void deliver(std::string_view topic, bytes_view message) override {
        if (on_deliver)
            on_deliver();
        const std::lock_guard lock{mutex_};
        heard_[std::string{topic}].push_back(to_string(message));
    }
    void lost(std::string_view topic, std::uint64_t messages) override {
        const std::lock_guard lock{mutex_};
        if (messages == 0)
            ++gaps_[std::string{topic}];
        lost_[std::string{topic}] += messages;
    }

    mutable std::mutex mutex_;
    std::map<std::string, std::vector<std::string>> heard_;
    std::map<std::string, std::uint64_t> lost_;
    std::map<std::string, int> gaps_;
    background_shard home_;
    std::shared_ptr<nats_bridge> bridge_;
};

/// A broker that is not yet started, and what the log says.
class nats_fixture : public ::testing::Test {
protected:
    void SetUp() override {
        if (nats_server_program().empty())
            GTEST_SKIP() << "nats-server is not installed";
        ::setenv("SSL_CERT_FILE", "/dev/null",
                 1); // the certificates that the system trusts take a tenth of a second to read
        set_logger(std::make_shared<spdlog::logger>("test", lines_));
    }
    ~nats_fixture() override { set_logger(nullptr); }

    /// How many lines of the log have this.
    int logged(const std::string& part) const {
        int count = 0;
        for (const std::string& each : lines_->last_formatted())
            count += each.find(part) != std::string::npos;
        return count;
    }

    /// Sends probes from one to the other until one arrives, so that both are there.
    static int join(member& from, member& to, const std::string& topic) {
        to.bridge().subscribe(topic);
        return probe(from, to, topic);
    }
    /// How many it took.
    static int probe(member& from, member& to, const std::string& topic) {
        static std::atomic<int> number{0};
        const std::string mine = "probe " + std::to_string(++number);
        int sent = 0;
        await(
            [&] {
                const auto heard = to.heard(topic);
                if (std::find(heard.begin(), heard.end(), mine) != heard.end())
                    return true;
                sent += from.bridge().publish(topic, mine) || true;
                std::this_thread::sleep_for(std::chrono::milliseconds{10});
                return false;
            },
            "a message from one to the other");
        return sent;
    }

    /// Until all that one has published has arrived. Gives how many messages were heard or lost up to then.
    static std::uint64_t settle(member& from, member& to, const std::string& topic) {
        const std::string mark = "probe: the last for now";
        if (!from.bridge().publish(topic, mark))
            throw std::runtime_error{"the mark was not taken"};
        await(
            [&] {
                const auto heard = to.heard(topic);
                return !heard.empty() && heard.back() == mark;
            },
            "the mark");
        return to.heard(topic).size() + to.lost(topic);
    }

    nats_server_process broker;

private:
    const std::shared_ptr<spdlog::sinks::ringbuffer_sink_mt> lines_ =
        std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(256);
};

inline std::vector<std::string> without_probes(std::vector<std::string> heard) {
    std::erase_if(heard, [](const std::string& each) { return each.starts_with("probe"); });
    return heard;
}

} // namespace fairlead::test
