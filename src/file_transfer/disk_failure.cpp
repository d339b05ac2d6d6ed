#include "file_transfer/disk_failure.hpp"

#include "core/system_error.hpp"

#include <cerrno>

namespace fairlead::file_transfer {

upload_limits::objection disk_failed(const std::string& failure, const error_code& why) {
    if (why == boost::system::errc::no_space_on_device || why == system_code(EDQUOT))
        return {refusal_code::space, "the disk is full"};
    if (why == boost::system::errc::file_too_large)
        return {refusal_code::size, "the file is larger than the receiver's system allows"};
    if (why == boost::system::errc::too_many_files_open || why == boost::system::errc::too_many_files_open_in_system)
        return {refusal_code::busy, "the receiver has no descriptor left for another file (" + why.message() + ")"};
    if (why == system_code(ESTALE))
        return {refusal_code::storage, "another program changed or moved what had come of the file; send it again"};
    return {refusal_code::storage, failure + ": " + why.message()};
}

} // namespace fairlead::file_transfer
