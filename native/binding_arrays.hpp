// What every binding needs: arrays of codes checked and looked at in place, and results handed over without a copy.
#pragma once

#include "hamming.hpp"

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace lookalike::binding {

namespace nb = nanobind;

using CodesArray = nb::ndarray<const std::uint64_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using PositionsArray = nb::ndarray<const std::int64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
template <class T>
using Made = nb::ndarray<nb::numpy, T>;

template <class T>
Made<T> hand_over(std::unique_ptr<T[]> data, std::initializer_list<std::size_t> shape) {
    nb::capsule owner(data.get(), [](void* pointer) noexcept { delete[] static_cast<T*>(pointer); });
    return Made<T>(data.release(), shape, owner);
}

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
