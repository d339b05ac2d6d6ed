#include "topics_load/subscribers.hpp"

#include "require.hpp"

#include <algorithm>
#include <cstring>
#include <sys/socket.h>
#include <utility>

namespace fairlead::bench {

namespace {

constexpr int small_buffer = 4096;
constexpr std::size_t one_in = 97;
constexpr std::size_t at_once = 100; // fit into the backlog

} // namespace

subscribers::subscribers(const protocol& how, const ::sockaddr_in& to, std::size_t count)
    : how_{how}, last_{to, small_buffer} {
    all_.reserve(count); // the poller has their addresses
    while (all_.size() != count)
        add(to, std::min(at_once, count - all_.size()));
    connection* const last[] = {&last_};
    open(last);
    converse(last, how_.subscription(only_of_the_last));
    poller_.add(last_.socket(), nullptr);
}

void subscribers::add(const ::sockaddr_in& to, std::size_t count) {
    std::vector<connection*> added;
    for (; added.size() != count; poller_.add(added.back()->socket(), &all_.back())) {
        all_.push_back({.from = std::make_unique<connection>(to), .looks = all_.size() % one_in == 0});
        added.push_back(all_.back().from.get());
    }
    open(added);
}

void subscribers::open(std::span<connection* const> these) {
    for (const auto& step : how_.opening())
        converse(these, step);
    converse(these, how_.subscription(topic));
}

void subscribers::expect(std::size_t message) {
    frame_ = how_.delivered(message);
}

void subscribers::read_some() {
    poller_.wait([this](void* whose) {
        if (whose != nullptr)
            read(*static_cast<subscriber*>(whose));
        else
            drain_the_last();
    });
}

void subscribers::read(subscriber& to) {
    char bytes[64 * 1024];
    take(to, {bytes, to.from->read(bytes, sizeof bytes)});
}

void subscribers::take(subscriber& to, std::string_view bytes) {
    const auto interruption = how_.interruption();
    while (!bytes.empty()) {
        if (to.left == 0) {
            to.is_message = interruption.empty() || bytes.front() != interruption.front();
            to.left = to.is_message ? frame_.size : interruption.size();
            to.seen.clear();
        }
        const std::size_t size = std::min(to.left, bytes.size());
        if (to.looks)
            to.seen.append(bytes.substr(0, size));
        bytes.remove_prefix(size);
        to.left -= size;
        if (to.left == 0 && to.is_message)
            note(to);
    }
}

void subscribers::note(const subscriber& of) {
    ++delivered_;
    if (!of.looks)
        return;
    std::uint64_t sent = 0;
    std::memcpy(&sent, of.seen.data() + frame_.before + 1, sizeof sent);
    delays_.push_back(static_cast<float>(now_ns() - sent) / 1e3F);
}

void subscribers::drain_the_last() {
    char bytes[64 * 1024];
    last_.read(bytes, sizeof bytes);
}

void subscribers::stop_the_last() {
    poller_.remove(last_.socket());
}

void subscribers::resume_the_last() {
    poller_.add(last_.socket(), nullptr);
}

} // namespace fairlead::bench
