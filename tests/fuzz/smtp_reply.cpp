// What a server may answer, at every pace: whatever it says, each transaction gets exactly one result, in order, and nothing that
// was refused or never sent is called delivered.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/smtp/conversation.hpp"

namespace {

using namespace majlis::smtp;

void require(bool holds)
{
    if (!holds) std::abort();
}

class Mail : public Source {
public:
    Next next(Transaction& out) override
    {
        if (given_ == 12) return Next::end;
        out.id = given_++;
        out.mail_from = "l@x";
        out.recipients.resize(out.id % 3 + 1);
        for (auto& recipient : out.recipients) recipient.address = out.id == 7 ? "no address" : "a@b";
        out.head = {"a: b\r\n", "a: b\r\n"};
        out.tail = {"\r\nbody\r\n", "\r\nbody\r\n"};
        return Next::given;
    }
    void done(const TransactionResult& result) override
    {
        require(result.transaction.id == answered_++);
        require(result.recipients.size() == result.transaction.recipients.size());
        for (std::size_t i = 0; i < result.recipients.size(); ++i) {
            const auto& recipient = result.recipients[i];
            require(recipient.index == i && recipient.reply != nullptr);
            require(recipient.reply->text.size() <= 600);
            if (recipient.outcome == Outcome::delivered) require(recipient.reply->positive() && result.accepted > 0);
            if (recipient.outcome == Outcome::refused) require(recipient.reply->code >= 400);
        }
    }
    void check() const { require(given_ == answered_); }

private:
    std::uint64_t given_ = 0;
    std::uint64_t answered_ = 0;
};

/// Writes up to `most` bytes of what is to be said; returns how many.
std::size_t write(Conversation& talk, std::size_t most)
{
    std::size_t size = 0;
    for (const auto piece : talk.output().next(most)) size += piece.size();
    talk.output().wrote(size);
    return size;
}

}  // namespace

// First byte: the offer; second: pace and window; third: how many bytes come at once. The rest is what the server says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 3) return 0;
    const auto offers = data[0];
    const Offer offer{
        (offers & 1) != 0, (offers & 2) != 0, (offers & 4) != 0, (offers & 8) != 0, (offers & 16) != 0, (offers & 32) != 0, 0};
    const Conversation::Window window{static_cast<std::size_t>(data[1] >> 2), 1024};
    Conversation talk{offer, static_cast<Pace>(data[1] & 3), window};
    const std::size_t step = data[2] % 64 + std::size_t{1};
    std::string_view said{reinterpret_cast<const char*>(data) + 3, size - 3};
    Mail mail;
    std::string pending;
    while (talk.fill(mail) && talk.trouble() == Conversation::Trouble::none && !said.empty()) {
        while (write(talk, data[2] > 200 ? 50 : 100'000) > 0) {
        }
        pending += said.substr(0, step);
        said.remove_prefix(std::min(said.size(), step));
        const auto done = talk.feed(pending, mail);
        require(done <= pending.size());
        pending.erase(0, done);
        if (pending.size() > 16 * 1024) break;
    }
    if (offers & 64) talk.peer_closed();
    talk.give_up(mail, "lost");
    mail.check();
    return 0;
}
