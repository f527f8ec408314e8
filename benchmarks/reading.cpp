// How fast one thread can read memory, whatever it does with it: the ceiling of a scan. Linux, x86-64 with AVX-512.
//
//   g++ -O3 -march=native -std=c++20 benchmarks/reading.cpp -o build/reading && build/reading [MB]
//
// Each way takes its turn in every round; the least and the median of 15 rounds. Between turns, 64 MB of something else
// are read, so that nothing is left in the caches.
#include <immintrin.h>
#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

namespace {

constexpr std::size_t line = 64;
constexpr std::size_t huge_page = std::size_t{2} << 20;
constexpr int rounds = 15;

volatile std::uint64_t sink;

struct Region {
    const char* bytes;
    std::size_t size;
};

Region make_region(std::size_t size, bool huge) {
    void* mapped = mmap(nullptr, size + huge_page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) {
        std::perror("mmap");
        std::exit(1);
    }
    const std::uintptr_t border = (reinterpret_cast<std::uintptr_t>(mapped) + huge_page - 1) & ~(huge_page - 1);
    char* bytes = reinterpret_cast<char*>(border);
    madvise(bytes, size, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    for (std::size_t at = 0; at < size; ++at) {
        bytes[at] = static_cast<char>(at * 0x9e3779b9U >> 13);
    }
    return {bytes, size};
}

// The bits set anywhere, by so many streams side by side, each asking for lines so many bytes ahead of itself.
template <std::size_t streams, std::size_t ahead, _mm_hint hint>
void read_all(Region region) {
    __m512i seen[streams] = {};
    const std::size_t part = region.size / streams / (2 * line) * (2 * line);
    for (std::size_t at = 0; at < part; at += 2 * line) {
        for (std::size_t stream = 0; stream < streams; ++stream) {
            const char* here = region.bytes + stream * part + at;
            if constexpr (ahead != 0) {
                _mm_prefetch(here + ahead, hint);
                _mm_prefetch(here + ahead + line, hint);
            }
            const __m512i both = _mm512_or_si512(_mm512_loadu_si512(here), _mm512_loadu_si512(here + line));
            seen[stream] = _mm512_or_si512(seen[stream], both);
        }
    }
    for (std::size_t stream = 1; stream < streams; ++stream) {
        seen[0] = _mm512_or_si512(seen[0], seen[stream]);
    }
    sink = static_cast<std::uint64_t>(_mm512_reduce_or_epi64(seen[0]));
}

// The first line of every two, as a scan would that leaves a row of 1,024 bits after its first half.
template <std::size_t ahead>
void read_every_other_line(Region region) {
    __m512i seen = _mm512_setzero_si512();
    for (std::size_t at = 0; at + 2 * line <= region.size; at += 2 * line) {
        if constexpr (ahead != 0) {
            _mm_prefetch(region.bytes + at + ahead, _MM_HINT_T0);
        }
        seen = _mm512_or_si512(seen, _mm512_loadu_si512(region.bytes + at));
    }
    sink = static_cast<std::uint64_t>(_mm512_reduce_or_epi64(seen));
}

struct Way {
    std::string name;
    std::function<void(Region)> read;
};

}  // namespace

int main(int count, char** values) {
    const std::size_t size = static_cast<std::size_t>(count > 1 ? std::atoi(values[1]) : 128) * 1'000'000;
    const std::vector<Way> ways = {
        {"one stream", read_all<1, 0, _MM_HINT_T0>},
        {"one stream, 1 KiB ahead", read_all<1, 1024, _MM_HINT_T0>},
        {"one stream, 4 KiB ahead", read_all<1, 4096, _MM_HINT_T0>},
        {"one stream, 8 KiB ahead", read_all<1, 8192, _MM_HINT_T0>},
        {"one stream, 4 KiB ahead, into the second level", read_all<1, 4096, _MM_HINT_T1>},
        {"one stream, 4 KiB ahead, past the caches", read_all<1, 4096, _MM_HINT_NTA>},
        {"2 streams", read_all<2, 0, _MM_HINT_T0>},
        {"4 streams", read_all<4, 0, _MM_HINT_T0>},
        {"4 streams, 4 KiB ahead", read_all<4, 4096, _MM_HINT_T0>},
        {"8 streams", read_all<8, 0, _MM_HINT_T0>},
        {"16 streams", read_all<16, 0, _MM_HINT_T0>},
        {"every other line", read_every_other_line<0>},
        {"every other line, 4 KiB ahead", read_every_other_line<4096>},
    };
    const Region other = make_region(std::size_t{64} << 20, true);
    for (const bool huge : {true, false}) {
        const Region region = make_region(size, huge);
        std::vector<std::vector<double>> taken(ways.size());
        for (int round = 0; round < rounds; ++round) {
            for (std::size_t way = 0; way < ways.size(); ++way) {
                read_all<1, 0, _MM_HINT_T0>(other);
                const auto begin = std::chrono::steady_clock::now();
                ways[way].read(region);
                taken[way].push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
            }
        }
        for (std::size_t way = 0; way < ways.size(); ++way) {
            std::sort(taken[way].begin(), taken[way].end());
            const double least = taken[way].front();
            std::printf("%s pages, %-48s least %.2f ms, median %.2f; %.1f GB/s\n", huge ? "2 MiB" : "4 KiB",
                        ways[way].name.c_str(), least * 1e3, taken[way][rounds / 2] * 1e3,
                        static_cast<double>(size) / least / 1e9);
        }
    }
}
