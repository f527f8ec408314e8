// Every two codes within a radius, of one set or of two, without comparing each with each: codes are cut into
// substrings, and only buckets whose values lie near each other meet (see substrings.hpp). A pair is answered by the
// first substring that finds it. The join stops wherever it is told to and goes on from there.
#pragma once

#include "bucket_table.hpp"

#include <chrono>

namespace lookalike {

using Clock = std::chrono::steady_clock;

// Where a join changes its ways; tests make both small.
struct JoinLimits {
    // Two buckets with more comparisons than this between them are joined by further substrings, where that pays:
    // 2^28 comparisons take some 25 ms, and making tables for a few ten thousand rows takes a few.
    std::size_t join_above = std::size_t{1} << 28;
    // Buckets are worked on in slices of as many rows, so that several threads share a large one.
    std::size_t slice_rows = std::size_t{1} << 15;
};

class PairsJoin {
public:
    // `right` is null to join `left` with itself. The codes stay the caller's and must outlive the join; in each set all
    // must differ from each other, or equal ones in huge numbers make it slow.
    PairsJoin(const Codes& left, const Codes* right, std::uint32_t radius, std::size_t threads,
              const JoinLimits& limits = {}, int depth = 0);

    // Appends pairs until there are `most_pairs` (or some more: what a thread has just found), or the time has come.
    // `first` is a row of `left`, `second` of `right`; in a join with itself, first < second. False when all were found.
    bool advance(std::size_t most_pairs, Clock::time_point until, std::vector<Pair>& found);

    // How many comparisons of two codes there were so far.
    std::size_t compared() const;

    const JoinPlan& plan() const { return plan_; }

private:
    struct Side {  // one set, sorted by the current substring
        BucketTable table;
        std::vector<std::uint64_t> words;
    };
    struct Unit {  // rows of one bucket of the left side
        std::uint32_t bucket, begin, end;
    };
    struct Span {  // rows of the right side that a unit meets
        std::uint32_t begin, end;
        bool itself;  // the unit's own rows: each pair once
    };
    struct alignas(64) Worker {  // no two in one cache line
        Unit unit{};
        std::vector<Span> spans;
        std::size_t span = 0;    // spans met already
        std::size_t row = 0;     // rows of the unit that have met the current span
        std::size_t compared = 0;
        std::unique_ptr<PairsJoin> inner;
        std::vector<Pair> inner_found;
        std::vector<Pair> found;
        std::vector<Meeting> met = std::vector<Meeting>(meet_room);
    };

    void sort_by(std::size_t place);
    void sort_side(Side& side, const Codes& codes, std::size_t place) const;
    void list_units();
    bool take_unit(Worker& worker);
    void work(Worker& worker, std::size_t most_pairs, Clock::time_point until);
    void meet_rows_of(Worker& worker, const Span& span, std::size_t number);
    bool join_inner(Worker& worker, const Span& span, std::size_t most_pairs, Clock::time_point until);
    void take(Worker& worker, std::size_t left, std::size_t right, std::uint16_t distance) const;
    const Side& right_side() const { return itself_ ? left_side_ : right_side_; }

    Codes left_;
    Codes right_;
    bool itself_;
    std::uint32_t radius_;
    JoinLimits limits_;
    int depth_;
    JoinPlan plan_;
    std::size_t threads_;
    Meet meet_;

    std::size_t place_ = 0;  // the current substring
    bool sorted_ = false;
    Side left_side_;
    Side right_side_;
    std::vector<std::uint32_t> masks_;
    std::vector<Unit> units_;
    std::atomic<std::size_t> next_unit_{0};
    std::vector<Worker> workers_;
};

}  // namespace lookalike
