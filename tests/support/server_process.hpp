#pragma once

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "support/files.hpp"
#include "support/shared.hpp"

namespace yolovino::test {

/// The real `yolo serve` on a free port, until the object ends.
class ServerProcess {
public:
    /// @param arguments after `yolo serve port=0`
    explicit ServerProcess(const std::vector<std::string>& arguments) {
        std::vector<std::string> words = {YOLOVINO_COMMAND, "serve", "port=0"};
        words.insert(words.end(), arguments.begin(), arguments.end());
        process_ = ::fork();
        if (process_ == 0) {
            std::vector<char*> argv;
            for (std::string& word : words) argv.push_back(word.data());
            argv.push_back(nullptr);
            redirect(folder_.path() / "out.txt", STDOUT_FILENO);
            redirect(folder_.path() / "err.txt", STDERR_FILENO);
            ::execv(argv[0], argv.data());
            ::_exit(127);
        }
        wait_until_ready();
    }
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;
    ~ServerProcess() {
        if (process_ <= 0) return;
        ::kill(process_, SIGKILL);
        wait();
    }

    unsigned short port() const { return port_; }
    pid_t process() const { return process_; }
    const std::filesystem::path& folder() const { return folder_.path(); }
    std::string out() const { return content(folder_.path() / "out.txt"); }
    std::string err() const { return content(folder_.path() / "err.txt"); }
    void signal(int number) const { ::kill(process_, number); }
    /// The exit status, or 1000 and the signal that ended it.
    int wait() {
        int status = 0;
        ::waitpid(std::exchange(process_, -1), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    }

private:
    static void redirect(const std::filesystem::path& file, int descriptor) {
        ::dup2(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), descriptor);
    }
    void wait_until_ready() {
        constexpr int kPauses = 6000;
        for (int i = 0; i < kPauses; ++i) {
            const std::string text = out();
            const std::size_t line = text.find("Listening at http");
            if (line != std::string::npos && text.find('\n', line) != std::string::npos) {
                const std::size_t colon = text.find(':', text.find("://", line) + 3);
                port_ = static_cast<unsigned short>(std::atoi(text.c_str() + colon + 1));
                return;
            }
            if (::waitpid(process_, nullptr, WNOHANG) != 0) {
                process_ = -1;
                throw std::runtime_error("the server has ended: " + err());
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        throw std::runtime_error("the server does not get ready: " + err());
    }

    TempFolder folder_;
    pid_t process_ = -1;
    unsigned short port_ = 0;
};

}  // namespace yolovino::test
