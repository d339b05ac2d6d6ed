#pragma once

#include "file_transfer/storage.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace fairlead::test {

/// A storage in memory that knows what a loss of power would leave, and fails when it is told to.
class fake_storage final : public file_transfer::storage {
    using id = std::pair<std::uint64_t, std::uint64_t>;

public:
    struct node {
        std::string bytes;
        bool synced = true; ///< all of its bytes are on the disk
        bool directory = false;
    };

    /// The call with this number fails, counted from 1; 0: none does.
    void fail_at(unsigned call, int error) {
        fail_at_ = call;
        error_ = error;
    }
    unsigned calls() const noexcept { return calls_; }

    std::map<std::string, std::shared_ptr<node>> names;
    std::set<std::string> names_on_disk;
    std::map<id, std::shared_ptr<node>> kept;
    std::uint64_t room = std::numeric_limits<std::uint64_t>::max(); ///< bytes
    bool published_before_sync = false; ///< a file got its name before its bytes were on the disk
    std::string log;                    ///< `r`ead, `w`rite, `s`ync, `p`ublish, `n`ames synced

    result<std::unique_ptr<file_transfer::staged_file>> open(const std::optional<file_transfer::digest>& key) override {
        if (fails())
            return failure();
        if (!key)
            return std::unique_ptr<file_transfer::staged_file>{new staged{*this, std::make_shared<node>(), {}}};
        const id which{key->high, key->low};
        if (open_.contains(which))
            return error_code{EBUSY, boost::system::system_category()};
        auto& there = kept[which];
        if (!there)
            there = std::make_shared<node>();
        open_.insert(which);
        return std::unique_ptr<file_transfer::staged_file>{new staged{*this, there, which}};
    }

    result<std::optional<entry>> find(const std::string& name) override {
        if (fails())
            return failure();
        const auto found = names.find(name);
        if (found == names.end())
            return std::optional<entry>{};
        return std::optional{entry{.regular = !found->second->directory,
                                   .directory = found->second->directory,
                                   .size = found->second->bytes.size()}};
    }

    result<std::unique_ptr<file_transfer::file_hashing>> hash(const std::string& name) override {
        if (fails())
            return failure();
        return std::unique_ptr<file_transfer::file_hashing>{new hashing{*this, names.at(name)}};
    }

    result<std::string> publish(file_transfer::staged_file& file, const std::string& name,
                                existing_file policy) override {
        if (fails())
            return failure();
        std::string chosen = name;
        for (int number = 1; names.contains(chosen) && policy == existing_file::number; ++number)
            chosen = name + '#' + std::to_string(number);
        if (names.contains(chosen) && policy != existing_file::replace)
            return error_code{EEXIST, boost::system::system_category()};
        auto& ours = dynamic_cast<staged&>(file);
        published_before_sync = published_before_sync || !ours.data->synced;
        names[chosen] = ours.data;
        names_on_disk.erase(chosen);
        ours.discard();
        log += 'p';
        return chosen;
    }

    result<void> sync_names() override {
        if (fails())
            return failure();
        for (const auto& [name, unused] : names)
            names_on_disk.insert(name);
        log += 'n';
        return {};
    }

    result<std::uint64_t> free_space() override {
        if (fails())
            return failure();
        return room;
    }

    result<std::uint64_t> used_space() override {
        if (fails())
            return failure();
        std::uint64_t sum = 0;
        for (const auto& [name, file] : names)
            sum += file->bytes.size();
        for (const auto& [key, file] : kept)
            sum += file->bytes.size();
        return sum;
    }

    std::uint64_t hashed = 0; ///< bytes of files that have a name

private:
    class hashing final : public file_transfer::file_hashing {
    public:
        hashing(fake_storage& owner, std::shared_ptr<node> what) : owner_{owner}, what_{std::move(what)} {}

        result<progress> read_on(std::uint64_t most) override {
            if (owner_.fails())
                return owner_.failure();
            progress done{.read = std::min<std::uint64_t>(what_->bytes.size() - at_, most)};
            at_ += done.read;
            owner_.hashed += done.read;
            if (at_ == what_->bytes.size())
                done.hash = file_transfer::digest_of(what_->bytes);
            return done;
        }

        result<void> sync() override {
            if (owner_.fails())
                return owner_.failure();
            what_->synced = true;
            return {};
        }

    private:
        fake_storage& owner_;
        std::shared_ptr<node> what_;
        std::uint64_t at_ = 0;
    };

    class staged final : public file_transfer::staged_file {
    public:
        staged(fake_storage& owner, std::shared_ptr<node> what, std::optional<id> key)
            : data{std::move(what)}, owner_{owner}, key_{key} {}
        ~staged() override {
            if (!key_)
                return;
            owner_.open_.erase(*key_);
            if (discarded_ || data->bytes.empty())
                owner_.kept.erase(*key_);
        }

        std::uint64_t size() const noexcept override { return data->bytes.size(); }

        result<std::size_t> read(std::uint64_t offset, std::span<unsigned char> into) override {
            if (owner_.fails())
                return owner_.failure();
            owner_.log += 'r';
            return data->bytes.copy(reinterpret_cast<char*>(into.data()), into.size(), offset);
        }

        result<void> append(bytes_view bytes) override {
            if (owner_.fails())
                return owner_.failure();
            if (bytes.size() > owner_.room)
                return error_code{ENOSPC, boost::system::system_category()};
            owner_.room -= bytes.size();
            data->bytes += bytes.text();
            data->synced = false;
            owner_.log += 'w';
            return {};
        }

        result<void> clear() override {
            if (owner_.fails())
                return owner_.failure();
            data->bytes.clear();
            return {};
        }

        void begin_sync() noexcept override {}

        result<void> sync() override {
            if (owner_.fails())
                return owner_.failure();
            data->synced = true;
            owner_.log += 's';
            return {};
        }

        result<void> set_mtime(std::int64_t) override {
            if (owner_.fails())
                return owner_.failure();
            return {};
        }

        result<unique_descriptor> duplicate() const override {
            if (owner_.fails())
                return owner_.failure();
            return unique_descriptor{};
        }

        bool may_be_kept() const noexcept override { return key_.has_value(); }
        void discard() noexcept override { discarded_ = true; }

        std::shared_ptr<node> data;

    private:
        fake_storage& owner_;
        std::optional<id> key_;
        bool discarded_ = false;
    };

    bool fails() noexcept { return ++calls_ == fail_at_; }
    error_code failure() const noexcept { return {error_, boost::system::system_category()}; }

    std::set<id> open_;
    unsigned calls_ = 0;
    unsigned fail_at_ = 0;
    int error_ = EIO;
};

} // namespace fairlead::test
