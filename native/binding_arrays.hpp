// What the bindings of the search need: arrays of codes, checked and looked at in place.
#pragma once

#include "binding_results.hpp"
#include "hamming.hpp"

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <stdexcept>
#include <string>

namespace lookalike::binding {

using CodesArray = nb::ndarray<const std::uint64_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using PositionsArray = nb::ndarray<const std::int64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

inline Codes view(const CodesArray& array, const char* what) {
    if (array.shape(1) == 0 || array.shape(1) > max_words) {
        throw std::invalid_argument(std::string(what) + " have " + std::to_string(array.shape(1)) +
                                    " words a code; 1 to " + std::to_string(max_words) + " are possible");
    }
    if (array.shape(0) > max_rows) {
        throw std::invalid_argument(std::string(what) +
                                    " have more than 2^32 - 1 rows: split them over several indexes");
    }
    return {array.data(), array.shape(0), array.shape(1)};
}

inline void check_together(const Codes& codes, const Codes& queries) {
    if (codes.words_per_code != queries.words_per_code) {
        throw std::invalid_argument("queries have " + std::to_string(queries.words_per_code) +
                                    " words a code, the codes have " + std::to_string(codes.words_per_code));
    }
}

inline void check_at_least_one(std::size_t value, const char* what) {
    if (value == 0) {
        throw std::invalid_argument(std::string(what) + " must be at least 1");
    }
}

// The classes of bindings_join.cpp.
void bind_joins(nb::module_& module);

}  // namespace lookalike::binding
