"""What can be an id, of many at once; as `engine.evaluation.reading` says of one."""

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from engine.evaluation.reading import LONGEST_ID
from engine.portfolio.arrays import truths_of
from engine.portfolio.bits import Truths


def are_names(column: pa.Array) -> Truths:
    """Tell which texts are null or can be ids."""
    if column.null_count == len(column):
        return np.ones(len(column), dtype=np.bool_)
    lengths = np.asarray(pc.utf8_length(column).fill_null(1))
    return (lengths > 0) & (lengths <= LONGEST_ID) & ~truths_of(pc.match_substring(column, "\0"))
