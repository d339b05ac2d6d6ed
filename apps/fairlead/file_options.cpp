#include "file_options.hpp"

#include "options.hpp"

namespace fairlead::command {

namespace {

existing_file policy_of(const std::string& name) {
    if (name == "replace")
        return existing_file::replace;
    return name == "number" ? existing_file::number : existing_file::reject;
}

} // namespace

file_receiver_options file_options::settings() const {
    file_receiver_options how = receiver;
    how.existing = policy_of(existing);
    return how;
}

void add_file_options(CLI::App& command, file_options& options) {
    file_receiver_options& to = options.receiver;
    command.add_option("--directory", to.directory, "where they go; it must be there")->type_name("DIR")->required();
    command
        .add_option("--protocol", options.protocol,
                    "framed, as `fairlead send` speaks, or separator: a name, a\n"
                    "separator, the size, and at once the bytes, one file each\n"
                    "connection")
        ->check(CLI::IsMember({"framed", "separator"}))
        ->type_name("NAME")
        ->capture_default_str();
    command.add_option("--separator", options.separator, "the text behind the name with --protocol separator")
        ->type_name("TEXT")
        ->capture_default_str();
    command
        .add_option("--existing", options.existing,
                    "when there is something of that name: reject, number\n(store it as `name (1).ext`) or replace")
        ->check(CLI::IsMember({"reject", "number", "replace"}))
        ->type_name("POLICY")
        ->capture_default_str();
    command.add_flag_callback(
        "--no-sync", [&to] { to.durable = false; },
        "do not wait for the disk: faster, and a loss of power may lose\nfiles that their senders think are stored");
    add_mode(command, "--file-mode", to.mode, "permissions of stored files");
    add_size(command, "--max-file-size", to.max_file_size, "of one file; 0 means any size, here and in the next two");
    add_size(command, "--max-total", to.max_total, "of all that is in the directory");
    add_size(command, "--max-bytes-per-address", to.max_bytes_per_address,
             "from one IPv4 address or IPv6 /64 in --quota-period");
    add_count(command, "--max-files-per-address", to.max_files_per_address, "the same in files; 0 means any number");
    add_duration(command, "--quota-period", to.quota_period, "after which an address may send as much again");
    add_count(command, "--max-uploads", to.max_uploads, "files at one time");
    add_count(command, "--max-uploads-per-address", to.max_uploads_per_address,
              "of those, from one IPv4 address or IPv6 /64; 0 means any number");
    add_count(command, "--max-partials", to.max_partials,
              "uploads that were cut short and are kept; beyond that none\ncan be gone on with; 0 means any number");
    add_size(command, "--min-free-space", to.min_free_space, "what is to be left free on the disk");
    add_size(command, "--min-rate", to.min_rate,
             "the least that a sender must bring each second, on average,\nafter its first ten; 0 is off");
    add_duration(command, "--upload-timeout", to.upload_deadline, "for one file, from its first byte; 0 is off");
    add_duration(command, "--offer-timeout", to.offer_timeout,
                 "how long a file may be open before its first byte comes,\nwhile more than half of those at one time "
                 "are; 0 is off");
    add_duration(command, "--keep-partials", to.keep_partials,
                 "how long what was cut short is kept to be gone on with");
}

} // namespace fairlead::command
