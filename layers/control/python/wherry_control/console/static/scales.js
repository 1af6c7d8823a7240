/* From values to places in a picture. */

/* A time or a number, from left to right; all in the middle where there is one only. */
export function x(first, last, left, right) {
  const whole = last - first;
  return (value) => (whole > 0 ? left + ((value - first) / whole) * (right - left) : (left + right) / 2);
}

/* 0 at the bottom, `most` at the top. */
export function y(most, top, bottom) {
  return (value) => bottom - (most > 0 ? value / most : 0) * (bottom - top);
}

/* The next round number at or above. */
export function rounded(value) {
  if (!(value > 0)) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].map((step) => step * power).find((each) => each >= value * 0.9999);
}
