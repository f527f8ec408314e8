// Arrays that are read here and there, on large pages where the system has them: a page of 2 MB is found in one step
// where 512 small ones would each have to be looked up.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace lookalike {

inline constexpr std::size_t large_page_bytes = std::size_t{1} << 21;

struct FreeLargePages {
    void operator()(void* memory) const noexcept { ::operator delete(memory, std::align_val_t{large_page_bytes}); }
};

template <class T>
using LargeArray = std::unique_ptr<T[], FreeLargePages>;

// Uninitialised, aligned to a large page. Small arrays lie there as well: `number` should be large.
template <class T>
LargeArray<T> make_large_array(std::size_t number) {
    static_assert(std::is_trivial_v<T>);
    const std::size_t bytes = (number * sizeof(T) + large_page_bytes - 1) / large_page_bytes * large_page_bytes;
    void* memory = ::operator new(bytes, std::align_val_t{large_page_bytes});
#ifdef __linux__
    if (number * sizeof(T) >= large_page_bytes) {
        ::madvise(memory, bytes, MADV_HUGEPAGE);  // a wish: whether it is granted changes nothing but the time
    }
#endif
    return LargeArray<T>(static_cast<T*>(memory));
}

}  // namespace lookalike
