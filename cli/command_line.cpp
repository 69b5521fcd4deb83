#include "cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>
#include <memory>

#include "core/text/nearest.hpp"

namespace majlis::cli {
namespace {

constexpr std::string_view about =
    "Mailing lists on any IMAP mailbox: lists and their sections, members, held posts, what is on its way.\n";
constexpr const char* config_help = "the configuration (else $MAJLIS_CONFIG, ./majlis.toml, ~/.config/majlis/, /etc/majlis/)";

/// What CLI11 writes into; its addresses must not move while it does.
struct Slot {
    const Verb* verb;
    const Param* param;
    std::vector<std::string> values;
    std::string value;
    bool flag = false;
    CLI::Option* option = nullptr;
};

constexpr std::string_view anywhere[] = {"--json", "--dry-run", "--yes"};

bool is_anywhere(std::string_view word) { return std::ranges::find(anywhere, word) != std::end(anywhere); }

bool is_noun(std::string_view word)
{
    return std::ranges::any_of(all_nouns(), [&](const auto& noun) { return noun.first == word; });
}

/// Options that mean the same wherever they stand belong to the verb: those before it go right behind it.
std::vector<std::string> behind_the_verb(std::vector<std::string> words)
{
    std::vector<std::string> path, early;
    std::size_t at = 0;
    for (bool named = false; at < words.size() && !named; ++at) {
        const std::string& word = words[at];
        const bool with_value = word == "--config" && at + 1 < words.size();
        if (is_anywhere(word) || word.starts_with("--config=") || with_value) {
            early.push_back(word);
            if (with_value) early.push_back(words[++at]);
        } else {
            path.push_back(word);
            named = !is_noun(word) || path.size() > 1;
        }
    }
    path.insert(path.end(), early.begin(), early.end());
    path.insert(path.end(), words.begin() + static_cast<std::ptrdiff_t>(at), words.end());
    return path;
}

class Reader {
public:
    explicit Reader(std::vector<std::string> words);
    std::variant<Call, Say> read();

private:
    void add_verb(const Verb& verb);
    void add_param(CLI::App& app, const Verb& verb, const Param& param);
    Call call_of(const Verb& verb);
    /// The deepest command that was named so far: whose help to show, and to name in a message.
    const CLI::App* deepest() const;

    std::vector<std::string> words_;
    CLI::App app_{std::string{about}, "majlis"};
    std::map<std::string_view, CLI::App*> nouns_;
    std::map<const Verb*, CLI::App*> apps_;
    std::deque<Slot> slots_;
    std::string config_;
    bool version_ = false;
};

void set_help(CLI::App& app) { app.set_help_flag("-h,--help", "show this help"); }

Reader::Reader(std::vector<std::string> words) : words_{std::move(words)}
{
    set_help(app_);
    app_.add_flag("--version", version_, "show the version");
    app_.add_option("--config", config_, config_help)->type_name("FILE");
    for (const auto& [noun, help] : all_nouns()) {
        CLI::App* app = app_.add_subcommand(std::string{noun}, std::string{help});
        set_help(*app);
        nouns_.emplace(noun, app);
    }
    for (const Verb* verb : all_verbs()) add_verb(*verb);
}

void Reader::add_verb(const Verb& verb)
{
    CLI::App& parent = verb.noun.empty() ? app_ : *nouns_.at(verb.noun);
    CLI::App* app = parent.add_subcommand(std::string{verb.name}, std::string{verb.help});
    set_help(*app);
    if (!verb.more.empty()) app->footer(std::string{verb.more});
    if (verb.name.starts_with("__")) app->group("");
    apps_.emplace(&verb, app);
    // Options cost time to set up: only a verb that may be meant gets its own.
    if (std::find(words_.begin(), words_.end(), verb.name) == words_.end()) return;
    for (const Param& param : verb.params) add_param(*app, verb, param);
    app->add_option("--config", config_, config_help)->type_name("FILE");
}

void Reader::add_param(CLI::App& app, const Verb& verb, const Param& param)
{
    Slot& slot = slots_.emplace_back(Slot{&verb, &param, {}, {}});
    const std::string name{param.name};
    const std::string help{param.help};
    switch (param.take) {
        case Take::flag:
            slot.option = app.add_flag(name, slot.flag, help);
            break;
        case Take::value:
        case Take::needed:
            slot.option = app.add_option(name, slot.value, help);
            break;
        case Take::word:
        case Take::optional:
            slot.option = app.add_option(name, slot.value, help);
            break;
        case Take::words:
        case Take::any:
            slot.option = app.add_option(name, slot.values, help)->expected(-1);
            break;
    }
    if (param.take == Take::needed || param.take == Take::word || param.take == Take::words) slot.option->required();
    const std::string_view shown = param.choices.empty() ? param.placeholder : param.choices;
    if (param.take != Take::flag) slot.option->type_name(std::string{shown});
}

std::vector<std::string_view> split_choices(std::string_view text)
{
    std::vector<std::string_view> out;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t bar = std::min(text.find('|', at), text.size());
        out.push_back(text.substr(at, bar - at));
        at = bar + 1;
    }
    return out;
}

void check_choice(const Verb& verb, const Param& param, const std::string& value)
{
    if (param.choices.empty()) return;
    const auto choices = split_choices(param.choices);
    if (std::find(choices.begin(), choices.end(), value) != choices.end()) return;
    std::string allowed;
    for (std::size_t i = 0; i < choices.size(); ++i)
        allowed.append(i == 0 ? "" : i + 1 == choices.size() ? " or " : ", ").append(choices[i]);
    throw WrongUsage{verb.title() + ": " + std::string{param.name} + " cannot be \"" + value + "\": give " + allowed};
}

Call Reader::call_of(const Verb& verb)
{
    Call call{&verb, {}};
    for (const Slot& slot : slots_) {
        if (slot.verb != &verb || slot.option->count() == 0) continue;
        const bool many = slot.param->take == Take::words || slot.param->take == Take::any;
        if (slot.param->take == Take::flag) {
            if (slot.flag) call.args.put(slot.param->name, {""});
            continue;
        }
        const std::vector<std::string> values = many ? slot.values : std::vector<std::string>{slot.value};
        for (const std::string& value : values) check_choice(verb, *slot.param, value);
        call.args.put(slot.param->name, values);
    }
    if (!config_.empty()) call.args.put("--config", {config_});
    return call;
}

const CLI::App* Reader::deepest() const
{
    const CLI::App* app = &app_;
    for (auto below = app->get_subcommands(); !below.empty(); below = app->get_subcommands()) app = below.back();
    return app;
}

std::string full_name(const CLI::App* app)
{
    std::string name = app->get_name();
    for (app = app->get_parent(); app != nullptr; app = app->get_parent()) name = app->get_name() + " " + name;
    return name;
}

std::string after(const std::string& name)
{
    const std::size_t space = name.find(' ');
    return space == std::string::npos ? "" : name.substr(space + 1) + ": ";
}

/// What CLI11 could not place: a word that is no command, or an option that does not exist.
std::string unknown_message(const CLI::App& app, const std::string& word)
{
    const std::string name = full_name(&app);
    const std::string see = "see \"" + name + " --help\"";
    std::vector<std::string> names;
    const bool option = word.starts_with("-");
    if (option)
        for (const CLI::Option* o : app.get_options())
            for (const std::string& one : o->get_lnames()) names.push_back("--" + one);
    else
        for (const CLI::App* below : app.get_subcommands([](const CLI::App*) { return true; }))
            names.push_back(below->get_name());
    const std::vector<std::string_view> known(names.begin(), names.end());
    const std::string_view meant = text::nearest(word.substr(0, word.find('=')), known);
    std::string message = after(name);
    if (option)
        message += "no option " + word.substr(0, word.find('='));
    else if (names.empty())
        message += "one word too many, \"" + word + "\"";
    else
        message += "no command \"" + word + "\"";
    return message + ": " + (meant.empty() ? see : "did you mean \"" + std::string{meant} + "\"? " + see);
}

std::variant<Call, Say> Reader::read()
{
    std::vector<std::string> words{words_.rbegin(), words_.rend()};  // CLI11 takes them from the back
    app_.allow_extras(false);
    try {
        app_.parse(words);
    } catch (const CLI::CallForHelp&) {
        const CLI::App* above = deepest()->get_parent();
        return Say{deepest()->help(above == nullptr ? "" : full_name(above), CLI::AppFormatMode::Normal)};
    } catch (const CLI::ExtrasError&) {
        const auto extras = app_.remaining(true);
        throw WrongUsage{unknown_message(*deepest(), extras.empty() ? "" : extras.front())};
    } catch (const CLI::ParseError& error) {
        const std::string name = full_name(deepest());
        throw WrongUsage{after(name) + error.what() + ": see \"" + name + " --help\""};
    }
    if (version_) return Say{"majlis " MAJLIS_VERSION "\n"};
    for (const auto& [verb, app] : apps_)
        if (app->parsed()) return call_of(*verb);
    const std::string name = full_name(deepest());
    throw WrongUsage{after(name) + "which command?: see \"" + name + " --help\""};
}

}  // namespace

std::variant<Call, Say> read_command_line(int argc, const char* const* argv)
{
    const auto reader = std::make_unique<Reader>(behind_the_verb({argv + 1, argv + std::max(argc, 1)}));
    return reader->read();
}

}  // namespace majlis::cli
