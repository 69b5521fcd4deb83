#include <algorithm>
#include <array>

#include "cli/context.hpp"
#include "cli/verbs.hpp"

namespace majlis::cli {
namespace {

/// What a shell asks on TAB: the words after "majlis" up to the one that is being typed (perhaps ""). One proposal a line;
/// "@files" stands for the shell's own file names.
class Completion {
public:
    Completion(Context& context, const std::vector<std::string>& words) : context_{context}, words_{words} {}

    void run()
    {
        const std::size_t typed = words_.size() - 1;  // the last one is not finished
        if (typed == 0) return first_words();
        if (const Verb* verb = find_verb("", words_[0])) return after_verb(*verb, 1);
        if (typed == 1) return second_words(words_[0]);
        if (const Verb* verb = find_verb(words_[0], words_[1])) after_verb(*verb, 2);
    }

private:
    void offer(std::string_view word)
    {
        if (word.starts_with(words_.back())) context_.out() << word << '\n';
    }

    void first_words()
    {
        for (const auto& [noun, help] : all_nouns()) offer(noun);
        for (const Verb* verb : all_verbs())
            if (verb->noun.empty() && !verb->name.starts_with("__")) offer(verb->name);
        for (const std::string_view option : {"--help", "--version", "--config"}) offer(option);
    }

    void second_words(std::string_view noun)
    {
        for (const Verb* verb : all_verbs())
            if (verb->noun == noun) offer(verb->name);
        offer("--help");
    }

    void values(const Param& param)
    {
        for (std::size_t at = 0; at < param.choices.size();) {
            const std::size_t bar = std::min(param.choices.find('|', at), param.choices.size());
            offer(param.choices.substr(at, bar - at));
            at = bar + 1;
        }
        if (param.offer == Offer::files) context_.out() << "@files\n";
        if (param.offer == Offer::lists) lists();
    }

    /// A shell wants silence where there is no database.
    void lists()
    {
        try {
            for (const store::TreeNode& node : store::list_tree(context_.database())) offer(node.list.name);
        } catch (const std::exception&) {
            return;
        }
    }

    static bool takes_value(const Param& param) { return param.take == Take::value || param.take == Take::needed; }
    static bool is_option(const Param& param) { return param.name.starts_with("-"); }

    void after_verb(const Verb& verb, std::size_t from)
    {
        const std::size_t typed = words_.size() - 1;
        std::size_t place = 0;  // words told by their place so far
        for (std::size_t i = from; i < typed; ++i) {
            const auto option =
                std::find_if(verb.params.begin(), verb.params.end(), [&](const Param& p) { return p.name == words_[i]; });
            if (option != verb.params.end() && takes_value(*option)) {
                if (i + 1 == typed) return values(*option);
                ++i;
            } else if (words_[i] == "--config") {
                if (i + 1 == typed) return void(context_.out() << "@files\n");
                ++i;
            } else if (!words_[i].starts_with("-")) {
                ++place;
            }
        }
        if (words_.back().starts_with("-")) return options(verb);
        word_at(verb, place);
    }

    void options(const Verb& verb)
    {
        for (const Param& param : verb.params)
            if (is_option(param)) offer(param.name);
        for (const std::string_view option : {"--help", "--config"}) offer(option);
    }

    void word_at(const Verb& verb, std::size_t place)
    {
        std::size_t n = 0;
        for (const Param& param : verb.params) {
            if (is_option(param)) continue;
            if (n++ == place || param.take == Take::words || param.take == Take::any) return values(param);
        }
        options(verb);
    }

    Context& context_;
    const std::vector<std::string>& words_;
};

Exit run_complete(Context& context)
{
    const auto& words = context.args().all("WORD");
    if (!words.empty()) Completion{context, words}.run();
    return Exit::done;
}

constexpr std::array params{Param{"WORD", Take::any, "what stands on the line"}};

}  // namespace

const Verb complete{"", "__complete", "what a shell may offer", params, run_complete};

}  // namespace majlis::cli
