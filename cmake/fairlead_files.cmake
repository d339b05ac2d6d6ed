# File transfer, and what only it needs: nlohmann-json and xxHash. Both are headers, compiled in, and neither is included by
# ours; so the installed library needs nothing more.

find_package(nlohmann_json 3.9 QUIET)
find_path(FAIRLEAD_XXHASH_INCLUDE_DIR xxhash.h)
mark_as_advanced(FAIRLEAD_XXHASH_INCLUDE_DIR)
if(NOT nlohmann_json_FOUND OR NOT FAIRLEAD_XXHASH_INCLUDE_DIR)
    message(FATAL_ERROR "File transfer needs nlohmann-json and xxHash; on Debian install nlohmann-json3-dev and \
libxxhash-dev, or leave it out with -DFAIRLEAD_FILES=OFF")
endif()

target_sources(fairlead PRIVATE
    src/file_transfer/offer_check.cpp
    src/file_transfer/control_fields.cpp
    src/file_transfer/delivery.cpp
    src/file_transfer/digest.cpp
    src/file_transfer/directory_calls.cpp
    src/file_transfer/directory_file.cpp
    src/file_transfer/directory_storage.cpp
    src/file_transfer/field_reader.cpp
    src/file_transfer/field_writer.cpp
    src/file_transfer/file_end.cpp
    src/file_transfer/file_name.cpp
    src/file_transfer/known_uploads.cpp
    src/file_transfer/outgoing_file.cpp
    src/file_transfer/plain_header.cpp
    src/file_transfer/plain_receiver.cpp
    src/file_transfer/read_message.cpp
    src/file_transfer/receiver_connection.cpp
    src/file_transfer/receiver_hooks.cpp
    src/file_transfer/receiver_protocol.cpp
    src/file_transfer/refusal_code.cpp
    src/file_transfer/send_files.cpp
    src/file_transfer/sender_protocol.cpp
    src/file_transfer/source_file.cpp
    src/file_transfer/delivery_outcome.cpp
    src/file_transfer/staging_directory.cpp
    src/file_transfer/unseen_characters.cpp
    src/file_transfer/upload.cpp
    src/file_transfer/upload_limits.cpp
    src/file_transfer/write_message.cpp
    src/handlers/file_receiver.cpp
    src/file_transfer/disk_failure.cpp
)
target_include_directories(fairlead SYSTEM PRIVATE ${FAIRLEAD_XXHASH_INCLUDE_DIR})
target_link_libraries(fairlead PRIVATE $<BUILD_INTERFACE:nlohmann_json::nlohmann_json>)
