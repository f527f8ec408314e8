// The k nearest rows. Distances are small integers, so that counting them replaces a heap: the k-th distance so far is
// known from the counts, and rows come in order of position, so that only a strictly nearer row is of interest.
// The idea: M. Norouzi, A. Punjani, D. Fleet, "Fast Exact Search in Hamming Space with Multi-Index Hashing", 2014,
// whose linear scan sorts by counting.
#include "hamming.hpp"
#include "parallel.hpp"
#include "scan.hpp"
#include "shortlist.hpp"

#include <atomic>
#include <utility>

namespace lookalike {
namespace {

// Every other question walks memory backwards, and so begins with the rows that the one before it left in the cache:
// some 5 to 15 % faster from 16 MB of codes on (docs/benchmarks.md). It changes no answer.
std::atomic<unsigned> questions_asked{0};

// Backwards means run by run: within a run, rows come in rising order, as ever. Beginning a run costs 1 to 2
// microseconds: runs of 256 KiB lost 10 % of a scan that the cache holds, runs of 4 MiB 1 %. A run must hold many times
// k rows, since each hands k of them on.
constexpr std::size_t run_bytes = std::size_t{4} << 20;
constexpr std::size_t run_rows_a_neighbour = 64;

// Fewer bytes stay in the cache either way (8 MB gained nothing); more queries at once are bound by arithmetic.
constexpr std::size_t least_bytes_backwards = std::size_t{8} << 20;
constexpr std::size_t most_queries_backwards = 4;

// Queries that look at a block together; more would only make their shortlists leave the cache.
constexpr std::size_t tile_queries = 64;

// Shows the rows of some steps to the lists of some queries, which are empty.
void look(const Walk& walk, Range steps, const Codes& queries, std::size_t first_query, std::size_t k, bool backwards,
          std::span<Shortlist> lists) {
    const std::size_t row_bytes = walk.codes().words_per_code * sizeof(std::uint64_t);
    const std::size_t run = std::max<std::size_t>(run_bytes / row_bytes, 1);
    if (!backwards || lists.size() > most_queries_backwards || run < k * run_rows_a_neighbour ||
        (steps.end - steps.begin) * row_bytes < least_bytes_backwards) {
        scan<Shortlist>(walk, steps, queries, first_query, lists);
        return;
    }
    std::vector<Shortlist> earlier;
    for (std::size_t end = steps.end; end > steps.begin;) {
        const std::size_t begin = end - steps.begin > run ? end - run : steps.begin;
        earlier.clear();
        for (const Shortlist& list : lists) {
            earlier.push_back(list.before());
        }
        scan<Shortlist>(walk, {begin, end}, queries, first_query, earlier);
        for (std::size_t query = 0; query < lists.size(); ++query) {
            for (const Hit& hit : lists[query].hits()) {
                earlier[query].take(hit);
            }
            std::swap(lists[query], earlier[query]);
        }
        end = begin;
    }
}

}  // namespace

void nearest(const Codes& codes, const Codes& queries, std::size_t k, Allowed allowed, std::size_t threads,
             std::int64_t* positions, std::uint16_t* distances) {
    const Walk walk(codes, allowed);
    const std::size_t width_bits = codes.words_per_code * 64;
    const std::size_t count = std::min(k, walk.rows_allowed());
    if (count == 0 || queries.rows == 0) {
        return;
    }
    threads = threads_worth(threads, walk.steps() * codes.words_per_code * queries.rows);
    const bool backwards = questions_asked.fetch_add(1, std::memory_order_relaxed) % 2 == 1;

    if (queries.rows >= threads) {  // each thread takes its own queries
        const std::size_t tile = std::clamp<std::size_t>((queries.rows + threads - 1) / threads, 1, tile_queries);
        const std::size_t tiles = (queries.rows + tile - 1) / tile;
        run_tasks(tiles, threads, [&](std::size_t index) {
            const std::size_t first = index * tile;
            const std::size_t number = std::min(tile, queries.rows - first);
            std::vector<Shortlist> lists(number, Shortlist(count, width_bits));
            look(walk, {0, walk.steps()}, queries, first, count, backwards, lists);
            for (std::size_t query = 0; query < number; ++query) {
                const std::size_t place = (first + query) * count;
                lists[query].write(positions + place, distances + place);
            }
        });
        return;
    }

    // Fewer queries than threads: each thread takes its own rows, and the shortlists are merged in order of position.
    std::vector<std::vector<Shortlist>> parts(threads);
    run_tasks(threads, threads, [&](std::size_t part) {
        parts[part].assign(queries.rows, Shortlist(count, width_bits));
        const Range steps{walk.steps() * part / threads, walk.steps() * (part + 1) / threads};
        look(walk, steps, queries, 0, count, backwards, parts[part]);
    });
    for (std::size_t query = 0; query < queries.rows; ++query) {
        Shortlist merged(count, width_bits);
        for (const std::vector<Shortlist>& lists : parts) {
            for (const Hit& hit : lists[query].hits()) {
                merged.take(hit);
            }
        }
        merged.write(positions + query * count, distances + query * count);
    }
}

}  // namespace lookalike
