#pragma once

#include <fairlead/api.hpp>

#include <string>

namespace FAIRLEAD_API fairlead {

class metrics;

/// The metrics in which a layer counts; none by default.
///
///     const layer_metrics orders{&server.metrics(), "orders"};
///     server.listen("tcp://127.0.0.1:9000", line{}, rate_limited({.messages = 100}, echo(), orders));
///
/// | metric                 | counts                                                                               |
/// |------------------------|--------------------------------------------------------------------------------------|
/// | `layer_messages_total` | messages; `outcome` is `passed`, `dropped`, of `filtered` also `closed`, and of      |
/// |                        | `zstd_compressed` also `sent`                                                        |
/// | `layer_waits_total`    | messages that waited, while no other of their session was read                       |
/// | `layer_logins_total`   | logins; `outcome` is `accepted`, `wrong` or `late`                                   |
/// | `layer_bytes_total`    | bytes of messages that `zstd_compressed` passed or sent; `direction` is `received`   |
/// |                        | or `sent`, `form` is `plain` or `compressed`                                         |
///
/// Each has the labels `layer`, such as `rate_limited`, and `name`. Layers of the same kind and name count together.
struct layer_metrics {
    metrics* in = nullptr; ///< needed while the layer is made, not later
    std::string name = {}; ///< the label `name`: the part of the program that the layer protects
};

} // namespace fairlead
