#include "metrics/metrics_registry.hpp"

#include <fairlead/printable.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace fairlead {

namespace {

bool have_same_names(const metric_labels& a, const metric_labels& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const metric_label& one, const metric_label& other) { return one.name == other.name; });
}

void check_is_same(const metric_request& exists, const metric_request& wanted) {
    const std::string same = ": " + describe(exists) + " exists already ";
    if (wanted.kind != exists.kind || wanted.name != exists.name)
        throw std::invalid_argument{describe(wanted) + same + "and has the same name in a format; choose another name"};
    if (wanted.help != exists.help)
        throw std::invalid_argument{describe(wanted) + same + "with the help '" + printable(exists.help) +
                                    "'; use the same help, or another name"};
    if (!have_same_names(wanted.labels, exists.labels))
        throw std::invalid_argument{describe(wanted) + same +
                                    "with other labels; give each use of a name the same names of labels"};
    if (wanted.buckets != exists.buckets)
        throw std::invalid_argument{describe(wanted) + same + "with other buckets; give each use the same ones"};
}

std::shared_ptr<metric_series> make_series(const metric_request& wanted) {
    switch (wanted.kind) {
    case metric_kind::counter: return std::make_shared<counter_series>();
    case metric_kind::gauge: return std::make_shared<gauge_series>();
    case metric_kind::histogram: break;
    }
    return std::make_shared<histogram_series>(wanted.buckets);
}

} // namespace

std::shared_ptr<metric_series> metrics_registry::find_or_make(metric_request wanted) {
    check_metric(wanted);
    std::sort(wanted.labels.begin(), wanted.labels.end());
    const std::lock_guard lock{mutex_};
    const auto known = families_.find(base_name(wanted));
    if (known != families_.end()) {
        check_is_same(known->second.first, wanted);
        const auto found = known->second.series.find(wanted.labels);
        if (found != known->second.series.end())
            return found->second;
    }
    if (size_ == metrics::max_series)
        throw std::length_error{describe(wanted) + ": there are " + std::to_string(size_) +
                                " metrics already; make no labels of names or addresses of peers"};
    auto made = make_series(wanted);
    family& place = families_.try_emplace(std::string{base_name(wanted)}, family{wanted}).first->second;
    place.series.emplace(std::move(wanted.labels), made);
    ++size_;
    return made;
}

void metrics_registry::write(metrics_writer& out) const {
    const std::lock_guard lock{mutex_};
    for (const auto& [name, each] : families_) {
        out.begin(each.first.kind, name, each.first.help);
        for (const auto& [labels, series] : each.series)
            series->write(out, labels);
    }
}

} // namespace fairlead
