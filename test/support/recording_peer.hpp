#pragma once

#include <fairlead/handler.hpp>

#include <string>
#include <vector>

namespace fairlead::test {

/// A peer that keeps what it is sent, and refuses when told to.
class recording_peer final : public peer {
public:
    result<void> send(bytes_view message) override {
        if (refusal)
            return refusal;
        sent.push_back(to_string(message));
        return {};
    }
    void close() override { closed = true; }
    endpoint remote() const override { return {}; }

    error_code refusal;
    bool closed = false;
    std::vector<std::string> sent;
};

} // namespace fairlead::test
