#include "config/serve_plan.hpp"

#include "config/apply_setting.hpp"
#include "config/config_reader.hpp"
#include "config/nearest_name.hpp"
#include "config/plan_conflicts.hpp"
#include "config/suits.hpp"
#include "config/websocket_port.hpp"
#include "join.hpp"
#include "missing_name.hpp"

#include <fairlead/printable.hpp>

#include <algorithm>
#include <cstddef>
#include <set>
#include <stdexcept>
#include <utility>

namespace fairlead::command {

namespace {

CLI::Option* find_option(const CLI::App& syntax, const std::string& name) {
    const auto found = const_cast<CLI::App&>(syntax).get_option_no_throw("--" + name); // else the option is const
    return found && found->get_configurable() ? found : nullptr;
}

std::vector<std::string> names_of(const CLI::App& syntax) {
    std::vector<std::string> names;
    for (const CLI::Option* const each : syntax.get_options()) {
        if (each->get_configurable())
            names.push_back(each->get_single_name());
    }
    return names;
}

/// Makes a plan, and notes all faults of the file meanwhile.
class planner {
public:
    planner(const command_line& given, config_file file) : given_{given}, file_{std::move(file)} {}

    serve_plan make();

private:
    void note(const setting& made, std::string text) { note(made.name_at.value_or(file_position{}), std::move(text)); }
    void note(file_position at, std::string text) { faults_.push_back({at, std::move(text)}); }

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
    } else {
        make_listener(file_.whole);
    }
    for (config_fault& each : find_conflicts(plan_.listeners, file_))
        faults_.push_back(std::move(each));
    plan_.faults = std::move(faults_);
    return std::move(plan_);
}

void planner::make_process() {
    plan_.process = std::make_unique<planned_process>();
    config_table& made = plan_.process->made;
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
    if (has_tables()) { // the URLs decide which settings suit
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

// Adds inherited settings: first those of other tables for the same WebSocket port, then those above all tables.
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
    for (const CLI::App* const each : listener.handlers())
        names.push_back(each->get_name());
    const std::string all = join(names, ", ");
    if (listener.handler.empty() && !named && file_.path.empty())
        throw missing_name{"the handler is missing"};
    if (listener.handler.empty())
        return note(table.at, "the handler is missing; write handler = \"NAME\", one of " + all);
    if (!listener.chosen_handler())
        note(named->value_at.value_or(table.at), "there is no handler '" + printable(listener.handler) + "'" +
                                                     did_you_mean(listener.handler, names) + "; choose from " + all);
}

void planner::add(planned_listener& listener, const setting& made) {
    const std::string name = has_tables() && made.name == "url" ? "listen" : made.name;
    if (listener.has(name))
        return;
    const CLI::App* const handler = listener.chosen_handler();
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

// Adds the settings of the command line, of another table or of the file as a whole that suit a listener
// with a table of its own.
void planner::inherit(planned_listener& listener, const std::vector<setting>& settings,
                      bool (*includes)(const std::string& name)) {
    const CLI::App* const handler = listener.chosen_handler();
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
    if (faults_.size() >= config_error::most_shown) // more suggestions do not help
        return note(made, "there is no option '" + shown + "'");
    std::vector<std::string> known = names_of(listener.syntax);
    for (const CLI::App* const each : listener.handlers()) {
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

// Reports the settings that suit no listener.
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
        const auto handlers = any.handlers();
        const bool known = find_option(any.syntax, each.name) ||
                           std::any_of(handlers.begin(), handlers.end(),
                                       [&](const CLI::App* handler) { return find_option(*handler, each.name); });
        if (known)
            note(each, each.name + " suits no [[listen]] table below; leave it out");
        else
            explain_unknown(any, each);
    }
}

} // namespace

serve_plan make_plan(const command_line& given) {
    return planner{given, given.config ? read_config(*given.config) : config_file{}}.make();
}

} // namespace fairlead::command
