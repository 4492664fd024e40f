"""The outline of each kind of thing as an SVG path; each kind can be told from the others without colour."""

from __future__ import annotations

# Fill and name of each kind. All fills are so light that black text is read on them, also where a printer makes them grey.
LOOKS = {
    "release": ("#fff6d5", "release"),
    "weights": ("#e4ecfb", "weights"),
    "dataset": ("#e3f4e6", "dataset"),
    "code": ("#f3e8f8", "code"),
    "document": ("#fdebdf", "document"),
    "": ("#ffffff", "reference"),
}


def outline(kind: str, x: int, y: int, width: int, height: int) -> str:
    """Path data of the outline that fills this rectangle."""
    right, bottom = x + width, y + height
    if kind == "dataset":
        # A cylinder, as databases are drawn.
        half = width // 2
        return (
            f"M{x} {y + 6}a{half} 6 0 0 1 {width} 0V{bottom - 6}a{half} 6 0 0 1 -{width} 0Z"
            f"M{x} {y + 6}a{half} 6 0 0 0 {width} 0"
        )  # fmt: skip
    if kind == "weights":
        side = 12
        return f"M{x + side} {y}H{right - side}L{right} {y + height // 2}L{right - side} {bottom}H{x + side}L{x} {y + height // 2}Z"
    if kind == "code":
        # A rectangle without one corner, as a punched card.
        return f"M{x + 14} {y}H{right}V{bottom}H{x}V{y + 14}Z"
    if kind == "document":
        # A page with a corner turned down.
        return f"M{x} {y}H{right - 14}L{right} {y + 14}V{bottom}H{x}ZM{right - 14} {y}V{y + 14}H{right}"
    if kind == "release":
        turn = min(18, height // 2)
        corners = [f"a{turn} {turn} 0 0 1 {dx}{turn} {dy}{turn}" for dx, dy in (("", ""), ("-", ""), ("-", "-"), ("", "-"))]
        sides = (f"H{right - turn}", f"V{bottom - turn}", f"H{x + turn}", f"V{y + turn}")
        return f"M{x + turn} {y}" + "".join(side + corner for side, corner in zip(sides, corners, strict=True)) + "Z"
    return f"M{x} {y}H{right}V{bottom}H{x}Z"
