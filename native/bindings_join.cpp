// What keeps something between calls: an index, and a join under way. Both hold on to the arrays they were made of.
#include "binding_arrays.hpp"
#include "code_tails.hpp"
#include "equal_codes.hpp"
#include "multi_index.hpp"
#include "pairs_join.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/vector.h>

#include <cmath>
#include <optional>

namespace lookalike::binding {
namespace {

using UsableArray = nb::ndarray<const std::uint8_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

std::size_t at_least_one(std::size_t value, const char* what) {
    check_at_least_one(value, what);
    return value;
}

// Columns of whole rows, of any type that a number converts to.
template <class T, class Item, class Value>
Made<T> column(const std::vector<Item>& items, Value value) {
    auto made = std::make_unique_for_overwrite<T[]>(items.size());
    for (std::size_t index = 0; index < items.size(); ++index) {
        made[index] = static_cast<T>(value(items[index]));
    }
    return hand_over(std::move(made), {items.size()});
}

class Index {
public:
    Index(const CodesArray& codes, std::size_t threads)
        : codes_(codes), index_(made(view(codes, "codes"), at_least_one(threads, "threads"))) {}
    Index(const Index&) = delete;
    Index& operator=(const Index&) = delete;

    nb::tuple within(const CodesArray& queries, std::uint32_t radius_bits, double most_rows, double rows_a_look,
                     std::size_t threads, const std::optional<UsableArray>& usable) const {
        return ask(queries, threads, usable, [&](const Codes& asked, Usable allowed, std::uint8_t* finished, double* spent) {
            return index_.within(asked, radius_bits, allowed, {most_rows, rows_a_look}, threads, finished, spent);
        });
    }

    nb::tuple nearest(const CodesArray& queries, std::size_t k, double most_rows, double rows_a_look,
                      std::size_t threads, const std::optional<UsableArray>& usable) const {
        check_at_least_one(k, "k");
        return ask(queries, threads, usable, [&](const Codes& asked, Usable allowed, std::uint8_t* finished, double* spent) {
            return index_.nearest(asked, k, allowed, {most_rows, rows_a_look}, threads, finished, spent);
        });
    }

    std::size_t bytes() const { return index_.bytes(); }
    std::vector<std::size_t> widths() const { return index_.widths(); }

private:
    static MultiIndex made(const Codes& codes, std::size_t threads) {
        const nb::gil_scoped_release released;
        return MultiIndex(codes, threads);
    }

    template <class Question>
    nb::tuple ask(const CodesArray& queries, std::size_t threads, const std::optional<UsableArray>& usable,
                  const Question& question) const {
        const Codes asked = view(queries, "queries");
        check_together(view(codes_, "codes"), asked);
        check_at_least_one(threads, "threads");
        if (usable && usable->shape(0) != index_.rows()) {
            throw std::invalid_argument("usable has " + std::to_string(usable->shape(0)) + " entries, one for each of " +
                                        std::to_string(index_.rows()) + " rows was expected");
        }
        auto finished = std::make_unique<std::uint8_t[]>(asked.rows);
        auto spent = std::make_unique<double[]>(asked.rows);
        auto offsets = std::make_unique_for_overwrite<std::int64_t[]>(asked.rows + 1);
        std::unique_ptr<std::int64_t[]> positions;
        std::unique_ptr<std::uint16_t[]> distances;
        std::size_t total = 0;
        {
            const nb::gil_scoped_release released;
            const auto answers = question(asked, usable ? usable->data() : nullptr, finished.get(), spent.get());
            for (std::size_t query = 0; query < asked.rows; ++query) {
                offsets[query] = static_cast<std::int64_t>(total);
                total += answers[query].size();
            }
            offsets[asked.rows] = static_cast<std::int64_t>(total);
            positions = std::make_unique_for_overwrite<std::int64_t[]>(total);
            distances = std::make_unique_for_overwrite<std::uint16_t[]>(total);
            std::size_t place = 0;
            for (const std::vector<Hit>& hits : answers) {
                for (const Hit& hit : hits) {
                    positions[place] = hit.position;
                    distances[place++] = hit.distance;
                }
            }
        }
        return nb::make_tuple(hand_over(std::move(finished), {asked.rows}), hand_over(std::move(spent), {asked.rows}),
                              hand_over(std::move(offsets), {asked.rows + 1}), hand_over(std::move(positions), {total}),
                              hand_over(std::move(distances), {total}));
    }

    CodesArray codes_;
    MultiIndex index_;
};

class BoundTails {
public:
    explicit BoundTails(const CodesArray& codes) : codes_(codes), tails_(made(codes)) {}
    BoundTails(const BoundTails&) = delete;
    BoundTails& operator=(const BoundTails&) = delete;

    nb::tuple nearest(const CodesArray& query, std::size_t k) const {
        const Codes asked = view(query, "query");
        check_together(view(codes_, "codes"), asked);
        check_at_least_one(k, "k");
        if (asked.rows != 1) {
            throw std::invalid_argument(std::to_string(asked.rows) + " queries came; tails are asked one at a time");
        }
        const std::size_t count = std::min(k, tails_.rows());
        auto positions = std::make_unique_for_overwrite<std::int64_t[]>(count);
        auto distances = std::make_unique_for_overwrite<std::uint16_t[]>(count);
        {
            const nb::gil_scoped_release released;
            tails_.nearest(asked.words, k, positions.get(), distances.get());
        }
        return nb::make_tuple(hand_over(std::move(positions), {1, count}), hand_over(std::move(distances), {1, count}));
    }

    std::size_t bytes() const { return tails_.bytes(); }

private:
    static CodeTails made(const CodesArray& array) {
        const Codes codes = view(array, "codes");
        const nb::gil_scoped_release released;
        return CodeTails(codes);
    }

    CodesArray codes_;
    CodeTails tails_;
};

class Join {
public:
    Join(const CodesArray& left, const std::optional<CodesArray>& right, std::uint32_t radius_bits,
         std::size_t threads)
        : left_array_(left), right_array_(right) {
        const Codes left_codes = view(left, "codes");
        std::optional<Codes> right_codes;
        if (right) {
            right_codes = view(*right, "queries");
            check_together(left_codes, *right_codes);
        }
        check_at_least_one(threads, "threads");
        const nb::gil_scoped_release released;
        left_.emplace(left_codes, threads);
        if (right_codes) {
            right_.emplace(*right_codes, threads);
        }
        join_.emplace(left_->distinct(), right_ ? &right_->distinct() : nullptr, radius_bits, threads);
    }

    nb::tuple advance(std::size_t most_pairs, double seconds) {
        if (!(seconds > 0 && seconds < 1e6)) {
            throw std::invalid_argument("seconds must lie between 0 and a million");
        }
        std::vector<Pair> found;
        bool more = false;
        {
            const nb::gil_scoped_release released;
            const auto time = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
            more = join_->advance(most_pairs, Clock::now() + time, found);
        }
        return nb::make_tuple(more, column<std::int64_t>(found, [](const Pair& pair) { return pair.first; }),
                              column<std::int64_t>(found, [](const Pair& pair) { return pair.second; }),
                              column<std::uint16_t>(found, [](const Pair& pair) { return pair.distance; }));
    }

    nb::object left_holders() const { return holders(*left_); }
    nb::object right_holders() const { return holders(right_ ? *right_ : *left_); }
    std::size_t compared() const { return join_->compared(); }

private:
    static nb::object holders(const EqualCodes& codes) {
        if (codes.all_differ()) {
            return nb::none();
        }
        const auto same = [](std::uint32_t number) { return number; };
        return nb::make_tuple(column<std::int64_t>(codes.offsets(), same), column<std::int64_t>(codes.members(), same));
    }

    CodesArray left_array_;
    std::optional<CodesArray> right_array_;
    std::optional<EqualCodes> left_;
    std::optional<EqualCodes> right_;
    std::optional<PairsJoin> join_;
};

}  // namespace

void bind_joins(nb::module_& module) {
    using namespace nb::literals;
    nb::class_<Index>(module, "MultiIndex")
        .def(nb::init<const CodesArray&, std::size_t>(), "codes"_a.noconvert(), "threads"_a = 1)
        .def("within", &Index::within, "queries"_a.noconvert(), "radius_bits"_a, "most_rows"_a, "rows_a_look"_a,
             "threads"_a = 1, "usable"_a.noconvert() = nb::none())
        .def("nearest", &Index::nearest, "queries"_a.noconvert(), "k"_a, "most_rows"_a, "rows_a_look"_a,
             "threads"_a = 1, "usable"_a.noconvert() = nb::none())
        .def_prop_ro("bytes", &Index::bytes)
        .def_prop_ro("widths", &Index::widths);
    nb::class_<BoundTails>(module, "CodeTails")
        .def(nb::init<const CodesArray&>(), "codes"_a.noconvert())
        .def("nearest", &BoundTails::nearest, "query"_a.noconvert(), "k"_a)
        .def_prop_ro("bytes", &BoundTails::bytes);
    nb::class_<Join>(module, "PairsJoin")
        .def(nb::init<const CodesArray&, const std::optional<CodesArray>&, std::uint32_t, std::size_t>(),
             "left"_a.noconvert(), "right"_a.noconvert().none(), "radius_bits"_a, "threads"_a = 1)
        .def("advance", &Join::advance, "most_pairs"_a, "seconds"_a)
        .def_prop_ro("left_holders", &Join::left_holders)
        .def_prop_ro("right_holders", &Join::right_holders)
        .def_prop_ro("compared", &Join::compared);
}

}  // namespace lookalike::binding
