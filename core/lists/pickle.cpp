#include "core/lists/pickle.hpp"

#include "core/lists/pickle_text.hpp"

#include <charconv>
#include <unordered_map>

namespace majlis::pickle {

namespace {

class Machine {
public:
    explicit Machine(std::string_view bytes) : bytes_{bytes} {}

    Pickle run()
    {
        while (step(take(1)[0])) {
        }
        if (stack_.empty()) throw Broken{"nothing in it"};
        out_.top = stack_.back();
        return std::move(out_);
    }

    std::size_t at() const { return at_; }

private:
    std::string_view take(std::size_t count)
    {
        if (count > bytes_.size() - at_) throw Broken{"it ends too soon"};
        const std::string_view taken = bytes_.substr(at_, count);
        at_ += count;
        return taken;
    }

    std::string_view take_line()
    {
        const std::size_t end = bytes_.find('\n', at_);
        if (end == std::string_view::npos) throw Broken{"it ends too soon"};
        const std::string_view line = bytes_.substr(at_, end - at_);
        at_ = end + 1;
        return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
    }

    std::uint32_t little(std::size_t count)
    {
        std::uint32_t value = 0;
        const std::string_view raw = take(count);
        for (std::size_t i = 0; i < count; ++i)
            value |= static_cast<std::uint32_t>(static_cast<unsigned char>(raw[i])) << (8 * i);
        return value;
    }

    Value& push(Value::Kind kind)
    {
        if (out_.values.size() >= max_values) throw Broken{"too many values"};
        stack_.push_back(static_cast<Place>(out_.values.size()));
        Value& value = out_.values.emplace_back();
        value.kind = kind;
        return value;
    }

    void push_integer(std::int64_t integer) { push(Value::Kind::integer).integer = integer; }

    void push_string(std::string text, bool unicode)
    {
        Value& value = push(Value::Kind::string);
        value.text = std::move(text);
        value.unicode = unicode;
    }

    /// "I01" and "I00" are True and False; a number that is none of ours counts as 0.
    void push_decimal(std::string_view line)
    {
        std::int64_t integer = 0;
        line = line.substr(0, line.find_first_of("L."));
        if (line == "True") integer = 1;
        std::from_chars(line.data(), line.data() + line.size(), integer);
        push_integer(integer);
    }

    Place pop()
    {
        if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) throw Broken{"a value is missing"};
        const Place top = stack_.back();
        stack_.pop_back();
        return top;
    }

    Place top() const
    {
        if (stack_.empty()) throw Broken{"a value is missing"};
        return stack_.back();
    }

    std::vector<Place> pop_to_mark()
    {
        if (marks_.empty()) throw Broken{"a mark is missing"};
        const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
        std::vector<Place> items{begin, stack_.end()};
        stack_.erase(begin, stack_.end());
        marks_.pop_back();
        return items;
    }

    /// Appends to the list or dict that is now on top; anything else keeps nothing.
    void extend(const std::vector<Place>& items)
    {
        Value& target = out_.values[top()];
        if (target.kind != Value::Kind::sequence && target.kind != Value::Kind::dict) return;
        target.items.insert(target.items.end(), items.begin(), items.end());
    }

    void push_items(Value::Kind kind, std::vector<Place> items) { push(kind).items = std::move(items); }

    void pop_many(std::size_t count)
    {
        for (; count > 0; --count) pop();
    }

    void remember(std::uint32_t number) { memo_[number] = top(); }

    void recall(std::uint32_t number)
    {
        const auto found = memo_.find(number);
        if (found == memo_.end()) throw Broken{"it names a value that is not there"};
        stack_.push_back(found->second);
        if (stack_.size() > max_values) throw Broken{"too many values"};
    }

    static std::uint32_t memo_number(std::string_view line)
    {
        std::uint32_t number = 0;
        std::from_chars(line.data(), line.data() + line.size(), number);
        return number;
    }

    bool step(char opcode)
    {
        switch (opcode) {
            case '.':
                return false;
            case '(':
                marks_.push_back(stack_.size());
                break;
            case '0':
                pop_item();
                break;
            case '1':
                pop_to_mark();
                break;
            case '2':
                stack_.push_back(top());
                break;
            default:
                step_value(opcode);
        }
        if (marks_.size() > max_values || stack_.size() > max_values) throw Broken{"too many values"};
        return true;
    }

    void pop_item()
    {
        if (!marks_.empty() && marks_.back() == stack_.size())
            marks_.pop_back();
        else
            pop();
    }

    void step_value(char opcode)
    {
        using Kind = Value::Kind;
        switch (opcode) {
            case 'N':
                push(Kind::none);
                break;
            case 'I':
            case 'L':
                push_decimal(take_line());
                break;
            case 'F':
                push_decimal(take_line());
                break;
            case 'J':
                push_integer(static_cast<std::int32_t>(little(4)));
                break;
            case 'K':
                push_integer(little(1));
                break;
            case 'M':
                push_integer(little(2));
                break;
            case 'G':
                take(8), push(Kind::opaque);
                break;
            case 'S':
                push_string(from_repr(take_line()), false);
                break;
            case 'T':
                push_string(std::string{take(little(4))}, false);
                break;
            case 'U':
                push_string(std::string{take(little(1))}, false);
                break;
            case 'V':
                push_string(from_raw_unicode(take_line()), true);
                break;
            case 'X':
                push_string(std::string{take(little(4))}, true);
                break;
            case '}':
                push(Kind::dict);
                break;
            case ']':
            case ')':
                push(Kind::sequence);
                break;
            case 'd':
                push_items(Kind::dict, pop_to_mark());
                break;
            case 'l':
            case 't':
                push_items(Kind::sequence, pop_to_mark());
                break;
            case 'e':
            case 'u':
                extend(pop_to_mark());
                break;
            case 'a': {
                const Place item = pop();
                extend({item});
                break;
            }
            case 's': {
                const Place value = pop();
                const Place key = pop();
                extend({key, value});
                break;
            }
            default:
                step_reference(opcode);
        }
    }

    void step_reference(char opcode)
    {
        switch (opcode) {
            case 'g':
                recall(memo_number(take_line()));
                break;
            case 'h':
                recall(little(1));
                break;
            case 'j':
                recall(little(4));
                break;
            case 'p':
                remember(memo_number(take_line()));
                break;
            case 'q':
                remember(little(1));
                break;
            case 'r':
                remember(little(4));
                break;
            default:
                step_object(opcode);
        }
    }

    /// Whatever a pickle would make or call is an opaque value, its arguments dropped.
    void step_object(char opcode)
    {
        constexpr auto opaque = Value::Kind::opaque;
        switch (static_cast<unsigned char>(opcode)) {
            case 'c':
                take_line(), take_line(), push(opaque);
                break;
            case 'i':
                take_line(), take_line(), pop_to_mark(), push(opaque);
                break;
            case 'o':
                pop_to_mark(), push(opaque);
                break;
            case 'P':
                take_line(), push(opaque);
                break;
            case 'Q':
                pop(), push(opaque);
                break;
            case 'R':
            case 0x81:
                pop_many(2), push(opaque);
                break;
            case 'b':
                pop(), top();
                break;
            default:
                step_protocol2(static_cast<unsigned char>(opcode));
        }
    }

    void step_protocol2(unsigned char opcode)
    {
        switch (opcode) {
            case 0x80:
                if (little(1) > 2) throw Broken{"its protocol is newer than 2"};
                break;
            case 0x82:
                take(1), push(Value::Kind::opaque);
                break;
            case 0x83:
                take(2), push(Value::Kind::opaque);
                break;
            case 0x84:
                take(4), push(Value::Kind::opaque);
                break;
            case 0x85:
            case 0x86:
            case 0x87: {
                std::vector<Place> items(opcode - 0x84U);
                for (std::size_t i = items.size(); i > 0; --i) items[i - 1] = pop();
                push_items(Value::Kind::sequence, std::move(items));
                break;
            }
            case 0x88:
            case 0x89:
                push_integer(opcode == 0x88 ? 1 : 0);
                break;
            case 0x8a:
                push_long(take(little(1)));
                break;
            case 0x8b:
                push_long(take(little(4)));
                break;
            default:
                throw Broken{"an instruction that Mailman 2 does not write"};
        }
    }

    void push_long(std::string_view raw)
    {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < std::min<std::size_t>(raw.size(), 8); ++i) {
            value |= static_cast<std::uint64_t>(static_cast<unsigned char>(raw[i])) << (8 * i);
        }
        push_integer(static_cast<std::int64_t>(value));
    }

    std::string_view bytes_;
    std::size_t at_ = 0;
    Pickle out_;
    std::vector<Place> stack_;
    std::vector<std::size_t> marks_;
    std::unordered_map<std::uint32_t, Place> memo_;
};

}  // namespace

const Value* Pickle::find(const Value& dict, std::string_view key) const
{
    if (dict.kind != Value::Kind::dict) return nullptr;
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
        const Value& candidate = at(dict.items[i]);
        if (candidate.kind == Value::Kind::string && candidate.text == key) return &at(dict.items[i + 1]);
    }
    return nullptr;
}

boost::system::result<Pickle, text::Problem> read(std::string_view bytes)
{
    Machine machine{bytes};
    try {
        return machine.run();
    } catch (const Broken& broken) {
        return text::Problem{"this is no pickle that Mailman 2 wrote: " + std::string{broken.what()} + ", at byte " +
                             std::to_string(machine.at())};
    }
}

}  // namespace majlis::pickle
