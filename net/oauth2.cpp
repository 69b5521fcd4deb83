#include "net/oauth2.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <memory>
#include <new>
#include <nlohmann/json.hpp>

#include "core/text/printable.hpp"

namespace majlis::net {

namespace {

constexpr std::size_t max_answer_bytes = 64U << 10U;
constexpr std::chrono::seconds request_limit{30};
constexpr std::chrono::seconds usual_life{300};  // where expires_in is missing
constexpr std::chrono::seconds longest_life{24 * 3600};
constexpr std::chrono::seconds margin{60};  // a token is not used in its last minute

using Lasting = OAuth2Error::Lasting;

std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self)
{
    auto& answer = *static_cast<std::string*>(self);
    if (answer.size() + size * count > max_answer_bytes) return 0;
    try {
        answer.append(bytes, size * count);
    } catch (const std::bad_alloc&) {
        return 0;
    }
    return size * count;
}

std::string escaped(std::string_view text)
{
    static constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                           c == '_' || c == '~';
        if (plain) {
            out += c;
        } else {
            out += '%';
            out += digits[byte >> 4U];
            out += digits[byte & 15U];
        }
    }
    return out;
}

std::string form_of(const OAuth2Client& client)
{
    std::string form =
        "grant_type=refresh_token&refresh_token=" + escaped(client.refresh_token) + "&client_id=" + escaped(client.client_id);
    if (!client.client_secret.empty()) form += "&client_secret=" + escaped(client.client_secret);
    if (!client.scope.empty()) form += "&scope=" + escaped(client.scope);
    return form;
}

std::string text_of(const nlohmann::json& answer, const char* key)
{
    const auto found = answer.find(key);
    return found != answer.end() && found->is_string() ? found->get<std::string>() : std::string();
}

nlohmann::json parsed(std::string_view answer)
{
    auto json = nlohmann::json::parse(answer, nullptr, false);
    return json.is_object() ? json : nlohmann::json::object();
}

/// A transfer that leaves the multi however it ends.
struct Transfer {
    explicit Transfer(CurlDriver& owner) : driver(owner), easy(curl_easy_init())
    {
        if (easy == nullptr) throw std::bad_alloc();
    }
    ~Transfer()
    {
        driver.forget(easy);
        curl_easy_cleanup(easy);
    }
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;
    CurlDriver& driver;
    CURL* easy;
};

}  // namespace

/// One that is out, and what came of it for those who wait.
struct TokenSource::Request {
    explicit Request(const asio::any_io_executor& executor) : ended(executor, asio::steady_timer::time_point::max()) {}
    asio::steady_timer ended;  // cancelled when it is over
    bool over = false;
    std::exception_ptr failure;
};

TokenSource::TokenSource(CurlDriver& driver, OAuth2Client client) : driver_(driver), client_(std::move(client)) {}

asio::awaitable<std::string> TokenSource::token()
{
    while (const auto request = request_) {
        while (!request->over) {
            boost::system::error_code woken;
            co_await request->ended.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        }
        if (request->failure) std::rethrow_exception(request->failure);
    }
    if (good()) co_return token_;
    request_ = std::make_shared<Request>(driver_.executor());
    struct Ending {
        std::shared_ptr<Request>& current;
        ~Ending()
        {
            current->over = true;
            current->ended.cancel();
            current.reset();
        }
    } const ending{request_};
    try {
        co_await fetch();
    } catch (const OAuth2Error&) {
        request_->failure = std::current_exception();
        throw;
    }
    co_return token_;
}

bool TokenSource::good() const { return !token_.empty() && std::chrono::steady_clock::now() < good_until_; }

bool TokenSource::needs_request() const { return !request_ && !good(); }

asio::awaitable<void> TokenSource::fetch()
{
    token_.clear();
    long status = 0;
    std::string form = form_of(client_);
    const std::string answer = co_await post(std::move(form), status);
    keep(answer, status);
}

asio::awaitable<std::string> TokenSource::post(std::string form, long& status)
{
    std::string answer;
    std::array<char, CURL_ERROR_SIZE> error{};
    Transfer transfer{driver_};
    CURL* easy = transfer.easy;
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error.data());
    curl_easy_setopt(easy, CURLOPT_URL, client_.token_url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https,http");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, static_cast<long>(request_limit.count()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(form.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, form.c_str());
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &answer);
    if (!client_.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, client_.ca_file.c_str());
    const int code = co_await driver_.perform(easy);
    if (code != CURLE_OK) {
        const std::string why = error[0] != '\0' ? error.data() : curl_easy_strerror(static_cast<CURLcode>(code));
        throw OAuth2Error(Lasting::temporary,
                          "no access token from " + text::printable(client_.token_url) + ": " + text::printable(why));
    }
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    co_return answer;
}

void TokenSource::keep(std::string_view answer, long status)
{
    const auto json = parsed(answer);
    const std::string access = text_of(json, "access_token");
    if (status != 200 || access.empty()) refuse(answer, status);
    const auto expires = json.find("expires_in");
    std::chrono::seconds life = usual_life;
    if (expires != json.end() && expires->is_number()) {
        const double seconds = std::clamp(expires->get<double>(), 0.0, static_cast<double>(longest_life.count()));
        life = std::chrono::seconds(static_cast<std::int64_t>(seconds));
    }
    token_ = access;
    good_until_ = std::chrono::steady_clock::now() + std::max(life - margin, life / 2);
    const std::string refresh = text_of(json, "refresh_token");
    if (refresh.empty() || refresh == client_.refresh_token) return;
    client_.refresh_token = refresh;
    if (renewed) renewed(refresh);
}

void TokenSource::refuse(std::string_view answer, long status) const
{
    const auto json = parsed(answer);
    const std::string error = text_of(json, "error");
    const std::string place = "the token server " + text::printable(client_.token_url);
    const std::string said =
        text::printable(error + (json.contains("error_description") ? ": " + text_of(json, "error_description") : ""));
    if (error == "invalid_grant") {
        throw OAuth2Error(Lasting::permanent, place + " refuses the refresh token (" + said +
                                                  "): it has expired or was revoked; authorise majlis again");
    }
    if (error == "invalid_client" || error == "unauthorized_client") {
        throw OAuth2Error(Lasting::permanent,
                          place + " refuses the client (" + said + "): check client_id and client_secret_file");
    }
    if (error.empty()) {
        throw OAuth2Error(Lasting::temporary,
                          place + " answered with status " + std::to_string(status) + " and no token: is token_url right?");
    }
    const bool passing = status >= 500 || status == 429 || error == "temporarily_unavailable" || error == "server_error";
    throw OAuth2Error(passing ? Lasting::temporary : Lasting::permanent, place + " gives no token (" + said + ")");
}

}  // namespace majlis::net
