#include "tests/unit/net/dovecot.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <stdexcept>
#include <thread>

extern char** environ;

namespace majlis::test {

namespace {

constexpr uid_t mail_user = 5000;  // needs no entry in /etc/passwd

pid_t spawn(const std::vector<std::string>& command, const std::string& output)
{
    std::vector<char*> arguments;
    for (const auto& each : command) arguments.push_back(const_cast<char*>(each.c_str()));
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    pid_t pid = 0;
    const int error = posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw std::runtime_error("can not run " + command.front());
    return pid;
}

bool listens(unsigned port)
{
    const int socket_number = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool open = ::connect(socket_number, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    close(socket_number);
    return open;
}

void own(const std::filesystem::path& path)
{
    if (chown(path.c_str(), mail_user, mail_user) != 0) throw std::runtime_error("can not give away " + path.string());
}

}  // namespace

void run_program(const std::vector<std::string>& command)
{
    int status = 0;
    const pid_t pid = spawn(command, "/dev/null");
    if (waitpid(pid, &status, 0) != pid || status != 0) throw std::runtime_error(command.front() + " failed");
}

unsigned free_port()
{
    const int socket_number = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(socket_number, reinterpret_cast<sockaddr*>(&address), size) != 0) throw std::runtime_error("no free port");
    getsockname(socket_number, reinterpret_cast<sockaddr*>(&address), &size);
    close(socket_number);
    return ntohs(address.sin_port);
}

Scratch::Scratch()
{
    std::string name = std::filesystem::temp_directory_path() / "majlis-test-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no scratch folder");
    path_ = name;
    std::filesystem::permissions(
        path_, std::filesystem::perms::owner_all | std::filesystem::perms::group_exec | std::filesystem::perms::others_exec);
}

Scratch::~Scratch()
{
    std::error_code ignored;  // what is left in /tmp harms nobody
    std::filesystem::remove_all(path_, ignored);
}

Authority::Authority(std::filesystem::path folder) : folder_(std::move(folder))
{
    std::filesystem::create_directories(folder_);
    run_program({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                 folder_ / "ca.key", "-out", ca_file(), "-subj", "/CN=majlis test CA", "-days", "30"});
}

Authority::Pair Authority::issue(const std::string& name, const std::string& host, int days)
{
    const Pair pair{folder_ / (name + ".crt"), folder_ / (name + ".key")};
    const std::string request = folder_ / (name + ".csr");
    const std::string extension = folder_ / (name + ".ext");
    std::ofstream(extension) << "subjectAltName=DNS:" << host << "\n";
    run_program({"openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", pair.key,
                 "-out", request, "-subj", "/CN=" + host});
    run_program({"openssl", "x509", "-req", "-in", request, "-CA", ca_file(), "-CAkey", folder_ / "ca.key", "-CAcreateserial",
                 "-days", std::to_string(days), "-extfile", extension, "-out", pair.certificate});
    return pair;
}

bool Dovecot::available() { return geteuid() == 0 && std::filesystem::exists("/usr/sbin/dovecot"); }

Dovecot::Dovecot(const Options& options) : authority_(scratch_.path() / "tls"), imap_port_(free_port()), imaps_port_(free_port())
{
    const auto mail = scratch_.path() / "mail" / "listes";
    for (const auto& folder :
         {mail, mail / "Maildir", mail / "Maildir" / "new", mail / "Maildir" / "cur", mail / "Maildir" / "tmp"}) {
        std::filesystem::create_directories(folder);
        own(folder);
    }
    own(scratch_.path() / "mail");
    write_configuration(options, authority_.issue("server", options.host, options.certificate_days));
    start();
}

Dovecot::~Dovecot() { stop(); }

void Dovecot::write_configuration(const Options& options, const Authority::Pair& pair) const
{
    const std::string home = scratch_.path();
    std::ofstream(scratch_.path() / "users") << "listes:{PLAIN}secret\n";
    std::ofstream out(scratch_.path() / "dovecot.conf");
    out << "protocols = imap\nlisten = 127.0.0.1\nbase_dir = " << home << "/run\nstate_dir = " << home << "/state\n"
        << "log_path = " << home << "/dovecot.log\ninstance_name = majlis-test-" << imap_port_ << "\nssl = yes\n"
        << "ssl_cert = <" << pair.certificate << "\nssl_key = <" << pair.key << "\ndisable_plaintext_auth = no\n"
        << "auth_mechanisms = " << options.mechanisms << "\nauth_failure_delay = 0\nmail_location = maildir:~/Maildir\n"
        << "first_valid_uid = 100\nmail_fsync = never\nmail_max_userip_connections = 100\n"
        << "passdb {\n driver = passwd-file\n args = scheme=PLAIN " << home << "/users\n}\n"
        << "userdb {\n driver = static\n args = uid=" << mail_user << " gid=" << mail_user << " home=" << home << "/mail/%u\n}\n"
        << "namespace inbox {\n inbox = yes\n prefix = " << options.prefix << "\n separator = " << options.separator
        << "\n mailbox Spam {\n special_use = \\Junk\n auto = create\n }\n}\n"
        << "service imap-login {\n service_count = 0\n inet_listener imap {\n port = " << imap_port_
        << "\n }\n inet_listener imaps {\n port = " << imaps_port_ << "\n ssl = yes\n }\n}\n";
    if (!options.capability.empty()) out << "protocol imap {\n imap_capability = " << options.capability << "\n}\n";
}

void Dovecot::start()
{
    const std::string home = scratch_.path();
    pid_ = spawn({"/usr/sbin/dovecot", "-F", "-c", home + "/dovecot.conf"}, home + "/output");
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!listens(imap_port_) || !listens(imaps_port_)) {
        if (std::chrono::steady_clock::now() > end) throw std::runtime_error("dovecot does not start; see " + home);
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
}

void Dovecot::stop()
{
    if (pid_ == 0) return;
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
}

void Dovecot::deliver(std::string_view mail, const std::string& folder) const
{
    static unsigned number = 0;
    const auto maildir = scratch_.path() / "mail" / "listes" / "Maildir" / folder;
    ++number;
    const std::string name = std::to_string(1'700'000'000 + number) + "." + std::to_string(number) + ".test";
    const auto early = maildir / "tmp" / name;
    std::ofstream(early, std::ios::binary) << mail;
    own(early);
    std::filesystem::rename(early, maildir / "new" / name);
}

std::vector<std::string> Dovecot::file_names(const std::string& folder) const
{
    std::vector<std::string> names;
    for (const auto* part : {"cur", "new"}) {
        const auto path = scratch_.path() / "mail" / "listes" / "Maildir" / folder / part;
        if (!std::filesystem::exists(path)) continue;
        for (const auto& entry : std::filesystem::directory_iterator(path)) names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::size_t Dovecot::count(const std::string& folder) const { return file_names(folder).size(); }

void Dovecot::change_uidvalidity() const
{
    const auto maildir = scratch_.path() / "mail" / "listes" / "Maildir";
    for (const auto& entry : std::filesystem::directory_iterator(maildir)) {
        if (entry.path().filename().string().starts_with("dovecot")) std::filesystem::remove(entry.path());
    }
}

}  // namespace majlis::test
