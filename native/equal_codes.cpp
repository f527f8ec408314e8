// Rows are dealt by a hash of their code into parts that fit the cache; each part finds the first row of every code in
// a small table of its own.
#include "equal_codes.hpp"

#include "parallel.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

namespace lookalike {
namespace {

constexpr std::size_t rows_a_part = 8192;  // whose table is 64 KiB of row numbers
constexpr std::uint32_t nothing = UINT32_MAX;

// The finalizer of MurmurHash3 (A. Appleby, public domain), over each word in turn.
std::uint64_t mixed(const std::uint64_t* code, std::size_t words) {
    std::uint64_t state = 0x9e3779b97f4a7c15U;
    for (std::size_t word = 0; word < words; ++word) {
        state ^= code[word];
        state ^= state >> 33;
        state *= 0xff51afd7ed558ccdU;
        state ^= state >> 33;
        state *= 0xc4ceb9fe1a85ec53U;
        state ^= state >> 33;
    }
    return state;
}

// For each row, the first row with an equal code.
std::unique_ptr<std::uint32_t[]> first_rows(const Codes& codes, std::size_t threads) {
    std::size_t shift = 63;
    while (shift > 44 && (codes.rows >> (64 - shift)) > rows_a_part) {
        --shift;
    }
    const std::size_t parts = std::size_t{1} << (64 - shift);
    const auto hashes = std::make_unique_for_overwrite<std::uint64_t[]>(codes.rows);
    const auto dealt = std::make_unique_for_overwrite<std::uint32_t[]>(codes.rows);
    auto firsts = std::make_unique_for_overwrite<std::uint32_t[]>(codes.rows);
    run_tasks(threads, threads, [&](std::size_t part) {
        for (std::size_t row = codes.rows * part / threads; row < codes.rows * (part + 1) / threads; ++row) {
            hashes[row] = mixed(codes.row(row), codes.words_per_code);
        }
    });
    std::vector<std::uint32_t> ends(parts + 1);
    for (std::size_t row = 0; row < codes.rows; ++row) {
        ++ends[(hashes[row] >> shift) + 1];
    }
    for (std::size_t part = 0; part < parts; ++part) {
        ends[part + 1] += ends[part];
    }
    std::vector<std::uint32_t> places(ends.begin(), ends.end() - 1);
    for (std::size_t row = 0; row < codes.rows; ++row) {
        dealt[places[hashes[row] >> shift]++] = static_cast<std::uint32_t>(row);
    }
    run_tasks(parts, threads, [&](std::size_t part) {
        std::size_t room = 16;
        while (room < 2 * std::size_t{ends[part + 1] - ends[part]}) {
            room *= 2;
        }
        std::vector<std::uint32_t> table(room, nothing);
        for (std::uint32_t index = ends[part]; index < ends[part + 1]; ++index) {
            const std::uint32_t row = dealt[index];
            std::size_t slot = hashes[row] & (room - 1);
            while (table[slot] != nothing &&
                   (hashes[table[slot]] != hashes[row] ||
                    std::memcmp(codes.row(table[slot]), codes.row(row), codes.words_per_code * 8) != 0)) {
                slot = (slot + 1) & (room - 1);
            }
            if (table[slot] == nothing) {
                table[slot] = row;
            }
            firsts[row] = table[slot];
        }
    });
    return firsts;
}

}  // namespace

EqualCodes::EqualCodes(const Codes& codes, std::size_t threads) : distinct_(codes) {
    const auto firsts = first_rows(codes, threads);
    std::size_t number = 0;
    for (std::size_t row = 0; row < codes.rows; ++row) {
        number += firsts[row] == row;
    }
    if (number == codes.rows) {
        return;
    }
    const std::size_t words = codes.words_per_code;
    words_.resize(number * words);
    offsets_.assign(number + 1, 0);
    members_.resize(codes.rows);
    std::uint32_t next = 0;
    for (std::size_t row = 0; row < codes.rows; ++row) {  // a first row comes before all that point to it
        if (firsts[row] == row) {
            std::memcpy(words_.data() + next * words, codes.row(row), words * sizeof(std::uint64_t));
            firsts[row] = next++;
        } else {
            firsts[row] = firsts[firsts[row]];
        }
        ++offsets_[firsts[row] + 1];
    }
    for (std::size_t code = 0; code < number; ++code) {
        offsets_[code + 1] += offsets_[code];
    }
    std::vector<std::uint32_t> places(offsets_.begin(), offsets_.end() - 1);
    for (std::size_t row = 0; row < codes.rows; ++row) {
        members_[places[firsts[row]]++] = static_cast<std::uint32_t>(row);
    }
    distinct_ = {words_.data(), number, words};
}

}  // namespace lookalike
