#pragma once

#include "file_transfer/upload_limits.hpp"

#include <fairlead/error.hpp>

#include <string>

namespace fairlead::file_transfer {

/// Returns the refusal that a sender gets for an error of the disk. `failure` says what could not be done.
upload_limits::objection disk_failed(const std::string& failure, const error_code& why);

} // namespace fairlead::file_transfer
