#pragma once

#include <fairlead/error.hpp>
#include <fairlead/url.hpp>

#include <boost/system/system_error.hpp>

#include <string>

namespace fairlead {

/// Throws boost::system::system_error whose text names the URL, the known cause and the code.
[[noreturn]] inline void refuse_to_listen(const url& url, const error_code& why, const std::string& sentence = {}) {
    throw boost::system::system_error{why, "cannot listen at " + url.to_string() +
                                               (sentence.empty() ? sentence : ": " + sentence)};
}

} // namespace fairlead
