// The course of a probe's values: a line of 96 by 20.

export interface Spark {
  path: string;
  points: { x: number; y: number }[];
  /** Height of the limit; null when there is none. */
  limit: number | null;
  /** Each value has a dot of its own: there is room for them. */
  dots: boolean;
}

export function spark(values: readonly number[], limit: number | null): Spark {
  const all = limit === null ? values : [...values, limit];
  const low = Math.min(...all);
  const high = Math.max(...all);
  const round = (value: number): number => Math.round(value * 10) / 10;
  const height = (value: number): number => round(high === low ? 10 : 2 + ((high - value) / (high - low)) * 15.5);
  const step = values.length > 1 ? Math.min(30, 90 / (values.length - 1)) : 0;
  const points = values.map((value, index) => ({ x: round(3 + index * step), y: height(value) }));
  return {
    path: points.map((point, index) => `${index === 0 ? "M" : "L"}${point.x} ${point.y}`).join(" "),
    points,
    limit: limit === null ? null : height(limit),
    dots: values.length <= 12,
  };
}
