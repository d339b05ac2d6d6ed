#pragma once

#include <fairlead/error.hpp>
#include <fairlead/url.hpp>

#include <boost/system/system_error.hpp>

#include <string>

namespace fairlead {

/// Ends the opening of a listener: throws boost::system::system_error that names the URL, what we know, and the code.
[[noreturn]] inline void refuse_to_listen(const url& url, const error_code& why, const std::string& sentence = {}) {
    throw boost::system::system_error{why, "cannot listen at " + url.to_string() +
                                               (sentence.empty() ? sentence : ": " + sentence)};
}

} // namespace fairlead
