"""Photographs with planted changes, taken again from elsewhere, in other light, with noise."""

from __future__ import annotations

from io import BytesIO
from math import cos, radians, sin
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.pairs.pair import Pair, Planted
from benchmarks.scenes.camera import add_noise, project, relight, trim, trim_boxes
from benchmarks.scenes.photo import LUMA, PHOTOS, load_photo, plant_changes
from benchmarks.scenes.truth import apart, step_boxes

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from benchmarks.scenes.truth import Box

    Picture = NDArray[np.uint8]
    Matrix = NDArray[np.float64]
    Motion = Callable[[np.random.Generator], Matrix]

# What is compared, px, and what is cut off around it once the camera has moved.
WIDTH, HEIGHT, MARGIN = 520, 390, 48
# Changes keep clear of what a moved camera no longer sees, px.
CLEAR = 40
# Sides of planted changes, px.
SIZES = (12, 46)
SHIFT, TURN, ZOOM = 10.0, 2.5, 0.02
# Corners move by so much of the width under a homography.
TILT = 0.03
GAIN, WHITE_BALANCE, OFFSET = 0.1, 0.03, 8.0
NOISE, QUALITIES = (1.0, 3.0), (82, 95)
STRONG_NOISE = (2.0, 6.0)
# Marks on a frame and their sides, px; the qualities at which it is saved first and last.
MARKS, MARK = 6, (26, 18)
# An even patch: px of its sides and levels by which it differs, away from black and white.
PATCH, STEPS, MIDDLE = (48, 96), (13, 19), 128
# A slanted band of another colour: px of its length and width, and levels of one channel by which it differs.
LENGTH, WIDE, COLOUR = (150, 220), (14, 20), (15, 21)
# Levels below which a change of brightness is none to a person.
FAINT = 12
BETTER, WORSE = (60, 86), (45, 80)
# Shade: share of the light that it takes, px from the middle to its border, and px over which that is soft.
SHADE, BESIDE, PENUMBRA = (0.25, 0.5), (20.0, 90.0), 6.0
# What a camera writes over its frames: a clock in the corner and a cross in the middle, and px that the scene moves.
CLOCK, CROSS, JOLT = (8, 8, 78, 18), 12, 2.0


def plant_photo(rng: np.random.Generator, *, changed: bool) -> Planted:
    """Crop a photo at random and plant three to five changes."""
    width, height = WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN
    room = rng.uniform(1.0, 1.25)
    whole = load_photo(PHOTOS[rng.integers(len(PHOTOS))], round(width * room), round(height * room))
    x = int(rng.integers(whole.shape[1] - width + 1))
    y = int(rng.integers(whole.shape[0] - height + 1))
    photo = np.ascontiguousarray(whole[y : y + height, x : x + width])
    sizes = rng.integers(*SIZES, rng.integers(3, 6)).tolist() if changed else ()
    steps = plant_changes(photo, rng, sizes, border=MARGIN + CLEAR)
    return Planted(steps[0], steps[-1], step_boxes(steps))


def no_motion(_: np.random.Generator) -> Matrix:
    """The camera on a stand."""
    return np.eye(3)


def shift(rng: np.random.Generator) -> Matrix:
    """Move the picture by a share of a px up to `SHIFT`."""
    matrix = np.eye(3)
    matrix[:2, 2] = rng.uniform(-SHIFT, SHIFT, 2)
    return matrix


def similarity(rng: np.random.Generator) -> Matrix:
    """Turn, zoom and move."""
    turn, zoom = radians(rng.uniform(-TURN, TURN)), 1 + rng.uniform(-ZOOM, ZOOM)
    matrix = shift(rng)
    matrix[:2, :2] = np.array([[cos(turn), -sin(turn)], [sin(turn), cos(turn)]]) * zoom
    return matrix


def homography(rng: np.random.Generator) -> Matrix:
    """See a plane from a slightly other side: its corners move freely."""
    x, y = WIDTH / 2 + MARGIN, HEIGHT / 2 + MARGIN
    corners = np.array([[-x, -y], [x, -y], [x, y], [-x, y]])
    seen = corners + rng.uniform(-TILT, TILT, (4, 2)) * WIDTH
    rows, values = [], []
    for (u, v), (a, b) in zip(corners, seen, strict=True):
        rows += [[u, v, 1, 0, 0, 0, -u * a, -v * a], [0, 0, 0, u, v, 1, -u * b, -v * b]]
        values += [a, b]
    return np.append(np.linalg.solve(np.array(rows), np.array(values)), 1.0).reshape(3, 3)


def _other_light(picture: Picture, rng: np.random.Generator) -> Picture:
    gain = 1 + rng.uniform(-GAIN, GAIN) + rng.uniform(-WHITE_BALANCE, WHITE_BALANCE, 3)
    return relight(picture, gain=gain, offset=float(rng.uniform(-OFFSET, OFFSET)))


def take_again(planted: Planted, rng: np.random.Generator, motion: Motion) -> Pair:
    """Photograph both scenes, the second one later: moved, in other light, with new noise."""
    seen = trim(project(planted.after, motion(rng)), MARGIN)
    noise = float(rng.uniform(*NOISE))
    return Pair(
        add_noise(trim(planted.before, MARGIN), rng, noise),
        add_noise(_other_light(seen, rng), rng, noise),
        trim_boxes(planted.boxes, MARGIN),
        quality=int(rng.integers(*QUALITIES)),
    )


def draw_shift(rng: np.random.Generator, *, changed: bool) -> Pair:
    """The camera moved sideways."""
    return take_again(plant_photo(rng, changed=changed), rng, shift)


def draw_similarity(rng: np.random.Generator, *, changed: bool) -> Pair:
    """The camera turned and came nearer."""
    return take_again(plant_photo(rng, changed=changed), rng, similarity)


def draw_homography(rng: np.random.Generator, *, changed: bool) -> Pair:
    """The camera tilted."""
    return take_again(plant_photo(rng, changed=changed), rng, homography)


def draw_noise(rng: np.random.Generator, *, changed: bool) -> Pair:
    """The camera on a stand in even light: only noise differs, up to much of it."""
    planted = plant_photo(rng, changed=changed)
    noise = float(rng.uniform(*STRONG_NOISE))
    pictures = (trim(each, MARGIN) for each in (planted.before, planted.after))
    before, after = (add_noise(each, rng, noise) for each in pictures)
    return Pair(before, after, trim_boxes(planted.boxes, MARGIN))


def draw_saved_again(rng: np.random.Generator, *, changed: bool) -> Pair:
    """A frame with coloured marks, saved once more at a lower quality: colour runs beside them."""
    planted = plant_photo(rng, changed=changed)
    before, after = trim(planted.before, MARGIN), trim(planted.after, MARGIN)
    boxes = trim_boxes(planted.boxes, MARGIN)
    for _ in range(MARKS):
        x, y = int(rng.integers(WIDTH - MARK[0])), int(rng.integers(HEIGHT - MARK[1]))
        colour = rng.integers(0, 256, 3).tolist()
        if apart((x, y, *MARK), boxes, CLEAR):
            for picture in (before, after):
                shown = Image.fromarray(picture)
                ImageDraw.Draw(shown).ellipse((x, y, x + MARK[0], y + MARK[1]), fill=tuple(colour))
                picture[:] = np.asarray(shown)
    first, second = (_saved(each, int(rng.integers(*between))) for each, between in ((before, BETTER), (after, WORSE)))
    return Pair(first, second, boxes)


def draw_shade(rng: np.random.Generator, *, changed: bool) -> Pair:
    """Half of the second shot lies in the shade of what stands beside the picture; a few parts may have changed."""
    planted = plant_photo(rng, changed=changed)
    before, after = trim(planted.before, MARGIN), trim(planted.after, MARGIN)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    turn = float(rng.uniform(0, 360))
    away = (x - WIDTH / 2) * cos(radians(turn)) + (y - HEIGHT / 2) * sin(radians(turn)) - rng.uniform(*BESIDE)
    light = 1 - rng.uniform(*SHADE) * np.clip(away / PENUMBRA + 0.5, 0, 1)[..., None]
    shaded = np.rint(after * light).astype(np.uint8)
    noise = float(rng.uniform(*NOISE))
    return Pair(add_noise(before, rng, noise), add_noise(shaded, rng, noise), trim_boxes(planted.boxes, MARGIN))


def draw_patch(rng: np.random.Generator, *, changed: bool) -> Pair:
    """A photo beside its own JPEG, in which one patch is evenly darker or brighter than its surroundings."""
    before = trim(plant_photo(rng, changed=False).before, MARGIN)
    width, height = (int(side) for side in rng.integers(*PATCH, 2))
    x, y = int(rng.integers(CLEAR, WIDTH - width - CLEAR)), int(rng.integers(CLEAR, HEIGHT - height - CLEAR))
    step = int(rng.integers(*STEPS))
    levels = before.astype(int)
    place = levels[y : y + height, x : x + width]
    place += (step if place.mean() < MIDDLE else -step) * changed
    after = _saved(np.clip(levels, 0, 255).astype(np.uint8), int(rng.integers(*BETTER)))
    return Pair(before, after, ((x, y, width, height),) if changed else ())


def draw_band(rng: np.random.Generator, *, changed: bool) -> Pair:
    """A photo taken twice, in which one slanted band is more yellow or more blue: most of its box did not change."""
    before = trim(plant_photo(rng, changed=False).before, MARGIN)
    length, wide = int(rng.integers(*LENGTH)), int(rng.integers(*WIDE))
    x, y = int(rng.integers(CLEAR, WIDTH - length - CLEAR)), int(rng.integers(CLEAR, HEIGHT - length - CLEAR))
    drawn = Image.new("L", (WIDTH, HEIGHT))
    ImageDraw.Draw(drawn).line((x, y, x + length, y + length), fill=255, width=wide)
    place = np.asarray(drawn) > 0
    blue = before[..., 2].astype(int)
    step = int(rng.integers(*COLOUR)) * (1 if blue[place].mean() < MIDDLE else -1)
    after = before.copy()
    after[..., 2] = np.clip(blue + step * changed * place, 0, 255)
    rows, columns = np.nonzero(place)
    box = int(columns.min()), int(rows.min()), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1
    first, second = (add_noise(each, rng, NOISE[0]) for each in (before, after))
    return Pair(first, second, (box,) if changed else ())


def draw_grey(rng: np.random.Generator, *, changed: bool) -> Pair:
    """A colour photo beside a grey one, in either order."""
    planted = plant_photo(rng, changed=changed)
    noisy = [add_noise(each, rng, NOISE[0]) for each in (planted.before, planted.after)]
    grey = [np.rint(each @ LUMA).astype(np.uint8) for each in noisy]
    # A change of hue alone is none where one picture has no hue.
    seen = tuple(box for box in planted.boxes if _differs(*grey, box))
    before, after = (grey[0], planted.after) if rng.integers(2) else (planted.before, grey[1])
    return Pair(trim(before, MARGIN), trim(after, MARGIN), trim_boxes(seen, MARGIN))


def _differs(before: Picture, after: Picture, box: Box) -> bool:
    x, y, w, h = box
    place = slice(y, y + h), slice(x, x + w)
    return float(np.abs(before[place].astype(int) - after[place]).mean()) > FAINT


def draw_overlay(rng: np.random.Generator, *, changed: bool) -> Pair:
    """Two frames of a camera that was jolted: the scene moved, and the clock and the cross over it stayed."""
    planted = plant_photo(rng, changed=changed)
    matrix = np.eye(3)
    matrix[:2, 2] = rng.uniform(-JOLT, JOLT, 2)
    noise = float(rng.uniform(*NOISE))
    seen = trim(planted.before, MARGIN), trim(project(planted.after, matrix), MARGIN)
    boxes = trim_boxes(planted.boxes, MARGIN)
    cross = apart((WIDTH // 2 - CROSS, HEIGHT // 2 - CROSS, 2 * CROSS, 2 * CROSS), boxes, CLEAR // 2)
    before, after = (_written_over(add_noise(each, rng, noise), cross=cross) for each in seen)
    return Pair(before, after, boxes)


def _written_over(frame: Picture, *, cross: bool) -> Picture:
    shown = Image.fromarray(frame)
    pen, (x, y, width, height) = ImageDraw.Draw(shown), CLOCK
    pen.rectangle((x, y, x + width, y + height), fill=(0, 0, 0))
    pen.text((x + 4, y + 3), "12:07:41 CAM", fill=(255, 255, 255))
    if cross:
        across, down = WIDTH // 2, HEIGHT // 2
        pen.line((across - CROSS, down, across + CROSS, down), fill=(255, 255, 255))
        pen.line((across, down - CROSS, across, down + CROSS), fill=(255, 255, 255))
    return np.asarray(shown)


def _saved(picture: Picture, quality: int) -> Picture:
    file = BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality)
    return np.array(Image.open(file))
