#include "talk/line_editor.hpp"

#include "talk/byte_pipe.hpp"
#include "talk/history_file.hpp"
#include "talk/line_layout.hpp"
#include "talk/terminal_settings.hpp"

#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cwchar>
#include <histedit.h>
#include <iostream>
#include <mutex>
#include <new>
#include <poll.h>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <utility>

namespace fairlead::command {

namespace {

char prompt[] = "> ";

// Keys that other editors have and libedit does not bind, or binds otherwise.
constexpr const char* bindings[][2] = {
    {"^I", "ed-insert"},          {"^R", "em-inc-search-prev"}, {"^W", "ed-delete-prev-word"},
    {"\\e[1~", "ed-move-to-beg"}, {"\\e[4~", "ed-move-to-end"}, {"\\e[3~", "ed-delete-next-char"},
    {"\\e[1;5C", "em-next-word"}, {"\\e[1;5D", "ed-prev-word"},
};

bool is_text(const std::string& line) {
    return std::mbstowcs(nullptr, line.c_str(), 0) != static_cast<std::size_t>(-1);
}

struct editor_end {
    void operator()(::EditLine* editor) const { ::el_end(editor); }
};

struct history_end {
    void operator()(::History* history) const { ::history_end(history); }
};

/// libedit is used under the lock. The thread of the keys leaves the lock only while it waits for a key.
///
///     waiting ──start()──▶ editing ──Ctrl-D · end of the terminal · close()──▶ ended
class libedit_editor final : public line_editor {
public:
    libedit_editor() {
        std::setlocale(LC_CTYPE, "C.UTF-8");
        editor_.reset(::el_init("fairlead", stdin, stdout, stderr));
        if (!editor_)
            throw std::bad_alloc{};
        ::el_set(editor_.get(), EL_CLIENTDATA, this);
        ::el_set(
            editor_.get(), EL_PROMPT, +[](::EditLine*) { return prompt; });
        ::el_set(
            editor_.get(), EL_GETCFN, +[](::EditLine* editor, wchar_t* key) {
                void* self = nullptr;
                ::el_get(editor, EL_CLIENTDATA, &self);
                return static_cast<libedit_editor*>(self)->read_key(*key) ? 1 : 0;
            });
        ::el_set(editor_.get(), EL_EDITOR, "emacs");
        for (const auto& [keys, command] : bindings)
            ::el_set(editor_.get(), EL_BIND, keys, command, nullptr);
        ::el_source(editor_.get(), nullptr);
    }
    ~libedit_editor() override { close(); }

    /// Returns true if the terminal can move its cursor up, as the editor needs it, and `~/.editrc` does
    /// not turn editing off.
    bool is_usable() const {
        const char* up = nullptr;
        int edits = 0;
        return ::el_get(editor_.get(), EL_GETTC, "up", &up) == 0 && up && *up != '\0' &&
               ::el_get(editor_.get(), EL_EDITMODE, &edits) == 0 && edits != 0;
    }

    /// Reads the earlier lines, and keeps those to come.
    void load_history() {
        history_.reset(::history_init());
        if (!history_)
            throw std::bad_alloc{};
        ::HistEvent event;
        ::history(history_.get(), &event, H_SETSIZE, static_cast<int>(history_file::max_lines));
        ::history(history_.get(), &event, H_SETUNIQUE, 1);
        ::el_set(editor_.get(), EL_HIST, ::history, history_.get());
        try {
            file_.emplace(history_file::default_path());
            for (const std::string& line : file_->read())
                if (is_text(line)) // at other lines libedit would stop
                    ::history(history_.get(), &event, H_ENTER, line.c_str());
        } catch (const std::runtime_error& failed) {
            give_up_file(failed.what());
        }
    }

    void start() override {
        keys_ = std::thread{[this] { read_lines(); }};
    }

    void hide() override {
        if (output_.owns_lock())
            return;
        output_.lock();
        if (state_ == state::editing)
            erase();
    }

    void draw() override {
        if (!output_.owns_lock())
            return;
        if (state_ == state::editing)
            ::el_set(editor_.get(), EL_REFRESH);
        output_.unlock();
    }

    std::optional<std::string> take() override {
        const std::lock_guard locked{mutex_};
        if (typed_.empty() && state_ == state::ended)
            return {};
        if (state_ != state::ended)
            while (entered_.take())
                ;
        return std::exchange(typed_, {});
    }

    int descriptor() const noexcept override { return entered_.read_end(); }

    void close() override {
        hide();
        std::fflush(stdout);
        state_ = state::ended;
        output_.unlock();
        changes_.put(0);
        if (keys_.joinable())
            keys_.join();
        terminal_.reset();
    }

private:
    enum class state : std::uint8_t { waiting, editing, ended };

    void read_lines() {
        const std::lock_guard locked{mutex_};
        if (state_ == state::waiting)
            state_ = state::editing;
        while (state_ == state::editing) {
            int size = 0;
            ::el_set(editor_.get(), EL_PREP_TERM,
                     1); // before the prompt, so that the terminal echoes nothing behind it
            const char* const line = ::el_gets(editor_.get(), &size);
            if (!line)
                break;
            enter({line, static_cast<std::size_t>(size)});
        }
        if (state_ == state::editing)
            erase();
        std::fflush(stdout);
        state_ = state::ended;
        entered_.put(0);
    }

    void enter(std::string_view line) {
        typed_ += line;
        entered_.put(0);
        if (line.ends_with('\n'))
            line.remove_suffix(1);
        if (history_ && !line.empty())
            keep(std::string{line});
    }

    void keep(const std::string& line) {
        ::HistEvent event;
        ::history(history_.get(), &event, H_ENTER, line.c_str());
        try {
            if (file_)
                file_->append(line);
        } catch (const std::runtime_error& failed) {
            give_up_file(failed.what());
        }
    }

    void give_up_file(const char* why) {
        file_.reset();
        std::cerr << "fairlead: no history is kept: " << why << "; --no-history does without\n";
    }

    bool read_key(wchar_t& key) {
        constexpr auto invalid = static_cast<std::size_t>(-1);
        constexpr auto incomplete = static_cast<std::size_t>(-2);
        for (std::mbstate_t so_far{};;) {
            char byte = 0;
            if (!wait_for_byte())
                return false;
            const ::ssize_t got = ::read(STDIN_FILENO, &byte, 1);
            if (got < 0 && (errno == EINTR || errno == EAGAIN))
                continue;
            if (got <= 0)
                return false;
            std::size_t size = std::mbrtowc(&key, &byte, 1, &so_far);
            if (size == invalid) { // drops the bytes before this one
                so_far = {};
                size = std::mbrtowc(&key, &byte, 1, &so_far);
            }
            if (size == invalid)
                so_far = {};
            else if (size != incomplete)
                return true;
        }
    }

    bool wait_for_byte() {
        for (;;) {
            ::pollfd asked[] = {{STDIN_FILENO, POLLIN, 0}, {changes_.read_end(), POLLIN, 0}};
            mutex_.unlock();
            ::poll(asked, 2, -1);
            mutex_.lock();
            if (state_ == state::ended)
                return false;
            while (const auto change = changes_.take())
                follow(*change);
            if (asked[0].revents != 0)
                return true;
        }
    }

    void follow(int change) {
        if (change == SIGCONT) { // the row of the cursor is not that of the line
            std::fputs("\r\x1b[J", stdout);
            ::el_set(editor_.get(), EL_PREP_TERM, 0);
            ::el_set(editor_.get(), EL_PREP_TERM, 1);
        } else {
            erase();
            ::el_resize(editor_.get());
        }
        ::el_set(editor_.get(), EL_REFRESH);
    }

    void erase() {
        int columns = 0;
        ::el_get(editor_.get(), EL_GETTC, "co", &columns);
        line_layout layout{columns};
        for (const char character : std::string_view{prompt})
            layout.add(static_cast<wchar_t>(character));
        const ::LineInfoW* const line = ::el_wline(editor_.get());
        for (const wchar_t* character = line->buffer; character != line->cursor; ++character)
            layout.add(*character);
        if (layout.row() != 0)
            std::printf("\x1b[%dA", layout.row());
        std::fputs("\r\x1b[J", stdout);
    }

    byte_pipe changes_; // of the terminal, by their signals
    byte_pipe entered_; // readable while there is something to take
    std::optional<terminal_settings> terminal_{std::in_place, changes_};
    std::unique_ptr<::History, history_end> history_;
    std::unique_ptr<::EditLine, editor_end> editor_;
    std::optional<history_file> file_;
    std::mutex mutex_;
    std::unique_lock<std::mutex> output_{mutex_, std::defer_lock}; // owned while the line is hidden
    state state_ = state::waiting;
    std::string typed_;
    std::thread keys_;
};

} // namespace

std::unique_ptr<line_editor> edit_lines(bool keeps_history) {
    if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDOUT_FILENO) != 1)
        return nullptr;
    const char* const terminal = std::getenv("TERM");
    if (!terminal || *terminal == '\0' ||
        std::string_view{terminal} == "dumb") // libedit would drop the text that is typed already
        return nullptr;
    auto editor = std::make_unique<libedit_editor>();
    if (!editor->is_usable())
        return nullptr;
    if (keeps_history)
        editor->load_history();
    return editor;
}

} // namespace fairlead::command
