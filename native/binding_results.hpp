// Results handed to Python without a copy.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstddef>
#include <initializer_list>
#include <memory>

namespace lookalike::binding {

namespace nb = nanobind;

template <class T>
using Made = nb::ndarray<nb::numpy, T>;

template <class T>
Made<T> hand_over(std::unique_ptr<T[]> data, std::initializer_list<std::size_t> shape) {
    nb::capsule owner(data.get(), [](void* pointer) noexcept { delete[] static_cast<T*>(pointer); });
    return Made<T>(data.release(), shape, owner);
}

}  // namespace lookalike::binding
