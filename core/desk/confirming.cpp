#include "core/bounces/consequence.hpp"
#include "core/commands/commands.hpp"
#include "core/desk/acts.hpp"
#include "core/moderation/answer.hpp"
#include "core/moderation/own_words.hpp"
#include "core/store/aliases.hpp"
#include "core/store/bounces.hpp"
#include "core/store/held.hpp"
#include "core/store/journal.hpp"
#include "core/store/roles.hpp"
#include "core/store/tokens.hpp"

namespace majlis::desk {
namespace {

void refuse(Visit& visit, std::string_view phrase)
{
    visit.noted(phrase);
    answer(visit, {visit.here("", phrase)}, {});
}

/// A token that does nothing proves nothing: who failed authentication is not told, for he may be anybody.
void refuse_token(Visit& visit, std::string_view phrase)
{
    if (visit.caller.proof != Proof::failed) return refuse(visit, phrase);
    visit.noted(std::string{phrase} + ": not answered, its From failed authentication");
}

/// The letters that follow go to him whom the request concerns, in his language, whoever's address the reply came from.
void turn_to(Visit& visit, const store::Request& request)
{
    if (request.address_key == visit.key) return;
    const auto address = parse_address(request.address);
    if (!address) return;
    visit.sender = *address;
    visit.key = request.address_key;
    visit.person = store::find_person(visit.db, visit.key);
    visit.language = language_of(visit.db, visit.site, request.address, visit.list);
}

void invitation_accepted(Visit& visit, const store::Request& request)
{
    const auto order = order_of(request);
    const auto added = order ? admit(visit.db, visit.site, visit.list, *order, visit.by())
                             : store::Answer<store::Added>{text::Problem{"its address cannot be read"}};
    const bool done = added && added->kind == store::Added::Kind::added;
    store::end_request(visit.db, request, done ? store::RequestState::done : store::RequestState::refused,
                       added ? "" : added.error().message, visit.by());
    visit.wrote = true;
    visit.noted(done ? "invitation accepted" : "invitation: already a member, or refused");
    if (!added) return refuse(visit, "join-banned");
    if (!done) return refuse(visit, "join-already");
    if (visit.settings.welcome == Switch::off) answer(visit, {visit.here("", "joined")}, {});
}

/// He reads what we send: his mail goes out again.
void resume_confirmed(Visit& visit, const store::Request& request)
{
    store::end_request(visit.db, request, store::RequestState::done, "", visit.by());
    const auto member = store::find_member(visit.db, request.address_key);
    const auto stopped = member ? store::bounce_state(visit.db, member->id) : std::nullopt;
    if (!stopped) return refuse(visit, "token-used");
    bounces::resume(visit.db, visit.site, visit.list, *member, stopped->since, visit.by());
    visit.wrote = true;
    visit.noted("delivery resumed");
}

/// He may mean no: nothing is done, and the token stays good.
void ask_again(Visit& visit, const store::Request& request, const std::string& token)
{
    turn_to(visit, request);
    visit.noted("its text may say no: nothing done");
    visit.answers_to = "confirm-" + token;
    answer(visit, {visit.here("", "confirm-unclear")}, {});
}

void carry_out(Visit& visit, const store::Request& request)
{
    switch (request.kind) {
        case store::RequestKind::join:
            return join_confirmed(visit, request);
        case store::RequestKind::leave:
            return leave_confirmed(visit, request);
        case store::RequestKind::set:
            return changes_confirmed(visit, request);
        case store::RequestKind::alias:
            return alias_confirmed(visit, request);
        case store::RequestKind::invite:
            return invitation_accepted(visit, request);
        case store::RequestKind::challenge:
            return challenge_confirmed(visit, request);
        case store::RequestKind::resume:
            return resume_confirmed(visit, request);
    }
}

/// The request of a token that may be used now, or the phrase that says why not.
std::string find_request_of(Visit& visit, const std::string& token, std::optional<store::Request>& request)
{
    const auto found = store::find_token(visit.db, token);
    if (!found || found->purpose != store::TokenPurpose::confirm || !found->request_id) return "token-unknown";
    request = store::find_request(visit.db, *found->request_id);
    if (!request || request->list_id != visit.list.id) return "token-unknown";
    if (found->used_at || request->state != store::RequestState::open) return "token-used";
    if (visit.now >= found->expires_at) return "token-expired";
    return {};
}

}  // namespace

void confirm(Visit& visit, const std::string& token)
{
    std::optional<store::Request> request;
    if (const auto problem = find_request_of(visit, token, request); !problem.empty()) return refuse_token(visit, problem);
    if (request->step != store::Step::person) return refuse_token(visit, "token-used");
    const auto consent = commands::consent_in(moderation::own_words(visit.caller.message).text);
    if (consent == commands::Consent::unclear && request->kind != store::RequestKind::resume)
        return ask_again(visit, *request, token);
    if (!store::use_token(visit.db, token, visit.now)) return refuse_token(visit, "token-used");
    if (consent == commands::Consent::no) {
        store::end_request(visit.db, *request, store::RequestState::refused, "taken back", visit.by());
        return refuse(visit, "taken-back");
    }
    turn_to(visit, *request);
    carry_out(visit, *request);
}

void moderate(Visit& visit, const std::string& token)
{
    const auto found = store::find_token(visit.db, token);
    if (!found || !found->request_id || found->purpose != store::TokenPurpose::moderate)
        return visit.noted("its moderation token is not ours");
    const auto ignored = [&](std::string_view why) {
        visit.noted(why);
        store::journal(visit.db, visit.by(), {"answer-ignored", visit.list.id, visit.key, std::string{why}});
    };
    if (visit.caller.proof == Proof::failed) return ignored("its From failed authentication");
    if (!visit.person || visit.person->id != found->member_id)
        return ignored("not from the moderator to whom the token was sent");
    if (const auto automatic = moderation::why_automatic(visit.caller.message, visit.caller.classification); !automatic.empty())
        return ignored("automatic: " + automatic);
    const auto request = store::find_request(visit.db, *found->request_id);
    if (request && request->list_id && !store::is_moderator(visit.db, *request->list_id, visit.person->id) &&
        !store::is_owner(visit.db, *request->list_id, visit.person->id))
        return ignored("he is no moderator any more");
    if (!request || request->state != store::RequestState::open) return refuse(visit, "request-settled");
    if (!found->valid(visit.now)) return refuse(visit, "token-expired");
    const auto answer_read = moderation::read_answer(visit.caller.message);
    Wish wish = Wish::approve;
    switch (answer_read.wish) {
        case moderation::Answer::Wish::approve:
        case moderation::Answer::Wish::allow:
            break;
        case moderation::Answer::Wish::reject:
            wish = Wish::refuse;
            break;
        case moderation::Answer::Wish::discard:
            wish = Wish::discard;
            break;
        case moderation::Answer::Wish::ban:
            wish = Wish::ban;
            break;
        case moderation::Answer::Wish::unclear:
            return refuse(visit, "request-unclear");
    }
    const auto done = decide(visit.db, visit.site, request->id, wish, answer_read.reason, visit.by());
    visit.wrote = true;
    visit.noted(done ? "request decided" : done.error().message);
}

}  // namespace majlis::desk
