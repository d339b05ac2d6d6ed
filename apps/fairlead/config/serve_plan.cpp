#include "config/serve_plan.hpp"

#include "config/apply_setting.hpp"
#include "config/config_reader.hpp"
#include "config/nearest_name.hpp"
#include "config/suits.hpp"
#include "config/value_changes.hpp"
#include "config/websocket_port.hpp"
#include "missing_name.hpp"
#include "quantity.hpp"
#include "serve_checks.hpp"

#include <fairlead/printable.hpp>

#include <algorithm>
#include <cstddef>
#include <set>
#include <stdexcept>
#include <utility>

namespace fairlead::command {

namespace {

CLI::Option* find_option(const CLI::App& syntax, const std::string& name) {
    const auto found = const_cast<CLI::App&>(syntax).get_option_no_throw("--" + name); // it has no other one
    return found && found->get_configurable() ? found : nullptr;
}

std::vector<CLI::App*> handlers_of(const planned_listener& listener) {
    auto& syntax = const_cast<CLI::App&>(listener.syntax); // likewise
    return syntax.get_subcommands([](const CLI::App*) { return true; });
}

CLI::App* find_handler(const planned_listener& listener, const std::string& name) {
    for (CLI::App* const each : handlers_of(listener)) {
        if (each->get_name() == name)
            return each;
    }
    return nullptr;
}

// The names under which the command line and a file know an option.
std::string name_of(const CLI::Option& option) {
    return option.get_single_name();
}

void collect_from(const CLI::App& syntax, std::vector<setting>& to) {
    for (const CLI::Option* const each : syntax.get_options()) {
        if (each->count() == 0 || !each->get_configurable())
            continue;
        const bool is_flag = each->get_expected_min() == 0;
        const auto written = is_flag                                                              ? setting::form::flag
                             : each->get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll ? setting::form::list
                                                                                                  : setting::form::text;
        to.push_back({.name = name_of(*each), .values = each->results(), .written = written});
    }
}

std::string normal_url(const std::string& text) {
    try {
        return url::parse(text).to_string();
    } catch (const std::invalid_argument&) { // `check` says why
        return text;
    }
}

std::vector<std::string> names_of(const CLI::App& syntax) {
    std::vector<std::string> names;
    for (const CLI::Option* const each : syntax.get_options()) {
        if (each->get_configurable())
            names.push_back(name_of(*each));
    }
    return names;
}

/// Makes a plan, and notes all faults of the file meanwhile.
class planner {
public:
    planner(const command_line& given, config_file file) : given_{given}, file_{std::move(file)} {}

    serve_plan make();

private:
    void note(const setting& made, std::string what) { note(made.name_at.value_or(file_position{}), std::move(what)); }
    void note(file_position at, std::string what) { faults_.push_back({at, std::move(what)}); }

    bool has_tables() const { return !file_.listeners.empty(); }
    void make_process();
    void make_listener(const config_table& table);
    void complete(planned_listener& listener);
    void choose_handler(planned_listener& listener, const config_table& table);
    void add(planned_listener& listener, const setting& made);
    void inherit(planned_listener& listener, const std::vector<setting>& settings,
                 bool (*includes)(const std::string& name) = nullptr);
    void explain_unknown(const planned_listener& listener, const setting& made);
    void expect_inherited();
    void expect_different_urls();
    void expect_one_value_for_a_port();
    void expect_one_value(std::size_t earlier, std::size_t later);

    const command_line& given_;
    const config_file file_;
    serve_plan plan_;
    std::vector<config_fault> faults_;
    std::set<const setting*> used_; // of the command line and of the file as a whole
};

serve_plan planner::make() {
    plan_.path = file_.path;
    make_process();
    if (has_tables()) {
        for (const config_table& each : file_.listeners)
            make_listener(each);
        for (const auto& each : plan_.listeners)
            complete(*each);
        expect_inherited();
        expect_one_value_for_a_port();
    } else {
        make_listener(file_.whole);
    }
    expect_different_urls();
    plan_.faults = std::move(faults_);
    return std::move(plan_);
}

void planner::make_process() {
    plan_.process = std::make_unique<planned_process>();
    config_table made;
    for (const std::vector<setting>& from : {std::cref(given_.settings), std::cref(file_.whole.settings)}) {
        for (const setting& each : from) {
            CLI::Option* const option = find_option(plan_.process->syntax, each.name);
            if (!option)
                continue;
            used_.insert(&each);
            if (made.find(each.name))
                continue;
            made.settings.push_back(each);
            if (const auto fault = apply(each, *option))
                note(each.value_at.value_or(file_position{}), *fault);
        }
    }
}

void planner::make_listener(const config_table& table) {
    auto listener = std::make_unique<planned_listener>();
    const std::size_t faults_before = faults_.size();
    listener->made.at = table.at;
    choose_handler(*listener, table);
    const auto is_for_listener = [&](const setting& each) {
        return each.name != "handler" && (has_tables() || !find_option(plan_.process->syntax, each.name));
    };
    if (has_tables()) { // which URLs it has decides what suits
        if (const setting* const url = table.find("url"))
            add(*listener, *url);
        else
            note(table.at, "this listener has no url; write url = \"tcp://HOST:PORT\" below [[listen]]");
        inherit(*listener, given_.settings);
    } else {
        for (const setting& each : given_.settings) {
            if (is_for_listener(each))
                add(*listener, each);
        }
    }
    for (const setting& each : table.settings) {
        if (is_for_listener(each))
            add(*listener, each);
    }
    listener->is_faulty = faults_.size() != faults_before;
    plan_.listeners.push_back(std::move(listener));
}

// A port of WebSocket has what one of its tables says, and each what stands above them.
void planner::complete(planned_listener& listener) {
    const std::size_t faults_before = faults_.size();
    for (std::size_t i = 0; i < plan_.listeners.size(); ++i) {
        const planned_listener& other = *plan_.listeners[i];
        if (&other != &listener && share_a_websocket_port(listener.options.listen, other.options.listen))
            inherit(listener, file_.listeners[i].settings, is_of_port);
    }
    inherit(listener, file_.whole.settings);
    listener.is_faulty = listener.is_faulty || faults_.size() != faults_before;
}

void planner::choose_handler(planned_listener& listener, const config_table& table) {
    const setting* const own = table.find("handler");
    const setting* const named = own ? own : file_.whole.find("handler");
    if (named)
        used_.insert(named);
    listener.handler = named && named->values.size() == 1 ? named->values.front() : given_.handler;
    if (named && !given_.handler.empty())
        return note(*named,
                    "the handler is named here and on the command line (" + given_.handler + "); leave one out");
    std::vector<std::string> names;
    for (const CLI::App* const each : handlers_of(listener))
        names.push_back(each->get_name());
    std::string all;
    for (const std::string& each : names)
        all += (all.empty() ? "" : ", ") + each;
    if (listener.handler.empty() && !named && file_.path.empty())
        throw missing_name{"the handler is missing"};
    if (listener.handler.empty())
        return note(table.at, "the handler is missing; write handler = \"NAME\", one of " + all);
    if (!find_handler(listener, listener.handler))
        note(named->value_at.value_or(table.at), "there is no handler '" + printable(listener.handler) + "'" +
                                                     did_you_mean(listener.handler, names) + "; choose from " + all);
}

void planner::add(planned_listener& listener, const setting& made) {
    const std::string name = has_tables() && made.name == "url" ? "listen" : made.name;
    if (listener.has(name))
        return;
    const CLI::App* const handler = find_handler(listener, listener.handler);
    CLI::Option* option = has_tables() && made.name == "listen" ? nullptr : find_option(listener.syntax, name);
    if (!option && handler)
        option = find_option(*handler, name);
    if (!option)
        return explain_unknown(listener, made);
    setting known = made;
    known.written = made.name == "url" && made.written == setting::form::text ? setting::form::list : made.written;
    if (const auto fault = apply(known, *option))
        note(made.value_at.value_or(file_position{}), *fault);
    known.name = name;
    listener.made.settings.push_back(std::move(known));
}

// Of the command line, of another table or of the file as a whole, by a listener with a table of its own.
void planner::inherit(planned_listener& listener, const std::vector<setting>& settings,
                      bool (*includes)(const std::string& name)) {
    const CLI::App* const handler = find_handler(listener, listener.handler);
    for (const setting& each : settings) {
        const bool known = find_option(listener.syntax, each.name) || (handler && find_option(*handler, each.name));
        if (!known || each.name == "listen" || (includes && !includes(each.name)) ||
            !suits(each.name, listener.options.listen, listener.handler))
            continue;
        used_.insert(&each);
        add(listener, each);
    }
}

void planner::explain_unknown(const planned_listener& listener, const setting& made) {
    const std::string shown = printable(made.name);
    if (has_tables() && find_option(plan_.process->syntax, made.name))
        return note(made, shown + " holds for the whole process; write it above the first [[listen]]");
    if (made.name == "url" || made.name == "listen")
        return note(made, "there is no " + shown +
                              " here; write listen = [\"URL\"] above all tables, or url = \"URL\" in a "
                              "[[listen]] table");
    if (faults_.size() >= config_error::most_shown) // nobody reads more suggestions
        return note(made, "there is no option '" + shown + "'");
    std::vector<std::string> known = names_of(listener.syntax);
    for (const CLI::App* const each : handlers_of(listener)) {
        if (find_option(*each, made.name))
            return note(made, shown + " is an option of the handler " + each->get_name() + ", and " +
                                  (listener.handler.empty() ? "none is named here"
                                                            : "this listener has " + printable(listener.handler)));
        const auto more = names_of(*each);
        known.insert(known.end(), more.begin(), more.end());
    }
    const auto more = names_of(plan_.process->syntax);
    known.insert(known.end(), more.begin(), more.end());
    known.insert(known.end(), {"handler", "url"});
    note(made, "there is no option '" + shown + "'" + did_you_mean(made.name, known));
}

// What is left over suits no listener.
void planner::expect_inherited() {
    for (const setting& each : given_.settings) {
        if (each.name == "listen")
            throw std::invalid_argument{"--listen does not go with the [[listen]] tables of " + file_.path +
                                        "; leave it out, or name another file"};
        if (!used_.contains(&each))
            throw std::invalid_argument{"--" + each.name + " suits no listener of " + file_.path + "; leave it out"};
    }
    for (const setting& each : file_.whole.settings) {
        if (used_.contains(&each) || each.name == "handler")
            continue;
        const planned_listener any;
        const auto handlers = handlers_of(any);
        const bool known = find_option(any.syntax, each.name) ||
                           std::any_of(handlers.begin(), handlers.end(),
                                       [&](const CLI::App* handler) { return find_option(*handler, each.name); });
        if (known)
            note(each, each.name + " suits no [[listen]] table below; leave it out");
        else
            explain_unknown(any, each);
    }
}

void planner::expect_different_urls() {
    std::vector<std::pair<std::string, file_position>> seen;
    for (const auto& listener : plan_.listeners) {
        const setting* const from = listener->made.find("listen");
        for (const std::string& text : listener->options.listen) {
            const std::string each = normal_url(text);
            const auto same =
                std::find_if(seen.begin(), seen.end(), [&](const auto& before) { return before.first == each; });
            if (same != seen.end() && !file_.path.empty() && from && !each.ends_with(":0"))
                note(from->value_at.value_or(listener->made.at),
                     text + " has a listener already, at line " + std::to_string(same->second.line));
            seen.emplace_back(each, from ? from->value_at.value_or(listener->made.at) : listener->made.at);
        }
    }
}

// That of the framing, and another one for datagrams: none stands for both.
std::vector<std::string> default_max_message(const planned_listener& listener) {
    const auto& urls = listener.options.listen;
    if (is_of_any_size(listener))
        return {};
    if (std::none_of(urls.begin(), urls.end(), is_of_datagrams))
        return {to_text(framing_of(listener, url::parse(urls.front())).max_message())};
    if (std::all_of(urls.begin(), urls.end(), is_of_datagrams))
        return {to_text(listener.options.udp.max_message)};
    return {};
}

effective_values values_of(const CLI::App& syntax) {
    effective_values found;
    for (const CLI::Option* const each : syntax.get_options()) {
        if (!each->get_configurable())
            continue;
        effective_value value{.name = name_of(*each), .texts = each->results()};
        if (each->get_expected_min() == 0) {
            value.written = setting::form::flag;
            value.texts = {each->count() != 0 ? "true" : "false"};
        } else if (each->get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll) {
            value.written = setting::form::list;
        } else if (each->count() == 0 && !each->get_default_str().empty()) {
            value.texts = {each->get_default_str()};
        }
        found.push_back(std::move(value));
    }
    return found;
}

void planner::expect_one_value_for_a_port() {
    for (std::size_t later = 1; later < plan_.listeners.size(); ++later) {
        for (std::size_t earlier = 0; earlier < later; ++earlier)
            expect_one_value(earlier, later);
    }
}

// Of what both tables say.
void planner::expect_one_value(std::size_t earlier, std::size_t later) {
    const planned_listener& first = *plan_.listeners[earlier];
    const planned_listener& second = *plan_.listeners[later];
    if (!share_a_websocket_port(first.options.listen, second.options.listen))
        return;
    for (const value_change& each : changes(values_of(first.syntax), values_of(second.syntax))) {
        const setting* const own = file_.listeners[later].find(each.name);
        if (is_of_port(each.name) && own && file_.listeners[earlier].find(each.name))
            note(own->value_at.value_or(second.made.at),
                 each.name + ": this is " + each.after + ", and " + each.before + " for " +
                     first.options.listen.front() + ", which has the same port; write one value, in one of its tables");
    }
}

} // namespace

command_line collect(const CLI::App& serving) {
    command_line given;
    collect_from(serving, given.settings);
    for (const CLI::App* const handler : serving.get_subcommands()) {
        given.handler = handler->get_name();
        collect_from(*handler, given.settings);
    }
    return given;
}

effective_values planned_process::effective() const {
    return values_of(syntax);
}

effective_values planned_listener::effective() const {
    effective_values found = values_of(syntax);
    if (const CLI::App* const chosen = find_handler(*this, handler)) {
        const effective_values more = values_of(*chosen);
        found.insert(found.begin(), more.begin(), more.end());
    }
    std::erase_if(found, [this](const effective_value& each) {
        return each.name == "listen" || !suits(each.name, options.listen, handler);
    });
    for (effective_value& each : found) {
        if (each.name == "max-message" && !has(each.name))
            each.texts = default_max_message(*this);
        if (each.name == "framing" && !has(each.name))
            each.texts = {framing_text_of(*this)};
    }
    return found;
}

serve_plan make_plan(const command_line& given) {
    return planner{given, given.config ? read_config(*given.config) : config_file{}}.make();
}

} // namespace fairlead::command
