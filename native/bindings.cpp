// The boundary to Python: check shapes, release the interpreter lock, call. The meaning of ids, widths and errors is
// one floor up, in lookalike/search.
#include "binding_arrays.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include <algorithm>
namespace nb = nanobind;

namespace {

using namespace lookalike::binding;

std::optional<std::vector<std::uint32_t>> checked(const std::optional<PositionsArray>& allowed, std::size_t rows) {
    if (!allowed) {
        return std::nullopt;
    }
    std::vector<std::uint32_t> positions(allowed->shape(0));
    std::int64_t before = -1;
    for (std::size_t index = 0; index < positions.size(); ++index) {
        const std::int64_t position = allowed->data()[index];
        if (position <= before || position >= static_cast<std::int64_t>(rows)) {
            throw std::invalid_argument("allowed positions must rise and lie below the number of rows");
        }
        positions[index] = static_cast<std::uint32_t>(position);
        before = position;
    }
    return positions;
}

nb::tuple nearest(const CodesArray& codes_array, const CodesArray& queries_array, std::size_t k, std::size_t threads,
                  const std::optional<PositionsArray>& allowed_array) {
    const lookalike::Codes codes = view(codes_array, "codes");
    const lookalike::Codes queries = view(queries_array, "queries");
    check_together(codes, queries);
    check_at_least_one(k, "k");
    check_at_least_one(threads, "threads");
    std::unique_ptr<std::int64_t[]> positions;
    std::unique_ptr<std::uint16_t[]> distances;
    std::size_t count = 0;
    {
        const nb::gil_scoped_release released;
        const auto allowed = checked(allowed_array, codes.rows);
        count = std::min(k, allowed ? allowed->size() : codes.rows);
        positions = std::make_unique_for_overwrite<std::int64_t[]>(queries.rows * count);
        distances = std::make_unique_for_overwrite<std::uint16_t[]>(queries.rows * count);
        lookalike::nearest(codes, queries, k, allowed ? &*allowed : nullptr, threads, positions.get(), distances.get());
    }
    return nb::make_tuple(hand_over(std::move(positions), {queries.rows, count}),
                          hand_over(std::move(distances), {queries.rows, count}));
}

nb::tuple within(const CodesArray& codes_array, const CodesArray& queries_array, std::uint32_t radius_bits,
                 std::size_t threads, const std::optional<PositionsArray>& allowed_array) {
    const lookalike::Codes codes = view(codes_array, "codes");
    const lookalike::Codes queries = view(queries_array, "queries");
    check_together(codes, queries);
    check_at_least_one(threads, "threads");
    std::unique_ptr<std::int64_t[]> offsets;
    std::unique_ptr<std::int64_t[]> positions;
    std::unique_ptr<std::uint16_t[]> distances;
    std::size_t total = 0;
    {
        const nb::gil_scoped_release released;
        const auto allowed = checked(allowed_array, codes.rows);
        const auto answers = lookalike::within(codes, queries, radius_bits, allowed ? &*allowed : nullptr, threads);
        for (const auto& hits : answers) {
            total += hits.size();
        }
        offsets = std::make_unique_for_overwrite<std::int64_t[]>(answers.size() + 1);
        positions = std::make_unique_for_overwrite<std::int64_t[]>(total);
        distances = std::make_unique_for_overwrite<std::uint16_t[]>(total);
        std::size_t place = 0;
        for (std::size_t query = 0; query < answers.size(); ++query) {
            offsets[query] = static_cast<std::int64_t>(place);
            for (const lookalike::Hit& hit : answers[query]) {
                positions[place] = hit.position;
                distances[place++] = hit.distance;
            }
        }
        offsets[answers.size()] = static_cast<std::int64_t>(place);
    }
    return nb::make_tuple(hand_over(std::move(offsets), {queries.rows + 1}), hand_over(std::move(positions), {total}),
                          hand_over(std::move(distances), {total}));
}

nb::tuple pairs(const CodesArray& codes_array, std::uint32_t radius_bits, std::size_t begin, std::size_t end,
                std::size_t threads) {
    const lookalike::Codes codes = view(codes_array, "codes");
    check_at_least_one(threads, "threads");
    std::unique_ptr<std::int64_t[]> firsts;
    std::unique_ptr<std::int64_t[]> seconds;
    std::unique_ptr<std::uint16_t[]> distances;
    std::size_t total = 0;
    {
        const nb::gil_scoped_release released;
        const auto found = lookalike::pairs(codes, begin, end, radius_bits, threads);
        total = found.size();
        firsts = std::make_unique_for_overwrite<std::int64_t[]>(total);
        seconds = std::make_unique_for_overwrite<std::int64_t[]>(total);
        distances = std::make_unique_for_overwrite<std::uint16_t[]>(total);
        for (std::size_t index = 0; index < total; ++index) {
            firsts[index] = found[index].first;
            seconds[index] = found[index].second;
            distances[index] = found[index].distance;
        }
    }
    return nb::make_tuple(hand_over(std::move(firsts), {total}), hand_over(std::move(seconds), {total}),
                          hand_over(std::move(distances), {total}));
}

nb::tuple supported_levels() {
    nb::list names;
    for (const lookalike::Level& level : lookalike::levels()) {
        if (level.supported) {
            names.append(nb::str(level.name.data(), level.name.size()));
        }
    }
    return nb::tuple(names);
}

}  // namespace

NB_MODULE(_native, module) {
    using namespace nb::literals;
    module.doc() = "The Hamming kernel over rows of 64-bit words. See native/hamming.hpp for what it promises.";
    // No conversions: a copy made in silence would cost more than the scan.
    module.def("nearest", &nearest, "codes"_a.noconvert(), "queries"_a.noconvert(), "k"_a, "threads"_a = 1,
               "allowed"_a.noconvert() = nb::none());
    module.def("within", &within, "codes"_a.noconvert(), "queries"_a.noconvert(), "radius_bits"_a, "threads"_a = 1,
               "allowed"_a.noconvert() = nb::none());
    module.def("pairs", &pairs, "codes"_a.noconvert(), "radius_bits"_a, "begin"_a, "end"_a, "threads"_a = 1);
    bind_joins(module);
    module.def("level_in_use", [] { return std::string(lookalike::level_in_use().name); });
    module.def("supported_levels", &supported_levels);
    module.def("use_level", &lookalike::use_level, "name"_a);
}
