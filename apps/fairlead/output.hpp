#pragma once

namespace fairlead::command {

/// Hands what was printed to the system. Errors: throws std::runtime_error when some of it could not be written.
void flush_output();

} // namespace fairlead::command
