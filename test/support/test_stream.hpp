#pragma once

#include <fairlead/transport/stream.hpp>

namespace fairlead::test {

/// What streams of tests have in common: events that a test notifies, no addresses, and ends that do nothing.
class test_stream : public stream {
public:
    event& readable() noexcept override { return readable_; }
    event& writable() noexcept override { return writable_; }
    void shutdown() noexcept override {}
    void close() noexcept override {}
    endpoint local() const override { return {}; }
    endpoint remote() const override { return {}; }

protected:
    event readable_;
    event writable_;
};

} // namespace fairlead::test
