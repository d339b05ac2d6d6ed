#pragma once

#include "file_transfer/message.hpp"
#include "file_transfer/upload.hpp"

#include <fairlead/file_transfer/receiver_options.hpp>

#include <memory>
#include <optional>
#include <variant>

/// The hooks of `file_receiver_options` that run beside a connection. They may block for long.
namespace fairlead::file_transfer {

/// A whole file that waits for the decision of `on_received`.
struct file_to_judge {
    file_id id = 0;
    std::shared_ptr<upload> file = {};
};

struct verdict {
    file_id id = 0;
    std::optional<upload::objection> against = {}; ///< empty: it is to be published
};

/// Calls `on_received`. The verdict has the errors, those of the hook too. Throws
/// std::bad_alloc if there is no memory to call it.
verdict judge(const file_receiver_options& options, const file_to_judge& whole);

/// The outcome of a file for `on_stored` or `on_failed`.
using notice = std::variant<stored_file, failed_file>;

/// Calls the hook of the notice. An exception is logged with the file and the hook.
void tell(const file_receiver_options& options, const notice& outcome) noexcept;

} // namespace fairlead::file_transfer
