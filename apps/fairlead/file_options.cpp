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
    refuse_empty(command.add_option("--directory", to.directory, "needed: where files are stored; it must exist"))
        ->type_name("DIR");
    command
        .add_option("--protocol", options.protocol,
                    "framed: the protocol of `fairlead send`; separator: a name, a\n"
                    "separator, the size, then the bytes, one file for each\n"
                    "connection")
        ->check(CLI::IsMember({"framed", "separator"}))
        ->type_name("NAME")
        ->capture_default_str();
    command.add_option("--separator", options.separator, "the text after the name, with --protocol separator")
        ->type_name("TEXT")
        ->capture_default_str();
    command
        .add_option("--existing", options.existing,
                    "if a file of that name exists: reject, number (store it as\n`name (1).ext`) or replace")
        ->check(CLI::IsMember({"reject", "number", "replace"}))
        ->type_name("POLICY")
        ->capture_default_str();
    command.add_flag_callback(
        "--no-sync", [&to] { to.durable = false; },
        "do not wait for the disk: faster, but a power failure can lose\nfiles that were reported as stored");
    add_mode(command, "--file-mode", to.mode, "permissions of stored files");
    add_size(command, "--max-file-size", to.max_file_size, "of one file; 0: no limit, here and in the next two");
    add_size(command, "--max-total", to.max_total, "of all files in the directory");
    add_size(command, "--max-bytes-per-address", to.max_bytes_per_address,
             "from one IPv4 address or IPv6 /64 in --quota-period");
    add_count(command, "--max-files-per-address", to.max_files_per_address,
              "files from one address in --quota-period; 0: no limit");
    add_duration(command, "--quota-period", to.quota_period, "the period of the two limits for each address");
    add_count(command, "--max-uploads", to.max_uploads, "uploads at one time");
    add_count(command, "--max-uploads-per-address", to.max_uploads_per_address,
              "uploads at one time from one IPv4 address or IPv6 /64; 0: no\nlimit");
    add_count(command, "--max-partials", to.max_partials,
              "partial files to keep; further uploads cannot be resumed;\n0: no limit");
    add_size(command, "--min-free-space", to.min_free_space, "space to leave free on the disk");
    add_size(command, "--min-rate", to.min_rate,
             "bytes a second that a sender must send, on average, after its\nfirst ten seconds; 0: no limit");
    add_duration(command, "--upload-timeout", to.upload_deadline, "for one file, from its first byte; 0: no limit");
    add_duration(command, "--offer-timeout", to.offer_timeout,
                 "time for the first byte of a file, while more than half of\n--max-uploads are open; 0: no "
                 "limit");
    add_duration(command, "--keep-partials", to.keep_partials,
                 "how long a partial file is kept to be resumed; 0: for ever");
}

} // namespace fairlead::command
