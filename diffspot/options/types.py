"""The types that options are of, beside plain numbers and text."""

from __future__ import annotations

from typing import Literal

Auto = Literal["auto"]
Unlimited = Literal["any"]
Align = Literal["auto", "none", "translation", "euclidean", "similarity", "affine", "homography"]
Normalize = Literal["auto", "none"]
MetricName = Literal["absdiff", "ssim"]
Annotate = Literal["candidate", "reference", "both", "none"]
Failing = Literal["added", "removed", "renamed", "different", "error"]
Nothing = Literal["none"]
Length = int | str
Area = tuple[Length, Length, Length, Length]
