"""The ladder of motion models: groups of matrices with the right derivatives."""

from __future__ import annotations

import numpy as np
import pytest

from diffspot.pipeline.registration.models import (
    LADDER,
    apply,
    corners,
    farthest,
    increment,
    jacobian,
    plausible,
    project,
)

PARAMETERS = {"translation": 2, "euclidean": 3, "similarity": 4, "affine": 6, "homography": 8}
BOX = (0.0, 0.0, 99.0, 79.0)


@pytest.mark.parametrize("model", LADDER)
def test_increment_is_the_identity_at_zero(model: str) -> None:
    assert np.array_equal(increment(model, np.zeros(PARAMETERS[model])), np.eye(3))


@pytest.mark.parametrize("model", LADDER)
def test_jacobian_is_the_derivative_of_the_increment(model: str) -> None:
    rng = np.random.default_rng(0)
    x, y, gx, gy = rng.normal(size=(4, 30)).astype(np.float32)
    columns = jacobian(model, x, y, gx, gy)
    assert columns.shape == (30, PARAMETERS[model])
    for number, column in enumerate(columns.T):
        small = np.zeros(PARAMETERS[model])
        small[number] = 1e-6
        u, v = apply(increment(model, small), x.astype(float), y.astype(float))
        assert column == pytest.approx((gx * (u - x) + gy * (v - y)) / 1e-6, abs=1e-3)


@pytest.mark.parametrize("model", LADDER)
def test_project_keeps_members_and_every_larger_model_contains_them(model: str) -> None:
    small = np.linspace(0.004, 0.01, PARAMETERS[model]) * ([1] * 6 + [0.01] * 2)[: PARAMETERS[model]]
    member = increment(model, small)
    for larger in LADDER[LADDER.index(model) :]:
        assert farthest(project(larger, member, BOX), member, (80, 100)) == pytest.approx(0, abs=1e-6)


def test_project_takes_the_scale_out_of_a_similarity() -> None:
    found = project("euclidean", np.diag([1.1, 1.1, 1]), BOX)
    assert np.linalg.det(found) == pytest.approx(1)


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        (np.eye(3), True),
        (np.diag([1.0, -1.0, 1.0]), False),
        (np.diag([0.1, 0.1, 1.0]), False),
        (np.diag([6.0, 6.0, 1.0]), False),
        (np.diag([1.0, 1.0, 0.0]), False),
        (np.full((3, 3), np.nan), False),
        (np.array([[1, 0, 0], [0, 1, 0], [-0.009, 0, 1.0]]), False),
    ],
)
def test_plausible(matrix: np.ndarray, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    assert plausible(matrix, (80, 100)) is expected


def test_corners_go_round() -> None:
    x, y = corners((3, 5))
    assert list(zip(x, y, strict=True)) == [(0, 0), (4, 0), (4, 2), (0, 2)]


def test_motions_without_perspective_go_where_the_full_division_leads() -> None:
    x, y = np.random.default_rng(0).uniform(0, 500, (2, 40)).astype(np.float32)
    matrix = np.array([[1.01, 0.02, 3.3], [-0.03, 0.98, -7.7], [0, 0, 1.7]])
    w = matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2]
    u, v = apply(matrix, x, y)
    np.testing.assert_array_equal(u, (matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]) / w)
    np.testing.assert_array_equal(v, (matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]) / w)
    assert np.isfinite(apply(np.diag([1.0, 1.0, 0.0]), x, y)).all()  # the plane's horizon is no division by zero
