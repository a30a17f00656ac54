"""Formats that are one file, made from the report; imported where one is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffspot.outputs.coco import CocoOutput
from diffspot.outputs.junit import JunitOutput
from diffspot.outputs.markdown import MarkdownOutput
from diffspot.outputs.parquet import ParquetOutput
from diffspot.outputs.reg import RegOutput
from diffspot.outputs.regions_csv import CsvOutput

if TYPE_CHECKING:
    from diffspot.outputs.interface import FileOutput

FILE_OUTPUTS: tuple[type[FileOutput], ...] = (
    *(JunitOutput, MarkdownOutput, CsvOutput, CocoOutput, RegOutput),
    ParquetOutput,
)
"""Each names its option."""
