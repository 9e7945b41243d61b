# SPDX-License-Identifier: Apache-2.0
"""Tables of cases for operators that differ in what they compute, not in shapes and options."""

from __future__ import annotations

from tests.support.op_cases import Case, ints, random_constant, t
from tests.support.tflite_builder import TensorSpec

Shape = tuple[int, ...]


def arithmetic(builtin: str) -> dict[str, Case]:
    """Two inputs, each with a scale of its own, broadcast in every way that kernels know."""

    def case(a: TensorSpec, b: TensorSpec, out: TensorSpec, activation: str = "NONE") -> Case:
        return Case(builtin, [a, b], out, {"fused_activation_function": activation})

    return {
        "same_shape": case(
            t((1, 5, 4, 3), 0.03, -7), t((1, 5, 4, 3), 0.05, 11), t((1, 5, 4, 3), 0.06, 2)
        ),
        "relu": case(
            t((1, 3, 4, 5), 0.7, 3), t((1, 3, 4, 5), 0.2, -1), t((1, 3, 4, 5), 0.9, -20), "RELU"
        ),
        "relu6": case(t((3, 10), 0.05, 3), t((3, 10), 0.14, -1), t((3, 10), 0.03, -9), "RELU6"),
        "channel_vector": case(
            t((1, 4, 3, 6), 0.5, 4), random_constant((6,), 0.3, -5, 1), t((1, 4, 3, 6), 0.6, 9)
        ),
        "constant_first": case(
            random_constant((1, 1, 6), 0.3, -5, 2), t((1, 4, 6), 0.5, 4), t((1, 4, 6), 0.6, 9)
        ),
        "constant_rows": case(
            t((1, 9, 8), 0.02, 5), random_constant((1, 9, 8), 0.7, 0, 3), t((1, 9, 8), 0.025, -3)
        ),
        "scalar": case(t((1, 4, 3), 0.5, 4), t((), 0.25, -2, data=-77), t((1, 4, 3), 0.6, 9)),
        "value_for_each_token": case(
            t((1, 6, 8), 0.2, 5), t((1, 6, 1), 0.1, 8), t((1, 6, 8), 0.25, -3)
        ),
        "token_first": case(t((1, 6, 1), 0.2, 5), t((1, 6, 8), 0.1, 8), t((1, 6, 8), 0.25, -3)),
        "squeeze_and_excite": case(
            t((1, 4, 3, 7), 0.2, 5), t((1, 1, 1, 7), 0.1, 8), t((1, 4, 3, 7), 0.25, -3)
        ),
        "both_broadcast": case(
            t((1, 4, 1, 7), 0.2, 5), t((1, 4, 3, 1), 0.1, 8), t((1, 4, 3, 7), 0.25, -3)
        ),
        "vectors": case(t((1, 9), 0.2, 5), t((1, 9), 0.1, 8), t((1, 9), 0.25, -3)),
        "far_scales": case(t((3, 9), 20.0, 5), t((3, 9), 0.001, 8), t((3, 9), 13.0, -3)),
        "shift_left": case(t((3, 99), 1.1, 5), t((3, 99), 0.9, 8), t((3, 99), 0.3, -3)),
    }


def extremes(builtin: str) -> dict[str, Case]:
    """Two inputs and an output of one quantization."""

    def case(a: Shape, b: Shape, out: Shape) -> Case:
        return Case(builtin, [t(a, 0.03, -7), t(b, 0.03, -7)], t(out, 0.03, -7))

    y = t((1, 9, 8), 0.2, 3)
    return {
        "same_shape": case((1, 5, 4, 3), (1, 5, 4, 3), (1, 5, 4, 3)),
        "channels": case((1, 5, 4, 3), (1, 1, 1, 3), (1, 5, 4, 3)),
        "tokens": case((1, 6, 1), (1, 6, 8), (1, 6, 8)),
        "both_broadcast": case((1, 4, 1, 7), (1, 4, 3, 1), (1, 4, 3, 7)),
        "vectors": case((1, 9), (1, 9), (1, 9)),
        "constant": Case(builtin, [y, random_constant((1, 9, 8), 0.2, 3, 1)], y),
        "scalar_first": Case(builtin, [t((), 0.2, 3, data=-41), y], y),
    }


def pool(
    builtin: str,
    x: Shape,
    y: Shape,
    kernel: tuple[int, int],
    stride: tuple[int, int],
    padding: str = "VALID",
    activation: str = "NONE",
) -> Case:
    """One pool of x [1, h, w, c] to y; kernel and stride are (height, width)."""
    options = {
        "filter_height": kernel[0],
        "filter_width": kernel[1],
        "stride_h": stride[0],
        "stride_w": stride[1],
        "padding": padding,
        "fused_activation_function": activation,
    }
    return Case(builtin, [t(x, 0.03, -7)], t(y, 0.03, -7), options)


def pools(builtin: str) -> dict[str, Case]:
    """Pools over whole images, rows of pixels and columns of them."""
    shapes = {
        "window": ((1, 9, 8, 3), (1, 4, 2, 3), (3, 4), (2, 3)),
        "same": ((1, 9, 8, 3), (1, 5, 3, 3), (3, 4), (2, 3), "SAME"),
        "same_larger_than_image": ((1, 2, 3, 4), (1, 2, 3, 4), (5, 7), (1, 1), "SAME"),
        "global": ((1, 6, 5, 7), (1, 1, 1, 7), (6, 5), (1, 1)),
        "relu": ((1, 6, 5, 2), (1, 5, 3, 2), (2, 3), (1, 1), "VALID", "RELU"),
        "relu6": ((1, 6, 5, 2), (1, 5, 3, 2), (2, 3), (1, 1), "VALID", "RELU6"),
        "stride_past_kernel": ((1, 9, 9, 2), (1, 3, 2, 2), (1, 2), (3, 5)),
        "height_1": ((1, 1, 12, 3), (1, 1, 4, 3), (1, 5), (1, 3), "SAME"),
        "height_1_tall_kernel": ((1, 1, 12, 3), (1, 1, 4, 3), (3, 5), (2, 3), "SAME"),
        "height_1_global": ((1, 1, 12, 3), (1, 1, 1, 3), (1, 12), (1, 1)),
        "width_1": ((1, 12, 1, 3), (1, 4, 1, 3), (5, 1), (3, 1), "SAME"),
        "one_row_of_pixels": ((1, 5, 8, 3), (1, 1, 3, 3), (5, 4), (1, 2)),
        "one_row_of_pixels_same": ((1, 3, 8, 3), (1, 1, 3, 3), (5, 4), (4, 3), "SAME"),
    }
    return {name: pool(builtin, *shape) for name, shape in shapes.items()}


def reductions(builtin: str, out_scale: float, out_zero_point: int) -> dict[str, Case]:
    """Reductions of one axis and of several, with and without keeping them."""

    def case(x: Shape, y: Shape, axes: tuple[int, ...], keep_dims: bool = False) -> Case:
        out = t(y, out_scale, out_zero_point)
        return Case(builtin, [t(x, 0.03, -7), ints(*axes)], out, {"keep_dims": keep_dims})

    return {
        "spatial": case((1, 6, 5, 7), (1, 7), (1, 2)),
        "last_axis": case((1, 9, 8), (1, 9, 1), (2,), True),
        "last_axis_dropped": case((1, 9, 8), (1, 9), (-1,)),
        "tokens": case((1, 9, 8), (1, 8), (1,)),
        "height": case((1, 4, 3, 5), (1, 3, 5), (1,)),
        "height_and_channels": case((1, 4, 3, 5), (1, 1, 3, 1), (1, 3), True),
        "alternating": case((2, 3, 4, 5), (3, 5), (0, 2)),
        "five": case((2, 3, 4, 5, 6), (3, 5), (0, 2, 4)),
        "five_kept": case((2, 3, 4, 5, 6), (2, 4, 6), (1, 3)),
    }


def curve(builtin: str, x: TensorSpec, out_scale: float, out_zero_point: int) -> Case:
    """A function of each element by itself."""
    return Case(builtin, [x], t(x.shape, out_scale, out_zero_point))


def curves(builtin: str, out_scale: float, out_zero_point: int) -> dict[str, Case]:
    """A function of each element by itself, seen from near and far."""
    inputs = {
        "usual": t((1, 5, 4, 30), 0.05, -37),
        "fine": t((1, 600), 0.002, 3),
        "coarse": t((3, 200), 0.3, 5),
        "very_coarse": t((3, 200), 4.7, -5),
    }
    return {name: curve(builtin, x, out_scale, out_zero_point) for name, x in inputs.items()}


def squashing(builtin: str, out_scale: float, out_zero_point: int) -> dict[str, Case]:
    """As `curves`, and inputs so coarse that a step leads from end to end of the output."""
    inputs = {
        "steps": t((3, 200), 8.0, -7),
        "far_apart": t((3, 200), 33.4, 15),
        "farther": t((3, 200), 5e8, 2),
    }
    wide = {name: curve(builtin, x, out_scale, out_zero_point) for name, x in inputs.items()}
    return curves(builtin, out_scale, out_zero_point) | wide


def resize(
    builtin: str,
    x: tuple[int, int, int],
    y: tuple[int, int],
    align_corners: bool = False,
    half_pixel_centers: bool = False,
) -> Case:
    """An image x [h, w, c] to the size y."""
    options = {"align_corners": align_corners, "half_pixel_centers": half_pixel_centers}
    inputs = [t((1, *x), 0.03, -7), ints(*y)]
    return Case(builtin, inputs, t((1, *y, x[2]), 0.03, -7), options)


def resizings(builtin: str) -> dict[str, Case]:
    """Larger and smaller, by each rule of where pixels lie."""
    shapes = {
        "twice": ((4, 3, 5), (8, 6)),
        "odd": ((4, 3, 5), (7, 11)),
        "smaller": ((9, 7, 2), (4, 3)),
        "align_corners": ((4, 3, 5), (7, 11), True),
        "corners_smaller": ((9, 7, 2), (4, 3), True),
        "half_pixel_centers": ((4, 3, 5), (7, 11), False, True),
        "half_pixel_smaller": ((9, 7, 2), (4, 3), False, True),
        "half_pixel_three": ((4, 3, 5), (12, 9), False, True),
        "half_pixel_twice": ((5, 3, 3), (10, 6), False, True),
        "from_height_1": ((1, 3, 5), (4, 6)),
        "to_height_1": ((4, 3, 5), (1, 6)),
        "to_pixel": ((4, 3, 5), (1, 1), True),
        "from_pixel": ((1, 1, 5), (3, 2)),
        "stays_height_1": ((1, 3, 5), (1, 6)),
        "long": ((3, 1, 2), (100, 1)),
    }
    return {name: resize(builtin, *shape) for name, shape in shapes.items()}


def resize_by_an_input(builtin: str) -> Case:
    """Its size is computed: no constant."""
    known = resize(builtin, (4, 3, 5), (8, 6))
    return Case(builtin, [known.inputs[0], t((2,), dtype="int32")], known.output, known.options)


def image_and_blocks(block: int, deep: tuple[int, int, int]) -> tuple[TensorSpec, TensorSpec]:
    """An image, and the same with `block` x `block` pixels in the channels of one, [h, w, c]."""
    h, w, c = deep
    wide = (1, h * block, w * block, c // block**2)
    return t(wide, 0.03, -7), t((1, *deep), 0.03, -7)


IMAGES_AND_BLOCKS = {
    "two": (2, (4, 3, 20)),
    "three": (3, (2, 5, 18)),
    "one": (1, (4, 3, 5)),
    "one_of_height_1": (1, (1, 4, 3)),
    "height_1": (2, (1, 6, 12)),
    "width_1": (2, (5, 1, 12)),
    "pixel": (4, (1, 1, 32)),
}
"""Size of the blocks and shape of the image with more channels."""
