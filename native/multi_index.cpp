// See multi_index.hpp.
#include "multi_index.hpp"

#include <cstring>

namespace lookalike {
namespace {

// Buckets whose place, then whose tags, then whose rows are fetched from memory together, so that one fetch hides behind
// another: more than a query within a few bits has, 67 among 2^25 codes of 64 bits.
constexpr std::size_t buckets_ahead = 96;

// Rows that are compared in one call of the kernel: 4 KiB of narrow codes.
constexpr std::size_t rows_a_block = 512;
// Fetched before they are copied into the block: memory takes 100 ns and more, copying a narrow code 2 ns.
constexpr std::size_t rows_ahead = 64;

// Rows that were found may be found again in other substrings: beyond so many they are tidied up in between.
constexpr std::size_t most_untidy = 1 << 16;

// Queries that a thread takes at once: some 0.1 ms of work, more than starting a thread takes.
constexpr std::size_t queries_a_part = 16;

void sort_hits(std::vector<Hit>& hits) {
    std::sort(hits.begin(), hits.end(), [](Hit left, Hit right) {
        return left.distance != right.distance ? left.distance < right.distance : left.position < right.position;
    });
}

// By distance, then position, each row once.
void tidy(std::vector<Hit>& hits) {
    sort_hits(hits);
    const auto same = [](Hit left, Hit right) { return left.position == right.position; };
    hits.erase(std::unique(hits.begin(), hits.end(), same), hits.end());
}

}  // namespace

// What one thread needs while it answers, kept between queries.
struct MultiIndex::Looking {
    explicit Looking(std::size_t words_per_code)
        : block(rows_a_block * words_per_code), positions(rows_a_block), distances(rows_a_block) {}

    // A bucket to look into: those of its rows that may be so near in all other bits.
    struct Bucket {
        const BucketTable* table;
        std::uint32_t number;
        std::uint32_t limit;
        Tag tag;

        bool tagged() const { return table->tags() != nullptr && limit <= tags_decide_up_to; }
    };

    // The next query; the one before may have been given up.
    void begin(const std::uint64_t* asked) {
        query = asked;
        buckets.clear();
        places.clear();
        rows.clear();
        near.clear();
    }

    const std::uint64_t* query = nullptr;
    std::vector<Bucket> buckets;
    std::vector<const std::uint32_t*> places;  // of rows whose tags are near
    std::vector<std::uint32_t> rows;           // found in buckets, to be compared
    std::vector<Hit> near;             // compared, usable and near enough; a row may come again
    std::vector<std::size_t> counts;   // rows taken by distance, for nearest
    std::vector<std::uint64_t> block;
    std::vector<std::uint32_t> positions;
    std::vector<std::uint16_t> distances;
};

MultiIndex::MultiIndex(const Codes& codes, std::size_t threads)
    : codes_(codes), substrings_(plan_index(codes)), tables_(substrings_.size()) {
    threads = threads_worth(threads, codes.rows * substrings_.size() * 16);  // a row's way into a table takes 10 ns
    for (std::size_t place = 0; place < substrings_.size(); ++place) {
        tables_[place] = BucketTable(codes, substrings_[place], threads, codes.words_per_code == 1);
    }
}

std::size_t MultiIndex::bytes() const {
    std::size_t sum = 0;
    for (const BucketTable& table : tables_) {
        sum += table.bytes();
    }
    return sum;
}

std::vector<std::size_t> MultiIndex::widths() const {
    std::vector<std::size_t> made;
    for (const Substring& substring : substrings_) {
        made.push_back(substring.bits.size());
    }
    return made;
}

std::vector<std::vector<Hit>> MultiIndex::within(const Codes& queries, std::uint32_t radius, Usable usable,
                                                 Budget budget, std::size_t threads, std::uint8_t* finished,
                                                 double* spent) const {
    radius = static_cast<std::uint32_t>(std::min<std::size_t>(radius, codes_.words_per_code * 64));
    return answer(queries, budget, threads, finished, spent, [&](auto query, auto& left, auto& looking, auto& hits) {
        return find_within(query, radius, usable, left, looking, hits);
    });
}

std::vector<std::vector<Hit>> MultiIndex::nearest(const Codes& queries, std::size_t k, Usable usable, Budget budget,
                                                  std::size_t threads, std::uint8_t* finished, double* spent) const {
    return answer(queries, budget, threads, finished, spent, [&](auto query, auto& left, auto& looking, auto& hits) {
        return find_nearest(query, k, usable, left, looking, hits);
    });
}

// Threads take queries in turn: their costs differ.
template <class Find>
std::vector<std::vector<Hit>> MultiIndex::answer(const Codes& queries, Budget budget, std::size_t threads,
                                                 std::uint8_t* finished, double* spent, const Find& find) const {
    std::vector<std::vector<Hit>> answers(queries.rows);
    const std::size_t parts = (queries.rows + queries_a_part - 1) / queries_a_part;
    run_tasks(parts, threads, [&](std::size_t part) {
        Looking looking(codes_.words_per_code);
        const std::size_t end = std::min(queries.rows, (part + 1) * queries_a_part);
        for (std::size_t query = part * queries_a_part; query < end; ++query) {
            Budget left = budget;
            finished[query] = find(queries.row(query), left, looking, answers[query]);
            spent[query] = budget.rows - left.rows;
        }
    });
    return answers;
}

// Compares the rows found in buckets, and empties them.
void MultiIndex::compare(std::uint32_t limit, Usable usable, Looking& looking) const {
    const std::size_t words = codes_.words_per_code;
    const std::vector<std::uint32_t>& rows = looking.rows;
    const Collect collect = level_in_use().collect;
    for (std::size_t first = 0; first < rows.size(); first += rows_a_block) {
        const std::size_t number = std::min(rows_a_block, rows.size() - first);
        for (std::size_t index = 0; index < number; ++index) {
            if (first + index + rows_ahead < rows.size()) {
                __builtin_prefetch(codes_.row(rows[first + index + rows_ahead]));
            }
            std::memcpy(looking.block.data() + index * words, codes_.row(rows[first + index]), words * 8);
        }
        const std::size_t found = collect(looking.block.data(), number, words, looking.query, limit,
                                          looking.positions.data(), looking.distances.data());
        for (std::size_t hit = 0; hit < found; ++hit) {
            const std::uint32_t row = rows[first + looking.positions[hit]];
            if (usable == nullptr || usable[row] != 0) {
                looking.near.push_back({row, looking.distances[hit]});
            }
        }
    }
    looking.rows.clear();
}

// Looks into the buckets asked for, and empties them; the rows found there are compared once they are many.
void MultiIndex::visit(std::uint32_t limit, Usable usable, Budget& budget, Looking& looking) const {
    for (const Looking::Bucket& bucket : looking.buckets) {
        const std::uint32_t begin = bucket.table->begin(bucket.number);
        const std::uint32_t end = bucket.table->end(bucket.number);
        if (bucket.tagged()) {  // buckets of a large table span two lines
            __builtin_prefetch(bucket.table->tags() + begin);
            __builtin_prefetch(bucket.table->tags() + end);
        } else {
            __builtin_prefetch(bucket.table->rows() + begin);
            __builtin_prefetch(bucket.table->rows() + end);
        }
    }
    for (const Looking::Bucket& bucket : looking.buckets) {
        const std::uint32_t begin = bucket.table->begin(bucket.number);
        const std::uint32_t end = bucket.table->end(bucket.number);
        const std::uint32_t* rows = bucket.table->rows();
        budget.rows -= end - begin;
        if (budget.rows < 0) {
            break;
        }
        if (bucket.tagged()) {
            near_tags(bucket.table->tags() + begin, end - begin, bucket.tag, bucket.limit, [&](std::size_t index) {
                __builtin_prefetch(rows + begin + index);
                looking.places.push_back(rows + begin + index);
            });
        } else {
            looking.rows.insert(looking.rows.end(), rows + begin, rows + end);
        }
    }
    for (const std::uint32_t* place : looking.places) {
        __builtin_prefetch(codes_.row(*place));
        looking.rows.push_back(*place);
    }
    looking.places.clear();
    looking.buckets.clear();
    if (looking.rows.size() >= rows_a_block) {
        compare(limit, usable, looking);
    }
}

// Asks for the buckets of one substring whose value differs from the query's in exactly `ones` bits; once finished,
// looking.near holds the rows there that are at most `limit` bits away. False where the budget is spent.
bool MultiIndex::ask(std::size_t place, std::size_t ones, std::uint32_t limit, Usable usable, Budget& budget,
                     Looking& looking) const {
    const Substring& substring = substrings_[place];
    const BucketTable& table = tables_[place];
    const std::size_t width = substring.bits.size();
    const double looks = values_within(width, static_cast<int>(ones)) - values_within(width, static_cast<int>(ones) - 1);
    budget.rows -= looks * budget.rows_a_look;
    if (budget.rows < 0) {
        return false;
    }
    const std::uint32_t key = substring.key(looking.query);
    const auto here = static_cast<std::uint32_t>(ones);
    const std::uint32_t others = limit > here ? limit - here : 0;
    const Tag tag = tag_of(*looking.query, substring.mask[0]);
    each_mask(width, ones, [&](std::uint32_t mask) {
        __builtin_prefetch(table.offsets() + (key ^ mask));
        looking.buckets.push_back({&table, key ^ mask, others, tag});
        if (looking.buckets.size() == buckets_ahead) {
            visit(limit, usable, budget, looking);
        }
    });
    return budget.rows >= 0;
}

// Looks into all buckets asked for, and compares all rows found there.
void MultiIndex::finish(std::uint32_t limit, Usable usable, Budget& budget, Looking& looking) const {
    visit(limit, usable, budget, looking);
    compare(limit, usable, looking);
}

bool MultiIndex::find_within(const std::uint64_t* query, std::uint32_t radius, Usable usable, Budget& budget,
                             Looking& looking, std::vector<Hit>& hits) const {
    const std::size_t number = substrings_.size();
    looking.begin(query);
    for (std::size_t place = 0; place < number; ++place) {
        for (int ones = 0; ones <= refined_radius(radius, number, place); ++ones) {
            if (!ask(place, static_cast<std::size_t>(ones), radius, usable, budget, looking)) {
                return false;
            }
        }
        if (looking.near.size() > most_untidy) {
            tidy(looking.near);
        }
    }
    finish(radius, usable, budget, looking);
    if (budget.rows < 0) {
        return false;
    }
    tidy(looking.near);
    hits = looking.near;
    return number != 0;  // without substrings nothing was looked at
}

// Step r looks at what makes radius r complete: one substring, r mod m, at exactly floor(r / m) bits.
bool MultiIndex::find_nearest(const std::uint64_t* query, std::size_t k, Usable usable, Budget& budget, Looking& looking,
                              std::vector<Hit>& hits) const {
    const std::size_t number = substrings_.size();
    const std::size_t width_bits = codes_.words_per_code * 64;
    looking.begin(query);
    looking.counts.assign(width_bits + 1, 0);
    auto limit = static_cast<std::uint32_t>(width_bits);  // nothing farther can be among the k nearest
    const std::size_t steps = number * (widest_substring + 1);  // then every bucket was looked into
    for (std::size_t step = 0; step < steps; ++step) {
        looking.near.clear();
        if (ask(step % number, step / number, limit, usable, budget, looking)) {
            finish(limit, usable, budget, looking);
        }
        if (budget.rows < 0) {
            hits.clear();
            return false;
        }
        for (const Hit& hit : looking.near) {
            bool found_before = false;
            for (std::size_t place = 0; place < number && !found_before; ++place) {
                const std::size_t apart = substrings_[place].distance(codes_.row(hit.position), query);
                found_before = apart * number + place < step;
            }
            if (!found_before) {
                hits.push_back(hit);
                ++looking.counts[hit.distance];
            }
        }
        std::size_t taken = 0;
        for (std::uint32_t distance = 0; distance <= limit; ++distance) {
            taken += looking.counts[distance];
            if (taken >= k) {
                limit = distance;
            }
        }
        if (taken >= k && limit <= step) {
            break;
        }
    }
    sort_hits(hits);
    hits.resize(std::min(hits.size(), k));
    return number != 0;
}

}  // namespace lookalike
