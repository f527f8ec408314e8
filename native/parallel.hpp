// Runs numbered tasks on a few threads. Threads live for one call: starting them takes some 20 microseconds, and a
// process that forks has none to lose.
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace lookalike {

// Below this many words compared, starting a thread costs more than it saves: 2^18 words take about 50 microseconds.
inline constexpr std::size_t words_worth_a_thread = std::size_t{1} << 18;

inline std::size_t threads_worth(std::size_t threads, std::size_t words) {
    const std::size_t useful = words / words_worth_a_thread + 1;
    return threads < useful ? threads : useful;
}

// Calls task(0) … task(number - 1), each once, in any order. The first exception thrown is thrown again here.
template <class Task>
void run_tasks(std::size_t number, std::size_t threads, const Task& task) {
    std::atomic<std::size_t> next{0};
    std::exception_ptr fault;
    std::mutex guard;
    const auto work = [&] {
        try {
            for (std::size_t index = next++; index < number; index = next++) {
                task(index);
            }
        } catch (...) {  // an exception that leaves a thread ends the process
            const std::lock_guard lock(guard);
            next = number;
            if (!fault) {
                fault = std::current_exception();
            }
        }
    };
    {
        std::vector<std::jthread> others;
        for (std::size_t other = 1; other < threads && other < number; ++other) {
            others.emplace_back(work);
        }
        work();
    }
    if (fault) {
        std::rethrow_exception(fault);
    }
}

}  // namespace lookalike
