"""The values that flow through a run, in order: ImagePair -> Image -> PairResult -> RunReport.

All are frozen. What stands in a report is a msgspec Struct, so that the fields here are the JSON
of `report.json` and of the schema that `diffspot schema` prints.
"""

from diffspot.model.pictures import MAX_PIXELS, Box, Compression, IgnoredAreas, Image, ImagePair, Maps
from diffspot.model.report import ONE_SIDED, BackendUsed, Inputs, RunReport, Summary, Times, Tool
from diffspot.model.result import (
    HIDES,
    IDENTITY,
    MISFIT,
    MISSED,
    NOT_APPLIED,
    SEVERITY_DIGITS,
    Cause,
    Direction,
    Forgiven,
    Kind,
    LeftOut,
    Matrix,
    Normalization,
    PairResult,
    Region,
    Registration,
    Row,
    Split,
    Status,
    initial_result,
)
from diffspot.model.text import (
    UNSHOWABLE,
    annotated_name,
    escaped,
    one_line,
    or_nearest,
    path_as_given,
    path_text,
    printable,
)

__all__ = [
    "HIDES",
    "IDENTITY",
    "MAX_PIXELS",
    "MISFIT",
    "MISSED",
    "NOT_APPLIED",
    "ONE_SIDED",
    "SEVERITY_DIGITS",
    "UNSHOWABLE",
    "BackendUsed",
    "Box",
    "Cause",
    "Compression",
    "Direction",
    "Forgiven",
    "IgnoredAreas",
    "Image",
    "ImagePair",
    "Inputs",
    "Kind",
    "LeftOut",
    "Maps",
    "Matrix",
    "Normalization",
    "PairResult",
    "Region",
    "Registration",
    "Row",
    "RunReport",
    "Split",
    "Status",
    "Summary",
    "Times",
    "Tool",
    "__version__",
    "annotated_name",
    "escaped",
    "initial_result",
    "one_line",
    "or_nearest",
    "path_as_given",
    "path_text",
    "printable",
]

__version__ = "0.2.0"
