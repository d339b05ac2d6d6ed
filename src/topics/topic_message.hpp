#pragma once

#include <fairlead/bytes.hpp>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

namespace fairlead {

/// A published message, which threads and subscribers share. Its bytes follow it in memory. The last owner frees it.
///
/// Thread safety: any thread, except `number`, which is set before others see the message.
class topic_message {
public:
    using pointer = boost::intrusive_ptr<topic_message>;

    static constexpr std::size_t cost = 64; ///< bytes of memory beside those of the message, about

    static pointer make(bytes_view bytes) {
        void* const place = ::operator new(sizeof(topic_message) + bytes.size());
        auto* const made = new (place) topic_message{bytes.size()};
        if (!bytes.empty())
            std::memcpy(static_cast<unsigned char*>(place) + sizeof(topic_message), bytes.data(), bytes.size());
        return pointer{made};
    }
    topic_message(const topic_message&) = delete;
    topic_message& operator=(const topic_message&) = delete;

    bytes_view bytes() const noexcept { return {this + 1, size_}; }

    std::uint32_t number() const noexcept { return number_; } ///< among the messages of its topic
    void set_number(std::uint32_t number) noexcept { number_ = number; }

private:
    explicit topic_message(std::size_t size) noexcept : size_{size} {}
    ~topic_message() = default;

    friend void intrusive_ptr_add_ref(topic_message* of) noexcept {
        of->owners_.fetch_add(1, std::memory_order_relaxed);
    }
    friend void intrusive_ptr_release(topic_message* of) noexcept {
        if (of->owners_.fetch_sub(1, std::memory_order_acq_rel) != 1)
            return;
        of->~topic_message();
        ::operator delete(of);
    }

    std::atomic<std::uint32_t> owners_{0};
    std::uint32_t number_ = 0;
    std::size_t size_;
};

} // namespace fairlead
