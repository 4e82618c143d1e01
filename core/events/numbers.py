"""Numbers out of what shops write: currency signs, thousands separators, decimal commas."""

import pyarrow as pa
import pyarrow.compute as pc

_SIGNS = r"[\s\x{00A0}$€£¥₹元]|CNY|USD|EUR|GBP|RMB"
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$"
_LARGEST = 1e15


def parse_numbers(column: pa.Array) -> pa.Array:
    """[N] string -> [N] float64, null where it is no finite number ("1,299.00", "¥ 99", "12,5", "1.299,00")."""
    if column.null_count == len(column):
        return pa.nulls(len(column), pa.float64())
    plain = column
    if not pc.all(pc.match_substring_regex(column, _NUMBER)).as_py():
        plain = _without_signs(column)
    readable = pc.match_substring_regex(plain, _NUMBER)
    values = pc.cast(pc.if_else(readable, plain, pa.scalar(None, pa.string())), pa.float64())
    return pc.if_else(pc.less_equal(pc.abs(values), _LARGEST), values, pa.scalar(None, pa.float64()))


def _without_signs(column: pa.Array) -> pa.Array:
    plain = pc.replace_substring_regex(column, pattern=_SIGNS, replacement="")
    decimal_comma = pc.match_substring_regex(plain, r"^[+-]?\d{1,3}(\.\d{3})*,\d{1,2}$|^[+-]?\d+,\d{1,2}$")
    european = pc.replace_substring(pc.replace_substring(plain, ".", ""), ",", ".")
    english = pc.replace_substring_regex(plain, pattern=r",(\d{3})", replacement=r"\1")
    return pc.if_else(decimal_comma, european, english)
