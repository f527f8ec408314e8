// Multi-index hashing: a table of rows for each of a few substrings. A question looks only into buckets whose value
// lies near its own, so that its cost hangs on the radius and hardly on the number of rows. Exact.
// Source: M. Norouzi, A. Punjani, D. Fleet, "Fast Search in Hamming Space with Multi-Index Hashing", CVPR 2012, and
// "Fast Exact Search in Hamming Space with Multi-Index Hashing", 2014.
#pragma once

#include "bucket_table.hpp"

namespace lookalike {

// For each row whether it may be answered; null means every row.
using Usable = const std::uint8_t*;

// Where a question stops looking into buckets because a scan is cheaper: buckets asked for and rows looked at. An
// unfinished question has no answer.
struct Budget {
    double rows;         // rows looked at, at most
    double rows_a_look;  // asking for a bucket costs as much as looking at this many rows
};

class MultiIndex {
public:
    // The codes stay the caller's and must outlive the index.
    MultiIndex(const Codes& codes, std::size_t threads);

    // Every usable row at most `radius` bits from each query, by distance, then position. finished[q] is 0 where the
    // budget ended first, spent[q] how much of it was used.
    std::vector<std::vector<Hit>> within(const Codes& queries, std::uint32_t radius, Usable usable, Budget budget,
                                         std::size_t threads, std::uint8_t* finished,
                                         double* spent) const;

    // The k nearest usable rows of each query, by distance, then position; fewer only where fewer are usable. Radii
    // grow from nothing until k rows are surely the nearest.
    std::vector<std::vector<Hit>> nearest(const Codes& queries, std::size_t k, Usable usable, Budget budget,
                                          std::size_t threads, std::uint8_t* finished,
                                          double* spent) const;

    std::size_t rows() const { return codes_.rows; }
    std::size_t words_per_code() const { return codes_.words_per_code; }
    std::size_t bytes() const;

    // The width of each substring.
    std::vector<std::size_t> widths() const;

private:
    struct Looking;

    template <class Find>
    std::vector<std::vector<Hit>> answer(const Codes& queries, Budget budget, std::size_t threads,
                                         std::uint8_t* finished, double* spent, const Find& find) const;
    bool find_within(const std::uint64_t* query, std::uint32_t radius, Usable usable, Budget& budget, Looking& looking,
                     std::vector<Hit>& hits) const;
    bool find_nearest(const std::uint64_t* query, std::size_t k, Usable usable, Budget& budget, Looking& looking,
                      std::vector<Hit>& hits) const;
    bool ask(std::size_t place, std::size_t ones, std::uint32_t limit, Usable usable, Budget& budget,
             Looking& looking) const;
    void visit(std::uint32_t limit, Usable usable, Budget& budget, Looking& looking) const;
    void finish(std::uint32_t limit, Usable usable, Budget& budget, Looking& looking) const;
    void compare(std::uint32_t limit, Usable usable, Looking& looking) const;

    Codes codes_;
    std::vector<Substring> substrings_;
    std::vector<BucketTable> tables_;
};

}  // namespace lookalike
