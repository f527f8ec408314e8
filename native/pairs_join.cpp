// See pairs_join.hpp.
#include "pairs_join.hpp"

#include <cstring>

namespace lookalike {
namespace {

// A join within a join within a join: deeper ones would be of codes that agree in most of what they are cut by.
constexpr int deepest = 3;

// An inner join must promise to be this much cheaper, since its plan takes bits for independent and they never quite are.
constexpr double worth_joining = 4;

// A slice of a join that compares everything: small, since it is all that threads can share.
constexpr std::size_t plain_slice_rows = 1024;

// How many comparisons may pass before a worker looks at the clock: some 0.1 ms.
constexpr std::size_t comparisons_a_look = std::size_t{1} << 20;

// How many comparisons a worker makes before it looks whether enough was found: all may be pairs, of 12 bytes each.
constexpr std::size_t comparisons_a_step = std::size_t{1} << 20;

}  // namespace

PairsJoin::PairsJoin(const Codes& left, const Codes* right, std::uint32_t radius, std::size_t threads,
                     const JoinLimits& limits, int depth)
    : left_(left),
      right_(right == nullptr ? left : *right),
      itself_(right == nullptr),
      radius_(static_cast<std::uint32_t>(std::min<std::size_t>(radius, left.words_per_code * 64))),
      limits_(limits),
      depth_(depth),
      plan_(plan_join(left_, right_, itself_, radius_)),
      threads_(threads_worth(threads, static_cast<std::size_t>(std::min(plan_.work, 1e18)))),
      meet_(level_in_use().meet),
      workers_(threads_) {
    if (plan_.substrings.empty()) {  // one bucket of everything
        plan_.substrings.push_back({{}, std::vector<std::uint64_t>(left.words_per_code)});
        plan_.radii.push_back(0);
        limits_.slice_rows = std::min(limits_.slice_rows, plain_slice_rows);
        limits_.join_above = SIZE_MAX;
    }
}

std::size_t PairsJoin::compared() const {
    std::size_t sum = 0;
    for (const Worker& worker : workers_) {
        sum += worker.compared + (worker.inner ? worker.inner->compared() : 0);
    }
    return sum;
}

bool PairsJoin::advance(std::size_t most_pairs, Clock::time_point until, std::vector<Pair>& found) {
    while (place_ < plan_.substrings.size()) {
        if (!sorted_) {
            sort_by(place_);
            sorted_ = true;
        }
        const std::size_t wanted = most_pairs > found.size() ? most_pairs - found.size() : 1;
        run_tasks(threads_, threads_, [&](std::size_t index) {
            work(workers_[index], (wanted - 1) / threads_ + 1, until);
        });
        bool idle = next_unit_ >= units_.size();
        for (Worker& worker : workers_) {
            idle = idle && worker.span == worker.spans.size();
            found.insert(found.end(), worker.found.begin(), worker.found.end());
            worker.found.clear();
        }
        if (idle) {
            ++place_;
            sorted_ = false;
        }
        if (found.size() >= most_pairs || Clock::now() >= until) {
            break;
        }
    }
    return place_ < plan_.substrings.size();
}

void PairsJoin::sort_by(std::size_t place) {
    sort_side(left_side_, left_, place);
    if (!itself_) {
        sort_side(right_side_, right_, place);
    }
    masks_.clear();
    const std::size_t width = plan_.substrings[place].bits.size();
    for (int ones = 0; ones <= plan_.radii[place]; ++ones) {
        each_mask(width, static_cast<std::size_t>(ones), [&](std::uint32_t mask) { masks_.push_back(mask); });
    }
    list_units();
}

void PairsJoin::sort_side(Side& side, const Codes& codes, std::size_t place) const {
    const std::size_t words = codes.words_per_code;
    side = {};
    side.table = BucketTable(codes, plan_.substrings[place], threads_);
    side.words.resize((codes.rows + meet_spare_rows) * words);
    run_tasks(threads_, threads_, [&](std::size_t part) {
        for (std::size_t index = codes.rows * part / threads_; index < codes.rows * (part + 1) / threads_; ++index) {
            const std::uint64_t* code = codes.row(side.table.rows()[index]);
            std::memcpy(side.words.data() + index * words, code, words * sizeof(std::uint64_t));
        }
    });
}

void PairsJoin::list_units() {
    units_.clear();
    next_unit_ = 0;
    const BucketTable& table = left_side_.table;
    for (std::size_t bucket = 0; bucket < table.buckets(); ++bucket) {
        for (std::size_t begin = table.begin(bucket); begin < table.end(bucket); begin += limits_.slice_rows) {
            const std::size_t end = std::min<std::size_t>(begin + limits_.slice_rows, table.end(bucket));
            units_.push_back({static_cast<std::uint32_t>(bucket), static_cast<std::uint32_t>(begin),
                              static_cast<std::uint32_t>(end)});
        }
    }
}

bool PairsJoin::take_unit(Worker& worker) {
    const std::size_t index = next_unit_++;
    if (index >= units_.size()) {
        return false;
    }
    const Unit unit = worker.unit = units_[index];
    const BucketTable& table = right_side().table;
    const std::uint64_t* words = right_side().words.data();
    worker.spans.clear();
    worker.span = 0;
    worker.row = 0;
    for (const std::uint32_t mask : masks_) {
        const std::uint32_t other = unit.bucket ^ mask;
        if (itself_ && other <= unit.bucket) {
            if (mask == 0) {  // behind this unit come the other slices of its own bucket
                worker.spans.push_back({unit.begin, unit.end, true});
                if (unit.end < table.end(other)) {
                    worker.spans.push_back({unit.end, table.end(other), false});
                }
            }
            continue;
        }
        if (table.begin(other) < table.end(other)) {
            worker.spans.push_back({table.begin(other), table.end(other), false});
            __builtin_prefetch(words + table.begin(other) * right_.words_per_code);
        }
    }
    return true;
}

void PairsJoin::work(Worker& worker, std::size_t most_pairs, Clock::time_point until) {
    std::size_t compared_before = worker.compared;
    while (worker.found.size() < most_pairs) {
        if (worker.span == worker.spans.size()) {
            if (!take_unit(worker)) {
                return;
            }
            continue;
        }
        const Span& span = worker.spans[worker.span];
        const std::size_t rows = worker.unit.end - worker.unit.begin;
        const std::size_t others = span.end - span.begin;
        if (rows * others > limits_.join_above && depth_ < deepest && worker.row == 0) {
            if (join_inner(worker, span, most_pairs, until)) {
                return;  // there is more, and the time has come or enough was found
            }
            continue;
        }
        const std::size_t number = std::clamp<std::size_t>(comparisons_a_step / others, 1, meet_rows);
        meet_rows_of(worker, span, std::min(number, rows - worker.row));
        if (worker.row == rows) {
            worker.row = 0;
            ++worker.span;
        }
        if (worker.compared - compared_before > comparisons_a_look) {
            compared_before = worker.compared;
            if (Clock::now() >= until) {
                return;
            }
        }
    }
}

void PairsJoin::meet_rows_of(Worker& worker, const Span& span, std::size_t number) {
    const std::size_t words = left_.words_per_code;
    const std::size_t first = worker.unit.begin + worker.row;
    const Block left{left_side_.words.data() + first * words, number};
    for (std::size_t other = span.itself ? first : span.begin; other < span.end; other += meet_rows) {
        const Block right{right_side().words.data() + other * words, std::min<std::size_t>(meet_rows, span.end - other)};
        const std::size_t met = meet_(left, right, words, radius_, worker.met.data());
        for (std::size_t index = 0; index < met; ++index) {
            const Meeting& meeting = worker.met[index];
            if (!span.itself || other + meeting.right > first + meeting.left) {
                take(worker, first + meeting.left, other + meeting.right, meeting.distance);
            }
        }
        worker.compared += number * right.rows;
    }
    worker.row += number;
}

// Whether there is more to do with this span; if not, the worker has moved on to the next one or to plain comparing.
bool PairsJoin::join_inner(Worker& worker, const Span& span, std::size_t most_pairs, Clock::time_point until) {
    const std::size_t words = left_.words_per_code;
    const Codes left{left_side_.words.data() + worker.unit.begin * words, worker.unit.end - worker.unit.begin, words};
    const Codes right{right_side().words.data() + span.begin * words, span.end - span.begin, words};
    if (!worker.inner) {
        worker.inner = std::make_unique<PairsJoin>(left, span.itself ? nullptr : &right, radius_, 1, limits_, depth_ + 1);
        const auto plain = static_cast<double>(left.rows * right.rows * words);
        if (worker.inner->plan().work * worth_joining > plain) {
            worker.inner.reset();
            meet_rows_of(worker, span, 1);  // from here on the rows meet one block after another
            if (worker.row == left.rows) {
                worker.row = 0;
                ++worker.span;
            }
            return false;
        }
    }
    worker.inner_found.clear();
    const bool more = worker.inner->advance(most_pairs - worker.found.size(), until, worker.inner_found);
    for (const Pair& pair : worker.inner_found) {
        take(worker, worker.unit.begin + pair.first, span.begin + pair.second, pair.distance);
    }
    if (!more) {
        worker.compared += worker.inner->compared();
        worker.inner.reset();
        ++worker.span;
    }
    return more;
}

// A pair found by row numbers of the sorted sides, unless an earlier substring found it.
void PairsJoin::take(Worker& worker, std::size_t left, std::size_t right, std::uint16_t distance) const {
    const std::uint64_t* left_code = left_side_.words.data() + left * left_.words_per_code;
    const std::uint64_t* right_code = right_side().words.data() + right * right_.words_per_code;
    for (std::size_t earlier = 0; earlier < place_; ++earlier) {
        if (static_cast<int>(plan_.substrings[earlier].distance(left_code, right_code)) <= plan_.radii[earlier]) {
            return;
        }
    }
    std::uint32_t first = left_side_.table.rows()[left];
    std::uint32_t second = right_side().table.rows()[right];
    if (itself_ && first > second) {
        std::swap(first, second);
    }
    worker.found.push_back({first, second, distance});
}

}  // namespace lookalike
