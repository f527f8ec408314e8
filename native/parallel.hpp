// Runs numbered tasks on a few threads. Threads live for one call: starting and joining one takes some 35 microseconds
// (measured on a busy machine of two cores), and a process that forks has none to lose.
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace lookalike {

// Words compared that are worth a thread of their own: 2^20 take 0.11 ms with AVX-512 on Zen 4, and half of that in two
// threads was no faster.
inline constexpr std::size_t words_worth_a_thread = std::size_t{1} << 20;

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
