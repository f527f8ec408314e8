"""Reads a filter's text into its tree, by recursive descent: one method a rule of ``where_syntax``."""

from __future__ import annotations

import math

from lookalike.catalog.where_syntax import (
    Among,
    Compare,
    Comparison,
    Contains,
    Every,
    Filter,
    IsNull,
    Like,
    Not,
    Operator,
    Some,
    Value,
)
from lookalike.catalog.where_tokens import Token, cut, where_error
from lookalike.errors import WhereError

MAX_DEPTH = 64
"""Parentheses and ``not`` inside each other: far below Python's recursion limit of 1,000 and SQLite's expression
depth of 1,000.
"""

INT64 = range(-(2**63), 2**63)

COMPARISONS: dict[str, Operator] = {"=": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def parse_where(text: str) -> Filter:
    """The tree of *text*.

    Raises:
        WhereError: with the position, a caret, and what was expected there.
    """
    if not isinstance(text, str):
        raise WhereError(f"a filter is a text such as \"price < 50 and brand = 'Acme'\"; {text!r:.100} came")
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = cut(text)
        self._place = 0
        self._depth = 0

    def whole(self) -> Filter:
        found = self._some()
        if self._next.kind != "end":
            raise self._expected("'and', 'or' or the end")
        return found

    @property
    def _next(self) -> Token:
        return self._tokens[self._place]

    def _take(self) -> Token:
        token = self._next
        self._place += 1
        return token

    def _takes(self, *said: str) -> bool:
        """Take the next word where it is this keyword or symbol."""
        token = self._next
        if token.kind in ("keyword", "symbol") and token.said in said:
            self._place += 1
            return True
        return False

    def _expected(self, what: str) -> WhereError:
        token = self._next
        return where_error(self._text, token.at, f"{token} came, {what} was expected")

    def _some(self) -> Filter:
        operands = [self._every()]
        while self._takes("or"):
            operands.append(self._every())
        return operands[0] if len(operands) == 1 else Some(tuple(operands))

    def _every(self) -> Filter:
        operands = [self._term()]
        while self._takes("and"):
            operands.append(self._term())
        return operands[0] if len(operands) == 1 else Every(tuple(operands))

    def _term(self) -> Filter:
        if self._depth >= MAX_DEPTH:
            raise where_error(
                self._text, self._next.at, f"more than {MAX_DEPTH} parentheses or 'not' inside each other"
            )
        self._depth += 1
        try:
            if self._takes("not"):
                return Not(self._term())
            if self._takes("("):
                inner = self._some()
                if not self._takes(")"):
                    raise self._expected("'and', 'or' or ')'")
                return inner
            return self._comparison()
        finally:
            self._depth -= 1

    def _comparison(self) -> Comparison:
        if self._next.kind != "name":
            raise self._expected("the name of an attribute, 'not' or '('")
        name = self._take()
        token = self._next
        if token.kind == "symbol" and token.said in COMPARISONS:
            self._place += 1
            return self._compare(name, COMPARISONS[token.said], token)
        if self._takes("is"):
            negated = self._takes("not")
            if not self._takes("null"):
                raise self._expected("'null'" if negated else "'null' or 'not null'")
            return IsNull(name.said, negated, name.at)
        negated = self._takes("not")
        if self._takes("in"):
            return Among(name.said, self._values(), negated, name.at)
        if self._takes("like"):
            return Like(name.said, self._text_value("like"), negated, name.at)
        if self._takes("contains"):
            return Contains(name.said, self._text_value("contains"), negated, name.at)
        choices = "'in', 'like' or 'contains'"
        raise self._expected(choices if negated else f"= != < <= > >=, 'is', 'not', {choices}")

    def _compare(self, name: Token, operator: Operator, symbol: Token) -> Compare:
        if self._next.kind == "keyword" and self._next.said == "null":
            rewritten = "is null" if operator == "=" else "is not null"
            raise where_error(self._text, symbol.at, f"nothing compares to null: write {name.said} {rewritten}")
        value = self._value()
        if isinstance(value, bool) and operator not in ("=", "!="):
            raise where_error(self._text, symbol.at, "true and false have no order: = or != was expected")
        return Compare(name.said, operator, value, name.at)

    def _values(self) -> tuple[Value, ...]:
        if not self._takes("("):
            raise self._expected("'(' and a list of values")
        values = [self._value()]
        while self._takes(","):
            values.append(self._value())
        if not self._takes(")"):
            raise self._expected("',' or ')'")
        return tuple(values)

    def _text_value(self, keyword: str) -> str:
        if self._next.kind != "text":
            raise self._expected(f"text in 'single quotes' after {keyword}")
        return self._take().said

    def _value(self) -> Value:
        token = self._next
        if token.kind == "text":
            return self._take().said
        if token.kind == "number":
            return self._number()
        if self._takes("true"):
            return True
        if self._takes("false"):
            return False
        if token.kind == "name":
            raise where_error(
                self._text, token.at, f"{token} is a name; a value was expected: text takes 'single quotes'"
            )
        raise self._expected("a number, 'text', true or false")

    def _number(self) -> int | float:
        token = self._take()
        if token.said.lstrip("+-").isdigit():
            # SQLite keeps larger integers as floats too.
            return whole if (whole := int(token.said)) in INT64 else float(whole)
        number = float(token.said)
        if not math.isfinite(number):
            raise where_error(self._text, token.at, "this number is too large")
        return number
