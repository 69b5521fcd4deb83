#include "net/access_tokens.hpp"

#include <stdexcept>
#include <system_error>
#include <utility>

#include "core/config/secret.hpp"
#include "core/log/log.hpp"
#include "net/secret_value.hpp"

namespace majlis {

using Lasting = net::OAuth2Error::Lasting;

AccessTokens::AccessTokens(net::CurlDriver& driver, std::string username, OAuth2Config config)
    : driver_(driver), username_(std::move(username)), config_(std::move(config))
{
}

boost::asio::awaitable<std::string> AccessTokens::get()
{
    for (bool first = true;; first = false) {
        if (!source_ || source_->needs_request()) look();
        const auto source = source_;
        std::string token;
        try {
            token = co_await source->token();
        } catch (const net::OAuth2Error& error) {
            if (error.lasting() == Lasting::permanent && first && outdated(*source)) continue;
            throw;
        }
        if (token != newest_) proven_ = false;
        newest_ = token;
        co_return token;
    }
}

void AccessTokens::accepted(const std::string& token)
{
    if (token == newest_) proven_ = true;
    if (token == hopeless_) hopeless_.clear();
}

bool AccessTokens::refused(const std::string& token, const std::string& reason)
{
    const bool newest = token == newest_;
    const bool was_good = newest && proven_;
    if (newest) {
        newest_.clear();
        proven_ = false;
        if (source_) source_->forget();
    }
    if (was_good) {
        log::notice("access-token-refused", {{"username", username_}, {"reason", reason}});
        return true;
    }
    if (token == hopeless_) return false;
    if (!newest) return true;
    hopeless_ = token;
    return false;
}

AccessTokens::Files AccessTokens::read() const
{
    Files files;
    files.refresh_token = secret_value(read_secret_file(config_.refresh_token_file));
    if (!config_.client_secret_file.empty()) files.client_secret = secret_value(read_secret_file(config_.client_secret_file));
    return files;
}

/// Before each request: somebody may have put something else into the files, a person, or whoever else logs in with the same
/// refresh token; and what a file could not take when it came, it may take now.
void AccessTokens::look()
{
    Files now;
    try {
        now = read();
    } catch (const std::runtime_error&) {
        if (!source_) throw;
        return;  // what we have may still serve
    }
    const bool another = now.refresh_token != files_.refresh_token;
    if (another) refresh_token_ = now.refresh_token;
    const bool keeps = source_ && !another && now.client_secret == files_.client_secret;
    files_ = std::move(now);
    if (!keeps) make();
    if (refresh_token_ != files_.refresh_token) keep();
}

/// The files hold something else than what `source` was made of.
bool AccessTokens::outdated(const net::TokenSource& source) const
{
    if (&source != source_.get()) return true;
    try {
        return read() != files_;
    } catch (const std::runtime_error&) {  // what has been refused is told
        return false;
    }
}

void AccessTokens::make()
{
    net::OAuth2Client client;
    client.token_url = config_.token_url;
    client.client_id = config_.client_id;
    client.scope = config_.scope;
    client.refresh_token = refresh_token_;
    client.client_secret = files_.client_secret;
    source_ = std::make_shared<net::TokenSource>(driver_, std::move(client));
    source_->renewed = [this, source = source_.get()](const std::string& fresh) {
        if (source != source_.get()) return;  // of a request that was out when something else was put into the files
        refresh_token_ = fresh;
        keep();
    };
}

/// The token server may have forgotten the old one. What somebody else has put into the file stays there: look() finds it.
void AccessTokens::keep()
{
    const auto now = read_secret_file(config_.refresh_token_file);
    if (now.ok() && now.value != files_.refresh_token) return;
    try {
        replace_secret_file(config_.refresh_token_file, refresh_token_);
        files_.refresh_token = refresh_token_;
    } catch (const std::system_error& error) {
        log::warning(
            "refresh-token-not-kept",
            {{"reason", error.what()}, {"mend", "majlisd must be able to write there, or a start or reload has the old one"}});
    }
}

}  // namespace majlis
