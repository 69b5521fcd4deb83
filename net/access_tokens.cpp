#include "net/access_tokens.hpp"

#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "core/config/secret.hpp"
#include "core/log/log.hpp"
#include "net/secret_value.hpp"

namespace majlis {

namespace {

using Lasting = net::OAuth2Error::Lasting;

/// A token server that gives a new refresh token may forget the old one.
bool keep_refresh_token(const std::filesystem::path& file, const std::string& refresh_token)
{
    try {
        replace_secret_file(file, refresh_token);
        return true;
    } catch (const std::system_error& error) {
        log::warning(
            "refresh-token-not-kept",
            {{"reason", error.what()}, {"mend", "majlisd must be able to write there, or the next start has the old one"}});
        return false;
    }
}

}  // namespace

AccessTokens::AccessTokens(net::CurlDriver& driver, std::string username, OAuth2Config config)
    : driver_(driver), username_(std::move(username)), config_(std::move(config))
{
}

boost::asio::awaitable<std::string> AccessTokens::get()
{
    if (std::exchange(doubtful_, false)) replaced(source_);
    for (bool first = true;; first = false) {
        if (!source_) make();
        const auto source = source_;
        std::string token;
        try {
            token = co_await source->token();
        } catch (const net::OAuth2Error& error) {
            if (error.lasting() != Lasting::permanent) throw;
            if (first && replaced(source)) continue;
            doubtful_ = true;
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
    doubtful_ = true;  // it may be of another account
    return false;
}

AccessTokens::Files AccessTokens::read() const
{
    Files files;
    files.refresh_token = secret_value(read_secret_file(config_.refresh_token_file));
    if (!config_.client_secret_file.empty()) files.client_secret = secret_value(read_secret_file(config_.client_secret_file));
    return files;
}

void AccessTokens::make()
{
    files_ = read();
    net::OAuth2Client client;
    client.token_url = config_.token_url;
    client.client_id = config_.client_id;
    client.scope = config_.scope;
    client.refresh_token = files_.refresh_token;
    client.client_secret = files_.client_secret;
    source_ = std::make_shared<net::TokenSource>(driver_, std::move(client));
    source_->renewed = [this, source = source_.get()](const std::string& fresh) {
        if (source != source_.get()) return;  // the file has a newer one already
        if (keep_refresh_token(config_.refresh_token_file, fresh)) files_.refresh_token = fresh;
    };
}

/// Something else has been put into the files since `source` was made of them: by a person, or by whoever else logs in with the
/// same refresh token. Else ours stays: it may be newer than what the file could take.
bool AccessTokens::replaced(const std::shared_ptr<net::TokenSource>& source)
{
    if (source != source_) return true;
    try {
        if (read() == files_) return false;
    } catch (const std::runtime_error&) {  // what has been refused is told
        return false;
    }
    source_.reset();
    return true;
}

}  // namespace majlis
