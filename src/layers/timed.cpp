#include <fairlead/layers/timed.hpp>

#include "layers/measured.hpp"

#include <utility>

namespace fairlead {

namespace {

class time_observer final : public message_observer {
public:
    explicit time_observer(histogram_metric times) noexcept : times_{std::move(times)} {}

    void handled(const peer&, std::size_t, std::chrono::nanoseconds taken) const noexcept override {
        times_.observe(taken);
    }

private:
    const histogram_metric times_;
};

} // namespace

handler timed(histogram_metric times, handler inner) {
    return measured(std::make_shared<const time_observer>(std::move(times)), std::move(inner));
}

} // namespace fairlead
