// Every row, or every pair of rows, within a radius.
#include "hamming.hpp"
#include "parallel.hpp"
#include "scan.hpp"

namespace lookalike {
namespace {

// Rows that look at a block together; their hits are kept until the tile is done.
constexpr std::size_t tile_rows = 64;

class Ring {
public:
    explicit Ring(std::uint32_t radius = 0) : radius_(static_cast<int>(radius)) {}

    int limit() const { return radius_; }
    void take(Hit hit) { hits_.push_back(hit); }
    std::vector<Hit>& hits() { return hits_; }

private:
    int radius_;
    std::vector<Hit> hits_;
};

std::uint32_t at_most_all(std::uint32_t radius, const Codes& codes) {
    return static_cast<std::uint32_t>(std::min<std::size_t>(radius, codes.words_per_code * 64));
}

void sort_by_distance(std::vector<Hit>& hits) {
    std::stable_sort(hits.begin(), hits.end(), [](Hit left, Hit right) { return left.distance < right.distance; });
}

}  // namespace

std::vector<std::vector<Hit>> within(const Codes& codes, const Codes& queries, std::uint32_t radius, Allowed allowed,
                                     std::size_t threads) {
    const Walk walk(codes, allowed);
    radius = at_most_all(radius, codes);
    threads = threads_worth(threads, walk.steps() * codes.words_per_code * queries.rows);
    std::vector<std::vector<Hit>> answers(queries.rows);

    if (queries.rows >= threads) {  // each thread takes its own queries
        const std::size_t tile = std::clamp<std::size_t>((queries.rows + threads - 1) / threads, 1, tile_rows);
        const std::size_t tiles = (queries.rows + tile - 1) / tile;
        run_tasks(tiles, threads, [&](std::size_t index) {
            const std::size_t first = index * tile;
            std::vector<Ring> rings(std::min(tile, queries.rows - first), Ring(radius));
            scan<Ring>(walk, {0, walk.steps()}, queries, first, rings);
            for (std::size_t query = 0; query < rings.size(); ++query) {
                sort_by_distance(rings[query].hits());
                answers[first + query] = std::move(rings[query].hits());
            }
        });
        return answers;
    }

    std::vector<std::vector<Ring>> parts(threads);  // each thread takes its own rows
    run_tasks(threads, threads, [&](std::size_t part) {
        parts[part].assign(queries.rows, Ring(radius));
        const Range steps{walk.steps() * part / threads, walk.steps() * (part + 1) / threads};
        scan<Ring>(walk, steps, queries, 0, parts[part]);
    });
    for (std::size_t query = 0; query < queries.rows; ++query) {
        for (std::vector<Ring>& rings : parts) {
            std::vector<Hit>& hits = rings[query].hits();
            answers[query].insert(answers[query].end(), hits.begin(), hits.end());
        }
        sort_by_distance(answers[query]);
    }
    return answers;
}

std::vector<Pair> pairs(const Codes& codes, std::size_t begin, std::size_t end, std::uint32_t radius,
                        std::size_t threads) {
    radius = at_most_all(radius, codes);
    end = std::min(end, codes.rows);
    if (begin >= end) {
        return {};
    }
    const Walk walk(codes, nullptr);
    threads = threads_worth(threads, (end - begin) * (codes.rows - begin) * codes.words_per_code);
    const std::size_t tiles = (end - begin + tile_rows - 1) / tile_rows;
    std::vector<std::vector<Pair>> answers(tiles);
    run_tasks(tiles, threads, [&](std::size_t index) {
        const std::size_t first = begin + index * tile_rows;
        std::vector<Ring> rings(std::min(tile_rows, end - first), Ring(radius));
        scan<Ring>(walk, {first, codes.rows}, codes, first, rings);
        for (std::size_t row = 0; row < rings.size(); ++row) {
            const std::uint32_t position = static_cast<std::uint32_t>(first + row);
            for (const Hit& hit : rings[row].hits()) {
                if (hit.position > position) {  // the tile's own rows meet each other twice, and themselves
                    answers[index].push_back({position, hit.position, hit.distance});
                }
            }
        }
    });
    std::vector<Pair> together;
    for (const std::vector<Pair>& part : answers) {
        together.insert(together.end(), part.begin(), part.end());
    }
    return together;
}

}  // namespace lookalike
